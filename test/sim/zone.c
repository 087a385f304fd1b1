/* Names: a zone that the scenario writes, and answers that take their time. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"

#define ANSWER_MAX 16

struct entry {
	struct list link;
	char name[128], target[128], service[32];
	struct io_record record;
	int err; /* of a name that fails */
	unsigned after_ms;
};

static struct entry *entry_new(struct sim *s, const char *name)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	str_to_c(str_c(name), e->name, sizeof(e->name));
	e->record.ttl_s = 60;
	list_init(&e->link);
	list_append(&s->zone, &e->link);
	return e;
}

void sim_zone_a(struct sim *s, const char *name, const char *ip)
{
	struct entry *e = entry_new(s, name);

	e->record.addr = sim_addr(ip, 0);
	e->record.type = e->record.addr.family == 6 ? IO_RR_AAAA : IO_RR_A;
}

void sim_zone_srv(struct sim *s, const char *name, unsigned priority, unsigned weight,
		  uint16_t port, const char *target)
{
	struct entry *e = entry_new(s, name);

	str_to_c(str_c(target), e->target, sizeof(e->target));
	e->record.type = IO_RR_SRV;
	e->record.priority = (uint16_t)priority;
	e->record.weight = (uint16_t)weight;
	e->record.port = port;
	e->record.target = str_c(e->target);
}

void sim_zone_naptr(struct sim *s, const char *name, unsigned order, const char *service,
		    const char *replacement)
{
	struct entry *e = entry_new(s, name);

	str_to_c(str_c(replacement), e->target, sizeof(e->target));
	str_to_c(str_c(service), e->service, sizeof(e->service));
	e->record.type = IO_RR_NAPTR;
	e->record.priority = (uint16_t)order;
	e->record.weight = 10;
	e->record.target = str_c(e->target);
	e->record.service = str_c(e->service);
	e->record.flags = STR("s");
}

void sim_zone_fail(struct sim *s, const char *name, int err, unsigned ms)
{
	struct entry *e = entry_new(s, name);

	e->err = err;
	e->after_ms = ms;
}

void sim_zone_free(struct sim *s)
{
	LIST_EACH (l, &s->zone)
		free(container_of(l, struct entry, link));
}

static struct entry *failing(struct sim *s, struct str name)
{
	LIST_EACH (l, &s->zone) {
		struct entry *e = container_of(l, struct entry, link);

		if (e->err && str_ieq(str_c(e->name), name))
			return e;
	}
	return NULL;
}

static void answer(struct sim *s, struct io_query *q)
{
	struct io_record records[ANSWER_MAX];
	struct entry *bad = failing(s, q->name);
	size_t n = 0;

	LIST_EACH (l, &s->zone) {
		struct entry *e = container_of(l, struct entry, link);

		if (!e->err && n < ANSWER_MAX && e->record.type == q->type &&
		    str_ieq(str_c(e->name), q->name))
			records[n++] = e->record;
	}
	sim_note(s, "name %.*s type %d: %zu", (int)q->name.n, q->name.p, (int)q->type, n);
	if (bad)
		q->done(q->ctx, bad->err, NULL, 0);
	else
		q->done(q->ctx, n ? 0 : -ENOENT, records, n);
}

struct asked {
	struct sim_event event;
	struct list link; /* worker.queries */
	struct io_query *query; /* NULL: cancelled */
};

static void run_asked(struct sim_event *e, bool alive)
{
	struct asked *a = container_of(e, struct asked, event);

	if (alive) {
		list_unlink(&a->link);
		if (a->query)
			answer(e->to->node->sim, a->query);
	}
	free(a);
}

void sim_resolve(struct sim_worker *w, struct io_query *q)
{
	struct sim *s = w->node->sim;
	struct entry *bad = failing(s, q->name);
	struct asked *a;

	if (!w->node->up)
		return;
	a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	a->event.run = run_asked;
	a->query = q;
	list_init(&a->link);
	list_append(&w->queries, &a->link);
	sim_at(s, &a->event, w, bad ? bad->after_ms * 1000ull + 1 : 500 + sim_below(s, 3000));
}

void sim_resolve_cancel(struct sim_worker *w, struct io_query *q)
{
	LIST_EACH (l, &w->queries) {
		struct asked *a = container_of(l, struct asked, link);

		if (a->query == q)
			a->query = NULL;
	}
}
