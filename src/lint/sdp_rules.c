/* What the lines of a description break together: sections without addresses or keys, groups that
 * name nobody, candidates without credentials.  A section with port 0 is refused or not wanted,
 * and little is asked of it. */
#include "lint/internal.h"

#include "sdp/crypto.h"
#include "sdp/dtls.h"
#include "sdp/events.h"
#include "sdp/extmap.h"
#include "sdp/group.h"
#include "sdp/ice.h"
#include "sdp/rtcp.h"
#include "sdp/ssrc.h"

struct section {
	struct linter *l;
	const struct sdp *sdp;
	const struct sdp_media *m;
};

#define EACH_ATTR(line, lines, id)                                                                 \
	for (const struct sdp_line *line = sdp_attr_by_id((lines), (id)); line;                    \
	     line = sdp_attr_again((lines), line))

static const struct sdp_line *in_media(const struct section *s, enum sdp_attr_id id)
{
	return sdp_attr_by_id(&s->m->lines, id);
}

/* In the section, or for all of them. */
static const struct sdp_line *anywhere(const struct section *s, enum sdp_attr_id id)
{
	const struct sdp_line *line = in_media(s, id);

	return line ? line : sdp_attr_by_id(&s->sdp->lines, id);
}

static bool ends_with_f(struct str proto)
{
	return str_ends(proto, STR("F")) || str_ends(proto, STR("f"));
}

static void address(const struct section *s)
{
	const struct sdp_media *m = s->m;

	if (!m->conn.nettype.n)
		lint_add(s->l, LINT_ERROR, m->type, "", "RFC 8866 s5.7",
			 "a c= line in the session or in each section",
			 "%.*s has no c= line: nobody knows where to send", STR_ARG(m->type));
	if (m->conn.addr.family == 4 && addr_is_any(&m->conn.addr) && m->port != 9)
		lint_add(s->l, LINT_NOTE, m->type, "", "RFC 3264 s8.4", "a=sendonly or a=inactive",
			 "c= with 0.0.0.0 holds a call as RFC 2543 did");
}

static void formats(const struct section *s)
{
	for (size_t i = 0; i < s->m->n_fmts; i++) {
		const struct sdp_fmt *f = &s->m->fmts[i];
		struct sdp_events e;

		if (f->pt >= 96 && !f->encoding.n)
			lint_add(s->l, LINT_WARNING, f->text, "", "RFC 8866 s6.6",
				 "a=rtpmap for each dynamic payload type",
				 "payload type %d has no a=rtpmap: nobody knows what it is", f->pt);
		if (str_ieq(f->encoding, STR("telephone-event")) && f->fmtp.n &&
		    !sdp_events_parse(f->fmtp, &e))
			lint_add(s->l, LINT_ERROR, f->fmtp, "", "RFC 4733 s2.4.1", "0-15",
				 "the list of events is not of numbers and ranges up to 255");
	}
}

/* a=rtpmap, a=fmtp and a=rtcp-fb for a format that m= does not list. */
static void strays(const struct section *s)
{
	static const enum sdp_attr_id ids[] = {SDP_A_RTPMAP, SDP_A_FMTP, SDP_A_RTCP_FB};
	struct sdp_rtcp_fb fb;
	uint32_t pt;

	for (size_t i = 0; i < 3; i++) {
		EACH_ATTR(line, &s->m->lines, ids[i])
		{
			struct str v = line->value, word = str_split(&v, ' ');

			if (str_to_u32(word, &pt) && pt < 128 && !sdp_fmt_by_pt(s->m, (int)pt))
				lint_add(s->l, LINT_WARNING, line->value, "",
					 sdp_attr_kind(ids[i])->rfc, NULL,
					 "a=%.*s is for payload type %u, which m= does not list",
					 STR_ARG(line->name), pt);
		}
	}
	EACH_ATTR(line, &s->m->lines, SDP_A_RTCP_FB)
	{
		if (!ends_with_f(s->m->proto) && sdp_rtcp_fb_parse(line->value, &fb)) {
			lint_add(s->l, LINT_WARNING, line->value, "", "RFC 4585 s4.2",
				 "RTP/AVPF or another profile that ends in F",
				 "a=rtcp-fb has no meaning in %.*s", STR_ARG(s->m->proto));
			break;
		}
	}
}

/* ---- keys ---- */

static void dtls(const struct section *s)
{
	const struct sdp_line *setup = anywhere(s, SDP_A_SETUP);
	bool is_offer = sip_is_request(&s->l->m) && s->l->m.method == SIP_INVITE;
	enum sdp_setup role;

	if (!anywhere(s, SDP_A_FINGERPRINT))
		lint_add(s->l, LINT_ERROR, s->m->proto, "", "RFC 5763 s5",
			 "a=fingerprint:sha-256 ...",
			 "%.*s without a=fingerprint: the peer can't know whose certificate it is",
			 STR_ARG(s->m->proto));
	if (!setup)
		lint_add(s->l, LINT_ERROR, s->m->proto, "", "RFC 5763 s5", "a=setup:actpass",
			 "%.*s without a=setup: nobody knows who begins DTLS",
			 STR_ARG(s->m->proto));
	else if (is_offer && sdp_setup_parse(setup->value, &role) && role != SDP_SETUP_ACTPASS)
		lint_add(s->l, LINT_WARNING, setup->value, "", "RFC 5763 s5", "a=setup:actpass",
			 "an offer leaves the peer to choose who begins DTLS");
}

static void one_tag(const struct section *s, const struct sdp_line *line)
{
	struct sdp_crypto c, before;

	if (!sdp_crypto_parse(line->value, &c, NULL))
		return;
	EACH_ATTR(other, &s->m->lines, SDP_A_CRYPTO)
	{
		if (other == line)
			return;
		if (sdp_crypto_parse(other->value, &before, NULL) && before.tag == c.tag)
			lint_add(s->l, LINT_ERROR, line->value, "", "RFC 4568 s4.1",
				 "a number of its own for each a=crypto",
				 "two a=crypto of a section have the tag %u", c.tag);
	}
}

static void sdes(const struct section *s)
{
	bool secure = str_istarts(s->m->proto, STR("RTP/SAVP"));
	const struct sdp_line *first = in_media(s, SDP_A_CRYPTO);
	unsigned n = 0;

	if (secure && !first && !anywhere(s, SDP_A_KEY_MGMT) && !anywhere(s, SDP_A_FINGERPRINT))
		lint_add(s->l, LINT_ERROR, s->m->proto, "", "RFC 4568 s5.1.1",
			 "a=crypto, or UDP/TLS/RTP/SAVP with a=fingerprint",
			 "%.*s without keys: nobody can decrypt it", STR_ARG(s->m->proto));
	if (!secure && first)
		lint_add(s->l, LINT_WARNING, first->value, "", "RFC 4568 s5.1.1", "RTP/SAVP",
			 "a=crypto in a section of %.*s: the media is not encrypted",
			 STR_ARG(s->m->proto));
	EACH_ATTR(line, &s->m->lines, SDP_A_CRYPTO)
	{
		if (n++ < 32)
			one_tag(s, line);
	}
}

/* ---- ICE ---- */

/* *ret_default: it is where m= and c= say. */
static void candidate(const struct section *s, const struct sdp_line *line, bool *ret_default)
{
	struct sdp_candidate c;
	struct addr here;

	if (!sdp_candidate_parse(line->value, &c))
		return;
	if (c.priority == 0 || c.priority > INT32_MAX)
		lint_add(s->l, LINT_ERROR, line->value, "", "RFC 5245 s15.1", "1 to 2147483647",
			 "a candidate has the priority %u", c.priority);
	if (c.type == SDP_CAND_HOST
		    ? c.rel_host.n > 0
		    : c.type != SDP_CAND_OTHER && (!c.rel_host.n || !c.has_rel_port))
		lint_add(s->l, LINT_ERROR, line->value, "", "RFC 5245 s15.1", NULL,
			 c.type == SDP_CAND_HOST ? "a host candidate has no raddr and rport"
						 : "a candidate that is not a host's wants raddr "
						   "and rport");
	if (sdp_candidate_is_mdns(&c))
		lint_add(
			s->l, LINT_NOTE, c.host, "", NULL, NULL,
			"the address of a candidate is hidden behind a name of multicast DNS: only "
			"its own network finds it");
	*ret_default |= c.component == 1 && sdp_rtp_addr(s->m, &here) && addr_eq(&here, &c.addr);
}

static void ice(const struct section *s)
{
	const struct sdp_line *first = in_media(s, SDP_A_CANDIDATE);
	const struct sdp_line *ufrag = anywhere(s, SDP_A_ICE_UFRAG);
	const struct sdp_line *pwd = anywhere(s, SDP_A_ICE_PWD);
	bool has_default = false;
	struct addr here;

	if (!ufrag != !pwd)
		lint_add(s->l, LINT_ERROR, ufrag ? ufrag->value : pwd->value, "", "RFC 5245 s15.4",
			 NULL, "a=ice-ufrag and a=ice-pwd come together");
	if (!first)
		return;
	if (!ufrag && !pwd)
		lint_add(s->l, LINT_ERROR, first->value, "", "RFC 5245 s15.4",
			 "a=ice-ufrag and a=ice-pwd",
			 "candidates without a=ice-ufrag and a=ice-pwd: ICE can't check them");
	EACH_ATTR(line, &s->m->lines, SDP_A_CANDIDATE)
	{
		candidate(s, line, &has_default);
	}
	if (!has_default && sdp_rtp_addr(s->m, &here) && here.port != 9 && !addr_is_any(&here))
		lint_add(s->l, LINT_WARNING, s->m->type, "", "RFC 5245 s4.3",
			 "name in m= and c= the address of a candidate",
			 "the address of m= and c= is not among the candidates: the peer takes it "
			 "for a mismatch and leaves ICE");
}

/* ---- RTP ---- */

static void extension(const struct section *s, const struct sdp_line *line)
{
	struct sdp_extmap e, before;

	if (!sdp_extmap_parse(line->value, &e))
		return;
	if (!sdp_extmap_id_valid(e.id))
		lint_add(s->l, LINT_ERROR, line->value, "", "RFC 8285 s5",
			 "1 to 14, or up to 255 with the two-byte form",
			 "a header extension has the id %u, which no packet can carry", e.id);
	EACH_ATTR(other, &s->m->lines, SDP_A_EXTMAP)
	{
		if (other == line)
			return;
		if (sdp_extmap_parse(other->value, &before) && before.id == e.id)
			lint_add(s->l, LINT_ERROR, line->value, "", "RFC 8285 s5", NULL,
				 "two header extensions of a section have the id %u", e.id);
	}
}

static bool has_source(const struct section *s, uint32_t id)
{
	struct sdp_ssrc src;

	EACH_ATTR(line, &s->m->lines, SDP_A_SSRC)
	{
		if (sdp_ssrc_parse(line->value, &src) && src.id == id)
			return true;
	}
	return false;
}

static void source_group(const struct section *s, const struct sdp_line *line)
{
	struct sdp_ssrc_group g;

	if (!sdp_ssrc_group_parse(line->value, &g))
		return;
	for (size_t i = 0; i < g.n; i++) {
		if (!has_source(s, g.ids[i])) {
			lint_add(s->l, LINT_ERROR, line->value, "", "RFC 5576 s4.2", NULL,
				 "a=ssrc-group names the source %u, of which no a=ssrc tells",
				 g.ids[i]);
			return;
		}
	}
}

static void rtp(const struct section *s)
{
	unsigned n = 0;

	EACH_ATTR(line, &s->m->lines, SDP_A_EXTMAP)
	{
		if (n++ < 32)
			extension(s, line);
	}
	n = 0;
	EACH_ATTR(line, &s->m->lines, SDP_A_SSRC_GROUP)
	{
		if (n++ < 32)
			source_group(s, line);
	}
	if (in_media(s, SDP_A_RTCP_MUX_ONLY) && !s->m->rtcp_mux)
		lint_add(s->l, LINT_WARNING, in_media(s, SDP_A_RTCP_MUX_ONLY)->name, "",
			 "RFC 8858 s3", "a=rtcp-mux beside it",
			 "a=rtcp-mux-only without a=rtcp-mux: who knows the old one alone sends "
			 "RTCP "
			 "to another port");
}

/* ---- groups ---- */

static const struct sdp_line *bundle_of(const struct sdp *sdp, struct sdp_group *ret)
{
	EACH_ATTR(line, &sdp->lines, SDP_A_GROUP)
	{
		if (sdp_group_parse(line->value, ret) && str_eq(ret->semantics, STR("BUNDLE")))
			return line;
	}
	return NULL;
}

static void group(struct linter *l, const struct sdp *sdp, const struct sdp_line *line)
{
	struct sdp_group g;

	if (!sdp_group_parse(line->value, &g))
		return;
	for (size_t i = 0; i < g.n; i++)
		if (!sdp_media_by_mid(sdp, g.mids[i]))
			lint_add(l, LINT_ERROR, g.mids[i], "", "RFC 5888 s6",
				 "a=mid in the section that is meant",
				 "a=group:%.*s names %.*s, but no section has this a=mid",
				 STR_ARG(g.semantics), STR_ARG(g.mids[i]));
}

static void bundled(const struct section *s, const struct sdp_group *g)
{
	if (g && s->m->port && sdp_is_rtp(s->m) && sdp_group_has(g, sdp_mid(s->m)) &&
	    !s->m->rtcp_mux)
		lint_add(s->l, LINT_ERROR, s->m->type, "", "RFC 8843 s9.3", "a=rtcp-mux",
			 "%.*s is in a=group:BUNDLE and has no a=rtcp-mux", STR_ARG(s->m->type));
	if (!in_media(s, SDP_A_BUNDLE_ONLY))
		return;
	if (!g || !sdp_group_has(g, sdp_mid(s->m)))
		lint_add(s->l, LINT_ERROR, in_media(s, SDP_A_BUNDLE_ONLY)->name, "", "RFC 8843 s6",
			 NULL, "a=bundle-only in a section that is in no a=group:BUNDLE");
	if (s->m->port)
		lint_add(s->l, LINT_ERROR, in_media(s, SDP_A_BUNDLE_ONLY)->name, "", "RFC 8843 s6",
			 "port 0", "a=bundle-only wants port 0: who can't bundle must refuse it");
}

static void unique_mid(const struct section *s)
{
	struct str mid = sdp_mid(s->m);

	if (mid.n && sdp_media_by_mid(s->sdp, mid) != s->m)
		lint_add(s->l, LINT_ERROR, in_media(s, SDP_A_MID)->value, "", "RFC 5888 s4", NULL,
			 "two sections have the a=mid %.*s", STR_ARG(mid));
}

static void section(const struct section *s)
{
	if (s->m->port == 0)
		return;
	address(s);
	if (sdp_is_rtp(s->m)) {
		formats(s);
		strays(s);
		rtp(s);
		sdes(s);
	}
	if (str_istarts(s->m->proto, STR("UDP/TLS/")) || str_istarts(s->m->proto, STR("TCP/DTLS/")))
		dtls(s);
	ice(s);
}

void lint_sdp_rules(struct linter *l, const struct sdp *sdp)
{
	struct sdp_group g;
	bool has_bundle = bundle_of(sdp, &g) != NULL;

	EACH_ATTR(line, &sdp->lines, SDP_A_GROUP)
	{
		group(l, sdp, line);
	}
	for (size_t i = 0; i < sdp->n_media; i++) {
		struct section s = {l, sdp, &sdp->media[i]};

		section(&s);
		unique_mid(&s);
		bundled(&s, has_bundle ? &g : NULL);
	}
}
