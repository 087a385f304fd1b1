/* test/unit/txn/server.h - what the tests of server transactions share. */
#ifndef TSUWA_TEST_UNIT_TXN_SERVER_H
#define TSUWA_TEST_UNIT_TXN_SERVER_H

#include "fake.h"
#include "txn/server.h"

static struct fake fake;
static struct txn_table table;

struct seen {
	struct txn_server *txn;
	int cancels, acks, ends, err;
	uint64_t start_ms, end_ms;
};

static inline void seen_cancel(void *ctx, const struct sip_rx *cancel)
{
	((struct seen *)ctx)->cancels++;
}

static inline void seen_ack(void *ctx, const struct sip_rx *ack)
{
	((struct seen *)ctx)->acks++;
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

/* What a test varies of a request; NULL: the usual. */
struct asks {
	const char *method, *uri, *via, *branch, *from_tag, *to_tag, *call_id, *cseq_method;
	unsigned cseq;
};

static inline const char * or (const char *s, const char *usual)
{
	return s ? s : usual;
}

static inline struct str request_text(const struct asks *a)
{
	static char room[2048];
	struct buf b = buf_over(room, sizeof(room));
	const char *method = or (a->method, "INVITE");

	buf_fmt(&b,
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s%s%s\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:alice@example.com>%s%s\r\n"
		"To: <sip:bob@example.net>%s%s\r\n"
		"Call-ID: %s\r\n"
		"CSeq: %u %s\r\n"
		"Content-Length: 0\r\n\r\n",
		method, or (a->uri, "sip:bob@example.net"), or (a->via, "192.0.2.1:5060"),
		a->branch && !*a->branch ? "" : ";branch=", or (a->branch, "z9hG4bKs1"),
		a->from_tag && !*a->from_tag ? "" : ";tag=", or (a->from_tag, "a1"),
		a->to_tag ? ";tag=" : "", or (a->to_tag, ""), or (a->call_id, "c1@example.com"),
		a->cseq ? a->cseq : 7, or (a->cseq_method, method));
	assert_false(b.failed);
	return buf_str(&b);
}

static inline struct flow server_flow(bool tcp)
{
	return tcp ? fake_tcp(5) : fake_udp("192.0.2.1:5060");
}

static inline int start_on(struct seen *s, const struct flow *flow, const struct asks *a)
{
	struct txn_server_user user = {seen_cancel, seen_ack, seen_end, s};
	struct sip_rx *req = fake_kept(flow, request_text(a));

	*s = (struct seen){.start_ms = fake.io.now_ms};
	if (!req)
		return -ENOMEM;
	return txn_server_new(&table, req, &user, &s->txn);
}

/* Which transaction a request matches. */
static inline struct txn_server *match_of(const struct asks *a)
{
	struct flow flow = server_flow(false);
	struct fake_rx r;
	struct txn_server *t =
		txn_server_match(&table, fake_parse(&r, &flow, "%.*s", STR_ARG(request_text(a))));

	sip_rx_fini(&r.rx);
	return t;
}

/* 1: taken, 0: the user's business, -1: no transaction. */
static inline int receive(const struct asks *a)
{
	struct flow flow = server_flow(false);
	struct fake_rx r;
	const struct sip_rx *rx = fake_parse(&r, &flow, "%.*s", STR_ARG(request_text(a)));
	struct txn_server *t = txn_server_match(&table, rx);
	int ret = t ? txn_server_receive(t, rx) : -1;

	sip_rx_fini(&r.rx);
	return ret;
}

/* Whether it found something; the transaction itself is told. */
static inline bool cancel(const struct asks *a)
{
	struct flow flow = server_flow(false);
	struct fake_rx r;
	const struct sip_rx *rx = fake_parse(&r, &flow, "%.*s", STR_ARG(request_text(a)));
	struct txn_server *t = txn_server_match_cancel(&table, rx);

	if (t)
		txn_server_cancelled(t, rx);
	sip_rx_fini(&r.rx);
	return t != NULL;
}

static inline bool is_merged(const struct asks *a)
{
	struct flow flow = server_flow(false);
	struct fake_rx r;
	bool merged = txn_server_is_merged(&table,
					   fake_parse(&r, &flow, "%.*s", STR_ARG(request_text(a))));

	sip_rx_fini(&r.rx);
	return merged;
}

static inline struct str response_text(unsigned status)
{
	static char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	buf_fmt(&b,
		"SIP/2.0 %u Some Reason\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKs1\r\n"
		"From: <sip:alice@example.com>;tag=a1\r\nTo: <sip:bob@example.net>;tag=ours\r\n"
		"Call-ID: c1@example.com\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n",
		status);
	return buf_str(&b);
}

static inline int respond(struct seen *s, unsigned status)
{
	return txn_server_respond(s->txn, NULL, status, response_text(status));
}

static inline void assert_ended(const struct seen *s, int err, uint64_t after_ms)
{
	assert_int_equal(s->ends, 1);
	assert_int_equal(s->err, err);
	assert_int_equal((int)(s->end_ms - s->start_ms), (int)after_ms);
}

static inline int begin_table(void **state)
{
	fake_init(&fake);
	return txn_table_init(&table, &fake.io, NULL);
}

static inline int end_table(void **state)
{
	fake.send_err = 0;
	fake_run(&fake, 1000000);
	assert_int_equal(txn_count(&table), 0);
	assert_int_equal(table.idents.n, 0);
	assert_int_equal(fake.wheel.n, 0);
	txn_table_fini(&table);
	assert_int_equal(alloc_live(), 0);
	return 0;
}

#define with_table(f) cmocka_unit_test_setup_teardown(f, begin_table, end_table)

#endif
