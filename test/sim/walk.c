/* A random walk over all that may happen, a step an event: registrations, calls, forks, cancels,
 * redirections, refusals, crashes, cuts, bad disks.  What must hold, and when it is looked at:
 *
 *  each message   a request's Max-Forwards falls by one where its Via values grow by one;
 *                 no INVITE goes twice to one contact out of one server transaction;
 *                 no server transaction is given two different refusals.
 *  each step      no transaction is without a timer but one that waits for its user;
 *                 no binding shows that was not asked for, was taken away, or whose time is over;
 *                 none that was acknowledged is lost, whoever crashed.
 *  quiet points   tables of transactions, contexts, dialogs, echoed calls, and media are empty;
 *                 after a calm stretch (no crash, no cut) the operator's list has no call left of it.
 *  the end        no memory is left.
 *
 *   sim_walk --steps N         so many steps, as SIM_STEPS=N does (a million: two minutes)
 *   sim_walk --seed N [--trace | --bytes]   one leg of LEG_STEPS steps again */
#include <errno.h>
#include <stdlib.h>

#include "kit.h"
#include "loc/loc.h"
#include "txn/internal.h"

#define PHONES 8
#define OWNERS 4
#define CONTACTS 8
#define LEG_STEPS 500 /* of one seed */
#define QUIET_STEPS 100
#define STEPS_DEFAULT 30000
#define HELD_MS (15 * 60 * 1000) /* as app/talk.c has it */
#define SEEN_SLOTS 65536

/* What is known of one contact of an owner: by when it must show, until when it may. */
struct known {
	uint64_t must_until_ms, may_until_ms;
};

/* A user whose contacts are written by hand. */
struct owner {
	struct talk talk;
	struct known contact[CONTACTS];
};

struct seen {
	uint64_t key, value;
};

struct walk {
	struct kit k;
	struct server *server[2];
	struct phone *phone[PHONES];
	bool dark[PHONES];
	struct owner owner[OWNERS];
	unsigned lives[2]; /* of the servers */
	unsigned step;
	bool calm;
	uint64_t stretch_ms; /* when it began, wall clock */
	struct seen *seen;
	unsigned n_seen;
	struct server *doomed;
};

static struct {
	uint64_t steps, calls, registrations, crashes, messages, quiet, judged;
} total;

/* ---- each message ---- */

static const struct hash_seed seen_seed = {1, 2};

/* What was remembered under the key; value itself when it is new. */
static uint64_t remember(struct walk *x, uint64_t key, uint64_t value)
{
	struct seen *s = &x->seen[key % SEEN_SLOTS];

	while (s->key && s->key != key)
		s = s + 1 == x->seen + SEEN_SLOTS ? x->seen : s + 1;
	if (s->key || x->n_seen > SEEN_SLOTS / 2)
		return s->key ? s->value : value;
	*s = (struct seen){key, value};
	x->n_seen++;
	return value;
}

static void forget_seen(struct walk *x)
{
	memset(x->seen, 0, SEEN_SLOTS * sizeof(*x->seen));
	x->n_seen = 0;
}

static struct str branch_of(struct str via)
{
	while (via.n && !str_starts(via, STR("branch=")))
		via = str_skip(via, 1);
	via = str_skip(via, via.n < 7 ? via.n : 7);
	return str_first(via, str_find(via, ';'));
}

static unsigned vias(const struct sip_msg *m, struct str ret[2])
{
	struct sip_values v = sip_values(m, SIP_HDR_VIA);
	struct str one;
	unsigned n = 0;

	ret[0] = ret[1] = STR_NONE;
	for (; sip_values_next(&v, &one); n++) {
		if (n < 2)
			ret[n] = one;
	}
	return n;
}

static uint64_t key_of(const struct walk *x, unsigned server, const struct sip_msg *m,
		       struct str branch, struct str more)
{
	char room[2048];
	struct buf b = buf_over(room, sizeof(room));

	buf_fmt(&b, "%u %u %u %.*s %.*s ", server, x->lives[server], m->status ? 1 : 0,
		STR_ARG(branch), STR_ARG(sip_get(m, SIP_HDR_CSEQ)));
	buf_puts(&b, sip_get(m, SIP_HDR_CALL_ID));
	buf_puts(&b, more);
	return hash_str(&seen_seed, buf_str(&b)) | 1;
}

static void judge_request(struct walk *x, int server, const struct sip_msg *m)
{
	struct str via[2], way;
	unsigned n = vias(m, via);
	char room[600];
	struct buf b = buf_over(room, sizeof(room));
	uint64_t branch;
	uint32_t hops = 0;

	if (m->method == SIP_ACK || m->method == SIP_CANCEL)
		return;
	if (!sip_get_u32(m, SIP_HDR_MAX_FORWARDS, &hops) || hops + n != 71)
		sim_problem(&x->k.sim, "step %u: %u hops left after %u Via: %.*s", x->step, hops, n,
			    STR_ARG(m->uri));
	if (server < 0 || m->method != SIP_INVITE || n < 2)
		return;
	/* Long requests try TCP before UDP (s18.1.1): each way once. */
	way = str_first(via[0], str_find(via[0], ' '));
	buf_fmt(&b, " %.*s %.*s", STR_ARG(way), STR_ARG(m->uri));
	branch = hash_str(&seen_seed, branch_of(via[0]));
	if (remember(x, key_of(x, (unsigned)server, m, branch_of(via[1]), buf_str(&b)), branch) !=
	    branch)
		sim_problem(&x->k.sim, "step %u: two branches to %.*s | %.*s", x->step,
			    STR_ARG(m->uri), STR_ARG(sip_get(m, SIP_HDR_CALL_ID)));
}

/* Challenges and what is answered without a transaction may differ between repetitions. */
static void judge_response(struct walk *x, int server, const struct sip_msg *m)
{
	struct str via[2], cseq = sip_get(m, SIP_HDR_CSEQ);
	uint64_t before;

	if (server < 0 || m->status < 300 || m->status == 401 || m->status == 407 ||
	    !str_ieq(str_skip(cseq, str_find(cseq, ' ') + 1), STR("INVITE")))
		return;
	vias(m, via);
	before = remember(x, key_of(x, (unsigned)server, m, branch_of(via[0]), STR("")), m->status);
	if (before != m->status)
		sim_problem(&x->k.sim, "step %u: %u after %u | %.*s", x->step, m->status,
			    (unsigned)before, STR_ARG(sip_get(m, SIP_HDR_CALL_ID)));
}

static void watch(void *ctx, const struct sim_node *from, const char *to, struct str bytes)
{
	struct walk *x = ctx;
	struct arena a;
	struct sip_msg m;
	struct sip_err err;
	char room[8192];
	int server = from == x->server[0]->node ? 0 : from == x->server[1]->node ? 1 : -1;

	(void)to;
	total.messages++;
	arena_init(&a, room, sizeof(room), 0);
	if (!sip_parse(bytes, &a, &m, &err))
		sim_problem(&x->k.sim, "step %u: %s says what can't be read: %s", x->step,
			    from->name, err.why);
	else if (m.status)
		judge_response(x, server, &m);
	else
		judge_request(x, server, &m);
	arena_fini(&a);
}

/* ---- each step: transactions ---- */

static bool client_is_timed(const struct txn_client *t, bool proxy)
{
	if (timer_active(&t->retransmit) || timer_active(&t->end) || timer_active(&t->c))
		return true;
	/* A user agent waits for its person, a proxy has timer C. */
	return !proxy && t->method == SIP_INVITE && t->state == TXN_PROCEEDING;
}

static void check_txns(struct walk *x, struct core *core, const char *who, bool proxy)
{
	struct txn_table *t = core_txns(core);

	for (struct map_node *n = map_next(&t->clients, NULL); n; n = map_next(&t->clients, n)) {
		if (!client_is_timed(container_of(n, struct txn_client, by_key), proxy))
			sim_problem(&x->k.sim, "step %u: %s has a client without timer", x->step,
				    who);
	}
	for (struct map_node *n = map_next(&t->servers, NULL); n; n = map_next(&t->servers, n)) {
		const struct txn_server *s = container_of(n, struct txn_server, by_key);

		if (s->state > TXN_PROCEEDING && !timer_active(&s->end))
			sim_problem(&x->k.sim, "step %u: %s has a server without timer", x->step,
				    who);
	}
}

/* ---- each step: bindings ---- */

static uint64_t wall_ms(const struct walk *x)
{
	return SIM_WALL_MS + sim_now_ms(&x->k.sim);
}

static void contact_uri(const struct walk *x, unsigned i, struct buf *b)
{
	buf_fmt(b, "sip:c%u@%s:5060", i, x->phone[i]->host);
}

static bool shows(const struct walk *x, const struct loc_binding *list, int n, unsigned i)
{
	char room[96];
	struct buf b = buf_over(room, sizeof(room));

	contact_uri(x, i, &b);
	for (int k = 0; k < n; k++) {
		if (str_eq(list[k].contact, buf_str(&b)))
			return true;
	}
	return false;
}

static void check_owner(struct walk *x, struct owner *o)
{
	struct loc_binding *list = NULL;
	struct arena arena;
	char key[64];
	struct buf b = buf_over(key, sizeof(key));
	uint64_t now = wall_ms(x);
	int n;

	buf_fmt(&b, "%s@example.com", o->talk.user);
	arena_init(&arena, NULL, 0, 0);
	n = loc_lookup(x->server[0]->loc, buf_str(&b), now, &arena, &list);
	for (unsigned i = 0; i < CONTACTS; i++) {
		const struct known *c = &o->contact[i];
		bool there = shows(x, list, n, i);

		total.judged++;
		if (there && now > c->may_until_ms)
			sim_problem(&x->k.sim, "step %u: contact %u of %s shows and should not",
				    x->step, i, o->talk.user);
		if (!there && now < c->must_until_ms)
			sim_problem(&x->k.sim, "step %u: contact %u of %s is lost", x->step, i,
				    o->talk.user);
	}
	arena_fini(&arena);
}

static void check_step(struct walk *x)
{
	for (unsigned i = 0; i < PHONES; i++) {
		if (!x->dark[i])
			check_txns(x, x->phone[i]->core, x->phone[i]->user, false);
	}
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; x->server[i]->runs && k < SERVER_WORKERS; k++)
			check_txns(x, x->server[i]->w[k].core, x->server[i]->node->name, true);
	}
	for (unsigned i = 0; x->server[0]->runs && i < OWNERS; i++)
		check_owner(x, &x->owner[i]);
}

/* ---- quiet points ---- */

static void see_call(void *ctx, const struct proxy_call *c)
{
	struct walk *x = ctx;

	if (x->calm && c->since_ms >= x->stretch_ms)
		sim_problem(&x->k.sim, "step %u: the operator still sees %.*s, %u", x->step,
			    STR_ARG(c->call_id), c->status);
}

static void start_phone(struct phone *ph)
{
	ph->refreshes = true;
	phone_start(ph);
	phone_register(ph, 60);
}

static void mend(struct walk *x)
{
	sim_heal(&x->k.sim);
	x->doomed = NULL;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < SERVER_WORKERS; k++)
			x->server[i]->node->w[k].disk.fail_n = 0;
		if (!x->server[i]->runs)
			server_start(x->server[i]);
	}
	for (unsigned i = 0; i < PHONES; i++) {
		if (x->dark[i])
			start_phone(x->phone[i]);
		x->dark[i] = false;
	}
}

static void quiet_point(struct walk *x)
{
	struct sim *s = &x->k.sim;

	mend(x);
	sim_run(s, 120000);
	for (unsigned i = 0; i < PHONES; i++) {
		if (!x->phone[i]->registered)
			sim_problem(s, "step %u: %s never registered again", x->step,
				    x->phone[i]->user);
		x->phone[i]->refreshes = false;
	}
	sim_run(s, 300000);
	sim_run(s, HELD_MS);
	check_step(x);
	for (unsigned i = 0; i < PHONES; i++)
		phone_is_idle(x->phone[i]);
	for (unsigned i = 0; i < 2; i++) {
		server_is_idle(x->server[i]);
		for (unsigned k = 0; k < SERVER_WORKERS; k++)
			proxy_calls(x->server[i]->w[k].proxy, see_call, x);
	}
	total.quiet++;
	forget_seen(x);
	x->calm = sim_chance(s, 300);
	for (unsigned i = 0; i < PHONES; i++) {
		x->phone[i]->refreshes = true;
		phone_register(x->phone[i], 60);
	}
	sim_run(s, 5000);
	x->stretch_ms = wall_ms(x);
}

/* ---- the events: registrations ---- */

/* What an answer, or none, says of one contact; life_s 0: was to go. */
static void learn(struct walk *x, struct known *c, int status, uint32_t life_s, uint64_t asked_ms)
{
	uint64_t now = wall_ms(x), life = life_s * 1000ull;

	if (status == 200) {
		c->must_until_ms = life ? asked_ms + life - 1 : 0;
		c->may_until_ms = life ? now + life + 1000 : now;
	} else if (status < 0 && life) {
		if (c->must_until_ms > asked_ms + life - 1)
			c->must_until_ms = asked_ms + life - 1;
		if (c->may_until_ms < now + life + 1000)
			c->may_until_ms = now + life + 1000;
	} else if (status < 0) {
		c->must_until_ms = 0;
	}
}

static bool is_of(const struct talk *t, struct str cseq)
{
	uint32_t n;

	return str_to_u32(str_first(cseq, str_find(cseq, ' ')), &n) && n == t->cseq;
}

/* The network doubles: an answer to an earlier request is none to this one. */
static int ask(struct owner *o, const char *lines)
{
	struct talk *t = &o->talk;
	int status;

	while (!str_empty(wire_take(t->wire, 0)))
		;
	total.registrations++;
	status = talk_register(t, lines);
	while (status >= 0 && !is_of(t, str_c(wire_header(t->wire, "CSeq"))))
		status = wire_final(t->wire, 60000);
	/* A late copy of a request that took the last binding away is challenged anew, and may be heard first. */
	return status == 401 ? -1 : status;
}

static void some_contacts(struct walk *x, struct owner *o)
{
	static const uint32_t lives[] = {0, 60, 120, 600, 3600};
	struct sim *s = &x->k.sim;
	char lines[1024];
	struct buf b = buf_over(lines, sizeof(lines));
	uint32_t life[CONTACTS];
	uint64_t asked = wall_ms(x);
	unsigned which = (unsigned)(1 + sim_below(s, (1u << CONTACTS) - 1));
	int status;

	if (sim_chance(s, 600))
		which = 1u << sim_below(s, CONTACTS);
	for (unsigned i = 0; i < CONTACTS; i++) {
		if (!(which & 1u << i))
			continue;
		life[i] = lives[sim_below(s, 5)];
		buf_fmt(&b, "Contact: <");
		contact_uri(x, i, &b);
		buf_fmt(&b, ">;expires=%u;q=0.%u\r\n", life[i], (unsigned)sim_below(s, 10));
	}
	status = ask(o, buf_c(&b));
	for (unsigned i = 0; i < CONTACTS; i++) {
		if (which & 1u << i)
			learn(x, &o->contact[i], status, life[i], asked);
	}
}

static void all_contacts(struct walk *x, struct owner *o)
{
	uint64_t asked = wall_ms(x);
	int status = ask(o, "Contact: *\r\nExpires: 0\r\n");

	for (unsigned i = 0; i < CONTACTS; i++)
		learn(x, &o->contact[i], status, 0, asked);
}

struct doom_event {
	struct sim_event event;
	struct walk *walk;
	bool host;
};

static void crash(struct walk *x, struct server *sv, bool host)
{
	server_crash(sv, host);
	x->lives[sv == x->server[1]]++;
	total.crashes++;
}

static void run_doom(struct sim_event *e, bool alive)
{
	struct doom_event *d = container_of(e, struct doom_event, event);
	struct walk *x = d->walk;

	(void)alive;
	if (x->doomed && x->doomed->runs)
		crash(x, x->doomed, d->host);
	x->doomed = NULL;
	free(d);
}

/* The registrar's server dies within the next two seconds, whatever it is at. */
static void crash_soon(struct walk *x)
{
	struct doom_event *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->walk = x;
	d->host = sim_chance(&x->k.sim, 500);
	d->event.run = run_doom;
	x->doomed = x->server[0];
	sim_at(&x->k.sim, &d->event, NULL, sim_below(&x->k.sim, 2000000));
}

static void some_registration(struct walk *x)
{
	struct owner *o = &x->owner[sim_below(&x->k.sim, OWNERS)];
	uint64_t dice = sim_below(&x->k.sim, 100);

	if (!x->calm && !x->doomed && dice % 10 == 0)
		crash_soon(x);
	if (dice < 80)
		some_contacts(x, o);
	else if (dice < 90)
		all_contacts(x, o);
	else
		ask(o, "");
}

/* ---- the events: calls ---- */

static void some_uri(struct walk *x, struct buf *b)
{
	struct sim *s = &x->k.sim;
	const struct phone *to = x->phone[sim_below(s, PHONES)];
	uint64_t dice = sim_below(s, 100);

	if (dice < 40)
		buf_fmt(b, "sip:%s@%s", to->user, to->domain);
	else if (dice < 70)
		buf_fmt(b, "sip:%s@example.com", x->owner[sim_below(s, OWNERS)].talk.user);
	else if (dice < 80)
		buf_fmt(b, "sip:echo@%s", to->domain);
	else if (dice < 88)
		buf_fmt(b, "sip:moved-%s@example.com", to->user);
	else if (dice < 96)
		buf_fmt(b, "sip:away@example.org");
	else
		buf_fmt(b, "sip:nobody@%s", to->domain);
}

static void some_call(struct walk *x)
{
	struct sim *s = &x->k.sim;
	unsigned from = (unsigned)sim_below(s, PHONES);
	struct phone_plan plan = {.hold_ms = (uint32_t)(1 + sim_below(s, 20000))};
	char uri[128];
	struct buf b = buf_over(uri, sizeof(uri));

	if (x->dark[from])
		return;
	if (sim_chance(s, 250))
		plan.cancel_ms = (uint32_t)(1 + sim_below(s, 9000));
	if (sim_chance(s, 200))
		plan.reinvite_ms = (uint32_t)(1 + sim_below(s, 9000));
	some_uri(x, &b);
	total.calls += phone_call(x->phone[from], buf_c(&b), &plan) != NULL;
}

/* How a phone answers from now on. */
static void some_mood(struct walk *x)
{
	static const unsigned statuses[] = {200, 200, 200, 486, 480, 603, 503, 404};
	struct sim *s = &x->k.sim;
	struct phone *ph = x->phone[sim_below(s, PHONES)];
	struct buf b = buf_over(ph->moved_to, sizeof(ph->moved_to));

	ph->manner = (struct phone_manner){
		.ring_ms = sim_chance(s, 800) ? (uint32_t)sim_below(s, 500) : PHONE_NEVER,
		.answer_ms = (uint32_t)sim_below(s, 8000),
		.status = statuses[sim_below(s, 8)],
		.hangup_ms = sim_chance(s, 300) ? (uint32_t)(1 + sim_below(s, 9000)) : 0,
	};
	ph->moved_to[0] = '\0';
	if (!sim_chance(s, 200))
		return;
	some_uri(x, &b);
	buf_c(&b);
	/* A proxy led to its own echo lists a call whose BYE the echo takes: known, and not told again. */
	if (str_starts(buf_str(&b), STR("sip:echo@")))
		ph->moved_to[0] = '\0';
}

/* ---- the events: trouble ---- */

static void flip_server(struct walk *x)
{
	struct server *sv = x->server[sim_below(&x->k.sim, 2)];

	if (sv->runs)
		crash(x, sv, sim_chance(&x->k.sim, 500));
	else
		server_start(sv);
}

static void flip_phone(struct walk *x)
{
	unsigned i = (unsigned)sim_below(&x->k.sim, PHONES);

	x->dark[i] = !x->dark[i];
	if (x->dark[i])
		phone_crash(x->phone[i], sim_chance(&x->k.sim, 500));
	else
		start_phone(x->phone[i]);
}

static void some_cut(struct walk *x)
{
	struct sim *s = &x->k.sim;
	struct sim_node *a = s->nodes[sim_below(s, s->n_nodes)],
			*b = s->nodes[sim_below(s, s->n_nodes)];

	if (a != b)
		sim_cut(a, b, sim_chance(s, 500));
}

static void some_trouble(struct walk *x)
{
	struct sim *s = &x->k.sim;
	struct sim_disk *d = &x->server[sim_below(s, 2)]->node->w[sim_below(s, 2)].disk;

	switch (sim_below(s, 4)) {
	case 0:
		flip_server(x);
		break;
	case 1:
		flip_phone(x);
		break;
	case 2:
		some_cut(x);
		break;
	default:
		d->delay_ms = (unsigned)sim_below(s, 2000);
		d->fail_n = (unsigned)sim_below(s, 3);
		d->fail_err = -EIO;
		break;
	}
}

static void step(struct walk *x)
{
	uint64_t dice;

	sim_run(&x->k.sim, sim_below(&x->k.sim, 4000));
	dice = sim_below(&x->k.sim, 100);
	if (dice < 45)
		some_call(x);
	else if (dice < 65)
		some_registration(x);
	else if (dice < 80 || x->calm)
		some_mood(x);
	else
		some_trouble(x);
	check_step(x);
	x->step++;
	total.steps++;
}

/* ---- a leg ---- */

static void make_servers(struct walk *x)
{
	struct sim *s = &x->k.sim;

	x->server[0] = x->k.server;
	x->server[1] = server_new(s, "org", "192.0.2.2", "example.org");
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < PHONES; k++) {
			char name[16];
			struct buf b = buf_over(name, sizeof(name));

			buf_fmt(&b, "u%u", k);
			server_add_user(x->server[i], buf_c(&b), "secret");
		}
		x->server[i]->policy->recurse = sim_chance(s, 500);
		sim_zone_a(s, x->server[i]->domain, x->server[i]->host);
	}
	app_policy_add_route(x->server[0]->policy, STR("sip:moved-*@example.com"),
			     APP_ROUTE_REDIRECT, STR("sip:u1@example.org"));
	app_policy_add_route(x->server[1]->policy, STR("sip:away@example.org"), APP_ROUTE_PROXY,
			     STR("sip:u2@example.com"));
	if (sim_chance(s, 100))
		x->server[1]->policy->domains[0].redirect = true;
	for (unsigned i = 0; i < 2; i++)
		server_start(x->server[i]);
}

static void make_phone(struct walk *x, unsigned i)
{
	struct sim *s = &x->k.sim;
	struct server *sv = x->server[sim_below(s, 2)];
	char name[16], ip[32], outside[32];
	struct buf b = buf_over(name, sizeof(name)), ib = buf_over(ip, sizeof(ip));
	struct buf ob = buf_over(outside, sizeof(outside));
	struct phone *ph;

	buf_fmt(&b, "u%u", i);
	buf_fmt(&ib, "198.51.100.%u", i + 100);
	buf_fmt(&ob, "203.0.113.%u", i + 1);
	ph = phone_new(s, buf_c(&b), "secret", sv->domain, buf_c(&ib), sv->host,
		       sim_chance(s, 500) ? TRANSPORT_TCP : TRANSPORT_UDP);
	if (sim_chance(s, 200))
		phone_behind(ph, sim_nat_new(s, buf_c(&ob)));
	ph->media_timeout_ms = 10000;
	x->phone[i] = x->k.phone[x->k.n_phones++] = ph;
	start_phone(ph);
}

static void leg_init(struct walk *x, uint64_t seed, int trace)
{
	static const char *const names[OWNERS] = {"alice", "bob", "carol", "dave"};
	static const char *const passwords[OWNERS] = {"pw-alice", "pw-bob", "pw-carol", "pw-dave"};

	kit_init_stopped(&x->k, seed);
	if (trace) {
		x->k.sim.trace = stderr;
		x->k.sim.trace_bytes = trace > 1;
	}
	x->seen = calloc(SEEN_SLOTS, sizeof(*x->seen));
	if (!x->seen)
		abort();
	x->k.sim.link.delay_ms = (unsigned)(1 + sim_below(&x->k.sim, 40));
	x->k.sim.link.dup_permille = (unsigned)sim_below(&x->k.sim, 40);
	x->k.sim.link.reorder_permille = (unsigned)sim_below(&x->k.sim, 100);
	make_servers(x);
	x->k.sim.watch = watch;
	x->k.sim.watch_ctx = x;
	for (unsigned i = 0; i < PHONES; i++)
		make_phone(x, i);
	for (unsigned i = 0; i < OWNERS; i++) {
		x->owner[i].talk = talk_new(&x->k, kit_wire(&x->k, names[i]), names[i]);
		x->owner[i].talk.password = passwords[i];
	}
	sim_run(&x->k.sim, 5000);
}

static void leg_fini(struct walk *x)
{
	x->k.sim.watch = NULL;
	for (unsigned i = 0; i < x->k.n_phones; i++)
		phone_free(&x->k.phone[i]);
	for (unsigned i = 0; i < x->k.n_wires; i++)
		wire_free(&x->k.wire[i]);
	server_free(&x->server[0]);
	server_free(&x->server[1]);
	sim_fini(&x->k.sim);
	free(x->seen);
}

/* Ends at the first quiet point with a problem: what follows would only hide it. */
static bool leg(uint64_t seed, uint64_t steps, int trace)
{
	struct walk *x = calloc(1, sizeof(*x));
	long live = alloc_live();
	bool good;

	if (!x)
		abort();
	leg_init(x, seed, trace);
	while (x->step < steps && !x->k.sim.problems.n) {
		step(x);
		if (x->step % QUIET_STEPS == 0 || x->step == steps)
			quiet_point(x);
	}
	good = x->k.sim.problems.n == 0;
	if (!good)
		fprintf(stderr,
			"seed %llu, step %u:\n%.*ssee it with: sim_walk --seed %llu --trace\n",
			(unsigned long long)seed, x->step, (int)x->k.sim.problems.n,
			x->k.sim.problems.p, (unsigned long long)seed);
	leg_fini(x);
	free(x);
	if (alloc_live() != live)
		fprintf(stderr, "seed %llu leaves %ld allocations\n", (unsigned long long)seed,
			alloc_live() - live);
	return good && alloc_live() == live;
}

static uint64_t steps_wanted = STEPS_DEFAULT;

static void a_long_walk(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (uint64_t seed = 1; total.steps < steps_wanted && bad < 5; seed++) {
		uint64_t left = steps_wanted - total.steps;

		bad += !leg(seed, left < LEG_STEPS ? left : LEG_STEPS, 0);
	}
	fprintf(stderr,
		"%llu steps: %llu calls, %llu registrations, %llu servers killed, %llu messages "
		"and %llu contacts judged, %llu quiet points\n",
		(unsigned long long)total.steps, (unsigned long long)total.calls,
		(unsigned long long)total.registrations, (unsigned long long)total.crashes,
		(unsigned long long)total.messages, (unsigned long long)total.judged,
		(unsigned long long)total.quiet);
	assert_int_equal(bad, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_walk),
	};
	const char *env = getenv("SIM_STEPS");
	uint64_t seed = 0;
	int trace = 0;

	if (env && !str_to_u64(str_c(env), &steps_wanted))
		return fprintf(stderr, "SIM_STEPS is no number\n"), 2;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--seed") && i + 1 < argc &&
		    str_to_u64(str_c(argv[i + 1]), &seed))
			i++;
		else if (!strcmp(argv[i], "--steps") && i + 1 < argc &&
			 str_to_u64(str_c(argv[i + 1]), &steps_wanted))
			i++;
		else if (!strcmp(argv[i], "--trace"))
			trace = 1;
		else if (!strcmp(argv[i], "--bytes"))
			trace = 2;
		else
			return fprintf(stderr, "usage: sim_walk [--steps N | --seed N [--trace | "
					       "--bytes]]\n"),
			       2;
	}
	if (seed)
		return leg(seed, LEG_STEPS, trace) ? 0 : 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
