/* One outgoing request: each attempt is a client transaction with a branch of its own.  The printed text
 * without our Via lies in the worker's room; it is kept while another target could need it. */
#include "core/client.h"

#include <errno.h>

#include "base/alloc.h"
#include "core/internal.h"
#include "tport/locate.h"

#define TCP_TRY_MS 1000         /* for a large request, before UDP (DESIGN: transports) */

struct core_client {
	struct list link;
	struct core *core;
	struct core_client_user user;
	struct txn_client *txn;
	struct locate *locate;
	struct timer timer;     /* a failure to tell, or the end of a TCP try */
	struct flow flow;       /* of the attempt under way */
	struct locate_target first, *more; /* more: owned, those after the first */
	uint8_t n_targets, next;
	uint8_t method;         /* enum sip_method */
	uint8_t prefer;         /* enum transport */
	uint16_t tcp_tried;     /* a bit a target */
	bool flow_only, cancelled, failing, trying_tcp, stateless, final;
	bool moved;             /* an earlier target failed */
	int err;                /* of the last attempt */
	uint32_t timer_c_ms;
	uint32_t start_n;       /* of text: the start line with its end */
	struct str text;        /* in the worker's room, or in kept */
	struct str branch, branch_tail; /* behind the text; branch: stateless, given */
	struct str kept;        /* owned */
};

static void attempt_next(struct core_client *cl);

static void client_free(struct core_client *cl)
{
	if (cl->txn)
		txn_client_detach(&cl->txn);
	locate_cancel(&cl->locate);
	io_timer_cancel(cl->core->io, &cl->timer);
	list_unlink(&cl->link);
	str_free(&cl->kept);
	xfree(cl->more);
	xfree(cl);
}

static void drop_text(struct core_client *cl)
{
	cl->n_targets = cl->next = 0;
	str_free(&cl->kept);
	cl->text = cl->branch = cl->branch_tail = STR_NONE;
}

/* Out of the worker's room. */
static int keep_text(struct core_client *cl)
{
	struct str *const all[] = { &cl->text, &cl->branch, &cl->branch_tail };
	size_t n = cl->text.n + cl->branch.n + cl->branch_tail.n;
	const char *from = cl->text.p;

	if (str_dup(str_of(from, n), &cl->kept))
		return -ENOMEM;
	for (unsigned i = 0; i < 3; i++)
		all[i]->p = cl->kept.p + (all[i]->p - from);
	return 0;
}

static void end(struct core_client *cl, int err)
{
	struct core_client_user user = cl->user;

	client_free(cl);
	if (user.on_end)
		user.on_end(user.ctx, err);
}

static void fail_later(struct core_client *cl, int err)
{
	cl->failing = true;
	cl->err = err;
	io_timer(cl->core->io, &cl->timer, 0);
}

static bool more_targets(const struct core_client *cl)
{
	return cl->next < cl->n_targets && !cl->cancelled;
}

/* RFC 3263 s4.3: a 503 leads to the next target. */
static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct core_client *cl = ctx;

	if (cl->trying_tcp) {
		cl->trying_tcp = false;
		io_timer_cancel(cl->core->io, &cl->timer);
	}
	if (rx->msg.status == 503 && more_targets(cl)) {
		cl->moved = true;
		txn_client_detach(&cl->txn);
		attempt_next(cl);
		return;
	}
	if (rx->msg.status >= 200) {
		cl->final = true;
		drop_text(cl);
	}
	cl->user.on_response(cl->user.ctx, rx);
}

static void on_txn_end(void *ctx, int err)
{
	struct core_client *cl = ctx;

	cl->txn = NULL;
	io_timer_cancel(cl->core->io, &cl->timer);
	cl->trying_tcp = false;
	if (err && err != -ESHUTDOWN && !cl->final && more_targets(cl)) {
		cl->err = err;
		cl->moved = true;
		attempt_next(cl);
		return;
	}
	end(cl, cl->final ? 0 : err);
}

/* ---- an attempt ---- */

static bool compose(struct core_client *cl, const struct flow *flow, struct str branch,
		    struct str *ret)
{
	struct core *c = cl->core;
	struct buf b = buf_over(c->out, sizeof(c->out));

	buf_put(&b, cl->text.p, cl->start_n);
	buf_puts(&b, STR("Via: "));
	tport_put_via(c->tport, flow, branch, &b);
	buf_puts(&b, STR("\r\n"));
	if (cl->user.put_fields)
		cl->user.put_fields(cl->user.ctx, flow, &b);
	buf_puts(&b, str_skip(cl->text, cl->start_n));
	if (b.failed)
		return false;
	*ret = buf_str(&b);
	return true;
}

static int start_txn(struct core_client *cl, struct str bytes, struct str branch)
{
	const struct txn_client_user user = { on_response, on_txn_end, cl };
	struct str line = cl->text;
	int err;

	err = txn_client_new(&cl->core->txns, &cl->flow, bytes, (enum sip_method)cl->method,
			     str_split(&line, ' '), branch, &user, &cl->txn);
	if (!err && cl->method == SIP_INVITE && cl->timer_c_ms)
		txn_client_timer_c(cl->txn, cl->timer_c_ms);
	return err;
}

static int attempt(struct core_client *cl, const struct flow *flow)
{
	char room[128];
	struct buf b = buf_over(room, sizeof(room));
	struct str branch = cl->branch, bytes;

	if (str_empty(branch)) {
		txn_put_branch(&cl->core->txns, &b);
		buf_puts(&b, cl->branch_tail);
		branch = buf_str(&b);
	}
	if (!compose(cl, flow, branch, &bytes))
		return -EMSGSIZE;
	cl->flow = *flow;
	if (cl->stateless)
		return core_emit(cl->core, flow, bytes);
	return start_txn(cl, bytes, branch);
}

static bool too_large_for_udp(const struct core_client *cl)
{
	/* Via and what put_fields adds come on top. */
	return cl->text.n + 200 > CORE_UDP_LIMIT;
}

/* RFC 3261 s18.1.1: a large request goes by TCP where the peer takes it, for at most a
 * second; the UDP target stays next. */
static bool try_tcp(struct core_client *cl, const struct locate_target *udp)
{
	struct flow flow;

	if (cl->stateless || !tport_can(cl->core->tport, TRANSPORT_TCP, &udp->addr) ||
	    tport_flow_to(cl->core->tport, TRANSPORT_TCP, &udp->addr, &flow) || attempt(cl, &flow))
		return false;
	cl->trying_tcp = true;
	io_timer(cl->core->io, &cl->timer, TCP_TRY_MS);
	return true;
}

static int attempt_target(struct core_client *cl, unsigned i)
{
	const struct locate_target *target = i ? &cl->more[i - 1] : &cl->first;
	struct flow flow;
	int err;

	if (target->transport == TRANSPORT_UDP && too_large_for_udp(cl) &&
	    !(cl->tcp_tried & 1u << i)) {
		cl->tcp_tried |= (uint16_t)(1u << i);
		if (try_tcp(cl, target)) {
			cl->next--;
			return 0;
		}
	}
	err = tport_flow_to(cl->core->tport, target->transport, &target->addr, &flow);
	return err ? err : attempt(cl, &flow);
}

static void attempt_next(struct core_client *cl)
{
	while (cl->next < cl->n_targets) {
		int err = attempt_target(cl, cl->next++);

		if (!err) {
			if (cl->stateless)
				fail_later(cl, 0);
			return;
		}
		cl->err = err;
		cl->moved = true;
	}
	fail_later(cl, cl->err ? cl->err : -ENOENT);
}

static bool take_targets(struct core_client *cl, const struct locate_target *targets, size_t n)
{
	size_t more = (n < LOCATE_MAX ? n : LOCATE_MAX) - 1;

	if (more) {
		cl->more = xmalloc(more * sizeof(*targets));
		if (!cl->more)
			return false;
		memcpy(cl->more, targets + 1, more * sizeof(*targets));
	}
	cl->first = targets[0];
	cl->n_targets = (uint8_t)(more + 1);
	return true;
}

static void on_located(void *ctx, int err, const struct locate_target *targets, size_t n)
{
	struct core_client *cl = ctx;

	if (!err && !take_targets(cl, targets, n))
		err = -ENOMEM;
	if (err)
		fail_later(cl, err);
	else
		attempt_next(cl);
}

static void locate(struct core_client *cl, const struct sip_uri *uri)
{
	enum transport prefer = (enum transport)cl->prefer;
	int err;

	if (locate_direct(uri, prefer, &cl->first)) {
		cl->n_targets = 1;
		attempt_next(cl);
		return;
	}
	err = locate_start(cl->core->tport, cl->core->io, uri, prefer, on_located, cl,
			   &cl->locate);
	if (err)
		fail_later(cl, err);
}

static void on_timer(void *ctx)
{
	struct core_client *cl = ctx;

	if (cl->failing) {
		end(cl, cl->err);
		return;
	}
	/* The TCP try is over unless the connection stands. */
	cl->trying_tcp = false;
	if (cl->txn && !tport_flow_open(cl->core->tport, &cl->flow) && more_targets(cl)) {
		txn_client_detach(&cl->txn);
		attempt_next(cl);
	}
}

/* ---- creation ---- */

static struct str next_hop_of(const struct core_send *send, struct sip_nameaddr *route)
{
	if (!str_empty(send->next_hop))
		return send->next_hop;
	if (sip_nameaddr_get(send->msg, SIP_HDR_ROUTE, route, NULL))
		return route->uri_text;
	return send->msg->uri;
}

/* The text and behind it what the branch is made of, in the worker's room. */
static int print(struct core_client *cl, const struct core_send *send, struct str branch)
{
	struct core *c = cl->core;
	struct buf b = buf_over(c->text, sizeof(c->text));
	size_t n;

	if (!sip_print(send->msg, &b))
		return -EMSGSIZE;
	n = b.n;
	buf_puts(&b, branch);
	buf_puts(&b, send->branch_tail);
	if (b.failed)
		return -EMSGSIZE;
	cl->text = str_of(b.p, n);
	cl->start_n = (uint32_t)str_find(cl->text, '\n') + 1;
	cl->branch = str_of(b.p + n, branch.n);
	cl->branch_tail = str_of(b.p + n + branch.n, send->branch_tail.n);
	return 0;
}

static int client_new(struct core *c, const struct core_send *send, struct str branch,
		      const struct core_client_user *user, struct core_client **ret)
{
	struct core_client *cl = xzalloc(sizeof(*cl));
	int err;

	if (!cl)
		return -ENOMEM;
	cl->core = c;
	cl->user = *user;
	cl->method = send->msg->method;
	cl->prefer = (uint8_t)send->prefer;
	cl->flow_only = send->flow_only;
	cl->timer_c_ms = send->timer_c_ms;
	list_init(&cl->link);
	timer_init(&cl->timer, on_timer, cl);
	err = print(cl, send, branch);
	if (err) {
		xfree(cl);
		return err;
	}
	list_append(&c->clients, &cl->link);
	*ret = cl;
	return 0;
}

static bool is_secured(const struct core_send *send)
{
	return str_istarts(send->msg->uri, STR("sips:"));
}

static int attempt_flow(struct core_client *cl, const struct core_send *send)
{
	if (is_secured(send) && !transport_is_secure(send->flow.transport))
		return -ENOTCONN;
	return attempt(cl, &send->flow);
}

/* s16.6 step 7: whatever leads to what is secure is taken for secure. */
static bool parse_next_hop(const struct core_send *send, struct sip_uri *ret)
{
	struct sip_nameaddr route;

	if (!sip_uri_parse(next_hop_of(send, &route), ret, NULL))
		return false;
	if (is_secured(send) && ret->scheme == SIP_SCHEME_SIP)
		ret->scheme = SIP_SCHEME_SIPS;
	return true;
}

/* RFC 3261 s16.6 step 7, s18.1.1: the flow if there is one, else by name. */
static void try(struct core_client *cl, const struct core_send *send)
{
	struct sip_uri uri;

	if (send->flow.transport != TRANSPORT_NONE) {
		int err = attempt_flow(cl, send);

		if (!err && !cl->stateless)
			return;
		if (!err || cl->flow_only) {
			fail_later(cl, err);
			return;
		}
	}
	if (parse_next_hop(send, &uri))
		locate(cl, &uri);
	else
		fail_later(cl, -EINVAL);
}

/* The text outlives the call only for who may still need it. */
static void start(struct core_client *cl, const struct core_send *send)
{
	try(cl, send);
	if (!cl->locate && !more_targets(cl)) {
		drop_text(cl);
	} else if (keep_text(cl)) {
		drop_text(cl);
		if (cl->locate) {
			locate_cancel(&cl->locate);
			fail_later(cl, -ENOMEM);
		}
	}
}

int core_client_new(struct core *c, const struct core_send *send,
		    const struct core_client_user *user, struct core_client **ret)
{
	int err = client_new(c, send, STR_NONE, user, ret);

	if (!err)
		start(*ret, send);
	return err;
}

static void ignore_response(void *ctx, const struct sip_rx *rx)
{
	(void)ctx;
	(void)rx;
}


/* Where no name must be looked up first, nothing is left to wait for.  False: one must. */
static bool send_now(struct core_client *cl, const struct core_send *send)
{
	struct locate_target target;
	struct sip_uri uri;
	struct flow flow;

	if (send->flow.transport != TRANSPORT_NONE &&
	    (!attempt_flow(cl, send) || send->flow_only))
		return true;
	if (!parse_next_hop(send, &uri))
		return true;
	if (!locate_direct(&uri, send->prefer, &target))
		return false;
	if (!tport_flow_to(cl->core->tport, target.transport, &target.addr, &flow))
		attempt(cl, &flow);
	return true;
}

int core_send_stateless(struct core *c, const struct core_send *send, struct str branch,
			void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b),
			void *ctx)
{
	const struct core_client_user user = { ignore_response, NULL, put_fields, ctx };
	struct core_client now = { .core = c, .user = user, .stateless = true }, *cl;
	int err = print(&now, send, branch);

	if (err || send_now(&now, send))
		return err;
	err = client_new(c, send, branch, &user, &cl);
	if (err)
		return err;
	cl->stateless = true;
	start(cl, send);
	/* The hook's context need not outlive this call. */
	cl->user.put_fields = NULL;
	return 0;
}

void core_client_cancel(struct core_client *cl, struct str headers)
{
	cl->cancelled = true;
	if (cl->txn) {
		txn_client_cancel(cl->txn, headers);
		return;
	}
	if (!cl->failing) {
		locate_cancel(&cl->locate);
		fail_later(cl, -ECANCELED);
	}
}

void core_client_renew_c(struct core_client *cl)
{
	if (cl->txn && cl->timer_c_ms)
		txn_client_timer_c(cl->txn, cl->timer_c_ms);
}

struct flow core_client_flow(const struct core_client *cl)
{
	return cl->flow;
}

bool core_client_moved(const struct core_client *cl)
{
	return cl->moved;
}

void core_client_detach(struct core_client **pcl)
{
	if (!*pcl)
		return;
	client_free(*pcl);
	*pcl = NULL;
}

void core_clients_fini(struct core *c)
{
	while (!list_empty(&c->clients))
		end(container_of(c->clients.next, struct core_client, link), -ESHUTDOWN);
}
