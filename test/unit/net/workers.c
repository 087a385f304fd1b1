/* Two workers on threads of their own.  Runs under ThreadSanitizer too. */
#include <pthread.h>
#include <string.h>

#include "net/clock.h"
#include "rig.h"

#define GUARD_MS 20000

struct worker {
	struct loop *loop;
	struct net *net;
	struct io *io;
	struct io_user user;
	pthread_t thread;
	unsigned got, sent, goal;
	unsigned datagrams, opened, closed;
	struct flow flow;
	int err;
	struct timer tick, guard;
	bool timed_out;
	struct worker *peer;
};

static struct net_group *group;
static struct worker workers[2];

static void on_guard(void *ctx)
{
	struct worker *w = ctx;

	w->timed_out = true;
	loop_stop(w->loop);
}

static void make(unsigned n, const struct net_listener *listeners, size_t n_listeners,
		 size_t ring_bytes)
{
	char room[256];

	memset(workers, 0, sizeof(workers));
	assert_int_equal(net_group_new(n, ring_bytes, &group), 0);
	for (unsigned i = 0; i < n; i++) {
		struct net_conf conf = {.listeners = listeners,
					.n_listeners = n_listeners,
					.group = group,
					.worker = i};
		struct buf why = buf_over(room, sizeof(room));
		struct worker *w = &workers[i];

		assert_int_equal(loop_new(&w->loop), 0);
		assert_int_equal(net_new(w->loop, &conf, &w->net), 0);
		assert_int_equal(net_bind(w->net, &why), 0);
		w->io = net_io(w->net);
		w->user.ctx = w;
		w->io->user = &w->user;
		w->peer = &workers[1 - i];
		timer_init(&w->guard, on_guard, w);
		io_timer(w->io, &w->guard, GUARD_MS);
	}
}

static void unmake(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		timer_cancel(workers[i].io->wheel, &workers[i].guard);
	for (unsigned i = 0; i < n; i++)
		net_free(&workers[i].net);
	for (unsigned i = 0; i < n; i++)
		loop_free(&workers[i].loop);
	net_group_free(&group);
}

static void *run(void *arg)
{
	loop_run(((struct worker *)arg)->loop);
	return NULL;
}

static void run_both(void)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(workers[i].thread, NULL);
	assert_false(workers[0].timed_out);
	assert_false(workers[1].timed_out);
}

/* Ping-pong: each message is answered, the loops sleep in between. */

#define ROUNDS 20000

static void on_ball(void *ctx, unsigned from, unsigned kind, const struct flow *flow,
		    struct str bytes)
{
	struct worker *w = ctx;
	unsigned n;

	if (from != w->peer->io->worker || kind != 7 || bytes.n != sizeof(n))
		return;
	memcpy(&n, bytes.p, sizeof(n));
	if (n != flow->slot)
		return;
	w->got++;
	if (n == ROUNDS) {
		loop_stop(w->peer->loop);
		loop_stop(w->loop);
		return;
	}
	n++;
	struct flow f = {.transport = TRANSPORT_TCP, .slot = n};
	if (w->io->ops->post(w->io, from, 7, &f, str_of((char *)&n, sizeof(n))) == 0)
		w->sent++;
}

static void posts_go_back_and_forth(void **state)
{
	struct flow f = {.transport = TRANSPORT_TCP, .slot = 1};
	unsigned one = 1;
	struct net_counters c;

	make(2, NULL, 0, 0);
	for (int i = 0; i < 2; i++)
		workers[i].user.on_post = on_ball;
	assert_int_equal(workers[0].io->ops->post(workers[0].io, 1, 7, &f,
						  str_of((char *)&one, sizeof(one))),
			 0);
	run_both();
	assert_int_equal(workers[0].got + workers[1].got, ROUNDS);
	net_counters_read(workers[1].net, &c);
	assert_int_equal(c.posts_in, workers[1].got);
	unmake(2);
}

/* A flood over a small ring: full is said, nothing is lost or turned round. */

#define FLOOD 50000

static void on_flood(void *ctx, unsigned from, unsigned kind, const struct flow *flow,
		     struct str bytes)
{
	struct worker *w = ctx;
	unsigned n = 0;

	memcpy(&n, bytes.p, sizeof(n));
	if (n == w->got && bytes.n == sizeof(n) + n % 300)
		w->got++;
	if (w->got == FLOOD) {
		loop_stop(w->peer->loop);
		loop_stop(w->loop);
	}
}

static void flood(void *ctx)
{
	struct worker *w = ctx;
	char text[400] = {0};

	for (; w->sent < FLOOD; w->sent++) {
		memcpy(text, &w->sent, sizeof(w->sent));
		if (w->io->ops->post(w->io, 1, 1, NULL,
				     str_of(text, sizeof(w->sent) + w->sent % 300)) < 0)
			break;
	}
	if (w->sent < FLOOD)
		io_timer(w->io, &w->tick, 0);
}

static void a_full_ring_loses_nothing(void **state)
{
	struct net_counters c;
	static char big[8192];

	make(2, NULL, 0, 4096);
	assert_int_equal(
		workers[0].io->ops->post(workers[0].io, 1, 1, NULL, str_of(big, sizeof(big))),
		-EMSGSIZE);
	assert_int_equal(workers[0].io->ops->post(workers[0].io, 2, 1, NULL, STR("x")), -EINVAL);
	assert_int_equal(workers[0].io->ops->post(workers[0].io, 1, 0x8000, NULL, STR("x")),
			 -EINVAL);
	workers[1].user.on_post = on_flood;
	timer_init(&workers[0].tick, flood, &workers[0]);
	io_timer(workers[0].io, &workers[0].tick, 0);
	run_both();
	assert_int_equal(workers[1].got, FLOOD);
	net_counters_read(workers[0].net, &c);
	assert_true(c.ring_full > 0);
	assert_int_equal(c.posts_out, FLOOD);
	unmake(2);
}

/* Without threads: both loops are turned by hand. */

#define UNTIL(cond)                                                                                \
	do {                                                                                       \
		uint64_t guard_ = clock_mono_ms() + GUARD_MS;                                      \
		while (!(cond)) {                                                                  \
			if (clock_mono_ms() > guard_)                                              \
				fail_msg("never came true: %s", #cond);                            \
			loop_once(workers[0].loop, 0);                                             \
			loop_once(workers[1].loop, 0);                                             \
		}                                                                                  \
	} while (0)

static void note_open(void *ctx, const struct flow *f)
{
	struct worker *w = ctx;

	w->opened++;
	if (f->listener != FLOW_NO_LISTENER)
		w->flow = *f;
}

static void note_bytes(void *ctx, const struct flow *f, struct str bytes)
{
	((struct worker *)ctx)->got += (unsigned)bytes.n;
}

static void note_closed(void *ctx, const struct flow *f, int err)
{
	struct worker *w = ctx;

	w->closed++;
	w->err = err;
}

static void note_datagram(void *ctx, const struct flow *f, struct str bytes)
{
	((struct worker *)ctx)->datagrams++;
}

static void make_noting(void)
{
	struct net_listener l[] = {rig_listener(TRANSPORT_UDP, "127.0.0.1:0"),
				   rig_listener(TRANSPORT_TCP, "127.0.0.1:0")};

	make(2, l, 2, 0);
	for (int i = 0; i < 2; i++) {
		workers[i].user.on_open = note_open;
		workers[i].user.on_bytes = note_bytes;
		workers[i].user.on_closed = note_closed;
		workers[i].user.on_datagram = note_datagram;
	}
}

static struct flow open_from(struct worker *w)
{
	unsigned had = workers[0].opened + workers[1].opened;
	struct addr to;
	struct flow f;

	assert_true(net_local(workers[0].net, 1, &to));
	assert_int_equal(w->io->ops->open(w->io, TRANSPORT_TCP, &to, NULL, &f), 0);
	UNTIL(workers[0].opened + workers[1].opened == had + 2);
	return f;
}

static void workers_share_their_ports(void **state)
{
	struct addr a, b;

	make_noting();
	for (size_t i = 0; i < 2; i++) {
		assert_true(net_local(workers[0].net, i, &a));
		assert_true(net_local(workers[1].net, i, &b));
		assert_true(addr_eq(&a, &b));
	}
	assert_false(net_local(workers[0].net, 2, &a));
	for (int i = 0; i < 50; i++) { /* from many ports: the kernel spreads them */
		struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
		struct rig r;
		struct flow f;

		rig_start(&r, &l, 1, NULL, NULL);
		assert_true(net_local(workers[0].net, 0, &a));
		f = rig_udp(0, &a);
		assert_int_equal(rig_send(&r, &f, STR("x")), 0);
		loop_once(r.loop, 0);
		rig_end(&r);
	}
	UNTIL(workers[0].datagrams + workers[1].datagrams == 50);
	assert_true(workers[0].datagrams > 0 && workers[1].datagrams > 0);
	unmake(2);
}

static void a_flow_is_reached_through_its_owner(void **state)
{
	struct worker *a = &workers[0], *b = &workers[1];
	struct flow f;

	make_noting();
	f = open_from(a);
	assert_int_equal(f.worker, 0);
	assert_int_equal(io_send(b->io, &f, STR("from the other")), 0);
	UNTIL(a->got + b->got == 14);
	b->io->ops->pause(b->io, &f, true); /* not its own: nothing happens */
	b->io->ops->close(b->io, &f);
	/* two connections' ends, each told to two workers */
	UNTIL(a->closed == 2 && b->closed == 2);
	/* who never heard of the end is told on asking */
	assert_int_equal(io_send(b->io, &f, STR("late")), 0);
	UNTIL(b->closed == 3);
	assert_int_equal(b->err, -ENOTCONN);
	assert_int_equal(a->closed, 2);
	assert_int_equal(io_send(a->io, &f, STR("late")), -ENOTCONN);
	f.worker = 2;
	assert_int_equal(io_send(a->io, &f, STR("late")), -ENOTCONN);
	unmake(2);
}

/* The other worker's ring is full when a connection ends: the end waits for room. */
static void no_end_is_lost(void **state)
{
	struct worker *a = &workers[0], *b = &workers[1];
	static char text[1000];
	struct net_counters c;
	struct flow f = {0};
	uint64_t had;

	make_noting();
	while (a->flow.transport == TRANSPORT_NONE) /* until the kernel gives it both ends */
		f = open_from(a);
	net_counters_read(a->net, &c);
	had = c.connections;
	for (size_t n = sizeof(text); n; n /= 2) /* to the last byte */
		while (a->io->ops->post(a->io, 1, 1, NULL, str_of(text, n - 1)) == 0)
			;
	a->io->ops->close(a->io, &f);
	for (uint64_t until = clock_mono_ms() + 50; clock_mono_ms() < until;)
		loop_once(a->loop, 5);
	net_counters_read(a->net, &c);
	assert_int_equal(c.connections, had); /* their slots wait */
	assert_int_equal(a->closed, 0);
	UNTIL(a->closed == 2 && b->closed == 2);
	net_counters_read(a->net, &c);
	assert_int_equal(c.connections, had - 2);
	unmake(2);
}

static void self_post(void **state)
{
	struct worker *a = &workers[0];

	make(1, NULL, 0, 0);
	a->peer = a;
	a->user.on_post = on_flood;
	assert_int_equal(a->io->ops->post(a->io, 0, 1, NULL, STR("\0\0\0\0")), 0);
	assert_int_equal(a->got, 0);
	loop_once(a->loop, -1);
	if (!a->got)
		loop_once(a->loop, -1);
	assert_int_equal(a->got, 1);
	unmake(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_go_back_and_forth),
		cmocka_unit_test(a_full_ring_loses_nothing),
		cmocka_unit_test(workers_share_their_ports),
		cmocka_unit_test(a_flow_is_reached_through_its_owner),
		cmocka_unit_test(no_end_is_lost),
		cmocka_unit_test(self_post),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
