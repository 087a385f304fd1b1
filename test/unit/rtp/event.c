#include "harness.h"

#include "base/buf.h"
#include "rtp/event.h"

#define STEP 160

struct sent {
	uint32_t ts;
	bool marker;
	struct rtp_event e;
};

static size_t send(const char *digits, struct sent *ret)
{
	uint32_t ts = 0xfffff000;
	size_t n = 0;

	for (; *digits; digits++, ts += 1600) {
		struct rtp_event_sender s;

		rtp_event_start(&s, rtp_event_of_digit(*digits), ts, 800);
		while (rtp_event_next(&s, STEP, &ret[n].e, &ret[n].marker))
			ret[n++].ts = ts;
	}
	return n;
}

static void take(struct rtp_event_receiver *r, const struct sent *p, struct buf *b)
{
	if (rtp_event_receive(r, p->ts, p->marker, &p->e))
		buf_putc(b, rtp_event_digit(p->e.event));
}

static void a_digit_is_seven_packets(void **state)
{
	struct sent p[16];

	assert_int_equal(send("#", p), 7);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(p[i].e.event, 11);
		assert_int_equal(p[i].marker, i == 0);
		assert_int_equal(p[i].e.end, i >= 4);
		assert_int_equal(p[i].e.duration, i < 4 ? STEP * (i + 1) : 800);
		assert_int_equal(p[i].ts, p[0].ts);
	}
}

static void digits_have_their_numbers(void **state)
{
	static const char all[] = "0123456789*#ABCD";

	for (int i = 0; i < 16; i++) {
		assert_int_equal(rtp_event_of_digit(all[i]), i);
		assert_int_equal(rtp_event_digit(i), all[i]);
	}
	assert_int_equal(rtp_event_of_digit('d'), 15);
	assert_int_equal(rtp_event_of_digit('e'), -1);
	assert_int_equal(rtp_event_of_digit('\0'), -1);
	assert_int_equal(rtp_event_digit(16), 0);
	assert_int_equal(rtp_event_digit(-1), 0);
}

/* Two of three packets lost, some doubled, neighbours swapped. */
static void reports_once_under_loss(void **state)
{
	struct sent p[256];
	char room[64];
	uint64_t seed;

	for (seed = 1; seed < 500; seed++) {
		struct rtp_event_receiver r = {0};
		struct buf b = buf_over(room, sizeof(room));
		uint64_t rnd = seed;
		size_t n = send("1122#*0A99", p);

		for (size_t i = 0; i + 1 < n; i += 2)
			if (p[i].ts == p[i + 1].ts && test_random(&rnd) % 4 == 0) {
				struct sent swap = p[i];

				p[i] = p[i + 1];
				p[i + 1] = swap;
			}
		for (size_t i = 0; i < n; i++) {
			if (i % 7 != 3 && test_random(&rnd) % 3 == 0)
				continue; /* the fourth of each digit comes through */
			take(&r, &p[i], &b);
			if (test_random(&rnd) % 4 == 0)
				take(&r, &p[i], &b);
		}
		assert_str(buf_str(&b), STR("1122#*0A99"));
	}
}

static void late_ones_say_nothing(void **state)
{
	struct rtp_event_receiver r = {0};
	struct rtp_event e = {1, true, 10, 800};

	assert_true(rtp_event_receive(&r, 1000, true, &e));
	e.event = 2;
	assert_true(rtp_event_receive(&r, 3000, true, &e));
	e.event = 1;
	assert_false(rtp_event_receive(&r, 1000, false, &e));
	e.event = 2;
	assert_false(rtp_event_receive(&r, 3000, false, &e));
}

static void long_tones_are_one(void **state)
{
	struct rtp_event_receiver r = {0};
	struct rtp_event e = {5, false, 10, 0xffff};

	assert_true(rtp_event_receive(&r, 1000, true, &e));
	e.duration = 160; /* the next segment, RFC 4733 s2.5.1.3 */
	assert_false(rtp_event_receive(&r, 1000 + 0xffff, false, &e));
}

static void a_moving_timestamp_is_one(void **state)
{
	struct rtp_event_receiver r = {0};
	int n = 0;

	for (uint16_t d = STEP; d <= 5 * STEP; d += STEP) {
		struct rtp_event e = {5, d == 5 * STEP, 10, d};

		n += rtp_event_receive(&r, 1000u + d, d == STEP, &e);
	}
	assert_int_equal(n, 1);
}

static void parse_prefix(struct str prefix, void *ctx)
{
	struct rtp_event e;

	assert_int_equal(rtp_event_parse(prefix, &e), prefix.n >= RTP_EVENT_BYTES);
}

static void never_reads_past_the_end(void **state)
{
	uint8_t bytes[RTP_EVENT_BYTES];
	struct rtp_event e = {9, true, 63, 4321}, back;

	rtp_event_put(bytes, &e);
	each_prefix(str_of((char *)bytes, sizeof(bytes)), parse_prefix, NULL);
	assert_true(rtp_event_parse(str_of((char *)bytes, sizeof(bytes)), &back));
	assert_true(back.event == 9 && back.end && back.volume == 63 && back.duration == 4321);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digit_is_seven_packets),
		cmocka_unit_test(digits_have_their_numbers),
		cmocka_unit_test(reports_once_under_loss),
		cmocka_unit_test(late_ones_say_nothing),
		cmocka_unit_test(long_tones_are_one),
		cmocka_unit_test(a_moving_timestamp_is_one),
		cmocka_unit_test(never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
