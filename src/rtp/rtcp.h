/* rtp/rtcp.h - RTCP compound packets (RFC 3550 s6): a walk over the packets of a
 * compound, the reports, SDES and BYE in them, and their building.
 * Slices borrow from the compound.  Knows no clock and no socket. */
#ifndef TSUWA_RTP_RTCP_H
#define TSUWA_RTP_RTCP_H

#include "base/buf.h"
#include "base/str.h"

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	RTCP_APP = 204,
};

#define RTCP_BLOCKS_MAX 31
#define RTCP_TEXT_MAX 255 /* of an SDES item or a reason */

/* s6.4.1 */
struct rtcp_sender {
	uint64_t ntp; /* 32.32 seconds since 1900 */
	uint32_t rtp_ts;
	uint32_t packets, bytes; /* payload alone */
};

struct rtcp_block {
	uint32_t ssrc;
	uint8_t fraction; /* lost since the last report, of 256 */
	int32_t lost; /* 24 bits, signed */
	uint32_t ext_seq;
	uint32_t jitter; /* timestamp units */
	uint32_t lsr, dlsr; /* 16.16 seconds */
};

/* One packet of a compound. */
struct rtcp_packet {
	uint8_t type; /* enum rtcp_type, or one that we don't know */
	uint8_t count; /* report blocks, chunks, sources, or the subtype */
	struct str body; /* behind the common header, without padding */
};

/* The validity checks of A.2: version 2 in all, an SR or RR first, padding in the last
 * alone, lengths that add up to the whole. */
bool rtcp_valid(struct str compound);

/* Takes the next packet off *rest; false at the end, or where it is broken. */
bool rtcp_next(struct str *rest, struct rtcp_packet *ret);

/* Of an SR or RR.  n_blocks is p->count; all of them are within bounds. */
bool rtcp_report_parse(const struct rtcp_packet *p, uint32_t *ret_ssrc,
		       struct rtcp_sender *ret_sender /* SR only; may be NULL */);
/* Block i < p->count of a packet that rtcp_report_parse() took. */
struct rtcp_block rtcp_block_at(const struct rtcp_packet *p, unsigned i);

/* First CNAME of an SDES and the source that it is of. */
bool rtcp_cname_parse(const struct rtcp_packet *p, uint32_t *ret_ssrc, struct str *ret_cname);

/* BYE: sources (up to RTCP_BLOCKS_MAX are written) and the reason, which may be empty. */
bool rtcp_bye_parse(const struct rtcp_packet *p, uint32_t ret_ssrc[RTCP_BLOCKS_MAX],
		    struct str *ret_reason);

/* Builders append one packet; more than RTCP_BLOCKS_MAX blocks or RTCP_TEXT_MAX bytes
 * are cut.  sender NULL: RR. */
void rtcp_put_report(struct buf *b, uint32_t ssrc, const struct rtcp_sender *sender,
		     const struct rtcp_block *blocks, size_t n_blocks);
void rtcp_put_cname(struct buf *b, uint32_t ssrc, struct str cname);
void rtcp_put_bye(struct buf *b, uint32_t ssrc, struct str reason);

#endif
