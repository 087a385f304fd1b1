/* test/unit/net/dns_wire.h - DNS messages for tests, written by hand. */
#ifndef TSUWA_TEST_UNIT_NET_DNS_WIRE_H
#define TSUWA_TEST_UNIT_NET_DNS_WIRE_H

#include "base/buf.h"

static inline void wire_u16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)v);
}

static inline void wire_u32(struct buf *b, uint32_t v)
{
	wire_u16(b, v >> 16);
	wire_u16(b, v & 0xffff);
}

static inline void wire_string(struct buf *b, struct str s)
{
	buf_putc(b, (char)s.n);
	buf_puts(b, s);
}

static inline void wire_name(struct buf *b, struct str name)
{
	while (name.n)
		wire_string(b, str_split(&name, '.'));
	buf_putc(b, 0);
}

/* A header: an answer to id, with one question and so many answers. */
static inline void wire_header(struct buf *b, unsigned id, unsigned rcode, unsigned answers)
{
	wire_u16(b, id);
	wire_u16(b, 0x8180 | rcode);
	wire_u16(b, 1);
	wire_u16(b, answers);
	wire_u32(b, 0);
}

static inline void wire_question(struct buf *b, struct str name, unsigned type)
{
	wire_name(b, name);
	wire_u16(b, type);
	wire_u16(b, 1);
}

/* A record of the question's name (by a pointer to it). */
static inline void wire_record(struct buf *b, unsigned type, uint32_t ttl, struct str data)
{
	wire_u16(b, 0xc00c);
	wire_u16(b, type);
	wire_u16(b, 1);
	wire_u32(b, ttl);
	wire_u16(b, (unsigned)data.n);
	buf_puts(b, data);
}

#endif
