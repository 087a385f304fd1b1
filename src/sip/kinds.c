#include "sip/kinds.h"
#include "sip/auth.h"
#include "sip/content.h"
#include "sip/date.h"
#include "sip/event.h"
#include "sip/geolocation.h"
#include "sip/headers.h"
#include "sip/history.h"
#include "sip/identity.h"
#include "sip/info.h"
#include "sip/lex.h"
#include "sip/outbound.h"
#include "sip/preferences.h"
#include "sip/priority.h"
#include "sip/publish.h"
#include "sip/reason.h"
#include "sip/refer.h"
#include "sip/rel100.h"
#include "sip/replaces.h"
#include "sip/session_expires.h"
#include "sip/uui.h"
#include "sip/warning.h"

/* Parsers whose one word is whether they succeed. */
#define GOOD(name, type, parse)                                                                    \
	static bool good_##name(struct str value, const char **why)                                \
	{                                                                                          \
		type t;                                                                            \
		(void)why;                                                                         \
		return parse(value, &t);                                                           \
	}

GOOD(cseq, struct sip_cseq, sip_cseq_parse)
GOOD(call_id, struct str, sip_call_id_parse)
GOOD(delta, uint32_t, sip_delta_seconds_parse)
GOOD(disposition_type, struct sip_disposition, sip_disposition_type_parse)
GOOD(language, struct str, sip_language_parse)
GOOD(date, uint64_t, sip_date_parse)
GOOD(timestamp, struct sip_timestamp, sip_timestamp_parse)
GOOD(retry_after, struct sip_retry_after, sip_retry_after_parse)
GOOD(event, struct sip_event, sip_event_parse)
GOOD(event_type, struct str, sip_event_type_parse)
GOOD(subscription_state, struct sip_subscription_state, sip_subscription_state_parse)
GOOD(refer_to, struct sip_refer_to, sip_refer_to_parse)
GOOD(referred_by, struct sip_referred_by, sip_referred_by_parse)
GOOD(refer_sub, bool, sip_refer_sub_parse)
GOOD(replaces, struct sip_replaces, sip_replaces_parse)
GOOD(join, struct sip_replaces, sip_join_parse)
GOOD(target_dialog, struct sip_replaces, sip_target_dialog_parse)
GOOD(rseq, uint32_t, sip_rseq_parse)
GOOD(rack, struct sip_rack, sip_rack_parse)
GOOD(session_expires, struct sip_session_expires, sip_session_expires_parse)
GOOD(min_se, uint32_t, sip_min_se_parse)
GOOD(reason, struct sip_reason, sip_reason_parse)
GOOD(asserted, struct sip_nameaddr, sip_asserted_parse)
GOOD(privacy, unsigned, sip_privacy_parse)
GOOD(identity, struct sip_identity, sip_identity_parse)
GOOD(etag, struct str, sip_etag_parse)
GOOD(history_info, struct sip_history_info, sip_history_info_parse)
GOOD(diversion, struct sip_diversion, sip_diversion_parse)
GOOD(flow_timer, uint32_t, sip_flow_timer_parse)
GOOD(priority, enum sip_priority, sip_priority_parse)
GOOD(resource_priority, struct sip_resource_priority, sip_resource_priority_parse)
GOOD(preference, struct sip_preference, sip_preference_parse)
GOOD(directive, unsigned, sip_directive_parse)
GOOD(info, struct sip_info, sip_info_parse)
GOOD(warning, struct sip_warning, sip_warning_parse)
GOOD(geolocation, struct sip_geolocation, sip_geolocation_parse)
GOOD(geolocation_routing, bool, sip_geolocation_routing_parse)
GOOD(geolocation_error, struct sip_geolocation_error, sip_geolocation_error_parse)
GOOD(uui, struct sip_uui, sip_uui_parse)
GOOD(auth_info, struct sip_auth_info, sip_auth_info_parse)

static bool good_token(struct str value, const char **why)
{
	(void)why;
	return lex_token(value);
}

static bool good_products(struct str value, const char **why)
{
	(void)why;
	return sip_products_valid(value);
}

static bool good_mime_version(struct str value, const char **why)
{
	(void)why;
	return sip_mime_version_parse(value);
}

static bool good_via(struct str value, const char **why)
{
	struct sip_via via;

	return sip_via_parse(value, &via, why);
}

static bool good_address(struct str value, const char **why)
{
	struct sip_nameaddr n;

	if (!sip_nameaddr_parse(value, &n, why))
		return false;
	return !n.star || lex_fail(why, "\"*\" is no address");
}

/* contact-param with what RFC 3840, RFC 5626 and RFC 5627 add. */
static bool good_contact(struct str value, const char **why)
{
	struct sip_outbound o;
	struct sip_feature f;
	struct sip_nameaddr n;
	struct str expires, features;
	uint32_t q, seconds;

	if (!sip_nameaddr_parse(value, &n, why))
		return false;
	if (!sip_contact_q(&n, &q))
		return lex_fail(why, "q is not a number from 0 to 1 with up to three decimals");
	if (sip_param_get(n.params, STR("expires"), &expires) && !str_to_u32(expires, &seconds))
		return lex_fail(why, "expires is not a number of seconds below 2^32");
	if (!sip_outbound_parse(&n, &o))
		return lex_fail(why, "+sip.instance, reg-id or a GRUU is malformed");
	for (features = n.params; sip_feature_next(&features, &f);)
		;
	return !features.n || lex_fail(why, "a feature tag's value is malformed");
}

static bool good_route(struct str value, const char **why)
{
	struct sip_nameaddr n;

	return good_address(value, why) && (sip_route_parse(value, &n) ||
					    lex_fail(why, "a route must stand in angle brackets"));
}

static bool good_params(struct str params, const char **why)
{
	return sip_params_valid(params) || lex_fail(why, "a parameter is malformed");
}

static bool good_media_type(struct str value, const char **why)
{
	struct sip_media_type t;
	struct str boundary;

	if (!sip_media_type_parse(value, &t))
		return false;
	if (!good_params(t.params, why))
		return false;
	return !str_ieq(t.type, STR("multipart")) ||
	       sip_param_get(t.params, STR("boundary"), &boundary) ||
	       lex_fail(why, "a multipart type without its boundary");
}

static bool good_media_range(struct str value, const char **why)
{
	struct sip_media_type t;
	struct sip_nameaddr as_contact;
	uint32_t q;

	if (!sip_media_type_parse(value, &t) || !good_params(t.params, why))
		return false;
	as_contact.params = t.params;
	return sip_contact_q(&as_contact, &q) ||
	       lex_fail(why, "q is not a number from 0 to 1 with up to three decimals");
}

static bool good_accept_word(struct str value, const char **why)
{
	struct str word;
	uint32_t q;

	(void)why;
	return sip_accept_word_parse(value, &word, &q);
}

static bool good_number(struct str value, const char **why)
{
	uint32_t n;

	(void)why;
	return str_to_u32(value, &n);
}

static bool good_max_forwards(struct str value, const char **why)
{
	uint32_t n;

	(void)why;
	return str_to_u32(value, &n) && n <= 255;
}

static bool good_challenge(struct str value, const char **why)
{
	const char *fault = sip_challenge_fault(value);

	return !fault || lex_fail(why, fault);
}

static bool good_credentials(struct str value, const char **why)
{
	const char *fault = sip_credentials_fault(value);

	return !fault || lex_fail(why, fault);
}

#define LIST SIP_KIND_LIST
#define ONE SIP_KIND_SINGLE
#define EMPTY SIP_KIND_EMPTY

static const char not_tokens[] = "not a list of tokens";
static const char not_address[] = "not an address";
static const char not_seconds[] = "not a number of seconds below 2^32";
static const char not_dialog[] = "not a Call-ID with one tag of each side";

static const struct sip_hdr_kind kinds[SIP_HDR_COUNT] = {
	[SIP_HDR_VIA] = {good_via, LIST, "not a Via",
			 "SIP/2.0/UDP host.example.com:5060;branch=z9hG4bK776asdhds",
			 "RFC 3261 s20.42"},
	[SIP_HDR_FROM] = {good_address, ONE, not_address,
			  "Alice <sip:alice@example.com>;tag=1928301774", "RFC 3261 s20.20"},
	[SIP_HDR_TO] = {good_address, ONE, not_address, "Bob <sip:bob@example.com>",
			"RFC 3261 s20.39"},
	[SIP_HDR_CALL_ID] = {good_call_id, ONE, "empty, or not one word",
			     "a84b4c76e66710@pc33.example.com", "RFC 3261 s20.8"},
	[SIP_HDR_CSEQ] = {good_cseq, ONE, "not a number below 2^31 and a method", "314159 INVITE",
			  "RFC 3261 s20.16"},
	[SIP_HDR_MAX_FORWARDS] = {good_max_forwards, ONE, "not a number up to 255", "70",
				  "RFC 3261 s20.22"},
	[SIP_HDR_CONTACT] = {good_contact, LIST, not_address,
			     "<sip:alice@pc33.example.com>;expires=3600", "RFC 3261 s20.10"},
	[SIP_HDR_ROUTE] = {good_route, LIST, not_address, "<sip:proxy.example.com;lr>",
			   "RFC 3261 s20.34"},
	[SIP_HDR_RECORD_ROUTE] = {good_route, LIST, not_address, "<sip:proxy.example.com;lr>",
				  "RFC 3261 s20.30"},
	[SIP_HDR_CONTENT_LENGTH] = {good_number, ONE, "not a number in range", "349",
				    "RFC 3261 s20.14"},
	[SIP_HDR_CONTENT_TYPE] = {good_media_type, ONE, "not type/subtype", "application/sdp",
				  "RFC 3261 s20.15"},
	[SIP_HDR_CONTENT_ENCODING] = {good_token, LIST, not_tokens, "gzip", "RFC 3261 s20.12"},
	[SIP_HDR_CONTENT_DISPOSITION] = {good_disposition_type, ONE, "not a token with parameters",
					 "session;handling=optional", "RFC 3261 s20.11"},
	[SIP_HDR_CONTENT_LANGUAGE] = {good_language, LIST, "not a list of language tags", "fr",
				      "RFC 3261 s20.13"},
	[SIP_HDR_EXPIRES] = {good_delta, ONE, not_seconds, "3600", "RFC 3261 s20.19"},
	[SIP_HDR_MIN_EXPIRES] = {good_delta, ONE, not_seconds, "60", "RFC 3261 s20.23"},
	[SIP_HDR_AUTHORIZATION] =
		{good_credentials, 0, "credentials are malformed",
		 "Digest username=\"alice\", realm=\"example.com\", nonce=\"84a4\", "
		 "uri=\"sip:example.com\", response=\"7587245234b3434cc3412213e5f113a5\"",
		 "RFC 3261 s20.7"},
	[SIP_HDR_PROXY_AUTHORIZATION] = {good_credentials, 0, "credentials are malformed",
					 "Digest username=\"alice\", realm=\"example.com\", "
					 "nonce=\"84a4\", uri=\"sip:bob@example.com\", "
					 "response=\"7587245234b3434cc3412213e5f113a5\"",
					 "RFC 3261 s20.28"},
	[SIP_HDR_WWW_AUTHENTICATE] = {good_challenge, 0, "challenge is malformed",
				      "Digest realm=\"example.com\", nonce=\"84a4\", qop=\"auth\"",
				      "RFC 3261 s20.44"},
	[SIP_HDR_PROXY_AUTHENTICATE] =
		{good_challenge, 0, "challenge is malformed",
		 "Digest realm=\"example.com\", nonce=\"84a4\", qop=\"auth\"", "RFC 3261 s20.27"},
	[SIP_HDR_AUTHENTICATION_INFO] = {good_auth_info, 0, "says nothing that is known",
					 "nextnonce=\"47364c23432d2e131a5fb210812c\"",
					 "RFC 3261 s20.6"},
	[SIP_HDR_REQUIRE] = {good_token, LIST, not_tokens, "100rel", "RFC 3261 s20.32"},
	[SIP_HDR_PROXY_REQUIRE] = {good_token, LIST, not_tokens, "sec-agree", "RFC 3261 s20.29"},
	[SIP_HDR_SUPPORTED] = {good_token, LIST | EMPTY, not_tokens, "100rel, timer",
			       "RFC 3261 s20.37"},
	[SIP_HDR_UNSUPPORTED] = {good_token, LIST, not_tokens, "foo", "RFC 3261 s20.40"},
	[SIP_HDR_ALLOW] = {good_token, LIST | EMPTY, not_tokens,
			   "INVITE, ACK, BYE, CANCEL, OPTIONS", "RFC 3261 s20.5"},
	[SIP_HDR_ALLOW_EVENTS] = {good_event_type, LIST, "not a list of event packages",
				  "presence, dialog", "RFC 6665 s8.2.2"},
	[SIP_HDR_ACCEPT] = {good_media_range, LIST | EMPTY, "not a list of types",
			    "application/sdp;level=1, text/html", "RFC 3261 s20.1"},
	[SIP_HDR_ACCEPT_ENCODING] = {good_accept_word, LIST | EMPTY, "not a list of codings",
				     "gzip;q=0.5", "RFC 3261 s20.2"},
	[SIP_HDR_ACCEPT_LANGUAGE] = {good_accept_word, LIST | EMPTY, "not a list of languages",
				     "da, en-gb;q=0.8", "RFC 3261 s20.3"},
	[SIP_HDR_USER_AGENT] = {good_products, ONE, "not product names and comments",
				"Phone/2.1 (build 7)", "RFC 3261 s20.41"},
	[SIP_HDR_SERVER] = {good_products, ONE, "not product names and comments",
			    "Server/2.1 (build 7)", "RFC 3261 s20.35"},
	[SIP_HDR_DATE] = {good_date, ONE, "not a date of RFC 1123 in GMT",
			  "Sat, 13 Nov 2010 23:29:00 GMT", "RFC 3261 s20.17"},
	[SIP_HDR_SUBJECT] = {NULL, ONE | EMPTY, "", "lunch", "RFC 3261 s20.36"},
	[SIP_HDR_RETRY_AFTER] = {good_retry_after, ONE, "not seconds, a comment and parameters",
				 "18000;duration=3600", "RFC 3261 s20.33"},
	[SIP_HDR_WARNING] = {good_warning, LIST, "not code, agent and a quoted text",
			     "370 example.com \"Choose a bigger pipe\"", "RFC 3261 s20.43"},
	[SIP_HDR_TIMESTAMP] = {good_timestamp, ONE, "not a number with at most one delay", "54.2",
			       "RFC 3261 s20.38"},
	[SIP_HDR_PATH] = {good_route, LIST, not_address, "<sip:edge.example.com;lr>",
			  "RFC 3327 s4"},
	[SIP_HDR_SERVICE_ROUTE] = {good_route, LIST, not_address, "<sip:home.example.com;lr>",
				   "RFC 3608 s5"},
	[SIP_HDR_EVENT] = {good_event, ONE, "not an event package with parameters", "presence",
			   "RFC 6665 s8.2.1"},
	[SIP_HDR_SUBSCRIPTION_STATE] = {good_subscription_state, ONE, "not a state with parameters",
					"active;expires=600", "RFC 6665 s8.2.3"},
	[SIP_HDR_REFER_TO] = {good_refer_to, ONE, not_address, "<sip:carol@example.com>",
			      "RFC 3515 s2.1"},
	[SIP_HDR_REFERRED_BY] = {good_referred_by, ONE, "not an address, or its cid is malformed",
				 "<sip:alice@example.com>", "RFC 3892 s3"},
	[SIP_HDR_REPLACES] = {good_replaces, ONE, not_dialog,
			      "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff",
			      "RFC 3891 s6.1"},
	[SIP_HDR_JOIN] = {good_join, ONE, not_dialog,
			  "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff",
			  "RFC 3911 s7.1"},
	[SIP_HDR_RSEQ] = {good_rseq, ONE, "not a number from 1 to 2^32-1", "988789",
			  "RFC 3262 s7.1"},
	[SIP_HDR_RACK] = {good_rack, ONE, "not an RSeq, a CSeq and a method", "776656 1 INVITE",
			  "RFC 3262 s7.2"},
	[SIP_HDR_SESSION_EXPIRES] = {good_session_expires, ONE,
				     "not seconds with a refresher of uac or uas",
				     "1800;refresher=uac", "RFC 4028 s4"},
	[SIP_HDR_MIN_SE] = {good_min_se, ONE, not_seconds, "90", "RFC 4028 s5"},
	[SIP_HDR_REASON] = {good_reason, LIST, "not a protocol with cause and text",
			    "Q.850;cause=16;text=\"Terminated\"", "RFC 3326 s2"},
	[SIP_HDR_P_ASSERTED_IDENTITY] = {good_asserted, LIST, "not a sip:, sips: or tel: address",
					 "\"Cullen\" <sip:fluffy@example.com>", "RFC 3325 s9.1"},
	[SIP_HDR_P_PREFERRED_IDENTITY] = {good_asserted, LIST, "not a sip:, sips: or tel: address",
					  "\"Cullen\" <sip:fluffy@example.com>", "RFC 3325 s9.2"},
	[SIP_HDR_PRIVACY] = {good_privacy, ONE, "not tokens parted by semicolons", "id;user",
			     "RFC 3323 s4.2"},
	[SIP_HDR_MAX_BREADTH] = {good_number, ONE, "not a number", "60", "RFC 5393 s5.3"},
	[SIP_HDR_SIP_ETAG] = {good_etag, ONE, "not a token", "dx200xyz", "RFC 3903 s11.3.1"},
	[SIP_HDR_SIP_IF_MATCH] = {good_etag, ONE, "not a token", "dx200xyz", "RFC 3903 s11.3.2"},
	[SIP_HDR_IDENTITY] = {good_identity, LIST, "not a signed token with an info=<URI>",
			      "eyJh.eyJk.cega;info=<https://cert.example.org/p.cer>;alg=ES256",
			      "RFC 8224 s4.1"},
	[SIP_HDR_HISTORY_INFO] = {good_history_info, LIST,
				  "not an address in angle brackets with an index",
				  "<sip:bob@example.com>;index=1.1;mp=1", "RFC 7044 s5"},
	[SIP_HDR_DIVERSION] = {good_diversion, LIST, "not an address, or its counter is no number",
			       "<sip:bob@example.com>;reason=no-answer;counter=1", "RFC 5806 s4"},
	[SIP_HDR_FLOW_TIMER] = {good_flow_timer, ONE, not_seconds, "120", "RFC 5626 s11"},
	[SIP_HDR_MIME_VERSION] = {good_mime_version, ONE, "not a version", "1.0",
				  "RFC 3261 s20.24"},
	[SIP_HDR_ORGANIZATION] = {NULL, ONE | EMPTY, "", "Boxes by Bob", "RFC 3261 s20.25"},
	[SIP_HDR_PRIORITY] = {good_priority, ONE, "not a token", "urgent", "RFC 3261 s20.26"},
	[SIP_HDR_IN_REPLY_TO] = {good_call_id, LIST, "not a list of Call-IDs",
				 "70710@saturn.example.com", "RFC 3261 s20.21"},
	[SIP_HDR_REPLY_TO] = {good_address, ONE, not_address, "Bob <sip:bob@example.com>",
			      "RFC 3261 s20.31"},
	[SIP_HDR_ERROR_INFO] = {good_info, LIST, "not a URI in angle brackets with parameters",
				"<sip:not-in-service@example.com>", "RFC 3261 s20.18"},
	[SIP_HDR_ALERT_INFO] = {good_info, LIST, "not a URI in angle brackets with parameters",
				"<https://www.example.com/sounds/moo.wav>", "RFC 3261 s20.4"},
	[SIP_HDR_CALL_INFO] = {good_info, LIST, "not a URI in angle brackets with parameters",
			       "<https://www.example.com/alice/photo.jpg>;purpose=icon",
			       "RFC 3261 s20.9"},
	[SIP_HDR_ACCEPT_CONTACT] = {good_preference, LIST, "not \"*\" with feature tags",
				    "*;audio;require", "RFC 3841 s9.2"},
	[SIP_HDR_REJECT_CONTACT] = {good_preference, LIST, "not \"*\" with feature tags",
				    "*;actor=\"msg-taker\"", "RFC 3841 s9.3"},
	[SIP_HDR_REQUEST_DISPOSITION] = {good_directive, LIST, "not a directive that is defined",
					 "proxy, recurse, parallel", "RFC 3841 s9.1"},
	[SIP_HDR_RESOURCE_PRIORITY] = {good_resource_priority, LIST, "not namespace.priority",
				       "ets.0, wps.3", "RFC 4412 s3.1"},
	[SIP_HDR_ACCEPT_RESOURCE_PRIORITY] = {good_resource_priority, LIST | EMPTY,
					      "not namespace.priority", "ets.0, wps.3",
					      "RFC 4412 s3.2"},
	[SIP_HDR_REFER_SUB] = {good_refer_sub, ONE, "neither true nor false", "false",
			       "RFC 4488 s4"},
	[SIP_HDR_GEOLOCATION] = {good_geolocation, LIST, "not a URI in angle brackets",
				 "<cid:target123@atlanta.example.com>", "RFC 6442 s4.1"},
	[SIP_HDR_GEOLOCATION_ROUTING] = {good_geolocation_routing, ONE, "neither yes nor no", "yes",
					 "RFC 6442 s4.2"},
	[SIP_HDR_GEOLOCATION_ERROR] = {good_geolocation_error, ONE,
				       "not a number up to 999 with parameters",
				       "200;code=\"Permission To Use Location Information\"",
				       "RFC 6442 s4.3"},
	[SIP_HDR_USER_TO_USER] = {good_uui, LIST, "not a token or hex digits with parameters",
				  "56a390f3d2b7310023a2;encoding=hex;purpose=isdn-uui",
				  "RFC 7433 s4.1"},
	[SIP_HDR_TARGET_DIALOG] = {good_target_dialog, ONE, not_dialog,
				   "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;"
				   "remote-tag=6544",
				   "RFC 4538 s7"},
	[SIP_HDR_INFO_PACKAGE] = {good_event, ONE, "not a package with parameters", "dtmf",
				  "RFC 6086 s7.2"},
	[SIP_HDR_RECV_INFO] = {good_event, LIST | EMPTY, "not a list of packages", "foo, bar",
			       "RFC 6086 s7.3"},
};

const struct sip_hdr_kind *sip_hdr_kind(enum sip_hdr_id id)
{
	return id > SIP_HDR_OTHER && id < SIP_HDR_COUNT ? &kinds[id] : NULL;
}

static bool fails(const struct sip_msg *m, unsigned slot, const char *where, const char *why,
		  struct sip_err *err)
{
	const struct sip_hdr *h = &m->hdr[slot];
	const struct sip_hdr_kind *k = &kinds[h->id];
	bool inside = m->raw.n && where >= m->raw.p && where <= m->raw.p + m->raw.n;

	*err = (struct sip_err){.why = why ? why : k->why,
				.header = sip_hdr_id_name((enum sip_hdr_id)h->id).p,
				.rfc = k->rfc,
				.offset = inside ? (size_t)(where - m->raw.p) : 0,
				.status = sip_is_request(m) ? 400 : 0};
	return false;
}

/* Contact = ( STAR / list ) */
static bool is_star(const struct sip_hdr *h, struct str value)
{
	return h->id == SIP_HDR_CONTACT && str_eq(value, STR("*"));
}

static bool check_list(const struct sip_msg *m, unsigned slot, struct sip_err *err)
{
	const struct sip_hdr *h = &m->hdr[slot];
	struct str rest = sip_hdr_value(h), value;
	const char *why = NULL;
	bool any = false;

	while (sip_list_next(&rest, &value)) {
		any = true;
		if (!is_star(h, value) && !kinds[h->id].good(value, &why))
			return fails(m, slot, value.p, why, err);
	}
	return any || fails(m, slot, h->value, "has no value", err);
}

bool sip_hdr_check(const struct sip_msg *m, unsigned slot, struct sip_err *err)
{
	const struct sip_hdr *h = &m->hdr[slot];
	const struct sip_hdr_kind *k = sip_hdr_kind((enum sip_hdr_id)h->id);
	const char *why = NULL;

	if (!k || !k->good)
		return true;
	if (!h->value_n)
		return (k->flags & SIP_KIND_EMPTY) || fails(m, slot, h->value, "has no value", err);
	if (k->flags & SIP_KIND_LIST)
		return check_list(m, slot, err);
	return k->good(sip_hdr_value(h), &why) || fails(m, slot, h->value, why, err);
}
