#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/media_net.h"
#include "media/tone.h"
#include "net/clock.h"
#include "net/sockaddr.h"
#include "rtp/rtcp.h"
#include "rtp/rtp.h"

#define KEPT (8000 * 4)

struct tone_source {
	struct media_source source;
	struct tone tone;
	size_t left;
};

struct keeper {
	struct media_sink sink;
	int16_t pcm[KEPT];
	size_t n;
};

struct party {
	struct media_session *s;
	struct tone_source source;
	struct keeper keeper;
	char digits[32];
	size_t n_digits;
	unsigned events[MEDIA_BYE + 1];
	int close_at; /* closes itself at this event */
};

static struct loop *loop;
static struct media *media;
static struct party a, b;

static size_t pull(struct media_source *source, int16_t *ret, size_t n)
{
	struct tone_source *t = (struct tone_source *)source;

	if (n > t->left)
		n = t->left;
	t->left -= n;
	tone_put(&t->tone, ret, n);
	return n;
}

static void push(struct media_sink *sink, const int16_t *pcm, size_t n)
{
	struct keeper *k = (struct keeper *)sink;

	for (size_t i = 0; i < n && k->n < KEPT; i++)
		k->pcm[k->n++] = pcm[i];
}

static void on_event(void *ctx, enum media_event event, int value)
{
	struct party *p = ctx;

	p->events[event]++;
	if (event == MEDIA_DIGIT && p->n_digits < sizeof(p->digits))
		p->digits[p->n_digits++] = (char)value;
	if (p->close_at == (int)event)
		media_close(&p->s);
}

static struct addr ip(const char *text)
{
	struct addr at;

	assert_true(addr_parse_ip(str_c(text), &at));
	return at;
}

static void open_party(struct party *p, const char *where)
{
	struct media_user user = {on_event, p};
	struct addr at = ip(where);

	memset(p, 0, sizeof(*p));
	p->close_at = -1;
	p->source.source.pull = pull;
	p->keeper.sink.push = push;
	assert_int_equal(media_open(media, &at, &user, &p->s), 0);
	assert_int_equal(media_local(p->s)->port % 2, 0);
}

static struct media_params towards(const struct addr *remote)
{
	struct media_params m = media_params_none();

	m.rtp = m.rtcp = *remote;
	m.rtcp.port++;
	m.send_pt = m.recv_pcmu_pt = 0;
	m.recv_pcma_pt = 8;
	m.send_event_pt = m.recv_event_pt = 101;
	return m;
}

static void join(const struct media_params *change_b)
{
	struct media_params m = towards(media_local(b.s)), n = towards(media_local(a.s));

	assert_int_equal(media_set(a.s, &m), 0);
	if (change_b) {
		n = *change_b;
		n.rtp = n.rtcp = *media_local(a.s);
		n.rtcp.port++;
	}
	assert_int_equal(media_set(b.s, &n), 0);
}

static void play_tone(struct party *p, double hz, unsigned ms)
{
	p->source.tone = tone_of(hz, 0, 0.4);
	p->source.left = ms * 8;
	media_play(p->s, &p->source.source);
}

static void run_for(uint64_t ms)
{
	uint64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		loop_once(loop, 5);
}

/* Until the counter reaches n, or the test fails after five seconds. */
static void run_until(const unsigned *counter, unsigned n)
{
	uint64_t end = clock_mono_ms() + 5000;

	while (*counter < n) {
		loop_once(loop, 5);
		if (clock_mono_ms() > end)
			fail_msg("nothing came");
	}
}

static int setup(void **state)
{
	struct media_net_cfg cfg = {.port_min = 20000, .port_max = 30000};

	return loop_new(&loop) || media_net_new(loop, &cfg, &media);
}

static int teardown(void **state)
{
	media_close(&a.s);
	media_close(&b.s);
	media_net_free(&media);
	loop_free(&loop);
	return alloc_live() != 0;
}

/* A second in the midst of what was kept: the tone, and not one hole in it. */
static void check_tone(const struct keeper *k, double hz, double other)
{
	const int16_t *pcm = k->pcm + k->n - 9600;

	assert_true(k->n >= 12000);
	assert_true(fabs(tone_amplitude(pcm, 8000, hz) - 0.4 * 32767) < 400);
	assert_true(tone_amplitude(pcm, 8000, other) < 200);
	for (int i = 0; i < 50; i++)
		assert_true(tone_power(pcm + i * 160, 160) > 0.35 * 0.35 * 32767.0 * 32767 / 2);
}

static void tones_cross(const char *where)
{
	struct media_stats x, y;

	open_party(&a, where);
	open_party(&b, where);
	join(NULL);
	media_record(a.s, &a.keeper.sink);
	media_record(b.s, &b.keeper.sink);
	play_tone(&a, 440, 4000);
	play_tone(&b, 1000, 4000);
	run_for(1600);
	check_tone(&b.keeper, 440, 1000);
	check_tone(&a.keeper, 1000, 440);
	media_stats(a.s, &x);
	media_stats(b.s, &y);
	assert_int_equal(a.events[MEDIA_FIRST_PACKET], 1);
	assert_in_range(x.packets_sent, 76, 81); /* 1600 ms */
	assert_true(x.packets_received + 1 >= y.packets_sent);
	assert_int_equal(x.lost, 0);
	assert_int_equal(x.bytes_sent, x.packets_sent * 160);
	assert_int_equal(x.ignored + x.refused + x.send_failed, 0);
	assert_true(x.max_gap_ms < 100);
	assert_in_range(x.duration_ms, 1590, 1800);
}

/* RFC3264-5.1-16, RFC3264-5.1-17, RFC3264-6.1-19, RFC3264-6.1-20, RFC3264-6.1-21 */
static void tones_cross_over_ipv4(void **state)
{
	tones_cross("127.0.0.1");
}

static void tones_cross_over_ipv6(void **state)
{
	struct addr at = ip("::1");
	struct media_session *s;

	if (media_open(media, &at, NULL, &s) != 0)
		skip();
	media_close(&s);
	tones_cross("::1");
}

static void digits_arrive_once(void **state)
{
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	join(NULL);
	play_tone(&a, 440, 4000);
	assert_int_equal(media_dtmf(a.s, STR("1x")), -EINVAL);
	assert_int_equal(media_dtmf(a.s, STR("11,#d")), 0);
	run_until(&a.events[MEDIA_DIGITS_SENT], 1);
	run_for(30);
	assert_str(str_of(b.digits, b.n_digits), STR("11#D"));
	assert_int_equal(a.n_digits, 0);
	assert_int_equal(a.events[MEDIA_DIGITS_SENT], 1);
}

static void digits_arrive_as_tones(void **state)
{
	struct media_params m;

	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	m = towards(media_local(b.s));
	m.send_event_pt = m.recv_event_pt = -1;
	m.codec = MEDIA_PCMA;
	m.send_pt = 8;
	assert_int_equal(media_set(a.s, &m), 0);
	m.rtp = *media_local(a.s);
	assert_int_equal(media_set(b.s, &m), 0);
	assert_int_equal(media_dtmf(a.s, STR("90*A")), 0);
	run_until(&a.events[MEDIA_DIGITS_SENT], 1);
	run_for(120);
	assert_str(str_of(b.digits, b.n_digits), STR("90*A"));
}

static void echo_comes_back(void **state)
{
	struct media_params m;
	struct media_stats x, y;

	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	m = towards(media_local(a.s));
	m.mode = MEDIA_ECHO;
	m.codec = MEDIA_PCMA; /* another law on the way back */
	m.send_pt = 8;
	join(&m);
	media_record(a.s, &a.keeper.sink);
	play_tone(&a, 440, 4000);
	run_for(1600);
	check_tone(&a.keeper, 440, 1000);
	media_play(a.s, NULL);
	assert_int_equal(media_dtmf(a.s, STR("7")), 0);
	run_until(&a.events[MEDIA_DIGITS_SENT], 1);
	run_for(30);
	assert_str(str_of(a.digits, a.n_digits), STR("7"));
	assert_str(str_of(b.digits, b.n_digits), STR("7"));
	media_stats(a.s, &x);
	media_stats(b.s, &y);
	assert_int_equal(y.packets_sent, y.packets_received);
	assert_int_equal(x.lost, 0);
	assert_int_equal(a.events[MEDIA_PLAYED], 0);
}

static void playing_ends_and_may_begin_anew(void **state)
{
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	join(NULL);
	play_tone(&a, 440, 70);
	run_until(&a.events[MEDIA_PLAYED], 1);
	play_tone(&a, 440, 30);
	run_until(&a.events[MEDIA_PLAYED], 2);
}

/* A socket of the test's own, to see each packet. */
static int raw_socket(const char *where, struct addr *ret)
{
	union sockaddr_any sa;
	struct addr at = ip(where);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &sa.sa, sockaddr_from(&at, &sa)), 0);
	assert_int_equal(socket_local(fd, ret), 0);
	return fd;
}

static void raw_send(int fd, const struct addr *to, uint16_t seq, uint32_t ssrc)
{
	union sockaddr_any sa;
	uint8_t packet[RTP_HEADER_BYTES + 160] = {0};
	socklen_t len = sockaddr_from(to, &sa);

	rtp_put_header(packet, 0, false, seq, seq * 160u, ssrc);
	assert_int_equal(sendto(fd, packet, sizeof(packet), 0, &sa.sa, len), sizeof(packet));
}

static unsigned raw_drain(int fd, struct rtp_header *last)
{
	static size_t last_bytes;
	char room[2000];
	unsigned n = 0;
	struct str payload;
	ssize_t got;

	while ((got = recv(fd, room, sizeof(room), 0)) > 0) {
		struct rtp_header h;

		assert_true(rtp_parse(str_of(room, (size_t)got), &h, &payload));
		if (n || last->ssrc) {
			assert_int_equal(h.seq, (uint16_t)(last->seq + 1));
			assert_int_equal(h.ts, last->ts + last_bytes);
			assert_false(h.marker);
		} else {
			assert_true(h.marker); /* the start of a talk spurt */
		}
		assert_int_equal((uint8_t)payload.p[0], 0xff); /* silence */
		*last = h;
		last_bytes = payload.n;
		n++;
	}
	return n;
}

/* RFC3264-6.1-22, RFC3264-7-3 */
static void pace_is_exact(void **state)
{
	struct rtp_header last = {0};
	struct media_params m;
	struct addr at;
	uint64_t start, took;
	int fd = raw_socket("127.0.0.1", &at);
	unsigned n = 0;

	open_party(&a, "127.0.0.1");
	m = towards(&at);
	assert_int_equal(media_set(a.s, &m), 0);
	start = clock_mono_ms();
	while (n < 100) {
		loop_once(loop, 20);
		n += raw_drain(fd, &last);
	}
	took = clock_mono_ms() - start;
	assert_in_range(took, 1970, 2150);
	m.ptime_ms = 40;
	assert_int_equal(media_set(a.s, &m), 0);
	for (n = 0, start = clock_mono_ms(); n < 10;) {
		loop_once(loop, 20);
		n += raw_drain(fd, &last);
	}
	assert_in_range(clock_mono_ms() - start, 370, 500);
	close(fd);
}

/* A loop that was held up makes good for a little, and leaves out the rest. */
static void catching_up_is_bounded(void **state)
{
	struct rtp_header last = {0};
	struct media_params m;
	struct media_stats x, y;
	struct addr at;
	uint64_t end;
	int fd = raw_socket("127.0.0.1", &at);

	open_party(&a, "127.0.0.1");
	m = towards(&at);
	assert_int_equal(media_set(a.s, &m), 0);
	while (raw_drain(fd, &last) == 0)
		loop_once(loop, 20);
	media_stats(a.s, &x);
	for (end = clock_mono_ms() + 400; clock_mono_ms() < end;)
		continue;
	loop_once(loop, 0);
	media_stats(a.s, &y);
	assert_in_range(y.packets_sent - x.packets_sent, 1, 5);
	close(fd);
}

static void latches_onto_the_first(void **state)
{
	struct media_params m;
	struct media_stats x;
	struct addr at, thief_at, nowhere = ip("127.0.0.1");
	int fd = raw_socket("127.0.0.1", &at), thief = raw_socket("127.0.0.2", &thief_at);

	nowhere.port = 9;
	open_party(&a, "127.0.0.1");
	m = towards(&nowhere);
	m.latch = true;
	assert_int_equal(media_set(a.s, &m), 0);
	for (uint16_t i = 0; i < 10; i++) {
		raw_send(fd, media_local(a.s), i, 1);
		raw_send(thief, media_local(a.s), i, 2);
		run_for(10);
	}
	media_stats(a.s, &x);
	assert_true(addr_eq(&x.remote, &at));
	assert_int_equal(x.packets_received, 10);
	assert_int_equal(x.ignored, 10);
	close(fd);
	close(thief);
}

static void strangers_are_ignored(void **state)
{
	struct media_params m;
	struct media_stats x;
	struct addr at, thief_at;
	int fd = raw_socket("127.0.0.1", &at), thief = raw_socket("127.0.0.2", &thief_at);

	open_party(&a, "127.0.0.1");
	m = towards(&at);
	assert_int_equal(media_set(a.s, &m), 0);
	for (uint16_t i = 0; i < 5; i++) {
		raw_send(thief, media_local(a.s), i, 2);
		run_for(5);
	}
	assert_int_equal(a.events[MEDIA_FIRST_PACKET], 0);
	raw_send(fd, media_local(a.s), 1, 1);
	run_for(10);
	media_stats(a.s, &x);
	assert_int_equal(x.packets_received, 1);
	assert_int_equal(x.ignored, 5);
	assert_true(addr_eq(&x.remote, &at));
	close(fd);
	close(thief);
}

static void silence_and_refusal_are_told(void **state)
{
	struct media_params m;
	struct media_stats x;
	struct addr at;
	int fd = raw_socket("127.0.0.1", &at);

	close(fd); /* nobody listens there now */
	open_party(&a, "127.0.0.1");
	m = towards(&at);
	m.timeout_ms = 150;
	assert_int_equal(media_set(a.s, &m), 0);
	run_until(&a.events[MEDIA_TIMEOUT], 1);
	run_for(200);
	assert_int_equal(a.events[MEDIA_TIMEOUT], 1);
	media_stats(a.s, &x);
	assert_true(x.refused > 0);
	assert_int_equal(x.send_failed, 0);
	assert_true(x.packets_sent > 5);
}

static void bye_is_told_and_ends(void **state)
{
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	join(NULL);
	a.close_at = MEDIA_BYE;
	run_until(&a.events[MEDIA_FIRST_PACKET], 1);
	run_until(&b.events[MEDIA_FIRST_PACKET], 1);
	media_close(&b.s);
	run_until(&a.events[MEDIA_BYE], 1);
	assert_null(a.s); /* closed inside the callback */
	run_for(50);
}

static void may_close_in_any_callback(void **state)
{
	static const enum media_event at[] = {MEDIA_FIRST_PACKET, MEDIA_PLAYED, MEDIA_DIGITS_SENT,
					      MEDIA_DIGIT, MEDIA_TIMEOUT};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct media_params m;

		open_party(&a, "127.0.0.1");
		open_party(&b, "127.0.0.1");
		m = towards(media_local(a.s));
		m.mode = MEDIA_ECHO;
		join(&m);
		if (at[i] == MEDIA_TIMEOUT) {
			m = towards(media_local(b.s));
			m.timeout_ms = 60;
			m.send = false;
			assert_int_equal(media_set(a.s, &m), 0);
		} else {
			play_tone(&a, 440, 40);
			assert_int_equal(media_dtmf(a.s, STR("1")), 0);
		}
		a.close_at = (int)at[i];
		run_until(&a.events[at[i]], 1);
		assert_null(a.s);
		run_for(30);
		media_close(&b.s);
	}
}

/* RFC3264-8.3.4-1 */
static void hold_stops_and_resumes(void **state)
{
	struct media_params m;
	struct media_stats x, y;

	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	join(NULL);
	run_for(100);
	m = towards(media_local(b.s));
	m.send = false;
	assert_int_equal(media_set(a.s, &m), 0);
	media_stats(a.s, &x);
	run_for(100);
	media_stats(a.s, &y);
	assert_int_equal(x.packets_sent, y.packets_sent);
	assert_true(y.packets_received > x.packets_received);
	m.send = true;
	assert_int_equal(media_set(a.s, &m), 0);
	run_for(100);
	media_stats(a.s, &x);
	assert_true(x.packets_sent > y.packets_sent);
	media_stats(b.s, &y);
	assert_int_equal(y.lost, 0); /* numbers run on over the hold */
}

static void reports_measure_the_way(void **state)
{
	struct media_stats x;
	uint64_t end = clock_mono_ms() + 12000;

	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	join(NULL);
	do {
		run_for(50);
		media_stats(a.s, &x);
	} while (x.rtt_us < 0 && clock_mono_ms() < end);
	assert_in_range(x.rtt_us, 0, 100000);
	assert_int_equal(x.remote_lost, 0);
}

static void parameters_are_checked(void **state)
{
	struct media_params m;

	open_party(&a, "127.0.0.1");
	m = towards(media_local(a.s));
	m.send_pt = 128;
	assert_int_equal(media_set(a.s, &m), -EINVAL);
	m = towards(media_local(a.s));
	m.ptime_ms = 5;
	assert_int_equal(media_set(a.s, &m), -EINVAL);
	m = towards(media_local(a.s));
	m.rtp = ip("::1");
	assert_int_equal(media_set(a.s, &m), -EINVAL);
	assert_int_equal(media_dtmf(a.s, STR("")), 0);
	for (int i = 0; i < MEDIA_DIGITS_MAX; i++)
		assert_int_equal(media_dtmf(a.s, STR("1")), 0);
	assert_int_equal(media_dtmf(a.s, STR("1")), -ENOBUFS);
}

static void ports_run_out(void **state)
{
	struct media_net_cfg cfg = {.port_min = 30001, .port_max = 30004};
	struct addr at = ip("127.0.0.77"), taken;
	struct media_session *one, *two = NULL;
	struct media *m;

	assert_int_equal(media_net_new(loop, &cfg, &m), 0);
	assert_int_equal(media_open(m, &at, NULL, &one), 0);
	assert_int_equal(media_local(one)->port, 30002);
	assert_int_equal(media_open(m, &at, NULL, &two), -EADDRINUSE);
	taken = *media_local(one);
	assert_int_equal(media_open(m, &taken, NULL, &two), -EADDRINUSE);
	at = ip("192.0.2.1");
	assert_int_equal(media_open(m, &at, NULL, &two), -EADDRNOTAVAIL);
	assert_null(two);
	media_net_free(&m); /* closes the first */
}

static void open_once(void)
{
	struct addr at = ip("127.0.0.1");
	struct media_session *s;
	struct media *m;

	if (media_net_new(loop, NULL, &m) != 0) {
		assert_true(alloc_has_failed());
		return;
	}
	if (media_open(m, &at, NULL, &s) != 0)
		assert_true(alloc_has_failed());
	media_net_free(&m);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(open_once);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tones_cross_over_ipv4),
		TEST(tones_cross_over_ipv6),
		TEST(digits_arrive_once),
		TEST(digits_arrive_as_tones),
		TEST(echo_comes_back),
		TEST(playing_ends_and_may_begin_anew),
		TEST(pace_is_exact),
		TEST(catching_up_is_bounded),
		TEST(latches_onto_the_first),
		TEST(strangers_are_ignored),
		TEST(silence_and_refusal_are_told),
		TEST(bye_is_told_and_ends),
		TEST(may_close_in_any_callback),
		TEST(hold_stops_and_resumes),
		TEST(reports_measure_the_way),
		TEST(parameters_are_checked),
		TEST(ports_run_out),
		TEST(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
