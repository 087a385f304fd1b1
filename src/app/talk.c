#include "app/talk.h"

#include <errno.h>

#define HELD_TIMEOUT_MS (15u * 60 * 1000) /* who holds may be silent, but not for ever */

int talk_init(struct talk *t, struct media *media, const struct addr *local_ip, uint64_t id,
	      enum media_mode mode, const struct media_user *user)
{
	struct addr ip = *local_ip;
	int err;

	memset(t, 0, sizeof(*t));
	ip.port = 0;
	err = media_open(media, &ip, user, &t->media);
	if (err)
		return err;
	dlg_offer_init(&t->offer, id);
	t->mode = mode;
	t->local = (struct dlg_local){
		.rtp = *media_local(t->media),
		.codecs = {DLG_PCMU, DLG_PCMA},
		.n_codecs = DLG_CODECS,
		.dir = SDP_SENDRECV,
		.ptime_ms = 20,
	};
	return 0;
}

void talk_fini(struct talk *t)
{
	media_close(&t->media);
	dlg_offer_fini(&t->offer);
}

static uint16_t ptime_of(const struct dlg_media *m)
{
	return m->ptime_ms >= 10 && m->ptime_ms <= 120 ? m->ptime_ms : 20;
}

/* Both codecs are taken whichever was agreed on: some peers change between them. */
static struct media_params params_of(const struct talk *t, const struct dlg_media *m)
{
	struct media_params p = media_params_none();

	p.rtp = m->rtp;
	p.rtcp = m->rtcp;
	p.rtcp_mux = m->rtcp_mux;
	p.latch = true;
	p.send = m->active && (m->dir & SDP_SENDONLY);
	p.recv = m->active && (m->dir & SDP_RECVONLY);
	p.mode = t->mode;
	p.codec = m->codec == DLG_PCMA ? MEDIA_PCMA : MEDIA_PCMU;
	p.send_pt = m->send_pt;
	p.send_event_pt = m->send_dtmf_pt;
	p.recv_pcmu_pt = t->offer.pt[DLG_PCMU];
	p.recv_pcma_pt = t->offer.pt[DLG_PCMA];
	if (p.recv_pcmu_pt == p.recv_pcma_pt && m->codec == DLG_PCMU)
		p.recv_pcma_pt = -1;
	else if (p.recv_pcmu_pt == p.recv_pcma_pt)
		p.recv_pcmu_pt = -1;
	p.recv_event_pt = m->recv_dtmf_pt;
	p.ptime_ms = ptime_of(m);
	p.timeout_ms = m->active && m->dir == SDP_SENDRECV ? t->timeout_ms : HELD_TIMEOUT_MS;
	return p;
}

static int apply(struct talk *t, const struct dlg_media *m)
{
	struct media_params p = params_of(t, m);
	int err = media_set(t->media, &p);

	if (!err)
		t->agreed = *m;
	return err;
}

int talk_offer(struct talk *t, struct buf *ret)
{
	return dlg_offer_make(&t->offer, &t->local, ret);
}

unsigned talk_answer(struct talk *t, struct str sdp, struct buf *ret, const char **why)
{
	struct dlg_media m;
	size_t start = ret->n;
	unsigned status = dlg_offer_answer(&t->offer, &t->local, sdp, ret, &m, why);

	if (status == 200 && apply(t, &m) != 0) {
		ret->n = start;
		*why = "The media can't be set up so";
		return 488;
	}
	return status;
}

int talk_accept(struct talk *t, struct str sdp)
{
	struct dlg_media m;
	int err = dlg_offer_accept(&t->offer, &t->local, sdp, &m);

	if (err)
		return err;
	return m.active ? apply(t, &m) : -ENOMEDIUM;
}
