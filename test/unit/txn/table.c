/* The table: its bound, its branches, flows that fail, shutdown, memory a transaction. */
#include <stdlib.h>

#include "client.h"
#include "txn/server.h"

static struct flow udp;

static int begin(void **state)
{
	udp = fake_udp("192.0.2.1:5060");
	return begin_table(state);
}

#define with_flows(f) cmocka_unit_test_setup_teardown(f, begin, end_table)

static struct sip_rx *kept_request(const char *branch)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	buf_fmt(&b, client_request, "OPTIONS", branch, "OPTIONS");
	return fake_kept(&udp, buf_str(&b));
}

static void bounded(void **state)
{
	struct txn_server *server;
	static struct seen a, b;

	table.max = 2;
	assert_int_equal(start_on(&a, &udp, "OPTIONS", "z9hG4bK1"), 0);
	assert_int_equal(txn_server_new(&table, kept_request("z9hG4bK9"), NULL, &server), 0);
	assert_int_equal(start_on(&b, &udp, "OPTIONS", "z9hG4bK2"), -ENOBUFS);
	assert_int_equal(txn_server_new(&table, kept_request("z9hG4bK8"), NULL, &server), -ENOBUFS);
	assert_int_equal(txn_count(&table), 2);
	assert_int_equal(table.counters.clients + table.counters.servers, 2);
	assert_int_equal(fake.n_sent, 1);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

static void branches_are_tokens_and_differ(void **state)
{
	static char seen[2000][64];

	for (unsigned i = 0; i < 2000; i++) {
		struct buf b = buf_over(seen[i], sizeof(seen[i]));

		txn_put_branch(&table, &b);
		assert_false(b.failed);
		assert_true(str_starts(buf_str(&b), STR("z9hG4bK")) && b.n > 20);
		for (size_t k = 0; k < b.n; k++)
			assert_non_null(strchr("0123456789-_abcdefghijklmnopqrstuvwxyz"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
					       b.p[k]));
	}
	qsort(seen, 2000, 64, by_bytes);
	for (unsigned i = 1; i < 2000; i++)
		assert_memory_not_equal(seen[i - 1], seen[i], 64);
}

static void other_tables_other_branches(void **state)
{
	char one[64], two[64];
	struct buf a = buf_over(one, sizeof(one)), b = buf_over(two, sizeof(two));
	struct txn_table other;

	assert_int_equal(txn_table_init(&other, &fake.io, NULL), 0);
	txn_put_branch(&table, &a);
	txn_put_branch(&other, &b);
	assert_false(str_eq(buf_str(&a), buf_str(&b)));
	txn_table_fini(&other);
}

/* Only those that wait, and only on that flow.
 * RFC3261-17.1.4-1 */
static void a_flow_fails(void **state)
{
	struct flow tcp = fake_tcp(1), other = fake_tcp(2), stale = fake_tcp(1);
	static struct seen wait[3], final, ringing, elsewhere;

	for (unsigned i = 0; i < 3; i++) {
		char branch[] = "z9hG4bK0";

		branch[7] = (char)('0' + i);
		assert_int_equal(start_on(&wait[i], &tcp, "OPTIONS", branch), 0);
	}
	start_on(&final, &tcp, "INVITE", "z9hG4bK4");
	respond(200, "z9hG4bK4", "INVITE");
	start_on(&ringing, &tcp, "INVITE", "z9hG4bK5");
	respond(180, "z9hG4bK5", "INVITE");
	start_on(&elsewhere, &other, "OPTIONS", "z9hG4bK6");
	stale.gen = 9;
	txn_flow_failed(&table, &stale, -ENOTCONN);
	assert_int_equal(wait[0].ends, 0);
	txn_flow_failed(&table, &tcp, -ENOTCONN);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(wait[i].err, -ENOTCONN);
	assert_int_equal(ringing.err, -ENOTCONN);
	assert_int_equal(final.ends, 0);
	assert_int_equal(elsewhere.ends, 0);
	assert_int_equal(txn_count(&table), 2);
	txn_flow_failed(&table, &tcp, -ENOTCONN);
}

/* An ICMP error tells the peer; our own address may be unknown to it. */
static void udp_peer_is_unreachable(void **state)
{
	struct flow other = fake_udp("192.0.2.1:5061"), told = udp;
	static struct seen a, b;

	start_on(&a, &udp, "OPTIONS", "z9hG4bK1");
	start_on(&b, &other, "OPTIONS", "z9hG4bK2");
	assert_true(addr_parse(STR("192.0.2.9:5060"), &told.local));
	txn_flow_failed(&table, &told, -ECONNREFUSED);
	assert_int_equal(a.err, -ECONNREFUSED);
	assert_int_equal(b.ends, 0);
}

/* The leader of a flow's ring goes first, in the middle, last. */
static void waiting_ends_in_any_order(void **state)
{
	static const char *const branch[] = {"z9hG4bK1", "z9hG4bK2", "z9hG4bK3", "z9hG4bK4"};
	static const unsigned order[][3] = {{0, 1, 2}, {3, 2, 1}, {1, 0, 3}, {2, 0, 1}};
	static struct seen s[4];

	for (size_t k = 0; k < 4; k++) {
		struct flow tcp = fake_tcp((uint32_t)k + 1);

		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(start_on(&s[i], &tcp, "OPTIONS", branch[i]), 0);
		for (unsigned i = 0; i < 3; i++)
			respond(200, branch[order[k][i]], "OPTIONS");
		assert_int_equal(table.flows.n, 1);
		txn_flow_failed(&table, &tcp, -ENOTCONN);
		assert_int_equal(s[0].ends + s[1].ends + s[2].ends + s[3].ends, 1);
		assert_int_equal(table.flows.n, 0);
		fake_run(&fake, 0);
	}
}

static struct seen again;
static unsigned begun;

static void begin_again(void *ctx, int err)
{
	struct flow tcp = fake_tcp(1);

	if (begun++ < 3)
		start_on(&again, &tcp, "OPTIONS", "z9hG4bK7");
}

/* A user who tries again at once on the same flow does not fail again at once. */
static void new_waits_inside_a_failure(void **state)
{
	struct txn_client_user user = {.on_end = begin_again};
	struct flow tcp = fake_tcp(1);
	struct txn_client *t;
	static struct seen other;

	begun = 0;
	assert_int_equal(txn_client_new(&table, &tcp, STR("OPTIONS sip:a SIP/2.0\r\n\r\n"),
					SIP_OPTIONS, STR("OPTIONS"), STR("z9hG4bK1"), &user, &t),
			 0);
	start_on(&other, &tcp, "OPTIONS", "z9hG4bK2");
	txn_flow_failed(&table, &tcp, -ENOTCONN);
	assert_int_equal(begun, 1);
	assert_int_equal(other.ends, 1);
	assert_int_equal(again.ends, 0);
	assert_int_equal(txn_count(&table), 1);
}

static void shutdown(void **state)
{
	static struct seen s[40];
	struct txn_server *server;
	char branch[32];

	for (unsigned i = 0; i < 40; i++) {
		struct buf b = buf_over(branch, sizeof(branch));

		buf_fmt(&b, "z9hG4bKx%u", i);
		start_on(&s[i], &udp, i % 2 ? "INVITE" : "OPTIONS", buf_c(&b));
		assert_int_equal(txn_server_new(&table, kept_request(branch), NULL, &server), 0);
	}
	txn_table_fini(&table);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(s[i].err, -ESHUTDOWN);
	assert_int_equal(fake.wheel.n, 0);
	assert_int_equal(alloc_live(), 0);
	assert_int_equal(txn_table_init(&table, &fake.io, NULL), 0);
}

/* What stands until the timers end: one block, and the bytes that may be sent again. */
static void kept_blocks_are_few(void **state)
{
	struct txn_server *server;
	long before;
	static struct seen a, b;

	before = alloc_live();
	start_on(&a, &udp, "INVITE", "z9hG4bK1");
	respond(180, "z9hG4bK1", "INVITE");
	assert_int_equal(alloc_live() - before, 2);
	respond(200, "z9hG4bK1", "INVITE");
	assert_int_equal(alloc_live() - before, 1);
	before = alloc_live();
	start_on(&b, &udp, "INVITE", "z9hG4bK2");
	respond(486, "z9hG4bK2", "INVITE");
	assert_int_equal(alloc_live() - before, 2);
	before = alloc_live();
	assert_int_equal(txn_server_new(&table, kept_request("z9hG4bK3"), NULL, &server), 0);
	txn_server_respond(server, &udp, 200, STR("SIP/2.0 200 OK\r\n\r\n"));
	assert_int_equal(alloc_live() - before, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_flows(bounded),
		with_flows(branches_are_tokens_and_differ),
		with_flows(other_tables_other_branches),
		with_flows(a_flow_fails),
		with_flows(udp_peer_is_unreachable),
		with_flows(waiting_ends_in_any_order),
		with_flows(new_waits_inside_a_failure),
		with_flows(shutdown),
		with_flows(kept_blocks_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
