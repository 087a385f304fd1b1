/* test/unit/store/place.h - a folder of its own for each test's files, and a worker
 * with a loop of its own to drive a store from. */
#ifndef TSUWA_TEST_UNIT_STORE_PLACE_H
#define TSUWA_TEST_UNIT_STORE_PLACE_H

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "harness.h"
#include "store/store.h"

struct place {
	char folder[256];
	char db[300];
};

static inline void place_make(struct place *p)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(p->folder, sizeof(p->folder), "%s/tsuwa-store-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->db, sizeof(p->db), "%s/tsuwa.db", p->folder);
}

/* Files whose name holds word; removes them when asked to. */
static inline size_t place_files(const struct place *p, const char *word, bool remove_them)
{
	DIR *d = opendir(p->folder);
	struct dirent *e;
	char path[600];
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || !strstr(e->d_name, word))
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", p->folder, e->d_name);
		if (remove_them)
			unlink(path);
	}
	closedir(d);
	return n;
}

static inline void place_drop(struct place *p)
{
	place_files(p, "", true);
	rmdir(p->folder);
}

/* A worker: wake() rings its bell, rounds complete what is decided. */
struct desk {
	struct store_worker *w;
	int bell;
};

static inline void desk_wake(void *ctx)
{
	eventfd_write(((struct desk *)ctx)->bell, 1);
}

static inline void desk_open(struct desk *d, struct store *s, unsigned worker)
{
	d->bell = eventfd(0, EFD_CLOEXEC);
	assert_true(d->bell >= 0);
	assert_int_equal(store_attach(s, worker, desk_wake, d, &d->w), 0);
}

/* One round: waits for the bell. */
static inline void desk_round(struct desk *d)
{
	struct pollfd p = {.fd = d->bell, .events = POLLIN};
	eventfd_t n;

	store_flush(d->w);
	assert_int_equal(poll(&p, 1, 20000), 1);
	eventfd_read(d->bell, &n);
	store_complete(d->w);
}

/* An append whose outcome is kept. */
struct wish {
	struct io_append a;
	int err;
	bool done;
	unsigned turn; /* the how-manieth to be told */
	unsigned *turns;
};

static inline void wish_done(void *ctx, int err)
{
	struct wish *w = ctx;

	assert_false(w->done);
	w->done = true;
	w->err = err;
	if (w->turns)
		w->turn = ++*w->turns;
}

static inline void wish_put(struct wish *w, struct desk *d, const struct store_record *r)
{
	char room[4096];
	struct buf b = buf_over(room, sizeof(room));
	unsigned *turns = w->turns;

	*w = (struct wish){.a = {.done = wish_done, .ctx = w}, .turns = turns};
	store_record_put(&b, r);
	assert_false(b.failed);
	store_append(d->w, buf_str(&b), &w->a);
	assert_false(w->done); /* never from inside */
}

static inline int wish_wait(struct wish *w, struct desk *d)
{
	while (!w->done)
		desk_round(d);
	return w->err;
}

/* Appends and waits. */
static inline int desk_put(struct desk *d, const char *key, uint64_t seq, uint64_t expires_ms,
			   const char *payload)
{
	struct store_record r = {str_c(key), seq, expires_ms, str_c(payload)};
	struct wish w = {0};

	wish_put(&w, d, &r);
	return wish_wait(&w, d);
}

/* What a load gave, to look up by key. */
struct found {
	char key[64], payload[64];
	uint64_t seq;
};

struct harvest {
	struct found *f;
	size_t n, cap;
};

static inline void on_harvest(void *ctx, const struct store_record *r)
{
	struct harvest *h = ctx;

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->f = realloc(h->f, h->cap * sizeof(*h->f));
		assert_non_null(h->f);
	}
	str_to_c(r->key, h->f[h->n].key, sizeof(h->f[h->n].key));
	str_to_c(r->payload, h->f[h->n].payload, sizeof(h->f[h->n].payload));
	h->f[h->n++].seq = r->seq;
}

static inline const struct found *harvest_find(const struct harvest *h, const char *key)
{
	const struct found *f = NULL;

	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->f[i].key, key) == 0) {
			assert_null(f); /* each key is given once */
			f = &h->f[i];
		}
	return f;
}

static inline void harvest_drop(struct harvest *h)
{
	free(h->f);
	*h = (struct harvest){0};
}

static inline struct store *place_open(struct place *p, const struct store_conf *conf)
{
	struct store_conf c = conf ? *conf : (struct store_conf){0};
	struct store *s = NULL;
	char err[512];

	c.path = p->db;
	if (store_open(&c, NULL, err, sizeof(err), &s))
		fail_msg("%s", err);
	return s;
}

#define FAR ((uint64_t)4000000000000) /* an expiry that no test outlives */

#endif
