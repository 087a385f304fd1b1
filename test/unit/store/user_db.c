/* The table of users, and that a running server notices its changes. */
#include "store/user_db.h"

#include <pthread.h>
#include <time.h>

#include "place.h"

#define MD5 "00112233445566778899aabbccddeeff"
#define SHA MD5 MD5

static const struct hash_seed seed = {1, 2};

static struct store_user alice(void)
{
	return (struct store_user){
		STR("alice"), STR("example.com"), STR(""), STR(MD5), STR(SHA), true, 12345};
}

static struct store_db *db_open(struct place *p)
{
	struct store_db *db;
	char err[300];

	if (store_db_open(p->db, true, err, sizeof(err), &db))
		fail_msg("%s", err);
	return db;
}

struct seen {
	size_t n;
	char last[64], realm[64], md5[40];
	uint64_t created_ms;
};

static void on_user(void *ctx, const struct store_user *u)
{
	struct seen *s = ctx;

	s->n++;
	str_to_c(u->user, s->last, sizeof(s->last));
	str_to_c(u->realm, s->realm, sizeof(s->realm));
	str_to_c(u->ha1_md5, s->md5, sizeof(s->md5));
	s->created_ms = u->created_ms;
}

static void adds_changes_removes(void **state)
{
	struct place p;
	struct store_db *db;
	struct store_user u = alice();
	struct seen seen = {0};

	place_make(&p);
	db = db_open(&p);
	assert_int_equal(store_user_put(db, &u, STORE_USER_CHANGE), -ENOENT);
	assert_int_equal(store_user_put(db, &u, STORE_USER_ADD), 0);
	assert_int_equal(store_user_put(db, &u, STORE_USER_ADD), -EEXIST);
	assert_int_equal(store_user_get(db, u.user, u.domain, on_user, &seen), 0);
	assert_string_equal(seen.realm, "example.com");
	assert_int_equal(seen.created_ms, 12345);
	u.ha1_md5 = STR("ffffffffffffffffffffffffffffffff");
	u.created_ms = 99;
	assert_int_equal(store_user_put(db, &u, STORE_USER_CHANGE), 0);
	assert_int_equal(store_user_get(db, u.user, u.domain, on_user, &seen), 0);
	assert_string_equal(seen.md5, "ffffffffffffffffffffffffffffffff");
	assert_int_equal(seen.created_ms, 12345);
	assert_int_equal(store_user_get(db, STR("bob"), u.domain, on_user, &seen), -ENOENT);
	assert_int_equal(store_user_remove(db, STR("bob"), u.domain), -ENOENT);
	assert_int_equal(store_user_remove(db, u.user, u.domain), 0);
	assert_int_equal(store_user_get(db, u.user, u.domain, on_user, &seen), -ENOENT);
	store_db_close(&db);
	place_drop(&p);
}

static void rules_hold(void **state)
{
	struct place p;
	struct store_db *db;
	struct store_user bad[8];

	place_make(&p);
	db = db_open(&p);
	for (size_t i = 0; i < 8; i++)
		bad[i] = alice();
	bad[0].user = STR("a\nb");
	bad[1].domain = STR("Example.com");
	bad[2].ha1_md5 = STR("short");
	bad[3].ha1_md5 = bad[3].ha1_sha256 = STR("");
	bad[4].ha1_sha256 = STR(MD5);
	bad[5].realm = STR("say \"hi\"");
	bad[6].user = STR("");
	bad[7].created_ms = UINT64_MAX;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(store_user_put(db, &bad[i], STORE_USER_PUT), -EINVAL);
	store_db_close(&db);
	place_drop(&p);
}

static void on_progress(void *ctx, size_t done, size_t of)
{
	*(size_t *)ctx = done;
	assert_true(done <= of);
}

static void imports_many(void **state)
{
	enum { N = 20000 };
	struct place p;
	struct store_db *db;
	struct store_user *u = calloc(N, sizeof(*u));
	char(*names)[16] = calloc(N, sizeof(*names));
	size_t told = 0, bad = 0;
	struct store_import how = {STORE_USER_ADD, on_progress, &told};
	struct seen seen = {0};
	struct users *snapshot;

	place_make(&p);
	db = db_open(&p);
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "user%05zu", i);
		u[i] = alice();
		u[i].user = str_c(names[i]);
		u[i].enabled = i != 7;
	}
	/* One bad entry, and none is taken. */
	u[15000].domain = STR("");
	assert_int_equal(store_user_import(db, u, N, &how, &bad), -EINVAL);
	assert_int_equal(bad, 15000);
	assert_int_equal(store_user_list(db, STR(""), on_user, &seen), 0);
	assert_int_equal(seen.n, 0);
	u[15000].domain = STR("example.com");
	assert_int_equal(store_user_import(db, u, N, &how, &bad), 0);
	assert_int_equal(told, N);
	assert_int_equal(store_user_list(db, STR("example.com"), on_user, &seen), 0);
	assert_int_equal(seen.n, N);
	assert_string_equal(seen.last, "user19999");
	assert_int_equal(store_user_list(db, STR("example.org"), on_user, &seen), 0);
	assert_int_equal(seen.n, N);
	assert_int_equal(store_users_read(db, &seed, &snapshot), 0);
	assert_int_equal(users_count(snapshot), N - 1);
	assert_null(users_find(snapshot, STR("user00007"), STR("example.com")));
	assert_string_equal(users_find(snapshot, STR("user00008"), STR("example.com"))->ha1_sha256,
			    SHA);
	users_unref(&snapshot);
	store_db_close(&db);
	free(names);
	free(u);
	place_drop(&p);
}

struct watcher {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	struct users *users;
	unsigned calls;
};

static void on_users(void *ctx, struct users *u)
{
	struct watcher *w = ctx;

	pthread_mutex_lock(&w->lock);
	users_unref(&w->users);
	w->users = users_ref(u);
	w->calls++;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

/* The n-th call comes within 20 s (a second is promised, but the host may be busy). */
static void await(struct watcher *w, unsigned calls, size_t users)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += 20;
	pthread_mutex_lock(&w->lock);
	while (w->calls < calls)
		assert_int_equal(pthread_cond_timedwait(&w->cond, &w->lock, &at), 0);
	assert_int_equal(w->calls, calls);
	assert_int_equal(users_count(w->users), users);
	pthread_mutex_unlock(&w->lock);
}

/* Until the record of that sequence is in the table. */
static void await_fold(struct store_db *db, uint64_t seq)
{
	sqlite3_stmt *s;
	uint64_t seen = 0;

	assert_int_equal(db_prepare(db, "SELECT max(seq) FROM location", &s), 0);
	while (seen < seq) {
		assert_int_equal(db_step(s), 1);
		seen = db_u64(s, 0);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
}

static void a_running_server_notices(void **state)
{
	struct watcher w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};
	struct store_conf conf = {.users_poll_ms = 1, .idle_ms = 1};
	struct place p;
	struct store *s;
	struct store_db *db;
	struct store_user u = alice();
	struct desk d;

	place_make(&p);
	s = place_open(&p, &conf);
	assert_int_equal(store_users_watch(s, on_users, &w), 0);
	await(&w, 1, 0);
	db = db_open(&p);
	assert_int_equal(store_user_put(db, &u, STORE_USER_ADD), 0);
	await(&w, 2, 1);
	/* Other writes to the database are no change of users. */
	desk_open(&d, s, 0);
	for (uint64_t i = 1; i < 30; i++) {
		assert_int_equal(desk_put(&d, "key", i, FAR, "x"), 0);
		await_fold(db, i);
	}
	assert_int_equal(store_user_remove(db, u.user, u.domain), 0);
	await(&w, 3, 0);
	store_db_close(&db);
	store_close(&s);
	close(d.bell);
	users_unref(&w.users);
	place_drop(&p);
}

struct world {
	struct store_db *db;
};

static void read_once(void *ctx)
{
	struct world *w = ctx;
	struct users *u;
	int err = store_users_read(w->db, &seed, &u);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		users_unref(&u);
}

static void survives_no_memory(void **state)
{
	struct place p;
	struct world w;
	struct store_user u = alice();

	place_make(&p);
	w.db = db_open(&p);
	assert_int_equal(store_user_put(w.db, &u, STORE_USER_ADD), 0);
	alloc_sweep_with(read_once, &w);
	store_db_close(&w.db);
	place_drop(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_changes_removes), cmocka_unit_test(rules_hold),
		cmocka_unit_test(imports_many),         cmocka_unit_test(a_running_server_notices),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
