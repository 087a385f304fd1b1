#include "rtp/rtp.h"

#include "rtp/bytes.h"

#define VERSION 2u

static bool parse_csrc(struct str *rest, struct rtp_header *h)
{
	if (rest->n < 4u * h->n_csrc)
		return false;
	for (size_t i = 0; i < h->n_csrc; i++)
		h->csrc[i] = be32_get(rest->p + 4 * i);
	*rest = str_skip(*rest, 4u * h->n_csrc);
	return true;
}

/* Profile, length in words, words.  s5.3.1 */
static bool parse_ext(struct str *rest, struct rtp_header *h)
{
	size_t bytes;

	if (rest->n < 4)
		return false;
	h->ext_profile = be16_get(rest->p);
	bytes = 4u * be16_get(rest->p + 2);
	*rest = str_skip(*rest, 4);
	if (rest->n < bytes)
		return false;
	h->ext = str_first(*rest, bytes);
	*rest = str_skip(*rest, bytes);
	return true;
}

/* The last byte counts the padding, itself with it. */
static bool parse_padding(struct str *rest, struct rtp_header *h)
{
	if (rest->n == 0)
		return false;
	h->padding = (uint8_t)rest->p[rest->n - 1];
	if (h->padding == 0 || h->padding > rest->n)
		return false;
	rest->n -= h->padding;
	return true;
}

bool rtp_parse(struct str packet, struct rtp_header *ret, struct str *ret_payload)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	struct rtp_header h;
	struct str rest;

	if (packet.n < RTP_HEADER_BYTES || p[0] >> 6 != VERSION)
		return false;
	h.n_csrc = p[0] & 15;
	h.has_ext = p[0] & 0x10;
	h.marker = p[1] >> 7;
	h.pt = p[1] & 127;
	h.seq = be16_get(p + 2);
	h.ts = be32_get(p + 4);
	h.ssrc = be32_get(p + 8);
	h.ext_profile = 0;
	h.padding = 0;
	h.ext = STR_NONE;
	rest = str_skip(packet, RTP_HEADER_BYTES);
	if (!parse_csrc(&rest, &h))
		return false;
	if (h.has_ext && !parse_ext(&rest, &h))
		return false;
	if (p[0] & 0x20 && !parse_padding(&rest, &h))
		return false;
	memcpy(ret, &h, offsetof(struct rtp_header, csrc) + h.n_csrc * sizeof(h.csrc[0]));
	*ret_payload = rest;
	return true;
}

void rtp_put_header(uint8_t *ret, uint8_t pt, bool marker, uint16_t seq, uint32_t ts, uint32_t ssrc)
{
	ret[0] = VERSION << 6;
	ret[1] = (uint8_t)(marker << 7 | (pt & 127));
	be16_put(ret + 2, seq);
	be32_put(ret + 4, ts);
	be32_put(ret + 8, ssrc);
}

static void put_be16(struct buf *b, uint16_t v)
{
	uint8_t bytes[2];

	be16_put(bytes, v);
	buf_put(b, bytes, 2);
}

static void put_padding(struct buf *b, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		buf_putc(b, 0);
	buf_putc(b, (char)n);
}

bool rtp_build(struct buf *b, const struct rtp_header *h, struct str payload)
{
	uint8_t fixed[RTP_HEADER_BYTES], word[4];

	if (h->n_csrc > RTP_CSRC_MAX || h->pt > 127 || h->padding > 255 || h->ext.n % 4 ||
	    h->ext.n / 4 > UINT16_MAX) {
		b->failed = true;
		return false;
	}
	rtp_put_header(fixed, h->pt, h->marker, h->seq, h->ts, h->ssrc);
	fixed[0] |= (uint8_t)((h->padding > 0) << 5 | h->has_ext << 4 | h->n_csrc);
	buf_put(b, fixed, sizeof(fixed));
	for (size_t i = 0; i < h->n_csrc; i++) {
		be32_put(word, h->csrc[i]);
		buf_put(b, word, 4);
	}
	if (h->has_ext) {
		put_be16(b, h->ext_profile);
		put_be16(b, (uint16_t)(h->ext.n / 4));
		buf_puts(b, h->ext);
	}
	buf_puts(b, payload);
	if (h->padding)
		put_padding(b, h->padding);
	return !b->failed;
}

bool rtp_is_rtcp(struct str packet)
{
	uint8_t type;

	if (packet.n < 8)
		return false;
	type = (uint8_t)packet.p[1];
	return type >= 192 && type <= 223;
}
