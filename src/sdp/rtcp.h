/* sdp/rtcp.h - feedback of RTCP: a=rtcp-fb (RFC 4585 s4.2, RFC 5104 s7.1), a=rtcp (RFC 3605).
 * a=rtcp-mux and a=rtcp of a section are fields of struct sdp_media. */
#ifndef TSUWA_SDP_RTCP_H
#define TSUWA_SDP_RTCP_H

#include "sdp/sdp.h"

struct sdp_rtcp {
	uint16_t port; /* from 1 */
	struct sdp_conn conn; /* nettype empty: none */
};

bool sdp_rtcp_parse(struct str value, struct sdp_rtcp *ret);
void sdp_rtcp_put(struct buf *b, const struct sdp_rtcp *r);

struct sdp_rtcp_fb {
	int pt; /* -1: all, "*" */
	struct str type; /* "ack", "nack", "ccm", "trr-int", "goog-remb" */
	struct str param; /* "pli", "fir", the number of trr-int; may be empty */
	struct str more; /* what follows it */
	uint32_t trr_int_ms; /* of trr-int */
};

bool sdp_rtcp_fb_parse(struct str value, struct sdp_rtcp_fb *ret);
void sdp_rtcp_fb_put(struct buf *b, const struct sdp_rtcp_fb *f);

/* Whether a section offers this feedback for a payload type: "nack" "pli"; param empty: the plain
 * one. */
bool sdp_has_rtcp_fb(const struct sdp_media *m, int pt, struct str type, struct str param);

#endif
