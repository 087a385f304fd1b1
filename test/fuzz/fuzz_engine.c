/* A whole server of two workers in a simulated network, and peers that do what the input says, step
 * by step (peers.h).  Held against every message that the server sends:
 *
 *   it can be read, and what the server wrote of it itself breaks no rule that lint knows;
 *   no response goes to an ACK;
 *   nothing goes elsewhere for whom nobody knows: no request that begins anything, and none within a
 *   dialog but of a call that the server has carried (no open relay);
 *   for what has come in not more goes out than forks and repetitions make of it.
 *
 * And in the end, when all have been silent for long: no transaction, context, echoed call, timer or memory is left.
 *
 * Input: a byte of choices for the server, the seed, then steps: a byte of kind (low nibble) and of time
 * that passes after it (high nibble), and what the kind takes.  SIM_TRACE=2 shows what happens. */
#include "peers.h"

#include "../sim/phone.h"
#include "../sim/server.h"
#include "harness.h"
#include "judge.h"

#define SERVER_IP "192.0.2.1"
#define DAVE_IP "198.51.100.5"
#define STEPS_MAX 32
#define CALLS_MAX 64 /* Call-IDs that are told apart */
#define PER_MESSAGE 600 /* 12 forks, each by two transports, eleven times, with CANCEL and ACK */

enum { NO_AUTH = 1, RECURSE = 2, PHONE = 4, SLOW_DISK = 8, FULL_RING = 16 };

enum { DISK = PEERS_STEPS, RELOAD, RESTART, CRASH, CALL, STEPS };

struct engine {
	struct sim sim;
	struct server *server;
	struct phone *phone; /* NULL: none */
	struct peers peers;
	unsigned choices;
	bool lax; /* anybody may be anybody */
	struct {
		uint64_t hash;
		bool known, carried;
	} calls[CALLS_MAX];
	unsigned n_calls;
	struct judge judge;
	size_t timers; /* of a server that has nothing to do */
	uint64_t out, in_before; /* messages; in: of servers that have ended */
};

/* ---- what is known of calls ---- */

static const struct hash_seed seed = {3, 4};

static unsigned call_of(struct engine *e, struct str call_id)
{
	uint64_t hash = hash_str(&seed, call_id);
	unsigned i;

	for (i = 0; i < e->n_calls; i++) {
		if (e->calls[i].hash == hash)
			return i;
	}
	if (i == CALLS_MAX) {
		e->lax = true;
		return 0;
	}
	memset(&e->calls[i], 0, sizeof(e->calls[i]));
	e->calls[i].hash = hash;
	e->n_calls++;
	return i;
}

/* From here on the user may call whom he likes by this Call-ID, and register what he likes. */
static void on_credentials(void *ctx, struct str message)
{
	struct engine *e = ctx;
	struct arena a;
	struct sip_msg m;
	struct sip_err err;

	arena_init(&a, NULL, 0, 0);
	if (sip_parse(message, &a, &m, &err))
		e->calls[call_of(e, sip_get(&m, SIP_HDR_CALL_ID))].known = true;
	if (m.method == SIP_REGISTER)
		e->lax = true;
	arena_fini(&a);
}

/* ---- each message ---- */

static bool is_elsewhere(const struct engine *e, const char *to)
{
	for (unsigned i = 0; i < e->sim.n_nodes; i++) {
		if (i != e->peers.peer[PEERS_STRANGER].node->index &&
		    !strcmp(e->sim.nodes[i]->name, to))
			return false;
	}
	return !str_starts(str_c(to), STR(DAVE_IP));
}

static void judge_request(struct engine *e, struct str bytes, const struct sip_msg *m,
			  const char *to)
{
	unsigned i = call_of(e, sip_get(m, SIP_HDR_CALL_ID));

	if (!e->lax && !e->calls[i].known && is_elsewhere(e, to) &&
	    (!e->calls[i].carried || str_empty(sip_tag(m, SIP_HDR_TO))))
		judge_broken("an open relay", bytes);
	if (sip_has(m, SIP_HDR_RECORD_ROUTE))
		e->calls[i].carried = true;
}

static uint64_t messages_in(const struct engine *e)
{
	uint64_t n = e->in_before;

	for (unsigned i = 0; e->server->runs && i < SERVER_WORKERS; i++) {
		const struct core_counters *c =
			e->server->w[i].core ? core_counters(e->server->w[i].core) : NULL;

		n += c ? c->requests + c->responses + c->bad_messages : 0;
	}
	return n;
}

static void judge_response(struct engine *e, const struct sip_msg *m)
{
	struct sip_cseq cseq = {0};

	sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq);
	/* Of an echoed call the server is an end. */
	if (sip_has(m, SIP_HDR_RECORD_ROUTE) ||
	    (m->status > 100 && m->status < 300 && str_eq(cseq.method, STR("INVITE"))))
		e->calls[call_of(e, sip_get(m, SIP_HDR_CALL_ID))].carried = true;
}

static void watch(void *ctx, const struct sim_node *from, const char *to, struct str bytes)
{
	static char room[16384];
	struct engine *e = ctx;
	struct arena a;
	struct sip_msg m;

	if (from != e->server->node)
		return;
	if (++e->out > PER_MESSAGE * (messages_in(e) + 1))
		judge_broken("too much of it", bytes);
	arena_init(&a, room, sizeof(room), 0);
	judge_message(&e->judge, bytes, STR("Tsuwa"), &a, &m);
	if (m.status)
		judge_response(e, &m);
	else
		judge_request(e, bytes, &m, to);
	arena_fini(&a);
}

/* ---- the server ---- */

static struct user_entry *the_users(void)
{
	static const char *const names[] = {"alice", "bob", "carol", "dave"};
	static struct user_entry entries[4];
	static bool made;
	struct sim sim;
	struct server *sv;

	if (made)
		return entries;
	sim_init(&sim, 1);
	sv = server_new(&sim, "server", SERVER_IP, PEERS_DOMAIN);
	for (unsigned i = 0; i < 4; i++) {
		char password[32];
		struct buf b = buf_over(password, sizeof(password));

		buf_fmt(&b, "pw-%s", names[i]);
		server_add_user(sv, names[i], buf_c(&b));
		entries[i] = sv->entries[i];
		entries[i].user = str_c(names[i]);
		entries[i].domain = entries[i].realm = STR(PEERS_DOMAIN);
	}
	server_free(&sv);
	sim_fini(&sim);
	made = true;
	return entries;
}

static void add_routes(struct app_policy *p)
{
	check(!app_policy_add_route(p, STR("sip:gw*@example.com"), APP_ROUTE_PROXY,
				    STR("sip:198.51.100.3;transport=tcp")) &&
	      !app_policy_add_route(p, STR("sip:moved@example.com"), APP_ROUTE_REDIRECT,
				    STR("sip:bob@example.com")) &&
	      !app_policy_add_route(p, STR("sip:st*@example.com"), APP_ROUTE_STATELESS,
				    STR("sip:198.51.100.2")));
}

static void choose(struct engine *e, struct app_policy *p, unsigned choices)
{
	p->auth_register = p->auth_invite = !(choices & NO_AUTH);
	p->recurse = choices & RECURSE;
	e->lax |= (choices & (NO_AUTH | RECURSE)) != 0;
}

static struct app_policy *policy_new(struct engine *e, unsigned choices)
{
	struct app_policy *p = app_policy_new();

	check(p && !app_policy_add_domain(p, STR(PEERS_DOMAIN)) &&
	      !app_policy_add_alias(p, STR(SERVER_IP)));
	add_routes(p);
	choose(e, p, choices);
	return p;
}

static void make_server(struct engine *e)
{
	const struct user_entry *users = the_users();

	e->server = server_new(&e->sim, "server", SERVER_IP, PEERS_DOMAIN);
	for (unsigned i = 0; i < 4; i++)
		e->server->entries[e->server->n_users++] = users[i];
	app_policy_unref(&e->server->policy);
	e->server->policy = policy_new(e, e->choices);
	e->server->node->full_permille = e->choices & FULL_RING ? 200 : 0;
}

static void make_phone(struct engine *e)
{
	e->phone = phone_new(&e->sim, "dave", "pw-dave", PEERS_DOMAIN, DAVE_IP, SERVER_IP,
			     TRANSPORT_UDP);
	e->phone->no_media = true;
	phone_start(e->phone);
}

/* The journals of a server with which alice, bob, carol and dave have registered. */
static struct buf *the_journals(void)
{
	static struct buf journals[SERVER_WORKERS];
	struct engine *e;

	if (journals[0].n || journals[1].n)
		return journals;
	e = calloc(1, sizeof(*e));
	check(e != NULL);
	e->choices = NO_AUTH;
	sim_init(&e->sim, 1);
	make_server(e);
	server_start(e->server);
	peers_init(&e->peers, &e->sim, SERVER_IP, (struct fuzz_in){0});
	peers_register(&e->peers, 0, "alice", "Contact: <sip:alice@198.51.100.1>\r\n");
	peers_register(&e->peers, 1, "bob", "Contact: <sip:bob@198.51.100.2>\r\n");
	peers_register(&e->peers, 2, "bob",
		       "Contact: <sip:b@carol.example;transport=tcp>;q=0.9\r\n");
	peers_register(&e->peers, 2, "carol", "Contact: <sip:carol@198.51.100.3>\r\n");
	make_phone(e);
	phone_register(e->phone, 3600);
	sim_run(&e->sim, 1000);
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		journals[i] = e->server->node->w[i].disk.image;
		e->server->node->w[i].disk.image = buf_heap(1);
	}
	check(server_bindings(e->server, "bob") == 2 && server_bindings(e->server, "dave") == 1);
	phone_free(&e->phone);
	peers_fini(&e->peers);
	server_free(&e->server);
	sim_fini(&e->sim);
	free(e);
	return journals;
}

static size_t timers(const struct engine *e)
{
	size_t n = 0;

	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		n += e->server->node->w[i].wheel.n;
	return n;
}

static void start(struct engine *e)
{
	server_start(e->server);
	e->timers = timers(e);
}

static void stop(struct engine *e, bool crash)
{
	e->in_before = messages_in(e);
	if (crash)
		server_crash(e->server, e->choices & 1);
	else
		server_stop(e->server);
}

/* ---- the steps of its own ---- */

static void some_disk(struct engine *e)
{
	unsigned how = fuzz_byte(&e->peers.in);
	struct sim_disk *d = &e->server->node->w[how & 1].disk;

	d->delay_ms = how & 2 ? 50u << (how >> 5) : 0;
	d->fail_n = how >> 2 & 3;
	d->fail_err = -5;
	d->cut_at = how & 16 ? d->image.n + 40 : 0;
}

/* As the daemon's workers take a new policy: each when it comes to it. */
static void reload(struct engine *e)
{
	unsigned how = fuzz_byte(&e->peers.in);
	struct app_policy *p;

	if (!e->server->runs)
		return;
	p = policy_new(e, how >> 2);
	p->max_contacts = how & 1 ? 1 : 10;
	/* What runs on it ends before the old one goes. */
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		struct server_worker *sw = &e->server->w[i];

		sim_enter(sw->w);
		sw->shared.policy = p;
		loc_set_max_contacts(sw->door, p->max_contacts);
		sim_leave(sw->w);
	}
	app_policy_unref(&e->server->policy);
	e->server->policy = p;
}

static void restart(struct engine *e, bool crash)
{
	if (e->server->runs)
		stop(e, crash);
	if (!crash || fuzz_byte(&e->peers.in) & 1)
		start(e);
}

static void phone_calls(struct engine *e)
{
	static const char *const whom[] = {"sip:bob@example.com", "sip:echo@example.com",
					   "sip:gw2@example.com", "sip:alice@example.com"};
	unsigned how = fuzz_byte(&e->peers.in);
	struct phone_plan plan = {.cancel_ms = how & 4 ? 50 : 0,
				  .hold_ms = how & 8 ? 1000 : 30000,
				  .reinvite_ms = how & 16 ? 400 : 0};

	if (!e->phone)
		return;
	e->phone->manner.status = how & 32 ? 486 : 200;
	e->phone->manner.answer_ms = how & 64 ? 20 : 3000;
	phone_call(e->phone, whom[how & 3], &plan);
}

static void step(struct engine *e)
{
	static const unsigned times_ms[] = {20, 0, 1, 100, 500, 4000, 33000, 200000};
	unsigned op = fuzz_byte(&e->peers.in), kind = (op & 15) % STEPS;

	switch (kind) {
	case DISK:
		some_disk(e);
		break;
	case RELOAD:
		reload(e);
		break;
	case RESTART:
	case CRASH:
		restart(e, kind == CRASH);
		break;
	case CALL:
		phone_calls(e);
		break;
	default:
		peers_step(&e->peers, kind);
		break;
	}
	sim_run(&e->sim, op >> 4 == 15 ? 1000000 : times_ms[op >> 4 & 7]);
}

/* ---- a run ---- */

static void begin(struct engine *e, unsigned number, struct fuzz_in in)
{
	struct buf *journals = the_journals();

	sim_init(&e->sim, number);
	make_server(e);
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		struct sim_disk *d = &e->server->node->w[i].disk;

		buf_puts(&d->image, buf_str(&journals[i]));
		d->delay_ms = e->choices & SLOW_DISK ? 400 : 0;
	}
	start(e);
	peers_init(&e->peers, &e->sim, SERVER_IP, in);
	e->peers.on_credentials = on_credentials;
	e->peers.ctx = e;
	if (e->choices & PHONE)
		make_phone(e);
	e->sim.watch = watch;
	e->sim.watch_ctx = e;
}

/* All is whole again. */
static void heal(struct engine *e)
{
	sim_heal(&e->sim);
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		struct sim_disk *d = &e->server->node->w[i].disk;

		d->delay_ms = d->fail_n = 0;
		d->cut_at = 0;
	}
	if (!e->server->runs)
		start(e);
}

static bool is_idle(struct engine *e)
{
	e->sim.problems.n = 0;
	if (timers(e) > e->timers)
		sim_problem(&e->sim, "%zu timers are set, %zu when it began", timers(e), e->timers);
	return server_is_idle(e->server) && (!e->phone || phone_is_idle(e->phone)) &&
	       !e->sim.problems.n;
}

static void hang_up(struct engine *e)
{
	if (!e->phone)
		return;
	LIST_EACH (l, &e->phone->calls)
		phone_hangup(container_of(l, struct phone_call, link));
}

/* Nobody says a word but a last BYE: timers of transactions, then timer C and silent media, end what is
 * left, and last those who hold. */
static void rest(struct engine *e)
{
	static const uint64_t waits_ms[] = {0, 35000, 70000, 200000, 1200000, 1200000};

	if (e->sim.problems.n)
		return;
	heal(e);
	for (unsigned i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		sim_run(&e->sim, waits_ms[i]);
		if (is_idle(e))
			return;
		hang_up(e);
	}
}

static void end(struct engine *e)
{
	e->sim.watch = NULL;
	phone_free(&e->phone);
	server_free(&e->server);
	peers_fini(&e->peers);
	if (e->sim.problems.n)
		judge_broken("the run had problems", buf_str(&e->sim.problems));
	sim_fini(&e->sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct engine e;
	struct fuzz_in in = {str_of((const char *)data, size)};
	unsigned number;
	long live;

	peers_prepare();
	the_users();
	the_journals();
	live = alloc_live();
	memset(&e.server, 0, sizeof(e) - offsetof(struct engine, server)); /* sim: by its own */
	e.choices = fuzz_byte(&in);
	number = fuzz_byte(&in);
	begin(&e, number, in);
	for (unsigned i = 0; i < STEPS_MAX && e.peers.in.rest.n; i++)
		step(&e);
	rest(&e);
	end(&e);
	fuzz_no_leak(live, alloc_live());
	return 0;
}
