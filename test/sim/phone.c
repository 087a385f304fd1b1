#include "phone.h"

#include <errno.h>
#include <stdlib.h>

#include "server/hasher.h"

static void must(int err)
{
	if (err)
		abort();
}

const char *phone_cause(enum dlg_cause c)
{
	static const char *const names[] = {
		[DLG_HUNG_UP] = "hung-up",     [DLG_PEER_BYE] = "peer-bye",
		[DLG_CANCELED] = "canceled",   [DLG_REFUSED] = "refused",
		[DLG_TIMED_OUT] = "timed-out", [DLG_FAILED] = "failed",
		[DLG_BROKEN] = "broken",
	};

	return names[c];
}

/* ---- media ---- */

static void on_media(void *ctx, enum media_event event, int value)
{
	struct phone_call *c = ctx;

	(void)value;
	if (event != MEDIA_TIMEOUT || !c->session)
		return;
	c->media_lost = true;
	sim_note(c->phone->sim, "%s hears nothing any more", c->phone->user);
	dlg_session_hangup(c->session);
}

static void local_of(struct phone_call *c, struct dlg_local *ret)
{
	*ret = (struct dlg_local){.rtp = *media_local(c->media),
				  .codecs = {DLG_PCMU, DLG_PCMA},
				  .n_codecs = 2,
				  .dir = c->held ? SDP_SENDONLY : SDP_SENDRECV,
				  .ptime_ms = 20};
}

static void set_media(struct phone_call *c, const struct dlg_media *m)
{
	struct media_params p = media_params_none();

	p.rtp = m->rtp;
	p.send = m->active && (m->dir & 1);
	p.recv = m->active && (m->dir & 2);
	p.timeout_ms = c->phone->no_media || !p.recv ? UINT32_MAX : c->phone->media_timeout_ms;
	media_set(c->media, &p);
}

static struct str make_offer(struct phone_call *c, struct buf *b)
{
	struct dlg_local local;

	local_of(c, &local);
	must(dlg_offer_make(&c->offer, &local, b));
	return buf_str(b);
}

static bool take_answer(struct phone_call *c, struct str sdp)
{
	struct dlg_local local;
	struct dlg_media m;

	local_of(c, &local);
	if (dlg_offer_accept(&c->offer, &local, sdp, &m) || !m.active)
		return false;
	set_media(c, &m);
	return true;
}

static unsigned answer_offer(struct phone_call *c, struct str sdp, struct buf *b)
{
	struct dlg_local local;
	struct dlg_media m;
	const char *why;
	unsigned status;

	local_of(c, &local);
	status = dlg_offer_answer(&c->offer, &local, sdp, b, &m, &why);
	if (status == 200)
		set_media(c, &m);
	return status;
}

/* ---- a call's life ---- */

static void call_free(struct phone_call *c)
{
	struct io *io = &c->phone->w->io;

	io_timer_cancel(io, &c->ring);
	io_timer_cancel(io, &c->act);
	io_timer_cancel(io, &c->end);
	io_timer_cancel(io, &c->again);
	list_unlink(&c->link);
	media_close(&c->media);
	dlg_offer_fini(&c->offer);
	free(c);
}

static void report(struct phone_call *c, const struct dlg_end *end)
{
	struct phone *ph = c->phone;
	struct media_stats stats;
	struct phone_report r = {
		.call_id = c->call_id,
		.caller = c->caller,
		.cause = end->cause,
		.status = end->cause == DLG_REFUSED ? end->status : 0,
		.err = end->err,
		.was_up = c->was_up,
		.media_lost = c->media_lost,
		.tag = c->plan.tag,
	};

	media_stats(c->media, &stats);
	r.packets_received = stats.packets_received;
	sim_note(ph->sim, "%s %s: %s %u %d | %s", ph->user, c->caller ? "calling" : "called",
		 phone_cause(end->cause), r.status, end->err, c->call_id);
	ph->ended++;
	ph->last = r;
	memcpy(ph->last_call_id, c->call_id, sizeof(c->call_id));
	ph->last.call_id = ph->last_call_id;
	if (ph->on_report)
		ph->on_report(ph->ctx, ph, &r);
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct phone_call *c = ctx;

	c->session = NULL;
	report(c, end);
	call_free(c);
}

static void on_hangup_timer(void *ctx)
{
	struct phone_call *c = ctx;

	if (c->session)
		dlg_session_hangup(c->session);
}

static void on_again_timer(void *ctx)
{
	struct phone_call *c = ctx;
	struct buf b = buf_heap(4096);

	if (!c->session || !c->up)
		return;
	c->held = !c->held;
	make_offer(c, &b);
	if (dlg_session_reoffer(c->session, buf_str(&b)))
		c->held = !c->held;
	buf_free(&b);
}

static void is_up(struct phone_call *c, uint32_t hangup_ms, uint32_t again_ms)
{
	struct io *io = &c->phone->w->io;

	c->up = c->was_up = true;
	c->phone->answered++;
	if (hangup_ms)
		io_timer(io, &c->end, hangup_ms);
	if (again_ms)
		io_timer(io, &c->again, again_ms);
}

/* ---- calling ---- */

static void on_progress(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct phone_call *c = ctx;

	(void)sdp;
	c->phone->progress += rx->msg.status > 100;
	c->phone->last_progress = rx->msg.status;
}

static void on_answered(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct phone_call *c = ctx;

	(void)rx;
	io_timer_cancel(&c->phone->w->io, &c->act);
	is_up(c, c->plan.hold_ms, c->plan.reinvite_ms);
	if (!take_answer(c, sdp))
		dlg_session_hangup(c->session);
}

static void on_confirmed(void *ctx)
{
	(void)ctx;
}

static unsigned on_offer(void *ctx, struct str sdp, struct buf *ret_answer)
{
	return answer_offer(ctx, sdp, ret_answer);
}

static unsigned on_want_offer(void *ctx, struct buf *ret_offer)
{
	make_offer(ctx, ret_offer);
	return 200;
}

static bool on_answer(void *ctx, struct str sdp)
{
	return take_answer(ctx, sdp);
}

static void on_reoffer_refused(void *ctx, unsigned status)
{
	struct phone_call *c = ctx;

	(void)status;
	c->held = !c->held;
}

static unsigned on_request(void *ctx, const struct sip_rx *rx)
{
	struct phone_call *c = ctx;

	(void)rx;
	c->phone->requests++;
	return 200;
}

static struct dlg_session_user user_of(struct phone_call *c)
{
	return (struct dlg_session_user){
		.on_progress = on_progress,
		.on_answered = on_answered,
		.on_confirmed = on_confirmed,
		.on_offer = on_offer,
		.on_want_offer = on_want_offer,
		.on_answer = on_answer,
		.on_reoffer_refused = on_reoffer_refused,
		.on_request = on_request,
		.on_ended = on_ended,
		.ctx = c,
	};
}

static void on_act_timer(void *ctx);
static void on_ring_timer(void *ctx);

static struct phone_call *call_new(struct phone *ph)
{
	struct phone_call *c = calloc(1, sizeof(*c));
	const struct media_user user = {on_media, c};
	uint64_t id;

	if (!c)
		abort();
	c->phone = ph;
	timer_init(&c->ring, on_ring_timer, c);
	timer_init(&c->act, on_act_timer, c);
	timer_init(&c->end, on_hangup_timer, c);
	timer_init(&c->again, on_again_timer, c);
	list_init(&c->link);
	list_append(&ph->calls, &c->link);
	ph->w->ops.random(&ph->w->io, &id, sizeof(id));
	dlg_offer_init(&c->offer, id >> 16);
	must(media_open(ph->media, &ph->node->ip, &user, &c->media));
	return c;
}

static void keep_call_id(struct phone_call *c)
{
	str_to_c(dlg_session_dialog(c->session)->call_id, c->call_id, sizeof(c->call_id));
}

static int start_call(struct phone_call *c, const char *uri)
{
	struct phone *ph = c->phone;
	struct dlg_session_user user = user_of(c);
	struct buf b = buf_heap(4096);
	char from[128];
	struct buf fb = buf_over(from, sizeof(from));
	struct dlg_invite invite = {.uri = str_c(uri), .next_hop = str_c(ph->proxy)};
	int err;

	buf_fmt(&fb, "<sip:%s@%s>", ph->user, ph->domain);
	invite.from = buf_str(&fb);
	invite.sdp = make_offer(c, &b);
	err = dlg_session_call(ph->table, &invite, &user, &c->session);
	buf_free(&b);
	return err;
}

struct phone_call *phone_call(struct phone *ph, const char *uri, const struct phone_plan *plan)
{
	struct phone_call *c;

	sim_enter(ph->w);
	c = call_new(ph);
	c->caller = true;
	c->plan = *plan;
	if (start_call(c, uri)) {
		call_free(c);
		c = NULL;
	} else {
		keep_call_id(c);
		if (plan->cancel_ms)
			io_timer(&ph->w->io, &c->act, plan->cancel_ms);
	}
	sim_leave(ph->w);
	return c;
}

void phone_hangup(struct phone_call *c)
{
	struct sim_worker *w = c->phone->w;

	sim_enter(w);
	if (c->session)
		dlg_session_hangup(c->session);
	sim_leave(w);
}

/* ---- being called ---- */

static void on_ring_timer(void *ctx)
{
	struct phone_call *c = ctx;

	if (c->session)
		dlg_session_ring(c->session, 180, STR_NONE);
}

static void answer(struct phone_call *c)
{
	struct buf b = buf_heap(4096);
	struct str sdp;
	unsigned status = 200;

	if (dlg_session_offer(c->session, &sdp))
		status = answer_offer(c, sdp, &b);
	else
		make_offer(c, &b);
	if (status != 200)
		dlg_session_refuse(c->session, status, STR_NONE, STR_NONE);
	else if (!dlg_session_answer(c->session, buf_str(&b)))
		is_up(c, c->manner.hangup_ms, 0);
	buf_free(&b);
}

/* The caller loses patience, or the callee makes up his mind. */
static void on_act_timer(void *ctx)
{
	struct phone_call *c = ctx;

	if (!c->session)
		return;
	if (c->caller)
		dlg_session_hangup(c->session);
	else if (c->manner.status == 200)
		answer(c);
	else
		dlg_session_refuse(c->session, c->manner.status, STR_NONE, STR_NONE);
}

static void redirect(struct phone *ph, const struct sip_rx *rx)
{
	char text[128];
	struct buf b = buf_over(text, sizeof(text));
	struct core_field contact = {.id = SIP_HDR_CONTACT};

	buf_fmt(&b, "<%s>", ph->moved_to);
	contact.value = buf_str(&b);
	core_answer(ph->core, rx, 302, STR(""), &contact, 1);
}

static void on_invite(struct phone *ph, const struct sip_rx *rx)
{
	struct phone_call *c;
	struct dlg_session_user user;

	ph->incoming++;
	if (txn_server_is_merged(core_txns(ph->core), rx)) {
		core_answer(ph->core, rx, 482, STR(""), NULL, 0);
		return;
	}
	if (!dlg_table_check(ph->table, rx))
		return;
	if (ph->moved_to[0]) {
		redirect(ph, rx);
		return;
	}
	c = call_new(ph);
	c->manner = ph->manner;
	user = user_of(c);
	if (dlg_session_incoming(ph->table, rx, &user, &c->session)) {
		call_free(c);
		return;
	}
	keep_call_id(c);
	if (c->manner.ring_ms != PHONE_NEVER)
		io_timer(&ph->w->io, &c->ring, c->manner.ring_ms);
	if (c->manner.answer_ms != PHONE_NEVER)
		io_timer(&ph->w->io, &c->act, c->manner.answer_ms);
	else
		io_timer(&ph->w->io, &c->end, PHONE_RINGS_MS);
}

static bool element_request(void *ctx, struct core_request *req)
{
	struct phone *ph = ctx;
	const struct sip_rx *rx = req->rx;

	if (rx->msg.method == SIP_CANCEL)
		return false;
	if (!str_empty(rx->head.to.tag)) {
		if (!dlg_table_request(ph->table, rx))
			dlg_table_unknown(ph->table, rx);
		return true;
	}
	if (rx->msg.method == SIP_ACK)
		return true;
	if (rx->msg.method == SIP_INVITE) {
		on_invite(ph, rx);
		return true;
	}
	ph->requests++;
	if (dlg_table_check(ph->table, rx))
		dlg_table_ok(ph->table, rx);
	return true;
}

/* ---- registration ---- */

static void put_contact(void *ctx, const struct flow *flow, struct buf *b)
{
	struct phone *ph = ctx;

	buf_fmt(b, "Contact: <sip:%s@", ph->user);
	tport_put_hostport(core_tport(ph->core), flow, b);
	buf_fmt(b, ">%s\r\n", ph->reg_params);
}

static void on_reg_response(void *ctx, const struct sip_rx *rx)
{
	struct phone *ph = ctx;

	if (rx->msg.status < 200)
		return;
	ph->reg_status = rx->msg.status;
	if (rx->msg.status < 300) {
		ph->reg_ok++;
		ph->registered = ph->expires_s > 0;
		if (ph->registered && ph->refreshes)
			io_timer(&ph->w->io, &ph->refresh, ph->expires_s * 500ull);
	} else {
		ph->reg_failed++;
		if (ph->refreshes)
			io_timer(&ph->w->io, &ph->refresh, 10000);
	}
}

static void on_reg_end(void *ctx, int err)
{
	struct phone *ph = ctx;

	ph->reg = NULL;
	ph->reg_err = err;
	if (!err)
		return;
	ph->reg_failed++;
	if (ph->refreshes)
		io_timer(&ph->w->io, &ph->refresh, 10000);
}

static void send_register(struct phone *ph)
{
	struct core_send send = {.next_hop = str_c(ph->proxy)};
	const struct core_uac_user user = {on_reg_response, on_reg_end, put_contact, ph};
	char room[4096], uri[80];
	struct buf ub = buf_over(uri, sizeof(uri));
	struct arena a;
	struct sip_msg m;

	if (ph->reg)
		core_uac_detach(&ph->reg);
	ph->reg_status = 0;
	ph->reg_err = 0;
	arena_init(&a, room, sizeof(room), 0);
	buf_fmt(&ub, "sip:%s", ph->domain);
	sip_request_init(&m, &a, STR("REGISTER"), buf_str(&ub));
	sip_addf(&m, SIP_HDR_TO, "<sip:%s@%s>", ph->user, ph->domain);
	sip_addf(&m, SIP_HDR_FROM, "<sip:%s@%s>;tag=%s", ph->user, ph->domain, ph->reg_tag);
	sip_addf(&m, SIP_HDR_CALL_ID, "%s", ph->reg_call_id);
	sip_addf(&m, SIP_HDR_CSEQ, "%u REGISTER", ++ph->reg_cseq);
	sip_addf(&m, SIP_HDR_MAX_FORWARDS, "70");
	sip_addf(&m, SIP_HDR_EXPIRES, "%u", ph->expires_s);
	send.msg = &m;
	if (core_uac_new(ph->core, &send, &ph->account, &ph->reg_cseq, &user, &ph->reg))
		on_reg_end(ph, -ENOMEM);
	arena_fini(&a);
}

static void on_refresh(void *ctx)
{
	send_register(ctx);
}

void phone_register(struct phone *ph, uint32_t expires_s)
{
	sim_enter(ph->w);
	ph->expires_s = expires_s;
	io_timer_cancel(&ph->w->io, &ph->refresh);
	send_register(ph);
	sim_leave(ph->w);
}

/* ---- life ---- */

struct phone *phone_new(struct sim *s, const char *user, const char *password, const char *domain,
			const char *ip, const char *proxy_ip, enum transport by)
{
	struct phone *ph = calloc(1, sizeof(*ph));
	struct buf b;

	if (!ph)
		abort();
	ph->sim = s;
	ph->node = sim_node_new(s, user, ip, 1);
	ph->w = &ph->node->w[0];
	sim_listen(ph->node, TRANSPORT_UDP, 5060);
	sim_listen(ph->node, TRANSPORT_TCP, 5060);
	str_to_c(str_c(user), ph->user, sizeof(ph->user));
	str_to_c(str_c(password), ph->password, sizeof(ph->password));
	str_to_c(str_c(domain), ph->domain, sizeof(ph->domain));
	str_to_c(str_c(ip), ph->host, sizeof(ph->host));
	b = buf_over(ph->proxy, sizeof(ph->proxy));
	buf_fmt(&b, "sip:%s:5060;lr%s", proxy_ip, by == TRANSPORT_TCP ? ";transport=tcp" : "");
	buf_c(&b);
	ph->manner = (struct phone_manner){100, 1000, 200, 0};
	list_init(&ph->calls);
	return ph;
}

void phone_behind(struct phone *ph, struct sim_nat *nat)
{
	ph->node->nat = nat;
}

static bool on_other(void *ctx, const struct addr *from, const struct addr *to, struct str bytes)
{
	struct phone *ph = ctx;

	return ph->media && sim_media_packet(ph->media, from, to, bytes);
}

static void make_engine(struct phone *ph)
{
	struct core_conf conf = {.io = &ph->w->io,
				 .listeners = ph->listeners,
				 .n_listeners = ph->node->n_listeners,
				 .elements = &ph->element,
				 .n_elements = 1,
				 .product = STR("Phone/sim")};
	struct dlg_conf dc = {0};

	ph->element = (struct core_element){.name = "phone", .request = element_request, .ctx = ph};
	must(core_new(&conf, &ph->core));
	ph->crypto = crypto_new();
	ph->account = (struct core_account){str_c(ph->user), str_c(ph->password),
					    server_hasher(ph->crypto)};
	must(core_dlg_new(ph->core, str_c(ph->user), &ph->account, &ph->dlg));
	dc.env = core_dlg_env(ph->dlg);
	must(dlg_table_new(&dc, &ph->table));
	ph->media = sim_media_new(ph->w);
}

static void token(struct phone *ph, char *room, size_t n)
{
	struct buf b = buf_over(room, n);

	core_put_token(ph->core, &b);
	buf_c(&b);
}

void phone_start(struct phone *ph)
{
	for (unsigned i = 0; i < ph->node->n_listeners; i++) {
		ph->listeners[i].transport = ph->node->listeners[i].transport;
		ph->listeners[i].bound = ph->node->listeners[i].addr;
		ph->listeners[i].host = str_c(ph->host);
		ph->listeners[i].port = ph->node->listeners[i].addr.port;
	}
	ph->node->on_other = on_other;
	ph->node->other_ctx = ph;
	sim_boot(ph->node);
	timer_init(&ph->refresh, on_refresh, ph);
	sim_enter(ph->w);
	make_engine(ph);
	token(ph, ph->reg_call_id, sizeof(ph->reg_call_id));
	token(ph, ph->reg_tag, sizeof(ph->reg_tag));
	ph->reg_cseq = 0;
	sim_leave(ph->w);
}

void phone_crash(struct phone *ph, bool host)
{
	if (!ph->core)
		return;
	sim_kill(ph->node, host);
	timer_cancel(&ph->w->wheel, &ph->refresh);
	if (ph->reg)
		core_uac_detach(&ph->reg);
	dlg_table_free(&ph->table);
	LIST_EACH (l, &ph->calls)
		call_free(container_of(l, struct phone_call, link));
	core_dlg_free(&ph->dlg);
	core_free(&ph->core);
	sim_media_free(&ph->media);
	crypto_free(&ph->crypto);
}

void phone_free(struct phone **pph)
{
	struct phone *ph = *pph;

	if (!ph)
		return;
	phone_crash(ph, false);
	free(ph);
	*pph = NULL;
}

bool phone_is_idle(struct phone *ph)
{
	size_t txns = txn_count(core_txns(ph->core)), sessions = dlg_table_count(ph->table);
	size_t media = sim_media_sessions(ph->media);

	if (!txns && !sessions && !media && list_empty(&ph->calls))
		return true;
	sim_problem(ph->sim, "%s is left with %zu transactions, %zu sessions, %zu media sessions%s",
		    ph->user, txns, sessions, media, list_empty(&ph->calls) ? "" : ", calls");
	return false;
}
