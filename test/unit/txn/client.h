/* test/unit/txn/client.h - what the tests of client transactions share. */
#ifndef TSUWA_TEST_UNIT_TXN_CLIENT_H
#define TSUWA_TEST_UNIT_TXN_CLIENT_H

#include "fake.h"
#include "txn/client.h"

static struct fake fake;
static struct txn_table table;

/* What a user saw. */
struct seen {
	struct txn_client *txn;
	unsigned n_responses, last;
	int ends, err;
	uint64_t end_ms;
	bool detaches; /* at the next response */
};

static inline void seen_response(void *ctx, const struct sip_rx *rx)
{
	struct seen *s = ctx;

	assert_int_equal(s->ends, 0);
	s->n_responses++;
	s->last = rx->msg.status;
	if (s->detaches)
		txn_client_detach(&s->txn);
}

static inline void seen_end(void *ctx, int err)
{
	struct seen *s = ctx;

	assert_int_equal(s->ends, 0);
	s->ends++;
	s->err = err;
	s->end_ms = fake.io.now_ms;
	s->txn = NULL;
}

static const char *const client_request =
	"%s sip:bob@example.net;p=1 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=%s\r\n"
	"Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKbefore\r\n"
	"Max-Forwards: 20\r\n"
	"Route: <sip:one.example.net;lr>, <sip:two.example.net;lr>\r\n"
	"Route: <sip:three.example.net;lr>\r\n"
	"From: \"A\" <sip:alice@example.com>;tag=a1\r\n"
	"To: <sip:bob@example.net>\r\n"
	"Call-ID: c1@example.com\r\n"
	"CSeq: 314 %s\r\n"
	"Subject: not for ACK\r\n"
	"Content-Type: text/plain\r\n"
	"Content-Length: 4\r\n\r\nbody";

static inline int start_on(struct seen *s, const struct flow *flow, const char *method,
			   const char *branch)
{
	struct txn_client_user user = {seen_response, seen_end, s};
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	*s = (struct seen){0};
	buf_fmt(&b, client_request, method, branch, method);
	return txn_client_new(&table, flow, buf_str(&b), sip_method_of(str_c(method)),
			      str_c(method), str_c(branch), &user, &s->txn);
}

static inline const struct sip_rx *response_of(struct fake_rx *r, unsigned status,
					       const char *branch, const char *method)
{
	struct flow flow = fake_udp("192.0.2.1:5060");

	return fake_parse(r, &flow,
			  "SIP/2.0 %u Some Reason\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.9:5060;rport=5060;branch=%s\r\n"
			  "From: \"A\" <sip:alice@example.com>;tag=a1\r\n"
			  "To: <sip:bob@example.net>;tag=b%u\r\n"
			  "Call-ID: c1@example.com\r\n"
			  "CSeq: 314 %s\r\n"
			  "Content-Length: 0\r\n\r\n",
			  status, branch, status, method);
}

/* As the worker does with what comes in.  False: it is stray. */
static inline bool respond(unsigned status, const char *branch, const char *method)
{
	struct fake_rx r;
	const struct sip_rx *rx = response_of(&r, status, branch, method);
	struct txn_client *t = txn_client_match(&table, rx);

	if (t)
		txn_client_receive(t, rx);
	sip_rx_fini(&r.rx);
	return t != NULL;
}

static inline int begin_table(void **state)
{
	fake_init(&fake);
	return txn_table_init(&table, &fake.io, NULL);
}

/* All timers have run out by then, and nothing is left. */
static inline int end_table(void **state)
{
	fake.send_err = 0;
	fake_run(&fake, 1000000);
	assert_int_equal(txn_count(&table), 0);
	assert_int_equal(table.idents.n, 0);
	assert_int_equal(table.flows.n, 0);
	assert_int_equal(fake.wheel.n, 0);
	txn_table_fini(&table);
	assert_int_equal(alloc_live(), 0);
	return 0;
}

#define with_table(f) cmocka_unit_test_setup_teardown(f, begin_table, end_table)

#endif
