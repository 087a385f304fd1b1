/* sdp/plain.h - attributes of RFC 8866 s6 whose values are a word or a number, a=rtpmap and
 * a=fmtp.  sdp_parse() takes rtpmap, fmtp, ptime and maxptime into struct sdp_media by itself. */
#ifndef TSUWA_SDP_PLAIN_H
#define TSUWA_SDP_PLAIN_H

#include "base/buf.h"

/* payload-type SP encoding-name "/" clock-rate ["/" encoding-params]  s6.6 */
struct sdp_rtpmap {
	uint8_t pt;
	struct str encoding;
	uint32_t rate;
	uint32_t channels; /* 1 unless told */
};
bool sdp_rtpmap_parse(struct str value, struct sdp_rtpmap *ret);
void sdp_rtpmap_put(struct buf *b, const struct sdp_rtpmap *m);

/* fmt SP format-specific-params  s6.15 */
struct sdp_fmtp {
	struct str fmt, params;
};
bool sdp_fmtp_parse(struct str value, struct sdp_fmtp *ret);
void sdp_fmtp_put(struct buf *b, const struct sdp_fmtp *f);
/* Looks "name=value" up among parameters with ';' between them, without case; a name alone has an
 * empty value. */
bool sdp_fmtp_param(struct str params, struct str name, struct str *ret);

/* non-zero-int-or-real, in millionths: a=framerate (s6.13), a=ptime, a=maxptime.  More than six
 * digits behind the point are cut off. */
bool sdp_real_parse(struct str value, uint64_t *ret_millionths);
void sdp_real_put(struct buf *b, uint64_t millionths);

/* zero-based-integer; 0 to 10 have a meaning (s6.14). */
bool sdp_quality_parse(struct str value, uint32_t *ret);

enum sdp_orient { SDP_PORTRAIT, SDP_LANDSCAPE, SDP_SEASCAPE };
bool sdp_orient_parse(struct str value, enum sdp_orient *ret);
struct str sdp_orient_name(enum sdp_orient o);

enum sdp_type { SDP_BROADCAST, SDP_MEETING, SDP_MODERATED, SDP_TEST, SDP_H332 };
bool sdp_type_parse(struct str value, enum sdp_type *ret);
struct str sdp_type_name(enum sdp_type t);

/* a=charset: a name of IANA's; a=lang, a=sdplang: a Language-Tag of RFC 5646; a=cat, a=label: a
 * word; a=keywds, a=tool: text. */
bool sdp_charset_valid(struct str value);
bool sdp_lang_valid(struct str value);

#endif
