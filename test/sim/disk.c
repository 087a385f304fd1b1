/* The disk beneath a worker: frames of store/journal_format.h in a file image that outlives the
 * process, late, failing, or cut in the middle of a write. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"
#include "store/journal_format.h"

struct pending {
	struct sim_event event;
	struct list link; /* disk.pending */
	struct sim_worker *w;
	struct io_append *append; /* NULL: nobody waits for it */
	size_t n;
	char record[];
};

static void begin_file(struct sim_disk *d, unsigned worker)
{
	struct journal_head h = {JOURNAL_VERSION, worker, d->epoch};
	char head[JOURNAL_HEAD_BYTES];

	journal_head_put(&h, head);
	buf_put(&d->image, head, sizeof(head));
}

/* The process is killed in the middle of this write. */
static bool is_cut(struct sim_worker *w, struct str record)
{
	struct sim_disk *d = &w->disk;

	journal_append(&d->image, d->epoch, record);
	if (!d->cut_at || d->image.n < d->cut_at)
		return false;
	d->image.n = d->cut_at;
	d->cut_at = 0;
	return true;
}

static void run_pending(struct sim_event *e, bool alive)
{
	struct pending *p = container_of(e, struct pending, event);
	struct sim_worker *w = e->to;
	struct sim_disk *d = &w->disk;
	struct io_append *a = p->append;
	int err = 0;

	if (!alive) {
		free(p);
		return;
	}
	list_unlink(&p->link);
	if (d->fail_n) {
		d->fail_n--;
		err = d->fail_err;
	} else if (is_cut(w, str_of(p->record, p->n))) {
		struct sim_node *n = w->node;

		free(p);
		sim_kill(n, false);
		if (n->on_killed)
			n->on_killed(n->killed_ctx);
		return;
	} else {
		d->appended++;
	}
	free(p);
	if (a)
		a->done(a->ctx, err);
}

void sim_disk_append(struct sim_worker *w, struct str record, struct io_append *a)
{
	struct sim *s = w->node->sim;
	struct sim_disk *d = &w->disk;
	struct pending *p;

	if (!w->node->up)
		return;
	if (d->image.n == 0)
		begin_file(d, w->io.worker);
	p = malloc(sizeof(*p) + record.n);
	if (!p)
		abort();
	memset(p, 0, sizeof(*p));
	p->event.run = run_pending;
	p->w = w;
	p->append = a;
	p->n = record.n;
	memcpy(p->record, record.p, record.n);
	list_init(&p->link);
	list_append(&d->pending, &p->link);
	if (d->free_us < s->now_us)
		d->free_us = s->now_us;
	d->free_us += 100 + d->delay_ms * 1000ull;
	sim_at(s, &p->event, w, d->free_us - s->now_us);
}

void sim_disk_cancel(struct sim_worker *w, struct io_append *a)
{
	LIST_EACH (l, &w->disk.pending) {
		struct pending *p = container_of(l, struct pending, link);

		if (p->append == a)
			p->append = NULL;
	}
}

/* What was on its way is lost, but for a part that the kernel had already taken: a whole number of
 * records, or some bytes of the next. */
void sim_disk_killed(struct sim_worker *w)
{
	struct sim_disk *d = &w->disk;
	struct sim *s = w->node->sim;

	LIST_EACH (l, &d->pending) {
		struct pending *p = container_of(l, struct pending, link);
		size_t before = d->image.n;

		list_unlink(l);
		if (!sim_chance(s, 500))
			break;
		journal_append(&d->image, d->epoch, str_of(p->record, p->n));
		if (sim_chance(s, 300)) {
			d->image.n = before + sim_below(s, d->image.n - before);
			break;
		}
	}
	list_init(&d->pending);
}
