/* The requests that a client transaction makes by itself out of its INVITE: ACK of a non-2xx
 * (RFC 3261 s17.1.1.3) and CANCEL (s9.1).  Few calls need one: the INVITE is read when it is made. */
#include "sip/headers.h"
#include "txn/internal.h"

static void put_line(struct buf *b, struct str name, struct str value)
{
	buf_puts(b, name);
	buf_puts(b, value);
	buf_puts(b, STR("\r\n"));
}

static void put_routes(struct buf *b, const struct sip_msg *m)
{
	for (int i = sip_find(m, SIP_HDR_ROUTE, 0); i >= 0;
	     i = sip_find(m, SIP_HDR_ROUTE, (unsigned)i + 1))
		put_line(b, STR("Route: "), sip_hdr_value(&m->hdr[i]));
}

static bool put_parts(struct buf *b, const struct sip_msg *m, const char *method, struct str to)
{
	struct sip_values vias = sip_values(m, SIP_HDR_VIA);
	struct sip_cseq cseq;
	struct str top;

	if (!sip_values_next(&vias, &top) || !sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq))
		return false;
	buf_fmt(b, "%s %.*s SIP/2.0\r\n", method, STR_ARG(m->uri));
	put_line(b, STR("Via: "), top);
	put_line(b, STR("Max-Forwards: "), STR("70"));
	put_routes(b, m);
	put_line(b, STR("From: "), sip_get(m, SIP_HDR_FROM));
	put_line(b, STR("To: "), to.p ? to : sip_get(m, SIP_HDR_TO));
	put_line(b, STR("Call-ID: "), sip_get(m, SIP_HDR_CALL_ID));
	buf_fmt(b, "CSeq: %u %s\r\n", cseq.number, method);
	return true;
}

/* Our own print is well formed: only memory can have ended. */
static void put_request(struct str invite, const char *method, struct str to, struct str headers,
			struct buf *b)
{
	char room[8192];
	struct arena arena;
	struct sip_msg msg;
	struct sip_err bad;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(invite, &arena, &msg, &bad) && put_parts(b, &msg, method, to)) {
		buf_puts(b, headers);
		buf_puts(b, STR("Content-Length: 0\r\n\r\n"));
	} else {
		b->failed = true;
	}
	arena_fini(&arena);
}

void txn_put_ack(struct str invite, struct str to, struct buf *b)
{
	put_request(invite, "ACK", to, STR_NONE, b);
}

void txn_put_cancel(struct str invite, struct str headers, struct buf *b)
{
	put_request(invite, "CANCEL", STR_NONE, headers, b);
}
