/* RFC 3263 s4.1 and s4.2, as a walk of stages:
 *
 *     NAPTR --> SRV (of each service found, or of each transport) --> A and AAAA of each target
 *
 * A stage that is decided by the URI is left out; one that finds nothing gives way to the next. */
#include <errno.h>

#include "base/alloc.h"
#include "tport/locate.h"
#include "tport/srv.h"
#include "tport/tport.h"

#define NAME_MAX_BYTES 255 /* RFC 1035 s2.3.4 */
#define SERVICES_MAX 8 /* SRV names to ask for */
#define ADDRESSES_MAX 8 /* that one name may give of one family */

/* An SRV name to ask for. */
struct service {
	enum transport transport;
	char name[NAME_MAX_BYTES + 1];
	uint8_t name_n;
	uint16_t order, preference; /* of its NAPTR */
};

/* A host whose addresses are wanted: an SRV target, or the URI's own. */
struct hop {
	struct locate *locate;
	struct io_query query[2]; /* A, AAAA */
	bool asked[2];
	struct addr addr[2][ADDRESSES_MAX];
	uint8_t n_addr[2];
	uint16_t port;
	enum transport transport;
	uint8_t name_n;
	char name[NAME_MAX_BYTES + 1];
};

struct locate {
	struct tport *tport;
	struct io *io;
	struct locate **home;
	void (*done)(void *ctx, int err, const struct locate_target *targets, size_t n);
	void *ctx;
	struct timer soon; /* what is known at once is told later */
	struct io_query query; /* NAPTR, SRV */
	bool asking;
	bool secure; /* sips: */
	bool refused; /* an SRV target "." (RFC 2782) */
	int err; /* what to say when nothing is found */
	enum transport fallback; /* of A and AAAA without SRV */
	enum transport prefer;
	struct service *services; /* owned */
	size_t n_services, at_service;
	struct hop *hops; /* owned */
	size_t n_hops, open_queries;
	struct locate_target targets[LOCATE_MAX];
	size_t n_targets;
	uint8_t host_n;
	char host[NAME_MAX_BYTES + 1];
};

static void next_service(struct locate *l);

/* ---- the end ---- */

static void free_hops(struct locate *l)
{
	for (size_t i = 0; i < l->n_hops; i++)
		for (unsigned f = 0; f < 2; f++)
			if (l->hops[i].asked[f])
				l->io->ops->resolve_cancel(l->io, &l->hops[i].query[f]);
	xfree(l->hops);
	l->hops = NULL;
	l->n_hops = 0;
}

static void locate_free(struct locate *l)
{
	if (l->asking)
		l->io->ops->resolve_cancel(l->io, &l->query);
	io_timer_cancel(l->io, &l->soon);
	free_hops(l);
	xfree(l->services);
	xfree(l);
}

static void finish(struct locate *l)
{
	*l->home = NULL;
	if (l->n_targets)
		l->done(l->ctx, 0, l->targets, l->n_targets);
	else
		l->done(l->ctx, l->err, NULL, 0);
	locate_free(l);
}

static void fail(struct locate *l, int err)
{
	l->err = err;
	l->n_targets = 0;
	finish(l);
}

/* No answer outweighs "no such name": trying again later may help. */
static void note_error(struct locate *l, int err)
{
	if (err && err != -ENOENT)
		l->err = -ETIMEDOUT;
}

static void add_target(struct locate *l, enum transport transport, const struct addr *addr)
{
	if (l->n_targets == LOCATE_MAX)
		return;
	for (size_t i = 0; i < l->n_targets; i++)
		if (l->targets[i].transport == transport && addr_eq(&l->targets[i].addr, addr))
			return;
	l->targets[l->n_targets++] = (struct locate_target){transport, *addr};
}

/* ---- A and AAAA ---- */

static const uint8_t families[2] = {4, 6};
static const enum io_rr address_rr[2] = {IO_RR_A, IO_RR_AAAA};

/* In the order of the hops; of one hop the family of our first listener first. */
static void gather_targets(struct locate *l)
{
	bool unreachable = false;

	for (size_t i = 0; i < l->n_hops; i++) {
		struct hop *h = &l->hops[i];
		unsigned first = tport_first_family(l->tport, h->transport) == 6 ? 1 : 0;

		for (unsigned k = 0; k < 2; k++) {
			unsigned f = k ? !first : first;

			for (unsigned a = 0; a < h->n_addr[f]; a++) {
				if (tport_can(l->tport, h->transport, &h->addr[f][a]))
					add_target(l, h->transport, &h->addr[f][a]);
				else
					unreachable = true;
			}
		}
	}
	if (unreachable && !l->n_targets)
		l->err = -EPROTONOSUPPORT;
}

static void hops_done(struct locate *l)
{
	gather_targets(l);
	free_hops(l);
	if (l->n_targets)
		finish(l);
	else
		next_service(l);
}

static void hop_add(struct hop *h, const struct addr *addr)
{
	unsigned f = addr->family == 6;
	struct addr a = *addr;

	if (h->n_addr[f] == ADDRESSES_MAX)
		return;
	a.port = h->port;
	h->addr[f][h->n_addr[f]++] = a;
}

static void on_addresses(struct hop *h, unsigned f, int err, const struct io_record *records,
			 size_t n)
{
	struct locate *l = h->locate;

	h->asked[f] = false;
	note_error(l, err);
	for (size_t i = 0; !err && i < n; i++)
		if (records[i].type == address_rr[f] && records[i].addr.family == families[f])
			hop_add(h, &records[i].addr);
	if (--l->open_queries == 0)
		hops_done(l);
}

static void on_a(void *ctx, int err, const struct io_record *records, size_t n)
{
	on_addresses(ctx, 0, err, records, n);
}

static void on_aaaa(void *ctx, int err, const struct io_record *records, size_t n)
{
	on_addresses(ctx, 1, err, records, n);
}

static bool is_localhost(struct str name)
{
	return str_ieq(name, STR("localhost")) ||
	       (name.n > 10 && str_ieq(str_skip(name, name.n - 10), STR(".localhost")));
}

static void ask_address(struct hop *h, unsigned f)
{
	struct locate *l = h->locate;

	if (!tport_speaks(l->tport, h->transport, families[f]))
		return;
	h->query[f] = (struct io_query){.type = address_rr[f],
					.name = str_of(h->name, h->name_n),
					.done = f ? on_aaaa : on_a,
					.ctx = h};
	list_init(&h->query[f].link);
	h->asked[f] = true;
	l->open_queries++;
	l->io->ops->resolve(l->io, &h->query[f]);
}

/* RFC 6761 s6.3: localhost is not asked of anybody. */
static void start_hop(struct hop *h)
{
	struct str name = str_of(h->name, h->name_n);
	struct addr ip;

	if (addr_parse_ip(name, &ip)) {
		hop_add(h, &ip);
	} else if (is_localhost(name)) {
		if (addr_parse_ip(STR("127.0.0.1"), &ip))
			hop_add(h, &ip);
		if (addr_parse_ip(STR("::1"), &ip))
			hop_add(h, &ip);
	} else {
		ask_address(h, 0);
		ask_address(h, 1);
	}
}

static struct str without_dot(struct str name)
{
	return name.n && name.p[name.n - 1] == '.' ? str_first(name, name.n - 1) : name;
}

static bool copy_name(struct str name, char *room, uint8_t *ret_n)
{
	name = without_dot(name);
	if (str_empty(name) || name.n > NAME_MAX_BYTES)
		return false;
	memcpy(room, name.p, name.n);
	room[name.n] = '\0';
	*ret_n = (uint8_t)name.n;
	return true;
}

static void fill_hop(struct locate *l, struct str name, uint16_t port, enum transport transport)
{
	struct hop *h = &l->hops[l->n_hops];

	*h = (struct hop){.locate = l, .port = port, .transport = transport};
	if (copy_name(name, h->name, &h->name_n))
		l->n_hops++;
}

/* Not to be called from locate_start(): it may finish. */
static void start_hops(struct locate *l)
{
	/* One more than is asked, so that the count can't reach 0 in between. */
	l->open_queries = 1;
	for (size_t i = 0; i < l->n_hops; i++)
		start_hop(&l->hops[i]);
	if (--l->open_queries == 0)
		hops_done(l);
}

/* False: it was the end. */
static bool alloc_hops(struct locate *l, size_t n)
{
	l->hops = xcalloc(n, sizeof(*l->hops));
	if (l->hops)
		return true;
	fail(l, -ENOMEM);
	return false;
}

static void ask_host(struct locate *l, enum transport transport, uint16_t port)
{
	if (!alloc_hops(l, 1))
		return;
	fill_hop(l, str_of(l->host, l->host_n), port ? port : transport_port(transport), transport);
	start_hops(l);
}

/* ---- SRV ---- */

static void take_srv(struct locate *l, const struct io_record *records, size_t n)
{
	enum transport transport = l->services[l->at_service - 1].transport;
	struct srv_list list;

	srv_gather(records, n, &list);
	srv_order(&list, l->io);
	if (list.n > LOCATE_MAX)
		list.n = LOCATE_MAX;
	if (!list.n || !alloc_hops(l, list.n)) {
		if (!list.n)
			next_service(l);
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		struct str target = list.at[i]->target;

		if (str_empty(without_dot(target)))
			l->refused = true;
		else
			fill_hop(l, target, list.at[i]->port, transport);
	}
	start_hops(l);
}

static void on_srv(void *ctx, int err, const struct io_record *records, size_t n)
{
	struct locate *l = ctx;

	l->asking = false;
	note_error(l, err);
	/* A name server that is silent is silent for the other transports too. */
	if (err && err != -ENOENT)
		l->at_service = l->n_services;
	if (err)
		next_service(l);
	else
		take_srv(l, records, n);
}

static void ask(struct locate *l, enum io_rr type, struct str name,
		void (*done)(void *ctx, int err, const struct io_record *records, size_t n))
{
	l->query = (struct io_query){.type = type, .name = name, .done = done, .ctx = l};
	list_init(&l->query.link);
	l->asking = true;
	l->io->ops->resolve(l->io, &l->query);
}

/* The next SRV name; after the last the host's own addresses (s4.2), once. */
static void next_service(struct locate *l)
{
	struct service *s;

	if (l->at_service < l->n_services) {
		s = &l->services[l->at_service++];
		ask(l, IO_RR_SRV, str_of(s->name, s->name_n), on_srv);
		return;
	}
	if (l->refused || l->fallback == TRANSPORT_NONE) {
		finish(l);
		return;
	}
	enum transport transport = l->fallback;

	l->fallback = TRANSPORT_NONE;
	ask_host(l, transport, 0);
}

static const struct {
	struct str prefix; /* s4.1; none is defined for WebSocket (RFC 7118 s5.5) */
	struct str naptr;
} service_of[TRANSPORT_COUNT] = {
	[TRANSPORT_UDP] = {STR_INIT("_sip._udp."), STR_INIT("SIP+D2U")},
	[TRANSPORT_TCP] = {STR_INIT("_sip._tcp."), STR_INIT("SIP+D2T")},
	[TRANSPORT_TLS] = {STR_INIT("_sips._tcp."), STR_INIT("SIPS+D2T")},
	[TRANSPORT_WS] = {STR_INIT(""), STR_INIT("SIP+D2W")},
	[TRANSPORT_WSS] = {STR_INIT(""), STR_INIT("SIPS+D2W")},
};

static bool has_service(const struct locate *l, enum transport transport)
{
	for (size_t i = 0; i < l->n_services; i++)
		if (l->services[i].transport == transport)
			return true;
	return false;
}

/* The well-known SRV name of a transport that we speak. */
static void add_service(struct locate *l, enum transport transport)
{
	struct service *s = &l->services[l->n_services];
	struct buf b = buf_over(s->name, NAME_MAX_BYTES);

	if (l->n_services == SERVICES_MAX || str_empty(service_of[transport].prefix) ||
	    has_service(l, transport) || !tport_speaks(l->tport, transport, 0))
		return;
	buf_puts(&b, service_of[transport].prefix);
	buf_put(&b, l->host, l->host_n);
	if (b.failed)
		return;
	s->transport = transport;
	s->name_n = (uint8_t)b.n;
	l->n_services++;
}

/* ---- NAPTR ---- */

static enum transport naptr_transport(struct str service)
{
	for (unsigned t = TRANSPORT_UDP; t < TRANSPORT_COUNT; t++)
		if (str_ieq(service, service_of[t].naptr))
			return (enum transport)t;
	return TRANSPORT_NONE;
}

static bool precedes(const struct service *a, const struct service *b)
{
	return a->order != b->order ? a->order < b->order : a->preference < b->preference;
}

static void insert_service(struct locate *l, const struct service *s)
{
	size_t i = l->n_services;

	while (i > 0 && precedes(s, &l->services[i - 1]))
		i--;
	if (i == SERVICES_MAX)
		return;
	if (l->n_services < SERVICES_MAX)
		l->n_services++;
	memmove(&l->services[i + 1], &l->services[i], (l->n_services - 1 - i) * sizeof(*s));
	l->services[i] = *s;
}

/* True when it is about SIP at all, be it for a transport that we don't speak. */
static bool take_naptr(struct locate *l, const struct io_record *r)
{
	struct service s = {.order = r->priority, .preference = r->weight};

	if (!str_istarts(r->service, STR("SIP+D2")) && !str_istarts(r->service, STR("SIPS+D2")))
		return false;
	s.transport = naptr_transport(r->service);
	if (s.transport == TRANSPORT_NONE || !tport_speaks(l->tport, s.transport, 0))
		return true;
	if (l->secure && !transport_is_secure(s.transport))
		return true;
	if (str_ieq(r->flags, STR("s")) && str_empty(r->regexp) &&
	    copy_name(r->target, s.name, &s.name_n))
		insert_service(l, &s);
	return true;
}

/* Without NAPTR: SRV of every transport that we speak, the preferred one first.  TLS is for sips:,
 * or when it was asked for. */
static void add_all_services(struct locate *l)
{
	if (l->secure) {
		add_service(l, TRANSPORT_TLS);
		return;
	}
	add_service(l, l->prefer);
	add_service(l, TRANSPORT_UDP);
	add_service(l, TRANSPORT_TCP);
}

static void on_naptr(void *ctx, int err, const struct io_record *records, size_t n)
{
	struct locate *l = ctx;
	bool about_sip = false;

	l->asking = false;
	note_error(l, err);
	for (size_t i = 0; !err && i < n; i++)
		if (records[i].type == IO_RR_NAPTR && take_naptr(l, &records[i]))
			about_sip = true;
	if (about_sip && !l->n_services) {
		fail(l, -EPROTONOSUPPORT);
		return;
	}
	if (about_sip)
		l->fallback = l->services[0].transport;
	else
		add_all_services(l);
	next_service(l);
}

/* ---- the beginning ---- */

/* sips: makes of a transport its secure kind; NONE where there is none. */
static enum transport secured(enum transport t)
{
	if (t == TRANSPORT_TCP || t == TRANSPORT_TLS)
		return TRANSPORT_TLS;
	return t == TRANSPORT_WS || t == TRANSPORT_WSS ? TRANSPORT_WSS : TRANSPORT_NONE;
}

static enum transport dflt_transport(const struct sip_uri *uri, enum transport prefer)
{
	if (uri->scheme == SIP_SCHEME_SIPS)
		return prefer == TRANSPORT_WSS ? TRANSPORT_WSS : TRANSPORT_TLS;
	return prefer == TRANSPORT_NONE ? TRANSPORT_UDP : prefer;
}

/* What stands for the default where we have no listener of it: "another MAY be used" (s4.1). */
static enum transport spoken(const struct tport *t, enum transport dflt)
{
	if (tport_speaks(t, dflt, 0) || transport_is_secure(dflt))
		return dflt;
	return tport_speaks(t, TRANSPORT_TCP, 0) ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* The URI's own; NONE when it names none.  False: one that can't be. */
static bool explicit_transport(const struct sip_uri *uri, enum transport *ret)
{
	bool unknown = false;
	enum transport t = sip_uri_transport(uri, &unknown);

	if (unknown)
		return false;
	if (t != TRANSPORT_NONE && uri->scheme == SIP_SCHEME_SIPS) {
		t = secured(t);
		if (t == TRANSPORT_NONE)
			return false;
	}
	*ret = t;
	return true;
}

/* TARGET of RFC 3263 s4: maddr outweighs the host. */
static struct str target_host(const struct sip_uri *uri, struct addr *ret_ip)
{
	struct str maddr;

	if (sip_uri_param(uri, STR("maddr"), &maddr) && !str_empty(maddr)) {
		if (!addr_parse_ip(maddr, ret_ip))
			*ret_ip = (struct addr){0};
		return maddr;
	}
	*ret_ip = uri->ip;
	return uri->host;
}

static bool is_sip(const struct sip_uri *uri)
{
	return uri->scheme == SIP_SCHEME_SIP || uri->scheme == SIP_SCHEME_SIPS;
}

bool locate_direct(const struct sip_uri *uri, enum transport prefer, struct locate_target *ret)
{
	struct locate_target t = {0};

	if (!is_sip(uri) || !explicit_transport(uri, &t.transport))
		return false;
	target_host(uri, &t.addr);
	if (!t.addr.family)
		return false;
	if (t.transport == TRANSPORT_NONE)
		t.transport = dflt_transport(uri, prefer);
	t.addr.port = uri->port ? uri->port : transport_port(t.transport);
	*ret = t;
	return true;
}

static void on_soon(void *ctx)
{
	finish(ctx);
}

static void on_soon_hops(void *ctx)
{
	start_hops(ctx);
}

/* Tells the outcome from the next round of the loop. */
static int finish_soon(struct locate *l, int err)
{
	l->err = err;
	timer_init(&l->soon, on_soon, l);
	io_timer(l->io, &l->soon, 0);
	return 0;
}

/* One host, whose transport and port are settled. */
static int host_soon(struct locate *l, enum transport transport, uint16_t port)
{
	l->hops = xcalloc(1, sizeof(*l->hops));
	if (!l->hops)
		return -ENOMEM;
	l->fallback = TRANSPORT_NONE;
	fill_hop(l, str_of(l->host, l->host_n), port, transport);
	timer_init(&l->soon, on_soon_hops, l);
	io_timer(l->io, &l->soon, 0);
	return 0;
}

/* s4.1: which transports may be asked for, and by which stage to begin. */
static int begin(struct locate *l, const struct sip_uri *uri)
{
	enum transport transport;
	struct locate_target direct;

	if (!explicit_transport(uri, &transport))
		return finish_soon(l, -EPROTONOSUPPORT);
	if (locate_direct(uri, l->prefer, &direct)) {
		if (tport_can(l->tport, direct.transport, &direct.addr))
			add_target(l, direct.transport, &direct.addr);
		return finish_soon(l, -EPROTONOSUPPORT);
	}
	l->fallback = transport ? transport : l->prefer;
	if (!tport_speaks(l->tport, l->fallback, 0))
		return finish_soon(l, -EPROTONOSUPPORT);
	if (uri->port || is_localhost(str_of(l->host, l->host_n)))
		return host_soon(l, l->fallback,
				 uri->port ? uri->port : transport_port(l->fallback));
	l->services = xcalloc(SERVICES_MAX, sizeof(*l->services));
	if (!l->services)
		return -ENOMEM;
	if (!transport) {
		ask(l, IO_RR_NAPTR, str_of(l->host, l->host_n), on_naptr);
		return 0;
	}
	add_service(l, transport);
	if (!l->n_services)
		return host_soon(l, transport, transport_port(transport));
	next_service(l);
	return 0;
}

int locate_start(struct tport *tport, struct io *io, const struct sip_uri *uri,
		 enum transport prefer,
		 void (*done)(void *ctx, int err, const struct locate_target *targets, size_t n),
		 void *ctx, struct locate **ret)
{
	struct locate *l = xzalloc(sizeof(*l));
	struct addr ip;
	int err;

	if (!l)
		return -ENOMEM;
	l->tport = tport;
	l->io = io;
	l->home = ret;
	l->done = done;
	l->ctx = ctx;
	l->err = -ENOENT;
	l->secure = uri->scheme == SIP_SCHEME_SIPS;
	l->prefer = spoken(tport, dflt_transport(uri, prefer));
	timer_init(&l->soon, on_soon, l);
	if (!is_sip(uri))
		err = finish_soon(l, -EPROTONOSUPPORT);
	else if (copy_name(target_host(uri, &ip), l->host, &l->host_n))
		err = begin(l, uri);
	else
		err = finish_soon(l, -ENOENT);
	if (err < 0) {
		locate_free(l);
		return err;
	}
	*ret = l;
	return 0;
}

void locate_cancel(struct locate **ret)
{
	struct locate *l = *ret;

	*ret = NULL;
	if (l)
		locate_free(l);
}
