/* New locations while a request is under way (RFC 3261 s16.5): a phone that was woken, or came back, rings
 * too.  Looked for once a second, as another worker may own the AoR. */
#include "app/proxy_internal.h"

#define WATCH_MS 1000
#define LOOK_ROOM 16384

static bool is_open(const struct proxy_context *x)
{
	return !str_empty(x->aor) && !x->answered && !x->cancelled && !x->declined && x->server &&
	       txn_server_request(x->server);
}

/* Those that stand behind others by q come when their turn has. */
static bool is_due(const struct proxy_context *x, const struct proxy_target *t)
{
	return x->next_target == x->n_targets || t->q1000 > x->targets[x->next_target].q1000;
}

/* With what is left of the breadth (RFC 5393 s5.3.3). */
static void call_late(struct proxy_context *x, const struct proxy_target *t)
{
	uint32_t group = x->group_breadth;

	x->late_breadth--;
	x->group_breadth = 1;
	proxy_start_branch(x, t);
	x->group_breadth = group;
}

static void look(struct proxy_context *x)
{
	struct proxy *p = x->proxy;
	struct proxy_target *list;
	struct arena arena;
	char room[LOOK_ROOM];
	int n = 0;

	arena_init(&arena, room, sizeof(room), 0);
	list = proxy_target_list(&arena);
	if (list)
		n = proxy_locate(p, x->core, &txn_server_request(x->server)->msg, x->aor, &arena,
				 list);
	x->busy = true;
	for (int i = 0; i < n && x->late_breadth; i++) {
		if (is_due(x, &list[i]) && !proxy_was_tried(x, list[i].uri) &&
		    proxy_count_branches(x) < p->shared->policy->max_forks)
			call_late(x, &list[i]);
	}
	x->busy = false;
	arena_fini(&arena);
}

static void on_watch(void *ctx)
{
	struct proxy *p = ctx;

	LIST_EACH (n, &p->contexts) {
		struct proxy_context *x = container_of(n, struct proxy_context, link);

		if (is_open(x))
			look(x);
	}
	if (list_empty(&p->contexts))
		p->io = NULL;
	else
		io_timer(p->io, &p->watch, WATCH_MS);
}

void proxy_watch_init(struct proxy *p)
{
	timer_init(&p->watch, on_watch, p);
}

void proxy_watch(struct proxy *p, struct io *io)
{
	if (p->io)
		return;
	p->io = io;
	io_timer(io, &p->watch, WATCH_MS);
}

void proxy_watch_fini(struct proxy *p)
{
	if (p->io)
		io_timer_cancel(p->io, &p->watch);
}
