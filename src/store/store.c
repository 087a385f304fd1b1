#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/fold.h"
#include "store/leftover.h"
#include "store/load.h"
#include "store/lock.h"
#include "store/watch.h"
#include "store/writer.h"

struct store {
	struct store_conf conf;
	struct str path; /* owned; conf.path points here */
	const struct log *log;
	int lock; /* descriptor */
	struct store_db *db; /* the opener's thread's */
	struct list leftovers; /* fold_file, until store_load() */
	uint64_t seq_max;
	uint64_t epoch; /* of the next journal */
	struct writer writer;
	struct folder folder;
	struct watch watch;
	struct store_worker *workers[STORE_WORKERS_MAX];
};

static void defaults(struct store_conf *c)
{
	if (!c->segment_bytes)
		c->segment_bytes = 64u << 20;
	if (!c->segment_max_bytes)
		c->segment_max_bytes = c->segment_bytes * 4;
	if (!c->idle_ms)
		c->idle_ms = 2000;
	if (!c->users_poll_ms)
		c->users_poll_ms = 300;
	if (!c->disk)
		c->disk = &disk_system;
}

static int store_new(const struct store_conf *conf, const struct log *log, struct store **ret)
{
	struct store *s = xzalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->conf = *conf;
	s->log = log;
	s->lock = -1;
	s->writer.event = -1;
	defaults(&s->conf);
	list_init(&s->leftovers);
	thread_init(&s->writer.syncer);
	folder_init(&s->folder, log);
	watch_init(&s->watch, log, s->conf.users_poll_ms);
	if (str_dup(str_c(conf->path), &s->path)) {
		store_close(&s);
		return -ENOMEM;
	}
	s->conf.path = s->path.p;
	*ret = s;
	return 0;
}

static void warn_of_readers(struct store *s)
{
	struct stat st;

	if (!stat(s->conf.path, &st) && (st.st_mode & 077))
		log_warn(s->log, "database can be read by others file=%s mode=%04o", s->conf.path,
			 (unsigned)(st.st_mode & 07777));
}

static int open_folder(struct store *s, char *err, size_t err_size)
{
	struct store_db *db;
	int r = store_db_open(s->conf.path, false, err, err_size, &db);

	return r ? r : folder_start(&s->folder, db);
}

static unsigned tick_ms(const struct store_conf *c)
{
	return c->idle_ms < 2000 ? c->idle_ms / 4 + 1 : 500;
}

static int open_all(struct store *s, char *err, size_t err_size)
{
	int r;

	s->lock = lock_take(s->conf.path, err, err_size);
	if (s->lock < 0)
		return s->lock;
	r = store_db_open(s->conf.path, true, err, err_size, &s->db);
	if (r)
		return r;
	warn_of_readers(s);
	if (getrandom(&s->epoch, sizeof(s->epoch), 0) != sizeof(s->epoch))
		return -EIO;
	r = leftover_collect(s->conf.path, &s->leftovers);
	if (!r)
		r = open_folder(s, err, err_size);
	return r ? r : writer_start(&s->writer, s->conf.sync, tick_ms(&s->conf), s->log);
}

int store_open(const struct store_conf *conf, const struct log *log, char *err, size_t err_size,
	       struct store **ret)
{
	struct buf text = buf_over(err, err_size);
	struct store *s = NULL;
	int r = store_new(conf, log, &s);

	err[0] = '\0';
	if (!r)
		r = open_all(s, err, err_size);
	if (!r) {
		*ret = s;
		return 0;
	}
	if (!err[0]) {
		buf_fmt(&text, "can't open the database %s: %s", conf->path, disk_error(r));
		buf_c(&text);
	}
	store_close(&s);
	return r;
}

static void give_back_segment(struct store *s, struct segment *seg)
{
	int state = atomic_load(&seg->state);

	if (seg->fd >= 0 && state == SEGMENT_ACTIVE && !segment_is_empty(seg))
		folder_add(&s->folder, seg);
}

static void remove_if_empty(struct segment *seg)
{
	if (seg->fd >= 0 && segment_is_empty(seg))
		unlink(seg->path);
}

/* A journal that can't be folded now stays: the next start reads it. */
static void fold_the_rest(struct store *s)
{
	if (!s->folder.put)
		return;
	for (size_t i = 0; i < STORE_WORKERS_MAX; i++)
		for (size_t k = 0; s->workers[i] && k < 2; k++)
			give_back_segment(s, &s->workers[i]->journal.seg[k]);
	folder_add_files(&s->folder, &s->leftovers);
	folder_drain(&s->folder);
	for (size_t i = 0; i < STORE_WORKERS_MAX; i++)
		for (size_t k = 0; s->workers[i] && k < 2; k++)
			remove_if_empty(&s->workers[i]->journal.seg[k]);
}

void store_close(struct store **store)
{
	struct store *s = *store;

	*store = NULL;
	if (!s)
		return;
	watch_fini(&s->watch);
	writer_stop(&s->writer);
	folder_stop(&s->folder);
	fold_the_rest(s);
	writer_fini(&s->writer);
	for (size_t i = 0; i < STORE_WORKERS_MAX; i++)
		store_worker_free(&s->workers[i]);
	folder_fini(&s->folder);
	LIST_EACH (l, &s->leftovers) {
		list_unlink(l);
		fold_file_free(container_of(l, struct fold_file, link));
	}
	store_db_close(&s->db);
	if (s->lock >= 0)
		close(s->lock);
	str_free(&s->path);
	xfree(s);
}

static int load(struct store *s, struct loader *l,
		void (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	int err = 0;

	LIST_EACH (n, &s->leftovers) {
		const char *path = container_of(n, struct fold_file, link)->path;

		err = loader_journal(l, path);
		if (err) {
			log_error(s->log, "journal can't be read file=%s error=\"%s\"", path,
				  disk_error(err));
			return err;
		}
	}
	err = loader_run(l, s->db, thread_wall_ms(), on, ctx, &s->seq_max);
	if (err)
		log_error(s->log, "database can't be read file=%s error=\"%s\" sqlite=\"%s\"",
			  s->conf.path, disk_error(err), store_db_error(s->db));
	return err;
}

int store_load(struct store *s, void (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	struct loader *l;
	int err = loader_new(s->log, &l);

	if (err)
		return err;
	err = load(s, l, on, ctx);
	loader_free(&l);
	if (!err)
		folder_add_files(&s->folder, &s->leftovers);
	return err;
}

uint64_t store_seq_max(const struct store *s)
{
	return s->seq_max;
}

static int secret_read(struct store *s, const char *name, void *ret, size_t n)
{
	sqlite3_stmt *q;
	int r = db_prepare(s->db, "SELECT value FROM secret WHERE name = ?1", &q);

	if (r)
		return r;
	db_bind(q, 1, str_c(name));
	r = db_step(q);
	if (r == 1) {
		struct str v = db_blob(q, 0);

		if (v.n == n)
			memcpy(ret, v.p, n);
		r = v.n == n ? 0 : -EMSGSIZE;
	} else if (r == 0) {
		r = -ENOENT;
	}
	sqlite3_finalize(q);
	return r;
}

static int secret_make(struct store *s, const char *name, size_t n)
{
	char value[256];
	sqlite3_stmt *q;
	int err;

	if (getrandom(value, n, 0) != (ssize_t)n)
		return -EIO;
	err = db_prepare(s->db, "INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)", &q);
	if (err)
		return err;
	db_bind(q, 1, str_c(name));
	db_bind_blob(q, 2, str_of(value, n));
	err = db_run(q);
	sqlite3_finalize(q);
	explicit_bzero(value, sizeof(value));
	return err;
}

int store_secret(struct store *s, const char *name, void *ret, size_t n)
{
	int err;

	assert(n > 0 && n <= 256);
	err = secret_read(s, name, ret, n);
	if (err != -ENOENT)
		return err;
	err = secret_make(s, name, n);
	return err ? err : secret_read(s, name, ret, n);
}

int store_users_watch(struct store *s, void (*on_users)(void *ctx, struct users *u), void *ctx)
{
	char text[512];
	struct store_db *db;
	int err = store_db_open(s->conf.path, false, text, sizeof(text), &db);

	if (err) {
		log_error(s->log, "users can't be read: %s", text);
		return err;
	}
	return watch_start(&s->watch, db, on_users, ctx);
}

static void on_full(void *ctx, struct segment *seg)
{
	folder_add(&((struct store *)ctx)->folder, seg);
}

static int open_journal(struct store *s, struct store_worker *w)
{
	struct journal_conf conf = {
		.disk = s->conf.disk,
		.log = s->log,
		.switch_bytes = s->conf.segment_bytes,
		.max_bytes = s->conf.segment_max_bytes,
		.idle_ms = s->conf.idle_ms,
		.sync = s->conf.sync,
		.on_full = on_full,
		.ctx = s,
	};
	int err = journal_init(&w->journal, &conf, s->conf.path, w->worker, s->epoch + w->worker);

	if (!err)
		disk_sync_folder(s->conf.path);
	return err;
}

int store_attach(struct store *s, unsigned worker, void (*wake)(void *ctx), void *ctx,
		 struct store_worker **ret)
{
	struct store_worker *w;
	int err;

	assert(worker < STORE_WORKERS_MAX && !s->workers[worker]);
	err = store_worker_new(&s->writer, worker, wake, ctx, &w);
	if (err)
		return err;
	err = open_journal(s, w);
	if (err) {
		log_error(s->log, "journal can't be made worker=%u error=\"%s\"", worker,
			  disk_error(err));
		store_worker_free(&w);
		return err;
	}
	s->workers[worker] = w;
	writer_add(&s->writer, w);
	*ret = w;
	return 0;
}
