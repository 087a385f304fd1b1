/* The requests that a client transaction makes by itself out of its INVITE: ACK of a non-2xx
 * (RFC 3261 s17.1.1.3) and CANCEL (s9.1). */
#include <errno.h>

#include "base/alloc.h"
#include "sip/headers.h"
#include "txn/internal.h"

#define MAX_BYTES (128 * 1024)

/* Where the parts of a skeleton end in one buffer. */
struct marks {
	size_t uri, above, to, below;
};

static void put_line(struct buf *b, const char *name, struct str value)
{
	buf_fmt(b, "%s: ", name);
	buf_puts(b, value);
	buf_putc(b, '\r');
	buf_putc(b, '\n');
}

static void put_routes(struct buf *b, const struct sip_msg *m)
{
	for (int i = sip_find(m, SIP_HDR_ROUTE, 0); i >= 0;
	     i = sip_find(m, SIP_HDR_ROUTE, (unsigned)i + 1))
		put_line(b, "Route", sip_hdr_value(&m->hdr[i]));
}

static bool put_parts(struct buf *b, const struct sip_msg *m, struct marks *ret)
{
	struct sip_values vias = sip_values(m, SIP_HDR_VIA);
	struct str top;

	if (!sip_values_next(&vias, &top))
		return false;
	buf_puts(b, m->uri);
	ret->uri = b->n;
	put_line(b, "Via", top);
	put_line(b, "Max-Forwards", STR("70"));
	put_routes(b, m);
	put_line(b, "From", sip_get(m, SIP_HDR_FROM));
	ret->above = b->n;
	buf_puts(b, sip_get(m, SIP_HDR_TO));
	ret->to = b->n;
	put_line(b, "Call-ID", sip_get(m, SIP_HDR_CALL_ID));
	ret->below = b->n;
	return true;
}

/* One block: the struct and its texts. */
static int keep_parts(const struct buf *b, const struct marks *m, uint32_t cseq,
		      struct txn_skeleton **ret)
{
	struct txn_skeleton *s;

	if (b->failed)
		return -ENOMEM;
	s = xmalloc(sizeof(*s) + b->n);
	if (!s)
		return -ENOMEM;
	memcpy(s->text, b->p, b->n);
	s->uri = str_of(s->text, m->uri);
	s->above = str_range(s->text + m->uri, s->text + m->above);
	s->to = str_range(s->text + m->above, s->text + m->to);
	s->below = str_range(s->text + m->to, s->text + m->below);
	s->cseq = cseq;
	*ret = s;
	return 0;
}

static int skeleton_of(const struct sip_msg *m, struct txn_skeleton **ret)
{
	struct buf b = buf_heap(MAX_BYTES);
	struct sip_cseq cseq;
	struct marks marks;
	int err = -EINVAL;

	if (sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq) && put_parts(&b, m, &marks))
		err = keep_parts(&b, &marks, cseq.number, ret);
	buf_free(&b);
	return err;
}

int txn_skeleton_new(struct str request, struct txn_skeleton **ret)
{
	char room[8192];
	struct arena arena;
	struct sip_msg msg;
	struct sip_err bad;
	int err;

	arena_init(&arena, room, sizeof(room), 0);
	/* Our own print is well formed: only memory can have ended. */
	if (sip_parse(request, &arena, &msg, &bad))
		err = skeleton_of(&msg, ret);
	else
		err = -ENOMEM;
	arena_fini(&arena);
	return err;
}

static void put_request(const struct txn_skeleton *s, const char *method, struct str to,
			struct str headers, struct buf *b)
{
	buf_fmt(b, "%s ", method);
	buf_puts(b, s->uri);
	buf_puts(b, STR(" SIP/2.0\r\n"));
	buf_puts(b, s->above);
	put_line(b, "To", to);
	buf_puts(b, s->below);
	buf_fmt(b, "CSeq: %u %s\r\n", s->cseq, method);
	buf_puts(b, headers);
	buf_puts(b, STR("Content-Length: 0\r\n\r\n"));
}

void txn_put_ack(const struct txn_skeleton *s, struct str to, struct buf *b)
{
	put_request(s, "ACK", to, STR_NONE, b);
}

void txn_put_cancel(const struct txn_skeleton *s, struct str headers, struct buf *b)
{
	put_request(s, "CANCEL", s->to, headers, b);
}
