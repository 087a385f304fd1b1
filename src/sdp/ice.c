#include "sdp/ice.h"

#include "sdp/lex.h"

static const struct str type_names[] = {
	[SDP_CAND_HOST] = STR_INIT("host"),
	[SDP_CAND_SRFLX] = STR_INIT("srflx"),
	[SDP_CAND_PRFLX] = STR_INIT("prflx"),
	[SDP_CAND_RELAY] = STR_INIT("relay"),
};

/* connection-address SP [label SP] port */
static bool next_port(struct words *w, uint16_t *ret)
{
	uint64_t n;

	if (!lex_number(w, UINT16_MAX, &n))
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool next_host(struct words *w, struct str *ret, struct addr *ret_addr)
{
	struct addr a = {0};

	if (!lex_word(w, ret))
		return false;
	addr_parse_ip(*ret, &a);
	*ret_addr = a;
	return true;
}

/* Takes the word if it is the next. */
static bool take_word(struct words *w, struct str word)
{
	struct words at = *w;

	if (!str_ieq(words_next(&at), word))
		return false;
	*w = at;
	return true;
}

/* component-id = 1*5DIGIT, from 1 to 256 */
static bool next_component(struct words *w, uint16_t *ret)
{
	uint64_t n;

	if (!lex_number(w, SDP_ICE_COMPONENT_MAX, &n) || n == 0)
		return false;
	*ret = (uint16_t)n;
	return true;
}

/* [SP "raddr" SP connection-address] [SP "rport" SP port] */
static bool parse_related(struct words *w, struct sdp_candidate *c)
{
	if (take_word(w, STR("raddr")) && !next_host(w, &c->rel_host, &c->rel_addr))
		return false;
	if (take_word(w, STR("rport"))) {
		if (!next_port(w, &c->rel_port))
			return false;
		c->has_rel_port = true;
	}
	if (c->rel_addr.family)
		c->rel_addr.port = c->rel_port;
	return true;
}

/* *(SP extension-att-name SP extension-att-value) */
static bool parse_extensions(struct words *w, struct str *ret)
{
	struct str all = words_rest(w), name, value;

	while (lex_word(w, &name))
		if (!lex_word(w, &value))
			return false;
	*ret = all;
	return true;
}

/* foundation SP component-id SP transport SP priority SP connection-address SP port
 * SP "typ" SP candidate-types ...  A browser writes "candidate:" once more in its
 * own interfaces; that is let pass. */
bool sdp_candidate_parse(struct str value, struct sdp_candidate *ret)
{
	struct sdp_candidate c = {0};
	struct words w;
	uint64_t n;
	int type;

	if (str_starts(value, STR("candidate:")))
		value = str_skip(value, 10);
	if (!lex_open(value, &w) || !lex_word(&w, &c.foundation) ||
	    !lex_is_ice(c.foundation, 1, 32))
		return false;
	if (!next_component(&w, &c.component) || !lex_token(&w, &c.transport))
		return false;
	if (!lex_number(&w, UINT32_MAX, &n) || !next_host(&w, &c.host, &c.addr) ||
	    !next_port(&w, &c.port))
		return false;
	c.priority = (uint32_t)n;
	if (c.addr.family)
		c.addr.port = c.port;
	if (!take_word(&w, STR("typ")) || !lex_token(&w, &c.type_name))
		return false;
	type = lex_index(c.type_name, type_names, SDP_CAND_OTHER);
	c.type = type < 0 ? SDP_CAND_OTHER : (enum sdp_candidate_type)type;
	if (!parse_related(&w, &c) || !parse_extensions(&w, &c.extensions))
		return false;
	*ret = c;
	return true;
}

bool sdp_candidate_ext(const struct sdp_candidate *c, struct str name, struct str *ret)
{
	struct words w;
	struct str n, value;

	if (!lex_open(c->extensions, &w))
		return false;
	while (lex_word(&w, &n) && lex_word(&w, &value)) {
		if (str_eq(n, name)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

bool sdp_candidate_is_mdns(const struct sdp_candidate *c)
{
	static const struct str local = STR_INIT(".local");

	return c->addr.family == 0 && c->host.n > local.n &&
	       str_ieq(str_skip(c->host, c->host.n - local.n), local);
}

static void put_host(struct buf *b, struct str host, const struct addr *a)
{
	buf_putc(b, ' ');
	if (str_empty(host))
		put_ip(b, a);
	else
		put_word(b, host);
}

void sdp_candidate_put(struct buf *b, const struct sdp_candidate *c)
{
	if (!lex_is_ice(c->foundation, 1, 32) || c->component == 0 ||
	    c->component > SDP_ICE_COMPONENT_MAX)
		b->failed = true;
	buf_puts(b, c->foundation);
	buf_fmt(b, " %u ", c->component);
	put_token(b, c->transport);
	buf_fmt(b, " %u", c->priority);
	put_host(b, c->host, &c->addr);
	buf_fmt(b, " %u typ ", c->addr.family ? c->addr.port : c->port);
	put_token(b, str_empty(c->type_name) && c->type < SDP_CAND_OTHER ? type_names[c->type]
									 : c->type_name);
	if (!str_empty(c->rel_host) || c->rel_addr.family) {
		buf_puts(b, STR(" raddr"));
		put_host(b, c->rel_host, &c->rel_addr);
	}
	if (c->has_rel_port)
		buf_fmt(b, " rport %u", c->rel_port);
	if (!str_empty(c->extensions)) {
		buf_putc(b, ' ');
		put_text(b, c->extensions);
	}
}

/* remote-candidate = component-ID SP connection-address SP port, one or more */
bool sdp_remote_candidates_parse(struct str value, struct sdp_remote_candidates *ret)
{
	struct sdp_remote_candidates r = {.n = 0};
	struct words w;

	if (!lex_open(value, &w))
		return false;
	do {
		if (r.n == SDP_ICE_COMPONENTS_MAX || !next_component(&w, &r.at[r.n].component) ||
		    !next_host(&w, &r.at[r.n].host, &r.at[r.n].addr) ||
		    !next_port(&w, &r.at[r.n].port))
			return false;
		if (r.at[r.n].addr.family)
			r.at[r.n].addr.port = r.at[r.n].port;
		r.n++;
	} while (!lex_done(&w));
	*ret = r;
	return true;
}

void sdp_remote_candidates_put(struct buf *b, const struct sdp_remote_candidates *r)
{
	if (r->n == 0 || r->n > SDP_ICE_COMPONENTS_MAX) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		buf_fmt(b, "%s%u", i ? " " : "", r->at[i].component);
		put_host(b, r->at[i].host, &r->at[i].addr);
		buf_fmt(b, " %u", r->at[i].port);
	}
}

bool sdp_ice_ufrag_valid(struct str value)
{
	return lex_is_ice(value, 4, 256);
}

bool sdp_ice_pwd_valid(struct str value)
{
	return lex_is_ice(value, 22, 256);
}

/* The options that browsers send hold '-' too ("ice2", "renomination", "google-ice"). */
static bool next_option(struct words *w, struct str *ret)
{
	return lex_word(w, ret) && lex_is_token(*ret);
}

bool sdp_ice_options_valid(struct str value)
{
	struct words w;
	struct str option;

	if (!lex_open(value, &w))
		return false;
	do {
		if (!next_option(&w, &option))
			return false;
	} while (!lex_done(&w));
	return true;
}

bool sdp_ice_options_has(struct str value, struct str option)
{
	struct words w;
	struct str o;

	if (!lex_open(value, &w))
		return false;
	while (next_option(&w, &o))
		if (str_eq(o, option))
			return true;
	return false;
}

bool sdp_ice_pacing_parse(struct str value, uint32_t *ret_ms)
{
	struct words w;
	uint64_t n;

	if (!lex_open(value, &w) || !lex_number(&w, UINT32_MAX, &n) || !lex_done(&w))
		return false;
	*ret_ms = (uint32_t)n;
	return true;
}
