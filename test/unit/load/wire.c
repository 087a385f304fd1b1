#include "harness.h"

#include <poll.h>
#include <unistd.h>

#include "load/wire.h"

#define MESSAGES 200

struct fixture {
	struct wire wire;
	int peer; /* bound, or listening */
	struct addr at;
	struct buf got;
	unsigned messages, batches, closed;
};

static void on_batch(void *ctx)
{
	((struct fixture *)ctx)->batches++;
}

static void on_message(void *ctx, unsigned socket, const struct addr *from, struct str bytes)
{
	struct fixture *f = ctx;

	f->messages++;
	buf_puts(&f->got, bytes);
}

static void on_batch_end(void *ctx)
{
}

static void on_closed(void *ctx, unsigned socket)
{
	((struct fixture *)ctx)->closed++;
}

static struct fixture f;
static const struct wire_user user = {on_batch, on_message, on_batch_end, on_closed, &f};

static void begin(bool tcp, bool open_ended)
{
	struct sockaddr_in me = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	f = (struct fixture){.got = buf_heap(1 << 20)};
	f.peer = socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f.peer, (struct sockaddr *)&me, sizeof(me)), 0);
	if (tcp)
		assert_int_equal(listen(f.peer, 4), 0);
	assert_int_equal(socket_local(f.peer, &f.at), 0);
	assert_int_equal(wire_init(&f.wire, &f.at, tcp, open_ended, 2, &user), 0);
}

static void end(void)
{
	wire_fini(&f.wire);
	close(f.peer);
	buf_free(&f.got);
}

static void put(unsigned socket, struct str s)
{
	memcpy(wire_room(&f.wire, socket), s.p, s.n);
	wire_put(&f.wire, s.n, NULL);
}

/* Lengths that are equal, that differ, that recur: each datagram arrives as it was, in order. */
static void datagrams_keep_their_bounds(void **state)
{
	char want[64], got[64];

	begin(false, *state != NULL);
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct buf b = buf_over(want, sizeof(want));

		buf_fmt(&b, "%.*s %u", (int)(i / 7 % 5), "abcde", i);
		put(0, buf_str(&b));
	}
	wire_flush(&f.wire);
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct buf b = buf_over(want, sizeof(want));
		ssize_t n = recv(f.peer, got, sizeof(got), MSG_DONTWAIT);

		assert_true(n > 0);
		buf_fmt(&b, "%.*s %u", (int)(i / 7 % 5), "abcde", i);
		assert_str(str_of(got, (size_t)n), buf_str(&b));
	}
	assert_int_equal(f.wire.sent, MESSAGES);
	end();
}

static void a_full_batch_leaves_by_itself(void **state)
{
	char got[16];

	begin(false, false);
	for (unsigned i = 0; i < WIRE_BATCH + 1; i++)
		put(0, STR("x"));
	assert_int_equal(f.wire.sent, WIRE_BATCH);
	put(1, STR("y")); /* another socket: what waits goes first */
	assert_int_equal(f.wire.sent, WIRE_BATCH + 1);
	wire_flush(&f.wire);
	for (unsigned i = 0; i < WIRE_BATCH + 2; i++)
		assert_int_equal(recv(f.peer, got, sizeof(got), MSG_DONTWAIT), 1);
	end();
}

static void datagrams_come(void **state)
{
	union sockaddr_any to;
	socklen_t n;

	begin(false, false);
	n = sockaddr_from(&f.wire.sockets[1].local, &to);
	assert_int_equal(sendto(f.peer, "one", 3, 0, &to.sa, n), 3);
	assert_int_equal(sendto(f.peer, "two", 3, 0, &to.sa, n), 3);
	assert_int_equal(wire_poll(&f.wire, 1000000000u), 0);
	assert_str(buf_str(&f.got), STR("onetwo"));
	assert_int_equal(f.batches, 1);
	assert_int_equal(f.wire.received, 2);
	end();
}

static void streams_are_cut_into_messages(void **state)
{
	static const char one[] = "SIP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";
	char text[64];
	int fd;

	begin(true, false);
	fd = accept(f.peer, NULL, NULL);
	put(0, STR("hello "));
	put(0, STR("world"));
	wire_flush(&f.wire);
	assert_int_equal(recv(fd, text, sizeof(text), 0), 11);
	for (size_t i = 0; i < sizeof(one) - 1; i++) {
		assert_int_equal(send(fd, one + i, 1, 0), 1);
		assert_int_equal(wire_poll(&f.wire, 1000000000u), 0);
		assert_int_equal(f.messages, i + 1 == sizeof(one) - 1);
	}
	assert_str(buf_str(&f.got), str_c(one));
	close(fd);
	assert_int_equal(wire_poll(&f.wire, 1000000000u), 0);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.wire.n_open, 1);
	end();
}

/* More than the kernel takes waits, and comes in order. */
static void a_slow_reader_gets_all(void **state)
{
	static char block[8000], got[65536];
	size_t want = 0, have = 0;
	int fd;

	begin(true, false);
	fd = accept(f.peer, NULL, NULL);
	for (unsigned i = 0; i < 400; i++, want += sizeof(block)) {
		memset(block, 'a' + (int)(i % 26), sizeof(block));
		put(0, str_of(block, sizeof(block)));
	}
	wire_flush(&f.wire);
	while (have < want) {
		ssize_t n;

		assert_int_equal(wire_poll(&f.wire, 0), 0);
		n = recv(fd, got, sizeof(got), 0);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(got[i], 'a' + (int)((have + (size_t)i) / 8000 % 26));
		have += (size_t)n;
	}
	assert_int_equal(f.closed, 0);
	close(fd);
	end();
}

static void nobody_listens(void **state)
{
	struct addr at;

	begin(true, false);
	at = f.at;
	end();
	f = (struct fixture){.peer = -1, .got = buf_heap(1 << 20)};
	assert_int_equal(wire_init(&f.wire, &at, true, false, 1, &user), -ECONNREFUSED);
	wire_fini(&f.wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_keep_their_bounds),
		cmocka_unit_test_prestate(datagrams_keep_their_bounds, &f),
		cmocka_unit_test(a_full_batch_leaves_by_itself),
		cmocka_unit_test(datagrams_come),
		cmocka_unit_test(streams_are_cut_into_messages),
		cmocka_unit_test(a_slow_reader_gets_all),
		cmocka_unit_test(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
