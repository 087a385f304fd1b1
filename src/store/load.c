#include "store/load.h"

#include <errno.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/map.h"
#include "store/disk.h"
#include "store/journal_format.h"

bool load_readable(struct str image)
{
	struct journal_reader r;
	int err = journal_reader_init(&r, image);

	return !err || err == -ENODATA;
}

static int record_give(struct str bytes, const char *path, const struct log *log,
		       int (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	struct store_record r;

	if (store_record_get(bytes, &r))
		return on(ctx, &r);
	log_error(log, "journal holds a record of another kind file=%s bytes=%zu", path, bytes.n);
	return 0;
}

/* What was being written when the power went was not acknowledged. */
static int say_torn(const struct journal_reader *r, const char *path, const struct log *log)
{
	if (r->torn)
		log_warn(log, "journal ends in a record that is not whole file=%s at=%zu", path,
			 r->at);
	return 0;
}

int load_image(struct str image, const char *path, const struct log *log,
	       int (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	struct journal_reader r;
	struct str bytes;
	int next, err = journal_reader_init(&r, image);

	if (err)
		return err == -ENODATA ? 0 : err;
	for (;;) {
		size_t at = r.at;

		next = journal_next(&r, &bytes);
		if (next == -EBADMSG)
			log_error(log, "journal is damaged file=%s at=%zu to=%zu", path, at, r.at);
		else if (next != 1)
			return say_torn(&r, path, log);
		else if ((err = record_give(bytes, path, log, on, ctx)))
			return err;
	}
}

struct entry {
	struct map_node node;
	struct store_record r;
};

struct image {
	struct list link;
	struct buf bytes;
};

struct loader {
	const struct log *log;
	struct hash_seed seed;
	struct map map; /* entry: the newest record of a key in the journals */
	struct arena arena; /* the entries */
	struct list images; /* what they point into */
	uint64_t seq_max;
};

int loader_new(const struct log *log, struct loader **ret)
{
	struct loader *l = xzalloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	if (map_init(&l->map, 1024)) {
		xfree(l);
		return -ENOMEM;
	}
	l->log = log;
	/* Only against keys made to collide: with less entropy it still works. */
	(void)!getrandom(&l->seed, sizeof(l->seed), GRND_NONBLOCK);
	arena_init(&l->arena, NULL, 0, (size_t)1 << 34);
	list_init(&l->images);
	*ret = l;
	return 0;
}

void loader_free(struct loader **loader)
{
	struct loader *l = *loader;

	*loader = NULL;
	if (!l)
		return;
	LIST_EACH (n, &l->images) {
		struct image *i = container_of(n, struct image, link);

		list_unlink(n);
		buf_free(&i->bytes);
		xfree(i);
	}
	map_fini(&l->map);
	arena_fini(&l->arena);
	xfree(l);
}

static bool entry_has_key(const struct map_node *n, const void *key)
{
	return str_eq(container_of(n, struct entry, node)->r.key, *(const struct str *)key);
}

static struct entry *entry_find(struct loader *l, struct str key, uint64_t *ret_hash)
{
	struct map_node *n;

	*ret_hash = hash_str(&l->seed, key);
	n = map_find(&l->map, *ret_hash, entry_has_key, &key);
	return n ? container_of(n, struct entry, node) : NULL;
}

static void seq_seen(struct loader *l, uint64_t seq)
{
	if (l->seq_max < seq)
		l->seq_max = seq;
}

static int on_journal_record(void *ctx, const struct store_record *r)
{
	struct loader *l = ctx;
	uint64_t hash;
	struct entry *e = entry_find(l, r->key, &hash);

	seq_seen(l, r->seq);
	if (e) {
		if (r->seq >= e->r.seq)
			e->r = *r;
		return 0;
	}
	e = arena_alloc(&l->arena, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->r = *r;
	map_add(&l->map, &e->node, hash);
	return 0;
}

int loader_journal(struct loader *l, const char *path)
{
	struct image *i = xzalloc(sizeof(*i));
	int err;

	if (!i)
		return -ENOMEM;
	i->bytes = buf_heap(LOAD_IMAGE_MAX);
	list_init(&i->link);
	list_append(&l->images, &i->link);
	err = disk_read_file(path, LOAD_IMAGE_MAX, &i->bytes);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = load_image(buf_str(&i->bytes), path, l->log, on_journal_record, l);
	if (err == -EBADMSG) {
		log_error(l->log, "journal has no good header file=%s", path);
		err = 0;
	}
	return err;
}

static void give(const struct store_record *r, uint64_t now_ms,
		 void (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	if (!store_record_is_over(r, now_ms))
		on(ctx, r);
}

static bool journal_is_newer(struct loader *l, const struct store_record *row)
{
	uint64_t hash;
	struct entry *e = l->map.n ? entry_find(l, row->key, &hash) : NULL;

	return e && e->r.seq >= row->seq;
}

/* A row that is newer than what the journals say of its key. */
static void entry_forget(struct loader *l, struct str key)
{
	uint64_t hash;
	struct entry *e = l->map.n ? entry_find(l, key, &hash) : NULL;

	if (e)
		map_remove(&l->map, &e->node);
}

static int give_rows(struct loader *l, struct store_db *db, uint64_t now_ms,
		     void (*on)(void *ctx, const struct store_record *r), void *ctx)
{
	struct store_record row;
	sqlite3_stmt *s;
	int r = db_prepare(db, "SELECT key, seq, expires_ms, payload FROM location", &s);

	if (r)
		return r;
	while ((r = db_step(s)) == 1) {
		row.key = db_text(s, 0);
		row.seq = db_u64(s, 1);
		row.expires_ms = db_u64(s, 2);
		row.payload = db_blob(s, 3);
		seq_seen(l, row.seq);
		if (journal_is_newer(l, &row))
			continue;
		entry_forget(l, row.key);
		give(&row, now_ms, on, ctx);
	}
	sqlite3_finalize(s);
	return r;
}

int loader_run(struct loader *l, struct store_db *db, uint64_t now_ms,
	       void (*on)(void *ctx, const struct store_record *r), void *ctx,
	       uint64_t *ret_seq_max)
{
	int err = give_rows(l, db, now_ms, on, ctx);

	if (err)
		return err;
	for (struct map_node *n = map_next(&l->map, NULL); n; n = map_next(&l->map, n))
		give(&container_of(n, struct entry, node)->r, now_ms, on, ctx);
	*ret_seq_max = l->seq_max;
	return 0;
}
