/* The one pass over a message: start line, index of header fields, body (RFC 3261 s7).
 * An error is noted, the first one wins, and the walk goes on: who refuses the message
 * needs its Via, From, To, Call-ID and CSeq. */
#include "sip/headers.h"
#include "sip/lex.h"
#include "sip/msg.h"
#include "sip/names.h"

#define FIRST_SLOTS 32
/* Of a status line that can't be read: nobody may take the message for a request. */
#define BAD_STATUS 999

struct parser {
	struct sip_msg *m;
	struct sip_err *err;
	const char *at, *end;
	uint32_t length; /* Content-Length */
	bool has_length, ok;
	uint16_t last[SIP_HDR_COUNT]; /* slot + 1 of the last field of each id, 0: none */
};

static void fail(struct parser *p, const char *where, const char *header, const char *why,
		 const char *rfc, uint16_t status)
{
	if (!p->ok)
		return;
	p->ok = false;
	*p->err = (struct sip_err){.why = why,
				   .header = header,
				   .rfc = rfc,
				   .offset = (size_t)(where - p->m->raw.p),
				   .status = status};
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, without case (RFC 3261 s7.1). */
static bool is_version(struct str s)
{
	struct str minor, major;

	if (!str_istarts(s, STR("SIP/")))
		return false;
	minor = str_skip(s, 4);
	major = str_split(&minor, '.');
	return major.n && minor.n &&
	       lex_run(major.p, major.p + major.n, CC_DIGIT) == major.p + major.n &&
	       lex_run(minor.p, minor.p + minor.n, CC_DIGIT) == minor.p + minor.n;
}

static bool is_version_2(struct str s)
{
	return s.n == 7 && str_ieq(s, STR("SIP/2.0"));
}

static void check_version(struct parser *p, struct str version)
{
	if (is_version_2(version))
		return;
	if (is_version(version))
		fail(p, version.p, "", "SIP version is not 2.0", "RFC 3261 s21.5.6", 505);
	else if (memchr(version.p, ' ', version.n) || memchr(version.p, '\t', version.n))
		fail(p, version.p, "", "request line has more than two spaces", "RFC 3261 s7.1",
		     400);
	else
		fail(p, version.p, "", "request line does not end with SIP/2.0", "RFC 3261 s7.1",
		     400);
}

/* Request-Line = Method SP Request-URI SP SIP-Version CRLF; no other white space. */
static void request_line(struct parser *p, const char *line, const char *end)
{
	struct sip_msg *m = p->m;
	const char *sp = (const char *)memchr(line, ' ', (size_t)(end - line)), *sp2;

	m->method_name = str_range(line, sp ? sp : end);
	if (!lex_token(m->method_name)) {
		m->method_name = STR("");
		fail(p, line, "", "method is not a token", "RFC 3261 s7.1", 400);
		return;
	}
	m->method = (uint8_t)sip_method_of(m->method_name);
	sp2 = sp ? (const char *)memchr(sp + 1, ' ', (size_t)(end - sp - 1)) : NULL;
	if (!sp2) {
		if (sp)
			m->uri = str_range(sp + 1, end);
		fail(p, end, "", "request line has no SIP version", "RFC 3261 s7.1", 400);
		return;
	}
	m->uri = str_range(sp + 1, sp2);
	if (m->uri.n == 0)
		fail(p, sp2, "", "more than one space before the Request-URI", "RFC 3261 s7.1",
		     400);
	else if (m->uri.p[0] == '<')
		fail(p, sp + 1, "", "Request-URI stands in angle brackets", "RFC 3261 s7.1", 400);
	check_version(p, str_range(sp2 + 1, end));
}

static bool status_code(const char *p, const char *end, uint16_t *ret)
{
	unsigned v = 0;
	const char *start = p;

	for (; p < end && p - start < 4 && cc_is(*p, CC_DIGIT); p++)
		v = v * 10 + (unsigned)(*p - '0');
	if (p - start != 3 || v < 100 || v > 699 || (p < end && *p != ' '))
		return false;
	*ret = (uint16_t)v;
	return true;
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF; an empty reason may lack
 * its SP. */
static void status_line(struct parser *p, const char *line, const char *end)
{
	struct sip_msg *m = p->m;
	const char *sp = (const char *)memchr(line, ' ', (size_t)(end - line));

	m->status = BAD_STATUS;
	if (!sp || !is_version_2(str_range(line, sp))) {
		fail(p, line, "", "status line does not start with SIP/2.0", "RFC 3261 s7.2", 0);
		return;
	}
	if (!status_code(sp + 1, end, &m->status)) {
		fail(p, sp + 1, "", "status code is not a number from 100 to 699", "RFC 3261 s7.2",
		     0);
		return;
	}
	m->reason = sp + 5 < end ? str_range(sp + 5, end) : str_range(end, end);
}

static void start_line(struct parser *p)
{
	const char *line, *e;

	while (p->at < p->end && (*p->at == '\r' || *p->at == '\n'))
		p->at++;
	line = p->at;
	e = lex_eol(line, p->end);
	p->at = e < p->end ? lex_eol_skip(e, p->end) : p->end;
	if (line == p->end)
		fail(p, line, "", "message is empty", "RFC 3261 s7", 0);
	else if (str_istarts(str_range(line, e), STR("SIP/")))
		status_line(p, line, e);
	else
		request_line(p, line, e);
}

/* Room for one more field: 32 slots at first, doubled up to SIP_HDR_LIMIT. */
static bool grow(struct parser *p, const char *line)
{
	struct sip_msg *m = p->m;
	unsigned cap = m->cap_hdr ? m->cap_hdr * 2u : FIRST_SLOTS;
	struct sip_hdr *hdr;

	if (cap > SIP_HDR_LIMIT) {
		fail(p, line, "", "too many header fields", NULL, 400);
		return false;
	}
	hdr = (struct sip_hdr *)arena_alloc(m->arena, cap * sizeof(*hdr));
	if (!hdr) {
		fail(p, line, "", "out of memory", NULL, 500);
		return false;
	}
	if (m->n_hdr)
		memcpy(hdr, m->hdr, m->n_hdr * sizeof(*hdr));
	m->hdr = hdr;
	m->cap_hdr = (uint16_t)cap;
	return true;
}

/* Content-Length = 1*DIGIT; said twice it must say the same (RFC 4475 s3.3.9). */
static void content_length(struct parser *p, struct str value)
{
	uint32_t n;

	if (!str_to_u32(value, &n))
		fail(p, value.p, "Content-Length", "Content-Length is not a number in range",
		     "RFC 3261 s20.14", 400);
	else if (p->has_length && n != p->length)
		fail(p, value.p, "Content-Length", "two Content-Lengths differ", "RFC 3261 s20.14",
		     400);
	else
		p->length = n;
	p->has_length = true;
}

/* Puts the last slot behind the others of its id. */
static void link_slot(struct parser *p, struct sip_hdr *h)
{
	struct sip_msg *m = p->m;
	uint16_t before = p->last[h->id];

	h->next = 0;
	if (before)
		m->hdr[before - 1].next = m->n_hdr;
	else
		m->first[h->id] = m->n_hdr;
	p->last[h->id] = m->n_hdr;
}

/* message-header = name HCOLON value, all of line..e; next is behind the line end. */
static void index_line(struct parser *p, const char *line, const char *e, const char *next,
		       unsigned flags)
{
	struct sip_msg *m = p->m;
	const char *colon = lex_find2(line, e, ':', ':'), *name_end = colon;
	struct sip_hdr *h;
	struct str name, value;
	enum sip_hdr_id id;

	if (colon == e) {
		fail(p, line, "", "header line has no colon", "RFC 3261 s7.3.1", 400);
		return;
	}
	while (name_end > line && cc_is(name_end[-1], CC_WS))
		name_end--;
	name = str_range(line, name_end);
	id = sip_name_id(name);
	if (id == SIP_HDR_OTHER && (name.n > UINT16_MAX || !lex_token(name))) {
		fail(p, line, "", "header field name is not a token", "RFC 3261 s7.3.1", 400);
		return;
	}
	if (m->n_hdr == m->cap_hdr && !grow(p, line))
		return;
	value = lex_trim(colon + 1, e);
	h = &m->hdr[m->n_hdr++];
	h->name = line;
	h->value = value.p;
	h->value_n = (uint32_t)value.n;
	h->line_n = (uint32_t)(next - line);
	h->name_n = (uint16_t)name.n;
	h->id = (uint8_t)id;
	h->flags = (uint8_t)flags;
	link_slot(p, h);
	if (id == SIP_HDR_CONTENT_LENGTH)
		content_length(p, value);
}

/* Takes one field with its folds (RFC 3261 s7.3.1), gives what is behind it.  Only a field
 * whose line ends are all CRLF is a span that may be copied on as it is. */
static const char *header_line(struct parser *p, const char *line, const char *end)
{
	const char *e = lex_eol(line, end), *next;
	unsigned flags = SIP_HDR_RAW;

	for (;;) {
		if (e == end) {
			fail(p, line, "", "message ends within the header", "RFC 3261 s7", 400);
			return end;
		}
		next = lex_eol_skip(e, end);
		if (next - e != 2)
			flags &= ~(unsigned)SIP_HDR_RAW;
		if (next == end || !cc_is(*next, CC_WS))
			break;
		flags |= SIP_HDR_FOLDED;
		e = lex_eol(next, end);
	}
	index_line(p, line, e, next, flags);
	return next;
}

static void header(struct parser *p)
{
	const char *at = p->at, *const end = p->end;

	while (at < end) {
		if (*at <= '\r' && (*at == '\r' || *at == '\n')) {
			p->at = lex_eol_skip(at, end);
			return;
		}
		at = header_line(p, at, end);
	}
	p->at = end;
	fail(p, end, "", "no empty line ends the header", "RFC 3261 s7", 400);
}

/* The message ends with its body: what follows in a datagram is not ours (RFC 3261 s18.3). */
static void body(struct parser *p)
{
	struct sip_msg *m = p->m;
	size_t left = (size_t)(p->end - p->at);

	m->body = str_range(p->at, p->end);
	if (!p->has_length)
		return;
	if (p->length > left) {
		fail(p, p->end, "Content-Length", "Content-Length is larger than the message",
		     "RFC 3261 s18.3", 400);
		return;
	}
	if (!p->ok)
		return;
	m->body.n = p->length;
	m->raw.n = (size_t)(m->body.p + m->body.n - m->raw.p);
}

static void method_of_response(struct sip_msg *m)
{
	struct sip_cseq cseq;

	if (sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq)) {
		m->method_name = cseq.method;
		m->method = (uint8_t)sip_method_of(cseq.method);
	}
}

bool sip_parse(struct str bytes, struct arena *arena, struct sip_msg *ret, struct sip_err *err)
{
	struct parser p = {.m = ret, .err = err, .ok = true};

	memset(ret, 0, sizeof(*ret));
	ret->raw = bytes;
	ret->arena = arena;
	*err = (struct sip_err){.header = ""};
	if (bytes.n == 0 || bytes.n > UINT32_MAX) {
		ret->raw = STR("");
		fail(&p, ret->raw.p, "", "message is empty or too large", "RFC 3261 s7", 0);
		return false;
	}
	p.at = bytes.p;
	p.end = bytes.p + bytes.n;
	start_line(&p);
	header(&p);
	body(&p);
	if (!sip_is_request(ret)) {
		err->status = 0;
		method_of_response(ret);
	}
	return p.ok;
}
