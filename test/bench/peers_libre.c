/* libre: sip_msg_decode() splits all headers and decodes the topmost Via, From, To, CSeq,
 * Content-Type and the Request-URI; the other structured ones by its own decoders. */
#include "peers.h"

#include <stdint.h>

/* Else its headers take bool for another type. */
#define HAVE__BOOL 1
#include <re.h>

static char out[8 * 1024];

void peers_init(void)
{
}

static struct sip_msg *decode(const struct peers_input *in, struct mbuf **ret_mb)
{
	struct mbuf *mb = mbuf_alloc(in->message_n);
	struct sip_msg *m = NULL;

	if (!mb || mbuf_write_mem(mb, (const uint8_t *)in->message, in->message_n))
		peers_die("no memory");
	mb->pos = 0;
	if (sip_msg_decode(&m, mb))
		m = NULL;
	*ret_mb = mb;
	return m;
}

/* Each gives true, which ends the walk, when it can't be read. */
static bool bad_via(const struct sip_hdr *h, const struct sip_msg *m, void *arg)
{
	struct sip_via via;

	(void)m;
	(void)arg;
	return sip_via_decode(&via, &h->val) != 0;
}

static bool bad_address(const struct sip_hdr *h, const struct sip_msg *m, void *arg)
{
	struct sip_addr a;

	(void)m;
	(void)arg;
	return sip_addr_decode(&a, &h->val) != 0;
}

static bool bad_type(const struct sip_hdr *h, const struct sip_msg *m, void *arg)
{
	struct msg_ctype t;

	(void)m;
	(void)arg;
	return msg_ctype_decode(&t, &h->val) != 0;
}

static bool count(const struct sip_hdr *h, const struct sip_msg *m, void *arg)
{
	(void)m;
	*(size_t *)arg += h->val.l;
	return false;
}

static bool bad_session(const struct sip_msg *m, size_t *n)
{
	const struct sip_hdr *expires = sip_msg_hdr(m, SIP_HDR_SESSION_EXPIRES),
			     *min = sip_msg_hdr(m, SIP_HDR_MIN_SE);
	struct pl refresher;

	if (!expires || !min || msg_param_decode(&expires->val, "refresher", &refresher))
		return true;
	*n += pl_u32(&expires->val) + pl_u32(&min->val) + pl_u32(&m->maxfwd) + refresher.l;
	return false;
}

static bool run_parse(const struct peers_input *in, size_t *ret)
{
	struct mbuf *mb;
	struct sip_msg *m = decode(in, &mb);
	bool good;

	*ret = 0;
	good = m && !sip_msg_hdr_apply(m, true, SIP_HDR_VIA, bad_via, NULL) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_RECORD_ROUTE, bad_address, NULL) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_CONTACT, bad_address, NULL) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_P_ASSERTED_IDENTITY, bad_address, NULL) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_ACCEPT, bad_type, NULL) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_ALLOW, count, ret) &&
	       !sip_msg_hdr_apply(m, true, SIP_HDR_SUPPORTED, count, ret) && !bad_session(m, ret);
	mem_deref(m);
	mem_deref(mb);
	return good;
}

static int put_headers(struct mbuf *to, const struct sip_msg *m)
{
	struct le *le;
	int err = 0;

	for (le = m->hdrl.head; le && !err; le = le->next) {
		const struct sip_hdr *h = (const struct sip_hdr *)le->data;

		if (h->id == SIP_HDR_MAX_FORWARDS)
			err = mbuf_write_str(to, "Max-Forwards: 67\r\n");
		else
			err = mbuf_printf(to, "%r: %r\r\n", &h->name, &h->val);
	}
	return err;
}

/* The library edits no messages: who forwards writes a new one. */
static bool run_edit(const struct peers_input *in, size_t *ret)
{
	struct mbuf *mb, *to = mbuf_alloc(2048);
	struct sip_msg *m = decode(in, &mb);
	bool good =
		m && to &&
		!mbuf_printf(to, "%r %r SIP/2.0\r\nVia: " PEERS_VIA "\r\n", &m->met, &m->ruri) &&
		!mbuf_write_str(to, "Record-Route: " PEERS_RECORD_ROUTE "\r\n") &&
		!put_headers(to, m) && !mbuf_write_str(to, "\r\n") &&
		!mbuf_write_mem(to, mbuf_buf(m->mb), mbuf_get_left(m->mb)) && to->end < sizeof(out);

	if (good) {
		memcpy(out, to->buf, to->end);
		*ret = to->end;
	}
	mem_deref(to);
	mem_deref(m);
	mem_deref(mb);
	return good;
}

static const char *written(void)
{
	return out;
}

static bool run_sdp(const struct peers_input *in, size_t *ret)
{
	struct mbuf *mb = mbuf_alloc(in->sdp_n);
	struct sdp_session *s = NULL;
	struct sa local;
	bool good;

	if (!mb || mbuf_write_mem(mb, (const uint8_t *)in->sdp, in->sdp_n))
		peers_die("no memory");
	mb->pos = 0;
	sa_set_str(&local, "127.0.0.1", 0);
	good = !sdp_session_alloc(&s, &local) && !sdp_decode(s, mb, true);
	*ret = good ? list_count(sdp_session_medial(s, false)) : 0;
	mem_deref(s);
	mem_deref(mb);
	return good;
}

const struct peers_case peers_cases[3] = {
	{"parse",
	 "sip_msg_decode() (topmost Via, From, To, CSeq, Content-Type, Request-URI), then "
	 "sip_via_decode(), sip_addr_decode(), msg_ctype_decode(), msg_param_decode() over Via, "
	 "Record-Route, Contact, P-Asserted-Identity, Accept, Session-Expires; mem_deref()",
	 run_parse, NULL},
	{"edit", "sip_msg_decode(), a new message printed header by header (it edits none)",
	 run_edit, written},
	{"sdp", "sdp_session_alloc(), sdp_decode() of an offer, mem_deref()", run_sdp, NULL},
};
