/* The response context (RFC 3261 s16.7): branches, what comes back, and when it is over. */
#include "app/proxy_internal.h"

#include <errno.h>

static void decide(struct proxy_context *x);

/* ---- life ---- */

static void branch_free(struct proxy_branch *b)
{
	if (b->client)
		core_client_detach(&b->client);
	sip_rx_free(&b->final);
	list_unlink(&b->link);
	xfree(b);
}

static void context_free(struct proxy_context *x)
{
	LIST_EACH(n, &x->branches)
		branch_free(container_of(n, struct proxy_branch, link));
	if (x->server)
		txn_server_detach(&x->server);
	list_unlink(&x->link);
	x->proxy->counters.contexts--;
	xfree(x);
}

void proxy_contexts_free(struct proxy *p)
{
	LIST_EACH(n, &p->contexts)
		context_free(container_of(n, struct proxy_context, link));
}

static unsigned count_pending(const struct proxy_context *x)
{
	unsigned n = 0;

	LIST_EACH(l, &x->branches)
		n += container_of(l, struct proxy_branch, link)->status == 0;
	return n;
}

bool proxy_is_pending(const struct proxy *p)
{
	LIST_EACH(n, &p->contexts) {
		const struct proxy_context *x = container_of(n, struct proxy_context, link);

		if (!x->answered || count_pending(x) > 0)
			return true;
	}
	return false;
}

static bool any_client(const struct proxy_context *x)
{
	LIST_EACH(l, &x->branches) {
		if (container_of(l, struct proxy_branch, link)->client)
			return true;
	}
	return false;
}

/* After a 2xx of an INVITE the clients stay for further ones (RFC 6026 s7.2); else the
 * transactions can end by themselves. */
static void free_if_over(struct proxy_context *x)
{
	bool waits = x->method == SIP_INVITE && x->server && txn_server_status(x->server) / 100 == 2 &&
		     any_client(x);

	if (!x->busy && x->answered && count_pending(x) == 0 && !waits)
		context_free(x);
}

/* ---- upstream ---- */

/* s16.7 steps 3, 9: our Via off; nothing left means it was for us. */
static void relay(struct proxy_context *x, const struct sip_rx *rx)
{
	struct sip_msg m;

	if (!x->server || !sip_derive(&rx->msg, core_scratch(x->core), &m))
		return;
	sip_pop_value(&m, SIP_HDR_VIA);
	if (!sip_has(&m, SIP_HDR_VIA))
		return;
	core_relay(x->core, x->server, &m);
}

static void cancel_pending(struct proxy_context *x, struct str headers)
{
	LIST_EACH(n, &x->branches) {
		struct proxy_branch *b = container_of(n, struct proxy_branch, link);

		if (b->status == 0 && b->client && x->method == SIP_INVITE)
			core_client_cancel(b->client, headers);
	}
}

static void on_cancel(void *ctx, const struct sip_rx *cancel)
{
	struct proxy_context *x = ctx;
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	int i = sip_find(&cancel->msg, SIP_HDR_REASON, 0);

	x->cancelled = true;
	x->proxy->counters.cancelled++;
	if (i >= 0) {
		struct str value = sip_hdr_value(&cancel->msg.hdr[i]);

		if (str_find(value, '\n') == value.n)
			buf_fmt(&b, "Reason: %.*s\r\n", STR_ARG(value));
	}
	cancel_pending(x, b.failed ? STR_NONE : buf_str(&b));
	if (count_pending(x) == 0)
		decide(x);
}

static void on_server_end(void *ctx, int err)
{
	struct proxy_context *x = ctx;

	(void)err;
	x->server = NULL;
	if (!x->answered) {
		/* The table closes: nobody is left to answer. */
		x->answered = true;
		cancel_pending(x, STR_NONE);
	}
	free_if_over(x);
}

/* ---- downstream ---- */

static void answered(struct proxy_context *x, const struct sip_rx *rx)
{
	if (!x->answered)
		x->proxy->counters.answered++;
	if (x->in_call)
		calls_status(x->proxy, x->core, rx->head.call_id, rx->msg.status);
	relay(x, rx);
	x->answered = true;
	cancel_pending(x, STR("Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"));
}

static void on_provisional(struct proxy_branch *b, const struct sip_rx *rx)
{
	struct proxy_context *x = b->context;

	if (rx->msg.status == 100)
		return;
	core_client_renew_c(b->client);
	if (x->answered || x->cancelled)
		return;
	if (x->in_call)
		calls_status(x->proxy, x->core, rx->head.call_id, rx->msg.status);
	relay(x, rx);
}

/* s16.7 steps 4 and 5: into the context, unless its contacts have all become branches. */
static void keep_refusal(struct proxy_branch *b, const struct sip_rx *rx)
{
	struct proxy_context *x = b->context;

	if (x->answered)
		return;
	if (rx->msg.status < 400)
		b->followed = proxy_recurse(x, rx, &b->spent) > 0;
	b->spent &= b->followed;
	if (b->spent)
		return;
	sip_rx_keep(rx, &b->final);
	if (rx->msg.status >= 600) {
		x->declined = true;
		cancel_pending(x, STR_NONE);
	}
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct proxy_branch *b = ctx;
	struct proxy_context *x = b->context;

	if (rx->msg.status < 200) {
		on_provisional(b, rx);
		return;
	}
	b->status = rx->msg.status;
	x->busy = true;
	if (rx->msg.status >= 300)
		keep_refusal(b, rx);
	else if (x->method == SIP_INVITE || !x->answered)
		answered(x, rx);
	x->busy = false;
	decide(x);
}

/* What a branch that gave no answer stands for (s16.7, s16.8, s16.9). */
static unsigned status_of(const struct proxy_branch *b, int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return b->context->cancelled ? 487 : 408;
	case -ECANCELED:
		return 487;
	default:
		return b->context->cancelled ? 487 : 503;
	}
}

static void on_client_end(void *ctx, int err)
{
	struct proxy_branch *b = ctx;

	b->client = NULL;
	if (b->status == 0) {
		b->status = (uint16_t)status_of(b, err);
		log_debug(core_io(b->context->core)->log, "branch failed status=%u error=%d", b->status,
			  -err);
		decide(b->context);
		return;
	}
	free_if_over(b->context);
}

static void put_fields(void *ctx, const struct flow *flow, struct buf *buf)
{
	proxy_put_record_route(ctx, flow, buf);
}

/* ---- starting branches ---- */

static bool needs_flow(const struct proxy_target *t)
{
	struct sip_uri u;

	return t->local && t->flow.transport != TRANSPORT_NONE &&
	       (flow_is_stream(&t->flow) ||
		(sip_uri_parse(t->uri, &u, NULL) && proxy_needs_flow(&t->flow, &u)));
}

int proxy_start_branch(struct proxy_context *x, const struct proxy_target *t)
{
	const struct sip_rx *rx = txn_server_request(x->server);
	struct proxy_branch *b = xzalloc(sizeof(*b) + t->uri.n);
	const struct core_client_user user = { on_response, on_client_end, put_fields, b };
	struct core_send send = {.flow = t->flow};
	struct sip_msg m;

	if (!b)
		return -ENOMEM;
	list_init(&b->link);
	b->context = x;
	b->local = t->local;
	b->name_flow = needs_flow(t);
	if (t->uri.n)
		memcpy(b->text, t->uri.p, t->uri.n);
	b->uri = str_of(b->text, t->uri.n);
	if (!proxy_make(x->proxy, &rx->msg, core_scratch(x->core), t, &m, &send.next_hop)) {
		branch_free(b);
		return -ENOMEM;
	}
	b->sips = proxy_is_secured(&m);
	send.msg = &m;
	send.branch_tail = str_c(x->loop);
	if (x->group_breadth)
		sip_set(&m, SIP_HDR_MAX_BREADTH, arena_fmt(m.arena, "%u", x->group_breadth));
	if (x->method == SIP_INVITE)
		send.timer_c_ms = x->proxy->shared->policy->timer_c_ms;
	list_append(&x->branches, &b->link);
	if (core_client_new(x->core, &send, &user, &b->client)) {
		b->client = NULL;
		b->status = 500;
	}
	return 0;
}

/* RFC 5393 s5.3.3: branches at once share what the request may spread to; where it is ours to say how far
 * that is, something is left for who comes late. */
static void share_breadth(struct proxy_context *x, unsigned n)
{
	bool late = !str_empty(x->aor) && !x->breadth_given;

	x->group_breadth = n > 1 || x->breadth_given ? x->breadth / (n + late) : 0;
	x->late_breadth = late ? x->breadth - n * (x->group_breadth ? x->group_breadth : 1) : 0;
}

/* The targets of the highest q that is left, at once as far as the breadth goes, what is more
 * after them (s16.6 step 1). */
static void start_group(struct proxy_context *x)
{
	unsigned first = x->next_target, end = first;
	uint16_t q = x->targets[first].q1000;

	while (end < x->n_targets && x->targets[end].q1000 == q && end - first < x->breadth)
		end++;
	share_breadth(x, end - first);
	x->busy = true;
	while (x->next_target < end) {
		if (proxy_start_branch(x, &x->targets[x->next_target++]))
			break;
	}
	x->busy = false;
	if (x->next_target - first > 1)
		x->proxy->counters.forked++;
}

static void decide(struct proxy_context *x)
{
	while (!x->busy && !x->answered && count_pending(x) == 0) {
		if (x->next_target < x->n_targets && !x->cancelled && !x->declined && x->server) {
			start_group(x);
			continue;
		}
		x->answered = true;
		x->busy = true;
		proxy_send_best(x);
		x->busy = false;
	}
	free_if_over(x);
}

/* ---- taking a request ---- */

static struct str move_text(char **at, struct str s)
{
	struct str moved = str_of(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return moved;
}

static size_t bytes_of(const struct proxy_target *targets, unsigned n)
{
	size_t bytes = n * sizeof(*targets);

	for (unsigned i = 0; i < n; i++)
		bytes += targets[i].uri.n + targets[i].path.n;
	return bytes;
}

static void keep_targets(struct proxy_context *x, const struct proxy_target *targets, unsigned n,
			 struct str aor)
{
	char *at = (char *)(x->targets + n);

	x->n_targets = n;
	for (unsigned i = 0; i < n; i++) {
		x->targets[i] = targets[i];
		x->targets[i].uri = move_text(&at, targets[i].uri);
		x->targets[i].path = move_text(&at, targets[i].path);
	}
	x->aor = move_text(&at, aor);
}

static bool makes_route(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_SUBSCRIBE || m == SIP_REFER || m == SIP_NOTIFY ||
	       m == SIP_METHOD_OTHER; /* it may make one too (s16.6 step 4) */
}

static struct proxy_context *context_new(struct proxy *p, struct core_request *req,
					 const struct proxy_target *targets, unsigned n)
{
	struct str aor = targets[0].local ? req->aor : STR_NONE;
	struct proxy_context *x = xzalloc(sizeof(*x) + bytes_of(targets, n) + aor.n);

	if (!x)
		return NULL;
	list_init(&x->link);
	list_init(&x->branches);
	x->proxy = p;
	x->core = req->core;
	x->method = req->rx->msg.method;
	x->record = makes_route(req->rx->msg.method);
	x->ours = req->ours;
	x->in_call = x->method == SIP_INVITE && !req->in_dialog;
	x->breadth = proxy_breadth(&req->rx->msg, &x->breadth_given);
	keep_targets(x, targets, n, aor);
	list_append(&p->contexts, &x->link);
	p->counters.contexts++;
	return x;
}

void proxy_start(struct proxy *p, struct core_request *req, const struct proxy_target *targets,
		 unsigned n, const char *loop)
{
	struct proxy_context *x = context_new(p, req, targets, n);
	const struct txn_server_user user = { on_cancel, NULL, on_server_end, x };

	if (!x) {
		core_reply(req->core, req->rx, 503, STR(""), NULL, 0);
		return;
	}
	memcpy(x->loop, loop, strlen(loop) + 1);
	if (core_accept(req->core, req->rx, &user, &x->server)) {
		context_free(x);
		return;
	}
	p->counters.forwarded++;
	if (x->method == SIP_INVITE)
		core_respond_status(x->core, x->server, 100, STR(""), STR_NONE, NULL, 0);
	if (x->in_call)
		calls_begin(p, req->core, req->rx);
	proxy_watch(p, core_io(req->core));
	start_group(x);
	decide(x);
}
