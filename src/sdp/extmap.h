/* sdp/extmap.h - header extensions of RTP: a=extmap (RFC 8285 s5, s8). */
#ifndef TSUWA_SDP_EXTMAP_H
#define TSUWA_SDP_EXTMAP_H

#include "sdp/sdp.h"

/* Ids of the two forms in packets; those from 4096 on are placeholders of an offer (s7). */
#define SDP_EXTMAP_ONE_BYTE_MAX 14
#define SDP_EXTMAP_TWO_BYTE_MAX 255
#define SDP_EXTMAP_OFFER_MIN 4096
#define SDP_EXTMAP_OFFER_MAX 4351

struct sdp_extmap {
	uint16_t id; /* from 1; whether the packets can carry it is not looked at */
	bool has_dir;
	enum sdp_dir dir; /* sendrecv unless told otherwise */
	struct str uri;
	struct str attributes; /* may be empty */
};

bool sdp_extmap_parse(struct str value, struct sdp_extmap *ret);
void sdp_extmap_put(struct buf *b, const struct sdp_extmap *e);
/* Whether an id is one that may stand in a description: 1 to 255, or a placeholder. */
bool sdp_extmap_id_valid(uint16_t id);

#endif
