/* Calls while servers die, phones lose power, routers stand between and the network falls apart: all
 * may fail, but nothing may stay.  sim_chaos --seed N [--trace | --bytes] plays one again. */
#include <stdlib.h>

#include "harness.h"
#include "phone.h"
#include "server.h"

#define PHONES 10
#define STEPS 80
#define HELD_MS (15 * 60 * 1000) /* as app/talk.c has it */

struct chaos {
	struct sim sim;
	struct server *server[2];
	struct phone *phone[PHONES];
	bool dark[PHONES]; /* without power */
	unsigned calls;
};

static unsigned total_calls, total_crashes;

static void make_servers(struct chaos *x)
{
	static const char *const ips[] = {"192.0.2.1", "192.0.2.2"};
	static const char *const domains[] = {"example.com", "example.org"};

	for (unsigned i = 0; i < 2; i++) {
		x->server[i] = server_new(&x->sim, i ? "org" : "com", ips[i], domains[i]);
		for (unsigned k = 0; k < PHONES; k++) {
			char name[16];
			struct buf b = buf_over(name, sizeof(name));

			buf_fmt(&b, "u%u", k);
			server_add_user(x->server[i], buf_c(&b), "secret");
		}
		server_start(x->server[i]);
		sim_zone_a(&x->sim, domains[i], ips[i]);
	}
}

static void start_phone(struct phone *ph)
{
	ph->refreshes = true;
	phone_start(ph);
	phone_register(ph, 60);
}

static void make_phone(struct chaos *x, unsigned i)
{
	struct server *sv = x->server[sim_below(&x->sim, 2)];
	char name[16], ip[32], outside[32];
	struct buf b = buf_over(name, sizeof(name)), ib = buf_over(ip, sizeof(ip));
	struct buf ob = buf_over(outside, sizeof(outside));
	struct phone *ph;

	buf_fmt(&b, "u%u", i);
	buf_fmt(&ib, "198.51.100.%u", i + 1);
	buf_fmt(&ob, "203.0.113.%u", i + 1);
	ph = phone_new(&x->sim, buf_c(&b), "secret", sv->domain, buf_c(&ib), sv->host,
		       sim_chance(&x->sim, 500) ? TRANSPORT_TCP : TRANSPORT_UDP);
	if (sim_chance(&x->sim, 300))
		phone_behind(ph, sim_nat_new(&x->sim, buf_c(&ob)));
	ph->manner = (struct phone_manner){.ring_ms = (uint32_t)sim_below(&x->sim, 500),
					   .answer_ms = (uint32_t)sim_below(&x->sim, 8000),
					   .status = sim_chance(&x->sim, 800) ? 200 : 486};
	ph->media_timeout_ms = 10000;
	x->phone[i] = ph;
	start_phone(ph);
}

static void some_call(struct chaos *x)
{
	struct sim *s = &x->sim;
	unsigned from = (unsigned)sim_below(s, PHONES);
	struct phone *to = x->phone[sim_below(s, PHONES)];
	struct phone_plan plan = {.hold_ms = (uint32_t)(1 + sim_below(s, 40000))};
	char uri[128];
	struct buf b = buf_over(uri, sizeof(uri));

	if (x->dark[from])
		return;
	if (sim_chance(s, 200))
		plan.cancel_ms = (uint32_t)(1 + sim_below(s, 9000));
	if (sim_chance(s, 300))
		plan.reinvite_ms = (uint32_t)(1 + sim_below(s, 9000));
	if (sim_chance(s, 200))
		buf_fmt(&b, "sip:echo@%s", to->domain);
	else
		buf_fmt(&b, "sip:%s@%s", to->user, to->domain);
	if (phone_call(x->phone[from], buf_c(&b), &plan))
		x->calls++;
}

static void crash_server(struct chaos *x)
{
	struct server *sv = x->server[sim_below(&x->sim, 2)];

	if (sv->runs) {
		server_crash(sv, sim_chance(&x->sim, 500));
		total_crashes++;
	} else {
		server_start(sv);
	}
}

static void flip_phone(struct chaos *x)
{
	unsigned i = (unsigned)sim_below(&x->sim, PHONES);

	x->dark[i] = !x->dark[i];
	if (x->dark[i])
		phone_crash(x->phone[i], sim_chance(&x->sim, 500));
	else
		start_phone(x->phone[i]);
}

static void some_cut(struct chaos *x)
{
	struct sim *s = &x->sim;
	struct sim_node *a = s->nodes[sim_below(s, s->n_nodes)],
			*b = s->nodes[sim_below(s, s->n_nodes)];

	if (a != b)
		sim_cut(a, b, sim_chance(s, 600));
}

static void disk_trouble(struct chaos *x)
{
	struct sim_disk *d = &x->server[sim_below(&x->sim, 2)]->node->w[sim_below(&x->sim, 2)].disk;

	d->delay_ms = (unsigned)sim_below(&x->sim, 2000);
	d->fail_n = (unsigned)sim_below(&x->sim, 3);
	d->fail_err = -EIO;
}

static void step(struct chaos *x)
{
	uint64_t dice = sim_below(&x->sim, 100);

	sim_run(&x->sim, sim_below(&x->sim, 6000));
	if (dice < 60)
		some_call(x);
	else if (dice < 68)
		crash_server(x);
	else if (dice < 76)
		flip_phone(x);
	else if (dice < 88)
		some_cut(x);
	else if (dice < 93)
		disk_trouble(x);
	else
		x->sim.link.loss_permille = (unsigned)sim_below(&x->sim, 300);
}

/* All is mended; what was under way has its time to end. */
static void mend(struct chaos *x)
{
	sim_heal(&x->sim);
	for (unsigned i = 0; i < 2; i++) {
		if (!x->server[i]->runs)
			server_start(x->server[i]);
		for (unsigned k = 0; k < SERVER_WORKERS; k++)
			x->server[i]->node->w[k].disk.delay_ms =
				x->server[i]->node->w[k].disk.fail_n = 0;
	}
	for (unsigned i = 0; i < PHONES; i++) {
		if (x->dark[i])
			start_phone(x->phone[i]);
	}
}

static void check(struct chaos *x)
{
	for (unsigned i = 0; i < PHONES; i++) {
		if (!x->phone[i]->registered)
			sim_problem(&x->sim, "%s never registered again", x->phone[i]->user);
		x->phone[i]->refreshes = false;
	}
	sim_run(&x->sim, 300000);
	/* The echo waits longer for who put it on hold, as it may be silent then. */
	sim_run(&x->sim, HELD_MS);
	for (unsigned i = 0; i < PHONES; i++)
		phone_is_idle(x->phone[i]);
	for (unsigned i = 0; i < 2; i++)
		server_is_idle(x->server[i]);
}

/* After all this a call is a call again. */
static void check_service(struct chaos *x)
{
	const struct phone_plan plan = {.hold_ms = 2000};
	struct phone *a = x->phone[0], *b = x->phone[1];
	char uri[64];
	struct buf ub = buf_over(uri, sizeof(uri));

	a->no_media = b->no_media = true;
	b->manner = (struct phone_manner){10, 100, 200, 0};
	phone_register(b, 600);
	sim_run(&x->sim, 40000);
	buf_fmt(&ub, "sip:%s@%s", b->user, b->domain);
	phone_call(a, buf_c(&ub), &plan);
	sim_run(&x->sim, 60000);
	if (a->last.cause != DLG_HUNG_UP)
		sim_problem(&x->sim, "the last call: %s %u %d", phone_cause(a->last.cause),
			    a->last.status, a->last.err);
}

static void play(struct chaos *x)
{
	x->sim.link.delay_ms = (unsigned)(1 + sim_below(&x->sim, 40));
	x->sim.link.dup_permille = (unsigned)sim_below(&x->sim, 40);
	x->sim.link.reorder_permille = (unsigned)sim_below(&x->sim, 100);
	make_servers(x);
	for (unsigned i = 0; i < PHONES; i++)
		make_phone(x, i);
	sim_run(&x->sim, 5000);
	for (unsigned i = 0; i < STEPS; i++)
		step(x);
	mend(x);
	sim_run(&x->sim, 120000);
	check(x);
	check_service(x);
}

static bool run_seed(uint64_t seed, int trace)
{
	long live = alloc_live();
	struct chaos *x = calloc(1, sizeof(*x));
	bool good;

	assert_non_null(x);
	sim_init(&x->sim, seed);
	if (trace) {
		x->sim.trace = stderr;
		x->sim.trace_bytes = trace > 1;
	}
	play(x);
	good = x->sim.problems.n == 0;
	total_calls += x->calls;
	if (!good || trace)
		fprintf(stderr, "seed %llu, %u calls, hash %016llx%s\n%.*s",
			(unsigned long long)seed, x->calls, (unsigned long long)x->sim.hash,
			good ? "" : ": PROBLEMS", (int)x->sim.problems.n,
			x->sim.problems.p ? x->sim.problems.p : "");
	for (unsigned i = 0; i < PHONES; i++)
		phone_free(&x->phone[i]);
	for (unsigned i = 0; i < 2; i++)
		server_free(&x->server[i]);
	sim_fini(&x->sim);
	free(x);
	if (alloc_live() != live)
		fprintf(stderr, "seed %llu leaves %ld allocations\n", (unsigned long long)seed,
			alloc_live() - live);
	return good && alloc_live() == live;
}

static void nothing_stays(void **state)
{
	unsigned bad = 0, seeds = sim_seeds(150);

	(void)state;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		if (run_seed(seed, 0))
			continue;
		fprintf(stderr, "see it with: sim_chaos --seed %llu --trace\n",
			(unsigned long long)seed);
		bad++;
	}
	fprintf(stderr, "%u calls, %u servers killed\n", total_calls, total_crashes);
	assert_int_equal(bad, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_stays),
	};
	uint64_t seed = 0;
	int trace = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--seed") && i + 1 < argc &&
		    str_to_u64(str_c(argv[i + 1]), &seed))
			i++;
		else if (!strcmp(argv[i], "--trace"))
			trace = 1;
		else if (!strcmp(argv[i], "--bytes"))
			trace = 2;
		else
			return fprintf(stderr, "usage: sim_chaos [--seed N [--trace | --bytes]]\n"),
			       2;
	}
	if (seed)
		return run_seed(seed, trace) ? 0 : 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
