/* The non-INVITE server machine: RFC 3261 s17.2.2 with RFC 4320.
 *
 *     Trying -- 100 --> Proceeding -- 200-699 --> Completed -- J --> end
 */
#include <errno.h>

#include "txn/internal.h"

/* J; before a final response: the client's timer F has run out, so none would be heard. */
static void on_end_timer(void *ctx)
{
	struct txn_server *t = ctx;

	txn_server_end(t, t->state == TXN_COMPLETED ? 0 : -ETIMEDOUT);
}

static void on_silence(void *ctx)
{
	txn_server_say_trying(ctx);
}

/* The wait is a little longer than the client's, whose clock began earlier. */
void plain_server_init(struct txn_server *t)
{
	t->state = TXN_TRYING;
	timer_init(&t->retransmit, on_silence, t);
	timer_init(&t->end, on_end_timer, t);
	io_timer(t->table->io, &t->retransmit, txn_server_trying_ms(t->table));
	io_timer(t->table->io, &t->end, txn_64_t1(t->table) + t->table->timers.t4_ms);
}

/* RFC 4320 s4.1: no provisional but 100, and by unreliable transports not before the client's
 * retransmissions have slowed down. */
static bool may_provide(const struct txn_server *t, const struct flow *flow, unsigned status)
{
	if (status != 100)
		return false;
	return flow_is_stream(flow ? flow : &t->flow) ||
	       t->table->io->now_ms - t->born_ms >= txn_server_trying_ms(t->table);
}

static int respond_provisional(struct txn_server *t, const struct flow *flow, unsigned status,
			       struct str bytes)
{
	if (!may_provide(t, flow, status))
		return 0;
	t->state = TXN_PROCEEDING;
	return txn_server_send(t, flow, status, bytes, !t->reliable);
}

static void complete(struct txn_server *t)
{
	t->state = TXN_COMPLETED;
	txn_server_drop_request(t);
	io_timer_cancel(t->table->io, &t->retransmit);
	io_timer(t->table->io, &t->end, t->reliable ? 0 : txn_64_t1(t->table));
}

int plain_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
			 struct str bytes)
{
	int err = 0;

	if (t->state >= TXN_COMPLETED)
		return -EALREADY;
	if (status < 200)
		return respond_provisional(t, flow, status, bytes);
	/* RFC 4320 s4.2: whoever would read a 408 has given up by now. */
	if (status == 408)
		txn_server_drop_response(t);
	else
		err = txn_server_send(t, flow, status, bytes, !t->reliable);
	complete(t);
	return err;
}

void plain_server_receive(struct txn_server *t)
{
	t->table->counters.retransmits_in++;
	if (t->state == TXN_PROCEEDING || t->state == TXN_COMPLETED)
		txn_server_resend(t);
}

void plain_server_abandon(struct txn_server *t)
{
	txn_server_drop_response(t);
	t->state = TXN_COMPLETED;
	io_timer_cancel(t->table->io, &t->retransmit);
	io_timer(t->table->io, &t->end, txn_64_t1(t->table));
}
