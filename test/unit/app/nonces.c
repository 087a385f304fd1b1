/* Nonces: signed, timed, each count once within a window; the table is bounded and what it
 * pushed out is stale, never fresh. */
#include "harness.h"

#include "app/nonces.h"
#include "base/buf.h"

#define LIFE 300000
#define WALL 1700000000000ull

static uint64_t wall = WALL, seed = 1;
static const uint8_t key[16] = "0123456789abcde", other_key[16] = "another key....";

static uint64_t fake_wall(struct io *io)
{
	(void)io;
	return wall;
}

static void fake_random(struct io *io, void *ret, size_t n)
{
	uint64_t v = test_random(&seed);

	(void)io;
	assert_true(n <= sizeof(v));
	memcpy(ret, &v, n);
}

static const struct io_ops ops = { .wall_ms = fake_wall, .random = fake_random };
static struct io io = { .ops = &ops };

struct text {
	char room[NONCE_TEXT_MAX];
	struct str s;
};

static void make(struct text *t)
{
	struct buf b = buf_over(t->room, sizeof(t->room));

	nonce_make(key, &io, &b);
	assert_false(b.failed);
	t->s = buf_str(&b);
}

static void counts_are_good_once(void **state)
{
	static const struct {
		uint32_t nc;
		enum nonce_verdict want;
	} rows[] = {
		{ 1, NONCE_GOOD },     { 1, NONCE_REPLAYED }, { 3, NONCE_GOOD },
		{ 2, NONCE_GOOD },     { 2, NONCE_REPLAYED }, { 100, NONCE_GOOD },
		{ 36, NONCE_REPLAYED }, { 37, NONCE_GOOD },   { 37, NONCE_REPLAYED },
		{ 163, NONCE_GOOD },   { 100, NONCE_REPLAYED },
	};
	struct nonces *n;
	struct text t;

	(void)state;
	assert_int_equal(nonces_new(1000, &n), 0);
	make(&t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(nonces_use(n, key, t.s, rows[i].nc, wall, LIFE), rows[i].want);
	nonces_free(&n);
}

static void without_qop_good_once(void **state)
{
	struct nonces *n;
	struct text t;

	(void)state;
	assert_int_equal(nonces_new(1000, &n), 0);
	make(&t);
	assert_int_equal(nonces_use(n, key, t.s, 0, wall, LIFE), NONCE_GOOD);
	assert_int_equal(nonces_use(n, key, t.s, 0, wall, LIFE), NONCE_REPLAYED);
	nonces_free(&n);
}

static void old_and_foreign_are_stale(void **state)
{
	struct nonces *n;
	struct text t;

	(void)state;
	assert_int_equal(nonces_new(1000, &n), 0);
	make(&t);
	assert_int_equal(nonces_use(n, other_key, t.s, 1, wall, LIFE), NONCE_STALE);
	assert_int_equal(nonces_use(n, key, t.s, 1, wall + LIFE + 1, LIFE), NONCE_STALE);
	assert_int_equal(nonces_use(n, key, STR(""), 1, wall, LIFE), NONCE_STALE);
	assert_int_equal(nonces_use(n, key, STR("AAAA"), 1, wall, LIFE), NONCE_STALE);
	for (size_t i = 0; i < t.s.n; i++) {
		char was = t.room[i];

		t.room[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(nonces_use(n, key, t.s, 1, wall, LIFE), NONCE_STALE);
		t.room[i] = was;
	}
	assert_int_equal(nonces_use(n, key, t.s, 1, wall, LIFE), NONCE_GOOD);
	nonces_free(&n);
}

static void what_was_pushed_out_is_stale(void **state)
{
	static struct text t[400];
	struct nonces *n;
	unsigned stale = 0;

	(void)state;
	assert_int_equal(nonces_new(100, &n), 0);
	for (unsigned i = 0; i < 400; i++, wall++) {
		make(&t[i]);
		assert_int_equal(nonces_use(n, key, t[i].s, 1, wall, LIFE), NONCE_GOOD);
	}
	for (unsigned i = 0; i < 400; i++) {
		enum nonce_verdict v = nonces_use(n, key, t[i].s, 1, wall, LIFE);

		assert_int_not_equal(v, NONCE_GOOD);
		stale += v == NONCE_STALE;
	}
	assert_true(stale >= 250);
	nonces_free(&n);
}

static void use_once(void)
{
	struct nonces *n;
	struct text t;

	if (nonces_new(100, &n))
		return;
	make(&t);
	nonces_use(n, key, t.s, 1, wall, LIFE);
	nonces_free(&n);
}

static void survives_no_memory(void **state)
{
	(void)state;
	alloc_sweep(use_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_good_once),
		cmocka_unit_test(without_qop_good_once),
		cmocka_unit_test(old_and_foreign_are_stale),
		cmocka_unit_test(what_was_pushed_out_is_stale),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
