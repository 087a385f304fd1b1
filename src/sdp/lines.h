/* sdp/lines.h - the lines of RFC 8866 s5 one by one, as its grammar has them: o= c= b= t= r= z=
 * k= e= p=.  sdp_parse() is more lenient and keeps most of them as text; who wants one decoded
 * gives its value here. */
#ifndef TSUWA_SDP_LINES_H
#define TSUWA_SDP_LINES_H

#include "sdp/sdp.h"

#define SDP_REPEAT_MAX 32 /* offsets of r=, adjustments of z= */

/* nettype SP addrtype SP connection-address */
bool sdp_conn_parse(struct str value, struct sdp_conn *ret);
void sdp_conn_put(struct buf *b, const struct sdp_conn *c);

/* The parts of a multicast address: "224.2.1.1/127/3", "ff15::101/3" (s5.7).  False when host is
 * not an address, or its parts are not those of its family; a unicast address has none. */
struct sdp_multicast {
	bool has_ttl; /* IPv4 only, where it must be */
	uint8_t ttl;
	uint32_t count; /* 1 unless given */
};
bool sdp_multicast_of(const struct sdp_conn *c, struct sdp_multicast *ret);

/* All six fields, numbers where they belong (s5.2). */
bool sdp_origin_parse(struct str value, struct sdp_origin *ret);
void sdp_origin_put(struct buf *b, const struct sdp_origin *o);

struct sdp_bandwidth {
	struct str type; /* "AS", "CT", "TIAS", "RS", "RR"; "X-..." */
	uint64_t value; /* kbit/s; bit/s for TIAS, RS and RR (RFC 3890, RFC 3556) */
};
bool sdp_bandwidth_parse(struct str value, struct sdp_bandwidth *ret);
void sdp_bandwidth_put(struct buf *b, const struct sdp_bandwidth *w);
/* In bit/s, whatever the type; UINT64_MAX when it does not fit. */
uint64_t sdp_bandwidth_bits(const struct sdp_bandwidth *w);

/* Seconds since 1900; 0: unbounded (s5.9). */
struct sdp_time {
	uint64_t start, stop;
};
bool sdp_time_parse(struct str value, struct sdp_time *ret);
void sdp_time_put(struct buf *b, const struct sdp_time *t);

/* Seconds; "7d 1h 0 25h" (s5.10). */
struct sdp_repeat {
	uint64_t interval_s, duration_s;
	uint64_t offset_s[SDP_REPEAT_MAX];
	size_t n;
};
bool sdp_repeat_parse(struct str value, struct sdp_repeat *ret);
void sdp_repeat_put(struct buf *b, const struct sdp_repeat *r);

/* When the clocks change, and how far then from where they were (s5.11). */
struct sdp_zones {
	struct {
		uint64_t at; /* seconds since 1900 */
		int64_t shift_s;
	} zone[SDP_REPEAT_MAX];
	size_t n;
};
bool sdp_zones_parse(struct str value, struct sdp_zones *ret);
void sdp_zones_put(struct buf *b, const struct sdp_zones *z);

enum sdp_key_method { SDP_KEY_PROMPT, SDP_KEY_CLEAR, SDP_KEY_BASE64, SDP_KEY_URI };
struct sdp_key {
	enum sdp_key_method method;
	struct str value; /* empty for SDP_KEY_PROMPT */
};
bool sdp_key_parse(struct str value, struct sdp_key *ret);
void sdp_key_put(struct buf *b, const struct sdp_key *k);

/* An address or a number, with the name around it: "Jane <j@x>", "j@x (Jane)", "+1 617 555". */
struct sdp_contact {
	struct str address, name; /* name may be empty */
};
bool sdp_email_parse(struct str value, struct sdp_contact *ret);
bool sdp_phone_parse(struct str value, struct sdp_contact *ret);
/* As "name <address>", or the address alone. */
void sdp_contact_put(struct buf *b, const struct sdp_contact *c);

#endif
