#include "store/user_db.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/arena.h"

#define COLUMNS                                                                                    \
	"user, domain, realm, ha1_md5, ha1_sha256, enabled, created_ms, full_md5, full_sha256"
#define VALUES "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"

static bool ha1_ok(struct str hex, size_t n)
{
	return hex.n == 0 || user_ha1_valid(hex, n);
}

static bool user_ok(const struct store_user *u)
{
	if (!user_name_valid(u->user) || !user_domain_valid(u->domain))
		return false;
	/* A realm stands in a quoted-string of challenges. */
	for (size_t i = 0; i < u->realm.n; i++)
		if ((unsigned char)u->realm.p[i] < ' ' || u->realm.p[i] == 127 ||
		    u->realm.p[i] == '"' || u->realm.p[i] == '\\')
			return false;
	if (u->realm.n > 255 || u->created_ms > INT64_MAX)
		return false;
	return ha1_ok(u->ha1_md5, 32) && ha1_ok(u->ha1_sha256, 64) &&
	       ha1_ok(u->full_md5, 32) && ha1_ok(u->full_sha256, 64) &&
	       u->ha1_md5.n + u->ha1_sha256.n > 0;
}

static const char *put_sql(enum store_user_mode mode)
{
	switch (mode) {
	case STORE_USER_ADD:
		return "INSERT INTO user (" COLUMNS ") VALUES " VALUES;
	case STORE_USER_CHANGE:
		return "UPDATE user SET realm = ?3, ha1_md5 = ?4, ha1_sha256 = ?5, enabled = ?6,"
		       " full_md5 = ?8, full_sha256 = ?9 WHERE user = ?1 AND domain = ?2";
	case STORE_USER_PUT:
		break;
	}
	return "INSERT INTO user (" COLUMNS ") VALUES " VALUES
	       " ON CONFLICT (domain, user) DO UPDATE SET realm = excluded.realm,"
	       " ha1_md5 = excluded.ha1_md5, ha1_sha256 = excluded.ha1_sha256,"
	       " enabled = excluded.enabled, full_md5 = excluded.full_md5,"
	       " full_sha256 = excluded.full_sha256";
}

static int put_one(struct store_db *db, sqlite3_stmt *s, const struct store_user *u,
		   enum store_user_mode mode)
{
	int err;

	if (!user_ok(u))
		return -EINVAL;
	db_bind(s, 1, u->user);
	db_bind(s, 2, u->domain);
	db_bind(s, 3, u->realm.n ? u->realm : u->domain);
	db_bind(s, 4, u->ha1_md5);
	db_bind(s, 5, u->ha1_sha256);
	db_bind_u64(s, 6, u->enabled);
	if (mode != STORE_USER_CHANGE)
		db_bind_u64(s, 7, u->created_ms);
	db_bind(s, 8, u->full_md5);
	db_bind(s, 9, u->full_sha256);
	err = db_run(s);
	if (!err && mode == STORE_USER_CHANGE && sqlite3_changes(db->sql) == 0)
		return -ENOENT;
	return err;
}

static int count_up(struct store_db *db)
{
	return db_exec(db, "UPDATE counter SET value = value + 1 WHERE name = 'users'");
}

static int put_all(struct store_db *db, const struct store_user *users, size_t n,
		   const struct store_import *how, size_t *ret_bad)
{
	sqlite3_stmt *s;
	int err = db_prepare(db, put_sql(how->mode), &s);

	for (size_t i = 0; !err && i < n; i++) {
		err = put_one(db, s, &users[i], how->mode);
		if (err && ret_bad)
			*ret_bad = i;
		if (!err && how->progress && (i + 1) % 1000 == 0)
			how->progress(how->ctx, i + 1, n);
	}
	sqlite3_finalize(s);
	return err;
}

int store_user_import(struct store_db *db, const struct store_user *users, size_t n,
		      const struct store_import *how, size_t *ret_bad)
{
	int err = db_begin(db);

	if (err)
		return err;
	err = put_all(db, users, n, how, ret_bad);
	if (!err)
		err = count_up(db);
	return db_end(db, err);
}

int store_user_put(struct store_db *db, const struct store_user *u, enum store_user_mode mode)
{
	struct store_import how = {.mode = mode};

	return store_user_import(db, u, 1, &how, NULL);
}

static int remove_one(struct store_db *db, struct str user, struct str domain)
{
	sqlite3_stmt *s;
	int err = db_prepare(db, "DELETE FROM user WHERE user = ?1 AND domain = ?2", &s);

	if (err)
		return err;
	db_bind(s, 1, user);
	db_bind(s, 2, domain);
	err = db_run(s);
	if (!err && sqlite3_changes(db->sql) == 0)
		err = -ENOENT;
	sqlite3_finalize(s);
	return err;
}

int store_user_remove(struct store_db *db, struct str user, struct str domain)
{
	int err = db_begin(db);

	if (err)
		return err;
	err = remove_one(db, user, domain);
	if (!err)
		err = count_up(db);
	return db_end(db, err);
}

static struct store_user row_user(sqlite3_stmt *s)
{
	return (struct store_user){
		.user = db_text(s, 0),
		.domain = db_text(s, 1),
		.realm = db_text(s, 2),
		.ha1_md5 = db_text(s, 3),
		.ha1_sha256 = db_text(s, 4),
		.enabled = db_u64(s, 5) != 0,
		.created_ms = db_u64(s, 6),
		.full_md5 = db_text(s, 7),
		.full_sha256 = db_text(s, 8),
	};
}

/* Ends s.  The number of rows, or -errno. */
static int give_rows(sqlite3_stmt *s, void (*on)(void *ctx, const struct store_user *u), void *ctx)
{
	int r, n = 0;

	while ((r = db_step(s)) == 1) {
		struct store_user u = row_user(s);

		on(ctx, &u);
		n++;
	}
	sqlite3_finalize(s);
	return r < 0 ? r : n;
}

int store_user_get(struct store_db *db, struct str user, struct str domain,
		   void (*on)(void *ctx, const struct store_user *u), void *ctx)
{
	sqlite3_stmt *s;
	int r = db_prepare(db, "SELECT " COLUMNS " FROM user WHERE user = ?1 AND domain = ?2", &s);

	if (r)
		return r;
	db_bind(s, 1, user);
	db_bind(s, 2, domain);
	r = give_rows(s, on, ctx);
	return r < 0 ? r : r > 0 ? 0 : -ENOENT;
}

int store_user_list(struct store_db *db, struct str domain,
		    void (*on)(void *ctx, const struct store_user *u), void *ctx)
{
	sqlite3_stmt *s;
	int r = db_prepare(db,
			   "SELECT " COLUMNS " FROM user WHERE ?1 = '' OR domain = ?1"
			   " ORDER BY domain, user",
			   &s);

	if (r)
		return r;
	db_bind(s, 1, domain);
	r = give_rows(s, on, ctx);
	return r < 0 ? r : 0;
}

int store_users_version(struct store_db *db, uint64_t *ret)
{
	sqlite3_stmt *s;
	int r = db_prepare(db, "SELECT value FROM counter WHERE name = 'users'", &s);

	if (r)
		return r;
	r = db_step(s);
	if (r == 1)
		*ret = db_u64(s, 0);
	sqlite3_finalize(s);
	return r == 0 ? -EBADMSG : r < 0 ? r : 0;
}

struct gather {
	struct user_entry *entries;
	size_t n, cap;
	struct arena texts;
	int err;
};

static struct user_entry *gather_room(struct gather *g)
{
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 256;
		struct user_entry *p = xrealloc(g->entries, cap * sizeof(*p));

		if (!p)
			return NULL;
		g->entries = p;
		g->cap = cap;
	}
	return &g->entries[g->n];
}

static void on_gather(void *ctx, const struct store_user *u)
{
	struct gather *g = ctx;
	struct user_entry *e;

	if (!u->enabled || g->err)
		return;
	e = gather_room(g);
	if (e) {
		e->user = arena_str(&g->texts, u->user);
		e->domain = arena_str(&g->texts, u->domain);
		e->realm = arena_str(&g->texts, u->realm);
	}
	if (!e || !e->user.p || !e->domain.p || !e->realm.p) {
		g->err = -ENOMEM;
		return;
	}
	str_to_c(u->ha1_md5, e->ha1_md5, sizeof(e->ha1_md5));
	str_to_c(u->ha1_sha256, e->ha1_sha256, sizeof(e->ha1_sha256));
	str_to_c(u->full_md5, e->full_md5, sizeof(e->full_md5));
	str_to_c(u->full_sha256, e->full_sha256, sizeof(e->full_sha256));
	g->n++;
}

int store_users_read(struct store_db *db, const struct hash_seed *seed, struct users **ret)
{
	struct gather g = {0};
	int err;

	arena_init(&g.texts, NULL, 0, (size_t)1 << 32);
	err = store_user_list(db, STR_NONE, on_gather, &g);
	if (!err)
		err = g.err;
	if (!err)
		err = users_new(g.entries, g.n, seed, ret);
	arena_fini(&g.texts);
	xfree(g.entries);
	return err;
}
