#include "store/journal.h"

#include <errno.h>

#include "base/alloc.h"

static int segment_named(struct journal *j, unsigned i, const char *db_path, unsigned worker,
			 uint64_t epoch)
{
	struct buf path = buf_heap(8192);
	uint64_t step = j->conf.switch_bytes / 4;
	int err;

	if (step > 4u << 20)
		step = 4u << 20;
	step = (step + 4095) & ~(uint64_t)4095;
	buf_fmt(&path, "%s.journal.%u.%c", db_path, worker, 'a' + (int)i);
	buf_c(&path);
	err = path.failed ? -ENOMEM
			  : segment_create(&j->seg[i], j->conf.disk, path.p, worker, epoch,
					   step ? step : 4096, j->conf.switch_bytes + step);
	buf_free(&path);
	return err;
}

int journal_init(struct journal *j, const struct journal_conf *conf, const char *db_path,
		 unsigned worker, uint64_t epoch)
{
	int err;

	*j = (struct journal){.conf = *conf, .seg = {{.fd = -1}, {.fd = -1}}};
	err = segment_named(j, 0, db_path, worker, epoch);
	if (!err)
		err = segment_named(j, 1, db_path, worker, epoch ^ 1ull << 63);
	j->active = &j->seg[0];
	atomic_store(&j->active->state, SEGMENT_ACTIVE);
	return err;
}

void journal_fini(struct journal *j)
{
	segment_fini(&j->seg[0]);
	segment_fini(&j->seg[1]);
}

bool journal_is_empty(const struct journal *j)
{
	return segment_is_empty(j->active);
}

static bool turn_is_due(struct journal *j, uint64_t now_ms)
{
	if (segment_is_empty(j->active))
		return false;
	if (atomic_exchange(&j->active->sync_failed, false))
		return true;
	return j->active->end > j->conf.switch_bytes || now_ms >= j->written_ms + j->conf.idle_ms;
}

void journal_turn(struct journal *j, uint64_t now_ms)
{
	struct segment *full = j->active;
	struct segment *next = full == &j->seg[0] ? &j->seg[1] : &j->seg[0];

	if (atomic_load(&next->state) != SEGMENT_FREE || !turn_is_due(j, now_ms))
		return;
	if (j->conf.sync && segment_sync(full))
		return;
	atomic_store(&next->state, SEGMENT_ACTIVE);
	j->active = next;
	atomic_store(&full->state, SEGMENT_FULL);
	j->conf.on_full(j->conf.ctx, full);
}

static void say(struct journal *j, int err)
{
	if (err && !j->failing)
		log_error(j->conf.log, "journal refuses records file=%s error=\"%s\"",
			  j->active->path, disk_error(err));
	if (!err && j->failing)
		log_warn(j->conf.log, "journal takes records again file=%s", j->active->path);
	j->failing = err != 0;
}

int journal_write(struct journal *j, char *frames, size_t n, uint64_t now_ms)
{
	int err = -ENOBUFS;

	if (j->active->end + n <= j->conf.max_bytes)
		err = segment_append(j->active, frames, n);
	if (!err)
		j->written_ms = now_ms;
	say(j, err);
	return err;
}
