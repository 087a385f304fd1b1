/* A user agent, the project's own core and dialogs, and peers that do what the input says (peers.h): one
 * of them is its proxy and registrar.  It calls, answers, rings reliably, offers anew, while they answer,
 * ask, cross and repeat.  What it sends is judged (judge.h), and:
 *
 *   the numbers of its requests rise within a dialog (RFC 3261 s12.2.1.1);
 *   for what has come in not more goes out than repetitions make of it;
 *   in the end no transaction, session, media or memory is left.
 *
 * Input: a byte of choices, the seed, then steps as fuzz_engine.c has them. */
#include "../sim/phone.h"
#include "harness.h"
#include "judge.h"
#include "peers.h"
#include "sip/headers.h"

#define PHONE_IP "198.51.100.5"
#define PROXY_IP "198.51.100.1" /* alice's */
#define STEPS_MAX 32
#define DIALOGS_MAX 128
#define BRANCHES 512
#define REGISTERS_MS 10000 /* not more often */
#define PER_MESSAGE 40 /* eleven times, and what follows from it */

enum { BY_TCP = 1, NO_REFRESH = 2 };

enum { CALL = PEERS_STEPS, REGISTER, MANNER, ACT, CRASH, STEPS };

struct ua {
	struct sim sim;
	struct phone *phone;
	struct peers peers;
	struct judge judge;
	struct {
		uint64_t key;
		uint32_t number;
	} dialogs[DIALOGS_MAX];
	unsigned n_dialogs;
	uint64_t branches[BRANCHES];
	unsigned n_branches;
	unsigned choices, lives;
	uint64_t out, asked; /* asked: messages, and deeds of its user */
};

/* ---- each message ---- */

static const struct hash_seed seed = {7, 8};

/* A transaction that is older than the newest may repeat itself, another target gets the same number. */
static bool is_repetition(const struct ua *u, uint64_t branch)
{
	for (unsigned i = 0; i < BRANCHES; i++) {
		if (u->branches[i] == branch)
			return true;
	}
	return false;
}

/* A dialog's or a registration's: of one Call-ID by one tag, in one life. */
static void judge_number(struct ua *u, struct str bytes, const struct sip_msg *m)
{
	struct str tag = sip_tag(m, SIP_HDR_FROM);
	uint64_t key = hash_str(&seed, sip_get(m, SIP_HDR_CALL_ID)), branch;
	struct sip_cseq cseq;
	struct sip_via via;
	unsigned i;

	if (m->method == SIP_ACK || m->method == SIP_CANCEL)
		return;
	if (!sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq) || !sip_via_top(m, &via, NULL))
		judge_broken("no CSeq or Via", bytes);
	key = hash_mix(hash_mix(key, hash_str(&seed, tag)), u->lives);
	branch = hash_str(&seed, via.branch);
	for (i = 0; i < u->n_dialogs && u->dialogs[i].key != key; i++)
		;
	if (i == DIALOGS_MAX)
		return;
	if (i == u->n_dialogs) {
		u->n_dialogs++;
	} else if (cseq.number < u->dialogs[i].number && !is_repetition(u, branch)) {
		judge_broken("its number does not rise", bytes);
	} else if (cseq.number < u->dialogs[i].number) {
		return;
	}
	u->dialogs[i].key = key;
	u->dialogs[i].number = cseq.number;
	u->branches[u->n_branches++ % BRANCHES] = branch;
}

static void watch(void *ctx, const struct sim_node *from, const char *to, struct str bytes)
{
	static char room[16384];
	struct ua *u = ctx;
	struct arena a;
	struct sip_msg m;

	(void)to;
	if (from != u->phone->node) {
		u->asked++;
		return;
	}
	if (++u->out > PER_MESSAGE * (u->asked + sim_now_ms(&u->sim) / REGISTERS_MS + 1))
		judge_broken("too much of it", bytes);
	arena_init(&a, room, sizeof(room), 0);
	judge_message(&u->judge, bytes, STR("Phone"), &a, &m);
	if (sip_is_request(&m))
		judge_number(u, bytes, &m);
	arena_fini(&a);
}

/* ---- the steps of its own ---- */

static void some_call(struct ua *u)
{
	static const char *const whom[] = {"sip:bob@example.com", "sip:bob@198.51.100.2",
					   "sip:carol@carol.example;transport=tcp",
					   "sip:x@elsewhere.example"};
	unsigned how = fuzz_byte(&u->peers.in);
	struct phone_plan plan = {.cancel_ms = how & 4 ? 60 : 0,
				  .hold_ms = how & 8 ? 1000 : 0,
				  .reinvite_ms = how & 16 ? 60 : 0};
	struct buf proxy = buf_over(u->phone->proxy, sizeof(u->phone->proxy));

	if (how & 32)
		buf_fmt(&proxy, "sip:" PROXY_IP ";lr%s", how & 64 ? ";transport=tcp" : "");
	buf_c(&proxy);
	phone_call(u->phone, whom[how & 3], &plan);
}

static void some_manner(struct ua *u)
{
	static const unsigned statuses[] = {200, 486, 603, 480};
	unsigned how = fuzz_byte(&u->peers.in);
	struct phone_manner *m = &u->phone->manner;

	m->ring_ms = how & 1 ? 0 : how & 2 ? PHONE_NEVER : 100;
	m->answer_ms = how & 4 ? 0 : how & 8 ? PHONE_NEVER : 1000;
	m->status = statuses[how >> 4 & 3];
	m->hangup_ms = how & 64 ? 500 : 0;
	strcpy(u->phone->moved_to, how & 128 ? "sip:carol@198.51.100.3" : "");
}

static const char description[] = "v=0\r\no=- 1 9 IN IP4 " PHONE_IP "\r\ns=-\r\nc=IN IP4 " PHONE_IP
				  "\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n";

static void act_on(struct dlg_session *s, unsigned how)
{
	struct str sdp = how & 16 ? STR_NONE : str_c(description);

	switch (how % 8) {
	case 0:
		dlg_session_ring(s, how & 8 ? 183 : 180, sdp);
		break;
	case 1:
		dlg_session_answer(s, sdp);
		break;
	case 2:
		dlg_session_refuse(s, 488, STR_NONE, STR("304 a \"b\""));
		break;
	case 3:
	case 4:
		dlg_session_reoffer(s, str_c(description));
		break;
	case 5:
		dlg_session_send(s, STR("INFO"), STR("application/dtmf-relay"), STR("Signal=1"));
		break;
	default:
		dlg_session_hangup(s);
		break;
	}
}

static void some_act(struct ua *u)
{
	unsigned how = fuzz_byte(&u->peers.in), n = how >> 5;

	LIST_EACH (l, &u->phone->calls) {
		struct phone_call *c = container_of(l, struct phone_call, link);

		if (n-- > 0 || !c->session)
			continue;
		sim_enter(u->phone->w);
		act_on(c->session, how);
		sim_leave(u->phone->w);
		return;
	}
}

static void crash(struct ua *u)
{
	unsigned how = fuzz_byte(&u->peers.in);

	if (how & 3)
		return; /* more is learnt from those who live */
	phone_crash(u->phone, how & 4);
	u->lives++;
	phone_start(u->phone);
}

static void step(struct ua *u)
{
	static const unsigned times_ms[] = {20, 0, 1, 100, 500, 4000, 33000, 200000};
	unsigned op = fuzz_byte(&u->peers.in), kind = (op & 15) % STEPS;

	u->asked++;
	switch (kind) {
	case CALL:
		some_call(u);
		break;
	case REGISTER:
		phone_register(u->phone, fuzz_byte(&u->peers.in) & 1 ? 0 : 60);
		break;
	case MANNER:
		some_manner(u);
		break;
	case ACT:
		some_act(u);
		break;
	case CRASH:
		crash(u);
		break;
	default:
		peers_step(&u->peers, kind);
		break;
	}
	sim_run(&u->sim, times_ms[op >> 4 & 7]);
}

/* ---- a run ---- */

static void begin(struct ua *u, unsigned number, struct fuzz_in in)
{
	sim_init(&u->sim, number);
	peers_init(&u->peers, &u->sim, PHONE_IP, in);
	u->phone = phone_new(&u->sim, "dave", "pw-dave", PEERS_DOMAIN, PHONE_IP, PROXY_IP,
			     u->choices & BY_TCP ? TRANSPORT_TCP : TRANSPORT_UDP);
	u->phone->no_media = true;
	u->phone->refreshes = !(u->choices & NO_REFRESH);
	phone_start(u->phone);
	u->sim.watch = watch;
	u->sim.watch_ctx = u;
}

static void rest(struct ua *u)
{
	static const uint64_t waits_ms[] = {0, 35000, 70000, 300000};

	if (u->sim.problems.n)
		return;
	sim_heal(&u->sim);
	u->phone->refreshes = false;
	for (unsigned i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		u->sim.problems.n = 0;
		LIST_EACH (l, &u->phone->calls)
			phone_hangup(container_of(l, struct phone_call, link));
		sim_run(&u->sim, waits_ms[i]);
		if (phone_is_idle(u->phone))
			return;
	}
}

static void end(struct ua *u)
{
	u->sim.watch = NULL;
	phone_free(&u->phone);
	peers_fini(&u->peers);
	if (u->sim.problems.n)
		judge_broken("the run had problems", buf_str(&u->sim.problems));
	sim_fini(&u->sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ua u;
	struct fuzz_in in = {str_of((const char *)data, size)};
	unsigned number;
	long live;

	peers_prepare();
	live = alloc_live();
	memset(&u.phone, 0, sizeof(u) - offsetof(struct ua, phone)); /* sim: by its own */
	u.choices = fuzz_byte(&in);
	number = fuzz_byte(&in);
	begin(&u, number, in);
	for (unsigned i = 0; i < STEPS_MAX && u.peers.in.rest.n; i++)
		step(&u);
	rest(&u);
	end(&u);
	fuzz_no_leak(live, alloc_live());
	return 0;
}
