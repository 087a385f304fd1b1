/* Networks that fall apart and heal: no dialog outlives the media's timeout, what was short is
 * survived, a server that comes back serves on. */
#include "kit.h"

#define HOUR_MS 3600000u

struct rig {
	struct kit k;
	struct phone *alice, *bob;
};

static void rig_init(struct rig *r, uint64_t seed)
{
	static const enum transport ts[] = {TRANSPORT_UDP, TRANSPORT_TCP};

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->alice = kit_phone(&r->k, "alice", ts[seed & 1]);
	r->bob = kit_phone(&r->k, "bob", ts[seed >> 1 & 1]);
	r->bob->manner = (struct phone_manner){100, 500, 200, 0};
}

static void talk(struct rig *r, const char *uri)
{
	const struct phone_plan plan = {.hold_ms = HOUR_MS};

	assert_non_null(phone_call(r->alice, uri, &plan));
	sim_run(&r->k.sim, 5000);
	assert_int_equal(r->alice->answered, 1);
}

static size_t dialogs(const struct rig *r)
{
	return dlg_table_count(r->alice->table) + dlg_table_count(r->bob->table);
}

static void a_short_one_is_survived(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;

		rig_init(&r, seed);
		talk(&r, "sip:bob@example.com");
		sim_isolate(r.alice->node, true);
		sim_run(&r.k.sim, 20000);
		sim_heal(&r.k.sim);
		sim_run(&r.k.sim, 60000);
		assert_int_equal(r.alice->ended + r.bob->ended, 0);
		sim_run(&r.k.sim, HOUR_MS);
		assert_int_equal(r.alice->last.cause, DLG_HUNG_UP);
		assert_int_equal(r.bob->last.cause, DLG_PEER_BYE);
		sim_run(&r.k.sim, 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

/* Whoever was cut off, whichever ways: after the media's 30 s and the BYE's 32 s nothing is left. */
static void no_dialog_outlives_the_media(void **state)
{
	for (unsigned seed = 0; seed < 12; seed++) {
		struct rig r;

		rig_init(&r, 100 + seed);
		talk(&r, "sip:bob@example.com");
		switch (seed / 4) {
		case 0:
			sim_isolate(r.alice->node, true);
			break;
		case 1:
			sim_isolate(r.k.server->node, true);
			sim_cut(r.alice->node, r.bob->node, true);
			break;
		default:
			sim_cut(r.alice->node, r.bob->node, true);
			break;
		}
		sim_run(&r.k.sim, 20000 + sim_below(&r.k.sim, 60000));
		sim_heal(&r.k.sim);
		sim_run(&r.k.sim, MEDIA_TIMEOUT_MS + 32000 + 32000 + 5000);
		if (r.alice->ended && r.bob->ended && dialogs(&r) == 0) {
			assert_true(r.alice->last.media_lost || r.bob->last.media_lost);
		} else if (r.alice->ended || r.bob->ended) {
			fail_msg("seed %u: alice ended %u, bob %u, %zu dialogs", seed,
				 r.alice->ended, r.bob->ended, dialogs(&r));
		}
		sim_run(&r.k.sim, HOUR_MS + 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

/* The other side loses power: half-open connections, no word from it. */
static void a_dead_peer_is_given_up(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;

		rig_init(&r, 200 + seed);
		talk(&r, "sip:bob@example.com");
		phone_crash(r.bob, true);
		sim_run(&r.k.sim, MEDIA_TIMEOUT_MS + 35000);
		assert_int_equal(r.alice->ended, 1);
		assert_true(r.alice->last.media_lost);
		sim_run(&r.k.sim, 100000);
		assert_true(phone_is_idle(r.alice));
		assert_true(server_is_idle(r.k.server));
		kit_fini(&r.k);
	}
}

/* The server dies and comes back while they talk: the talk goes on, and its BYE gets through. */
static void a_talk_survives_the_server(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;
		const struct phone_plan plan = {.hold_ms = 60000};

		rig_init(&r, 300 + seed);
		assert_non_null(phone_call(r.alice, "sip:bob@example.com", &plan));
		sim_run(&r.k.sim, 5000);
		server_crash(r.k.server, seed >= 2);
		sim_run(&r.k.sim, 3000);
		server_start(r.k.server);
		kit_wait_ended(&r.k, r.alice, 1, 120000);
		assert_int_equal(r.alice->last.cause, DLG_HUNG_UP);
		/* A BYE by a connection that is dead and does not know it is lost: bob hears nothing. */
		sim_run(&r.k.sim, seed < 2 ? 2000 : 40000);
		assert_int_equal(r.bob->ended, 1);
		if (seed < 2)
			assert_int_equal(r.bob->last.cause, DLG_PEER_BYE);
		else
			assert_true(r.bob->last.cause == DLG_PEER_BYE || r.bob->last.media_lost);
		sim_run(&r.k.sim, 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

/* The server dies while it rings: the caller and the callee both come to an end. */
static void a_ringing_call_ends_without_the_server(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;
		const struct phone_plan plan = {.cancel_ms = 20000, .hold_ms = 1000};

		rig_init(&r, 400 + seed);
		r.bob->manner = (struct phone_manner){100, 10000, 200, 0};
		assert_non_null(phone_call(r.alice, "sip:bob@example.com", &plan));
		sim_run(&r.k.sim, 3000);
		server_crash(r.k.server, false);
		sim_run(&r.k.sim, 1000);
		server_start(r.k.server);
		sim_run(&r.k.sim, 200000);
		assert_int_equal(r.alice->ended, 1);
		assert_int_equal(r.bob->ended, 1);
		sim_run(&r.k.sim, 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

#ifdef SIM_HAS_ECHO
/* The echo ends a call whose caller is gone. */
static void the_echo_does_not_wait_for_ever(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;

		rig_init(&r, 500 + seed);
		talk(&r, "sip:echo@example.com");
		assert_true(r.alice->answered);
		phone_crash(r.alice, true);
		sim_run(&r.k.sim, MEDIA_TIMEOUT_MS + 70000);
		assert_true(server_is_idle(r.k.server));
		kit_fini(&r.k);
	}
}

static void the_echo_answers_and_sends_back(void **state)
{
	for (unsigned seed = 0; seed < 4; seed++) {
		struct rig r;
		const struct phone_plan plan = {.hold_ms = 10000, .reinvite_ms = 3000};

		rig_init(&r, 600 + seed);
		assert_non_null(phone_call(r.alice, "sip:echo@example.com", &plan));
		kit_wait_ended(&r.k, r.alice, 1, 60000);
		assert_int_equal(r.alice->last.cause, DLG_HUNG_UP);
		assert_true(r.alice->last.packets_received > 100);
		sim_run(&r.k.sim, 100000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_one_is_survived),
		cmocka_unit_test(no_dialog_outlives_the_media),
		cmocka_unit_test(a_dead_peer_is_given_up),
		cmocka_unit_test(a_talk_survives_the_server),
		cmocka_unit_test(a_ringing_call_ends_without_the_server),
#ifdef SIM_HAS_ECHO
		cmocka_unit_test(the_echo_answers_and_sends_back),
		cmocka_unit_test(the_echo_does_not_wait_for_ever),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
