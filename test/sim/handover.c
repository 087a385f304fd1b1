/* Between workers: what is another's goes through a ring that can be full.  Datagrams are dropped and
 * counted, streams are not read until there is room, and what they said stays in its order. */
#include "kit.h"

#define MANY 300

struct rig {
	struct kit k;
	struct wire *w;
	unsigned made;
};

static void rig_init(struct rig *r, uint64_t seed, unsigned ring)
{
	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->k.server->node->fixed_worker = 0;
	r->k.server->node->ring = ring;
	r->w = kit_wire(&r->k, "peer");
}

/* A Call-ID that worker 1 owns. */
static unsigned next_for_other(struct rig *r)
{
	char id[16];

	do {
		struct buf b = buf_over(id, sizeof(id));

		buf_fmt(&b, "c%u", ++r->made);
		buf_c(&b);
	} while (core_call_owner(r->k.server->w[0].core, str_c(id)) != 1);
	return r->made;
}

static void ask(struct rig *r, bool stream, unsigned id)
{
	static const char text[] = "MESSAGE sip:nobody@example.com SIP/2.0\r\nVia: SIP/2.0/%s "
				   "198.51.100.2:5060;branch=z9hG4bK%u\r\n"
				   "Max-Forwards: 70\r\nFrom: <sip:x@y.example>;tag=1\r\nTo: "
				   "<sip:nobody@example.com>\r\n"
				   "Call-ID: c%u\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n";

	if (stream)
		wire_stream(r->w, KIT_IP, text, "TCP", id, id);
	else
		wire_send(r->w, KIT_IP, text, "UDP", id, id);
}

static void nothing_is_dropped_where_there_is_room(void **state)
{
	struct rig r;
	unsigned n = 0;

	rig_init(&r, 1, 4096);
	for (unsigned i = 0; i < MANY; i++)
		ask(&r, false, next_for_other(&r));
	while (wire_final(r.w, 1000) == 404)
		n++;
	assert_int_equal(n, MANY);
	assert_int_equal(core_counters(r.k.server->w[0].core)->handed_over, MANY);
	assert_int_equal(core_counters(r.k.server->w[0].core)->ring_full, 0);
	kit_fini(&r.k);
}

static void a_full_ring_drops_datagrams_and_counts(void **state)
{
	struct rig r;
	const struct core_counters *c;
	unsigned n = 0;

	rig_init(&r, 2, 4);
	r.k.sim.link.jitter_ms = 0;
	r.k.server->node->post_delay_us = 5000;
	for (unsigned i = 0; i < MANY; i++)
		ask(&r, false, next_for_other(&r));
	while (wire_final(r.w, 1000) == 404)
		n++;
	c = core_counters(r.k.server->w[0].core);
	assert_in_range(n, 4, MANY - 1);
	assert_int_equal(c->dropped, MANY - n);
	assert_int_equal(c->ring_full, c->dropped);
	assert_int_equal(c->handed_over, n);
	kit_fini(&r.k);
}

static void a_full_ring_holds_streams_in_order(void **state)
{
	for (unsigned seed = 3; seed < 8; seed++) {
		struct rig r;
		unsigned ids[MANY], n = 0;
		const struct core_counters *c;

		rig_init(&r, seed, seed & 1 ? 3 : 4096);
		r.k.server->node->full_permille = 200;
		r.k.server->node->post_delay_us = 3000;
		for (unsigned i = 0; i < MANY; i++)
			ask(&r, true, ids[i] = next_for_other(&r));
		for (; wire_final(r.w, 2000) == 404; n++) {
			char want[16];
			struct buf b = buf_over(want, sizeof(want));

			buf_fmt(&b, "c%u", ids[n]);
			assert_string_equal(wire_header(r.w, "Call-ID"), buf_c(&b));
		}
		assert_int_equal(n, MANY);
		c = core_counters(r.k.server->w[0].core);
		assert_true(c->ring_full > 0);
		assert_int_equal(c->dropped, 0);
		kit_fini(&r.k);
	}
}

/* A connection that dies while its messages wait for the ring takes nothing with it. */
static void a_stream_may_die_while_it_waits(void **state)
{
	for (unsigned seed = 8; seed < 14; seed++) {
		struct rig r;

		rig_init(&r, seed, 2);
		r.k.server->node->post_delay_us = 20000;
		for (unsigned i = 0; i < 60; i++)
			ask(&r, true, next_for_other(&r));
		sim_run(&r.k.sim, 10 + sim_below(&r.k.sim, 60));
		sim_kill(wire_node(r.w), false);
		sim_run(&r.k.sim, 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

/* Whichever worker a message comes to: calls through both. */
static void calls_cross_the_workers(void **state)
{
	for (unsigned seed = 20; seed < 40; seed++) {
		struct kit k;
		struct phone *alice, *bob;

		kit_init(&k, seed);
		k.server->node->ring = 2;
		k.server->node->post_delay_us = 30000;
		alice = kit_phone(&k, "alice", seed & 1 ? TRANSPORT_UDP : TRANSPORT_TCP);
		bob = kit_phone(&k, "bob", seed & 2 ? TRANSPORT_UDP : TRANSPORT_TCP);
		for (unsigned i = 1; i <= 4; i++) {
			assert_non_null(phone_call(alice, "sip:bob@example.com",
						   &(struct phone_plan){.hold_ms = 3000}));
			kit_wait_ended(&k, alice, i, 60000);
			kit_wait_ended(&k, bob, i, 60000);
			assert_int_equal(alice->last.cause, DLG_HUNG_UP);
		}
		sim_run(&k.sim, 100000);
		kit_quiet(&k);
		assert_true(k.sim.stats.posts > 0);
		kit_fini(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_dropped_where_there_is_room),
		cmocka_unit_test(a_full_ring_drops_datagrams_and_counts),
		cmocka_unit_test(a_full_ring_holds_streams_in_order),
		cmocka_unit_test(a_stream_may_die_while_it_waits),
		cmocka_unit_test(calls_cross_the_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
