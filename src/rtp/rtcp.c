#include "rtp/rtcp.h"

#include "rtp/bytes.h"

#define VERSION 2u
#define COMMON_BYTES 4
#define SENDER_BYTES 20
#define BLOCK_BYTES 24
#define SDES_CNAME 1

bool rtcp_next(struct str *rest, struct rtcp_packet *ret)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	struct rtcp_packet packet;
	size_t bytes, padding = 0;

	if (rest->n < COMMON_BYTES || p[0] >> 6 != VERSION)
		return false;
	bytes = 4u * (be16_get(p + 2) + 1u);
	if (bytes > rest->n)
		return false;
	if (p[0] & 0x20) {
		padding = p[bytes - 1];
		if (padding == 0 || padding > bytes - COMMON_BYTES)
			return false;
	}
	packet.type = p[1];
	packet.count = p[0] & 31;
	packet.body = str_of(rest->p + COMMON_BYTES, bytes - COMMON_BYTES - padding);
	*rest = str_skip(*rest, bytes);
	*ret = packet;
	return true;
}

bool rtcp_valid(struct str compound)
{
	struct str rest = compound;
	struct rtcp_packet p;
	bool first = true, padded = false;

	while (rest.n) {
		if (padded) /* only the last may be */
			return false;
		padded = rest.p[0] & 0x20;
		if (first && padded)
			return false;
		if (!rtcp_next(&rest, &p))
			return false;
		if (first && p.type != RTCP_SR && p.type != RTCP_RR)
			return false;
		first = false;
	}
	return !first;
}

static size_t blocks_offset(const struct rtcp_packet *p)
{
	return 4u + (p->type == RTCP_SR ? SENDER_BYTES : 0u);
}

bool rtcp_report_parse(const struct rtcp_packet *p, uint32_t *ret_ssrc,
		       struct rtcp_sender *ret_sender)
{
	const char *at = p->body.p;

	if (p->type != RTCP_SR && p->type != RTCP_RR)
		return false;
	if (p->body.n < blocks_offset(p) + (size_t)p->count * BLOCK_BYTES)
		return false;
	*ret_ssrc = be32_get(at);
	if (p->type == RTCP_SR && ret_sender) {
		ret_sender->ntp = (uint64_t)be32_get(at + 4) << 32 | be32_get(at + 8);
		ret_sender->rtp_ts = be32_get(at + 12);
		ret_sender->packets = be32_get(at + 16);
		ret_sender->bytes = be32_get(at + 20);
	}
	return true;
}

struct rtcp_block rtcp_block_at(const struct rtcp_packet *p, unsigned i)
{
	const char *at = p->body.p + blocks_offset(p) + (size_t)i * BLOCK_BYTES;
	uint32_t lost = be32_get(at + 4) & 0xffffff;

	return (struct rtcp_block){
		.ssrc = be32_get(at),
		.fraction = (uint8_t)at[4],
		.lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost,
		.ext_seq = be32_get(at + 8),
		.jitter = be32_get(at + 12),
		.lsr = be32_get(at + 16),
		.dlsr = be32_get(at + 20),
	};
}

/* Items of a chunk up to its null item; leaves *rest at the next chunk. s6.5 */
static bool walk_chunk(struct str *rest, const char *start, uint32_t *ret_ssrc, struct str *cname)
{
	size_t bytes;

	if (rest->n < 4)
		return false;
	*ret_ssrc = be32_get(rest->p);
	*rest = str_skip(*rest, 4);
	while (rest->n && rest->p[0] != 0) {
		if (rest->n < 2 || rest->n < 2u + (uint8_t)rest->p[1])
			return false;
		bytes = (uint8_t)rest->p[1];
		if (rest->p[0] == SDES_CNAME && !cname->p)
			*cname = str_of(rest->p + 2, bytes);
		*rest = str_skip(*rest, 2 + bytes);
	}
	if (rest->n == 0)
		return false;
	*rest = str_skip(*rest, 4 - (size_t)(rest->p - start) % 4);
	return true;
}

bool rtcp_cname_parse(const struct rtcp_packet *p, uint32_t *ret_ssrc, struct str *ret_cname)
{
	struct str rest = p->body, cname = STR_NONE;
	uint32_t ssrc = 0;

	if (p->type != RTCP_SDES)
		return false;
	for (unsigned i = 0; i < p->count && !cname.p; i++)
		if (!walk_chunk(&rest, p->body.p, &ssrc, &cname))
			return false;
	if (!cname.p)
		return false;
	*ret_ssrc = ssrc;
	*ret_cname = cname;
	return true;
}

bool rtcp_bye_parse(const struct rtcp_packet *p, uint32_t ret_ssrc[RTCP_BLOCKS_MAX],
		    struct str *ret_reason)
{
	struct str rest = p->body;
	size_t n;

	if (p->type != RTCP_BYE || rest.n < 4u * p->count)
		return false;
	for (size_t i = 0; i < p->count; i++)
		ret_ssrc[i] = be32_get(rest.p + 4 * i);
	rest = str_skip(rest, 4u * p->count);
	n = rest.n ? (uint8_t)rest.p[0] : 0;
	*ret_reason = rest.n > n ? str_of(rest.p + 1, n) : STR_NONE;
	return true;
}

static void put_be32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4];

	be32_put(bytes, v);
	buf_put(b, bytes, 4);
}

static void put_common(struct buf *b, size_t count, enum rtcp_type type, size_t body_bytes)
{
	put_be32(b, VERSION << 30 | (uint32_t)count << 24 | (uint32_t)type << 16 |
			    (uint32_t)(body_bytes / 4));
}

static void put_block(struct buf *b, const struct rtcp_block *block)
{
	put_be32(b, block->ssrc);
	put_be32(b, (uint32_t)block->fraction << 24 | ((uint32_t)block->lost & 0xffffff));
	put_be32(b, block->ext_seq);
	put_be32(b, block->jitter);
	put_be32(b, block->lsr);
	put_be32(b, block->dlsr);
}

void rtcp_put_report(struct buf *b, uint32_t ssrc, const struct rtcp_sender *sender,
		     const struct rtcp_block *blocks, size_t n_blocks)
{
	if (n_blocks > RTCP_BLOCKS_MAX)
		n_blocks = RTCP_BLOCKS_MAX;
	put_common(b, n_blocks, sender ? RTCP_SR : RTCP_RR,
		   4 + (sender ? SENDER_BYTES : 0) + n_blocks * BLOCK_BYTES);
	put_be32(b, ssrc);
	if (sender) {
		put_be32(b, (uint32_t)(sender->ntp >> 32));
		put_be32(b, (uint32_t)sender->ntp);
		put_be32(b, sender->rtp_ts);
		put_be32(b, sender->packets);
		put_be32(b, sender->bytes);
	}
	for (size_t i = 0; i < n_blocks; i++)
		put_block(b, &blocks[i]);
}

static void put_zeros(struct buf *b, size_t n)
{
	while (n--)
		buf_putc(b, 0);
}

void rtcp_put_cname(struct buf *b, uint32_t ssrc, struct str cname)
{
	size_t items, body;

	cname = str_first(cname, RTCP_TEXT_MAX);
	items = 2 + cname.n;
	body = (4 + items + 4) & ~(size_t)3; /* one to four NULs end the chunk */
	put_common(b, 1, RTCP_SDES, body);
	put_be32(b, ssrc);
	buf_putc(b, SDES_CNAME);
	buf_putc(b, (char)cname.n);
	buf_puts(b, cname);
	put_zeros(b, body - 4 - items);
}

void rtcp_put_bye(struct buf *b, uint32_t ssrc, struct str reason)
{
	size_t body;

	reason = str_first(reason, RTCP_TEXT_MAX);
	body = reason.n ? (4 + 1 + reason.n + 3) & ~(size_t)3 : 4;
	put_common(b, 1, RTCP_BYE, body);
	put_be32(b, ssrc);
	if (reason.n) {
		buf_putc(b, (char)reason.n);
		buf_puts(b, reason);
		put_zeros(b, body - 5 - reason.n);
	}
}
