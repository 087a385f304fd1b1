/* What the control socket answers. */
#include "admin/json.h"
#include "admin/status.h"
#include "admin/tables.h"
#include "base/alloc.h"
#include "net/clock.h"
#include "server/inside.h"
#include "server/notify.h"
#include "txn/txn.h"

#define CALLS_MAX_BYTES (64u << 20) /* of one worker */

/* ---- facts ---- */

/* On a worker. */
static void ask_facts(struct worker *w, void *part)
{
	struct status_worker *f = part;
	const struct txn_table *t = core_txns(w->core);

	f->core = *core_counters(w->core);
	net_counters_read(w->net, &f->net);
	f->guard = *guard_counters(w->guard);
	f->proxy = proxy_counters(w->proxy);
	f->transactions = txn_count(t);
	f->retransmits_in = t->counters.retransmits_in;
	f->retransmits_out = t->counters.retransmits_out;
	f->timeouts = t->counters.timeouts;
	f->echo_calls = w->echo ? echo_calls(w->echo) : 0;
	f->turned_away = w->gate.turned_away;
}

static struct sample sum_of(struct server *s, struct gather *g)
{
	struct sample sum = {.at_ms = clock_mono_ms()};

	for (unsigned i = 0; i < s->n_workers; i++) {
		const struct status_worker *f = gather_part(g, i);

		sum.requests += f->core.requests;
		sum.messages += f->core.requests + f->core.responses;
	}
	return sum;
}

static int start_gather(struct server *s, size_t bytes, void (*ask)(struct worker *w, void *part),
			void (*done)(void *ctx, struct gather *g),
			void (*drop)(void *ctx, struct gather *g), void *ctx)
{
	const struct gather_conf conf = {
		.main = s->loop,
		.workers = s->workers,
		.n_workers = s->n_workers,
		.part_bytes = bytes,
		.ask = ask,
		.done = done,
		.drop = drop,
		.ctx = ctx,
		.all = &s->gathers,
	};

	return gather_start(&conf);
}

static void on_sample(void *ctx, struct gather *g)
{
	struct server *s = ctx;

	s->samples[0] = s->samples[1];
	s->samples[1] = sum_of(s, g);
	notify(STR("WATCHDOG=1"));
}

void server_sample(struct server *s)
{
	if (start_gather(s, sizeof(struct status_worker), ask_facts, on_sample, NULL, s))
		log_warn(&s->log, "no memory for counters");
}

/* ---- status ---- */

struct question {
	struct server *server;
	struct control_reply *reply;
};

static struct question *question_new(struct server *s, struct control_reply **r)
{
	struct question *q = xmalloc(sizeof(*q));

	if (!q) {
		control_fail(r, "no memory");
		return NULL;
	}
	*q = (struct question){s, *r};
	return q;
}

static void drop_question(void *ctx, struct gather *g)
{
	struct question *q = ctx;

	control_fail(&q->reply, "the server is ending");
	xfree(q);
}

static uint64_t rate(uint64_t now, uint64_t before, uint64_t ms)
{
	return ms ? (now - before) * 1000 / ms : 0;
}

static uint64_t count_users(struct server *s)
{
	uint64_t n;

	pthread_mutex_lock(&s->users_lock);
	n = s->users ? users_count(s->users) : 0;
	pthread_mutex_unlock(&s->users_lock);
	return n;
}

static void on_status(void *ctx, struct gather *g)
{
	struct question *q = ctx;
	struct server *s = q->server;
	const struct config *c = s->config, *start = s->worker_conf.config;
	struct str *domains = xcalloc(c->n_domains, sizeof(*domains));
	struct sample now = sum_of(s, g), *then = &s->samples[0];
	size_t contacts = 0;
	struct status st = {
		.config = c->path,
		.database = start->database,
		.domains = domains,
		.n_domains = domains ? c->n_domains : 0,
		.listeners = s->listeners,
		.n_listeners = start->n_listen,
		.started_ms = s->started_ms,
		.now_ms = clock_wall_ms(),
		.uptime_s = (clock_mono_ms() - s->begun_ms) / 1000,
		.users = count_users(s),
		.messages_per_s = rate(now.messages, then->messages, now.at_ms - then->at_ms),
		.requests_per_s = rate(now.requests, then->requests, now.at_ms - then->at_ms),
		.workers = gather_part(g, 0),
		.n_workers = s->n_workers,
	};

	for (unsigned i = 0; i < st.n_domains; i++)
		domains[i] = c->domains[i].name;
	st.registered = loc_count(s->loc, &contacts);
	st.contacts = contacts;
	status_put(control_out(q->reply), &st);
	buf_putc(control_out(q->reply), '\n');
	control_end(&q->reply, 1);
	xfree(domains);
	xfree(q);
}

static void answer_status(struct server *s, struct control_reply *r, const json_t *request)
{
	struct question *q = question_new(s, &r);

	if (q &&
	    start_gather(s, sizeof(struct status_worker), ask_facts, on_status, drop_question, q)) {
		control_fail(&q->reply, "no memory");
		xfree(q);
	}
}

/* ---- calls ---- */

struct call_rows {
	struct buf rows;
	uint64_t now_ms, n;
};

static void on_call(void *ctx, const struct proxy_call *c)
{
	struct call_rows *rows = ctx;

	tables_put_call(&rows->rows, c, rows->now_ms);
	rows->n++;
}

static void on_echo_call(void *ctx, const struct echo_call *c)
{
	const struct proxy_call call = {
		.call_id = c->call_id,
		.from = c->from,
		.to = c->to,
		.since_ms = c->since_ms,
		.status = 200,
	};

	on_call(ctx, &call);
}

/* On a worker. */
static void ask_calls(struct worker *w, void *part)
{
	struct call_rows *rows = part;

	rows->rows = buf_heap(CALLS_MAX_BYTES);
	rows->now_ms = clock_wall_ms();
	proxy_calls(w->proxy, on_call, rows);
	if (w->echo)
		echo_each(w->echo, on_echo_call, rows);
}

static void on_calls(void *ctx, struct gather *g)
{
	struct question *q = ctx;
	uint64_t n = 0;

	for (unsigned i = 0; i < q->server->n_workers; i++) {
		struct call_rows *rows = gather_part(g, i);

		/* Too many to be shown shows as a failure, not as fewer. */
		if (rows->rows.failed)
			control_out(q->reply)->failed = true;
		buf_puts(control_out(q->reply), buf_str(&rows->rows));
		n += rows->n;
		buf_free(&rows->rows);
	}
	control_end(&q->reply, n);
	xfree(q);
}

static void drop_calls(void *ctx, struct gather *g)
{
	const struct question *q = ctx;

	for (unsigned i = 0; i < q->server->n_workers; i++)
		buf_free(&((struct call_rows *)gather_part(g, i))->rows);
	drop_question(ctx, g);
}

static void answer_calls(struct server *s, struct control_reply *r, const json_t *request)
{
	struct question *q = question_new(s, &r);

	if (q && start_gather(s, sizeof(struct call_rows), ask_calls, on_calls, drop_calls, q)) {
		control_fail(&q->reply, "no memory");
		xfree(q);
	}
}

/* ---- the table ---- */

static const struct {
	const char *cmd;
	void (*answer)(struct server *s, struct control_reply *r, const json_t *request);
} answers[] = {
	{"status", answer_status},
	{"registrations", server_answer_registrations},
	{"registrations-remove", server_answer_removal},
	{"calls", answer_calls},
	{"trace", server_answer_trace},
};

void server_answer(void *ctx, struct control_reply *r, const char *cmd, const json_t *request)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (!strcmp(answers[i].cmd, cmd)) {
			answers[i].answer(ctx, r, request);
			return;
		}
	control_fail(&r, "unknown command \"%s\"", cmd);
}
