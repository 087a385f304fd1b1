#include "admin/trace_find.h"

#include <errno.h>
#include <stdlib.h>

#include "admin/json.h"
#include "admin/trace_view.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/map.h"

#define SOME_MAX 5 /* Call-IDs that are named when one was meant */
#define CALLS_MAX_BYTES (1u << 30)
#define PARSE_BYTES 16384

/* ---- the copies as one list in the order of time ---- */

struct merge {
	const struct trace_source *source;
	struct {
		struct trace_record record;
		size_t at;
		bool has;
	} of[TRACE_COPIES_MAX];
	struct arena arena; /* of the message at hand */
	char room[PARSE_BYTES];
};

static void fetch(struct merge *m, unsigned i)
{
	m->of[i].has = trace_next(&m->source->copies[i], &m->of[i].at, &m->of[i].record);
}

static struct merge *merge_new(const struct trace_source *s)
{
	struct merge *m = xzalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->source = s;
	arena_init(&m->arena, m->room, sizeof(m->room), 0);
	for (unsigned i = 0; i < s->n_copies; i++)
		fetch(m, i);
	return m;
}

static void merge_free(struct merge *m)
{
	if (m)
		arena_fini(&m->arena);
	xfree(m);
}

static bool merge_next(struct merge *m, struct trace_record *ret, unsigned *ret_worker)
{
	unsigned n = m->source->n_copies, first = n;

	for (unsigned i = 0; i < n; i++)
		if (m->of[i].has &&
		    (first == n || m->of[i].record.at_us < m->of[first].record.at_us))
			first = i;
	if (first == n)
		return false;
	*ret = m->of[first].record;
	*ret_worker = first;
	fetch(m, first);
	return true;
}

static void view(struct merge *m, const struct trace_record *r, struct trace_view *ret)
{
	trace_view_of(r->bytes, &m->arena, ret);
	arena_reset(&m->arena);
}

static bool has(struct str where, struct str what)
{
	for (size_t i = 0; i + what.n <= where.n; i++)
		if (str_ieq(str_of(where.p + i, what.n), what))
			return true;
	return false;
}

/* Is the user in From, To or the start line's URI? */
static bool concerns(const struct trace_view *v, struct str user)
{
	return str_empty(user) || has(v->from, user) || has(v->to, user) ||
	       (!v->status && has(v->start_line, user));
}

/* ---- calls ---- */

struct call {
	struct map_node node;
	struct str id, method, from, to, reason;
	unsigned status;
	uint64_t messages, first_us, last_us;
	bool wanted;
};

struct calls {
	struct map map;
	struct arena arena;
	struct call **list;
	size_t n;
	bool failed;
};

static const struct hash_seed seed = {0x63616c6c, 0x6964};

static bool is_call(const struct map_node *node, const void *key)
{
	const struct str *id = key;

	return str_eq(container_of(node, struct call, node)->id, *id);
}

static struct call *call_of(struct calls *cs, const struct trace_view *v)
{
	uint64_t hash = hash_str(&seed, v->call_id);
	struct map_node *node = map_find(&cs->map, hash, is_call, &v->call_id);
	struct call *c;

	if (node)
		return container_of(node, struct call, node);
	c = arena_zalloc(&cs->arena, sizeof(*c));
	if (!c) {
		cs->failed = true;
		return NULL;
	}
	c->id = v->call_id;
	c->method = v->method;
	c->from = v->from;
	c->to = v->to;
	map_add(&cs->map, &c->node, hash);
	return c;
}

static void take(struct calls *cs, const struct trace_record *r, const struct trace_view *v,
		 struct str user)
{
	struct call *c = call_of(cs, v);

	if (!c)
		return;
	if (!c->messages++)
		c->first_us = r->at_us;
	c->last_us = r->at_us;
	if (v->status && str_eq(v->method, c->method)) {
		c->status = v->status;
		c->reason = v->reason;
	}
	c->wanted = c->wanted || concerns(v, user);
}

static int newest_first(const void *pa, const void *pb)
{
	const struct call *a = *(struct call *const *)pa, *b = *(struct call *const *)pb;

	if (a->last_us != b->last_us)
		return a->last_us > b->last_us ? -1 : 1;
	return str_cmp(a->id, b->id);
}

static void sort(struct calls *cs)
{
	cs->list = xcalloc(cs->map.n ? cs->map.n : 1, sizeof(struct call *));
	if (!cs->list) {
		cs->failed = true;
		return;
	}
	for (struct map_node *n = map_next(&cs->map, NULL); n; n = map_next(&cs->map, n)) {
		struct call *c = container_of(n, struct call, node);

		if (c->wanted)
			cs->list[cs->n++] = c;
	}
	qsort(cs->list, cs->n, sizeof(struct call *), newest_first);
}

static void put_time(struct buf *b, const char *key, uint64_t us)
{
	char room[48];
	struct buf time = buf_over(room, sizeof(room));

	trace_put_time(&time, us);
	json_member_str(b, key, buf_str(&time));
}

static void put_call(struct buf *b, const struct call *c, uint64_t epoch_us)
{
	json_open(b, NULL, '{');
	json_member_str(b, "call_id", c->id);
	json_member_str(b, "method", c->method);
	json_member_str(b, "from", c->from);
	json_member_str(b, "to", c->to);
	json_member_u64(b, "status", c->status);
	json_member_str(b, "reason", c->reason);
	json_member_u64(b, "messages", c->messages);
	put_time(b, "begun", c->first_us + epoch_us);
	put_time(b, "time", c->last_us + epoch_us);
	json_member_u64(b, "time_us", c->last_us + epoch_us);
	buf_puts(b, STR("}\n"));
}

int trace_put_calls(struct buf *b, const struct trace_source *s, struct str user, uint64_t last,
		    uint64_t *ret_n)
{
	struct calls cs = {.failed = false};
	struct merge *m = merge_new(s);
	struct trace_record r;
	struct trace_view v;
	unsigned worker;

	arena_init(&cs.arena, NULL, 0, CALLS_MAX_BYTES);
	cs.failed = !m || map_init(&cs.map, 1024);
	while (!cs.failed && merge_next(m, &r, &worker)) {
		view(m, &r, &v);
		if (!str_empty(v.call_id))
			take(&cs, &r, &v, user);
	}
	if (!cs.failed)
		sort(&cs);
	for (size_t i = 0; !cs.failed && i < cs.n && i < last; i++)
		put_call(b, cs.list[i], s->epoch_us);
	if (!cs.failed)
		*ret_n = cs.n < last ? cs.n : last;
	xfree(cs.list);
	map_fini(&cs.map);
	arena_fini(&cs.arena);
	merge_free(m);
	return cs.failed ? -ENOMEM : 0;
}

/* ---- one call ---- */

struct found {
	struct str ids[SOME_MAX];
	unsigned n;
	bool more;
};

static void add(struct found *f, struct str id)
{
	for (unsigned i = 0; i < f->n; i++)
		if (str_eq(f->ids[i], id))
			return;
	if (f->n < SOME_MAX)
		f->ids[f->n++] = id;
	else
		f->more = true;
}

static int choose(const struct found *f, struct str *ret, struct buf *some)
{
	if (!f->n)
		return -ENOENT;
	if (f->n == 1) {
		*ret = f->ids[0];
		return 0;
	}
	for (unsigned i = 0; i < f->n; i++)
		buf_fmt(some, "%s%.*s", i ? ", " : "", STR_ARG(f->ids[i]));
	buf_puts(some, f->more ? STR(", ...") : STR(""));
	return -ENOTUNIQ;
}

/* Most messages are none of it: they need not be parsed. */
static bool may_have(const struct trace_record *r, struct str id)
{
	return str_empty(id) || memmem(r->bytes.p, r->bytes.n, id.p, id.n);
}

int trace_find_call(const struct trace_source *s, struct str prefix, struct str *ret,
		    struct buf *some)
{
	struct merge *m = merge_new(s);
	struct found f = {.n = 0};
	struct trace_record r;
	struct trace_view v;
	unsigned worker;
	int err = -ENOENT;

	if (!m)
		return -ENOMEM;
	while (err && merge_next(m, &r, &worker)) {
		if (!may_have(&r, prefix))
			continue;
		view(m, &r, &v);
		if (str_empty(v.call_id) || !str_starts(v.call_id, prefix))
			continue;
		add(&f, v.call_id);
		if (str_eq(v.call_id, prefix)) {
			*ret = v.call_id;
			err = 0;
		}
	}
	merge_free(m);
	return err ? choose(&f, ret, some) : 0;
}

/* The listener by which it came or went; of a connection that we opened our end of it. */
static void put_local(struct buf *b, const struct trace_source *s, const struct flow *f)
{
	struct addr at = f->local;

	if (f->listener < s->n_listeners) {
		const struct addr *bound = &s->listeners[f->listener].bound;

		if (!addr_is_any(bound) || !at.family)
			at = *bound;
		at.port = bound->port;
	}
	addr_put(b, &at);
}

static void put_message(struct buf *b, const struct trace_source *s, unsigned worker,
			const struct trace_record *r)
{
	char room[2 * ADDR_TEXT_MAX];
	struct buf local = buf_over(room, ADDR_TEXT_MAX);
	struct buf masked = buf_heap(4 * TRACE_MESSAGE_MAX);

	put_local(&local, s, &r->flow);
	trace_put_masked(&masked, r->bytes);
	json_open(b, NULL, '{');
	put_time(b, "time", r->at_us + s->epoch_us);
	json_member_u64(b, "time_us", r->at_us + s->epoch_us);
	json_member_u64(b, "worker", worker);
	json_member_str(b, "direction", r->out ? STR("out") : STR("in"));
	json_member_str(b, "transport", transport_name(r->flow.transport));
	json_member_str(b, "remote", str_c(addr_text(&r->flow.remote, room + ADDR_TEXT_MAX)));
	json_member_str(b, "local", buf_str(&local));
	json_member_u64(b, "bytes", r->full_n);
	json_member_bool(b, "cut", r->full_n > r->bytes.n);
	json_member_str(b, "message", buf_str(&masked));
	buf_puts(b, STR("}\n"));
	b->failed = b->failed || masked.failed;
	buf_free(&masked);
}

uint64_t trace_put_messages(struct buf *b, const struct trace_source *s, struct str call_id,
			    struct str user)
{
	struct merge *m = merge_new(s);
	struct trace_record r;
	struct trace_view v;
	unsigned worker;
	uint64_t n = 0;

	b->failed = b->failed || !m;
	while (!b->failed && merge_next(m, &r, &worker)) {
		if (!may_have(&r, call_id))
			continue;
		view(m, &r, &v);
		if ((!str_empty(call_id) && !str_eq(v.call_id, call_id)) || !concerns(&v, user))
			continue;
		put_message(b, s, worker, &r);
		n++;
	}
	merge_free(m);
	return n;
}
