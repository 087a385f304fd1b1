/* Tsuwa's own src/sip and src/sdp, as the peers beside it. */
#include "peers.h"

#include "sdp/sdp.h"
#include "sip/content.h"
#include "sip/info.h"
#include "sip/rx.h"
#include "sip/session_expires.h"

static char room[16 * 1024], out[8 * 1024];

void peers_init(void)
{
}

static bool addresses(const struct sip_msg *m, enum sip_hdr_id id, size_t *n)
{
	struct sip_values v = sip_values(m, id);
	const char *bad = NULL;
	struct sip_nameaddr a;

	while (!bad && sip_nameaddr_next(&v, &a, &bad))
		*n += a.uri.host.n;
	return !bad;
}

static bool vias(const struct sip_msg *m, size_t *n)
{
	struct sip_values v = sip_values(m, SIP_HDR_VIA);
	const char *bad = NULL;
	struct sip_via via;

	while (!bad && sip_via_next(&v, &via, &bad))
		*n += via.branch.n;
	return !bad;
}

static bool call(const struct sip_msg *m, size_t *n)
{
	struct sip_nameaddr from, to;
	struct sip_cseq cseq;
	struct sip_uri uri;
	struct str call_id;

	if (!sip_uri_parse(m->uri, &uri, NULL) ||
	    !sip_nameaddr_parse(sip_get(m, SIP_HDR_FROM), &from, NULL) ||
	    !sip_nameaddr_parse(sip_get(m, SIP_HDR_TO), &to, NULL) ||
	    !sip_call_id_parse(sip_get(m, SIP_HDR_CALL_ID), &call_id) ||
	    !sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq))
		return false;
	*n += uri.host.n + from.tag.n + to.tag.n + call_id.n + cseq.number;
	return true;
}

static bool session(const struct sip_msg *m, size_t *n)
{
	struct sip_session_expires expires;
	struct sip_media_type t;
	uint32_t forwards, min_se;

	if (!sip_get_u32(m, SIP_HDR_MAX_FORWARDS, &forwards) ||
	    !sip_session_expires_parse(sip_get(m, SIP_HDR_SESSION_EXPIRES), &expires) ||
	    !sip_min_se_parse(sip_get(m, SIP_HDR_MIN_SE), &min_se) ||
	    !sip_media_type_parse(sip_get(m, SIP_HDR_CONTENT_TYPE), &t))
		return false;
	*n += forwards + expires.interval_s + min_se + t.type.n;
	return true;
}

static bool lists(const struct sip_msg *m, size_t *n)
{
	struct sip_values supported = sip_values(m, SIP_HDR_SUPPORTED),
			  accept = sip_values(m, SIP_HDR_ACCEPT);
	struct sip_media_type t;
	struct str value;

	*n += sip_methods(m, SIP_HDR_ALLOW);
	while (sip_values_next(&supported, &value))
		*n += value.n;
	while (sip_values_next(&accept, &value)) {
		if (!sip_media_type_parse(value, &t))
			return false;
		*n += t.subtype.n;
	}
	return true;
}

static bool run_parse(const struct peers_input *in, size_t *ret)
{
	struct sip_err err;
	struct sip_msg m;
	struct arena a;
	bool good;

	*ret = 0;
	arena_init(&a, room, sizeof(room), 0);
	good = sip_parse(str_of(in->message, in->message_n), &a, &m, &err) && vias(&m, ret) &&
	       addresses(&m, SIP_HDR_RECORD_ROUTE, ret) && addresses(&m, SIP_HDR_CONTACT, ret) &&
	       addresses(&m, SIP_HDR_P_ASSERTED_IDENTITY, ret) && call(&m, ret) &&
	       session(&m, ret) && lists(&m, ret);
	arena_fini(&a);
	return good;
}

static bool run_edit(const struct peers_input *in, size_t *ret)
{
	struct buf b = buf_over(out, sizeof(out));
	struct sip_err err;
	struct sip_msg m;
	struct arena a;
	bool good;

	arena_init(&a, room, sizeof(room), 0);
	good = sip_parse(str_of(in->message, in->message_n), &a, &m, &err) &&
	       sip_set(&m, SIP_HDR_MAX_FORWARDS, STR("67")) &&
	       sip_prepend(&m, SIP_HDR_RECORD_ROUTE, STR(PEERS_RECORD_ROUTE)) &&
	       sip_prepend(&m, SIP_HDR_VIA, STR(PEERS_VIA)) && sip_print(&m, &b);
	arena_fini(&a);
	*ret = b.n;
	return good;
}

static const char *written(void)
{
	return out;
}

static bool run_sdp(const struct peers_input *in, size_t *ret)
{
	struct sdp_err err;
	struct arena a;
	struct sdp s;
	bool good;

	arena_init(&a, room, sizeof(room), 0);
	good = sdp_parse(str_of(in->sdp, in->sdp_n), &a, &s, &err);
	*ret = s.n_media;
	arena_fini(&a);
	return good;
}

const struct peers_case peers_cases[3] = {
	{"parse",
	 "index of all headers, then each structured one by the parser of its type: Request-URI, "
	 "Via, Record-Route, Contact, P-Asserted-Identity, From, To, Call-ID, CSeq, Max-Forwards, "
	 "Session-Expires, Min-SE, Content-Type, Allow, Supported, Accept; slices, nothing copied",
	 run_parse, NULL},
	{"edit",
	 "index, two fields put in, one replaced, printed: untouched lines are copied whole",
	 run_edit, written},
	{"sdp", "sdp_parse() over the body, into an arena", run_sdp, NULL},
};
