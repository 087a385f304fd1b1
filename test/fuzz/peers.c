#include "peers.h"

#include "server/hasher.h"
#include "sip/headers.h"

#define TEXT_MAX 60000

/* ---- what is remembered ---- */

static void remember(struct peers_text *t, struct str text)
{
	free(t->p);
	t->p = malloc(text.n + 1);
	check(t->p != NULL);
	if (text.n)
		memcpy(t->p, text.p, text.n);
	t->n = text.n;
}

static void hear(struct peer *p, const struct flow *flow, struct str bytes)
{
	struct peers_text *t = &p->heard[p->n_heard++ % PEERS_HEARD];

	remember(t, bytes);
	t->flow = *flow;
}

static void on_datagram(void *ctx, const struct flow *flow, struct str bytes)
{
	hear(ctx, flow, bytes);
}

static bool on_message(void *ctx, struct str message)
{
	struct peers_stream *st = ctx;

	hear(st->peer, &st->flow, message);
	return true;
}

/* NULL: there are too many. */
static struct peers_stream *stream_of(struct peer *p, const struct flow *flow, bool make)
{
	struct peers_stream *unused = NULL;

	for (unsigned i = 0; i < PEERS_STREAMS; i++) {
		struct peers_stream *st = &p->streams[i];

		if (st->flow.transport && flow_same(&st->flow, flow))
			return st;
		if (!st->flow.transport)
			unused = st;
	}
	if (unused && make) {
		unused->flow = *flow;
		unused->peer = p;
		sip_framer_init(&unused->framer);
	}
	return make ? unused : NULL;
}

static void on_bytes(void *ctx, const struct flow *flow, struct str bytes)
{
	struct peers_stream *st = stream_of(ctx, flow, true);
	const struct sip_frame_user user = {on_message, NULL, st};

	check(!st || sip_framer_feed(&st->framer, bytes, &user, NULL, NULL) == 0);
}

static void on_open(void *ctx, const struct flow *flow)
{
	(void)ctx;
	(void)flow;
}

static void on_closed(void *ctx, const struct flow *flow, int err)
{
	struct peer *p = ctx;
	struct peers_stream *st = stream_of(p, flow, false);

	(void)err;
	if (st) {
		sip_framer_fini(&st->framer);
		st->flow.transport = TRANSPORT_NONE;
	}
	if (flow_same(flow, &p->stream))
		memset(&p->stream, 0, sizeof(p->stream));
}

static const struct peers_text *newest(const struct peers_text *ring, unsigned size, unsigned ever,
				       unsigned back)
{
	unsigned kept = ever < size ? ever : size;

	return kept ? &ring[(ever - 1 - back % kept) % size] : NULL;
}

static struct peer *some_peer(struct peers *x)
{
	return &x->peer[fuzz_byte(&x->in) % PEERS];
}

static struct str text_of(const struct peers_text *t)
{
	return str_of(t->p, t->n);
}

/* ---- mutations of what was composed ---- */

static void splice(struct buf *b, size_t at, size_t gone, struct str with)
{
	struct buf out = buf_heap(2 * TEXT_MAX);
	struct str all = buf_str(b);

	buf_puts(&out, str_first(all, at));
	buf_puts(&out, with);
	buf_puts(&out, str_skip(all, at + gone));
	check(!out.failed);
	buf_free(b);
	*b = out;
}

/* The k-th line, with its end. */
static struct str line_at(const struct buf *b, unsigned k)
{
	struct str rest = buf_str(b), line = rest;

	do {
		const char *from = rest.p;

		str_split(&rest, '\n');
		line = str_range(from, rest.n ? rest.p : b->p + b->n);
	} while (k-- > 0 && rest.n);
	return line;
}

static void mutate_line(struct peers *x, struct buf *b, unsigned kind)
{
	unsigned k = fuzz_byte(&x->in);
	struct str line = line_at(b, k % 32);
	size_t at = (size_t)(line.p - b->p), colon = str_find(line, ':');
	char copy[1024];

	if (kind == 0) {
		splice(b, at, line.n, STR_NONE);
	} else if (kind == 1 && line.n < sizeof(copy)) {
		memcpy(copy, line.p, line.n);
		splice(b, at, 0, str_of(copy, line.n));
	} else if (kind == 2 && colon + 4 < line.n) {
		splice(b, at + colon + 2, line.n - colon - 4, fuzz_text(&x->in));
	} else {
		splice(b, at, 0, fuzz_text(&x->in));
	}
}

static void mutate_once(struct peers *x, struct buf *b)
{
	unsigned kind = fuzz_byte(&x->in) % 8;
	size_t at;
	char c;

	if (kind < 4) {
		mutate_line(x, b, kind);
		return;
	}
	at = (size_t)fuzz_u16(&x->in) * b->n / 65536;
	c = (char)fuzz_byte(&x->in);
	if (kind == 4)
		splice(b, at, at < b->n, str_of(&c, 1));
	else if (kind == 5)
		splice(b, at, (unsigned char)c, STR_NONE);
	else if (kind == 6)
		splice(b, at, 0, fuzz_text(&x->in));
	else
		b->n = at;
}

static void mutate(struct peers *x, unsigned times, struct buf *b)
{
	while (times-- > 0 && b->n > 0 && b->n < TEXT_MAX)
		mutate_once(x, b);
}

/* ---- sending ---- */

static void send_on(struct peer *p, const struct flow *flow, struct str bytes)
{
	struct sim_worker *w = &p->node->w[0];

	sim_enter(w);
	io_send(&w->io, flow, bytes);
	sim_leave(w);
}

static void send_stream(struct peer *p, struct str bytes)
{
	struct io *io = &p->node->w[0].io;

	if (!p->stream.transport &&
	    io->ops->open(io, TRANSPORT_TCP, &p->peers->target, NULL, &p->stream))
		return;
	send_on(p, &p->stream, bytes);
}

static void send_datagram(struct peer *p, struct str bytes)
{
	struct flow flow;

	memset(&flow, 0, sizeof(flow));
	flow.transport = TRANSPORT_UDP;
	flow.remote = p->peers->target;
	send_on(p, &flow, bytes);
}

static void send(struct peer *p, bool stream, struct str bytes)
{
	struct peers *x = p->peers;
	struct peers_text *t = &x->sent[x->n_sent++ % PEERS_SENT];

	remember(t, bytes);
	t->peer = (unsigned)(p - x->peer);
	t->stream = stream;
	if (stream)
		send_stream(p, text_of(t));
	else
		send_datagram(p, text_of(t));
}

/* mutations: how many. */
static void finish(struct peer *p, bool stream, unsigned mutations, struct buf *b)
{
	check(!b->failed);
	mutate(p->peers, mutations, b);
	send(p, stream, buf_str(b));
	buf_free(b);
}

/* ---- new requests ---- */

static const char *const methods[] = {"INVITE", "REGISTER",  "OPTIONS", "MESSAGE", "BYE",   "ACK",
				      "CANCEL", "SUBSCRIBE", "NOTIFY",  "PUBLISH", "REFER", "INFO",
				      "PRACK",  "UPDATE",    "INVITE",  "PING"};

static const char *const targets[] = {
	"sip:bob@example.com",     "sip:alice@example.com",
	"sip:carol@example.com",   "sip:echo@example.com",
	"sip:example.com",         "sip:dave@example.com",
	"sip:nobody@example.com",  "sip:bob@192.0.2.1",
	"sip:x@elsewhere.example", "sip:x@" PEERS_MUTE ";transport=tcp",
	"tel:+491234567",          "sips:bob@example.com",
	"sip:gw1@example.com",     "sip:moved@example.com",
	"sip:st1@example.com",     "sip:192.0.2.1",
};

static const char *const users[] = {"alice", "bob", "carol", "stranger"};

static struct str some_target(struct peers *x, unsigned k)
{
	return k % 32 == 31 ? fuzz_text(&x->in) : str_c(targets[k % 16]);
}

static void put_from(struct buf *b, unsigned who)
{
	const char *domain = who % PEERS == PEERS_STRANGER ? "elsewhere.example" : PEERS_DOMAIN;

	buf_fmt(b, "<sip:%s@%s>", users[who % PEERS], domain);
}

static void put_via(struct peer *p, bool stream, struct buf *b)
{
	char ip[ADDR_TEXT_MAX];

	buf_fmt(b, "SIP/2.0/%s %s:5060;rport;branch=z9hG4bK%u", stream ? "TCP" : "UDP",
		addr_text(&p->node->ip, ip), ++p->peers->branch);
}

static void put_description(struct peer *p, struct buf *b)
{
	char ip[ADDR_TEXT_MAX];

	addr_text(&p->node->ip, ip);
	buf_fmt(b,
		"v=0\r\no=- 1 %u IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
		"m=audio 9000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n",
		p->peers->branch, ip, ip);
}

static void put_body(struct peer *p, bool wanted, struct buf *b)
{
	char room[512];
	struct buf body = buf_over(room, sizeof(room));

	if (wanted) {
		put_description(p, &body);
		buf_fmt(b, "Content-Type: application/sdp\r\n");
	}
	buf_fmt(b, "Content-Length: %zu\r\n\r\n", body.n);
	buf_puts(b, buf_str(&body));
}

static void put_contact(struct peer *p, unsigned who, bool stream, const char *params,
			struct buf *b)
{
	char ip[ADDR_TEXT_MAX];

	buf_fmt(b, "Contact: <sip:%s@%s:5060%s>%s\r\n", users[who % PEERS],
		addr_text(&p->node->ip, ip), stream ? ";transport=tcp" : "", params);
}

enum {
	F_STREAM = 1,
	F_BODY = 2,
	F_CONTACT = 4,
	F_EXTENSIONS = 8,
	F_LINE = 16, /* a line of the input's own */
	F_MUTATIONS = 5, /* shift of their number */
};

enum {
	G_ROUTE = 1,
	G_TO_TAG = 2,
	G_HOPS = 4,
	G_TIMER = 8,
	G_GONE = 16, /* expires at once */
	G_STAR = 32,
	G_SAME_CSEQ = 64,
	G_NO_CREDENTIALS = 128, /* and none to be asked for: from elsewhere */
};

static void put_extensions(struct buf *b, unsigned g)
{
	buf_fmt(b, "Supported: 100rel, timer, path, outbound\r\n");
	if (g & G_TIMER)
		buf_fmt(b, "Session-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n");
}

static void put_lines(struct peer *p, unsigned method, unsigned who, unsigned f, unsigned g,
		      struct buf *b)
{
	if (g & G_ROUTE)
		buf_fmt(b, "Route: <sip:192.0.2.1;lr>\r\n");
	if (method == 1 && g & G_STAR)
		buf_fmt(b, "Contact: *\r\n");
	else if (f & F_CONTACT)
		put_contact(p, who, f & F_STREAM,
			    method != 1  ? ""
			    : g & G_GONE ? ";expires=0"
					 : ";q=0.5;+sip.instance=\"<urn:uuid:1>\";reg-id=1",
			    b);
	if (g & (G_GONE | G_STAR))
		buf_fmt(b, "Expires: 0\r\n");
	if (f & F_EXTENSIONS)
		put_extensions(b, g);
	if (f & F_LINE) {
		buf_puts(b, fuzz_text(&p->peers->in));
		buf_fmt(b, "\r\n");
	}
}

static void say_request(struct peers *x)
{
	struct peer *p = some_peer(x);
	unsigned method = fuzz_byte(&x->in) % 16, to = fuzz_byte(&x->in);
	unsigned slot = fuzz_byte(&x->in), f = fuzz_byte(&x->in), g = fuzz_byte(&x->in);
	unsigned who = slot & 8 ? slot >> 4 : (unsigned)(p - x->peer);
	struct str uri = some_target(x, to);
	struct buf b = buf_heap(TEXT_MAX);

	if (g & G_NO_CREDENTIALS)
		who = PEERS_STRANGER;
	slot %= PEERS_SLOTS;
	if (!(g & G_SAME_CSEQ))
		x->cseq[slot]++;
	buf_fmt(&b, "%s %.*s SIP/2.0\r\nVia: ", methods[method],
		STR_ARG(method == 1 ? STR("sip:" PEERS_DOMAIN) : uri));
	put_via(p, f & F_STREAM, &b);
	buf_fmt(&b, "\r\nMax-Forwards: %u\r\nFrom: ", g & G_HOPS ? to >> 6 : 70);
	put_from(&b, who);
	buf_fmt(&b, ";tag=f%u\r\nTo: <%.*s>", slot, STR_ARG(uri));
	buf_fmt(&b, "%s\r\nCall-ID: c%u\r\nCSeq: %u %s\r\n", g & G_TO_TAG ? ";tag=t0" : "", slot,
		x->cseq[slot], methods[method]);
	put_lines(p, method, who, f, g, &b);
	put_body(p, f & F_BODY, &b);
	finish(p, f & F_STREAM, f >> F_MUTATIONS, &b);
}

void peers_register(struct peers *x, unsigned i, const char *user, const char *contacts)
{
	struct peer *p = &x->peer[i];
	struct buf b = buf_heap(TEXT_MAX);

	buf_fmt(&b, "REGISTER sip:" PEERS_DOMAIN " SIP/2.0\r\nVia: ");
	put_via(p, false, &b);
	buf_fmt(&b,
		"\r\nMax-Forwards: 70\r\nFrom: <sip:%s@" PEERS_DOMAIN
		">;tag=r\r\nTo: <sip:%s@" PEERS_DOMAIN
		">\r\nCall-ID: reg-%s-%u\r\nCSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
		user, user, user, i, contacts);
	finish(p, false, 0, &b);
}

/* ---- answers ---- */

static bool parse(struct peers *x, const struct peers_text *t, struct sip_msg *ret)
{
	struct sip_err err;

	return t && sip_parse(text_of(t), &x->arena, ret, &err);
}

/* The request heard `back` requests ago. */
static const struct peers_text *heard_request(struct peers *x, struct peer *p, unsigned back,
					      struct sip_msg *ret)
{
	for (unsigned i = 0; i < PEERS_HEARD && i < p->n_heard; i++) {
		const struct peers_text *t = newest(p->heard, PEERS_HEARD, p->n_heard, i);

		if (parse(x, t, ret) && sip_is_request(ret) && back-- == 0)
			return t;
	}
	return NULL;
}

static const uint16_t statuses[] = {100, 180, 183, 200, 202, 302, 401, 407, 408, 404, 422,
				    480, 481, 486, 487, 488, 491, 500, 503, 600, 603, 200,
				    180, 200, 199, 420, 423, 380, 405, 415, 403, 483};

static void print(const struct sip_msg *m, struct buf *b)
{
	buf_reset(b);
	if (!sip_print(m, b))
		buf_reset(b);
}

static void add_description(struct peer *p, struct sip_msg *m)
{
	char room[512];
	struct buf body = buf_over(room, sizeof(room));

	put_description(p, &body);
	sip_set_body(m, STR("application/sdp"), arena_str(m->arena, buf_str(&body)));
}

static void add_contact(struct peer *p, struct sip_msg *m, bool stream)
{
	char ip[ADDR_TEXT_MAX];

	sip_addf(m, SIP_HDR_CONTACT, "<sip:%s@%s:5060%s>", users[p - p->peers->peer],
		 addr_text(&p->node->ip, ip), stream ? ";transport=tcp" : "");
}

static void add_line(struct peers *x, struct sip_msg *m)
{
	struct str value = fuzz_text(&x->in), name = str_split(&value, ':');

	if (name.n)
		sip_add_named(m, name, value);
	m->failed = false;
}

static void say_response(struct peers *x)
{
	struct peer *p = some_peer(x);
	unsigned which = fuzz_byte(&x->in), f = fuzz_byte(&x->in), g = fuzz_byte(&x->in);
	unsigned status = statuses[which % 32];
	struct buf b = buf_heap(TEXT_MAX);
	const struct peers_text *t;
	struct sip_msg req, m;
	char tag[2] = {(char)('a' + (g & 3)), 0};

	t = heard_request(x, p, which >> 5, &req);
	if (!t || !sip_response(&req, &x->arena, status, STR(""), str_c(tag), &m))
		return;
	if (f & F_CONTACT)
		add_contact(p, &m, f & F_STREAM);
	if (f & F_EXTENSIONS) {
		sip_addf(&m, SIP_HDR_REQUIRE, g & 4 ? "timer" : "100rel");
		sip_addf(&m, SIP_HDR_RSEQ, "%u", 1 + (g >> 3) % 4);
		if (g & 4)
			sip_addf(&m, SIP_HDR_SESSION_EXPIRES, "90;refresher=ua%c",
				 g & 8 ? 'c' : 's');
	}
	if (f & F_LINE)
		add_line(x, &m);
	if (f & F_BODY)
		add_description(p, &m);
	print(&m, &b);
	mutate(x, f >> F_MUTATIONS, &b);
	if (g & 128)
		send(p, g & 64, buf_str(&b));
	else if (b.n)
		send_on(p, &t->flow, buf_str(&b));
	buf_free(&b);
}

/* ---- requests within a dialog ---- */

/* Of a response the calling side's, of a request the called side's (RFC 3261 s12.1). */
static void start_within(struct peers *x, const struct sip_msg *heard, const char *method,
			 unsigned g, struct sip_msg *m)
{
	struct sip_values v = sip_values(heard, SIP_HDR_RECORD_ROUTE);
	struct str from = sip_get(heard, SIP_HDR_FROM), to = sip_get(heard, SIP_HDR_TO), route;
	struct sip_nameaddr remote;
	bool calling = !sip_is_request(heard);
	struct str uri = STR("sip:" PEERS_DOMAIN);

	if (sip_nameaddr_get(heard, SIP_HDR_CONTACT, &remote, NULL) ||
	    sip_nameaddr_parse(calling ? to : from, &remote, NULL))
		uri = remote.uri_text;
	sip_request_init(m, &x->arena, str_c(method), uri);
	if (!calling && sip_nameaddr_parse(to, &remote, NULL) && !remote.tag.n)
		to = arena_fmt(&x->arena, "%.*s;tag=%c", STR_ARG(to), 'a' + (g & 3));
	sip_add(m, SIP_HDR_FROM, calling ? from : to);
	sip_add(m, SIP_HDR_TO, calling ? to : from);
	sip_add(m, SIP_HDR_CALL_ID, sip_get(heard, SIP_HDR_CALL_ID));
	while (sip_values_next(&v, &route)) {
		if (calling)
			sip_prepend(m, SIP_HDR_ROUTE, route);
		else
			sip_add(m, SIP_HDR_ROUTE, route);
	}
}

static void add_number(struct peers *x, const struct sip_msg *heard, struct sip_msg *m, unsigned g)
{
	struct sip_cseq cseq = {.number = 1};
	bool same = m->method == SIP_ACK;

	(void)x;
	sip_cseq_parse(sip_get(heard, SIP_HDR_CSEQ), &cseq);
	sip_addf(m, SIP_HDR_CSEQ, "%u %.*s", cseq.number + (same ? 0 : 1 + (g >> 2 & 7)),
		 STR_ARG(m->method_name));
	if (m->method == SIP_PRACK) {
		uint32_t rseq = 1;

		sip_get_u32(heard, SIP_HDR_RSEQ, &rseq);
		sip_addf(m, SIP_HDR_RACK, "%u %u INVITE", rseq, cseq.number);
	}
}

static void top_via(struct peer *p, bool stream, struct sip_msg *m)
{
	char room[128];
	struct buf via = buf_over(room, sizeof(room));

	put_via(p, stream, &via);
	sip_prepend(m, SIP_HDR_VIA, arena_str(m->arena, buf_str(&via)));
}

static void say_within(struct peers *x)
{
	static const char *const within[] = {"ACK",    "BYE",  "INVITE",  "PRACK",
					     "UPDATE", "INFO", "MESSAGE", "OPTIONS"};
	struct peer *p = some_peer(x);
	unsigned which = fuzz_byte(&x->in), f = fuzz_byte(&x->in), g = fuzz_byte(&x->in);
	struct buf b = buf_heap(TEXT_MAX);
	struct sip_msg heard, m;

	if (!parse(x, newest(p->heard, PEERS_HEARD, p->n_heard, which >> 3), &heard))
		return;
	start_within(x, &heard, within[which % 8], g, &m);
	add_number(x, &heard, &m, g);
	sip_addf(&m, SIP_HDR_MAX_FORWARDS, "70");
	top_via(p, f & F_STREAM, &m);
	if (f & F_CONTACT)
		add_contact(p, &m, f & F_STREAM);
	if (f & F_EXTENSIONS)
		sip_addf(&m, SIP_HDR_SUPPORTED, "100rel, timer");
	if (g & 32)
		sip_addf(&m, SIP_HDR_SESSION_EXPIRES, "90");
	if (f & F_LINE)
		add_line(x, &m);
	if (f & F_BODY)
		add_description(p, &m);
	print(&m, &b);
	finish(p, f & F_STREAM, f >> F_MUTATIONS, &b);
}

/* ---- what belongs to a request that was sent ---- */

/* CANCEL, or the ACK of a refusal (RFC 3261 s9.1, s17.1.1.3). */
static void say_with_branch(struct peers *x, const char *method)
{
	unsigned back = fuzz_byte(&x->in), f = fuzz_byte(&x->in);
	const struct peers_text *t = newest(x->sent, PEERS_SENT, x->n_sent, back);
	struct buf b = buf_heap(TEXT_MAX);
	struct sip_msg sent, m, heard;
	struct sip_cseq cseq = {.number = 1};
	struct sip_via via;
	struct peer *p;

	if (!parse(x, t, &sent) || !sip_is_request(&sent) || !sip_via_top(&sent, &via, NULL))
		return;
	p = &x->peer[t->peer];
	sip_cseq_parse(sip_get(&sent, SIP_HDR_CSEQ), &cseq);
	sip_request_init(&m, &x->arena, str_c(method), sent.uri);
	sip_add(&m, SIP_HDR_VIA, via.text);
	sip_copy_all(&m, &sent, SIP_HDR_MAX_FORWARDS);
	sip_copy_all(&m, &sent, SIP_HDR_FROM);
	if (m.method == SIP_ACK &&
	    parse(x, newest(p->heard, PEERS_HEARD, p->n_heard, back >> 4), &heard))
		sip_copy_all(&m, &heard, SIP_HDR_TO);
	else
		sip_copy_all(&m, &sent, SIP_HDR_TO);
	sip_copy_all(&m, &sent, SIP_HDR_CALL_ID);
	sip_addf(&m, SIP_HDR_CSEQ, "%u %s", cseq.number, method);
	sip_copy_all(&m, &sent, SIP_HDR_ROUTE);
	print(&m, &b);
	finish(p, t->stream ^ (f & F_STREAM), f >> F_MUTATIONS, &b);
}

static bool same_request(const struct sip_msg *a, const struct sip_msg *b)
{
	return str_eq(sip_get(a, SIP_HDR_CALL_ID), sip_get(b, SIP_HDR_CALL_ID)) &&
	       str_eq(sip_get(a, SIP_HDR_CSEQ), sip_get(b, SIP_HDR_CSEQ));
}

/* The challenge that the peer was given for this request. */
static bool challenge_of(struct peers *x, struct peer *p, const struct sip_msg *sent,
			 struct sip_challenge *ret, bool *ret_proxy)
{
	struct sip_msg m;

	for (unsigned i = 0; i < PEERS_HEARD && i < p->n_heard; i++) {
		const struct peers_text *t = newest(p->heard, PEERS_HEARD, p->n_heard, i);

		if (!parse(x, t, &m) || (m.status != 401 && m.status != 407) ||
		    !same_request(&m, sent))
			continue;
		*ret_proxy = m.status == 407;
		return sip_challenge_parse(sip_get(&m, *ret_proxy ? SIP_HDR_PROXY_AUTHENTICATE
								  : SIP_HDR_WWW_AUTHENTICATE),
					   ret);
	}
	return false;
}

static struct crypto *crypto;

static void put_credentials(const struct sip_challenge *ch, const struct sip_msg *m,
			    struct str user, unsigned g, struct buf *b)
{
	char ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX], password[300];
	struct buf pb = buf_over(password, sizeof(password));
	struct sip_hasher h;
	struct sip_credentials c = {.username = user,
				    .realm = ch->realm,
				    .nonce = ch->nonce,
				    .uri = m->uri,
				    .algorithm = ch->algorithm,
				    .qop = g & 1 ? STR("") : STR("auth"),
				    .nc = g & 2 ? STR("00000002") : STR("00000001"),
				    .cnonce = STR("c0ffee")};

	h = server_hasher(crypto);
	buf_fmt(&pb, "pw-%.*s%s", STR_ARG(user), g & 4 ? "!" : "");
	sip_digest_ha1(&h, ch->algorithm, user, ch->realm, buf_str(&pb), ha1);
	sip_digest_response(&h, &c, str_c(ha1), m->method_name, response);
	c.response = str_c(response);
	sip_credentials_put(b, &c);
}

/* The same request once more, with what was asked for. */
static void say_credentials(struct peers *x)
{
	unsigned back = fuzz_byte(&x->in), f = fuzz_byte(&x->in), g = fuzz_byte(&x->in);
	const struct peers_text *t = newest(x->sent, PEERS_SENT, x->n_sent, back);
	struct buf b = buf_heap(TEXT_MAX);
	struct sip_challenge ch;
	struct sip_nameaddr from;
	struct sip_msg sent, m;
	struct sip_cseq cseq = {.number = 1};
	char room[1024];
	struct buf value = buf_over(room, sizeof(room));
	bool proxy;

	if (!parse(x, t, &sent) || !sip_is_request(&sent) ||
	    !sip_nameaddr_get(&sent, SIP_HDR_FROM, &from, NULL) || from.uri.user.n > 200 ||
	    !challenge_of(x, &x->peer[t->peer], &sent, &ch, &proxy) ||
	    !sip_derive(&sent, &x->arena, &m))
		return;
	sip_cseq_parse(sip_get(&sent, SIP_HDR_CSEQ), &cseq);
	cseq.number += !(g & 8);
	sip_set(&m, SIP_HDR_CSEQ,
		arena_fmt(&x->arena, "%u %.*s", cseq.number, STR_ARG(cseq.method)));
	sip_pop_value(&m, SIP_HDR_VIA);
	top_via(&x->peer[t->peer], t->stream, &m);
	put_credentials(&ch, &m, from.uri.user, g, &value);
	if (value.failed)
		return;
	sip_add(&m, proxy ? SIP_HDR_PROXY_AUTHORIZATION : SIP_HDR_AUTHORIZATION, buf_str(&value));
	print(&m, &b);
	if (x->on_credentials)
		x->on_credentials(x->ctx, buf_str(&b));
	for (unsigned i = 0; i < PEERS_SLOTS; i++)
		x->cseq[i] += sip_get(&m, SIP_HDR_CALL_ID).n == 2 &&
			      sip_get(&m, SIP_HDR_CALL_ID).p[1] == (char)('0' + i);
	finish(&x->peer[t->peer], t->stream, f >> F_MUTATIONS, &b);
}

/* Once more: what it has said, or what it heard. */
static void say_again(struct peers *x)
{
	unsigned how = fuzz_byte(&x->in), f = fuzz_byte(&x->in);
	const struct peers_text *t = newest(x->sent, PEERS_SENT, x->n_sent, how >> 3);
	struct peer *p = how & 1 || !t ? some_peer(x) : &x->peer[t->peer];
	struct buf b = buf_heap(2 * TEXT_MAX);

	if (how & 2)
		t = newest(p->heard, PEERS_HEARD, p->n_heard, how >> 3);
	if (t && t->n < TEXT_MAX) {
		buf_puts(&b, text_of(t));
		finish(p, t->stream ^ (how >> 2 & 1), f >> F_MUTATIONS, &b);
	}
}

/* ---- the rest ---- */

static void say_raw(struct peers *x)
{
	struct peer *p = some_peer(x);
	unsigned f = fuzz_byte(&x->in), n = fuzz_u16(&x->in);
	struct str bytes = str_first(x->in.rest, n % 4096);

	x->in.rest = str_skip(x->in.rest, bytes.n);
	send(p, f & F_STREAM, bytes);
}

static void hang_up(struct peers *x)
{
	struct peer *p = some_peer(x);
	struct io *io = &p->node->w[0].io;

	if (p->stream.transport)
		io->ops->close(io, &p->stream);
}

static void change_link(struct peers *x)
{
	static const unsigned losses[] = {0, 100, 500, 1000};
	struct sim *s = x->sim;
	unsigned how = fuzz_byte(&x->in);
	struct sim_node *n = s->nodes[(how >> 6) % s->n_nodes];

	s->link.loss_permille = losses[how & 3];
	s->link.dup_permille = how & 4 ? 300 : 0;
	s->link.reorder_permille = how & 8 ? 300 : 0;
	if (how & 16)
		sim_cut(x->peer[0].node, n, how & 32);
}

void peers_step(struct peers *x, unsigned kind)
{
	switch (kind) {
	case PEERS_RAW:
		say_raw(x);
		break;
	case PEERS_REQUEST:
		say_request(x);
		break;
	case PEERS_RESPONSE:
		say_response(x);
		break;
	case PEERS_WITHIN:
		say_within(x);
		break;
	case PEERS_CANCEL:
		say_with_branch(x, "CANCEL");
		break;
	case PEERS_ACK:
		say_with_branch(x, "ACK");
		break;
	case PEERS_CREDENTIALS:
		say_credentials(x);
		break;
	case PEERS_REPEAT:
		say_again(x);
		break;
	case PEERS_HANG_UP:
		hang_up(x);
		break;
	default:
		change_link(x);
		break;
	}
	arena_reset(&x->arena);
}

/* ---- life ---- */

static void peer_init(struct peers *x, unsigned i)
{
	struct peer *p = &x->peer[i];
	char ip[32];
	struct buf b = buf_over(ip, sizeof(ip));

	buf_fmt(&b, "198.51.100.%u", i + 1);
	p->peers = x;
	p->node = sim_node_new(x->sim, users[i], buf_c(&b), 1);
	sim_listen(p->node, TRANSPORT_UDP, 5060);
	sim_listen(p->node, TRANSPORT_TCP, 5060);
	p->user = (struct io_user){.on_datagram = on_datagram,
				   .on_open = on_open,
				   .on_bytes = on_bytes,
				   .on_closed = on_closed,
				   .ctx = p};
	sim_boot(p->node);
	p->node->w[0].io.user = &p->user;
}

void peers_prepare(void)
{
	if (!crypto)
		crypto = crypto_new();
	check(crypto != NULL);
}

void peers_init(struct peers *x, struct sim *sim, const char *target_ip, struct fuzz_in in)
{
	memset(x, 0, sizeof(*x));
	x->sim = sim;
	x->in = in;
	x->target = sim_addr(target_ip, 5060);
	arena_init(&x->arena, NULL, 0, 4 << 20);
	for (unsigned i = 0; i < PEERS; i++)
		peer_init(x, i);
	sim_zone_a(sim, PEERS_DOMAIN, target_ip);
	sim_zone_a(sim, "elsewhere.example", PEERS_MUTE);
	sim_zone_a(sim, "carol.example", "198.51.100.3");
	sim_zone_srv(sim, "_sip._tcp.srv.example", 1, 1, 5060, "carol.example");
}

void peers_fini(struct peers *x)
{
	for (unsigned i = 0; i < PEERS; i++) {
		sim_kill(x->peer[i].node, false);
		for (unsigned k = 0; k < PEERS_STREAMS; k++) {
			if (x->peer[i].streams[k].flow.transport)
				sip_framer_fini(&x->peer[i].streams[k].framer);
		}
		for (unsigned k = 0; k < PEERS_HEARD; k++)
			free(x->peer[i].heard[k].p);
	}
	for (unsigned k = 0; k < PEERS_SENT; k++)
		free(x->sent[k].p);
	arena_fini(&x->arena);
}
