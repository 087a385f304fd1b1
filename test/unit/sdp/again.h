/* test/unit/sdp/again.h - each kind of value that sdp/ decodes by itself: parsed, and written
 * again.  For the unit tests and the fuzz target. */
#ifndef TSUWA_TEST_SDP_AGAIN_H
#define TSUWA_TEST_SDP_AGAIN_H

#include "sdp/crypto.h"
#include "sdp/dtls.h"
#include "sdp/events.h"
#include "sdp/extmap.h"
#include "sdp/group.h"
#include "sdp/ice.h"
#include "sdp/lines.h"
#include "sdp/plain.h"
#include "sdp/rtcp.h"
#include "sdp/ssrc.h"

/* False: it does not parse. */
typedef bool again_fn(struct str value, struct buf *b);

#define AGAIN(what)                                                                                \
	static inline bool again_##what(struct str value, struct buf *b)                           \
	{                                                                                          \
		struct sdp_##what x;                                                               \
                                                                                                   \
		if (!sdp_##what##_parse(value, &x))                                                \
			return false;                                                              \
		sdp_##what##_put(b, &x);                                                           \
		return true;                                                                       \
	}

AGAIN(candidate)
AGAIN(remote_candidates)
AGAIN(group)
AGAIN(rtcp)
AGAIN(rtcp_fb)
AGAIN(extmap)
AGAIN(ssrc)
AGAIN(ssrc_group)
AGAIN(conn)
AGAIN(origin)
AGAIN(bandwidth)
AGAIN(time)
AGAIN(repeat)
AGAIN(zones)
AGAIN(key)
AGAIN(rtpmap)
AGAIN(fmtp)
AGAIN(events)

static inline bool again_fingerprint(struct str value, struct buf *b)
{
	struct sdp_fingerprint f;

	if (!sdp_fingerprint_parse(value, &f, NULL))
		return false;
	sdp_fingerprint_put(b, &f);
	return true;
}

static inline bool again_crypto(struct str value, struct buf *b)
{
	struct sdp_crypto c;

	if (!sdp_crypto_parse(value, &c, NULL))
		return false;
	sdp_crypto_put(b, &c);
	return true;
}

/* From the key's bytes, not its text. */
static inline bool again_crypto_keys(struct str value, struct buf *b)
{
	struct sdp_crypto c;

	if (!sdp_crypto_parse(value, &c, NULL) || c.suite == SDP_SUITE_OTHER)
		return false;
	for (size_t i = 0; i < c.n_keys; i++)
		c.keys[i].text = STR_NONE;
	sdp_crypto_put(b, &c);
	return true;
}

static inline bool again_setup(struct str value, struct buf *b)
{
	enum sdp_setup s;

	if (!sdp_setup_parse(value, &s))
		return false;
	buf_puts(b, sdp_setup_name(s));
	return true;
}

static inline bool again_connection(struct str value, struct buf *b)
{
	bool is_new;

	if (!sdp_connection_parse(value, &is_new))
		return false;
	buf_puts(b, is_new ? STR("new") : STR("existing"));
	return true;
}

static inline bool again_real(struct str value, struct buf *b)
{
	uint64_t millionths;

	if (!sdp_real_parse(value, &millionths))
		return false;
	sdp_real_put(b, millionths);
	return true;
}

static inline bool again_number(struct str value, struct buf *b)
{
	uint32_t n;

	if (!sdp_quality_parse(value, &n))
		return false;
	buf_put_u64(b, n);
	return true;
}

static inline bool again_orient(struct str value, struct buf *b)
{
	enum sdp_orient o;

	if (!sdp_orient_parse(value, &o))
		return false;
	buf_puts(b, sdp_orient_name(o));
	return true;
}

static inline bool again_type(struct str value, struct buf *b)
{
	enum sdp_type t;

	if (!sdp_type_parse(value, &t))
		return false;
	buf_puts(b, sdp_type_name(t));
	return true;
}

static inline bool again_email(struct str value, struct buf *b)
{
	struct sdp_contact c;

	if (!sdp_email_parse(value, &c))
		return false;
	sdp_contact_put(b, &c);
	return true;
}

static inline bool again_phone(struct str value, struct buf *b)
{
	struct sdp_contact c;

	if (!sdp_phone_parse(value, &c))
		return false;
	sdp_contact_put(b, &c);
	return true;
}

static inline bool again_pacing(struct str value, struct buf *b)
{
	uint32_t ms;

	if (!sdp_ice_pacing_parse(value, &ms))
		return false;
	buf_put_u64(b, ms);
	return true;
}

/* Those that are only judged. */
#define AGAIN_VALID(what, is_valid)                                                                \
	static inline bool again_##what(struct str value, struct buf *b)                           \
	{                                                                                          \
		if (!is_valid(value))                                                              \
			return false;                                                              \
		buf_puts(b, value);                                                                \
		return true;                                                                       \
	}

AGAIN_VALID(mid, sdp_mid_valid)
AGAIN_VALID(ufrag, sdp_ice_ufrag_valid)
AGAIN_VALID(pwd, sdp_ice_pwd_valid)
AGAIN_VALID(ice_options, sdp_ice_options_valid)
AGAIN_VALID(tls_id, sdp_tls_id_valid)
AGAIN_VALID(charset, sdp_charset_valid)
AGAIN_VALID(lang, sdp_lang_valid)

static const struct again_kind {
	const char *name;
	again_fn *again;
} again_kinds[] = {
	{"candidate", again_candidate},
	{"remote-candidates", again_remote_candidates},
	{"group", again_group},
	{"rtcp", again_rtcp},
	{"rtcp-fb", again_rtcp_fb},
	{"extmap", again_extmap},
	{"ssrc", again_ssrc},
	{"ssrc-group", again_ssrc_group},
	{"c=", again_conn},
	{"o=", again_origin},
	{"b=", again_bandwidth},
	{"t=", again_time},
	{"r=", again_repeat},
	{"z=", again_zones},
	{"k=", again_key},
	{"rtpmap", again_rtpmap},
	{"fmtp", again_fmtp},
	{"events", again_events},
	{"fingerprint", again_fingerprint},
	{"crypto", again_crypto},
	{"crypto's keys", again_crypto_keys},
	{"setup", again_setup},
	{"connection", again_connection},
	{"real", again_real},
	{"quality", again_number},
	{"orient", again_orient},
	{"type", again_type},
	{"e=", again_email},
	{"p=", again_phone},
	{"mid", again_mid},
	{"ice-ufrag", again_ufrag},
	{"ice-pwd", again_pwd},
	{"ice-options", again_ice_options},
	{"ice-pacing", again_pacing},
	{"tls-id", again_tls_id},
	{"charset", again_charset},
	{"lang", again_lang},
};

#define AGAIN_KINDS (sizeof(again_kinds) / sizeof(again_kinds[0]))

#endif
