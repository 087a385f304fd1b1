#include "harness.h"

#include <stdlib.h>

#include "media/g711.h"

static void known_values(void **state)
{
	assert_int_equal(g711_ulaw_linear[0xff], 0);
	assert_int_equal(g711_ulaw_linear[0x7f], 0);
	assert_int_equal(g711_ulaw_linear[0x80], 32124);
	assert_int_equal(g711_ulaw_linear[0x00], -32124);
	assert_int_equal(g711_alaw_linear[0xd5], 8);
	assert_int_equal(g711_alaw_linear[0x55], -8);
	assert_int_equal(g711_alaw_linear[0xaa], 32256);
	assert_int_equal(g711_alaw_linear[0x2a], -32256);
	assert_int_equal(g711_ulaw(0), 0xff);
	assert_int_equal(g711_alaw(0), 0xd5);
	assert_int_equal(g711_ulaw(INT16_MAX), 0x80);
	assert_int_equal(g711_ulaw(INT16_MIN), 0x00);
	assert_int_equal(g711_alaw(INT16_MAX), 0xaa);
	assert_int_equal(g711_alaw(INT16_MIN), 0x2a);
}

static void codes_come_back(void **state)
{
	for (int c = 0; c < 256; c++) {
		uint8_t code = (uint8_t)c;

		assert_int_equal(g711_alaw(g711_alaw_linear[c]), code);
		if (c != 0x7f) /* the negative zero becomes the positive */
			assert_int_equal(g711_ulaw(g711_ulaw_linear[c]), code);
	}
}

/* Half the wider of the steps beside a decoded value. */
static int bound(const int16_t *table, int here)
{
	int above = INT16_MAX + 1, below = INT16_MIN - 1;

	for (int c = 0; c < 256; c++) {
		if (table[c] > here && table[c] < above)
			above = table[c];
		if (table[c] < here && table[c] > below)
			below = table[c];
	}
	return ((above - here > here - below ? above - here : here - below) + 1) / 2;
}

static void check(uint8_t (*encode)(int16_t), const int16_t *table, int clip)
{
	int last = INT16_MIN, v, back;

	for (int i = INT16_MIN; i <= INT16_MAX; i++) {
		back = table[encode((int16_t)i)];
		assert_true(back >= last); /* monotonic */
		last = back;
		v = i > clip ? clip : i < -clip ? -clip : i;
		assert_true(abs(back - v) <= bound(table, back));
		assert_true(abs(back - v) <= abs(v) / 16 + 16); /* the law itself */
	}
}

static void all_samples_within_half_a_step(void **state)
{
	check(g711_ulaw, g711_ulaw_linear, 32124);
	check(g711_alaw, g711_alaw_linear, 32256);
}

/* G.711's decision values, seen from both sides: 16-bit units, table 1a and 2a. */
static void decision_values(void **state)
{
	assert_int_equal(g711_alaw(15), 0xd5);
	assert_int_equal(g711_alaw(16), 0xd4);
	assert_int_equal(g711_alaw(511), g711_alaw(496));
	assert_int_not_equal(g711_alaw(512), g711_alaw(511));
	assert_int_equal(g711_alaw(-16), 0x55);
	assert_int_equal(g711_alaw(-17), 0x54);
	assert_int_equal(g711_ulaw(3), 0xff);
	assert_int_equal(g711_ulaw(4), 0xfe);
	assert_int_equal(g711_ulaw(-4), 0x7f);
	assert_int_equal(g711_ulaw(-5), 0x7e);
}

static void blocks(void **state)
{
	int16_t pcm[256], back[256];
	uint8_t code[256];

	for (int i = 0; i < 256; i++)
		pcm[i] = (int16_t)(i * 128 - 16384);
	for (enum g711_law law = G711_PCMU; law <= G711_PCMA; law++) {
		g711_encode(law, pcm, 256, code);
		g711_decode(law, code, 256, back);
		for (int i = 0; i < 256; i++)
			assert_true(abs(back[i] - pcm[i]) <= abs(pcm[i]) / 16 + 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(codes_come_back),
		cmocka_unit_test(all_samples_within_half_a_step),
		cmocka_unit_test(decision_values),
		cmocka_unit_test(blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
