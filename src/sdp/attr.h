/* sdp/attr.h - the attributes that are known by name: an id for each, where it may stand,
 * whether it has a value, and its RFC.  Names compare with case (RFC 8866 s5.13). */
#ifndef TSUWA_SDP_ATTR_H
#define TSUWA_SDP_ATTR_H

#include "base/str.h"

/* In the order of their names' lengths, as the table is; among those of one length, what is met
 * most comes first. */
enum sdp_attr_id {
	SDP_A_OTHER, /* not known */
	SDP_A_CAT,
	SDP_A_MID,
	SDP_A_RID,
	SDP_A_RTCP,
	SDP_A_FMTP,
	SDP_A_SSRC,
	SDP_A_MSID,
	SDP_A_CONF,
	SDP_A_CURR,
	SDP_A_LANG,
	SDP_A_TOOL,
	SDP_A_TYPE,
	SDP_A_PTIME,
	SDP_A_SETUP,
	SDP_A_GROUP,
	SDP_A_LABEL,
	SDP_A_RTPMAP,
	SDP_A_EXTMAP,
	SDP_A_CRYPTO,
	SDP_A_KEYWDS,
	SDP_A_ORIENT,
	SDP_A_TLS_ID,
	SDP_A_RTCP_FB,
	SDP_A_ICE_PWD,
	SDP_A_CHARSET,
	SDP_A_CONTENT,
	SDP_A_QUALITY,
	SDP_A_RTCP_XR,
	SDP_A_SDPLANG,
	SDP_A_SENDRECV,
	SDP_A_SENDONLY,
	SDP_A_RECVONLY,
	SDP_A_INACTIVE,
	SDP_A_RTCP_MUX,
	SDP_A_MAXPTIME,
	SDP_A_ICE_LITE,
	SDP_A_KEY_MGMT,
	SDP_A_MAXPRATE,
	SDP_A_CANDIDATE,
	SDP_A_ICE_UFRAG,
	SDP_A_FRAMERATE,
	SDP_A_SIMULCAST,
	SDP_A_RTCP_RSIZE,
	SDP_A_CONNECTION,
	SDP_A_ICE_PACING,
	SDP_A_SSRC_GROUP,
	SDP_A_FINGERPRINT,
	SDP_A_ICE_OPTIONS,
	SDP_A_BUNDLE_ONLY,
	SDP_A_ICE_MISMATCH,
	SDP_A_MSID_SEMANTIC,
	SDP_A_RTCP_MUX_ONLY,
	SDP_A_END_OF_CANDIDATES,
	SDP_A_REMOTE_CANDIDATES,
	SDP_A_EXTMAP_ALLOW_MIXED,
	SDP_A_MAX
};

enum { SDP_AT_SESSION = 1, SDP_AT_MEDIA = 2 };

struct sdp_attr_kind {
	struct str name;
	uint8_t at; /* SDP_AT_*: where its RFC lets it stand */
	bool is_flag; /* without a value */
	const char *rfc; /* "RFC 8866 s6.6" */
};

enum sdp_attr_id sdp_attr_id(struct str name);

/* NULL for SDP_A_OTHER. */
const struct sdp_attr_kind *sdp_attr_kind(enum sdp_attr_id id);

#endif
