/* The non-INVITE client machine: RFC 3261 s17.1.2.
 *
 *     Trying -- 1xx --> Proceeding -- 200-699 --> Completed -- K --> end
 *         \-- F --> end      \-- F --> end
 */
#include <errno.h>

#include "txn/internal.h"

/* Timer E: T1, 2*T1 ... T2, T2; of T2 always once a provisional response has come. */
static void on_retransmit(void *ctx)
{
	struct txn_client *t = ctx;
	uint32_t t2_ms = t->table->timers.t2_ms, twice_ms = t->retransmit_ms * 2;

	t->retransmit_ms = t->state == TXN_PROCEEDING || twice_ms > t2_ms ? t2_ms : twice_ms;
	io_timer(t->table->io, &t->retransmit, t->retransmit_ms);
	txn_client_resend(t);
}

/* F, or K in Completed. */
static void on_end_timer(void *ctx)
{
	struct txn_client *t = ctx;

	txn_client_end(t, t->state == TXN_COMPLETED ? 0 : -ETIMEDOUT);
}

void plain_client_init(struct txn_client *t)
{
	struct io *io = t->table->io;

	t->state = TXN_TRYING;
	timer_init(&t->retransmit, on_retransmit, t);
	timer_init(&t->end, on_end_timer, t);
	timer_init(&t->c, NULL, NULL);
	io_timer(io, &t->end, txn_64_t1(t->table));
	if (t->reliable)
		return;
	t->retransmit_ms = t->table->timers.t1_ms;
	io_timer(io, &t->retransmit, t->retransmit_ms);
}

void plain_client_receive(struct txn_client *t, const struct sip_rx *rx)
{
	if (t->state == TXN_COMPLETED) {
		t->table->counters.retransmits_in++;
		return;
	}
	if (rx->msg.status < 200)
		t->state = TXN_PROCEEDING;
	else
		txn_client_settle(t, TXN_COMPLETED, t->reliable ? 0 : t->table->timers.t4_ms);
	txn_client_deliver(t, rx);
}
