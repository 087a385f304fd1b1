/* Offer and answer: the input's first byte says how, the rest is a description of anybody's.  As an offer it
 * is answered with as many sections, by an answer that whoever offered may read; then offered anew (RFC
 * 3264 s8): sections stay, the version rises.  As an answer to an offer of ours it is read. */
#include "fuzz.h"

#include <errno.h>

#include "dlg/offer.h"

static struct dlg_local local_of(unsigned how)
{
	struct dlg_local l = {.rtp = {.family = 4, .port = 20000, .ip = {192, 0, 2, 7}},
			      .codecs = {DLG_PCMA, DLG_PCMU},
			      .n_codecs = 1 + (how & 1),
			      .no_dtmf = how & 2,
			      .dir = (enum sdp_dir)(how >> 2 & 3),
			      .ptime_ms = 20};

	return l;
}

static void judge_media(const struct dlg_media *m)
{
	if (!m->active)
		return;
	check(m->codec < DLG_CODECS && m->send_pt < 128 && m->recv_pt < 128);
	check(m->send_dtmf_pt < 128 && m->recv_dtmf_pt < 128 && m->dir <= SDP_SENDRECV);
}

static size_t sections(struct str text)
{
	struct arena a;
	struct sdp s;
	size_t n;

	arena_init(&a, NULL, 0, 8 << 20);
	check(sdp_parse(text, &a, &s, NULL));
	n = s.n_media;
	arena_fini(&a);
	return n;
}

/* Our own side once more, in the place of who offered: what was answered can be read. */
static void read_answer(struct str answer)
{
	struct dlg_local l = local_of(13);
	struct dlg_offer o;
	struct dlg_media m;
	struct buf b = buf_heap(1 << 17);

	dlg_offer_init(&o, 5);
	check(dlg_offer_make(&o, &l, &b) == 0);
	if (dlg_offer_accept(&o, &l, answer, &m) == 0)
		judge_media(&m);
	dlg_offer_fini(&o);
	buf_free(&b);
}

static void judge_answer(struct dlg_offer *o, const struct dlg_local *l, struct str sdp,
			 struct str answer)
{
	struct buf again = buf_heap(1 << 17), refusal = buf_heap(1 << 17);
	uint64_t version = o->version;

	check(sections(answer) == sections(sdp));
	check(dlg_offer_refuse(sdp, &refusal) && sections(buf_str(&refusal)) == sections(sdp));
	check(dlg_offer_make(o, l, &again) == 0 && o->version >= version);
	check(sections(buf_str(&again)) >= sections(answer));
	read_answer(answer);
	buf_free(&again);
	buf_free(&refusal);
}

static void answer(struct dlg_offer *o, const struct dlg_local *l, struct str sdp)
{
	struct buf b = buf_heap(1 << 17);
	struct dlg_media m;
	const char *why = NULL;
	unsigned status = dlg_offer_answer(o, l, sdp, &b, &m, &why);

	check(status == 200 || status == 400 || status == 488 || status == 500);
	if (status == 200) {
		judge_media(&m);
		judge_answer(o, l, sdp, buf_str(&b));
	} else {
		check(why && *why);
	}
	buf_free(&b);
}

static void accept(const struct dlg_local *l, struct str sdp)
{
	struct buf b = buf_heap(1 << 17);
	struct dlg_offer o;
	struct dlg_media m;

	dlg_offer_init(&o, 7);
	check(dlg_offer_make(&o, l, &b) == 0);
	if (dlg_offer_accept(&o, l, sdp, &m) == 0)
		judge_media(&m);
	answer(&o, l, sdp);
	dlg_offer_fini(&o);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str sdp = str_of((const char *)data, size);
	struct dlg_local l;
	struct dlg_offer o;

	if (!size)
		return 0;
	l = local_of(data[0]);
	sdp = str_skip(sdp, 1);
	dlg_offer_init(&o, 42);
	answer(&o, &l, sdp);
	answer(&o, &l, sdp);
	dlg_offer_fini(&o);
	accept(&l, sdp);
	return 0;
}
