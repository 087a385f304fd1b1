/* The calls that the proxy has seen begin and not end, for the operator. */
#include "app/proxy_internal.h"

#define CALLS_MAX 200000
#define CALL_LIFE_MS (12ull * 3600 * 1000)

struct call {
	struct map_node node;
	struct list link;               /* by_age, oldest first */
	uint64_t since_ms;
	uint16_t status;
	uint16_t call_id_n, from_n, to_n;
	char text[];
};

static struct str call_id_of(const struct call *c)
{
	return str_of(c->text, c->call_id_n);
}

static bool call_is(const struct map_node *n, const void *key)
{
	return str_eq(call_id_of(container_of(n, struct call, node)), *(const struct str *)key);
}

static struct call *find(struct proxy *p, const struct core *core, struct str call_id)
{
	struct map_node *n = map_find(&p->calls, core_call_hash(core, call_id), call_is, &call_id);

	return n ? container_of(n, struct call, node) : NULL;
}

static void drop(struct proxy *p, struct call *c)
{
	map_remove(&p->calls, &c->node);
	list_unlink(&c->link);
	xfree(c);
}

int calls_init(struct proxy *p)
{
	list_init(&p->calls_by_age);
	return map_init(&p->calls, 64);
}

void calls_fini(struct proxy *p)
{
	LIST_EACH(n, &p->calls_by_age)
		drop(p, container_of(n, struct call, link));
	map_fini(&p->calls);
}

static void forget_old(struct proxy *p, uint64_t wall_ms)
{
	while (!list_empty(&p->calls_by_age)) {
		struct call *c = container_of(p->calls_by_age.next, struct call, link);

		if (p->calls.n < CALLS_MAX && c->since_ms + CALL_LIFE_MS > wall_ms)
			return;
		drop(p, c);
	}
}

void calls_begin(struct proxy *p, struct core *core, const struct sip_rx *invite)
{
	struct io *io = core_io(core);
	struct str id = invite->head.call_id, from = str_first(invite->head.from.uri_text, 256);
	struct str to = str_first(invite->head.to.uri_text, 256);
	uint64_t wall_ms = io->ops->wall_ms(io);
	struct call *c;

	forget_old(p, wall_ms);
	if (id.n > 1024 || find(p, core, id))
		return;
	c = xzalloc(sizeof(*c) + id.n + from.n + to.n);
	if (!c)
		return;
	c->since_ms = wall_ms;
	c->call_id_n = (uint16_t)id.n;
	c->from_n = (uint16_t)from.n;
	c->to_n = (uint16_t)to.n;
	memcpy(c->text, id.p, id.n);
	memcpy(c->text + id.n, from.p, from.n);
	memcpy(c->text + id.n + from.n, to.p, to.n);
	list_init(&c->link);
	list_append(&p->calls_by_age, &c->link);
	map_add(&p->calls, &c->node, core_call_hash(core, id));
}

void calls_status(struct proxy *p, const struct core *core, struct str call_id, unsigned status)
{
	struct call *c = find(p, core, call_id);

	if (c)
		c->status = (uint16_t)status;
}

void calls_end(struct proxy *p, const struct core *core, struct str call_id)
{
	struct call *c = find(p, core, call_id);

	if (c)
		drop(p, c);
}

void proxy_calls(struct proxy *p, void (*fn)(void *ctx, const struct proxy_call *c), void *ctx)
{
	LIST_EACH(n, &p->calls_by_age) {
		const struct call *c = container_of(n, struct call, link);
		const struct proxy_call view = {
			.call_id = call_id_of(c),
			.from = str_of(c->text + c->call_id_n, c->from_n),
			.to = str_of(c->text + c->call_id_n + c->from_n, c->to_n),
			.since_ms = c->since_ms,
			.status = c->status,
		};

		fn(ctx, &view);
	}
}
