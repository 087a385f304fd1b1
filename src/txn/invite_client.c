/* The INVITE client machine: RFC 3261 s17.1.1 as RFC 6026 s7.2 has it, with CANCEL (s9.1)
 * and timer C (s16.8).
 *
 *     Calling -- 1xx --> Proceeding -- 2xx --> Accepted -- M --> end
 *        \-- B --> end        \-- 300-699 --> Completed -- D --> end
 */
#include <errno.h>

#include "base/alloc.h"
#include "txn/internal.h"

#define DERIVED_MAX (128 * 1024)

/* Timer A: T1, 2*T1, 4*T1 ... without a bound but timer B. */
static void on_retransmit(void *ctx)
{
	struct txn_client *t = ctx;

	t->retransmit_ms *= 2;
	io_timer(t->table->io, &t->retransmit, t->retransmit_ms);
	txn_client_resend(t);
}

/* B in Calling, the wait after a CANCEL (s9.1) in Proceeding; M and D. */
static void on_end_timer(void *ctx)
{
	struct txn_client *t = ctx;

	txn_client_end(t, txn_client_is_final(t) ? 0 : -ETIMEDOUT);
}

/* s16.8: a ringing call is cancelled; one that nobody has answered at all counts as timed out. */
static void on_timer_c(void *ctx)
{
	struct txn_client *t = ctx;
	struct txn_client_user user = t->user;
	bool silent = t->state == TXN_TRYING;

	if (silent)
		t->user = (struct txn_client_user){0};
	txn_client_cancel(t, STR_NONE);
	if (silent && user.on_end) {
		t->table->counters.timeouts++;
		user.on_end(user.ctx, -ETIMEDOUT);
	}
}

void invite_client_init(struct txn_client *t)
{
	struct io *io = t->table->io;

	t->state = TXN_TRYING;
	timer_init(&t->retransmit, on_retransmit, t);
	timer_init(&t->end, on_end_timer, t);
	timer_init(&t->c, on_timer_c, t);
	io_timer(io, &t->end, txn_64_t1(t->table));
	if (t->reliable)
		return;
	t->retransmit_ms = t->table->timers.t1_ms;
	io_timer(io, &t->retransmit, t->retransmit_ms);
}

/* ---- CANCEL ---- */

/* By the same flow and branch; beyond the table's bound, for it frees more than it takes.
 * Should it not get away, the wait below ends the INVITE all the same. */
static void send_cancel(struct txn_client *t, struct str headers)
{
	struct buf b = buf_heap(DERIVED_MAX);
	struct txn_client *cancel;

	t->cancel_sent = true;
	txn_put_cancel(t->bytes, headers, &b);
	if (!b.failed && !t->table->closing)
		txn_client_create(t->table, &t->flow, buf_str(&b), SIP_CANCEL, STR("CANCEL"),
				  t->branch, NULL, &cancel);
	buf_free(&b);
	io_timer(t->table->io, &t->end, txn_64_t1(t->table));
}

void txn_client_cancel(struct txn_client *t, struct str headers)
{
	if (t->method != SIP_INVITE || t->cancel_wanted || txn_client_is_final(t))
		return;
	t->cancel_wanted = true;
	if (t->state == TXN_PROCEEDING)
		send_cancel(t, headers);
	else if (str_dup(headers, &t->cancel_headers) < 0)
		t->cancel_headers = STR_NONE;
}

void txn_client_timer_c(struct txn_client *t, uint32_t ms)
{
	if (t->method != SIP_INVITE || txn_client_is_final(t))
		return;
	if (ms)
		io_timer(t->table->io, &t->c, ms);
	else
		io_timer_cancel(t->table->io, &t->c);
}

/* ---- responses ---- */

static void on_provisional(struct txn_client *t, const struct sip_rx *rx)
{
	struct io *io = t->table->io;

	if (t->state == TXN_TRYING) {
		t->state = TXN_PROCEEDING;
		io_timer_cancel(io, &t->retransmit);
		io_timer_cancel(io, &t->end);
		/* Of a detached one nothing else would end it. */
		if (!t->user.on_response && !t->user.on_end)
			io_timer(io, &t->end, txn_64_t1(t->table));
		if (t->cancel_wanted)
			send_cancel(t, t->cancel_headers);
		str_free(&t->cancel_headers);
	}
	txn_client_deliver(t, rx);
}

/* Sent at once; kept where the peer may not have got it.  Without memory it goes unsent, and the
 * peer's retransmission finds no better. */
static void acknowledge(struct txn_client *t, const struct sip_rx *rx)
{
	struct buf b = buf_heap(DERIVED_MAX);
	struct str ack = STR_NONE;

	txn_put_ack(t->bytes, sip_get(&rx->msg, SIP_HDR_TO), &b);
	if (!b.failed)
		txn_send(t->table, &t->flow, buf_str(&b));
	if (!b.failed && !t->reliable && str_dup(buf_str(&b), &ack) < 0)
		ack = STR_NONE;
	buf_free(&b);
	txn_client_settle(t, TXN_COMPLETED, t->reliable ? 0 : t->table->timers.d_ms);
	t->bytes = ack;
}

static void acknowledge_again(struct txn_client *t)
{
	t->table->counters.retransmits_in++;
	if (str_empty(t->bytes))
		return;
	t->table->counters.retransmits_out++;
	txn_send(t->table, &t->flow, t->bytes);
}

void invite_client_receive(struct txn_client *t, const struct sip_rx *rx)
{
	unsigned status = rx->msg.status;
	bool is_2xx = status >= 200 && status < 300;

	if (t->state == TXN_COMPLETED) {
		if (status >= 300)
			acknowledge_again(t);
	} else if (t->state == TXN_ACCEPTED) {
		if (is_2xx)
			txn_client_deliver(t, rx);
	} else if (status < 200) {
		on_provisional(t, rx);
	} else {
		if (is_2xx)
			txn_client_settle(t, TXN_ACCEPTED, txn_64_t1(t->table));
		else
			acknowledge(t, rx);
		txn_client_deliver(t, rx);
	}
}
