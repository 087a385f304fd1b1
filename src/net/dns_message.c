#include "net/dns_message.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"

#define CLASS_IN 1
#define HEADER_BYTES 12
#define NAME_MAX_BYTES 255
#define JUMPS_MAX 32
#define TEXT_BYTES 16384

/* at only moves over what was read whole. */
struct cursor {
	struct str all;
	size_t at, end;
};

struct reading {
	struct io_record records[DNS_RECORDS_MAX];
	size_t n;
	char room[TEXT_BYTES];
	struct buf text;
};

static bool read_uint(struct cursor *c, unsigned bytes, uint32_t *ret)
{
	uint32_t v = 0;

	if (c->end - c->at < bytes)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | (unsigned char)c->all.p[c->at + i];
	c->at += bytes;
	*ret = v;
	return true;
}

static bool read_u16(struct cursor *c, uint16_t *ret)
{
	uint32_t v;

	if (!read_uint(c, 2, &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

/* <character-string>: a length and that many bytes (s3.3). */
static bool read_string(struct cursor *c, struct buf *text, struct str *ret)
{
	struct cursor s = *c;
	size_t start = text->n;
	uint32_t n;

	if (!read_uint(&s, 1, &n) || s.end - s.at < n)
		return false;
	buf_put(text, s.all.p + s.at, n);
	if (text->failed)
		return false;
	*ret = str_of(text->p + start, n);
	c->at = s.at + n;
	return true;
}

/* One label, and a dot between it and the one before. */
static bool put_label(struct buf *text, size_t start, struct str label)
{
	if (text->n > start)
		buf_putc(text, '.');
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] <= ' ' || label.p[i] == '.' || label.p[i] == 0x7f)
			return false; /* no host is named so */
	buf_puts(text, label);
	return !text->failed && text->n - start <= NAME_MAX_BYTES;
}

/* Labels up to the root, or a pointer to the rest of an earlier name (s4.1.4).
 * Pointers may lead anywhere in the message, so their number is bounded. */
static bool read_name(struct cursor *c, struct buf *text, struct str *ret)
{
	size_t start = text->n, behind = 0;
	struct cursor s = *c;
	uint32_t n, low;
	int jumps = 0;

	for (;;) {
		if (!read_uint(&s, 1, &n))
			return false;
		if (n == 0)
			break;
		if (n >= 0xc0) {
			if (++jumps > JUMPS_MAX || !read_uint(&s, 1, &low))
				return false;
			behind = behind ? behind : s.at;
			s = (struct cursor){s.all, (n & 0x3f) << 8 | low, s.all.n};
			if (s.at >= s.end)
				return false;
			continue;
		}
		if (n > 63 || s.end - s.at < n ||
		    !put_label(text, start, str_of(s.all.p + s.at, n)))
			return false;
		s.at += n;
	}
	if (text->n == start)
		buf_putc(text, '.');
	if (text->failed)
		return false;
	*ret = str_of(text->p + start, text->n - start);
	c->at = behind ? behind : s.at;
	return true;
}

static bool skip_name(struct cursor *c)
{
	char room[NAME_MAX_BYTES + 2];
	struct buf text = buf_over(room, sizeof(room));
	struct str name;

	return read_name(c, &text, &name);
}

static bool read_address(struct cursor *c, uint8_t family, struct io_record *r)
{
	size_t n = family == 4 ? 4 : 16;

	if (c->end - c->at != n)
		return false;
	r->addr.family = family;
	memcpy(r->addr.ip, c->all.p + c->at, n);
	return true;
}

/* RFC 2782 */
static bool read_srv(struct cursor *c, struct buf *text, struct io_record *r)
{
	return read_u16(c, &r->priority) && read_u16(c, &r->weight) && read_u16(c, &r->port) &&
	       read_name(c, text, &r->target);
}

/* RFC 3403 s4.1 */
static bool read_naptr(struct cursor *c, struct buf *text, struct io_record *r)
{
	return read_u16(c, &r->priority) && read_u16(c, &r->weight) &&
	       read_string(c, text, &r->flags) && read_string(c, text, &r->service) &&
	       read_string(c, text, &r->regexp) && read_name(c, text, &r->target);
}

static bool read_data(struct cursor *c, struct buf *text, struct io_record *r)
{
	switch (r->type) {
	case IO_RR_A:
		return read_address(c, 4, r);
	case IO_RR_AAAA:
		return read_address(c, 6, r);
	case IO_RR_SRV:
		return read_srv(c, text, r);
	case IO_RR_NAPTR:
		return read_naptr(c, text, r);
	}
	return false;
}

/* One resource record; kept when it is of the type and whole. */
static bool read_record(struct cursor *c, enum io_rr type, struct reading *in)
{
	uint32_t rr_type, rr_class, ttl, n;
	struct io_record r = {.type = type};
	size_t text = in->text.n;
	struct cursor data;

	if (!skip_name(c) || !read_uint(c, 2, &rr_type) || !read_uint(c, 2, &rr_class) ||
	    !read_uint(c, 4, &ttl) || !read_uint(c, 2, &n) || c->end - c->at < n)
		return false;
	data = (struct cursor){c->all, c->at, c->at + n};
	c->at += n;
	if (rr_type != type || rr_class != CLASS_IN || in->n == DNS_RECORDS_MAX)
		return true;
	r.ttl_s = ttl > INT32_MAX ? 0 : ttl; /* RFC 2181 s8 */
	if (read_data(&data, &in->text, &r)) {
		in->records[in->n++] = r;
	} else {
		in->text.n = text;
		in->text.failed = false;
	}
	return true;
}

static bool read_answers(struct str message, enum io_rr type, struct reading *in)
{
	struct cursor c = {message, 4, message.n};
	uint32_t questions, answers, rest, question;

	if (message.n < HEADER_BYTES || !read_uint(&c, 2, &questions) ||
	    !read_uint(&c, 2, &answers) || !read_uint(&c, 4, &rest))
		return false;
	while (questions--)
		if (!skip_name(&c) || !read_uint(&c, 4, &question))
			return false;
	while (answers--)
		if (!read_record(&c, type, in))
			return false;
	return true;
}

static void copy_str(struct str *s, char **at)
{
	if (s->n)
		memcpy(*at, s->p, s->n);
	s->p = *at;
	*at += s->n;
}

int dns_records_make(const struct io_record *records, size_t n, struct dns_records **ret)
{
	struct dns_records *d;
	size_t text = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		text += records[i].target.n + records[i].flags.n + records[i].service.n +
			records[i].regexp.n;
	d = xzalloc(sizeof(*d) + n * sizeof(d->record[0]) + text);
	if (!d)
		return -ENOMEM;
	d->n = n;
	d->ttl_s = UINT32_MAX;
	at = (char *)(d->record + n);
	for (size_t i = 0; i < n; i++) {
		struct io_record *r = &d->record[i];

		*r = records[i];
		d->ttl_s = r->ttl_s < d->ttl_s ? r->ttl_s : d->ttl_s;
		copy_str(&r->target, &at);
		copy_str(&r->flags, &at);
		copy_str(&r->service, &at);
		copy_str(&r->regexp, &at);
	}
	*ret = d;
	return 0;
}

int dns_message_read(struct str message, enum io_rr type, struct dns_records **ret)
{
	struct reading *in = xmalloc(sizeof(*in));
	int err = -EBADMSG;

	if (!in)
		return -ENOMEM;
	in->n = 0;
	in->text = buf_over(in->room, sizeof(in->room));
	if (read_answers(message, type, in))
		err = in->n ? dns_records_make(in->records, in->n, ret) : -ENOENT;
	xfree(in);
	return err;
}
