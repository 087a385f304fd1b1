#include "load/call.h"

#include "load/reply.h"

static const char invite_text[] = "INVITE sip:{peer}@{domain} SIP/2.0\r\n"
				  "Via: SIP/2.0/{proto} {local};branch=z9hG4bK{token};rport\r\n"
				  "Max-Forwards: 70\r\n"
				  "From: <sip:{user}@{domain}>;tag={call}\r\n"
				  "To: <sip:{peer}@{domain}>\r\n"
				  "Call-ID: {call}@load\r\n"
				  "CSeq: {cseq} INVITE\r\n"
				  "Contact: <sip:{user}@{local}{contact}>\r\n"
				  "{auth}"
				  "Content-Type: application/sdp\r\n"
				  "Content-Length: {length}\r\n\r\n{body}";

/* To a refusal, hop by hop: the branch and the Request-URI of the INVITE (s17.1.1.3). */
static const char ack_refusal_text[] =
	"ACK sip:{peer}@{domain} SIP/2.0\r\n"
	"Via: SIP/2.0/{proto} {local};branch=z9hG4bK{token};rport\r\n"
	"Max-Forwards: 70\r\n"
	"From: <sip:{user}@{domain}>;tag={call}\r\n"
	"To: {to}\r\n"
	"Call-ID: {call}@load\r\n"
	"CSeq: {cseq} ACK\r\n"
	"Content-Length: 0\r\n\r\n";

#define IN_DIALOG(method)                                                                          \
	method " {uri} SIP/2.0\r\n"                                                                \
	       "Via: SIP/2.0/{proto} {local};branch=z9hG4bK{token};rport\r\n"                      \
	       "Max-Forwards: 70\r\n"                                                              \
	       "{routes}"                                                                          \
	       "From: <sip:{user}@{domain}>;tag={call}\r\n"                                        \
	       "To: {to}\r\n"                                                                      \
	       "Call-ID: {call}@load\r\n"                                                          \
	       "CSeq: {cseq} " method "\r\n"                                                       \
	       "{auth}"                                                                            \
	       "Content-Length: 0\r\n\r\n"

static void put_sdp(struct buf *b, const struct load_conf *conf, const char *version)
{
	char ip[ADDR_TEXT_MAX];
	struct buf text = buf_over(ip, sizeof(ip));
	struct addr a = conf->target;

	a.port = 0;
	addr_put(&text, &a);
	buf_fmt(b,
		"v=0\r\no=- 1 %s IN IP%u %s\r\ns=-\r\nc=IN IP%u %s\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n",
		version, a.family, buf_c(&text), a.family, buf_c(&text));
}

static bool put_answer(struct call_templates *t, const struct load_conf *conf)
{
	char sdp[400];
	struct buf body = buf_over(sdp, sizeof(sdp)), b = buf_over(t->answer, sizeof(t->answer));

	put_sdp(&body, conf, "2");
	buf_fmt(&b, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%.*s", body.n,
		STR_ARG(buf_str(&body)));
	t->answer_n = b.n;
	return !body.failed && !b.failed;
}

bool call_templates_make(struct call_templates *ret, const struct load_conf *conf)
{
	char sdp[400], length[16];
	struct buf body = buf_over(sdp, sizeof(sdp)), n = buf_over(length, sizeof(length));
	struct str v[GAP_COUNT] = {
		[GAP_DOMAIN] = conf->domain,
		[GAP_PROTO] = conf->tcp ? STR("TCP") : STR("UDP"),
		[GAP_CONTACT] = conf->tcp ? STR(";transport=tcp") : STR(""),
	};

	put_sdp(&body, conf, "1");
	buf_fmt(&n, "%zu", body.n);
	v[GAP_BODY] = buf_str(&body);
	v[GAP_LENGTH] = buf_str(&n);
	return !body.failed && put_answer(ret, conf) &&
	       template_make(&ret->invite, str_c(invite_text), v) &&
	       template_make(&ret->ack_refusal, str_c(ack_refusal_text), v) &&
	       template_make(&ret->ack, STR(IN_DIALOG("ACK")), v) &&
	       template_make(&ret->bye, STR(IN_DIALOG("BYE")), v);
}

/* ---- what comes ---- */

static struct call *call_by(struct worker *w, struct token t)
{
	struct slot *s = worker_owns(w, t) ? worker_slot(w, t.slot) : NULL;

	return s && s->busy ? call_of(s) : NULL;
}

static void on_request(struct worker *w, unsigned socket, const struct addr *from, struct str bytes)
{
	char room[CALL_PARSE_ROOM];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;
	struct token t;
	struct call *c = NULL;

	arena_init(&arena, room, sizeof(room), 0);
	if (!sip_parse(bytes, &arena, &m, &err) || !sip_is_request(&m)) {
		w->stats.strays++;
	} else {
		if (token_read(sip_get(&m, SIP_HDR_CALL_ID), &t))
			c = call_by(w, t);
		if (c && c->id.generation == t.generation)
			callee_on_request(c, socket, from, &m);
		else
			callee_on_stranger(w, socket, from, &m);
	}
	arena_fini(&arena);
}

static void on_message(struct worker *w, unsigned socket, const struct addr *from, struct str bytes)
{
	struct reply r;
	struct call *c;

	if (bytes.n < 8 || memcmp(bytes.p, "SIP/2.0 ", 8)) {
		on_request(w, socket, from, bytes);
		return;
	}
	if (!reply_read(bytes, &r) || !worker_owns(w, r.token)) {
		w->stats.strays++;
		return;
	}
	c = call_by(w, r.token);
	if (c)
		caller_on_response(c, r.token.generation, r.status, bytes);
	else
		w->stats.late++;
}

static bool uses(const struct slot *s, unsigned socket)
{
	const struct call *c = (const struct call *)s;

	return c->socket == socket ||
	       (c->callee_state != CALLEE_IDLE && c->callee_socket == socket);
}

/* A call that ends takes the callee's timer along. */
static void end(struct slot *s)
{
	timer_cancel(&s->worker->wheel, &call_of(s)->callee_timer);
}

const struct work call_work = {
	.slot_bytes = sizeof(struct call),
	.begin = caller_begin,
	.end = end,
	.on_timer = caller_on_timer,
	.on_message = on_message,
	.uses = uses,
};
