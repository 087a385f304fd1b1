/* What a response must hold, by its status and the method that it answers. */
#include "lint/internal.h"

#define ANY SIP_METHOD_OTHER

static const struct {
	uint16_t from, to;
	enum sip_method method; /* ANY: of every method */
	enum sip_hdr_id id;
	const char *rfc, *fix, *why;
} needs[] = {
	{200, 299, SIP_INVITE, SIP_HDR_CONTACT, "RFC 3261 s12.1.1", "Contact: <sip:user@host:port>",
	 "the ACK goes there"},
	{200, 299, SIP_SUBSCRIBE, SIP_HDR_CONTACT, "RFC 6665 s4.2.1.1",
	 "Contact: <sip:user@host:port>", "refreshes go there"},
	{200, 299, SIP_SUBSCRIBE, SIP_HDR_EXPIRES, "RFC 6665 s4.2.1.1", "Expires: 3600",
	 "it says how long the subscription lasts"},
	{200, 299, SIP_PUBLISH, SIP_HDR_EXPIRES, "RFC 3903 s6", "Expires: 3600",
	 "it says how long the publication lasts"},
	{200, 299, SIP_PUBLISH, SIP_HDR_SIP_ETAG, "RFC 3903 s6", "SIP-ETag: ...",
	 "a refresh names it"},
	{401, 401, ANY, SIP_HDR_WWW_AUTHENTICATE, "RFC 3261 s21.4.2",
	 "WWW-Authenticate: Digest realm=..., nonce=...", "nobody can answer to no challenge"},
	{407, 407, ANY, SIP_HDR_PROXY_AUTHENTICATE, "RFC 3261 s21.4.8",
	 "Proxy-Authenticate: Digest realm=..., nonce=...", "nobody can answer to no challenge"},
	{405, 405, ANY, SIP_HDR_ALLOW, "RFC 3261 s21.4.6", "Allow: INVITE, ACK, ...",
	 "it says which methods are taken"},
	{420, 420, ANY, SIP_HDR_UNSUPPORTED, "RFC 3261 s21.4.15", "Unsupported: ...",
	 "it says which extensions are not known"},
	{421, 421, ANY, SIP_HDR_REQUIRE, "RFC 3261 s21.4.16", "Require: ...",
	 "it says which extensions are wanted"},
	{422, 422, ANY, SIP_HDR_MIN_SE, "RFC 4028 s6", "Min-SE: 90", "it says the least interval"},
	{423, 423, ANY, SIP_HDR_MIN_EXPIRES, "RFC 3261 s21.4.17", "Min-Expires: 60",
	 "it says the least time"},
	{489, 489, ANY, SIP_HDR_ALLOW_EVENTS, "RFC 6665 s4.2.1.1", "Allow-Events: ...",
	 "it says which packages are known"},
	{469, 469, ANY, SIP_HDR_RECV_INFO, "RFC 6086 s4.2.2", "Recv-Info: ...",
	 "it says which packages are taken"},
};

static void needed(struct linter *l)
{
	const struct sip_msg *m = &l->m;
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (m->status >= needs[i].from && m->status <= needs[i].to &&
		    (needs[i].method == ANY || needs[i].method == (enum sip_method)m->method))
			lint_missing(l, lint_new_rule(l), needs[i].id, needs[i].rfc, needs[i].fix,
				     needs[i].why);
}

/* Via, From, To, Call-ID, CSeq come from the request (RFC 3261 s8.2.6.2). */
static void always_needed(struct linter *l)
{
	static const enum sip_hdr_id ids[] = {SIP_HDR_VIA, SIP_HDR_FROM, SIP_HDR_TO,
					      SIP_HDR_CALL_ID, SIP_HDR_CSEQ};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		lint_missing(l, LINT_ERROR, ids[i], "RFC 3261 s8.2.6.2", "copy it from the request",
			     "nobody can tell which request this answers");
}

static void to_tag(struct linter *l)
{
	struct str to = sip_get(&l->m, SIP_HDR_TO);

	if (l->m.status > 100 && l->m.status < 700 && to.p && l->head.to.text.p &&
	    !l->head.to.tag.n)
		lint_add(l, lint_new_rule(l), to, "To", "RFC 3261 s8.2.6.2",
			 "add ;tag= with random letters and digits",
			 "To has no tag, which every response but 100 adds");
}

/* RSeq and Require: 100rel go together, in 101 to 199 of INVITE (RFC 3262 s3). */
static void reliable(struct linter *l)
{
	bool required = sip_has_token(&l->m, SIP_HDR_REQUIRE, STR("100rel"));
	struct str rseq = sip_get(&l->m, SIP_HDR_RSEQ);
	bool provisional = l->m.status > 100 && l->m.status < 200;

	if (required && !rseq.p && provisional)
		lint_missing(l, LINT_ERROR, SIP_HDR_RSEQ, "RFC 3262 s3", "RSeq: 1",
			     "Require: 100rel makes the response reliable");
	if (!rseq.p)
		return;
	if (!provisional)
		lint_add(l, LINT_ERROR, rseq, "RSeq", "RFC 3262 s3", "leave it out",
			 "only responses from 101 to 199 are sent reliably with RSeq");
	else if (!required)
		lint_add(l, LINT_ERROR, rseq, "RSeq", "RFC 3262 s3", "Require: 100rel",
			 "RSeq without Require: 100rel");
}

/* RFC 3261 s10.3: each Contact tells how long it is bound. */
static void bindings(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_CONTACT);
	struct sip_nameaddr n;
	struct str value;

	if (l->m.method != SIP_REGISTER || l->m.status / 100 != 2 ||
	    sip_has(&l->m, SIP_HDR_EXPIRES))
		return;
	while (sip_values_next(&v, &value))
		if (sip_nameaddr_parse(value, &n, NULL) && !n.star &&
		    sip_contact_expires(&n, UINT32_MAX) == UINT32_MAX)
			lint_add(l, LINT_WARNING, value, "Contact", "RFC 3261 s10.3",
				 "add ;expires=SECONDS",
				 "the binding does not say how long it lasts");
}

static void redirection(struct linter *l)
{
	if (l->m.status >= 300 && l->m.status < 400 && l->m.status != 380)
		lint_missing(l, LINT_WARNING, SIP_HDR_CONTACT, "RFC 3261 s21.3",
			     "Contact: <sip:user@host>", "the caller does not know where to go");
}

void lint_response(struct linter *l)
{
	if (l->m.status == 0 || l->m.status > 699)
		return;
	always_needed(l);
	needed(l);
	to_tag(l);
	reliable(l);
	bindings(l);
	redirection(l);
}
