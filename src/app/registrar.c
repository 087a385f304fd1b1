#include "app/registrar.h"

#include <errno.h>

#include "app/contact.h"
#include "base/alloc.h"
#include "sip/params.h"
#include "sip/via.h"

#define MAX_CHANGES (2 * LOC_MAX_CONTACTS)
#define ANSWER_ROOM 16384

struct registrar {
	struct app_shared *shared;
	struct loc *loc;
	struct loc_worker *door;
	struct list pending;            /* of those whose record is on its way */
};

/* A REGISTER whose change is not durable yet. */
struct pending {
	struct list link;
	struct registrar *registrar;
	struct core *core;
	struct txn_server *txn;
	struct loc_update *update;
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

/* A device whose datagrams come from where its Via says stands behind no NAT: a Contact that
 * leads elsewhere is then meant (another port or host, s10.2.1), and not the way it registered. */
static bool is_called_elsewhere(const struct sip_rx *rx, const struct sip_uri *contact)
{
	struct addr sent_by, a;
	struct sip_via via;

	if (rx->flow.transport != TRANSPORT_UDP || !sip_via_top(&rx->msg, &via, NULL) ||
	    !addr_parse_ip(via.host, &sent_by) || !contact->ip.family)
		return false;
	sent_by = hostport_addr(sent_by, via.port);
	if (!addr_eq(&sent_by, &rx->flow.remote))
		return false;
	a = hostport_addr(contact->ip, contact->port);
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

/* RFC 3261 s20.17: RFC 1123 date in GMT. */
static struct str date_of(uint64_t wall_ms, struct arena *arena)
{
	static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	uint64_t s = wall_ms / 1000, day = s / 86400, era, doe, yoe, doy, mp, y;

	/* Days since 0000-03-01, in eras of 400 years. */
	era = (day + 719468) / 146097;
	doe = (day + 719468) % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	y = yoe + era * 400 + (mp >= 10);
	return arena_fmt(arena, "%s, %02u %s %llu %02u:%02u:%02u GMT", days[day % 7],
			 (unsigned)(doy - (153 * mp + 2) / 5 + 1), months[(mp + 2) % 12],
			 (unsigned long long)y, (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
			 (unsigned)(s % 60));
}

static void answer_bindings(struct core *core, struct txn_server *txn,
			    const struct loc_binding *bindings, unsigned n)
{
	const struct sip_rx *req = txn_server_request(txn);
	struct io *io = core_io(core);
	uint64_t wall_ms = io->ops->wall_ms(io);
	char room[ANSWER_ROOM], tag[24];
	struct buf tb = buf_over(tag, sizeof(tag));
	struct arena arena;
	struct sip_msg m;

	arena_init(&arena, room, sizeof(room), 0);
	core_put_token(core, &tb);
	if (sip_response(&req->msg, &arena, 200, STR(""), buf_str(&tb), &m)) {
		for (unsigned i = 0; i < n; i++) {
			size_t max = contact_size(&bindings[i]);
			char *text = arena_alloc(&arena, max);
			struct buf b = buf_over(text, text ? max : 0);

			contact_put(&b, &bindings[i], wall_ms);
			sip_add(&m, SIP_HDR_CONTACT, buf_str(&b));
		}
		if (sip_has(&req->msg, SIP_HDR_PATH)) {
			sip_copy_all(&m, &req->msg, SIP_HDR_PATH);
			sip_add(&m, SIP_HDR_SUPPORTED, STR("path"));
		}
		sip_add(&m, SIP_HDR_DATE, date_of(wall_ms, &arena));
		core_respond(core, txn, &m);
	}
	arena_fini(&arena);
}

static void answer_failure(struct core *core, struct txn_server *txn, int err)
{
	struct str reason = STR("");
	unsigned status = 500;
	char tag[24];
	struct buf tb = buf_over(tag, sizeof(tag));

	if (err == -EINVAL)
		reason = STR("Server Internal Error (CSeq is not higher than the last one of this Call-ID)");
	else if (err == -E2BIG) {
		status = 403;
		reason = STR("Forbidden (too many contacts)");
	} else
		reason = STR("Server Internal Error (the registration could not be stored)");
	core_put_token(core, &tb);
	core_respond_status(core, txn, status, reason, buf_str(&tb), NULL, 0);
}

/* ---- changing ---- */

static void pending_free(struct pending *p)
{
	list_unlink(&p->link);
	if (p->update)
		loc_update_detach(&p->update);
	if (p->txn)
		txn_server_detach(&p->txn);
	xfree(p);
}

/* What the request asked for is refused and logged as such; this is about the disk. */
static void log_failure(struct core *core, const struct sip_rx *rx, int err)
{
	if (err == -EINVAL || err == -E2BIG)
		return;
	log_error(core_io(core)->log, "registration not stored error=\"%s\" to=%.*s call-id=%.*s",
		  strerror(-err), STR_ARG(rx->head.to.uri_text), STR_ARG(rx->head.call_id));
}

static void on_stored(void *ctx, int err, const struct loc_binding *bindings, unsigned n)
{
	struct pending *p = ctx;

	p->update = NULL;
	if (!p->txn || err == -ESHUTDOWN) {
		pending_free(p);
		return;
	}
	if (err) {
		log_failure(p->core, txn_server_request(p->txn), err);
		answer_failure(p->core, p->txn, err);
	} else {
		answer_bindings(p->core, p->txn, bindings, n);
	}
	pending_free(p);
}

static void on_txn_end(void *ctx, int err)
{
	struct pending *p = ctx;

	(void)err;
	p->txn = NULL;
}

static void change(struct registrar *r, struct core_request *req, const struct asked *a)
{
	struct pending *p = xzalloc(sizeof(*p));
	const struct txn_server_user tu = { .on_end = on_txn_end, .ctx = p };
	const struct loc_update_user user = { on_stored, p };
	int err;

	if (!p) {
		core_reply(req->core, req->rx, 503, STR(""), NULL, 0);
		return;
	}
	list_init(&p->link);
	p->registrar = r;
	p->core = req->core;
	if (core_accept(req->core, req->rx, &tu, &p->txn)) {
		xfree(p);
		return;
	}
	list_append(&r->pending, &p->link);
	err = loc_update(r->door, req->aor, a->changes, a->n, a->all, req->rx->head.call_id,
			 req->rx->head.cseq.number, &user, &p->update);
	if (err) {
		answer_failure(req->core, p->txn, err);
		pending_free(p);
	}
}

/* No Contact: the bindings are asked for (s10.2.3). */
static void fetch(struct registrar *r, struct core_request *req)
{
	struct io *io = core_io(req->core);
	struct loc_binding *list = NULL;
	struct txn_server *txn;
	int n = loc_lookup(r->loc, req->aor, io->ops->wall_ms(io), core_scratch(req->core), &list);

	if (core_accept(req->core, req->rx, NULL, &txn))
		return;
	if (n < 0)
		answer_failure(req->core, txn, n);
	else
		answer_bindings(req->core, txn, list, (unsigned)n);
	txn_server_detach(&txn);
}

/* ---- the element ---- */

/* s8.2.2.3: of what a registrar may be asked to support, we have path (RFC 3327). */
static bool refuse_require(struct core_request *req)
{
	struct sip_values v = sip_values(&req->rx->msg, SIP_HDR_REQUIRE);
	struct core_field field = { SIP_HDR_UNSUPPORTED, STR_NONE };
	struct str value;

	while (sip_values_next(&v, &value)) {
		if (str_ieq(value, STR("path")))
			continue;
		field.value = value;
		core_reply(req->core, req->rx, 420, STR(""), &field, 1);
		return true;
	}
	return false;
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

static void registrar_flow_closed(void *ctx, const struct flow *flow)
{
	struct registrar *r = ctx;

	loc_flow_closed(r->door, flow);
}

int registrar_new(struct app_shared *shared, struct loc *loc, struct loc_worker *door,
		  struct registrar **ret)
{
	struct registrar *r = xzalloc(sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->shared = shared;
	r->loc = loc;
	r->door = door;
	list_init(&r->pending);
	*ret = r;
	return 0;
}

void registrar_free(struct registrar **pr)
{
	struct registrar *r = *pr;

	if (!r)
		return;
	LIST_EACH(n, &r->pending)
		pending_free(container_of(n, struct pending, link));
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
