/* Client transactions: what INVITE and the other methods have in common. */
#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "txn/internal.h"

static void client_free(struct txn_client *t)
{
	str_free(&t->bytes);
	str_free(&t->cancel_headers);
	xfree(t);
}

/* The struct and its key's texts in one block. */
static struct txn_client *client_alloc(enum sip_method method, struct str method_name,
				       struct str branch)
{
	size_t name_n = method == SIP_METHOD_OTHER ? method_name.n : 0;
	struct txn_client *t = xzalloc(sizeof(*t) + branch.n + name_n);

	if (!t)
		return NULL;
	memcpy(t->text, branch.p, branch.n);
	t->branch = str_of(t->text, branch.n);
	if (name_n)
		memcpy(t->text + branch.n, method_name.p, name_n);
	t->method_name = str_of(t->text + branch.n, name_n);
	t->method = (uint8_t)method;
	list_init(&t->ring);
	return t;
}

/* What may have to be sent again, and what ACK and CANCEL are made of. */
static int keep_request(struct txn_client *t, struct str request)
{
	return t->reliable && t->method != SIP_INVITE ? 0 : str_dup(request, &t->bytes);
}

int txn_client_create(struct txn_table *table, const struct flow *flow, struct str request,
		      enum sip_method method, struct str method_name, struct str branch,
		      const struct txn_client_user *user, struct txn_client **ret)
{
	struct txn_client *t = client_alloc(method, method_name, branch);
	int err;

	if (!t)
		return -ENOMEM;
	t->table = table;
	t->flow = *flow;
	t->reliable = flow_is_stream(flow);
	err = keep_request(t, request);
	if (!err)
		err = txn_send(table, flow, request);
	if (err < 0) {
		client_free(t);
		return err;
	}
	if (user)
		t->user = *user;
	if (method == SIP_INVITE)
		invite_client_init(t);
	else
		plain_client_init(t);
	txn_client_list(t);
	txn_wait_add(t);
	table->counters.clients++;
	*ret = t;
	return 0;
}

int txn_client_new(struct txn_table *table, const struct flow *flow, struct str request,
		   enum sip_method method, struct str method_name, struct str branch,
		   const struct txn_client_user *user, struct txn_client **ret)
{
	assert(method != SIP_ACK);
	if (table->closing)
		return -ESHUTDOWN;
	if (txn_count(table) >= table->max)
		return -ENOBUFS;
	return txn_client_create(table, flow, request, method, method_name, branch, user, ret);
}

void txn_client_receive(struct txn_client *t, const struct sip_rx *rx)
{
	if (t->method == SIP_INVITE)
		invite_client_receive(t, rx);
	else
		plain_client_receive(t, rx);
}

const struct flow *txn_client_flow(const struct txn_client *t)
{
	return &t->flow;
}

bool txn_client_is_final(const struct txn_client *t)
{
	return t->state >= TXN_ACCEPTED;
}

/* An INVITE that rings has no timer of its own any more; nobody is left to give it one. */
void txn_client_detach(struct txn_client **ret)
{
	struct txn_client *t = *ret;

	*ret = NULL;
	if (!t)
		return;
	t->user = (struct txn_client_user){0};
	if (t->state == TXN_PROCEEDING && !timer_active(&t->end))
		io_timer(t->table->io, &t->end, txn_64_t1(t->table));
}

/* ---- for the machines ---- */

/* A full socket is tried again by the next retransmission; a flow that is gone stays gone. */
void txn_client_resend(struct txn_client *t)
{
	int err = txn_send(t->table, &t->flow, t->bytes);

	t->table->counters.retransmits_out++;
	if (err == -ENOTCONN || err == -ECONNREFUSED)
		txn_client_end(t, err);
}

void txn_client_deliver(struct txn_client *t, const struct sip_rx *rx)
{
	if (t->user.on_response)
		t->user.on_response(t->user.ctx, rx);
}

void txn_client_settle(struct txn_client *t, enum txn_state state, uint64_t end_ms)
{
	struct io *io = t->table->io;

	t->state = (uint8_t)state;
	txn_wait_remove(t);
	str_free(&t->bytes);
	str_free(&t->cancel_headers);
	io_timer_cancel(io, &t->retransmit);
	io_timer_cancel(io, &t->c);
	io_timer(io, &t->end, end_ms);
}

void txn_client_end(struct txn_client *t, int err)
{
	struct txn_table *table = t->table;
	struct txn_client_user user = t->user;

	txn_client_unlist(t);
	txn_wait_remove(t);
	io_timer_cancel(table->io, &t->retransmit);
	io_timer_cancel(table->io, &t->end);
	io_timer_cancel(table->io, &t->c);
	t->state = TXN_ENDED;
	if (err == -ETIMEDOUT)
		table->counters.timeouts++;
	if (user.on_end)
		user.on_end(user.ctx, err);
	client_free(t);
}
