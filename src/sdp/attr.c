#include "sdp/attr.h"

#define S SDP_AT_SESSION
#define M SDP_AT_MEDIA

static const struct sdp_attr_kind kinds[SDP_A_MAX] = {
	[SDP_A_CAT] = {STR_INIT("cat"), S, false, "RFC 8866 s6.1"},
	[SDP_A_MID] = {STR_INIT("mid"), M, false, "RFC 5888 s4"},
	[SDP_A_RID] = {STR_INIT("rid"), M, false, "RFC 8851 s4"},
	[SDP_A_RTCP] = {STR_INIT("rtcp"), M, false, "RFC 3605 s2.1"},
	[SDP_A_FMTP] = {STR_INIT("fmtp"), M, false, "RFC 8866 s6.15"},
	[SDP_A_SSRC] = {STR_INIT("ssrc"), M, false, "RFC 5576 s4.1"},
	[SDP_A_MSID] = {STR_INIT("msid"), M, false, "RFC 8830 s2"},
	[SDP_A_CONF] = {STR_INIT("conf"), M, false, "RFC 3312 s4"},
	[SDP_A_CURR] = {STR_INIT("curr"), M, false, "RFC 3312 s4"},
	[SDP_A_LANG] = {STR_INIT("lang"), S | M, false, "RFC 8866 s6.12"},
	[SDP_A_TOOL] = {STR_INIT("tool"), S, false, "RFC 8866 s6.3"},
	[SDP_A_TYPE] = {STR_INIT("type"), S, false, "RFC 8866 s6.9"},
	[SDP_A_PTIME] = {STR_INIT("ptime"), M, false, "RFC 8866 s6.4"},
	[SDP_A_SETUP] = {STR_INIT("setup"), S | M, false, "RFC 4145 s4"},
	[SDP_A_GROUP] = {STR_INIT("group"), S, false, "RFC 5888 s5"},
	[SDP_A_LABEL] = {STR_INIT("label"), M, false, "RFC 4574 s4"},
	[SDP_A_RTPMAP] = {STR_INIT("rtpmap"), M, false, "RFC 8866 s6.6"},
	[SDP_A_EXTMAP] = {STR_INIT("extmap"), S | M, false, "RFC 8285 s8"},
	[SDP_A_CRYPTO] = {STR_INIT("crypto"), M, false, "RFC 4568 s4"},
	[SDP_A_KEYWDS] = {STR_INIT("keywds"), S, false, "RFC 8866 s6.2"},
	[SDP_A_ORIENT] = {STR_INIT("orient"), M, false, "RFC 8866 s6.8"},
	[SDP_A_TLS_ID] = {STR_INIT("tls-id"), M, false, "RFC 8842 s4"},
	[SDP_A_RTCP_FB] = {STR_INIT("rtcp-fb"), M, false, "RFC 4585 s4.2"},
	[SDP_A_ICE_PWD] = {STR_INIT("ice-pwd"), S | M, false, "RFC 5245 s15.4"},
	[SDP_A_CHARSET] = {STR_INIT("charset"), S, false, "RFC 8866 s6.10"},
	[SDP_A_CONTENT] = {STR_INIT("content"), M, false, "RFC 4796 s5"},
	[SDP_A_QUALITY] = {STR_INIT("quality"), M, false, "RFC 8866 s6.14"},
	[SDP_A_RTCP_XR] = {STR_INIT("rtcp-xr"), S | M, false, "RFC 3611 s5.1"},
	[SDP_A_SDPLANG] = {STR_INIT("sdplang"), S | M, false, "RFC 8866 s6.11"},
	[SDP_A_SENDRECV] = {STR_INIT("sendrecv"), S | M, true, "RFC 8866 s6.7.2"},
	[SDP_A_SENDONLY] = {STR_INIT("sendonly"), S | M, true, "RFC 8866 s6.7.3"},
	[SDP_A_RECVONLY] = {STR_INIT("recvonly"), S | M, true, "RFC 8866 s6.7.1"},
	[SDP_A_INACTIVE] = {STR_INIT("inactive"), S | M, true, "RFC 8866 s6.7.4"},
	[SDP_A_RTCP_MUX] = {STR_INIT("rtcp-mux"), M, true, "RFC 5761 s5.1.1"},
	[SDP_A_MAXPTIME] = {STR_INIT("maxptime"), M, false, "RFC 8866 s6.5"},
	[SDP_A_ICE_LITE] = {STR_INIT("ice-lite"), S, true, "RFC 5245 s15.3"},
	[SDP_A_KEY_MGMT] = {STR_INIT("key-mgmt"), S | M, false, "RFC 4567 s3.1"},
	[SDP_A_MAXPRATE] = {STR_INIT("maxprate"), S | M, false, "RFC 3890 s6.3"},
	[SDP_A_CANDIDATE] = {STR_INIT("candidate"), M, false, "RFC 5245 s15.1"},
	[SDP_A_ICE_UFRAG] = {STR_INIT("ice-ufrag"), S | M, false, "RFC 5245 s15.4"},
	[SDP_A_FRAMERATE] = {STR_INIT("framerate"), M, false, "RFC 8866 s6.13"},
	[SDP_A_SIMULCAST] = {STR_INIT("simulcast"), M, false, "RFC 8853 s5.1"},
	[SDP_A_RTCP_RSIZE] = {STR_INIT("rtcp-rsize"), M, true, "RFC 5506 s5.2"},
	[SDP_A_CONNECTION] = {STR_INIT("connection"), S | M, false, "RFC 4145 s5"},
	[SDP_A_ICE_PACING] = {STR_INIT("ice-pacing"), S, false, "RFC 8839 s5.5"},
	[SDP_A_SSRC_GROUP] = {STR_INIT("ssrc-group"), M, false, "RFC 5576 s4.2"},
	[SDP_A_FINGERPRINT] = {STR_INIT("fingerprint"), S | M, false, "RFC 8122 s5"},
	[SDP_A_ICE_OPTIONS] = {STR_INIT("ice-options"), S | M, false, "RFC 5245 s15.5"},
	[SDP_A_BUNDLE_ONLY] = {STR_INIT("bundle-only"), M, true, "RFC 8843 s6"},
	[SDP_A_ICE_MISMATCH] = {STR_INIT("ice-mismatch"), M, true, "RFC 5245 s15.3"},
	[SDP_A_MSID_SEMANTIC] = {STR_INIT("msid-semantic"), S, false, "RFC 8830 s2"},
	[SDP_A_RTCP_MUX_ONLY] = {STR_INIT("rtcp-mux-only"), M, true, "RFC 8858 s3"},
	[SDP_A_END_OF_CANDIDATES] = {STR_INIT("end-of-candidates"), S | M, true, "RFC 8840 s8.2"},
	[SDP_A_REMOTE_CANDIDATES] = {STR_INIT("remote-candidates"), M, false, "RFC 5245 s15.2"},
	[SDP_A_EXTMAP_ALLOW_MIXED] = {STR_INIT("extmap-allow-mixed"), S | M, true, "RFC 8285 s6"},
};

#define LENGTHS 20

/* The first id whose name is at least so long. */
static const uint8_t first_of[LENGTHS + 1] = {
	SDP_A_CAT,
	SDP_A_CAT,
	SDP_A_CAT,
	SDP_A_CAT,
	SDP_A_RTCP,
	SDP_A_PTIME,
	SDP_A_RTPMAP,
	SDP_A_RTCP_FB,
	SDP_A_SENDRECV,
	SDP_A_CANDIDATE,
	SDP_A_RTCP_RSIZE,
	SDP_A_FINGERPRINT,
	SDP_A_ICE_MISMATCH,
	SDP_A_MSID_SEMANTIC,
	SDP_A_END_OF_CANDIDATES,
	SDP_A_END_OF_CANDIDATES,
	SDP_A_END_OF_CANDIDATES,
	SDP_A_END_OF_CANDIDATES,
	SDP_A_EXTMAP_ALLOW_MIXED,
	SDP_A_MAX,
	SDP_A_MAX,
};

/* Of one length, from 3 to 19: in pieces that overlap. */
static inline bool same_name(const char *a, const char *b, size_t n)
{
	if (n < 8)
		return memcmp(a + n - 3, b + n - 3, 3) == 0 && (n < 4 || memcmp(a, b, 4) == 0);
	return memcmp(a, b, 8) == 0 && memcmp(a + n - 8, b + n - 8, 8) == 0 &&
	       (n <= 16 || memcmp(a + 8, b + 8, 8) == 0);
}

enum sdp_attr_id sdp_attr_id(struct str name)
{
	unsigned id, end;

	if (name.n < 3 || name.n >= LENGTHS)
		return SDP_A_OTHER;
	end = first_of[name.n + 1];
	for (id = first_of[name.n]; id < end; id++)
		if (same_name(kinds[id].name.p, name.p, name.n))
			return (enum sdp_attr_id)id;
	return SDP_A_OTHER;
}

const struct sdp_attr_kind *sdp_attr_kind(enum sdp_attr_id id)
{
	return id > SDP_A_OTHER && id < SDP_A_MAX ? &kinds[id] : NULL;
}
