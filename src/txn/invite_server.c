/* The INVITE server machine: RFC 3261 s17.2.1 as RFC 6026 s7.1 has it.
 *
 *     Proceeding -- 2xx --> Accepted -- L --> end
 *          \-- 300-699 --> Completed -- ACK --> Confirmed -- I --> end
 *                               \-- H --> end
 */
#include <errno.h>

#include "txn/internal.h"

#define TRYING_MS 200 /* s17.2.1 */

/* Timer G: retransmits at T1, 2*T1 ... T2, T2.  In Proceeding: nothing was said yet. */
static void on_retransmit(void *ctx)
{
	struct txn_server *t = ctx;
	uint32_t t2_ms = t->table->timers.t2_ms;

	if (t->state == TXN_PROCEEDING) {
		txn_server_say_trying(t);
		return;
	}
	t->retransmit_ms = t->retransmit_ms * 2 < t2_ms ? t->retransmit_ms * 2 : t2_ms;
	io_timer(t->table->io, &t->retransmit, t->retransmit_ms);
	txn_server_resend(t);
}

/* H in Completed, I in Confirmed, L in Accepted. */
static void on_end_timer(void *ctx)
{
	struct txn_server *t = ctx;

	txn_server_end(t, t->state == TXN_COMPLETED ? -ETIMEDOUT : 0);
}

void invite_server_init(struct txn_server *t)
{
	t->state = TXN_PROCEEDING;
	timer_init(&t->retransmit, on_retransmit, t);
	timer_init(&t->end, on_end_timer, t);
	io_timer(t->table->io, &t->retransmit, TRYING_MS);
}

/* The user sends 2xx again until the ACK comes, here they only pass. */
static int accept_call(struct txn_server *t, const struct flow *flow, unsigned status,
		       struct str bytes)
{
	if (t->state == TXN_PROCEEDING) {
		t->state = TXN_ACCEPTED;
		txn_server_drop_request(t);
		io_timer(t->table->io, &t->end, txn_64_t1(t->table));
	}
	return txn_server_send(t, flow, status, bytes, false);
}

/* An ACK without the cookie is known by the To tag that we gave (s17.2.3). */
static void expect_legacy_ack(struct txn_server *t)
{
	char room[8192];
	struct arena arena;
	struct sip_msg msg;
	struct sip_err err;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(t->response, &arena, &msg, &err))
		t->response_tag = sip_tag(&msg, SIP_HDR_TO);
	arena_fini(&arena);
	txn_server_list_ack(t);
}

static int refuse_call(struct txn_server *t, const struct flow *flow, unsigned status,
		       struct str bytes)
{
	struct io *io = t->table->io;
	bool repeats = !flow_is_stream(flow ? flow : &t->flow);
	int err = txn_server_send(t, flow, status, bytes, repeats || t->id.legacy);

	t->state = TXN_COMPLETED;
	txn_server_drop_request(t);
	if (t->id.legacy && !str_empty(t->response))
		expect_legacy_ack(t);
	if (repeats) {
		t->retransmit_ms = t->table->timers.t1_ms;
		io_timer(io, &t->retransmit, t->retransmit_ms);
	}
	io_timer(io, &t->end, txn_64_t1(t->table));
	return err;
}

int invite_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
			  struct str bytes)
{
	bool is_2xx = status >= 200 && status < 300;

	if (t->state != TXN_PROCEEDING && !(t->state == TXN_ACCEPTED && is_2xx))
		return -EALREADY;
	if (status < 200)
		return txn_server_send(t, flow, status, bytes, !t->reliable);
	if (is_2xx)
		return accept_call(t, flow, status, bytes);
	return refuse_call(t, flow, status, bytes);
}

/* Completed -> Confirmed; timer I absorbs further ACKs. */
static void confirm(struct txn_server *t, const struct sip_rx *ack)
{
	t->state = TXN_CONFIRMED;
	io_timer_cancel(t->table->io, &t->retransmit);
	if (!t->id.legacy)
		txn_server_drop_response(t);
	io_timer(t->table->io, &t->end, t->reliable ? 0 : t->table->timers.t4_ms);
	if (t->user.on_ack)
		t->user.on_ack(t->user.ctx, ack);
}

bool invite_server_receive(struct txn_server *t, const struct sip_rx *rx)
{
	if (rx->msg.method == SIP_ACK) {
		if (t->state == TXN_ACCEPTED)
			return false;
		if (t->state == TXN_COMPLETED)
			confirm(t, rx);
		return true;
	}
	t->table->counters.retransmits_in++;
	if (t->state == TXN_PROCEEDING || t->state == TXN_COMPLETED)
		txn_server_resend(t);
	return true;
}

void invite_server_abandon(struct txn_server *t)
{
	t->state = TXN_CONFIRMED;
	io_timer_cancel(t->table->io, &t->retransmit);
	io_timer(t->table->io, &t->end, txn_64_t1(t->table));
}
