/* Matching: RFC 3261 s17.2.3 with and without the cookie, s9.2, s8.2.2.2. */
#include "server.h"

static struct seen seen;

static void start(const struct asks *a)
{
	struct flow flow = server_flow(false);

	assert_int_equal(start_on(&seen, &flow, a), 0);
}

struct want {
	struct asks asks;
	bool matches;
};

static void assert_matches(const struct want *table_of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((match_of(&table_of[i].asks) == seen.txn) != table_of[i].matches)
			fail_msg("row %zu", i);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* With the cookie: branch, sent-by, method; nothing else. */
static void by_branch(void **state)
{
	static const struct want want[] = {
		{{0}, true},
		{{.method = "ACK"}, true},
		{{.method = "ACK", .to_tag = "ours"}, true},
		{{.uri = "sip:other@example.net", .call_id = "x", .from_tag = "x", .cseq = 9},
		 true},
		{{.branch = "z9hG4bKs2"}, false},
		{{.branch = "z9hG4bKS1"}, false},
		{{.via = "192.0.2.2:5060"}, false},
		{{.via = "192.0.2.1:5061"}, false},
		{{.method = "CANCEL"}, false},
		{{.method = "OPTIONS"}, false},
		{{.method = "FROB"}, false},
	};

	start(&(struct asks){0});
	assert_matches(want, COUNT(want));
	txn_server_detach(&seen.txn);
}

static void by_name_of_unknown_methods(void **state)
{
	static const struct want want[] = {
		{{.method = "FROB"}, true},
		{{.method = "FROBB"}, false},
		{{.method = "frob"}, false},
		{{0}, false},
	};

	start(&(struct asks){.method = "FROB"});
	assert_matches(want, COUNT(want));
	txn_server_detach(&seen.txn);
}

/* Without: Request-URI, tags, Call-ID, CSeq and the top Via. */
static void legacy_invite(void **state)
{
	static const struct want want[] = {
		{{.branch = ""}, true},
		{{.branch = "", .uri = "sip:bob@example.net;x=1"}, false},
		{{.branch = "", .from_tag = "a2"}, false},
		{{.branch = "", .to_tag = "t"}, false},
		{{.branch = "", .call_id = "c2@example.com"}, false},
		{{.branch = "", .cseq = 8}, false},
		{{.branch = "", .via = "192.0.2.1:5062"}, false},
		{{.branch = "1"}, false},
		{{.branch = "", .method = "OPTIONS"}, false},
		{{.branch = "", .method = "CANCEL"}, false},
		{{0}, false},
	};

	start(&(struct asks){.branch = ""});
	assert_matches(want, COUNT(want));
	txn_server_detach(&seen.txn);
}

/* An old branch, or a cookie with nothing behind it, is part of the Via. */
static void legacy_with_a_branch(void **state)
{
	static const char *const branches[] = {"1", "z9hG4bK"};

	for (size_t i = 0; i < COUNT(branches); i++) {
		struct asks a = {.branch = branches[i]}, other = a;

		start(&a);
		assert_ptr_equal(match_of(&a), seen.txn);
		other.call_id = "c2@example.com";
		assert_null(match_of(&other));
		txn_server_detach(&seen.txn);
	}
}

static void legacy_without_a_tag(void **state)
{
	start(&(struct asks){.branch = "", .from_tag = ""});
	assert_ptr_equal(match_of(&(struct asks){.branch = "", .from_tag = ""}), seen.txn);
	assert_null(match_of(&(struct asks){.branch = ""}));
	txn_server_detach(&seen.txn);
}

/* The ACK's To tag is that of our response; its CSeq method does not count. */
static void legacy_ack(void **state)
{
	static const struct want want[] = {
		{{.branch = "", .method = "ACK", .to_tag = "ours"}, true},
		{{.branch = "", .method = "ACK"}, false},
		{{.branch = "", .method = "ACK", .to_tag = "theirs"}, false},
		{{.branch = "", .method = "ACK", .to_tag = "ours", .cseq = 8}, false},
		{{.branch = "", .method = "ACK", .to_tag = "ours", .from_tag = "x"}, false},
		{{.branch = "", .method = "ACK", .to_tag = "ours", .uri = "sip:b@c"}, false},
		{{.branch = "", .method = "ACK", .to_tag = "ours", .via = "192.0.2.3"}, false},
		{{.branch = ""}, true},
	};
	static const struct asks ack = {.branch = "", .method = "ACK", .to_tag = "ours"};

	start(&(struct asks){.branch = ""});
	assert_null(match_of(&ack));
	respond(&seen, 486);
	assert_matches(want, COUNT(want));
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(seen.acks, 1);
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(seen.acks, 1);
}

/* The ACK of a 2xx is none of the transaction's business.
 * RFC6026-6-5 */
static void legacy_ack_of_2xx(void **state)
{
	start(&(struct asks){.branch = ""});
	respond(&seen, 200);
	assert_int_equal(receive(&(struct asks){.branch = "", .method = "ACK", .to_tag = "ours"}),
			 -1);
}

static void legacy_reinvite(void **state)
{
	static const struct asks again = {.branch = "", .to_tag = "ours"};

	start(&again);
	assert_ptr_equal(match_of(&again), seen.txn);
	assert_null(match_of(&(struct asks){.branch = ""}));
	respond(&seen, 491);
	assert_int_equal(receive(&(struct asks){.branch = "", .method = "ACK", .to_tag = "ours"}),
			 1);
}

static void cancels(void **state)
{
	start(&(struct asks){0});
	assert_true(cancel(&(struct asks){.method = "CANCEL"}));
	assert_false(cancel(&(struct asks){.method = "CANCEL", .branch = "z9hG4bKs2"}));
	assert_false(cancel(&(struct asks){.method = "CANCEL", .via = "192.0.2.2:5060"}));
	assert_int_equal(seen.cancels, 1);
	txn_server_detach(&seen.txn);
}

static void legacy_cancels(void **state)
{
	start(&(struct asks){.branch = ""});
	assert_true(cancel(&(struct asks){.method = "CANCEL", .branch = ""}));
	assert_false(cancel(&(struct asks){.method = "CANCEL", .branch = "", .cseq = 8}));
	assert_false(cancel(&(struct asks){.method = "CANCEL", .branch = "", .uri = "sip:x@y"}));
	assert_int_equal(seen.cancels, 1);
	txn_server_detach(&seen.txn);
}

/* What a CANCEL of anything else finds: nothing. */
static void cancel_of_options(void **state)
{
	start(&(struct asks){.method = "OPTIONS"});
	assert_false(cancel(&(struct asks){.method = "CANCEL"}));
	txn_server_detach(&seen.txn);
}

/* RFC3261-8.2.2.2-2 */
static void merged(void **state)
{
	start(&(struct asks){0});
	assert_false(is_merged(&(struct asks){0}));
	assert_true(is_merged(&(struct asks){.branch = "z9hG4bKs2"}));
	assert_true(is_merged(&(struct asks){.via = "192.0.2.2:5060"}));
	assert_true(is_merged(&(struct asks){.branch = ""}));
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2", .to_tag = "t"}));
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2", .from_tag = "x"}));
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2", .call_id = "x"}));
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2", .cseq = 8}));
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2", .method = "OPTIONS"}));
	txn_server_detach(&seen.txn);
}

/* Requests of dialogs are not compared: a BYE or an UPDATE has a number of its own.
 * RFC3261-8.2.2.2-1 */
static void not_merged_inside_a_dialog(void **state)
{
	start(&(struct asks){.to_tag = "ours"});
	assert_false(is_merged(&(struct asks){.branch = "z9hG4bKs2"}));
	txn_server_detach(&seen.txn);
}

/* A flood of them makes no chain: one stands for all. */
static void merged_flood(void **state)
{
	struct seen many[50];
	struct flow flow = server_flow(false);
	char branch[32];

	for (unsigned i = 0; i < 50; i++) {
		struct buf b = buf_over(branch, sizeof(branch));

		buf_fmt(&b, "z9hG4bKm%u", i);
		assert_int_equal(is_merged(&(struct asks){.branch = buf_c(&b)}), i > 0);
		assert_int_equal(start_on(&many[i], &flow, &(struct asks){.branch = branch}), 0);
	}
	assert_int_equal(table.idents.n, 1);
	for (unsigned i = 0; i < 50; i++)
		txn_server_detach(&many[i].txn);
}

static void sweep(void)
{
	static const struct asks legacy = {.branch = ""};
	struct flow flow = server_flow(true);

	fake_init(&fake);
	if (txn_table_init(&table, &fake.io, NULL) < 0)
		return;
	if (start_on(&seen, &flow, &legacy) == 0) {
		respond(&seen, 486);
		receive(&(struct asks){.branch = "", .method = "ACK", .to_tag = "ours"});
		fake_run(&fake, 100000);
		assert_int_equal(seen.ends, 1);
	}
	txn_table_fini(&table);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(by_branch),
		with_table(by_name_of_unknown_methods),
		with_table(legacy_invite),
		with_table(legacy_with_a_branch),
		with_table(legacy_without_a_tag),
		with_table(legacy_ack),
		with_table(legacy_ack_of_2xx),
		with_table(legacy_reinvite),
		with_table(cancels),
		with_table(legacy_cancels),
		with_table(cancel_of_options),
		with_table(merged),
		with_table(not_merged_inside_a_dialog),
		with_table(merged_flood),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
