#include "harness.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_wire.h"
#include "net/clock.h"
#include "net/sockaddr.h"
#include "rig.h"

/* A name server of our own, on loopback, in the net's loop. */
struct server {
	struct loop_fd fd;
	struct addr at;
	unsigned asked;
	bool silent;
	char text[ADDR_TEXT_MAX];
};

static struct rig rig;
static struct server server;

struct asked {
	struct io_query q;
	unsigned done;
	int err;
	size_t n;
	struct io_record first;
	char target[256];
	struct asked *next; /* asked from inside done */
};

static struct str read_question(struct str m, char name[256], unsigned *type)
{
	struct buf b = buf_over(name, 256);
	size_t at = 12;

	while (m.p[at]) {
		if (b.n)
			buf_putc(&b, '.');
		buf_put(&b, m.p + at + 1, (unsigned char)m.p[at]);
		at += 1 + (unsigned char)m.p[at];
	}
	*type = (unsigned)(unsigned char)m.p[at + 1] << 8 | (unsigned char)m.p[at + 2];
	return buf_str(&b);
}

static void put_srv(struct buf *b)
{
	char data[100];
	struct buf d = buf_over(data, sizeof(data));

	wire_u16(&d, 10);
	wire_u16(&d, 20);
	wire_u16(&d, 5070);
	wire_name(&d, STR("sip1.test.example"));
	wire_record(b, IO_RR_SRV, 60, buf_str(&d));
}

static void put_naptr(struct buf *b)
{
	char data[100];
	struct buf d = buf_over(data, sizeof(data));

	wire_u16(&d, 10);
	wire_u16(&d, 50);
	wire_string(&d, STR("s"));
	wire_string(&d, STR("SIP+D2U"));
	wire_string(&d, STR(""));
	wire_name(&d, STR("_sip._udp.test.example"));
	wire_record(b, IO_RR_NAPTR, 60, buf_str(&d));
}

/* "none..." has no records, "gone..." is no name, "broken..." is refused. */
static void put_answer(struct buf *b, unsigned id, struct str name, unsigned type)
{
	bool none = str_starts(name, STR("none")), gone = str_starts(name, STR("gone"));
	bool broken = str_starts(name, STR("broken"));

	wire_header(b, id, gone ? 3 : broken ? 5 : 0, none || gone || broken ? 0 : 1);
	wire_question(b, name, type);
	if (none || gone || broken)
		return;
	if (type == IO_RR_A)
		wire_record(b, type, str_starts(name, STR("brief")) ? 1 : 60,
			    str_of("\xc0\0\2\7", 4));
	else if (type == IO_RR_AAAA)
		wire_record(b, type, 60, str_of("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7", 16));
	else if (type == IO_RR_SRV)
		put_srv(b);
	else
		put_naptr(b);
}

static void on_question(void *ctx, uint32_t events)
{
	struct server *s = ctx;
	char room[1500], out[1500], name[256];
	struct buf b = buf_over(out, sizeof(out));
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s->fd.fd, room, sizeof(room), 0, (struct sockaddr *)&from, &len);
	struct str asked;
	unsigned type;

	if (n < 17)
		return;
	s->asked++;
	asked = read_question(str_of(room, (size_t)n), name, &type);
	if (s->silent || str_starts(asked, STR("silent")))
		return;
	put_answer(&b, (unsigned)(unsigned char)room[0] << 8 | (unsigned char)room[1], asked, type);
	sendto(s->fd.fd, out, b.n, 0, (struct sockaddr *)&from, len);
}

static void start_with(const struct net_limits *limits)
{
	struct addr any = rig_addr("127.0.0.1:0");
	int fd;

	memset(&server, 0, sizeof(server));
	assert_int_equal(port_bind(TRANSPORT_UDP, &any, &fd, &server.at), 0);
	addr_text(&server.at, server.text);
	rig_start(&rig, NULL, 0, limits, server.text);
	server.fd = (struct loop_fd){fd, on_question, &server};
	assert_int_equal(loop_add(rig.loop, &server.fd, EPOLLIN), 0);
}

static void start(void)
{
	start_with(NULL);
}

static void end(void)
{
	if (server.fd.fd >= 0) {
		loop_del(rig.loop, &server.fd);
		close(server.fd.fd);
	}
	rig_end(&rig);
}

static void ask(struct asked *a, enum io_rr type, struct str name);

static void on_done(void *ctx, int err, const struct io_record *records, size_t n)
{
	struct asked *a = ctx;

	assert_false(rig.in_call);
	a->done++;
	a->err = err;
	a->n = n;
	if (n) {
		a->first = records[0];
		str_to_c(records[0].target, a->target, sizeof(a->target));
	}
	if (a->next)
		ask(a->next, a->q.type, a->q.name);
}

static void ask(struct asked *a, enum io_rr type, struct str name)
{
	struct asked *next = a->next;

	*a = (struct asked){.q = {.type = type, .name = name, .done = on_done, .ctx = a}};
	a->next = next;
	rig.in_call = true;
	rig.io->ops->resolve(rig.io, &a->q);
	rig.in_call = false;
}

static void ask_and_wait(struct asked *a, enum io_rr type, struct str name)
{
	a->next = NULL;
	ask(a, type, name);
	RIG_UNTIL(&rig, a->done);
	assert_int_equal(a->done, 1);
}

static void expect_addr(struct str name, enum io_rr type, const char *ip)
{
	struct asked a;
	struct addr want;

	assert_true(addr_parse_ip(str_c(ip), &want));
	ask_and_wait(&a, type, name);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.first.type, type);
	assert_true(addr_eq(&a.first.addr, &want));
}

static void localhost_needs_no_server(void **state)
{
	struct asked a;

	start();
	expect_addr(STR("localhost"), IO_RR_A, "127.0.0.1");
	expect_addr(STR("LocalHost."), IO_RR_A, "127.0.0.1");
	expect_addr(STR("sip.localhost"), IO_RR_A, "127.0.0.1");
	expect_addr(STR("localhost"), IO_RR_AAAA, "::1");
	expect_addr(STR("192.0.2.9"), IO_RR_A, "192.0.2.9");
	expect_addr(STR("2001:db8::9"), IO_RR_AAAA, "2001:db8::9");
	ask_and_wait(&a, IO_RR_SRV, STR("_sip._udp.localhost"));
	assert_int_equal(a.err, -ENOENT);
	ask_and_wait(&a, IO_RR_AAAA, STR("192.0.2.9"));
	assert_int_equal(a.err, -ENOENT);
	ask_and_wait(&a, IO_RR_A, STR("sip.invalid"));
	assert_int_equal(a.err, -ENOENT);
	assert_int_equal(server.asked, 0);
	end();
}

/* Some name of /etc/hosts that is not localhost, where there is one. */
static bool hosts_name(char name[64], char ip[64])
{
	FILE *f = fopen("/etc/hosts", "re");
	bool found = false;
	char line[512];

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%63[0-9.] %63[a-z]\n", ip, name) == 2 &&
			strcmp(name, "localhost") != 0;
	if (f)
		fclose(f);
	return found;
}

static void the_hosts_file_comes_first(void **state)
{
	char name[64], ip[64];
	struct asked a;

	if (!hosts_name(name, ip))
		skip();
	start();
	expect_addr(str_c(name), IO_RR_A, ip);
	ask_and_wait(&a, IO_RR_AAAA, str_c(name));
	assert_true(a.err == -ENOENT || a.first.addr.family == 6);
	assert_int_equal(server.asked, 0);
	end();
}

static void a_bad_server_list_is_told(void **state)
{
	struct net_conf conf = {.dns_servers = "not an address"};
	struct loop *loop;
	struct net *net;

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(net_new(loop, &conf, &net), -EINVAL);
	loop_free(&loop);
}

static void bad_names_are_no_names(void **state)
{
	char longest[300];
	const struct str bad[] = {STR(""),
				  STR("."),
				  STR("a b"),
				  str_of("a\0b", 3),
				  str_of(longest, sizeof(longest)),
				  STR("a\\b")};
	struct asked a;

	memset(longest, 'a', sizeof(longest));
	start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask_and_wait(&a, IO_RR_A, bad[i]);
		assert_int_equal(a.err, -ENOENT);
	}
	ask_and_wait(&a, IO_RR_A, STR("a..b"));
	assert_int_not_equal(a.err, 0);
	ask_and_wait(&a, IO_RR_A, str_of(longest, 100)); /* one label of 100 */
	assert_int_not_equal(a.err, 0);
	end();
}

static void asks_for_each_type(void **state)
{
	struct asked a;

	start();
	expect_addr(STR("sip1.test.example"), IO_RR_A, "192.0.2.7");
	expect_addr(STR("sip1.test.example"), IO_RR_AAAA, "2001:db8::7");
	ask_and_wait(&a, IO_RR_SRV, STR("_sip._udp.test.example"));
	assert_int_equal(a.err, 0);
	assert_int_equal(a.first.priority, 10);
	assert_int_equal(a.first.weight, 20);
	assert_int_equal(a.first.port, 5070);
	assert_string_equal(a.target, "sip1.test.example");
	ask_and_wait(&a, IO_RR_NAPTR, STR("test.example"));
	assert_int_equal(a.err, 0);
	assert_int_equal(a.first.weight, 50);
	assert_string_equal(a.target, "_sip._udp.test.example");
	end();
}

static void what_is_not_there_is_said_at_once(void **state)
{
	uint64_t start_ms = clock_mono_ms();
	struct asked a;

	start();
	ask_and_wait(&a, IO_RR_A, STR("gone.test.example"));
	assert_int_equal(a.err, -ENOENT);
	ask_and_wait(&a, IO_RR_NAPTR, STR("none.test.example"));
	assert_int_equal(a.err, -ENOENT);
	assert_int_equal(a.n, 0);
	assert_int_equal(server.asked, 2);
	ask_and_wait(&a, IO_RR_A, STR("gone.test.example")); /* remembered */
	assert_int_equal(a.err, -ENOENT);
	assert_int_equal(server.asked, 2);
	ask_and_wait(&a, IO_RR_A, STR("broken.test.example"));
	assert_int_equal(a.err, -EIO);
	assert_true(clock_mono_ms() - start_ms < 2000);
	end();
}

static void answers_are_kept_and_shared(void **state)
{
	struct asked a[10];
	unsigned done = 0;

	start();
	memset(a, 0, sizeof(a));
	for (int i = 0; i < 10; i++)
		ask(&a[i], IO_RR_A,
		    i & 1 ? STR("Shared.test.example") : STR("shared.TEST.example."));
	while (done < 10) {
		loop_once(rig.loop, 100);
		done = 0;
		for (int i = 0; i < 10; i++)
			done += a[i].done;
	}
	assert_int_equal(server.asked, 1);
	expect_addr(STR("shared.test.example"), IO_RR_A, "192.0.2.7");
	assert_int_equal(server.asked, 1);
	assert_int_equal(rig_counters(&rig).dns_asked, 1);
	assert_int_equal(rig_counters(&rig).dns_cached, 1);
	end();
}

static void answers_end_with_their_ttl(void **state)
{
	uint64_t until;

	start();
	expect_addr(STR("brief.test.example"), IO_RR_A, "192.0.2.7");
	for (until = clock_mono_ms() + 1010; clock_mono_ms() < until;)
		loop_once(rig.loop, (int)(until - clock_mono_ms()));
	expect_addr(STR("brief.test.example"), IO_RR_A, "192.0.2.7");
	assert_int_equal(server.asked, 2);
	end();
}

static void a_cancelled_query_stays_silent(void **state)
{
	struct asked a = {.next = NULL}, b = {.next = NULL};

	start();
	ask(&a, IO_RR_A, STR("cancel.test.example"));
	ask(&b, IO_RR_A, STR("cancel.test.example"));
	rig.io->ops->resolve_cancel(rig.io, &a.q);
	rig.io->ops->resolve_cancel(rig.io, &a.q);
	RIG_UNTIL(&rig, b.done);
	assert_int_equal(a.done, 0);
	ask(&a, IO_RR_A, STR("cancel.test.example")); /* from the cache */
	rig.io->ops->resolve_cancel(rig.io, &a.q);
	loop_once(rig.loop, 0);
	loop_once(rig.loop, 0);
	assert_int_equal(a.done, 0);
	end();
}

static void asks_again_from_inside(void **state)
{
	struct asked b = {.next = NULL}, a = {.next = &b};

	start();
	ask(&a, IO_RR_A, STR("again.test.example"));
	RIG_UNTIL(&rig, b.done);
	assert_int_equal(b.err, 0);
	assert_int_equal(server.asked, 1);
	end();
}

static void silence_is_bounded(void **state)
{
	struct net_limits soon = {.resolve_ms = 100};
	uint64_t start_ms = clock_mono_ms();
	struct asked a = {.next = NULL};

	start_with(&soon);
	ask_and_wait(&a, IO_RR_A, STR("silent.test.example"));
	assert_int_equal(a.err, -ETIMEDOUT);
	assert_true(clock_mono_ms() - start_ms < 1000);
	ask_and_wait(&a, IO_RR_A, STR("silent.test.example")); /* and is remembered */
	assert_int_equal(a.err, -ETIMEDOUT);
	assert_true(clock_mono_ms() - start_ms < 1000);
	ask(&a, IO_RR_A, STR("silent2.test.example"));
	loop_once(rig.loop, 0);
	end(); /* with a question under way */
	assert_int_equal(a.done, 0);
}

/* Nobody at the server's port: ICMP says so, and nobody waits. */
static void no_server_fails_at_once(void **state)
{
	uint64_t start_ms = clock_mono_ms();
	struct asked a;

	start();
	loop_del(rig.loop, &server.fd);
	close(server.fd.fd);
	server.fd.fd = -1;
	ask_and_wait(&a, IO_RR_SRV, STR("_sip._udp.test.example"));
	assert_int_equal(a.err, -EIO);
	assert_true(clock_mono_ms() - start_ms < 1000);
	end();
}

/* More names than the cache holds. */
static void the_cache_is_bounded(void **state)
{
	static char names[5000][16];
	static struct asked a[5000];
	unsigned done = 0;

	start();
	for (unsigned i = 0; i < 5000; i++) {
		struct buf b = buf_over(names[i], sizeof(names[i]));

		buf_fmt(&b, "n%u.localhost", i);
		a[i].next = NULL;
		ask(&a[i], IO_RR_A, buf_str(&b));
		if (i % 100 == 99)
			loop_once(rig.loop, 0);
	}
	loop_once(rig.loop, 0);
	for (unsigned i = 0; i < 5000; i++)
		done += a[i].done == 1 && a[i].err == 0;
	assert_int_equal(done, 5000);
	assert_true(alloc_live() < 2 * 4096 + 100);
	end();
}

static struct asked swept;

static void ask_once(void)
{
	struct net_conf conf = {.dns_servers = "127.0.0.1:9", .limits.resolve_ms = 100};
	struct loop *loop = NULL;
	struct net *net = NULL;

	swept = (struct asked){0};
	if (loop_new(&loop) == 0 && net_new(loop, &conf, &net) == 0) {
		swept.q = (struct io_query){.type = IO_RR_A,
					    .name = STR("x.test.example"),
					    .done = on_done,
					    .ctx = &swept};
		net_io(net)->ops->resolve(net_io(net), &swept.q);
		for (uint64_t until = clock_mono_ms() + 6000;
		     !swept.done && clock_mono_ms() < until;)
			loop_once(loop, 20);
		assert_int_equal(swept.done, 1);
		assert_int_not_equal(swept.err, 0);
	}
	net_free(&net);
	loop_free(&loop);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(ask_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(localhost_needs_no_server),
		cmocka_unit_test(the_hosts_file_comes_first),
		cmocka_unit_test(a_bad_server_list_is_told),
		cmocka_unit_test(bad_names_are_no_names),
		cmocka_unit_test(asks_for_each_type),
		cmocka_unit_test(what_is_not_there_is_said_at_once),
		cmocka_unit_test(answers_are_kept_and_shared),
		cmocka_unit_test(answers_end_with_their_ttl),
		cmocka_unit_test(a_cancelled_query_stays_silent),
		cmocka_unit_test(asks_again_from_inside),
		cmocka_unit_test(silence_is_bounded),
		cmocka_unit_test(no_server_fails_at_once),
		cmocka_unit_test(the_cache_is_bounded),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
