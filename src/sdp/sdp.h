/* sdp/sdp.h - session descriptions (RFC 8866): parsed leniently, for broken offers of
 * real equipment must be answerable, and built strictly.  What offer/answer needs is
 * decoded into fields; all else stays as lines.  Knows no SIP, no offer/answer rules. */
#ifndef TSUWA_SDP_SDP_H
#define TSUWA_SDP_SDP_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/buf.h"
#include "sdp/attr.h"

#define SDP_TEXT_MAX 65535 /* bytes of a description */
#define SDP_MEDIA_MAX 32 /* sections */
#define SDP_LINES_MAX 1024 /* attributes and other lines, in all */
#define SDP_FMT_MAX 64 /* formats of a section */

/* Bit 0: the describer sends, bit 1: it receives. */
enum sdp_dir { SDP_INACTIVE, SDP_SENDONLY, SDP_RECVONLY, SDP_SENDRECV };

/* nettype SP addrtype SP address.  addr is family 0 when the address is a name.
 * Built from addr when host is empty. */
struct sdp_conn {
	struct str nettype, addrtype;
	struct str host; /* as written, with /ttl and /count */
	struct addr addr; /* port 0 */
};

struct sdp_origin {
	struct str user, id, version; /* empty: not given; built as "-", "0", "0" */
	struct sdp_conn conn;
};

/* A line that is not decoded: 'a' (name, value), 'b' (bwtype, bandwidth), or one of
 * i u e p c t r z k (value alone). */
struct sdp_line {
	char type;
	bool has_value; /* 'a': a colon stood there */
	uint8_t id; /* 'a': enum sdp_attr_id, of the name; not needed to build */
	uint32_t number; /* 'b': the bandwidth, 0 when it is no number; not needed to build */
	struct str name, value;
};

struct sdp_lines {
	struct sdp_line *at;
	size_t n;
};

struct sdp_fmt {
	struct str text; /* as in the m= line */
	int pt; /* RTP payload type, or -1 */
	struct str encoding; /* of a=rtpmap, or of RFC 3551's table; may be empty */
	uint32_t rate; /* of the clock, Hz; 0: not known */
	uint32_t channels; /* 1 unless told otherwise */
	struct str fmtp; /* parameters of the first a=fmtp, or empty */
};

struct sdp_media {
	struct str type; /* "audio" */
	uint16_t port; /* 0: refused, or not wanted */
	uint16_t n_ports; /* 1 unless "/integer" stood there */
	struct str proto; /* "RTP/AVP" */
	struct sdp_fmt *fmts;
	size_t n_fmts;
	struct sdp_conn conn; /* its own or the session's; nettype empty: none */
	enum sdp_dir dir; /* its own, else the session's, else sendrecv */
	uint16_t ptime_ms, maxptime_ms; /* 0: not given */
	bool rtcp_mux; /* RFC 5761 */
	uint16_t rtcp_port; /* a=rtcp of RFC 3605; 0: none */
	struct sdp_conn rtcp_conn; /* nettype empty: none */
	struct sdp_lines lines;
};

struct sdp {
	struct sdp_origin origin;
	struct str name;
	struct sdp_conn conn; /* nettype empty: none */
	bool has_dir;
	enum sdp_dir dir;
	uint16_t ptime_ms, maxptime_ms;
	uint64_t start, stop; /* of the first t=, in seconds since 1900; built from lines */
	struct sdp_lines lines;
	struct sdp_media *media;
	size_t n_media;
};

struct sdp_err {
	unsigned line; /* from 1 */
	size_t offset; /* bytes from the start of the text */
	const char *why; /* static */
};

/* Parses text into *ret, whose slices borrow from text and whose arrays stand in a.
 * err (may be NULL) is written on failure only. */
bool sdp_parse(struct str text, struct arena *a, struct sdp *ret, struct sdp_err *err);

/* Writes s in the order of RFC 8866 s9.  False, with b->failed set, when room ends
 * or a field can't stand in a line (a blank or line end in a token, say). */
bool sdp_build(const struct sdp *s, struct buf *b);

/* IN IP4 or IP6 with the address of a; its port is left out. */
struct sdp_conn sdp_conn_of(const struct addr *a);

/* NULL when there is none.  Names of encodings compare without case; rate 0: any. */
const struct sdp_fmt *sdp_fmt_by_pt(const struct sdp_media *m, int pt);
const struct sdp_fmt *sdp_fmt_by_name(const struct sdp_media *m, struct str encoding,
				      uint32_t rate);

/* Fills encoding, rate and channels of the static payload types of RFC 3551 s6. */
void sdp_fmt_static(struct sdp_fmt *f);

/* First attribute of the name among those not decoded, or NULL. */
const struct sdp_line *sdp_attr(const struct sdp_lines *lines, struct str name);
/* The same by id, and the next of the same id behind l, one of lines. */
const struct sdp_line *sdp_attr_by_id(const struct sdp_lines *lines, enum sdp_attr_id id);
const struct sdp_line *sdp_attr_again(const struct sdp_lines *lines, const struct sdp_line *l);

/* RTP over UDP of any profile: RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVP ... */
bool sdp_is_rtp(const struct sdp_media *m);

/* Where the describer wants RTP and RTCP (s5.7, RFC 3605, RFC 5761).  False when the
 * section is refused (port 0) or its address is missing or a name. */
bool sdp_rtp_addr(const struct sdp_media *m, struct addr *ret);
bool sdp_rtcp_addr(const struct sdp_media *m, struct addr *ret);

/* The direction as the other side sees it. */
static inline enum sdp_dir sdp_dir_reverse(enum sdp_dir d)
{
	return (enum sdp_dir)((d >> 1 & 1) | (d & 1) << 1);
}

/* The direction that counts: who names 0.0.0.0 receives nothing (RFC 3264 s8.4). */
enum sdp_dir sdp_dir_of(const struct sdp_media *m);

/* Put on hold by its describer, in the new or the old way. */
static inline bool sdp_is_hold(const struct sdp_media *m)
{
	return m->port && !(sdp_dir_of(m) & SDP_RECVONLY);
}

/* "sendrecv" and its kin. */
struct str sdp_dir_name(enum sdp_dir d);

#endif
