#include "app/registrar.h"

#include <errno.h>

#include "app/contact.h"
#include "app/options.h"
#include "base/alloc.h"
#include "sip/date.h"
#include "sip/params.h"
#include "sip/via.h"

#define MAX_CHANGES (2 * LOC_MAX_CONTACTS)
#define ANSWER_ROOM 16384
#define CLAIMS 16               /* times to ask for an AoR that changes hands */

struct registrar {
	struct app_shared *shared;
	struct loc *loc;
	struct loc_worker *door;
	struct map pending;             /* by what names a REGISTER: those whose record is on its way */
	uint64_t date_s;                /* what date says */
	struct buf date;
	char date_room[40];
};

/* A REGISTER whose change is not durable yet.  No transaction: a repetition finds this, or later
 * the binding that came of it, and gets the same answer. */
struct pending {
	struct map_node node;
	struct registrar *registrar;
	struct core *core;
	struct loc_update *update;
	const struct sip_rx *live;      /* the request, while it is being dealt with */
	struct sip_rx *kept;            /* owned: of one that waits for another to be durable */
	struct core_way way;
	struct str answer;              /* owned: the 200, to leave when it is true */
};

/* What a REGISTER says, read whole before anything is changed (s10.3 steps 6-7). */
struct asked {
	struct loc_change changes[MAX_CHANGES];
	unsigned n;
	bool all;                       /* Contact: "*" */
	unsigned status;                /* a refusal, 0: none */
	struct str reason;
};

/* ---- reading ---- */

static void refuse(struct asked *a, unsigned status, struct str reason)
{
	a->status = status;
	a->reason = reason;
}

/* The header parameters but q and expires, as they stand. */
static struct str keep_params(struct str params, struct arena *arena)
{
	char *room = arena_alloc(arena, params.n + 1);
	struct buf b = buf_over(room, room ? params.n + 1 : 0);
	struct sip_param p;

	while (room && sip_param_next(&params, &p)) {
		if (str_ieq(p.name, STR("q")) || str_ieq(p.name, STR("expires")))
			continue;
		if (b.n)
			buf_putc(&b, ';');
		buf_puts(&b, p.text);
	}
	return buf_str(&b);
}

static void read_instance(const struct sip_nameaddr *c, struct loc_binding *b)
{
	struct str reg_id;

	sip_param_get(c->params, STR("+sip.instance"), &b->instance);
	if (sip_param_get(c->params, STR("reg-id"), &reg_id) && !str_to_u32(reg_id, &b->reg_id))
		b->reg_id = 0;
}

/* Seconds that this contact gets; 0: it goes.  s10.3 step 7, s10.2.8. */
static uint32_t read_expires(const struct app_policy *p, const struct sip_msg *m,
			     const struct sip_nameaddr *c, struct asked *a)
{
	uint32_t header = p->default_expires_s, s;

	if (sip_has(m, SIP_HDR_EXPIRES) && !sip_get_u32(m, SIP_HDR_EXPIRES, &header))
		header = p->default_expires_s;
	s = sip_contact_expires(c, header);
	if (s == 0)
		return 0;
	if (s < p->min_expires_s)
		refuse(a, 423, STR(""));
	return s < p->max_expires_s ? s : p->max_expires_s;
}

static struct addr hostport_addr(struct addr ip, uint16_t port)
{
	ip.port = port ? port : transport_port(TRANSPORT_UDP);
	return ip;
}

/* A device whose datagrams come from where its Via says stands behind no NAT: a Contact with
 * another port of the same host is then meant (s10.2.1), and not the way it registered. */
static bool is_called_elsewhere(const struct sip_rx *rx, const struct sip_uri *contact)
{
	struct addr sent_by, a;

	if (rx->flow.transport != TRANSPORT_UDP || !contact->ip.family ||
	    !addr_parse_ip(rx->head.via.host, &sent_by))
		return false;
	sent_by = hostport_addr(sent_by, rx->head.via.port);
	if (!addr_eq(&sent_by, &rx->flow.remote))
		return false;
	a = hostport_addr(contact->ip, contact->port);
	if (!addr_same_ip(&a, &rx->flow.remote))
		return false;
	return !addr_eq(&a, &rx->flow.remote) || sip_uri_transport(contact, NULL) > TRANSPORT_UDP;
}

static void read_contact(const struct registrar *r, struct core_request *req, struct str value,
			 struct asked *a, struct str path)
{
	const struct sip_rx *rx = req->rx;
	struct arena *arena = core_scratch(req->core);
	struct io *io = core_io(req->core);
	struct loc_binding *b = &a->changes[a->n].binding;
	struct sip_nameaddr c;
	uint32_t q, expires_s;

	if (!sip_nameaddr_parse(value, &c, NULL) || c.star) {
		refuse(a, 400, STR("Bad Request (Contact)"));
		return;
	}
	if (!sip_contact_q(&c, &q)) {
		refuse(a, 400, STR("Bad Request (Contact: q is not between 0 and 1)"));
		return;
	}
	expires_s = read_expires(r->shared->policy, &rx->msg, &c, a);
	*b = (struct loc_binding){
		.contact = c.uri_text,
		.params = keep_params(c.params, arena),
		.call_id = rx->head.call_id,
		.path = path,
		.user_agent = str_first(sip_get(&rx->msg, SIP_HDR_USER_AGENT), 128),
		.cseq = rx->head.cseq.number,
		.q1000 = (uint16_t)q,
		.updated_ms = io->ops->wall_ms(io),
		.flow = rx->flow,
		.flow_alive = true,
	};
	if (is_called_elsewhere(rx, &c.uri)) {
		b->flow.transport = TRANSPORT_NONE;
		b->flow_alive = false;
	}
	read_instance(&c, b);
	b->expires_ms = expires_s ? b->updated_ms + expires_s * 1000ull : 0;
	a->n++;
}

/* Path values as one list (RFC 3327). */
static struct str read_path(const struct sip_msg *m, struct arena *arena)
{
	struct sip_values v = sip_values(m, SIP_HDR_PATH);
	char *room = arena_alloc(arena, 2048);
	struct buf b = buf_over(room, room ? 2048 : 0);
	struct str value;

	while (sip_values_next(&v, &value)) {
		if (b.n)
			buf_puts(&b, STR(", "));
		buf_puts(&b, value);
	}
	return b.failed ? STR_NONE : buf_str(&b);
}

/* s10.3 step 6: "*" stands alone, with Expires: 0. */
static void read_star(const struct sip_msg *m, unsigned contacts, struct asked *a)
{
	uint32_t expires;

	if (contacts != 1 || !sip_get_u32(m, SIP_HDR_EXPIRES, &expires) || expires != 0)
		refuse(a, 400, STR("Bad Request (Contact: \"*\" goes alone and with Expires: 0)"));
	a->all = true;
}

static void read_contacts(const struct registrar *r, struct core_request *req, struct asked *a)
{
	const struct sip_msg *m = &req->rx->msg;
	struct str path = read_path(m, core_scratch(req->core)), value;
	struct sip_values v = sip_values(m, SIP_HDR_CONTACT);
	bool star = false;
	unsigned n = 0;

	for (; sip_values_next(&v, &value) && !a->status; n++) {
		if (str_eq(value, STR("*")))
			star = true;
		else if (a->n == MAX_CHANGES)
			refuse(a, 400, STR("Bad Request (too many contacts)"));
		else
			read_contact(r, req, value, a, path);
	}
	if (star)
		read_star(m, n, a);
}

/* ---- answering ---- */

/* The text of a second is written once. */
static struct str date_of(struct registrar *r, uint64_t wall_s)
{
	if (r->date_s != wall_s) {
		r->date = buf_over(r->date_room, sizeof(r->date_room));
		sip_date_put(&r->date, wall_s);
		r->date_s = wall_s;
	}
	return buf_str(&r->date);
}

/* The 200 with all bindings (step 8), printed into the worker's room. */
static bool print_bindings(struct registrar *r, struct core *core, const struct sip_rx *rx,
			   const struct loc_binding *bindings, unsigned n, struct str *ret)
{
	struct io *io = core_io(core);
	uint64_t wall_ms = io->ops->wall_ms(io);
	char room[ANSWER_ROOM], tag[24];
	struct buf tb = buf_over(tag, sizeof(tag));
	struct arena arena;
	struct sip_msg m;
	bool ok;

	arena_init(&arena, room, sizeof(room), 0);
	core_put_tag(core, rx, &tb);
	ok = sip_response(&rx->msg, &arena, 200, STR(""), buf_str(&tb), &m);
	for (unsigned i = 0; ok && i < n; i++) {
		size_t max = contact_size(&bindings[i]);
		char *text = arena_alloc(&arena, max);
		struct buf b = buf_over(text, text ? max : 0);

		contact_put(&b, &bindings[i], wall_ms);
		ok = sip_add(&m, SIP_HDR_CONTACT, buf_str(&b));
	}
	if (ok && sip_has(&rx->msg, SIP_HDR_PATH)) {
		sip_copy_all(&m, &rx->msg, SIP_HDR_PATH);
		sip_add(&m, SIP_HDR_SUPPORTED, STR("path"));
	}
	ok = ok && sip_add(&m, SIP_HDR_DATE, date_of(r, wall_ms / 1000)) && core_print(core, &m, ret);
	arena_fini(&arena);
	return ok;
}

static unsigned failure_of(int err, struct str *ret_reason)
{
	switch (err) {
	case -EINVAL:
		*ret_reason = STR("Server Internal Error (CSeq is not higher than the last one of this Call-ID)");
		return 500;
	case -E2BIG:
		*ret_reason = STR("Forbidden (too many contacts)");
		return 403;
	default:
		*ret_reason = STR("Server Internal Error (the registration could not be stored)");
		return 500;
	}
}

static void answer_failure(struct core *core, const struct sip_rx *rx, int err)
{
	struct str reason;
	unsigned status = failure_of(err, &reason);

	core_reply(core, rx, status, reason, NULL, 0);
}

static void answer_now(struct registrar *r, struct core *core, const struct sip_rx *rx,
		       const struct loc_binding *bindings, unsigned n)
{
	struct core_way way;
	struct str bytes;

	if (!print_bindings(r, core, rx, bindings, n, &bytes)) {
		answer_failure(core, rx, -ENOMEM);
		return;
	}
	core_way_of(rx, &way);
	core_send_way(core, &way, 200, bytes);
}

/* ---- changing ---- */

static void pending_free(struct pending *p)
{
	map_remove(&p->registrar->pending, &p->node);
	if (p->update)
		loc_update_detach(&p->update);
	sip_rx_free(&p->kept);
	str_free(&p->answer);
	xfree(p);
}

/* What the request asked for is refused and logged as such; this is about the disk. */
static void log_failure(struct core *core, const struct sip_msg *m, int err)
{
	if (err == -EINVAL || err == -E2BIG)
		return;
	log_error(core_io(core)->log, "registration not stored error=\"%s\" to=%.*s call-id=%.*s",
		  strerror(-err), STR_ARG(sip_get(m, SIP_HDR_TO)), STR_ARG(sip_get(m, SIP_HDR_CALL_ID)));
}

/* The 200 that was made ready says what has not come true: the refusal is made of it. */
static void send_failure(struct pending *p, int err)
{
	static const enum sip_hdr_id untrue[] = { SIP_HDR_CONTACT, SIP_HDR_PATH, SIP_HDR_SUPPORTED };
	struct arena arena;
	struct sip_msg m;
	struct sip_err bad;
	struct str bytes;
	char room[ANSWER_ROOM];

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(p->answer, &arena, &m, &bad)) {
		log_failure(p->core, &m, err);
		m.status = (uint16_t)failure_of(err, &m.reason);
		for (unsigned i = 0; i < sizeof(untrue) / sizeof(untrue[0]); i++)
			sip_remove_all(&m, untrue[i]);
		if (core_print(p->core, &m, &bytes))
			core_send_way(p->core, &p->way, m.status, bytes);
	}
	arena_fini(&arena);
}

static void on_judged(void *ctx, const struct loc_binding *bindings, unsigned n)
{
	struct pending *p = ctx;
	const struct sip_rx *rx = p->live ? p->live : p->kept;
	struct str bytes;

	if (rx && print_bindings(p->registrar, p->core, rx, bindings, n, &bytes))
		str_dup(bytes, &p->answer);
}

static void on_stored(void *ctx, int err, const struct loc_binding *bindings, unsigned n)
{
	struct pending *p = ctx;

	(void)bindings;
	(void)n;
	p->update = NULL;
	if (err == -ESHUTDOWN)
		;
	else if (!err && p->answer.p)
		core_send_way(p->core, &p->way, 200, p->answer);
	else if (p->answer.p)
		send_failure(p, err);
	else if (p->kept)
		answer_failure(p->core, p->kept, err ? err : -ENOMEM);
	pending_free(p);
}

/* ---- repetitions ---- */

static uint64_t name_of(const struct registrar *r, const struct sip_rx *rx)
{
	struct hash_seed seed;
	uint64_t h;

	memcpy(&seed, r->shared->nonce_key, sizeof(seed));
	h = hash_str(&seed, rx->head.call_id);
	h = hash_mix(h, hash_str(&seed, rx->head.via.branch));
	h = hash_mix(h, hash_str(&seed, rx->head.via.sent_by));
	return hash_mix(h, rx->head.cseq.number);
}

static bool is_pending(const struct map_node *n, const void *key)
{
	return n->hash == *(const uint64_t *)key;
}

/* Did this very request make a binding, or take one away?  Then its answer was lost. */
static bool was_done(struct registrar *r, struct core_request *req, uint64_t name,
		     struct loc_binding **ret, int *ret_n)
{
	struct io *io = core_io(req->core);
	int n = loc_lookup(r->loc, req->aor, io->ops->wall_ms(io), core_scratch(req->core), ret);

	*ret_n = n;
	if (n >= 0 && loc_has_removed(r->door, req->aor, req->rx->head.call_id,
				      req->rx->head.cseq.number))
		return true;
	for (int i = 0; i < n; i++) {
		const struct loc_binding *b = &(*ret)[i];

		if (b->branch == (uint32_t)name && b->cseq == req->rx->head.cseq.number &&
		    str_eq(b->call_id, req->rx->head.call_id))
			return true;
	}
	return false;
}

static void refuse_change(struct registrar *r, struct core_request *req, uint64_t name, int err)
{
	struct loc_binding *list;
	int n;

	if (err == -EINVAL && was_done(r, req, name, &list, &n)) {
		answer_now(r, req->core, req->rx, list, (unsigned)n);
		return;
	}
	log_failure(req->core, &req->rx->msg, err);
	answer_failure(req->core, req->rx, err);
}

static struct pending *pending_new(struct registrar *r, struct core_request *req, uint64_t name)
{
	struct pending *p = xzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->registrar = r;
	p->core = req->core;
	p->live = req->rx;
	core_way_of(req->rx, &p->way);
	map_add(&r->pending, &p->node, name);
	return p;
}

/* -EBUSY and another's number: that worker has begun to change the AoR since this request came in. */
static int update(struct registrar *r, struct core_request *req, const struct asked *a,
		  const struct loc_update_user *user, struct pending *p, unsigned *ret_holder)
{
	const unsigned here = core_io(req->core)->worker;
	int err;

	/* A holder that is done before it is asked for its number leaves the AoR free. */
	for (unsigned i = 0; i < CLAIMS; i++) {
		err = loc_update(r->door, req->aor, a->changes, a->n, a->all, req->rx->head.call_id,
				 req->rx->head.cseq.number, user, &p->update);
		if (err != -EBUSY)
			break;
		*ret_holder = loc_holder(r->loc, req->aor, here);
		if (*ret_holder != here)
			break;
	}
	return err;
}

static void change(struct registrar *r, struct core_request *req, struct asked *a)
{
	unsigned holder = core_io(req->core)->worker;
	uint64_t name = name_of(r, req->rx);
	struct loc_update_user user = { on_judged, on_stored, NULL };
	struct pending *p;
	int err;

	if (map_find(&r->pending, name, is_pending, &name))
		return;
	p = pending_new(r, req, name);
	if (!p) {
		answer_failure(req->core, req->rx, -ENOMEM);
		return;
	}
	user.ctx = p;
	for (unsigned i = 0; i < a->n; i++)
		a->changes[i].binding.branch = (uint32_t)name;
	err = update(r, req, a, &user, p, &holder);
	p->live = NULL;
	if (err == -EBUSY && holder != core_io(req->core)->worker) {
		pending_free(p);
		core_give(req->core, holder, req->rx);
		return;
	}
	/* Behind another update: it is judged later, and answered then.  Without memory for that a
	 * repetition gets the answer. */
	if (!err && !p->answer.p)
		sip_rx_keep(req->rx, &p->kept);
	if (err) {
		refuse_change(r, req, name, err);
		pending_free(p);
	}
}

/* No Contact: the bindings are asked for (s10.2.3). */
static void fetch(struct registrar *r, struct core_request *req)
{
	struct io *io = core_io(req->core);
	struct loc_binding *list = NULL;
	int n = loc_lookup(r->loc, req->aor, io->ops->wall_ms(io), core_scratch(req->core), &list);

	if (n < 0)
		answer_failure(req->core, req->rx, n);
	else
		answer_now(r, req->core, req->rx, list, (unsigned)n);
}

/* ---- the element ---- */

/* s8.2.2.3: of what a registrar may be asked to support, we have path (RFC 3327). */
static bool refuse_require(struct core_request *req)
{
	struct core_field field = { SIP_HDR_UNSUPPORTED, STR_NONE };

	field.value = options_unsupported(&req->rx->msg, SIP_HDR_REQUIRE, STR("path"),
					  core_scratch(req->core));
	if (str_empty(field.value))
		return false;
	core_reply(req->core, req->rx, 420, STR(""), &field, 1);
	return true;
}

static void refuse_asked(struct registrar *r, struct core_request *req, const struct asked *a)
{
	char room[16];
	struct buf b = buf_over(room, sizeof(room));
	struct core_field field = { SIP_HDR_MIN_EXPIRES, STR_NONE };

	buf_put_u64(&b, r->shared->policy->min_expires_s);
	field.value = buf_str(&b);
	core_reply(req->core, req->rx, a->status, a->reason, &field, a->status == 423);
}

/* The AoR is To's, not the Request-URI's (step 5). */
static bool set_aor(struct registrar *r, struct core_request *req)
{
	struct buf b = buf_over(req->aor_room, sizeof(req->aor_room));
	const struct sip_uri *to = &req->rx->head.to.uri;

	if (str_empty(to->user) || !app_policy_aor(r->shared->policy, to, &b))
		return false;
	req->aor = buf_str(&b);
	return true;
}

static bool registrar_request(void *ctx, struct core_request *req)
{
	struct registrar *r = ctx;
	struct asked asked;

	if (req->rx->msg.method != SIP_REGISTER || !req->ours)
		return false;
	if (refuse_require(req))
		return true;
	if (!set_aor(r, req)) {
		core_reply(req->core, req->rx, 404, STR("Not Found (To names no user)"), NULL, 0);
		return true;
	}
	asked.n = 0;
	asked.all = false;
	asked.status = 0;
	read_contacts(r, req, &asked);
	if (asked.status)
		refuse_asked(r, req, &asked);
	else if (asked.n || asked.all)
		change(r, req, &asked);
	else
		fetch(r, req);
	return true;
}

/* For the guard, which has seen its credentials before. */
static bool registrar_repeated(void *ctx, struct core_request *req)
{
	struct registrar *r = ctx;
	uint64_t name = name_of(r, req->rx);
	struct loc_binding *list;
	int n;

	if (map_find(&r->pending, name, is_pending, &name))
		return true;
	if (!set_aor(r, req) || !was_done(r, req, name, &list, &n))
		return false;
	answer_now(r, req->core, req->rx, list, (unsigned)n);
	return true;
}

bool registrar_owner(const struct app_shared *shared, struct loc *loc, const struct sip_rx *rx,
		     unsigned here, unsigned *ret)
{
	const struct sip_uri *to = &rx->head.to.uri;
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri uri;

	if (!sip_uri_parse(rx->msg.uri, &uri, NULL) ||
	    !app_policy_domain(shared->policy, uri.host) ||
	    !app_policy_aor(shared->policy, to, &b))
		return false;
	*ret = loc_holder(loc, buf_str(&b), here);
	return true;
}

static void registrar_flow_closed(void *ctx, const struct flow *flow)
{
	struct registrar *r = ctx;

	loc_flow_closed(r->door, flow);
}

int registrar_new(struct app_shared *shared, struct loc *loc, struct loc_worker *door,
		  struct registrar **ret)
{
	struct registrar *r = xzalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->shared = shared;
	r->loc = loc;
	r->door = door;
	err = map_init(&r->pending, 64);
	if (err) {
		xfree(r);
		return err;
	}
	shared->repeated = registrar_repeated;
	shared->repeated_ctx = r;
	*ret = r;
	return 0;
}

void registrar_free(struct registrar **pr)
{
	struct registrar *r = *pr;
	struct map_node *n;

	if (!r)
		return;
	while ((n = map_next(&r->pending, NULL)))
		pending_free(container_of(n, struct pending, node));
	map_fini(&r->pending);
	r->shared->repeated = NULL;
	xfree(r);
	*pr = NULL;
}

struct core_element registrar_element(struct registrar *r)
{
	return (struct core_element){
		.name = "registrar",
		.request = registrar_request,
		.flow_closed = registrar_flow_closed,
		.ctx = r,
	};
}
