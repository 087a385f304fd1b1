/* What the control socket answers to "trace": copies of the workers' rings, looked into here on
 * the main thread, so that no call waits for it. */
#include <errno.h>

#include "admin/trace_find.h"
#include "base/alloc.h"
#include "net/clock.h"
#include "server/inside.h"

_Static_assert(NET_WORKERS_MAX <= TRACE_COPIES_MAX, "a copy of each worker");

#define LAST_DEFAULT 20

struct question {
	struct server *server;
	struct control_reply *reply;
	struct str call_id, user; /* owned */
	uint64_t last;
	bool messages; /* else calls */
	bool nothing_yet; /* messages from now on */
	bool goes_on; /* positions were given: no Call-ID need be there */
	uint64_t after[NET_WORKERS_MAX];
};

struct part {
	const struct question *question;
	struct trace_copy copy;
};

static void question_free(struct question *q)
{
	str_free(&q->call_id);
	str_free(&q->user);
	xfree(q);
}

static void free_copies(const struct question *q, struct gather *g)
{
	for (unsigned i = 0; i < q->server->n_workers; i++)
		trace_copy_fini(&((struct part *)gather_part(g, i))->copy);
}

/* On a worker. */
static void ask_trace(struct worker *w, void *part)
{
	struct part *p = part;
	const struct question *q = p->question;

	trace_copy(w->trace, q->nothing_yet ? UINT64_MAX : q->after[w->index], &p->copy);
}

/* Where to go on: a row of its own. */
static void put_positions(struct buf *b, const struct trace_source *s)
{
	buf_puts(b, STR("{\"after\":["));
	for (unsigned i = 0; i < s->n_copies; i++)
		buf_fmt(b, "%s%llu", i ? "," : "", (unsigned long long)s->copies[i].to);
	buf_puts(b, STR("]}\n"));
}

static void put_calls(struct question *q, const struct trace_source *s)
{
	uint64_t n;

	if (trace_put_calls(control_out(q->reply), s, q->user, q->last, &n))
		control_fail(&q->reply, "no memory");
	else
		control_end(&q->reply, n);
}

static void put_messages(struct question *q, const struct trace_source *s)
{
	char room[400];
	struct buf some = buf_over(room, sizeof(room));
	struct str id = q->call_id;
	uint64_t n;
	int err = 0;

	some.cut = true;
	if (!str_empty(id) && !q->goes_on)
		err = trace_find_call(s, q->call_id, &id, &some);
	if (err == -ENOENT) {
		control_fail(&q->reply, "no message of a call \"%.*s\" is in the trace",
			     STR_ARG(str_first(q->call_id, 100)));
	} else if (err == -ENOTUNIQ) {
		control_fail(&q->reply, "several calls begin so: %.*s", STR_ARG(buf_str(&some)));
	} else if (err) {
		control_fail(&q->reply, "no memory");
	} else {
		n = trace_put_messages(control_out(q->reply), s, id, q->user);
		put_positions(control_out(q->reply), s);
		control_end(&q->reply, n);
	}
}

static void on_trace(void *ctx, struct gather *g)
{
	struct question *q = ctx;
	struct trace_copy copies[NET_WORKERS_MAX];
	struct trace_source s = {
		.copies = copies,
		.n_copies = q->server->n_workers,
		.listeners = q->server->listeners,
		.n_listeners = q->server->worker_conf.config->n_listen,
		.epoch_us = clock_wall_us() - clock_mono_us(),
	};
	bool failed = false;

	for (unsigned i = 0; i < s.n_copies; i++) {
		copies[i] = ((struct part *)gather_part(g, i))->copy;
		failed = failed || copies[i].failed;
	}
	if (failed)
		control_fail(&q->reply, "no memory");
	else if (q->messages)
		put_messages(q, &s);
	else
		put_calls(q, &s);
	free_copies(q, g);
	question_free(q);
}

static void drop_trace(void *ctx, struct gather *g)
{
	struct question *q = ctx;

	free_copies(q, g);
	control_fail(&q->reply, "the server is ending");
	question_free(q);
}

/* ---- the request ---- */

static void read_after(struct question *q, const json_t *list)
{
	size_t i;
	const json_t *v;

	q->goes_on = json_is_array(list);
	json_array_foreach(list, i, v) if (i < NET_WORKERS_MAX) q->after[i] =
		(uint64_t)json_integer_value(v);
}

static struct question *question_new(struct server *s, struct control_reply *r,
				     const json_t *request)
{
	const json_t *last = json_object_get(request, "last");
	struct str call_id = str_c(json_string_value(json_object_get(request, "call_id")));
	struct str user = str_c(json_string_value(json_object_get(request, "user")));
	struct question *q = xzalloc(sizeof(*q));

	if (!q)
		return NULL;
	q->server = s;
	q->reply = r;
	q->last = json_is_integer(last) ? (uint64_t)json_integer_value(last) : LAST_DEFAULT;
	read_after(q, json_object_get(request, "after"));
	q->messages = !str_empty(call_id) || json_is_true(json_object_get(request, "follow"));
	q->nothing_yet = str_empty(call_id) && !q->goes_on && q->messages;
	if (str_dup(call_id, &q->call_id) || str_dup(user, &q->user)) {
		question_free(q);
		return NULL;
	}
	return q;
}

static int ask_all(struct server *s, struct question *q)
{
	const struct part begin = {.question = q};
	const struct gather_conf conf = {
		.main = s->loop,
		.workers = s->workers,
		.n_workers = s->n_workers,
		.part_bytes = sizeof(begin),
		.part = &begin,
		.ask = ask_trace,
		.done = on_trace,
		.drop = drop_trace,
		.ctx = q,
		.all = &s->gathers,
	};

	return gather_start(&conf);
}

void server_answer_trace(struct server *s, struct control_reply *r, const json_t *request)
{
	struct question *q;

	if (!s->worker_conf.config->trace_bytes) {
		control_fail(&r, "nothing is recorded: trace.memory is 0 in the configuration that "
				 "the server was started with");
		return;
	}
	q = question_new(s, r, request);
	if (!q || ask_all(s, q)) {
		control_fail(&r, "no memory");
		if (q)
			question_free(q);
	}
}
