#include "fake.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

struct txn_server {
	struct list link;
	struct fake *f;
	struct txn_server_user user;
	bool has_user;
	bool invite;
	unsigned status;
	char branch[80];
	char *last; /* response, for retransmissions */
	size_t last_n;
	struct timer timer; /* to its end */
};

struct dlg_request {
	struct list link;
	struct fake *f;
	struct dlg_request_user user;
	bool has_user;
	bool invite;
	bool provisional, final, cancel_wanted;
	char branch[80];
	char *text;
	size_t n;
	struct timer timer;
};

/* Lent to arenas, so that no allocation here is counted or fails. */
static char arena_room[65536];

struct packet {
	struct list link;
	struct fake *to;
	struct timer timer;
	size_t n;
	char text[];
};

static void *take_room(size_t n)
{
	void *p = calloc(1, n);

	assert_non_null(p);
	return p;
}

/* ---- the world ---- */

static void op_random(struct io *io, void *ret, size_t n)
{
	struct fake_world *w = container_of(io, struct fake, io)->world;
	uint8_t *p = ret;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)test_random(&w->seed);
}

void world_init(struct fake_world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->ops.random = op_random;
	wheel_init(&w->wheel, 1000);
	list_init(&w->wire);
}

static void set_now(struct fake_world *w, uint64_t now)
{
	for (unsigned i = 0; i < 2; i++)
		if (w->side[i])
			w->side[i]->io.now_ms = now;
}

void world_run(struct fake_world *w, uint64_t ms)
{
	uint64_t end = w->wheel.now_ms + ms;

	for (;;) {
		uint64_t next = wheel_next(&w->wheel);

		if (next > end)
			next = end;
		if (next <= w->wheel.now_ms)
			next = w->wheel.now_ms + 1;
		if (next > end)
			break;
		set_now(w, next);
		wheel_run(&w->wheel, next);
	}
}

void world_fini(struct fake_world *w)
{
	LIST_EACH (l, &w->wire) {
		struct packet *p = container_of(l, struct packet, link);

		timer_cancel(&w->wheel, &p->timer);
		list_unlink(&p->link);
		free(p);
	}
	assert_int_equal(w->wheel.n, 0);
}

static void on_packet(void *ctx)
{
	struct packet *p = ctx;

	list_unlink(&p->link);
	fake_deliver(p->to, str_of(p->text, p->n));
	free(p);
}

static void wire(struct fake *to, struct str text, bool may_be_lost)
{
	struct fake_world *w = to->world;
	struct packet *p;

	if (may_be_lost && test_random(&w->seed) % 1000 < w->loss_permille)
		return;
	p = take_room(sizeof(*p) + text.n);
	memcpy(p->text, text.p, text.n);
	p->n = text.n;
	p->to = to;
	list_append(&w->wire, &p->link);
	timer_init(&p->timer, on_packet, p);
	timer_set(&w->wheel, &p->timer,
		  w->wheel.now_ms + 1 + (w->delay_ms ? test_random(&w->seed) % w->delay_ms : 0));
}

static void emit(struct fake *f, struct str text, struct dlg_request *r, struct txn_server *t,
		 bool may_be_lost)
{
	struct fake_sent *s;

	if (f->peer) {
		wire(f->peer, text, may_be_lost);
		return;
	}
	s = take_room(sizeof(*s) + text.n + 1);
	memcpy(s->text, text.p, text.n);
	s->n = text.n;
	s->r = r;
	s->txn = t;
	list_append(&f->sent, &s->link);
}

/* ---- requests ---- */

static void request_free(struct dlg_request *r)
{
	timer_cancel(&r->f->world->wheel, &r->timer);
	LIST_EACH (l, &r->f->sent) {
		struct fake_sent *s = container_of(l, struct fake_sent, link);

		if (s->r == r)
			s->r = NULL;
	}
	list_unlink(&r->link);
	free(r->text);
	free(r);
}

static void request_end(struct dlg_request *r, int err)
{
	struct dlg_request_user user = r->user;
	bool has_user = r->has_user;

	request_free(r);
	if (has_user)
		user.on_end(user.ctx, err);
}

static void on_request_timer(void *ctx)
{
	struct dlg_request *r = ctx;

	request_end(r, r->final ? 0 : -ETIMEDOUT);
}

static struct str print(struct fake *f, const struct sip_msg *m, const char *branch, bool contact,
			char room[FAKE_TEXT_MAX])
{
	struct buf b = buf_over(room, FAKE_TEXT_MAX);
	struct buf all = buf_over(room, FAKE_TEXT_MAX);
	char *tmp = take_room(FAKE_TEXT_MAX);
	struct str text, line;

	b = buf_over(tmp, FAKE_TEXT_MAX);
	assert_true(sip_print(m, &b));
	text = buf_str(&b);
	line = str_split(&text, '\n');
	buf_fmt(&all, "%.*s\n", STR_ARG(line));
	if (branch)
		buf_fmt(&all, "Via: SIP/2.0/UDP %c.example:5060;branch=%s\r\n", f->name, branch);
	if (contact)
		buf_fmt(&all, "Contact: <sip:%c@127.0.0.1:5060>\r\n", f->name);
	buf_puts(&all, text);
	assert_false(all.failed);
	free(tmp);
	return buf_str(&all);
}

static void op_detach(void *ctx, struct dlg_request **pr)
{
	struct dlg_request *r = *pr;

	*pr = NULL;
	r->has_user = false;
}

static int op_request(void *ctx, const struct dlg_send *send, uint32_t *cseq,
		      const struct dlg_request_user *user, struct dlg_request **ret)
{
	struct fake *f = ctx;
	char room[FAKE_TEXT_MAX];
	struct dlg_request *r;
	struct str text;
	int err = f->fail_request;

	f->fail_request = 0;
	if (err)
		return err;
	r = take_room(sizeof(*r));
	r->f = f;
	r->user = *user;
	r->has_user = true;
	r->invite = send->msg->method == SIP_INVITE;
	snprintf(r->branch, sizeof(r->branch), "z9hG4bK-%c-%u", f->name, f->counter++);
	text = print(f, send->msg, r->branch, send->contact, room);
	r->text = take_room(text.n);
	memcpy(r->text, text.p, text.n);
	r->n = text.n;
	list_append(&f->requests, &r->link);
	timer_init(&r->timer, on_request_timer, r);
	timer_set(&f->world->wheel, &r->timer, f->io.now_ms + 32000);
	emit(f, text, r, NULL, false);
	*ret = r;
	return 0;
}

static void send_cancel(struct dlg_request *r)
{
	char room[FAKE_TEXT_MAX], cseq_room[32];
	struct buf cseq = buf_over(cseq_room, sizeof(cseq_room));
	struct arena a;
	struct sip_msg invite, m;
	struct sip_err err;
	struct sip_cseq cseq_of;

	arena_init(&a, arena_room, sizeof(arena_room), 0);
	assert_true(sip_parse(str_of(r->text, r->n), &a, &invite, &err));
	sip_request_init(&m, &a, STR("CANCEL"), invite.uri);
	sip_copy_all(&m, &invite, SIP_HDR_VIA);
	sip_copy_all(&m, &invite, SIP_HDR_FROM);
	sip_copy_all(&m, &invite, SIP_HDR_TO);
	sip_copy_all(&m, &invite, SIP_HDR_CALL_ID);
	assert_true(sip_cseq_parse(sip_get(&invite, SIP_HDR_CSEQ), &cseq_of));
	buf_fmt(&cseq, "%u CANCEL", cseq_of.number);
	sip_add(&m, SIP_HDR_CSEQ, buf_str(&cseq));
	emit(r->f, print(r->f, &m, NULL, false, room), NULL, NULL, false);
	timer_set(&r->f->world->wheel, &r->timer, r->f->io.now_ms + 32000);
	arena_fini(&a);
}

static void op_cancel(void *ctx, struct dlg_request *r, struct str headers)
{
	if (r->final)
		return;
	if (r->provisional)
		send_cancel(r);
	else
		r->cancel_wanted = true;
}

static int op_ack(void *ctx, struct dlg_request *invite, const struct dlg_send *send)
{
	struct fake *f = ctx;

	assert_true(!invite || invite->invite);
	char room[FAKE_TEXT_MAX], branch[80];

	snprintf(branch, sizeof(branch), "z9hG4bK-ack-%c-%u", f->name, f->counter++);
	emit(f, print(f, send->msg, branch, false, room), NULL, NULL, true);
	return 0;
}

/* ---- server transactions ---- */

static void txn_free(struct txn_server *t)
{
	timer_cancel(&t->f->world->wheel, &t->timer);
	LIST_EACH (l, &t->f->sent) {
		struct fake_sent *s = container_of(l, struct fake_sent, link);

		if (s->txn == t)
			s->txn = NULL;
	}
	list_unlink(&t->link);
	free(t->last);
	free(t);
}

static void on_txn_timer(void *ctx)
{
	struct txn_server *t = ctx;
	struct txn_server_user user = t->user;
	bool has_user = t->has_user;

	txn_free(t);
	if (has_user && user.on_end)
		user.on_end(user.ctx, 0);
}

void txn_server_detach(struct txn_server **t)
{
	(*t)->has_user = false;
	*t = NULL;
}

static int op_accept(void *ctx, const struct sip_rx *rx, const struct txn_server_user *user,
		     struct txn_server **ret)
{
	struct fake *f = ctx;
	struct txn_server *t = take_room(sizeof(*t));

	t->f = f;
	if (user) {
		t->user = *user;
		t->has_user = true;
	}
	t->invite = rx->msg.method == SIP_INVITE;
	str_to_c(rx->head.via.branch, t->branch, sizeof(t->branch));
	list_append(&f->txns, &t->link);
	timer_init(&t->timer, on_txn_timer, t);
	*ret = t;
	return 0;
}

static int op_respond(void *ctx, struct txn_server *t, struct sip_msg *m,
		      const struct sip_rx *contact)
{
	struct fake *f = ctx;
	char room[FAKE_TEXT_MAX];
	bool again = t->status >= 200;
	struct str text = print(f, m, NULL, contact != NULL, room);

	if (again && m->status / 100 != 2)
		return -EALREADY;
	t->status = m->status;
	free(t->last);
	t->last = take_room(text.n);
	memcpy(t->last, text.p, text.n);
	t->last_n = text.n;
	if (m->status >= 200 && !again)
		timer_set(&f->world->wheel, &t->timer, f->io.now_ms + 32000);
	emit(f, text, NULL, t, t->invite && m->status < 300);
	return 0;
}

static void op_answer(void *ctx, const struct sip_rx *rx, unsigned status, struct str reason)
{
	struct txn_server *t;
	struct arena a;
	struct sip_msg m;

	assert_int_equal(op_accept(ctx, rx, NULL, &t), 0);
	arena_init(&a, arena_room, sizeof(arena_room), 0);
	if (sip_response(&rx->msg, &a, status, reason, STR("answer"), &m))
		op_respond(ctx, t, &m, NULL);
	arena_fini(&a);
}

static void op_token(void *ctx, struct buf *b)
{
	struct fake *f = ctx;

	buf_fmt(b, "tag%c%u", f->name, f->counter++);
}

static void op_call_id(void *ctx, struct buf *b)
{
	struct fake *f = ctx;

	buf_fmt(b, "call-%c-%u", f->name, f->counter++);
}

/* ---- what comes in ---- */

static struct dlg_request *find_request(struct fake *f, struct str branch)
{
	LIST_EACH (l, &f->requests) {
		struct dlg_request *r = container_of(l, struct dlg_request, link);

		if (str_eq(str_c(r->branch), branch))
			return r;
	}
	return NULL;
}

static void take_response(struct fake *f, const struct sip_rx *rx)
{
	struct dlg_request *r = find_request(f, rx->head.via.branch);
	unsigned status = rx->msg.status;

	if (!r || rx->msg.method == SIP_CANCEL || (r->final && (!r->invite || status / 100 != 2)))
		return;
	if (status < 200) {
		r->provisional = true;
		if (r->invite && !r->cancel_wanted)
			timer_cancel(&f->world->wheel, &r->timer);
		if (r->cancel_wanted)
			send_cancel(r);
		r->cancel_wanted = false;
	} else if (!r->final) {
		r->final = true;
		timer_set(&f->world->wheel, &r->timer,
			  f->io.now_ms + (r->invite && status < 300 ? 32000 : 1));
	}
	if (r->has_user)
		r->user.on_response(r->user.ctx, rx);
}

static struct txn_server *find_txn(struct fake *f, const struct sip_rx *rx, bool invite)
{
	LIST_EACH (l, &f->txns) {
		struct txn_server *t = container_of(l, struct txn_server, link);

		if (t->invite == invite && str_eq(str_c(t->branch), rx->head.via.branch))
			return t;
	}
	return NULL;
}

static void take_cancel(struct fake *f, const struct sip_rx *rx)
{
	struct txn_server *t = find_txn(f, rx, true);

	op_answer(f, rx, t ? 200 : 481, STR_NONE);
	if (t && t->has_user && t->status < 200 && t->user.on_cancel)
		t->user.on_cancel(t->user.ctx, rx);
}

static void take_request(struct fake *f, const struct sip_rx *rx)
{
	if (rx->msg.method == SIP_CANCEL) {
		take_cancel(f, rx);
	} else if (rx->msg.method != SIP_ACK && find_txn(f, rx, rx->msg.method == SIP_INVITE)) {
		fail_msg("a request came twice: the wire does not do that");
	} else if (dlg_table_request(f->table, rx)) {
		;
	} else if (!str_empty(rx->head.to.tag)) {
		dlg_table_unknown(f->table, rx);
	} else if (rx->msg.method == SIP_INVITE && f->on_invite) {
		if (dlg_table_check(f->table, rx))
			f->on_invite(f, rx);
	} else if (rx->msg.method != SIP_ACK) {
		if (dlg_table_check(f->table, rx))
			dlg_table_ok(f->table, rx);
	}
}

void fake_deliver(struct fake *f, struct str text)
{
	struct flow flow = {.transport = TRANSPORT_UDP};
	char *room = take_room(8192), *bytes = take_room(text.n + 1);
	struct sip_rx *rx = take_room(sizeof(*rx));
	struct sip_err err = {0};

	memcpy(bytes, text.p, text.n);
	flow.remote.family = 4;
	flow.remote.ip[0] = 127;
	flow.remote.port = 5060;
	if (!sip_rx_parse(rx, str_of(bytes, text.n), &flow, f->io.now_ms, room, 8192, &err))
		fail_msg("%s: %s in\n%.*s", err.header, err.why, (int)text.n, text.p);
	if (sip_is_request(&rx->msg))
		take_request(f, rx);
	else
		take_response(f, rx);
	sip_rx_fini(rx);
	free(rx);
	free(room);
	free(bytes);
}

/* ---- a side ---- */

void fake_init(struct fake *f, struct fake_world *w, char name, const struct dlg_conf *conf)
{
	struct dlg_conf c = conf ? *conf : (struct dlg_conf){0};

	memset(f, 0, sizeof(*f));
	f->world = w;
	w->side[w->side[0] ? 1 : 0] = f;
	f->name = name;
	f->io = (struct io){.ops = &w->ops, .wheel = &w->wheel, .now_ms = w->wheel.now_ms};
	list_init(&f->requests);
	list_init(&f->txns);
	list_init(&f->sent);
	f->env = (struct dlg_env){
		.io = &f->io,
		.product = STR("Test"),
		.request = op_request,
		.cancel = op_cancel,
		.detach = op_detach,
		.ack = op_ack,
		.accept = op_accept,
		.respond = op_respond,
		.answer = op_answer,
		.put_token = op_token,
		.put_call_id = op_call_id,
		.ctx = f,
	};
	c.env = &f->env;
	if (dlg_table_new(&c, &f->table) != 0)
		f->table = NULL;
}

void fake_join(struct fake *a, struct fake *b)
{
	a->peer = b;
	b->peer = a;
}

void fake_fini(struct fake *f)
{
	dlg_table_free(&f->table);
	LIST_EACH (r, &f->requests)
		request_free(container_of(r, struct dlg_request, link));
	LIST_EACH (t, &f->txns)
		txn_free(container_of(t, struct txn_server, link));
	LIST_EACH (s, &f->sent) {
		list_unlink(s);
		free(container_of(s, struct fake_sent, link));
	}
}

static char taken[FAKE_TEXT_MAX];

struct str fake_take(struct fake *f)
{
	struct list *l = list_first(&f->sent);
	struct fake_sent *s;
	size_t n;

	assert_non_null(l);
	s = container_of(l, struct fake_sent, link);
	n = s->n;
	assert_true(n < sizeof(taken));
	memcpy(taken, s->text, n + 1);
	list_unlink(l);
	free(s);
	return str_of(taken, n);
}

bool fake_nothing(struct fake *f)
{
	return list_empty(&f->sent);
}

const char *fake_line(struct fake *f)
{
	static char line[64];
	struct str text = fake_nothing(f) ? STR("nothing") : fake_take(f);

	str_to_c(str_trim(str_split(&text, '\n')), line, 41);
	return line;
}

static struct dlg_request *last_of(struct fake *f, const char *method)
{
	struct dlg_request *found = NULL;

	LIST_EACH (l, &f->requests) {
		struct dlg_request *r = container_of(l, struct dlg_request, link);

		if (!strncmp(r->text, method, strlen(method)))
			found = r;
	}
	assert_non_null(found);
	return found;
}

void fake_answer(struct fake *f, const char *method, unsigned status, const char *to_tag,
		 const char *lines, const char *sdp)
{
	struct dlg_request *r = last_of(f, method);
	char *room = take_room(FAKE_TEXT_MAX);
	struct buf b = buf_over(room, FAKE_TEXT_MAX);
	char all[FAKE_TEXT_MAX];
	struct str text, line;
	struct arena a;
	struct sip_msg req, m;
	struct sip_err err;

	arena_init(&a, arena_room, sizeof(arena_room), 0);
	assert_true(sip_parse(str_of(r->text, r->n), &a, &req, &err));
	assert_true(sip_response(&req, &a, status, STR_NONE, str_c(to_tag), &m));
	if (sdp)
		sip_set_body(&m, STR("application/sdp"), str_c(sdp));
	assert_true(sip_print(&m, &b));
	arena_fini(&a);
	text = buf_str(&b);
	line = str_split(&text, '\n');
	snprintf(all, sizeof(all), "%.*s\n%s%.*s", (int)line.n, line.p, lines ? lines : "",
		 (int)text.n, text.p);
	free(room);
	fake_deliver(f, str_c(all));
}

void fake_end(struct fake *f, const char *method, int err)
{
	request_end(last_of(f, method), err);
}
