/* What a request must hold, by its method. */
#include "lint/internal.h"

#include "sip/params.h"

/* Header fields that a method can't do without. */
static const struct {
	enum sip_method method;
	enum sip_hdr_id id;
	const char *rfc, *fix, *why;
} needs[] = {
	{SIP_INVITE, SIP_HDR_CONTACT, "RFC 3261 s8.1.1.8", "Contact: <sip:user@host:port>",
	 "without it nobody can send requests within the dialog"},
	{SIP_UPDATE, SIP_HDR_CONTACT, "RFC 3311 s5.1", "Contact: <sip:user@host:port>",
	 "an UPDATE may change where requests go"},
	{SIP_SUBSCRIBE, SIP_HDR_CONTACT, "RFC 6665 s8.1.1", "Contact: <sip:user@host:port>",
	 "notifications go there"},
	{SIP_NOTIFY, SIP_HDR_CONTACT, "RFC 6665 s8.1.2", "Contact: <sip:user@host:port>",
	 "refreshes of the subscription go there"},
	{SIP_REFER, SIP_HDR_CONTACT, "RFC 3515 s2.2", "Contact: <sip:user@host:port>",
	 "notifications go there"},
	{SIP_SUBSCRIBE, SIP_HDR_EVENT, "RFC 6665 s4.1.2.1", "Event: presence",
	 "it says what is subscribed to"},
	{SIP_NOTIFY, SIP_HDR_EVENT, "RFC 6665 s4.2.2", "the Event of the SUBSCRIBE",
	 "it says which subscription this is of"},
	{SIP_NOTIFY, SIP_HDR_SUBSCRIPTION_STATE, "RFC 6665 s4.2.2",
	 "Subscription-State: active;expires=600", "it says whether the subscription goes on"},
	{SIP_PUBLISH, SIP_HDR_EVENT, "RFC 3903 s4.1", "Event: presence",
	 "it says what is published"},
	{SIP_REFER, SIP_HDR_REFER_TO, "RFC 3515 s2.4.1", "Refer-To: <sip:user@host>",
	 "it says whom to call"},
	{SIP_PRACK, SIP_HDR_RACK, "RFC 3262 s7.2", "RAck: RSEQ CSEQ METHOD",
	 "it says which response is acknowledged"},
};

static void needed(struct linter *l)
{
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].method == (enum sip_method)l->m.method)
			lint_missing(l, lint_new_rule(l), needs[i].id, needs[i].rfc, needs[i].fix,
				     needs[i].why);
}

static const char mandatory[] = "every request has it";

static void always_needed(struct linter *l)
{
	lint_missing(l, LINT_ERROR, SIP_HDR_VIA, "RFC 3261 s8.1.1.7",
		     "Via: SIP/2.0/UDP host:port;branch=z9hG4bK...",
		     "no answer finds its way back");
	lint_missing(l, LINT_ERROR, SIP_HDR_FROM, "RFC 3261 s8.1.1.3",
		     "From: <sip:user@host>;tag=...", mandatory);
	lint_missing(l, LINT_ERROR, SIP_HDR_TO, "RFC 3261 s8.1.1.2", "To: <sip:user@host>",
		     mandatory);
	lint_missing(l, LINT_ERROR, SIP_HDR_CALL_ID, "RFC 3261 s8.1.1.4", "Call-ID: ...@host",
		     mandatory);
	lint_missing(l, LINT_ERROR, SIP_HDR_CSEQ, "RFC 3261 s8.1.1.5", "CSeq: 1 METHOD", mandatory);
	lint_missing(l, lint_new_rule(l), SIP_HDR_MAX_FORWARDS, "RFC 3261 s8.1.1.6",
		     "Max-Forwards: 70", "loops end by it; Tsuwa takes 70 for it");
}

static void cseq(struct linter *l)
{
	struct str value = sip_get(&l->m, SIP_HDR_CSEQ);
	struct sip_cseq c;

	if (value.p && sip_cseq_parse(value, &c) && l->m.method_name.n &&
	    !str_eq(c.method, l->m.method_name))
		lint_add(l, LINT_ERROR, c.method, "CSeq", "RFC 3261 s8.1.1.5",
			 "write the method of the start line",
			 "CSeq's method is %.*s, that of the start line is %.*s", STR_ARG(c.method),
			 STR_ARG(l->m.method_name));
}

static void tags(struct linter *l)
{
	struct str from = sip_get(&l->m, SIP_HDR_FROM);

	if (from.p && l->head.from.text.p && !l->head.from.tag.n)
		lint_add(l, lint_new_rule(l), from, "From", "RFC 3261 s8.1.1.3",
			 "add ;tag= with random letters and digits", "From has no tag");
}

static void contacts(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_CONTACT);
	enum sip_method method = (enum sip_method)l->m.method;
	struct str value;
	unsigned n = 0;

	if (method == SIP_MESSAGE && sip_has(&l->m, SIP_HDR_CONTACT))
		lint_add(l, LINT_WARNING, sip_get(&l->m, SIP_HDR_CONTACT), "Contact", "RFC 3428 s4",
			 "leave it out", "a MESSAGE has no Contact, for it begins no dialog");
	while (sip_values_next(&v, &value))
		if (n++ == 1 &&
		    (method == SIP_INVITE || method == SIP_SUBSCRIBE || method == SIP_REFER))
			lint_add(l, LINT_ERROR, value, "Contact", "RFC 3261 s8.1.1.8",
				 "leave one of them",
				 "more than one Contact in a request that begins "
				 "a dialog");
}

/* Contact: * takes all bindings away: alone, with Expires: 0 (s10.2.2). */
static void star(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_CONTACT);
	struct str value, star_at = STR_NONE;
	uint32_t expires = 1;
	unsigned n = 0;

	for (; sip_values_next(&v, &value); n++)
		if (str_eq(value, STR("*")))
			star_at = value;
	if (!star_at.p)
		return;
	if (l->m.method != SIP_REGISTER)
		lint_add(l, LINT_ERROR, star_at, "Contact", "RFC 3261 s20.10", "give an address",
			 "\"*\" is for REGISTER alone");
	else if (n > 1)
		lint_add(l, LINT_ERROR, star_at, "Contact", "RFC 3261 s10.2.2",
			 "leave the other contacts out", "\"*\" stands beside other contacts");
	else if (!sip_get_u32(&l->m, SIP_HDR_EXPIRES, &expires) || expires)
		lint_add(l, LINT_ERROR, star_at, "Contact", "RFC 3261 s10.2.2", "add Expires: 0",
			 "\"*\" without Expires: 0");
}

static void registration(struct linter *l)
{
	struct sip_uri u;

	if (l->m.method == SIP_REGISTER && sip_uri_parse(l->m.uri, &u, NULL) && u.has_user)
		lint_add(l, LINT_WARNING, l->m.uri, "", "RFC 3261 s10.2",
			 "name the domain alone, as in REGISTER sip:example.com",
			 "the Request-URI of a REGISTER has a user part; the user stands in To");
}

/* Extensions can't be refused where no answer comes, or none that counts (s9.1, s8.2.2.3, s17.1.1.3). */
static void extensions(struct linter *l)
{
	static const enum sip_hdr_id ids[] = {SIP_HDR_REQUIRE, SIP_HDR_PROXY_REQUIRE};
	size_t i;

	if (l->m.method != SIP_CANCEL && l->m.method != SIP_ACK)
		return;
	for (i = 0; i < 2; i++)
		if (sip_has(&l->m, ids[i]) && (i == 1 || l->m.method == SIP_CANCEL))
			lint_add(l, LINT_ERROR, sip_get(&l->m, ids[i]), sip_hdr_id_name(ids[i]).p,
				 l->m.method == SIP_CANCEL ? "RFC 3261 s9.1" : "RFC 3261 s20.29",
				 "leave it out", "a %.*s has no %s", STR_ARG(l->m.method_name),
				 sip_hdr_id_name(ids[i]).p);
}

static void cancel_vias(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_VIA);
	struct str value;
	unsigned n = 0;

	if (l->m.method != SIP_CANCEL)
		return;
	while (sip_values_next(&v, &value))
		if (n++ == 1)
			lint_add(l, LINT_ERROR, value, "Via", "RFC 3261 s9.1",
				 "give it the topmost Via of the request alone",
				 "a CANCEL goes from hop to hop and has a single Via");
}

static void dialogs_named(struct linter *l)
{
	if (sip_has(&l->m, SIP_HDR_REPLACES) && sip_has(&l->m, SIP_HDR_JOIN))
		lint_add(l, LINT_ERROR, sip_get(&l->m, SIP_HDR_JOIN), "Join", "RFC 3911 s4",
			 "leave one of them", "Join and Replaces stand together");
	if (sip_has(&l->m, SIP_HDR_REPLACES) && l->m.method != SIP_INVITE)
		lint_add(l, LINT_ERROR, sip_get(&l->m, SIP_HDR_REPLACES), "Replaces", "RFC 3891 s3",
			 "leave it out", "Replaces is for INVITE alone");
}

static void session_timer(struct linter *l)
{
	uint32_t se, min = 90;

	if (!sip_get_u32(&l->m, SIP_HDR_SESSION_EXPIRES, &se))
		return;
	sip_get_u32(&l->m, SIP_HDR_MIN_SE, &min);
	if (se < min)
		lint_add(l, LINT_ERROR, sip_get(&l->m, SIP_HDR_SESSION_EXPIRES), "Session-Expires",
			 "RFC 4028 s7.1", "ask for 1800", "%u seconds are less than %s of %u", se,
			 sip_has(&l->m, SIP_HDR_MIN_SE) ? "Min-SE" : "the least interval", min);
	if (!sip_has_token(&l->m, SIP_HDR_SUPPORTED, STR("timer")) &&
	    !sip_has_token(&l->m, SIP_HDR_REQUIRE, STR("timer")))
		lint_add(l, LINT_WARNING, sip_get(&l->m, SIP_HDR_SESSION_EXPIRES),
			 "Session-Expires", "RFC 4028 s7.1", "Supported: timer",
			 "Session-Expires, but no \"timer\" in "
			 "Supported");
}

/* An Authorization is of this request: its uri is the Request-URI (s22.4). */
static void credentials(struct linter *l)
{
	static const enum sip_hdr_id ids[] = {SIP_HDR_AUTHORIZATION, SIP_HDR_PROXY_AUTHORIZATION};
	struct str value, uri;
	size_t i;

	for (i = 0; i < 2; i++) {
		value = sip_get(&l->m, ids[i]);
		if (!value.p || !str_istarts(value, STR("Digest ")))
			continue;
		value = str_skip(value, 7);
		for (uri = STR_NONE; value.n && !uri.p;) {
			struct str param = str_trim(str_split(&value, ','));

			if (str_istarts(param, STR("uri=\"")) && param.n > 6)
				uri = str_of(param.p + 5, param.n - 6);
		}
		if (uri.p && !str_eq(uri, l->m.uri))
			lint_add(l, LINT_NOTE, uri, sip_hdr_id_name(ids[i]).p, "RFC 3261 s22.4",
				 NULL,
				 "the credentials are for another URI than the Request-URI; right "
				 "only "
				 "when a proxy changed that");
	}
}

void lint_request(struct linter *l)
{
	if (!l->m.method_name.n)
		return;
	always_needed(l);
	needed(l);
	cseq(l);
	tags(l);
	contacts(l);
	star(l);
	registration(l);
	extensions(l);
	cancel_vias(l);
	dialogs_named(l);
	session_timer(l);
	credentials(l);
}
