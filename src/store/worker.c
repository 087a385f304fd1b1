#include "store/worker.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "store/journal_format.h"
#include "store/store.h"
#include "store/writer.h"

static void batch_reset(struct store_batch *b)
{
	buf_reset(&b->frames);
	b->records = 0;
	b->refused_err = b->err = 0;
	b->sealed = false;
}

static void batch_init(struct store_batch *b)
{
	b->frames = buf_heap(STORE_BATCH_BYTES);
	list_init(&b->appends);
	list_init(&b->refused);
	batch_reset(b);
}

static void list_drop(struct list *head)
{
	while (!list_empty(head))
		list_unlink(head->next);
}

int store_worker_new(struct writer *writer, unsigned worker, void (*wake)(void *ctx), void *ctx,
		     struct store_worker **ret)
{
	struct store_worker *w = xzalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->writer = writer;
	w->worker = worker;
	w->wake = wake;
	w->wake_ctx = ctx;
	w->journal = (struct journal){.seg = {{.fd = -1}, {.fd = -1}}};
	for (size_t i = 0; i < STORE_BATCHES; i++) {
		batch_init(&w->batches[i]);
		w->spare[w->spare_n++] = &w->batches[i];
	}
	w->open = w->spare[--w->spare_n];
	*ret = w;
	return 0;
}

void store_worker_free(struct store_worker **worker)
{
	struct store_worker *w = *worker;

	*worker = NULL;
	if (!w)
		return;
	for (size_t i = 0; i < STORE_BATCHES; i++) {
		list_drop(&w->batches[i].appends);
		list_drop(&w->batches[i].refused);
		buf_free(&w->batches[i].frames);
	}
	journal_fini(&w->journal);
	xfree(w);
}

static bool batch_is_empty(const struct store_batch *b)
{
	return b->frames.n == 0 && list_empty(&b->refused);
}

/* The next batch is there only when another has come back. */
static bool submit(struct store_worker *w)
{
	bool pushed;

	if (w->spare_n == 0)
		return false;
	pushed = ring_push(&w->submitted, w->open);
	assert(pushed); /* it has more slots than there are batches */
	(void)pushed;
	w->open = w->spare[--w->spare_n];
	return true;
}

static int batch_put(struct store_batch *b, struct str record)
{
	size_t size;
	char *room;

	if (record.n == 0 || record.n > JOURNAL_RECORD_MAX)
		return -EMSGSIZE;
	size = journal_frame_size(record.n);
	if (size > STORE_BATCH_BYTES - b->frames.n)
		return -ENOBUFS;
	room = buf_room(&b->frames, size);
	if (!room) {
		b->frames.failed = false;
		return -ENOMEM;
	}
	journal_frame_put(room, record);
	b->frames.n += size;
	return 0;
}

void store_append(struct store_worker *w, struct str record, struct io_append *a)
{
	int err;

	if (w->open->sealed || w->open->frames.n + journal_frame_size(record.n) > STORE_BATCH_BYTES)
		if (submit(w))
			writer_kick(w->writer);
	w->open->records++;
	err = w->open->sealed ? -ENOBUFS : batch_put(w->open, record);
	if (!err) {
		list_append(&w->open->appends, &a->link);
		return;
	}
	/* Told when its turn comes, like the others. */
	if (!w->open->sealed)
		w->open->refused_err = err;
	w->open->sealed = true;
	list_append(&w->open->refused, &a->link);
}

void store_append_cancel(struct store_worker *w, struct io_append *a)
{
	list_unlink(&a->link);
}

void store_flush(struct store_worker *w)
{
	size_t out = STORE_BATCHES - 1 - w->spare_n;

	if (batch_is_empty(w->open))
		return;
	/* The writer is busy: let this one grow meanwhile, so that a slow disk
	 * meets few large batches.  store_complete() is followed by a flush. */
	if (out >= 2 && w->open->frames.n < STORE_GATHER_BYTES && !w->open->sealed)
		return;
	if (submit(w))
		writer_kick(w->writer);
}

static void finish(struct list *appends, int err)
{
	while (!list_empty(appends)) {
		struct io_append *a = container_of(appends->next, struct io_append, link);

		list_unlink(&a->link);
		a->done(a->ctx, err);
	}
}

void store_complete(struct store_worker *w)
{
	struct store_batch *b;

	while ((b = ring_pop(&w->completed))) {
		finish(&b->appends, b->err);
		finish(&b->refused, b->refused_err);
		batch_reset(b);
		w->spare[w->spare_n++] = b;
	}
}
