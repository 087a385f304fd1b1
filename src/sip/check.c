/* What every message must have, in one walk, with the head decoded on the way. */
#include "sip/headers.h"
#include "sip/lex.h"

#define DEFAULT_MAX_FORWARDS 70

struct checker {
	const struct sip_msg *m;
	struct sip_err *err;
	bool ok;
};

/* The first complaint wins, and the decoding goes on for the answer's sake. */
static void fail(struct checker *c, const char *where, const char *header, const char *why,
		 const char *rfc)
{
	const struct str raw = c->m->raw;
	bool inside = where && raw.n && where >= raw.p && where <= raw.p + raw.n;

	if (!c->ok)
		return;
	c->ok = false;
	*c->err = (struct sip_err){.why = why,
				   .header = header,
				   .rfc = rfc,
				   .offset = inside ? (size_t)(where - raw.p) : 0,
				   .status = sip_is_request(c->m) ? 400 : 0};
}

static const char *name_of(enum sip_hdr_id id)
{
	return sip_hdr_id_name(id).p;
}

#define BIT(id) (1ull << (id))

_Static_assert(SIP_HDR_COUNT <= 128, "two words of bits");

/* Header fields that mean nothing twice (RFC 3261 s7.3.1: those whose grammar is no list). */
static const uint64_t single_low =
	BIT(SIP_HDR_FROM) | BIT(SIP_HDR_TO) | BIT(SIP_HDR_CALL_ID) | BIT(SIP_HDR_CSEQ) |
	BIT(SIP_HDR_MAX_FORWARDS) | BIT(SIP_HDR_CONTENT_LENGTH) | BIT(SIP_HDR_CONTENT_TYPE) |
	BIT(SIP_HDR_CONTENT_DISPOSITION) | BIT(SIP_HDR_EXPIRES) | BIT(SIP_HDR_MIN_EXPIRES) |
	BIT(SIP_HDR_EVENT) | BIT(SIP_HDR_SUBSCRIPTION_STATE) | BIT(SIP_HDR_REFER_TO) |
	BIT(SIP_HDR_REFERRED_BY) | BIT(SIP_HDR_REPLACES) | BIT(SIP_HDR_JOIN) | BIT(SIP_HDR_RSEQ) |
	BIT(SIP_HDR_RACK) | BIT(SIP_HDR_SESSION_EXPIRES) | BIT(SIP_HDR_MIN_SE) |
	BIT(SIP_HDR_MAX_BREADTH) | BIT(SIP_HDR_SIP_ETAG) | BIT(SIP_HDR_SIP_IF_MATCH) |
	BIT(SIP_HDR_FLOW_TIMER);

_Static_assert(SIP_HDR_FLOW_TIMER < 64, "single_low holds ids below 64");

static bool is_single(unsigned id)
{
	return id < 64 && (BIT(id) & single_low);
}

/* Is the slot the first of the fields of its id? */
static bool is_first(const struct sip_msg *m, unsigned slot)
{
	return m->first[m->hdr[slot].id] == slot + 1;
}

static void check_singles(struct checker *c)
{
	const struct sip_msg *m = c->m;
	bool any = false;
	unsigned i;

	for (i = 0; i < m->n_hdr; i++)
		any |= m->hdr[i].next && is_single(m->hdr[i].id);
	for (i = 0; any && i < m->n_hdr; i++)
		if (is_single(m->hdr[i].id) && !is_first(m, i))
			fail(c, m->hdr[i].name, name_of((enum sip_hdr_id)m->hdr[i].id),
			     "header field stands twice that may stand once", "RFC 3261 s7.3.1");
}

static struct str mandatory(struct checker *c, enum sip_hdr_id id)
{
	struct str value = sip_get(c->m, id);

	if (value.p)
		return value;
	fail(c, NULL, name_of(id), "mandatory header field is missing", "RFC 3261 s8.1.1");
	return STR_NONE;
}

static void check_party(struct checker *c, enum sip_hdr_id id, struct sip_nameaddr *ret)
{
	const char *bad, *rfc = id == SIP_HDR_FROM ? "RFC 3261 s20.20" : "RFC 3261 s20.39";
	struct str value = mandatory(c, id);

	if (!value.p)
		return;
	bad = lex_nameaddr(value, ret);
	if (!bad && ret->star)
		bad = "\"*\" is no address";
	if (!bad)
		return;
	memset(ret, 0, sizeof(*ret));
	fail(c, value.p, name_of(id), bad, rfc);
}

/* Call-ID = word [ "@" word ]: nothing with white space or controls in it; what is wider
 * than word is borne, for it is only ever compared. */
static void check_call_id(struct checker *c, struct sip_head *head)
{
	struct str value = mandatory(c, SIP_HDR_CALL_ID);

	if (!value.p)
		return;
	if (!lex_visible(value))
		fail(c, value.p, "Call-ID", "Call-ID is empty or not one word", "RFC 3261 s20.8");
	else
		head->call_id = value;
}

static void check_cseq(struct checker *c, struct sip_head *head)
{
	struct str value = mandatory(c, SIP_HDR_CSEQ);

	if (!value.p)
		return;
	if (!sip_cseq_parse(value, &head->cseq))
		fail(c, value.p, "CSeq", "CSeq is not a number below 2^31 and a method",
		     "RFC 3261 s20.16");
	else if (sip_is_request(c->m) && !str_eq(head->cseq.method, c->m->method_name))
		fail(c, value.p, "CSeq", "CSeq's method is not that of the start line",
		     "RFC 3261 s8.1.1.5");
}

/* Where the sent-by can be read, the sender can be told what is wrong behind it. */
static void keep_sent_by(struct sip_via *via)
{
	const struct sip_via v = *via;

	memset(via, 0, sizeof(*via));
	if (!v.sent_by.n)
		return;
	via->text = v.text;
	via->transport = v.transport;
	via->transport_name = v.transport_name;
	via->host = v.host;
	via->port = v.port;
	via->sent_by = v.sent_by;
}

/* The topmost is decoded; the others must only be good. */
static void check_vias(struct checker *c, struct sip_head *head)
{
	struct sip_values values = sip_values(c->m, SIP_HDR_VIA);
	struct sip_via other, *via = &head->via;
	const char *bad;

	while (sip_via_next(&values, via, &bad)) {
		if (bad) {
			fail(c, via->text.p, "Via", bad, "RFC 3261 s20.42");
			keep_sent_by(via);
		}
		via = &other;
	}
	if (via == &head->via)
		fail(c, NULL, "Via", "mandatory header field is missing", "RFC 3261 s8.1.1.7");
}

static void check_addresses(struct checker *c, enum sip_hdr_id id, const char *rfc)
{
	struct sip_values values;
	struct sip_nameaddr n;
	const char *bad;

	if (!sip_has(c->m, id))
		return;
	values = sip_values(c->m, id);
	while (sip_nameaddr_next(&values, &n, &bad)) {
		if (!bad && n.star && id != SIP_HDR_CONTACT)
			bad = "\"*\" is no address";
		if (bad)
			fail(c, n.text.p, name_of(id), bad, rfc);
	}
}

/* What is demanded must be readable: who lacks it gives it back in Unsupported (s8.2.2.3). */
static void check_tokens(struct checker *c, enum sip_hdr_id id, const char *rfc)
{
	struct str rest, value;
	unsigned next;

	for (next = c->m->first[id]; next; next = c->m->hdr[next - 1].next) {
		rest = sip_hdr_value(&c->m->hdr[next - 1]);
		while (sip_list_next(&rest, &value))
			if (!lex_token(value))
				fail(c, value.p, name_of(id), "option tag is not a token", rfc);
	}
}

static void check_max_forwards(struct checker *c, struct sip_head *head)
{
	struct str value = sip_get(c->m, SIP_HDR_MAX_FORWARDS);

	head->max_forwards = DEFAULT_MAX_FORWARDS;
	head->has_max_forwards = false;
	if (!value.p)
		return;
	if (!lex_u32(value, &head->max_forwards) || head->max_forwards > 255) {
		head->max_forwards = DEFAULT_MAX_FORWARDS;
		fail(c, value.p, "Max-Forwards", "Max-Forwards is not a number up to 255",
		     "RFC 3261 s20.22");
		return;
	}
	head->has_max_forwards = true;
}

/* RFC 3261 s8.1.1.1 and s19.1.1: a Request-URI holds no headers.  An unknown scheme is for
 * the element to refuse with 416. */
static void check_request_uri(struct checker *c)
{
	struct sip_uri uri;
	const char *why = NULL;

	if (!sip_uri_parse(c->m->uri, &uri, &why))
		fail(c, c->m->uri.p, "", why, "RFC 3261 s19.1.1");
	else if (uri.headers.n)
		fail(c, uri.headers.p, "", "Request-URI holds headers", "RFC 3261 s19.1.1");
}

bool sip_check(const struct sip_msg *m, struct sip_head *ret, struct sip_err *err)
{
	struct checker c = {.m = m, .err = err, .ok = true};

	memset(ret, 0, sizeof(*ret));
	if (sip_is_request(m))
		check_request_uri(&c);
	check_vias(&c, ret);
	check_party(&c, SIP_HDR_FROM, &ret->from);
	check_party(&c, SIP_HDR_TO, &ret->to);
	check_call_id(&c, ret);
	check_cseq(&c, ret);
	check_max_forwards(&c, ret);
	/* RFC 2543 knew no tag in a request's From. */
	if (c.ok && sip_is_request(m) && ret->via.is_rfc3261 && !ret->from.tag.n)
		fail(&c, ret->from.text.p, "From", "From has no tag", "RFC 3261 s8.1.1.3");
	check_addresses(&c, SIP_HDR_CONTACT, "RFC 3261 s20.10");
	check_addresses(&c, SIP_HDR_ROUTE, "RFC 3261 s20.34");
	check_addresses(&c, SIP_HDR_RECORD_ROUTE, "RFC 3261 s20.30");
	check_addresses(&c, SIP_HDR_PATH, "RFC 3327 s4");
	check_addresses(&c, SIP_HDR_REFER_TO, "RFC 3515 s2.1");
	if (sip_is_request(m)) {
		check_tokens(&c, SIP_HDR_REQUIRE, "RFC 3261 s20.32");
		check_tokens(&c, SIP_HDR_PROXY_REQUIRE, "RFC 3261 s20.29");
	}
	check_singles(&c);
	return c.ok;
}
