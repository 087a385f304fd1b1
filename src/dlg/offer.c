#include "dlg/offer.h"

#include <errno.h>

#include "sdp/group.h"
#include "sdp/lines.h"

#define OUR_DTMF_PT 101
#define FMTS_MAX (DLG_CODECS + 1)
#define PARSE_BYTES (256 * 1024)

static const struct {
	struct str name;
	int pt;
} codecs[DLG_CODECS] = {
	[DLG_PCMU] = {STR_INIT("PCMU"), 0},
	[DLG_PCMA] = {STR_INIT("PCMA"), 8},
};

/* A description of ours under construction, in the arena of the one it answers. */
struct draft {
	struct sdp sdp;
	struct sdp_fmt fmts[FMTS_MAX];
	struct sdp_line mid; /* of the audio */
	char id[24], version[24];
};

struct str dlg_codec_name(enum dlg_codec c)
{
	return codecs[c].name;
}

void dlg_offer_init(struct dlg_offer *o, uint64_t id)
{
	memset(o, 0, sizeof(*o));
	o->id = id >> 1; /* some peers read o= into a signed number */
	o->version = 1;
	for (unsigned c = 0; c < DLG_CODECS; c++)
		o->pt[c] = codecs[c].pt;
	o->dtmf_pt = OUR_DTMF_PT;
}

void dlg_offer_fini(struct dlg_offer *o)
{
	str_free(&o->last);
}

/* ---- writing ---- */

static struct sdp_fmt codec_fmt(enum dlg_codec c, int pt)
{
	return (struct sdp_fmt){.pt = pt, .encoding = codecs[c].name, .rate = 8000, .channels = 1};
}

/* In an a=fmtp line the payload type stands as text. */
static struct sdp_fmt dtmf_fmt(struct arena *a, int pt)
{
	return (struct sdp_fmt){.text = arena_fmt(a, "%d", pt),
				.pt = pt,
				.encoding = STR("telephone-event"),
				.rate = 8000,
				.channels = 1,
				.fmtp = STR("0-16")};
}

static struct str number(char room[24], uint64_t v)
{
	struct buf b = buf_over(room, 24);

	buf_put_u64(&b, v);
	return buf_str(&b);
}

static bool print(struct draft *d, const struct dlg_offer *o, uint64_t version, struct buf *b)
{
	d->sdp.origin.id = number(d->id, o->id);
	d->sdp.origin.version = number(d->version, version);
	return sdp_build(&d->sdp, b);
}

/* Prints into b and remembers it; the version rises when anything else changed (s8). */
static int commit(struct dlg_offer *o, struct draft *d, struct buf *b)
{
	size_t start = b->n;
	uint64_t version = o->version;
	struct str text, copy;

	if (!print(d, o, version, b))
		return -EINVAL;
	text = str_of(b->p + start, b->n - start);
	if (str_eq(text, o->last))
		return 0;
	if (!str_empty(o->last)) {
		b->n = start;
		if (!print(d, o, ++version, b))
			return -EINVAL;
		text = str_of(b->p + start, b->n - start);
	}
	if (str_dup(text, &copy) != 0)
		return -ENOMEM;
	str_free(&o->last);
	o->last = copy;
	o->version = version;
	return 0;
}

static void begin(struct draft *d, const struct dlg_local *l)
{
	memset(d, 0, sizeof(*d));
	d->sdp.origin.user = STR("tsuwa");
	d->sdp.conn = d->sdp.origin.conn = sdp_conn_of(&l->rtp);
}

static void fill_audio(struct sdp_media *m, struct draft *d, const struct dlg_local *l)
{
	m->type = STR("audio");
	m->port = l->rtp.port;
	m->n_ports = 1;
	m->conn = d->sdp.conn;
	m->ptime_ms = l->ptime_ms ? l->ptime_ms : 20;
	m->fmts = d->fmts;
}

/* A section keeps its name for the whole session (RFC 5888 s9.1). */
static void keep_mid(struct sdp_media *m, struct draft *d, const struct sdp_media *from)
{
	struct str mid = sdp_mid(from);

	if (!sdp_mid_valid(mid))
		return;
	d->mid = (struct sdp_line){
		.type = 'a', .has_value = true, .id = SDP_A_MID, .name = STR("mid"), .value = mid};
	m->lines = (struct sdp_lines){&d->mid, 1};
}

/* Port 0; the formats don't matter (s6), so the first does. */
static void fill_refused(struct sdp_media *m, const struct sdp_media *like)
{
	m->type = like->type;
	m->n_ports = 1;
	m->proto = like->proto;
	m->fmts = like->fmts;
	m->n_fmts = like->n_fmts ? 1 : 0;
	m->dir = SDP_INACTIVE;
}

static bool room_for_media(struct draft *d, struct arena *a, size_t n)
{
	d->sdp.media = arena_zalloc(a, (n ? n : 1) * sizeof(*d->sdp.media));
	d->sdp.n_media = n;
	return d->sdp.media != NULL;
}

static int offer_in(struct dlg_offer *o, const struct dlg_local *l, struct arena *a,
		    struct buf *ret)
{
	struct sdp last = {0};
	struct draft d;
	struct sdp_media *m;

	if (!str_empty(o->last) && !sdp_parse(o->last, a, &last, NULL))
		return -ENOMEM; /* it is our own: only room can be missing */
	begin(&d, l);
	if (!room_for_media(&d, a, o->active < last.n_media ? last.n_media : o->active + 1))
		return -ENOMEM;
	for (size_t i = 0; i < last.n_media; i++)
		fill_refused(&d.sdp.media[i], &last.media[i]);
	m = &d.sdp.media[o->active];
	m->proto = o->active < last.n_media ? last.media[o->active].proto : STR("RTP/AVP");
	fill_audio(m, &d, l);
	if (o->active < last.n_media)
		keep_mid(m, &d, &last.media[o->active]);
	m->n_fmts = 0;
	for (unsigned i = 0; i < l->n_codecs && i < DLG_CODECS; i++)
		d.fmts[m->n_fmts++] = codec_fmt(l->codecs[i], o->pt[l->codecs[i]]);
	if (!l->no_dtmf)
		d.fmts[m->n_fmts++] = dtmf_fmt(a, o->dtmf_pt);
	m->rtcp_mux = true;
	m->dir = l->dir;
	return commit(o, &d, ret) ? -ENOMEM : 0;
}

int dlg_offer_make(struct dlg_offer *o, const struct dlg_local *local, struct buf *ret)
{
	char room[4096];
	struct arena a;
	int err;

	arena_init(&a, room, sizeof(room), PARSE_BYTES);
	err = offer_in(o, local, &a, ret);
	arena_fini(&a);
	return err;
}

/* ---- reading ---- */

static bool is_codec(const struct sdp_fmt *f, enum dlg_codec c)
{
	return f->pt >= 0 && f->pt < 128 && str_ieq(f->encoding, codecs[c].name) &&
	       (f->rate == 8000 || f->rate == 0) && f->channels <= 1;
}

/* The first format that this side has too: the describer's order counts (s6.1). */
static const struct sdp_fmt *first_codec(const struct sdp_media *m, const struct dlg_local *l,
					 enum dlg_codec *ret)
{
	for (size_t i = 0; i < m->n_fmts; i++)
		for (unsigned c = 0; c < l->n_codecs; c++)
			if (is_codec(&m->fmts[i], l->codecs[c])) {
				*ret = l->codecs[c];
				return &m->fmts[i];
			}
	return NULL;
}

static int dtmf_pt_of(const struct sdp_media *m)
{
	const struct sdp_fmt *f = sdp_fmt_by_name(m, STR("telephone-event"), 8000);

	return f && f->pt >= 0 && f->pt < 128 ? f->pt : -1;
}

/* Plain RTP, with or without feedback (RFC 4585). */
static bool is_plain_rtp(const struct sdp_media *m)
{
	return str_ieq(m->proto, STR("RTP/AVP")) || str_ieq(m->proto, STR("RTP/AVPF"));
}

static bool is_multicast(const struct addr *a)
{
	return a->family == 4 ? (a->ip[0] & 0xf0) == 0xe0 : a->ip[0] == 0xff;
}

/* Where to send; none for a name, a multicast group, or the 0.0.0.0 of an old-style hold. */
static void read_addresses(const struct sdp_media *m, struct dlg_media *ret)
{
	struct addr a;

	if (!sdp_rtp_addr(m, &a) || is_multicast(&a) || addr_is_any(&a))
		return;
	ret->rtp = a;
	if (sdp_rtcp_addr(m, &a) && !is_multicast(&a) && !addr_is_any(&a))
		ret->rtcp = a;
}

static void read_section(const struct sdp_media *m, const struct sdp *s, const struct dlg_local *l,
			 struct dlg_media *ret)
{
	read_addresses(m, ret);
	ret->dir = (enum sdp_dir)(sdp_dir_reverse(sdp_dir_of(m)) & l->dir); /* s8.4 */
	ret->rtcp_mux = m->rtcp_mux;
	ret->ptime_ms = m->ptime_ms ? m->ptime_ms : s->ptime_ms;
	if (!ret->ptime_ms)
		ret->ptime_ms = 20;
	ret->active = true;
}

/* Why a section can't be taken; NULL when it can. */
static const char *unfit(const struct sdp_media *m, const struct dlg_local *l)
{
	enum dlg_codec c;

	if (!str_ieq(m->type, STR("audio")))
		return "Only audio is supported";
	if (!is_plain_rtp(m))
		return "Only RTP/AVP is supported";
	if (m->conn.addr.family && m->conn.addr.family != l->rtp.family &&
	    !addr_is_any(&m->conn.addr))
		return "Incompatible network address format";
	if (!first_codec(m, l, &c))
		return "No common codec: PCMU and PCMA are supported";
	return NULL;
}

/* The section to take, or -1; an offer in which nothing is asked for is no failure. */
static int choose(const struct sdp *s, const struct dlg_local *l, const char **why)
{
	const char *w;

	*why = NULL;
	for (size_t i = 0; i < s->n_media; i++) {
		if (s->media[i].port == 0)
			continue;
		w = unfit(&s->media[i], l);
		if (!w)
			return (int)i;
		if (!*why || str_ieq(s->media[i].type, STR("audio")))
			*why = w;
	}
	return -1;
}

static void answer_audio(struct sdp_media *m, struct draft *d, struct arena *a,
			 const struct dlg_local *l, const struct sdp_media *offered,
			 struct dlg_media *got)
{
	const struct sdp_fmt *f = first_codec(offered, l, &got->codec);

	got->send_pt = got->recv_pt = (uint8_t)f->pt;
	got->send_dtmf_pt = got->recv_dtmf_pt = l->no_dtmf ? -1 : dtmf_pt_of(offered);
	m->proto = offered->proto;
	fill_audio(m, d, l);
	keep_mid(m, d, offered);
	d->fmts[0] = codec_fmt(got->codec, f->pt);
	m->n_fmts = 1;
	if (got->send_dtmf_pt >= 0)
		d->fmts[m->n_fmts++] = dtmf_fmt(a, got->send_dtmf_pt);
	m->rtcp_mux = got->rtcp_mux;
	m->dir = got->dir;
}

/* s6: t= is that of the offer. */
static bool copy_times(struct draft *d, struct arena *a, const struct sdp_lines *from)
{
	struct sdp_line *at = arena_alloc(a, (from->n ? from->n : 1) * sizeof(*at));

	struct sdp_time t;

	if (!at)
		return false;
	d->sdp.lines.at = at;
	for (size_t i = 0; i < from->n; i++)
		if (from->at[i].type == 't' && sdp_time_parse(from->at[i].value, &t))
			at[d->sdp.lines.n++] = from->at[i];
	return true;
}

static unsigned answer_in(struct dlg_offer *o, const struct dlg_local *l, const struct sdp *s,
			  struct arena *a, struct buf *b, struct dlg_media *ret, const char **why)
{
	struct dlg_media got = {.send_dtmf_pt = -1, .recv_dtmf_pt = -1, .ptime_ms = 20};
	int take = choose(s, l, why), err;
	struct draft d;

	if (take < 0 && *why)
		return 488;
	begin(&d, l);
	if (!room_for_media(&d, a, s->n_media) || !copy_times(&d, a, &s->lines))
		return 500;
	for (size_t i = 0; i < s->n_media; i++)
		fill_refused(&d.sdp.media[i], &s->media[i]);
	if (take >= 0) {
		read_section(&s->media[take], s, l, &got);
		answer_audio(&d.sdp.media[take], &d, a, l, &s->media[take], &got);
	}
	err = commit(o, &d, b);
	if (err == -EINVAL) {
		*why = "The description can't be answered";
		return 488;
	}
	if (err)
		return 500;
	o->active = take >= 0 ? (unsigned)take : (unsigned)s->n_media;
	if (got.active) {
		o->pt[got.codec] = got.recv_pt;
		if (got.recv_dtmf_pt >= 0)
			o->dtmf_pt = got.recv_dtmf_pt;
	}
	*ret = got;
	return 200;
}

bool dlg_offer_refuse(struct str sdp, struct buf *b)
{
	struct dlg_local nowhere = {.rtp = {.family = 4}};
	char room[4096];
	struct arena a;
	struct sdp s;
	struct draft d;
	bool good;

	arena_init(&a, room, sizeof(room), PARSE_BYTES);
	begin(&d, &nowhere);
	d.sdp.origin.id = d.sdp.origin.version = STR("0");
	good = sdp_parse(sdp, &a, &s, NULL) && room_for_media(&d, &a, s.n_media) &&
	       copy_times(&d, &a, &s.lines);
	for (size_t i = 0; good && i < s.n_media; i++)
		fill_refused(&d.sdp.media[i], &s.media[i]);
	good = good && sdp_build(&d.sdp, b);
	arena_fini(&a);
	return good;
}

unsigned dlg_offer_answer(struct dlg_offer *o, const struct dlg_local *local, struct str sdp,
			  struct buf *b, struct dlg_media *ret, const char **why)
{
	char room[4096];
	size_t start = b->n;
	unsigned status = 400;
	struct sdp_err err = {0};
	struct arena a;
	struct sdp s;

	arena_init(&a, room, sizeof(room), PARSE_BYTES);
	if (sdp_parse(sdp, &a, &s, &err))
		status = answer_in(o, local, &s, &a, b, ret, why);
	else
		*why = err.why ? err.why : "Not a session description";
	arena_fini(&a);
	if (status != 200)
		b->n = start;
	return status;
}

/* The section that answers our audio; a peer that drops refused sections is met half-way. */
static const struct sdp_media *answered(const struct dlg_offer *o, const struct sdp *s)
{
	if (o->active < s->n_media)
		return &s->media[o->active];
	for (size_t i = 0; i < s->n_media; i++)
		if (s->media[i].port && str_ieq(s->media[i].type, STR("audio")))
			return &s->media[i];
	return NULL;
}

int dlg_offer_accept(const struct dlg_offer *o, const struct dlg_local *local, struct str sdp,
		     struct dlg_media *ret)
{
	struct dlg_media got = {.send_dtmf_pt = -1, .recv_dtmf_pt = -1, .ptime_ms = 20};
	const struct sdp_media *m;
	const struct sdp_fmt *f;
	char room[4096];
	struct arena a;
	struct sdp s;

	arena_init(&a, room, sizeof(room), PARSE_BYTES);
	if (!sdp_parse(sdp, &a, &s, NULL)) {
		arena_fini(&a);
		return -EBADMSG;
	}
	m = answered(o, &s);
	f = m && m->port && is_plain_rtp(m) ? first_codec(m, local, &got.codec) : NULL;
	if (f) {
		read_section(m, &s, local, &got);
		got.send_pt = (uint8_t)f->pt;
		got.recv_pt = (uint8_t)o->pt[got.codec];
		got.send_dtmf_pt = local->no_dtmf ? -1 : dtmf_pt_of(m);
		got.recv_dtmf_pt = got.send_dtmf_pt >= 0 ? o->dtmf_pt : -1;
	}
	*ret = got;
	arena_fini(&a);
	return 0;
}
