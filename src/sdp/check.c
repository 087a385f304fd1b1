#include "sdp/check.h"

#include "sdp/crypto.h"
#include "sdp/dtls.h"
#include "sdp/extmap.h"
#include "sdp/group.h"
#include "sdp/ice.h"
#include "sdp/lex.h"
#include "sdp/lines.h"
#include "sdp/plain.h"
#include "sdp/rtcp.h"
#include "sdp/ssrc.h"

union decoded {
	struct sdp_candidate candidate;
	struct sdp_remote_candidates remote;
	struct sdp_crypto crypto;
	struct sdp_fingerprint fingerprint;
	struct sdp_group group;
	struct sdp_rtpmap rtpmap;
	struct sdp_fmtp fmtp;
	struct sdp_rtcp rtcp;
	struct sdp_rtcp_fb rtcp_fb;
	struct sdp_extmap extmap;
	struct sdp_ssrc ssrc;
	struct sdp_ssrc_group ssrc_group;
	enum sdp_setup setup;
	enum sdp_orient orient;
	enum sdp_type type;
	uint64_t millionths;
	uint32_t number;
	bool flag;
};

static const char *unless(bool ok, const char *why)
{
	return ok ? NULL : why;
}

static const char *ice_wrong(enum sdp_attr_id id, struct str v, union decoded *d)
{
	switch (id) {
	case SDP_A_CANDIDATE:
		return unless(sdp_candidate_parse(v, &d->candidate),
			      "it wants foundation, component, transport, priority, address, port "
			      "and \"typ\" with a type");
	case SDP_A_REMOTE_CANDIDATES:
		return unless(sdp_remote_candidates_parse(v, &d->remote),
			      "it wants a component, an address and a port for each");
	case SDP_A_ICE_UFRAG:
		return unless(sdp_ice_ufrag_valid(v),
			      "it wants 4 to 256 letters, digits, '+' or '/'");
	case SDP_A_ICE_PWD:
		return unless(sdp_ice_pwd_valid(v),
			      "it wants 22 to 256 letters, digits, '+' or '/'");
	case SDP_A_ICE_OPTIONS:
		return unless(sdp_ice_options_valid(v), "it wants tokens with blanks between them");
	case SDP_A_ICE_PACING:
		return unless(sdp_ice_pacing_parse(v, &d->number), "it wants milliseconds");
	default:
		return NULL;
	}
}

static const char *security_wrong(enum sdp_attr_id id, struct str v, union decoded *d)
{
	const char *why = NULL;

	switch (id) {
	case SDP_A_FINGERPRINT:
		return sdp_fingerprint_parse(v, &d->fingerprint, &why) ? NULL : why;
	case SDP_A_CRYPTO:
		return sdp_crypto_parse(v, &d->crypto, &why) ? NULL : why;
	case SDP_A_SETUP:
		return unless(sdp_setup_parse(v, &d->setup),
			      "it wants active, passive, actpass or holdconn");
	case SDP_A_CONNECTION:
		return unless(sdp_connection_parse(v, &d->flag), "it wants new or existing");
	case SDP_A_TLS_ID:
		return unless(sdp_tls_id_valid(v),
			      "it wants 20 to 255 letters, digits, '+', '/', '-' or '_'");
	default:
		return NULL;
	}
}

static const char *binding_wrong(enum sdp_attr_id id, struct str v, union decoded *d)
{
	switch (id) {
	case SDP_A_MID:
		return unless(sdp_mid_valid(v), "it wants a token");
	case SDP_A_GROUP:
		return unless(sdp_group_parse(v, &d->group),
			      "it wants its kind and the mids of sections");
	case SDP_A_EXTMAP:
		return unless(sdp_extmap_parse(v, &d->extmap),
			      "it wants a number, perhaps with a direction, and a URI");
	case SDP_A_RTCP:
		return unless(sdp_rtcp_parse(v, &d->rtcp),
			      "it wants a port, perhaps with an address");
	case SDP_A_RTCP_FB:
		return unless(sdp_rtcp_fb_parse(v, &d->rtcp_fb),
			      "it wants a payload type or '*', and a kind of feedback");
	case SDP_A_SSRC:
		return unless(sdp_ssrc_parse(v, &d->ssrc), "it wants a number and an attribute");
	case SDP_A_SSRC_GROUP:
		return unless(sdp_ssrc_group_parse(v, &d->ssrc_group),
			      "it wants its kind and numbers of sources");
	default:
		return NULL;
	}
}

static const char *plain_wrong(enum sdp_attr_id id, struct str v, union decoded *d)
{
	switch (id) {
	case SDP_A_RTPMAP:
		return unless(sdp_rtpmap_parse(v, &d->rtpmap),
			      "it wants a payload type, a name, '/' and a clock rate");
	case SDP_A_FMTP:
		return unless(sdp_fmtp_parse(v, &d->fmtp), "it wants a format and parameters");
	case SDP_A_PTIME:
	case SDP_A_MAXPTIME:
	case SDP_A_FRAMERATE:
		return unless(sdp_real_parse(v, &d->millionths), "it wants a number above zero");
	case SDP_A_QUALITY:
		return unless(sdp_quality_parse(v, &d->number), "it wants a number");
	case SDP_A_ORIENT:
		return unless(sdp_orient_parse(v, &d->orient),
			      "it wants portrait, landscape or seascape");
	case SDP_A_TYPE:
		return unless(sdp_type_parse(v, &d->type),
			      "it wants broadcast, meeting, moderated, test or H332");
	case SDP_A_CHARSET:
		return unless(sdp_charset_valid(v), "it wants the name of a character set");
	case SDP_A_LANG:
	case SDP_A_SDPLANG:
		return unless(sdp_lang_valid(v),
			      "it wants one language tag, as \"en\" or \"de-CH\"");
	case SDP_A_CAT:
		return unless(lex_is_word(v), "it wants a word");
	default:
		return NULL;
	}
}

const char *sdp_attr_wrong(enum sdp_attr_id id, bool has_value, struct str value)
{
	const struct sdp_attr_kind *kind = sdp_attr_kind(id);
	const char *why;
	union decoded d;

	if (!kind)
		return NULL;
	if (kind->is_flag)
		return unless(!has_value || str_empty(str_trim(value)), "it has no value");
	if (!has_value)
		return "it wants a value";
	value = str_trim(value);
	why = plain_wrong(id, value, &d);
	if (!why)
		why = ice_wrong(id, value, &d);
	if (!why)
		why = security_wrong(id, value, &d);
	return why ? why : binding_wrong(id, value, &d);
}

const char *sdp_line_wrong(char type, struct str value)
{
	union {
		struct sdp_origin o;
		struct sdp_conn c;
		struct sdp_bandwidth b;
		struct sdp_time t;
		struct sdp_repeat r;
		struct sdp_zones z;
		struct sdp_key k;
		struct sdp_contact contact;
	} d;
	struct sdp_multicast m;

	switch (type) {
	case 'o':
		return unless(sdp_origin_parse(value, &d.o),
			      "it wants a user, two numbers, IN, IP4 or IP6, and an address");
	case 'c':
		if (!sdp_conn_parse(value, &d.c))
			return "it wants IN, IP4 or IP6, and an address";
		return unless(d.c.addr.family == 0 || sdp_multicast_of(&d.c, &m),
			      "a multicast address of IPv4 wants a TTL, another none");
	case 'b':
		return unless(sdp_bandwidth_parse(value, &d.b),
			      "it wants a kind, ':' and a number");
	case 't':
		return unless(sdp_time_parse(value, &d.t), "it wants a start and an end");
	case 'r':
		return unless(sdp_repeat_parse(value, &d.r),
			      "it wants an interval, a duration and offsets");
	case 'z':
		return unless(sdp_zones_parse(value, &d.z), "it wants times with a shift each");
	case 'k':
		return unless(sdp_key_parse(value, &d.k),
			      "it wants prompt, or clear:, base64: or uri: with a value");
	case 'e':
		return unless(sdp_email_parse(value, &d.contact), "it wants an e-mail address");
	case 'p':
		return unless(sdp_phone_parse(value, &d.contact), "it wants a telephone number");
	default:
		return NULL;
	}
}

/* Every format of an answer was offered; payload types may differ, names not (RFC 3264 s6.1). */
static bool was_offered(const struct sdp_fmt *f, const struct sdp_media *offer)
{
	for (size_t i = 0; i < offer->n_fmts; i++) {
		const struct sdp_fmt *o = &offer->fmts[i];

		if (str_empty(f->encoding)
			    ? str_eq(f->text, o->text)
			    : str_ieq(f->encoding, o->encoding) && f->rate == o->rate)
			return true;
	}
	return false;
}

static const char *setup_wrong(const struct sdp_media *offer, const struct sdp_media *answer)
{
	const struct sdp_line *o = sdp_attr_by_id(&offer->lines, SDP_A_SETUP);
	const struct sdp_line *a = sdp_attr_by_id(&answer->lines, SDP_A_SETUP);
	enum sdp_setup asked, said;

	if (!o || !a || !sdp_setup_parse(o->value, &asked) || !sdp_setup_parse(a->value, &said))
		return NULL;
	return unless(sdp_setup_fits(asked, said), "a=setup does not answer that of the offer");
}

static const char *section_wrong(const struct sdp_media *offer, const struct sdp_media *answer)
{
	unsigned may = (unsigned)sdp_dir_reverse(offer->dir);

	if (!str_ieq(offer->type, answer->type) || !str_ieq(offer->proto, answer->proto))
		return "its media type or protocol is not that of the offer";
	if (answer->n_fmts == 0)
		return "it has no format";
	if (offer->port == 0 && !sdp_attr_by_id(&offer->lines, SDP_A_BUNDLE_ONLY))
		return unless(answer->port == 0, "it takes what was offered with port 0");
	if (answer->port == 0)
		return NULL;
	if ((unsigned)answer->dir & ~may)
		return "its direction does not answer that of the offer";
	if (answer->rtcp_mux && !offer->rtcp_mux)
		return "it has a=rtcp-mux, the offer had none";
	for (size_t i = 0; i < answer->n_fmts; i++)
		if (!was_offered(&answer->fmts[i], offer))
			return "it has a format that was not offered";
	if (!str_eq(sdp_mid(offer), sdp_mid(answer)))
		return "its a=mid is not that of the offer";
	return setup_wrong(offer, answer);
}

const char *sdp_answer_wrong(const struct sdp *offer, const struct sdp *answer, size_t *ret_section)
{
	*ret_section = answer->n_media;
	if (offer->n_media != answer->n_media)
		return "it has not as many m= sections as the offer";
	for (size_t i = 0; i < answer->n_media; i++) {
		const char *why = section_wrong(&offer->media[i], &answer->media[i]);

		if (why) {
			*ret_section = i;
			return why;
		}
	}
	return NULL;
}
