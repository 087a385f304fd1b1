#include "store/watch.h"

#include <errno.h>
#include <sys/random.h>

#include "store/disk.h"

static int data_version(struct watch *w, uint64_t *ret)
{
	int r = db_step(w->data_version);

	if (r == 1)
		*ret = db_u64(w->data_version, 0);
	sqlite3_reset(w->data_version);
	return r == 0 ? -EBADMSG : r < 0 ? r : 0;
}

/* The version first: a change between the two is read twice, never missed. */
static int read_and_tell(struct watch *w)
{
	struct users *u;
	uint64_t version;
	int err = store_users_version(w->db, &version);

	if (err || version == w->seen_users)
		return err;
	err = store_users_read(w->db, &w->seed, &u);
	if (err)
		return err;
	w->seen_users = version;
	w->on_users(w->ctx, u);
	users_unref(&u);
	return 0;
}

static int look(struct watch *w)
{
	uint64_t now = 0;
	int err = data_version(w, &now);

	if (err || now == w->seen_data)
		return err;
	err = read_and_tell(w);
	if (!err)
		w->seen_data = now;
	return err;
}

static void *watch_run(void *ctx)
{
	struct watch *w = ctx;

	while (thread_wait(&w->thread, w->poll_ms)) {
		int err = look(w);

		if (err && !w->failing)
			log_error(w->log, "users can't be read error=\"%s\" sqlite=\"%s\"",
				  disk_error(err), store_db_error(w->db));
		w->failing = err != 0;
	}
	return NULL;
}

void watch_init(struct watch *w, const struct log *log, unsigned poll_ms)
{
	*w = (struct watch){.log = log, .poll_ms = poll_ms};
	thread_init(&w->thread);
}

int watch_start(struct watch *w, struct store_db *db, void (*on_users)(void *ctx, struct users *u),
		void *ctx)
{
	int err;

	w->db = db;
	w->on_users = on_users;
	w->ctx = ctx;
	if (getrandom(&w->seed, sizeof(w->seed), 0) != sizeof(w->seed))
		return -EIO;
	err = db_prepare(db, "PRAGMA data_version", &w->data_version);
	if (!err)
		err = look(w);
	return err ? err : thread_start(&w->thread, "store-users", watch_run, w);
}

void watch_fini(struct watch *w)
{
	thread_stop(&w->thread);
	sqlite3_finalize(w->data_version);
	w->data_version = NULL;
	store_db_close(&w->db);
	thread_fini(&w->thread);
}
