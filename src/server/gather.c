#include "server/gather.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/alloc.h"

struct errand {
	struct loop_call call;
	struct gather *gather;
	unsigned worker;
};

struct gather {
	struct gather_conf conf;
	struct list link;
	struct loop_call back;
	_Atomic unsigned left;
	struct errand *errands;
	char *parts;
};

static void gather_free(struct gather *g)
{
	xfree(g->errands);
	xfree(g->parts);
	xfree(g);
}

void *gather_part(struct gather *g, unsigned worker)
{
	return g->parts + worker * g->conf.part_bytes;
}

static void on_back(void *ctx)
{
	struct gather *g = ctx;

	list_unlink(&g->link);
	g->conf.done(g->conf.ctx, g);
	gather_free(g);
}

/* On a worker. */
static void on_errand(void *ctx)
{
	struct errand *e = ctx;
	struct gather *g = e->gather;

	g->conf.ask(g->conf.workers[e->worker], gather_part(g, e->worker));
	if (atomic_fetch_sub(&g->left, 1) == 1)
		loop_post(g->conf.main, &g->back);
}

int gather_start(const struct gather_conf *conf)
{
	struct gather *g = xzalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->conf = *conf;
	g->errands = xcalloc(conf->n_workers, sizeof(*g->errands));
	g->parts = xcalloc(conf->n_workers, conf->part_bytes);
	if (!g->errands || !g->parts) {
		gather_free(g);
		return -ENOMEM;
	}
	g->back = (struct loop_call){.fn = on_back, .ctx = g};
	atomic_init(&g->left, conf->n_workers);
	list_append(conf->all, &g->link);
	for (unsigned i = 0; i < conf->n_workers; i++) {
		struct errand *e = &g->errands[i];

		if (conf->part)
			memcpy(gather_part(g, i), conf->part, conf->part_bytes);
		e->gather = g;
		e->worker = i;
		e->call = (struct loop_call){.fn = on_errand, .ctx = e};
	}
	/* A worker may answer at once: nothing of g is touched after the last post. */
	for (unsigned i = 0, n = conf->n_workers; i < n; i++)
		loop_post(conf->workers[i]->loop, &g->errands[i].call);
	return 0;
}

void gather_drop_all(struct list *all)
{
	LIST_EACH (n, all) {
		struct gather *g = container_of(n, struct gather, link);

		list_unlink(&g->link);
		if (g->conf.drop)
			g->conf.drop(g->conf.ctx, g);
		gather_free(g);
	}
}
