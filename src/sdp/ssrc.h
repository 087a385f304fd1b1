/* sdp/ssrc.h - attributes of single sources: a=ssrc and a=ssrc-group (RFC 5576). */
#ifndef TSUWA_SDP_SSRC_H
#define TSUWA_SDP_SSRC_H

#include "base/buf.h"

#define SDP_SSRCS_MAX 32 /* of a group */

struct sdp_ssrc {
	uint32_t id;
	struct str name; /* "cname", "msid" */
	bool has_value;
	struct str value;
};

bool sdp_ssrc_parse(struct str value, struct sdp_ssrc *ret);
void sdp_ssrc_put(struct buf *b, const struct sdp_ssrc *s);

struct sdp_ssrc_group {
	struct str semantics; /* "FID", "FEC", "SIM" */
	uint32_t ids[SDP_SSRCS_MAX];
	size_t n;
};

bool sdp_ssrc_group_parse(struct str value, struct sdp_ssrc_group *ret);
void sdp_ssrc_group_put(struct buf *b, const struct sdp_ssrc_group *g);

#endif
