/* sdp/ice.h - the attributes of ICE (RFC 5245 s15, RFC 8445): candidates, remote candidates,
 * credentials and options.  Knows no STUN, pairs nothing.
 * Values are those behind "a=name:"; slices borrow from them. */
#ifndef TSUWA_SDP_ICE_H
#define TSUWA_SDP_ICE_H

#include "base/addr.h"
#include "base/buf.h"

#define SDP_ICE_COMPONENTS_MAX 16 /* of a=remote-candidates */
#define SDP_ICE_COMPONENT_MAX 256 /* the highest number of one */

enum sdp_candidate_type {
	SDP_CAND_HOST,
	SDP_CAND_SRFLX,
	SDP_CAND_PRFLX,
	SDP_CAND_RELAY,
	SDP_CAND_OTHER
};

struct sdp_candidate {
	struct str foundation; /* 1 to 32 ice-chars */
	uint16_t component; /* 1 RTP, 2 RTCP */
	struct str transport; /* "UDP", "tcp": compare without case */
	uint32_t priority;
	struct str host; /* as written; built from addr when empty */
	struct addr addr; /* with its port; family 0: host is a name (mDNS: "x.local") */
	uint16_t port;
	enum sdp_candidate_type type;
	struct str type_name; /* as written; built from type when empty */
	struct str rel_host; /* of raddr, empty: none; built from rel_addr when empty */
	struct addr rel_addr; /* with its port; family 0: none, or rel_host is a name */
	bool has_rel_port;
	uint16_t rel_port;
	struct str extensions; /* *(name SP value), as written */
};

bool sdp_candidate_parse(struct str value, struct sdp_candidate *ret);
/* The value of an extension ("tcptype", "generation", "ufrag"), with case.  False: none. */
bool sdp_candidate_ext(const struct sdp_candidate *c, struct str name, struct str *ret);
/* A name of multicast DNS, that hides an address. */
bool sdp_candidate_is_mdns(const struct sdp_candidate *c);
/* Writes the value; b->failed when a field can't stand there. */
void sdp_candidate_put(struct buf *b, const struct sdp_candidate *c);

struct sdp_remote_candidates {
	struct {
		uint16_t component, port;
		struct str host;
		struct addr addr; /* with its port; family 0: a name */
	} at[SDP_ICE_COMPONENTS_MAX];
	size_t n;
};

bool sdp_remote_candidates_parse(struct str value, struct sdp_remote_candidates *ret);
void sdp_remote_candidates_put(struct buf *b, const struct sdp_remote_candidates *r);

/* 4 to 256 and 22 to 256 ice-chars. */
bool sdp_ice_ufrag_valid(struct str value);
bool sdp_ice_pwd_valid(struct str value);

/* Whether a=ice-options is well-formed, and whether it names the option ("trickle"). */
bool sdp_ice_options_valid(struct str value);
bool sdp_ice_options_has(struct str value, struct str option);

/* Milliseconds between checks, of 1 to 10 digits. */
bool sdp_ice_pacing_parse(struct str value, uint32_t *ret_ms);

#endif
