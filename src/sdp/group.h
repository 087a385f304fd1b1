/* sdp/group.h - sections by name and what binds them: a=mid and a=group (RFC 5888), BUNDLE
 * (RFC 8843). */
#ifndef TSUWA_SDP_GROUP_H
#define TSUWA_SDP_GROUP_H

#include "sdp/sdp.h"

struct sdp_group {
	struct str semantics; /* "BUNDLE", "LS", "FID" */
	struct str mids[SDP_MEDIA_MAX];
	size_t n;
};

bool sdp_group_parse(struct str value, struct sdp_group *ret);
void sdp_group_put(struct buf *b, const struct sdp_group *g);
bool sdp_group_has(const struct sdp_group *g, struct str mid);

/* A token. */
bool sdp_mid_valid(struct str value);
/* The a=mid of a section, empty when it has none. */
struct str sdp_mid(const struct sdp_media *m);
/* The section of that name, or NULL. */
const struct sdp_media *sdp_media_by_mid(const struct sdp *s, struct str mid);

#endif
