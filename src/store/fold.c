#include "store/fold.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "store/journal_format.h"
#include "store/load.h"
#include "store/record.h"

enum {
	ROWS_A_COMMIT = 512,
	PURGE_ROWS = 2000, /* looked at in a tick */
	PURGE_GRACE_MS = 3600 * 1000, /* a wall clock may err */
	TICK_MS = 1000,
};

/* The newest record of each key of a journal; texts point into its image. */
struct rows {
	struct store_record *r;
	size_t n, cap;
	uint32_t *slots; /* 2 * cap, open addressing: index in r + 1 */
};

static uint32_t *rows_slot(const struct rows *rows, struct str key)
{
	static const struct hash_seed seed = {1, 2}; /* the same host wrote the keys */
	size_t mask = 2 * rows->cap - 1, at = hash_str(&seed, key) & mask;

	while (rows->slots[at] && !str_eq(rows->r[rows->slots[at] - 1].key, key))
		at = (at + 1) & mask;
	return &rows->slots[at];
}

static int rows_grow(struct rows *rows)
{
	size_t cap = rows->cap ? rows->cap * 2 : 1024;
	struct store_record *r = xrealloc(rows->r, cap * sizeof(*r));
	uint32_t *slots = r ? xcalloc(2 * cap, sizeof(*slots)) : NULL;

	if (r)
		rows->r = r;
	if (!slots)
		return -ENOMEM;
	xfree(rows->slots);
	rows->slots = slots;
	rows->cap = cap;
	for (size_t i = 0; i < rows->n; i++)
		*rows_slot(rows, rows->r[i].key) = (uint32_t)i + 1;
	return 0;
}

static void rows_fini(struct rows *rows)
{
	xfree(rows->r);
	xfree(rows->slots);
}

/* On a tie what stands later in the journal counts. */
static int on_record(void *ctx, const struct store_record *r)
{
	struct rows *rows = ctx;
	uint32_t *slot;
	int err = rows->n == rows->cap ? rows_grow(rows) : 0;

	if (err)
		return err;
	slot = rows_slot(rows, r->key);
	if (*slot) {
		if (r->seq >= rows->r[*slot - 1].seq)
			rows->r[*slot - 1] = *r;
		return 0;
	}
	rows->r[rows->n++] = *r;
	*slot = (uint32_t)rows->n;
	return 0;
}

static int row_order(const void *a, const void *b)
{
	const struct store_record *x = a, *y = b;

	return str_cmp(x->key, y->key);
}

/* In the order of keys, neighbours share pages. */
static void rows_settle(struct rows *rows)
{
	if (rows->n)
		qsort(rows->r, rows->n, sizeof(*rows->r), row_order);
}

static int row_put(struct folder *f, const struct store_record *r)
{
	db_bind(f->put, 1, r->key);
	db_bind_u64(f->put, 2, r->seq);
	db_bind_u64(f->put, 3, r->expires_ms);
	db_bind_blob(f->put, 4, r->payload);
	return db_run(f->put);
}

static int rows_commit(struct folder *f, const struct store_record *r, size_t n)
{
	int err = db_begin(f->db);

	if (err)
		return err;
	for (size_t i = 0; !err && i < n; i++)
		err = row_put(f, &r[i]);
	return db_end(f->db, err);
}

/* Others who write (a user is added, say) get their turn between commits. */
static void give_way(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static int rows_fold(struct folder *f, const struct rows *rows)
{
	int err = 0;

	for (size_t i = 0; !err && i < rows->n; i += ROWS_A_COMMIT) {
		size_t left = rows->n - i;

		if (i > 0 && f->thread.running)
			give_way();
		err = rows_commit(f, rows->r + i, left < ROWS_A_COMMIT ? left : ROWS_A_COMMIT);
	}
	return err;
}

/* damage: where it is told, or NULL. */
static int image_fold(struct folder *f, struct str image, const char *path,
		      const struct log *damage)
{
	struct rows rows = {0};
	int err = load_image(image, path, damage, on_record, &rows);

	if (!err) {
		rows_settle(&rows);
		err = rows_fold(f, &rows);
	}
	if (!err)
		log_debug(f->log, "journal folded file=%s rows=%zu", path, rows.n);
	rows_fini(&rows);
	return err;
}

static int segment_fold(struct folder *f, struct segment *s)
{
	struct str image;
	int err = segment_map(s, &image);

	if (err)
		return err;
	err = image_fold(f, image, s->path, f->log);
	segment_unmap(image);
	/* Durable in the database before it is forgotten here. */
	return err ? err : segment_reuse(s);
}

/* Keeps what can't be read for the operator to look at, but out of the way. */
static int file_put_aside(struct folder *f, const char *path)
{
	struct buf to = buf_heap(8192);
	int err = 0;

	buf_fmt(&to, "%s.bad", path);
	buf_c(&to);
	if (to.failed || rename(path, to.p))
		err = to.failed ? -ENOMEM : -errno;
	if (!err)
		log_error(f->log, "journal can't be read and was put aside file=%s", to.p);
	buf_free(&to);
	return err;
}

static int file_fold(struct folder *f, const char *path)
{
	struct buf image = buf_heap(LOAD_IMAGE_MAX);
	int err = disk_read_file(path, LOAD_IMAGE_MAX, &image);
	bool bad = false;

	if (!err) {
		bad = !load_readable(buf_str(&image));
		/* store_load() has told already what is damaged in it. */
		err = bad ? file_put_aside(f, path)
			  : image_fold(f, buf_str(&image), path, NULL);
	}
	buf_free(&image);
	if (!err && !bad && unlink(path))
		err = -errno;
	return err == -ENOENT ? 0 : err;
}

static struct list *queue_first(struct folder *f, struct list *queue)
{
	struct list *l;

	pthread_mutex_lock(&f->thread.lock);
	l = list_first(queue);
	pthread_mutex_unlock(&f->thread.lock);
	return l;
}

static void queue_drop(struct folder *f, struct list *l)
{
	pthread_mutex_lock(&f->thread.lock);
	list_unlink(l);
	pthread_mutex_unlock(&f->thread.lock);
}

static int fold_next_file(struct folder *f, struct list *l)
{
	struct fold_file *file = container_of(l, struct fold_file, link);
	int err = file_fold(f, file->path);

	if (!err) {
		queue_drop(f, l);
		fold_file_free(file);
	}
	return err;
}

static int fold_next_segment(struct folder *f, struct list *l)
{
	struct segment *s = container_of(l, struct segment, link);
	int err = segment_fold(f, s);

	if (!err) {
		queue_drop(f, l);
		atomic_store(&s->state, SEGMENT_FREE); /* the writer's again */
	}
	return err;
}

static void say(struct folder *f, int err)
{
	if (err && !f->failing)
		log_error(f->log,
			  "journals can't be folded into the database error=\"%s\" sqlite=\"%s\"",
			  disk_error(err), store_db_error(f->db));
	if (!err && f->failing)
		log_warn(f->log, "journals are folded again");
	f->failing = err != 0;
}

static int fold_all(struct folder *f)
{
	struct list *l;
	int err = 0;

	while (!err && !thread_stopping(&f->thread) && (l = queue_first(f, &f->segments)))
		err = fold_next_segment(f, l);
	while (!err && !thread_stopping(&f->thread) && (l = queue_first(f, &f->files)))
		err = fold_next_file(f, l);
	say(f, err);
	return err;
}

static int purge_bound(struct folder *f, struct buf *ret)
{
	int r;

	db_bind(f->purge_to, 1, buf_str(&f->purged_to));
	db_bind_u64(f->purge_to, 2, PURGE_ROWS);
	r = db_step(f->purge_to);
	if (r == 1)
		buf_puts(ret, db_text(f->purge_to, 0));
	sqlite3_reset(f->purge_to);
	return r < 0 ? r : 0;
}

/* Looks at the next rows in the order of keys; at the end starts anew. */
static void purge_some(struct folder *f)
{
	struct buf to = buf_heap(STORE_KEY_MAX + 1);
	uint64_t now = thread_wall_ms();

	if (!purge_bound(f, &to) && !to.failed) {
		db_bind(f->purge, 1, buf_str(&f->purged_to));
		if (to.n)
			db_bind(f->purge, 2, buf_str(&to));
		else
			db_bind_blob(f->purge, 2, STR("")); /* a blob is above every text */
		db_bind_u64(f->purge, 3, now > PURGE_GRACE_MS ? now - PURGE_GRACE_MS : 0);
		db_run(f->purge);
	}
	buf_free(&f->purged_to);
	f->purged_to = to;
}

/* While journals of an earlier run are left, what says "nothing is bound" must
 * stand against older records in them. */
static bool purge_is_due(struct folder *f)
{
	bool due;

	pthread_mutex_lock(&f->thread.lock);
	due = f->may_purge && list_empty(&f->files);
	pthread_mutex_unlock(&f->thread.lock);
	return due;
}

static void *folder_run(void *ctx)
{
	struct folder *f = ctx;

	while (thread_wait(&f->thread, TICK_MS)) {
		fold_all(f);
		if (purge_is_due(f))
			purge_some(f);
	}
	return NULL;
}

void folder_init(struct folder *f, const struct log *log)
{
	*f = (struct folder){.log = log, .purged_to = buf_heap(STORE_KEY_MAX + 1)};
	thread_init(&f->thread);
	list_init(&f->segments);
	list_init(&f->files);
}

static int statements(struct folder *f)
{
	int err = db_prepare(f->db,
			     "INSERT INTO location (key, seq, expires_ms, payload)"
			     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE SET"
			     " seq = excluded.seq, expires_ms = excluded.expires_ms,"
			     " payload = excluded.payload WHERE excluded.seq >= location.seq",
			     &f->put);

	if (!err)
		err = db_prepare(f->db,
				 "SELECT key FROM location WHERE key > ?1"
				 " ORDER BY key LIMIT 1 OFFSET ?2",
				 &f->purge_to);
	if (!err)
		err = db_prepare(f->db,
				 "DELETE FROM location WHERE key > ?1 AND key <= ?2"
				 " AND expires_ms <= ?3",
				 &f->purge);
	return err;
}

int folder_start(struct folder *f, struct store_db *db)
{
	int err;

	f->db = db;
	err = statements(f);
	return err ? err : thread_start(&f->thread, "store-fold", folder_run, f);
}

void folder_add(struct folder *f, struct segment *s)
{
	pthread_mutex_lock(&f->thread.lock);
	list_append(&f->segments, &s->link);
	pthread_mutex_unlock(&f->thread.lock);
	thread_kick(&f->thread);
}

void folder_add_files(struct folder *f, struct list *files)
{
	pthread_mutex_lock(&f->thread.lock);
	LIST_EACH (l, files) {
		list_unlink(l);
		list_append(&f->files, l);
	}
	f->may_purge = true;
	pthread_mutex_unlock(&f->thread.lock);
	thread_kick(&f->thread);
}

void folder_stop(struct folder *f)
{
	thread_stop(&f->thread);
	f->thread.stop = false;
}

int folder_drain(struct folder *f)
{
	return fold_all(f);
}

void fold_file_free(struct fold_file *f)
{
	if (f)
		xfree(f->path);
	xfree(f);
}

void folder_fini(struct folder *f)
{
	LIST_EACH (l, &f->files) {
		list_unlink(l);
		fold_file_free(container_of(l, struct fold_file, link));
	}
	sqlite3_finalize(f->put);
	sqlite3_finalize(f->purge_to);
	sqlite3_finalize(f->purge);
	f->put = f->purge_to = f->purge = NULL;
	store_db_close(&f->db);
	buf_free(&f->purged_to);
	thread_fini(&f->thread);
}
