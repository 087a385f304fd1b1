#include "sdp/sdp.h"

static const struct str dir_names[] = {
	[SDP_INACTIVE] = STR_INIT("inactive"),
	[SDP_SENDONLY] = STR_INIT("sendonly"),
	[SDP_RECVONLY] = STR_INIT("recvonly"),
	[SDP_SENDRECV] = STR_INIT("sendrecv"),
};

struct str sdp_dir_name(enum sdp_dir d)
{
	return dir_names[d & 3];
}

struct sdp_conn sdp_conn_of(const struct addr *a)
{
	struct sdp_conn c = {.nettype = STR("IN"), .addr = *a};

	c.addrtype = a->family == 6 ? STR("IP6") : STR("IP4");
	c.addr.port = 0;
	return c;
}

const struct sdp_fmt *sdp_fmt_by_pt(const struct sdp_media *m, int pt)
{
	for (size_t i = 0; i < m->n_fmts; i++)
		if (m->fmts[i].pt == pt && pt >= 0)
			return &m->fmts[i];
	return NULL;
}

const struct sdp_fmt *sdp_fmt_by_name(const struct sdp_media *m, struct str encoding, uint32_t rate)
{
	for (size_t i = 0; i < m->n_fmts; i++) {
		const struct sdp_fmt *f = &m->fmts[i];

		if ((rate == 0 || f->rate == rate) && str_ieq(f->encoding, encoding))
			return f;
	}
	return NULL;
}

/* RFC 3551 s6, tables 4 and 5. */
static const struct {
	struct str encoding;
	uint32_t rate, channels;
} static_types[] = {
	[0] = {STR_INIT("PCMU"), 8000, 1},   [3] = {STR_INIT("GSM"), 8000, 1},
	[4] = {STR_INIT("G723"), 8000, 1},   [5] = {STR_INIT("DVI4"), 8000, 1},
	[6] = {STR_INIT("DVI4"), 16000, 1},  [7] = {STR_INIT("LPC"), 8000, 1},
	[8] = {STR_INIT("PCMA"), 8000, 1},   [9] = {STR_INIT("G722"), 8000, 1},
	[10] = {STR_INIT("L16"), 44100, 2},  [11] = {STR_INIT("L16"), 44100, 1},
	[12] = {STR_INIT("QCELP"), 8000, 1}, [13] = {STR_INIT("CN"), 8000, 1},
	[14] = {STR_INIT("MPA"), 90000, 1},  [15] = {STR_INIT("G728"), 8000, 1},
	[16] = {STR_INIT("DVI4"), 11025, 1}, [17] = {STR_INIT("DVI4"), 22050, 1},
	[18] = {STR_INIT("G729"), 8000, 1},  [25] = {STR_INIT("CelB"), 90000, 1},
	[26] = {STR_INIT("JPEG"), 90000, 1}, [28] = {STR_INIT("nv"), 90000, 1},
	[31] = {STR_INIT("H261"), 90000, 1}, [32] = {STR_INIT("MPV"), 90000, 1},
	[33] = {STR_INIT("MP2T"), 90000, 1}, [34] = {STR_INIT("H263"), 90000, 1},
};

void sdp_fmt_static(struct sdp_fmt *f)
{
	if (f->pt < 0 || (size_t)f->pt >= sizeof(static_types) / sizeof(static_types[0]))
		return;
	if (str_empty(static_types[f->pt].encoding))
		return;
	f->encoding = static_types[f->pt].encoding;
	f->rate = static_types[f->pt].rate;
	f->channels = static_types[f->pt].channels;
}

const struct sdp_line *sdp_attr(const struct sdp_lines *lines, struct str name)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->at[i].type == 'a' && str_eq(lines->at[i].name, name))
			return &lines->at[i];
	return NULL;
}

static const struct sdp_line *next_of(const struct sdp_lines *lines, size_t i, unsigned id)
{
	for (; i < lines->n; i++)
		if (lines->at[i].type == 'a' && lines->at[i].id == id)
			return &lines->at[i];
	return NULL;
}

const struct sdp_line *sdp_attr_by_id(const struct sdp_lines *lines, enum sdp_attr_id id)
{
	return next_of(lines, 0, id);
}

const struct sdp_line *sdp_attr_again(const struct sdp_lines *lines, const struct sdp_line *l)
{
	return next_of(lines, (size_t)(l - lines->at) + 1, l->id);
}

enum sdp_dir sdp_dir_of(const struct sdp_media *m)
{
	bool deaf = m->conn.addr.family && addr_is_any(&m->conn.addr);

	return (enum sdp_dir)(deaf ? (unsigned)m->dir & ~(unsigned)SDP_RECVONLY : m->dir);
}

bool sdp_is_rtp(const struct sdp_media *m)
{
	struct str p = m->proto;

	if (p.n >= 7 && memcmp(p.p, "RTP/AVP", 7) == 0)
		return true;
	if (str_istarts(p, STR("UDP/TLS/")))
		p = str_skip(p, 8);
	return str_istarts(p, STR("RTP/AVP")) || str_istarts(p, STR("RTP/SAVP"));
}

bool sdp_rtp_addr(const struct sdp_media *m, struct addr *ret)
{
	if (m->port == 0 || m->conn.addr.family == 0)
		return false;
	*ret = m->conn.addr;
	ret->port = m->port;
	return true;
}

bool sdp_rtcp_addr(const struct sdp_media *m, struct addr *ret)
{
	struct addr a;

	if (!sdp_rtp_addr(m, &a))
		return false;
	if (m->rtcp_mux) {
		*ret = a;
		return true;
	}
	if (m->rtcp_port) {
		if (m->rtcp_conn.addr.family)
			a = m->rtcp_conn.addr;
		a.port = m->rtcp_port;
	} else if (a.port == UINT16_MAX) {
		return false;
	} else {
		a.port++;
	}
	*ret = a;
	return true;
}
