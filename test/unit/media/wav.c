#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "media/tone.h"
#include "media/wav.h"

static char room[65536];
static char dir[] = "/tmp/unit_media_wav.XXXXXX", path[64];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/x.wav", dir);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	guard_free_all();
	return rmdir(dir);
}

struct head {
	unsigned format, channels, rate, bits;
	uint32_t riff_size, data_size; /* 0: the true one */
	bool lie; /* sizes are written as they stand here */
	const char *extra; /* a chunk before the data */
};

static struct str make(struct head h, const void *data, size_t n)
{
	struct buf b = buf_over(room, sizeof(room));
	size_t extra = h.extra ? strlen(h.extra) : 0;

	buf_puts(&b, STR("RIFF"));
	buf_put_le(&b, h.lie ? h.riff_size : 36 + n + (h.extra ? 8 + ((extra + 1) & ~1u) : 0), 4);
	buf_puts(&b, STR("WAVEfmt "));
	buf_put_le(&b, 16, 4);
	buf_put_le(&b, h.format, 2);
	buf_put_le(&b, h.channels, 2);
	buf_put_le(&b, h.rate, 4);
	buf_put_le(&b, h.rate * h.channels * h.bits / 8, 4);
	buf_put_le(&b, h.channels * h.bits / 8, 2);
	buf_put_le(&b, h.bits, 2);
	if (h.extra) {
		buf_puts(&b, STR("LIST"));
		buf_put_le(&b, extra, 4);
		buf_puts(&b, str_c(h.extra));
		if (extra & 1)
			buf_putc(&b, 0);
	}
	buf_puts(&b, STR("data"));
	buf_put_le(&b, h.lie ? h.data_size : n, 4);
	buf_put(&b, data, n);
	assert_false(b.failed);
	return buf_str(&b);
}

static struct sound decoded(struct str file)
{
	const char *why = "";
	struct sound s;
	struct wav w;

	if (!wav_parse(guard_str(file), &w, &why))
		fail_msg("%s", why);
	assert_int_equal(wav_decode(&w, &s), 0);
	return s;
}

static void reads_each_encoding(void **state)
{
	static const int16_t pcm[4] = {0, 1000, -1000, 32767};
	static const uint8_t eight[4] = {128, 192, 64, 255}, code[4] = {0xff, 0x80, 0x00, 0xd5};
	struct sound s;

	s = decoded(make((struct head){1, 1, 8000, 16}, pcm, 8));
	assert_int_equal(s.n, 4);
	assert_memory_equal(s.pcm, pcm, 8);
	sound_free(&s);
	s = decoded(make((struct head){1, 1, 8000, 8}, eight, 4));
	assert_int_equal(s.pcm[1], 64 * 256);
	assert_int_equal(s.pcm[2], -64 * 256);
	sound_free(&s);
	s = decoded(make((struct head){7, 1, 8000, 8}, code, 4));
	assert_int_equal(s.pcm[1], 32124);
	sound_free(&s);
	s = decoded(make((struct head){6, 1, 8000, 8}, code, 4));
	assert_int_equal(s.pcm[3], 8);
	sound_free(&s);
	s = decoded(make((struct head){1, 2, 8000, 16}, pcm, 8));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.pcm[0], 500); /* mixed */
	sound_free(&s);
}

static void brings_any_rate_to_8k(void **state)
{
	static int16_t pcm[2 * 4410];
	struct sound s;
	struct tone t = tone_of(440.0 * 8000 / 44100, 0, 0.5); /* 440 Hz at 44.1 kHz */

	for (int i = 0; i < 4410; i++) {
		tone_put(&t, &pcm[2 * i], 1);
		pcm[2 * i + 1] = pcm[2 * i];
	}
	s = decoded(make((struct head){1, 2, 44100, 16}, pcm, sizeof(pcm)));
	assert_int_equal(s.n, 800);
	assert_true(tone_amplitude(s.pcm + 100, 600, 440) > 15500);
	sound_free(&s);
}

static void passes_over_unknown_chunks(void **state)
{
	struct sound s =
		decoded(make((struct head){1, 1, 8000, 16, .extra = "INFOodd"}, "abcd", 4));

	assert_int_equal(s.n, 2);
	sound_free(&s);
}

static void takes_streams_that_never_said_their_length(void **state)
{
	static const uint32_t sizes[][2] = {
		{0, 0}, {UINT32_MAX, UINT32_MAX}, {36, 0}, {0, 1000000}};
	struct sound s;

	for (size_t i = 0; i < 4; i++) {
		struct head h = {1, 1, 8000, 16, sizes[i][0], sizes[i][1], .lie = true};

		s = decoded(make(h, "abcdefg", 7)); /* half a sample at the end */
		assert_int_equal(s.n, 3);
		sound_free(&s);
	}
	s = decoded(make((struct head){1, 1, 8000, 16}, "", 0));
	assert_int_equal(s.n, 0);
	sound_free(&s);
}

static const struct {
	struct head head;
	const char *word;
} bad[] = {
	{{3, 1, 8000, 32}, "convert"}, {{1, 3, 8000, 16}, "channels"}, {{1, 1, 7999, 16}, "rate"},
	{{1, 1, 96000, 16}, "rate"},   {{1, 1, 8000, 24}, "8 nor 16"}, {{6, 1, 8000, 16}, "A-law"},
};

static void says_what_is_wrong(void **state)
{
	const char *why;
	struct wav w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(wav_parse(make(bad[i].head, "abcd", 4), &w, &why));
		assert_non_null(strstr(why, bad[i].word));
	}
	assert_false(wav_parse(STR("ID3 this is an mp3"), &w, &why));
	assert_string_equal(why, "it is not a WAV file");
	assert_false(wav_parse(STR("RIFF\0\0\0\0WAVE"), &w, &why));
	assert_string_equal(why, "it has no format chunk");
}

static void parse_prefix(struct str prefix, void *ctx)
{
	const char *why;
	struct sound s;
	struct wav w;

	if (wav_parse(prefix, &w, &why) && wav_decode(&w, &s) == 0)
		sound_free(&s);
}

static void never_reads_past_the_end(void **state)
{
	each_prefix(make((struct head){1, 2, 16000, 16, .extra = "abc"}, room, 40), parse_prefix,
		    NULL);
}

static void loads_what_it_saves(void **state)
{
	static int16_t pcm[20000];
	struct sound s;
	char why[100];
	struct tone t = tone_of(300, 0, 0.3);

	tone_put(&t, pcm, 20000);
	assert_int_equal(wav_save(path, pcm, 20000), 0);
	assert_int_equal(wav_load(path, &s, why, sizeof(why)), 0);
	assert_int_equal(s.n, 20000);
	assert_memory_equal(s.pcm, pcm, sizeof(pcm));
	sound_free(&s);
	assert_int_equal(wav_load(dir, &s, why, sizeof(why)), -EISDIR);
	assert_int_equal(wav_load("/nonexistent/x.wav", &s, why, sizeof(why)), -ENOENT);
	assert_string_equal(why, "No such file or directory");
}

/* What a process that is killed leaves behind. */
static void is_valid_at_each_moment(void **state)
{
	struct wav_writer *w;
	struct sound s;
	char why[100];
	int16_t pcm[160] = {1, 2, 3};

	assert_int_equal(wav_writer_new(path, &w), 0);
	for (int i = 0; i < 260; i++) {
		assert_int_equal(wav_writer_put(w, pcm, 160), 0);
		assert_int_equal(wav_load(path, &s, why, sizeof(why)), 0);
		assert_int_equal(s.n, (i + 1) / 50 * 8000);
		sound_free(&s);
	}
	assert_int_equal(wav_writer_samples(w), 260 * 160);
	assert_int_equal(wav_writer_free(&w), 0);
	assert_null(w);
	assert_int_equal(wav_load(path, &s, why, sizeof(why)), 0);
	assert_int_equal(s.n, 260 * 160);
	assert_int_equal(s.pcm[2], 3);
	sound_free(&s);
	assert_int_equal(wav_writer_new("/nonexistent/x.wav", &w), -ENOENT);
	assert_int_equal(wav_writer_free(&(struct wav_writer *){NULL}), 0);
}

static void load_once(void)
{
	struct sound s;
	char why[100];
	int err = wav_load(path, &s, why, sizeof(why));

	if (err)
		assert_true(alloc_has_failed() && err == -ENOMEM);
	else
		sound_free(&s);
}

static void survives_no_memory(void **state)
{
	int16_t pcm[160] = {0};

	assert_int_equal(wav_save(path, pcm, 160), 0);
	alloc_sweep(load_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_encoding),
		cmocka_unit_test(brings_any_rate_to_8k),
		cmocka_unit_test(passes_over_unknown_chunks),
		cmocka_unit_test(takes_streams_that_never_said_their_length),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(loads_what_it_saves),
		cmocka_unit_test(is_valid_at_each_moment),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
