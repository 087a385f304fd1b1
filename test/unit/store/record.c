/* Location records: what goes in comes out, and nothing else is taken for one. */
#include "store/record.h"

#include "harness.h"

static void same(const struct store_record *r)
{
	char room[256];
	struct buf b = buf_over(room, sizeof(room));
	struct store_record got;

	store_record_put(&b, r);
	assert_false(b.failed);
	assert_true(store_record_get(guard_str(buf_str(&b)), &got));
	assert_str(got.key, r->key);
	assert_str(got.payload, r->payload);
	assert_int_equal(got.seq, r->seq);
	assert_int_equal(got.expires_ms, r->expires_ms);
	guard_free_all();
}

static void comes_back(void **state)
{
	static const struct store_record table[] = {
		{STR_INIT("sip:alice@example.com"), 1, 1700000000000, STR_INIT("contacts")},
		{STR_INIT("k"), 0, 0, STR_INIT("")},
		{STR_INIT("k"), STORE_SEQ_MAX, STORE_SEQ_MAX, STR_INIT("\0\xff\r\n")},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		same(&table[i]);
}

static bool put_fails(const struct store_record *r)
{
	static char room[STORE_KEY_MAX + 100];
	struct buf b = buf_over(room, sizeof(room));

	store_record_put(&b, r);
	return b.failed;
}

static void bounds_hold(void **state)
{
	static char key[STORE_KEY_MAX + 1];
	struct store_record r = {.key = STR("k"), .seq = 1};

	memset(key, 'k', sizeof(key));
	assert_false(put_fails(&r));
	r.key = str_of(key, STORE_KEY_MAX);
	assert_false(put_fails(&r));
	r.key = str_of(key, STORE_KEY_MAX + 1);
	assert_true(put_fails(&r));
	r.key = STR("");
	assert_true(put_fails(&r));
	r.key = STR("k");
	r.seq = STORE_SEQ_MAX + 1;
	assert_true(put_fails(&r));
	r.seq = 1;
	r.expires_ms = STORE_SEQ_MAX + 1;
	assert_true(put_fails(&r));
}

/* Cut within the head or the key it is refused; behind that the payload is shorter. */
static void prefix(struct str s, void *ctx)
{
	struct store_record r = {.seq = 99};
	bool ok = store_record_get(s, &r);

	assert_int_equal(ok, s.n >= *(size_t *)ctx);
	if (!ok)
		assert_int_equal(r.seq, 99);
}

static void prefixes(void **state)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	struct store_record r = {STR("key"), 7, 8, STR("payload")};
	size_t least = 23;

	store_record_put(&b, &r);
	each_prefix(buf_str(&b), prefix, &least);
}

static void others_are_refused(void **state)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	struct store_record r = {STR("key"), 7, 8, STR("payload")};

	store_record_put(&b, &r);
	room[0] = 2; /* a later version */
	assert_false(store_record_get(buf_str(&b), &r));
	room[0] = 1;
	room[1] = 1;
	assert_false(store_record_get(buf_str(&b), &r));
	room[1] = 0;
	room[2] = room[3] = 0; /* no key */
	assert_false(store_record_get(buf_str(&b), &r));
	room[2] = 3;
	room[11] = (char)0x80; /* a sequence that SQLite can't hold */
	assert_false(store_record_get(buf_str(&b), &r));
	room[11] = 0;
	assert_true(store_record_get(buf_str(&b), &r));
}

static void expiry(void **state)
{
	struct store_record r = {.expires_ms = 1000};

	assert_false(store_record_is_over(&r, 999));
	assert_true(store_record_is_over(&r, 1000));
	r.expires_ms = 0;
	assert_true(store_record_is_over(&r, 0));
}

static void put_and_get(void)
{
	struct buf b = buf_heap(4096);
	struct store_record r = {STR("key"), 7, 8, STR("payload")};

	store_record_put(&b, &r);
	assert_int_equal(b.failed, alloc_has_failed());
	if (!b.failed)
		assert_true(store_record_get(buf_str(&b), &r));
	buf_free(&b);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(put_and_get);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back), cmocka_unit_test(bounds_hold),
		cmocka_unit_test(prefixes),   cmocka_unit_test(others_are_refused),
		cmocka_unit_test(expiry),     cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
