/* Server transactions: what INVITE and the other methods have in common. */
#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "txn/internal.h"

#define TRYING_MAX (64 * 1024)

int txn_server_new(struct txn_table *table, struct sip_rx *req, const struct txn_server_user *user,
		   struct txn_server **ret)
{
	bool full = table->closing || txn_count(table) >= table->max;
	struct txn_server *t = NULL;
	struct txn_id id;

	assert(req->msg.method != SIP_ACK);
	txn_id_of(req, &id);
	if (!full)
		t = xzalloc(sizeof(*t) + txn_id_bytes(&id));
	if (!t) {
		sip_rx_free(&req);
		return full ? -ENOBUFS : -ENOMEM;
	}
	txn_id_copy(&id, t->text, &t->id);
	t->table = table;
	t->req = req;
	t->flow = req->flow;
	t->reliable = flow_is_stream(&req->flow);
	t->born_ms = table->io->now_ms;
	if (user)
		t->user = *user;
	if (id.method == SIP_INVITE)
		invite_server_init(t);
	else
		plain_server_init(t);
	txn_server_list(t);
	table->counters.servers++;
	*ret = t;
	return 0;
}

bool txn_server_receive(struct txn_server *t, const struct sip_rx *rx)
{
	if (t->id.method == SIP_INVITE)
		return invite_server_receive(t, rx);
	plain_server_receive(t);
	return true;
}

void txn_server_cancelled(struct txn_server *t, const struct sip_rx *cancel)
{
	if (t->id.method == SIP_INVITE && t->state == TXN_PROCEEDING && t->user.on_cancel)
		t->user.on_cancel(t->user.ctx, cancel);
}

int txn_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
		       struct str bytes)
{
	if (t->id.method == SIP_INVITE)
		return invite_server_respond(t, flow, status, bytes);
	return plain_server_respond(t, flow, status, bytes);
}

void txn_server_way(struct txn_server *t, const struct flow *flow)
{
	t->flow = *flow;
}

const struct sip_rx *txn_server_request(const struct txn_server *t)
{
	return t->req;
}

bool txn_server_is_final(const struct txn_server *t)
{
	return t->state >= TXN_ACCEPTED;
}

unsigned txn_server_status(const struct txn_server *t)
{
	return t->status;
}

/* The time at which timer E is reset to T2: the sum of what it ran before. */
uint32_t txn_server_trying_ms(const struct txn_table *table)
{
	const struct txn_timers *v = &table->timers;
	uint32_t sum = 0;

	for (uint32_t e = v->t1_ms; e && e < v->t2_ms; e *= 2)
		sum += e;
	return sum;
}

void txn_server_detach(struct txn_server **ret)
{
	struct txn_server *t = *ret;

	*ret = NULL;
	if (!t)
		return;
	t->user = (struct txn_server_user){0};
	if (txn_server_is_final(t))
		return;
	/* Nobody is left who could answer. */
	txn_server_drop_request(t);
	if (t->id.method == SIP_INVITE)
		invite_server_abandon(t);
	else
		plain_server_abandon(t);
}

/* ---- for the machines ---- */

void txn_server_drop_request(struct txn_server *t)
{
	sip_rx_free(&t->req);
}

void txn_server_drop_response(struct txn_server *t)
{
	t->response_tag = STR_NONE;
	str_free(&t->response);
}

/* Without memory the response is sent all the same, once. */
int txn_server_send(struct txn_server *t, const struct flow *flow, unsigned status,
		    struct str bytes, bool keep)
{
	txn_server_drop_response(t);
	io_timer_cancel(t->table->io, &t->retransmit);
	if (flow)
		t->flow = *flow;
	t->status = (uint16_t)status;
	if (keep && str_dup(bytes, &t->response) < 0)
		t->response = STR_NONE;
	return txn_send(t->table, &t->flow, bytes);
}

void txn_server_resend(struct txn_server *t)
{
	if (str_empty(t->response))
		return;
	t->table->counters.retransmits_out++;
	txn_send(t->table, &t->flow, t->response);
}

/* s8.2.6.1: Timestamp tells in seconds how long this took. */
static bool add_delay(const struct txn_server *t, struct sip_msg *m)
{
	struct str stamp = sip_get(m, SIP_HDR_TIMESTAMP);
	unsigned ms = (unsigned)(t->table->io->now_ms - t->born_ms);

	stamp = str_first(stamp, str_find(stamp, ' '));
	return str_empty(stamp) ||
	       sip_set(m, SIP_HDR_TIMESTAMP,
		       arena_fmt(m->arena, "%.*s %u.%03u", STR_ARG(stamp), ms / 1000, ms % 1000));
}

void txn_server_say_trying(struct txn_server *t)
{
	struct buf b = buf_heap(TRYING_MAX);
	char room[4096];
	struct arena arena;
	struct sip_msg m;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_response(&t->req->msg, &arena, 100, STR(""), STR_NONE, &m) && add_delay(t, &m) &&
	    sip_print(&m, &b))
		txn_server_respond(t, NULL, 100, buf_str(&b));
	buf_free(&b);
	arena_fini(&arena);
}

void txn_server_end(struct txn_server *t, int err)
{
	struct txn_table *table = t->table;
	struct txn_server_user user = t->user;

	txn_server_unlist(t);
	io_timer_cancel(table->io, &t->retransmit);
	io_timer_cancel(table->io, &t->end);
	txn_server_drop_request(t);
	txn_server_drop_response(t);
	t->state = TXN_ENDED;
	if (err == -ETIMEDOUT)
		table->counters.timeouts++;
	if (user.on_end)
		user.on_end(user.ctx, err);
	xfree(t);
}
