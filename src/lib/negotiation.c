/* tsuwa/sdp.h: offer and answer, over dlg/offer.h */
#include <tsuwa/sdp.h>

#include <errno.h>

#include "base/alloc.h"
#include "lib/codecs.h"
#include "lib/inside.h"

struct tsuwa_negotiation {
	struct dlg_offer offer;
};

const char *tsuwa_codec_name(size_t i)
{
	return i < DLG_CODECS ? dlg_codec_name((enum dlg_codec)i).p : NULL; /* literals */
}

static bool codec_of(struct str name, enum dlg_codec *ret)
{
	for (unsigned c = 0; c < DLG_CODECS; c++)
		if (str_ieq(name, dlg_codec_name((enum dlg_codec)c))) {
			*ret = (enum dlg_codec)c;
			return true;
		}
	return false;
}

bool lib_codecs(const char *names, struct dlg_local *l)
{
	enum dlg_codec list[DLG_CODECS];
	struct str rest = str_c(names);
	unsigned n = 0, seen = 0;

	while (rest.n) {
		enum dlg_codec c;

		if (!codec_of(str_trim(str_split(&rest, ',')), &c))
			return false;
		if (!(seen & 1u << c))
			list[n++] = c;
		seen |= 1u << c;
	}
	for (; !names && n < DLG_CODECS; n++)
		list[n] = (enum dlg_codec)n;
	if (n == 0)
		return false;
	memcpy(l->codecs, list, n * sizeof(*list));
	l->n_codecs = n;
	return true;
}

int tsuwa_negotiation_new(uint64_t id, struct tsuwa_negotiation **ret)
{
	struct tsuwa_negotiation *n = xzalloc(sizeof(*n));

	if (!n)
		return -ENOMEM;
	dlg_offer_init(&n->offer, id);
	*ret = n;
	return 0;
}

void tsuwa_negotiation_free(struct tsuwa_negotiation **pn)
{
	struct tsuwa_negotiation *n = *pn;

	if (!n)
		return;
	*pn = NULL;
	dlg_offer_fini(&n->offer);
	xfree(n);
}

static int local_in(const struct tsuwa_local_media *l, struct dlg_local *ret,
		    struct tsuwa_error *err)
{
	memset(ret, 0, sizeof(*ret));
	if (!l->address || !addr_parse_ip(str_c(l->address), &ret->rtp))
		return lib_fail(err, -EINVAL, "\"%s\" is no IP address",
				l->address ? l->address : "");
	if (l->port == 0 || l->port > 65535)
		return lib_fail(err, -EINVAL, "%u is no port", l->port);
	if (!lib_codecs(l->codecs, ret))
		return lib_fail(err, -EINVAL, "\"%s\" are no codecs of ours", l->codecs);
	if (l->ptime_ms && (l->ptime_ms < 10 || l->ptime_ms > 120))
		return lib_fail(err, -EINVAL, "a packet of %u ms is not between 10 and 120",
				l->ptime_ms);
	ret->rtp.port = (uint16_t)l->port;
	ret->no_dtmf = l->no_dtmf;
	ret->dir = l->has_direction ? (enum sdp_dir)(l->direction & 3) : SDP_SENDRECV;
	ret->ptime_ms = (uint16_t)(l->ptime_ms ? l->ptime_ms : 20);
	return 0;
}

static void agreement_out(const struct dlg_media *m, struct tsuwa_agreement *ret)
{
	char text[ADDR_TEXT_MAX] = "";
	struct buf b = buf_over(text, sizeof(text));
	struct str ip;

	memset(ret, 0, sizeof(*ret));
	ret->active = m->active;
	ret->codec = dlg_codec_name(m->codec).p;
	ret->send_pt = m->send_pt;
	ret->recv_pt = m->recv_pt;
	ret->send_dtmf_pt = m->send_dtmf_pt;
	ret->recv_dtmf_pt = m->recv_dtmf_pt;
	if (m->rtp.family)
		addr_put_ip(&b, &m->rtp);
	ip = buf_str(&b);
	if (ip.n > 2 && ip.p[0] == '[')
		ip = str_of(ip.p + 1, ip.n - 2);
	str_to_c(ip, ret->address, sizeof(ret->address));
	ret->port = m->rtp.port;
	ret->rtcp_port = m->rtcp.port;
	ret->rtcp_mux = m->rtcp_mux;
	ret->ptime_ms = m->ptime_ms;
	ret->direction = (enum tsuwa_direction)m->dir;
}

/* Whole at once: a description that does not fit then, fits nowhere. */
static int make_room(struct buf *b, struct tsuwa_error *err)
{
	char *room = xmalloc(SDP_TEXT_MAX);

	if (!room)
		return lib_fail_errno(err, -ENOMEM);
	*b = buf_over(room, SDP_TEXT_MAX);
	return 0;
}

/* What was written goes to the caller's room. */
static int give(const struct buf *b, char *room, size_t size, size_t *ret_n,
		struct tsuwa_error *err)
{
	*ret_n = b->n;
	if (b->n > size)
		return lib_fail(err, -ENOBUFS, "the description takes %zu bytes", b->n);
	if (b->n)
		memcpy(room, b->p, b->n);
	return 0;
}

int tsuwa_negotiation_offer(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			    char *room, size_t size, size_t *ret_n, struct tsuwa_error *err)
{
	struct buf b;
	struct dlg_local l;
	int code = local_in(local, &l, err);

	if (!code)
		code = make_room(&b, err);
	if (code)
		return code;
	code = dlg_offer_make(&n->offer, &l, &b);
	code = code ? lib_fail_errno(err, code) : give(&b, room, size, ret_n, err);
	xfree(b.p);
	return code;
}

static int refused(unsigned status, const char *why, struct tsuwa_error *err)
{
	if (status == 500 || lib_is_memory(why))
		return lib_fail_errno(err, -ENOMEM);
	lib_fail_at(err, -1, "", why ? why : "it is no session description");
	if (err)
		err->status = status;
	return -EBADMSG;
}

int tsuwa_negotiation_answer(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			     const void *offer, size_t offer_n, char *room, size_t size,
			     size_t *ret_n, struct tsuwa_agreement *ret, struct tsuwa_error *err)
{
	struct buf b;
	struct dlg_local l;
	struct dlg_media m;
	const char *why = NULL;
	unsigned status;
	int code = local_in(local, &l, err);

	if (!code)
		code = make_room(&b, err);
	if (code)
		return code;
	status = dlg_offer_answer(&n->offer, &l, str_of(offer, offer_n), &b, &m, &why);
	code = status == 200 ? give(&b, room, size, ret_n, err) : refused(status, why, err);
	xfree(b.p);
	if (!code)
		agreement_out(&m, ret);
	return code;
}

int tsuwa_negotiation_accept(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			     const void *answer, size_t answer_n, struct tsuwa_agreement *ret,
			     struct tsuwa_error *err)
{
	struct dlg_local l;
	struct dlg_media m;
	int code = local_in(local, &l, err);

	if (code)
		return code;
	code = dlg_offer_accept(&n->offer, &l, str_of(answer, answer_n), &m);
	if (code == -EBADMSG)
		return lib_fail_at(err, -1, "", "it does not answer the offer");
	if (code)
		return lib_fail_errno(err, code);
	agreement_out(&m, ret);
	return 0;
}
