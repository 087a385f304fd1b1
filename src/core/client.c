/* One outgoing request: the printed text without our Via waits here until a target gave a
 * final response; each attempt is a client transaction with a branch of its own. */
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
	struct locate_target targets[LOCATE_MAX];
	uint8_t n_targets, next;
	uint8_t method;         /* enum sip_method */
	uint8_t prefer;         /* enum transport */
	uint16_t tcp_tried;     /* a bit a target */
	bool flow_only, cancelled, failing, trying_tcp, stateless, final;
	bool moved;                     /* an earlier target failed */
	int err;                /* of the last attempt */
	uint32_t timer_c_ms;
	struct str branch;      /* stateless: given; in text's block */
	struct str branch_tail; /* in text's block */
	struct str hop;         /* next hop URI; in text's block */
	struct sip_uri uri;     /* hop, parsed */
	size_t start_n;         /* of text: the start line with its end */
	struct str text;        /* owned */
};

static void attempt_next(struct core_client *cl);

static void client_free(struct core_client *cl)
{
	if (cl->txn)
		txn_client_detach(&cl->txn);
	locate_cancel(&cl->locate);
	io_timer_cancel(cl->core->io, &cl->timer);
	list_unlink(&cl->link);
	str_free(&cl->text);
	xfree(cl);
}

static void drop_text(struct core_client *cl)
{
	cl->n_targets = cl->next = 0;
	str_free(&cl->text);
	cl->hop = cl->branch = cl->branch_tail = STR_NONE;
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
	const struct locate_target *target = &cl->targets[i];
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

static void on_located(void *ctx, int err, const struct locate_target *targets, size_t n)
{
	struct core_client *cl = ctx;

	if (err) {
		fail_later(cl, err);
		return;
	}
	cl->n_targets = (uint8_t)(n < LOCATE_MAX ? n : LOCATE_MAX);
	memcpy(cl->targets, targets, cl->n_targets * sizeof(targets[0]));
	attempt_next(cl);
}

static void locate(struct core_client *cl)
{
	enum transport prefer = (enum transport)cl->prefer;
	int err;

	if (locate_direct(&cl->uri, prefer, &cl->targets[0])) {
		cl->n_targets = 1;
		attempt_next(cl);
		return;
	}
	err = locate_start(cl->core->tport, cl->core->io, &cl->uri, prefer, on_located, cl,
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

/* Text, next hop and branch in one owned block. */
static int keep_text(struct core_client *cl, const struct core_send *send, struct str branch)
{
	struct core *c = cl->core;
	struct buf b = buf_over(c->out, sizeof(c->out));
	struct sip_nameaddr route;
	struct str hop = next_hop_of(send, &route), all;
	size_t n;

	if (!sip_print(send->msg, &b))
		return -EMSGSIZE;
	n = b.n;
	cl->start_n = str_find(buf_str(&b), '\n') + 1;
	buf_puts(&b, hop);
	buf_puts(&b, branch);
	buf_puts(&b, send->branch_tail);
	if (b.failed)
		return -EMSGSIZE;
	if (str_dup(buf_str(&b), &all))
		return -ENOMEM;
	cl->text = str_first(all, n);
	cl->hop = str_of(all.p + n, hop.n);
	cl->branch = str_of(all.p + n + hop.n, branch.n);
	cl->branch_tail = str_of(cl->branch.p + branch.n, send->branch_tail.n);
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
	err = keep_text(cl, send, branch);
	if (err) {
		xfree(cl);
		return err;
	}
	list_append(&c->clients, &cl->link);
	*ret = cl;
	return 0;
}

/* RFC 3261 s16.6 step 7, s18.1.1: the flow if there is one, else by name. */
static void start(struct core_client *cl, const struct core_send *send)
{
	int err = -ENOTCONN;
	bool sips = str_istarts(send->msg->uri, STR("sips:"));

	if (send->flow.transport != TRANSPORT_NONE) {
		if (!sips || transport_is_secure(send->flow.transport))
			err = attempt(cl, &send->flow);
		if (!err && !cl->stateless)
			return;
		if (!err || cl->flow_only) {
			fail_later(cl, err);
			return;
		}
	}
	if (!sip_uri_parse(cl->hop, &cl->uri, NULL)) {
		fail_later(cl, -EINVAL);
		return;
	}
	/* s16.6 step 7: whatever leads to what is secure is taken for secure. */
	if (sips && cl->uri.scheme == SIP_SCHEME_SIP)
		cl->uri.scheme = SIP_SCHEME_SIPS;
	locate(cl);
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


int core_send_stateless(struct core *c, const struct core_send *send, struct str branch,
			void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b),
			void *ctx)
{
	const struct core_client_user user = { ignore_response, NULL, put_fields, ctx };
	struct core_client *cl;
	int err = client_new(c, send, branch, &user, &cl);

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
