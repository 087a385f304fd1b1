#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "harness.h"

/* Every line is written by buf_fmt and by the C library, which must agree. */
#define AGREES(...)                                                                                \
	do {                                                                                       \
		char want[256], got[256];                                                          \
		struct buf b = buf_over(got, sizeof(got));                                         \
                                                                                                   \
		snprintf(want, sizeof(want), __VA_ARGS__);                                         \
		buf_fmt(&b, __VA_ARGS__);                                                          \
		assert_false(b.failed);                                                            \
		assert_str(buf_str(&b), str_c(want));                                              \
	} while (0)

static void formats_like_printf(void **state)
{
	AGREES("plain");
	AGREES("%s", "abc");
	AGREES("<%s> <%10s> <%-10s>", "abc", "abc", "abc");
	AGREES("%.*s|%.2s|%.9s", 2, "abc", "abc", "abc");
	AGREES("%-20s|%-2s|", "abc", "abc");
	AGREES("%*s|%-*s|", 6, "ab", 6, "ab");
	AGREES("%c%c", 'a', 'b');
	AGREES("%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
	AGREES("%5d|%-5d|%05d|%05d", 42, 42, 42, -42);
	AGREES("%u %u", 0u, UINT_MAX);
	AGREES("%x %X %08x %2x %02x", 0xbeefu, 0xbeefu, 0xbeefu, 5u, 5u);
	AGREES("%ld %ld", LONG_MAX, LONG_MIN);
	AGREES("%lu %lx %016lx", ULONG_MAX, ULONG_MAX, 7ul);
	AGREES("%lld %lld", LLONG_MAX, LLONG_MIN);
	AGREES("%llu %llx", ULLONG_MAX, ULLONG_MAX);
	AGREES("%zu %zd", SIZE_MAX, (ssize_t)-5);
	AGREES("100%% of %s%%", "it");
	AGREES("%hu %hhu", (unsigned short)65535, (unsigned char)255);
}

static void prints_what_is_not_terminated(void **state)
{
	char room[32];
	struct buf b = buf_over(room, sizeof(room));
	char *p = guard_end(STR("abc")), *volatile nothing = NULL;

	buf_fmt(&b, "%.*s,%.*s,%.*s", STR_ARG(str_of(p, 3)), 0, nothing, 0, p);
	assert_str(buf_str(&b), STR("abc,,"));
	buf_reset(&b);
	buf_fmt(&b, "<%.*s>", STR_ARG(STR("a\0b")));
	assert_str(buf_str(&b), STR("<a\0b>"));
	guard_free_all();
}

static void fixed_fails_whole(void **state)
{
	char room[8];
	struct buf b = buf_over(room, sizeof(room));

	buf_puts(&b, STR("12345"));
	buf_puts(&b, STR("6789"));
	assert_true(b.failed);
	buf_putc(&b, '6');
	buf_put_hex(&b, "\x01", 1);
	buf_put_b64url(&b, "\x01", 1);
	buf_put_u64(&b, 1);
	assert_str(buf_str(&b), STR("12345"));
	buf_reset(&b);
	buf_puts(&b, STR("12345678"));
	assert_false(b.failed);
	assert_string_equal(buf_c(&b), "1234567");
	assert_int_equal(b.n, 7);
}

static void cut_fills_up(void **state)
{
	char room[8];
	struct buf b = buf_over(room, sizeof(room));

	b.cut = true;
	buf_puts(&b, STR("12345"));
	buf_puts(&b, STR("6789"));
	buf_puts(&b, STR("x"));
	assert_true(b.failed);
	assert_str(buf_str(&b), STR("12345678"));
}

static void exact_room_is_enough(void **state)
{
	char *room = guard_end(STR("????"));
	struct buf b = buf_over(room, 4);

	buf_put_hex(&b, "\x0a\xff", 2);
	assert_false(b.failed);
	assert_str(buf_str(&b), STR("0aff"));
	buf_reset(&b);
	buf_put_b64url(&b, "\x00\xff\x10", 3);
	assert_str(buf_str(&b), STR("AP8Q"));
	buf_reset(&b);
	buf_put_u64(&b, 1234);
	assert_false(b.failed);
	buf_reset(&b);
	buf_put_le(&b, 0x04030201, 4);
	assert_str(buf_str(&b), STR("\1\2\3\4"));
	guard_free_all();
}

static void empty_never_null(void **state)
{
	struct buf fixed = buf_over(NULL, 0), heap = buf_heap(10);

	assert_string_equal(buf_c(&fixed), "");
	assert_string_equal(buf_c(&heap), "");
	buf_put(&fixed, NULL, 0);
	buf_put_hex(&fixed, NULL, 0);
	buf_put_b64url(&fixed, NULL, 0);
	assert_false(fixed.failed);
	buf_put_hex(&fixed, "a", 1);
	assert_true(fixed.failed);
	buf_free(&heap);
}

static void heap_grows_to_its_bound(void **state)
{
	struct buf b = buf_heap(1000);

	for (unsigned i = 0; i < 1000; i++)
		buf_putc(&b, (char)('a' + i % 26));
	assert_false(b.failed);
	assert_int_equal(strlen(buf_c(&b)), 1000);
	assert_int_equal(b.n, 1000);
	buf_putc(&b, 'x');
	assert_true(b.failed);
	assert_int_equal(b.n, 1000);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	buf_free(&b);
	assert_int_equal(b.n, 0);
	buf_puts(&b, STR("again"));
	assert_str(buf_str(&b), STR("again"));
	buf_free(&b);
	assert_int_equal(alloc_live(), 0);
}

static void grow_once(void)
{
	struct buf b = buf_heap(100000);

	for (unsigned i = 0; i < 5000; i++)
		buf_fmt(&b, "%u,", i);
	assert_int_equal(b.failed, alloc_has_failed());
	assert_non_null(buf_c(&b));
	buf_free(&b);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(grow_once);
}

static void room_is_not_counted(void **state)
{
	struct buf b = buf_heap(100);
	char *p = buf_room(&b, 60);

	assert_non_null(p);
	assert_int_equal(b.n, 0);
	memset(p, 'a', 60);
	b.n += 60;
	assert_null(buf_room(&b, 41));
	assert_true(b.failed);
	assert_null(buf_room(&b, 1));
	buf_reset(&b);
	assert_null(buf_room(&b, SIZE_MAX));
	buf_free(&b);
}

static void hex_decodes(void **state)
{
	uint8_t out[4] = {9, 9, 9, 9};

	assert_true(hex_decode(STR("00fFaB1c"), out, 4));
	assert_memory_equal(out, "\x00\xff\xab\x1c", 4);
	assert_true(hex_decode(STR(""), out, 0));
	assert_false(hex_decode(STR("00ff"), out, 4));
	assert_false(hex_decode(STR("00ff00ff0"), out, 4));
	assert_false(hex_decode(STR("00ff00fg"), out, 4));
	assert_false(hex_decode(STR("0 ff00ff"), out, 4));
	assert_memory_equal(out, "\x00\xff\xab\x1c", 4);
}

static void b64url_decodes(void **state)
{
	static const struct {
		struct str text, bytes;
		bool good;
	} table[] = {
		{STR_INIT(""), STR_INIT(""), true},
		{STR_INIT("Zg"), STR_INIT("f"), true},
		{STR_INIT("Zm8"), STR_INIT("fo"), true},
		{STR_INIT("Zm9v"), STR_INIT("foo"), true},
		{STR_INIT("Zm9vYmFy"), STR_INIT("foobar"), true},
		{STR_INIT("__-_"), STR_INIT("\xff\xff\xbf"), true},
		{STR_INIT("Z"), STR_INIT(""), false},
		{STR_INIT("Zm9vY"), STR_INIT(""), false},
		{STR_INIT("Zg=="), STR_INIT(""), false},
		{STR_INIT("Zh"), STR_INIT(""), false}, /* spare bits */
		{STR_INIT("Zm9"), STR_INIT(""), false},
		{STR_INIT("Zm+v"), STR_INIT(""), false},
		{STR_INIT("Zm9vYmFyZm9v"), STR_INIT(""), false}, /* too long */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		uint8_t out[8];
		size_t n = 77;

		assert_int_equal(b64url_decode(guard_str(table[i].text), out, sizeof(out), &n),
				 table[i].good);
		assert_int_equal(n, table[i].good ? table[i].bytes.n : 77);
		if (table[i].good)
			assert_memory_equal(out, table[i].bytes.p, n);
	}
	guard_free_all();
}

static void encodings_round_trip(void **state)
{
	uint64_t seed = 4648;

	for (unsigned i = 0; i < 2000; i++) {
		uint8_t in[40], out[40];
		char room[100];
		size_t n = i % 41, got;
		struct buf b = buf_over(room, sizeof(room));

		for (size_t k = 0; k < n; k++)
			in[k] = (uint8_t)test_random(&seed);
		buf_put_b64url(&b, in, n);
		assert_true(b64url_decode(buf_str(&b), out, n, &got));
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
		buf_reset(&b);
		buf_put_hex(&b, in, n);
		assert_true(hex_decode(buf_str(&b), out, n));
		assert_memory_equal(in, out, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_like_printf),
		cmocka_unit_test(prints_what_is_not_terminated),
		cmocka_unit_test(fixed_fails_whole),
		cmocka_unit_test(cut_fills_up),
		cmocka_unit_test(exact_room_is_enough),
		cmocka_unit_test(empty_never_null),
		cmocka_unit_test(heap_grows_to_its_bound),
		cmocka_unit_test(survives_no_memory),
		cmocka_unit_test(room_is_not_counted),
		cmocka_unit_test(hex_decodes),
		cmocka_unit_test(b64url_decodes),
		cmocka_unit_test(encodings_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
