#include "sip/via.h"
#include "sip/lexer.h"
#include "sip/params.h"

static enum transport transport_in(struct str name)
{
	return LEX_IS(name, "udp") ? TRANSPORT_UDP : transport_of(name);
}

/* protocol-name SLASH protocol-version SLASH, with white space at the slashes if need be; the
 * usual spelling is taken at once. */
MASK_ALWAYS const char *parse_protocol(struct lexer *l, const char *p)
{
	const char *end = l->end, *start;
	int i;

	if (end - p > 8 && memcmp(p, "SIP/2.0/", 8) == 0)
		return p + 8;
	for (i = 0; i < 2; i++) {
		start = p;
		p = lexer_run(l, p, CC_TOKEN);
		if (p == start)
			return NULL;
		p = lex_sws(p, end);
		if (p == end || *p != '/')
			return NULL;
		p = lex_sws(p + 1, end);
	}
	return p;
}

/* sent-protocol = protocol-name SLASH protocol-version SLASH transport, and LWS */
MASK_ALWAYS const char *parse_transport(struct lexer *l, const char *p, struct sip_via *v)
{
	const char *start;

	p = parse_protocol(l, p);
	if (!p)
		return lexer_fails(l, "Via does not start with SIP/2.0/transport");
	start = p;
	p = lexer_run(l, start, CC_TOKEN);
	if (p == start) {
		start = lex_sws(p, l->end);
		p = lexer_run(l, start, CC_TOKEN);
	}
	if (p == start)
		return lexer_fails(l, "Via has no transport");
	v->transport_name = str_range(start, p);
	v->transport = transport_in(v->transport_name);
	start = p;
	p = lex_sws(p, l->end);
	return p > start ? p : lexer_fails(l, "Via has no white space before its sent-by");
}

/* sent-by = host [ COLON port ] */
MASK_ALWAYS const char *parse_sent_by(struct lexer *l, const char *start, struct sip_via *v)
{
	const char *p = lexer_host(l, start, &v->host, NULL), *q;

	if (!p)
		return NULL;
	q = lexer_sws(l, p, ':');
	if (q < l->end && *q == ':') {
		p = lexer_port(lex_sws(q + 1, l->end), l->end, &v->port);
		if (!p || v->port == 0)
			return lexer_fails(l,
					   "port of the sent-by is not a number from 1 to 65535");
		q = lexer_sws(l, p, ';');
	}
	v->sent_by = str_range(start, p);
	return q;
}

MASK_ALWAYS bool take_number(struct lexer *l, const struct sip_param *param, uint32_t max,
			     uint16_t *ret)
{
	uint32_t n;

	if (!lex_u32(param->value, &n) || n > max)
		return lex_fail(&l->why, "rport or ttl is not a number in range");
	*ret = (uint16_t)n;
	return true;
}

static bool is_cookie(struct str branch)
{
	return branch.n >= 7 && lex_is(str_first(branch, 7), "z9hg4bk", 7);
}

/* via-ttl / via-maddr / via-received / via-branch / response-port (RFC 3581 s3) */
MASK_ALWAYS bool take_param(struct lexer *l, const struct sip_param *param, struct sip_via *v)
{
	switch (param->name.n) {
	case 3:
		return !LEX_IS(param->name, "ttl") || take_number(l, param, 255, &v->ttl);
	case 5:
		if (LEX_IS(param->name, "maddr"))
			v->maddr = param->value;
		if (!LEX_IS(param->name, "rport"))
			return true;
		v->has_rport = true;
		return !param->has_value || take_number(l, param, 0xffff, &v->rport);
	case 6:
		if (!LEX_IS(param->name, "branch"))
			return true;
		if (v->branch.n)
			return lex_fail(&l->why, "Via has two branches");
		v->branch = param->value;
		v->is_rfc3261 = is_cookie(v->branch);
		return true;
	case 8:
		if (LEX_IS(param->name, "received"))
			v->received = param->value;
	}
	return true;
}

/* *( SEMI via-params ) */
MASK_ALWAYS const char *parse_params(struct lexer *l, const char *p, struct sip_via *v)
{
	const char *end = l->end, *first = NULL, *last = NULL;
	struct sip_param param;

	v->params = str_range(p, p);
	if (p == end || (*p == ',' && l->comma == ','))
		return p;
	if (*p != ';')
		return lexer_fails(l, "character that may not stand behind the sent-by");
	for (; p < end && *p == ';'; last = param.text.p + param.text.n) {
		p = lexer_param(l, p + 1, &param);
		if (!p)
			return lexer_fails(l, "bad or empty Via parameter");
		if (!take_param(l, &param, v))
			return NULL;
		first = first ? first : param.text.p;
	}
	v->params = str_range(first, last);
	return p;
}

MASK_ALWAYS const char *parse_value(struct lexer *l, const char *start, struct sip_via *ret)
{
	const char *p, *last;

	lex_clear(ret, sizeof(*ret));
	p = parse_transport(l, start, ret);
	if (p)
		p = parse_sent_by(l, p, ret);
	if (p)
		p = parse_params(l, p, ret);
	if (!p)
		return NULL;
	last = ret->params.n ? ret->params.p + ret->params.n : ret->sent_by.p + ret->sent_by.n;
	ret->text = str_range(start, last);
	return p;
}

const char *lex_via(struct str value, struct sip_via *ret)
{
	const char *p = lex_some(value).p;
	struct lexer l = lexer_over(p, p + value.n, false);

	p = parse_value(&l, p, ret);
	ret->text = lex_some(value);
	return p ? NULL : l.why;
}

bool sip_via_parse(struct str value, struct sip_via *ret, const char **why)
{
	struct sip_via v;
	const char *bad = lex_via(value, &v);

	if (bad)
		return lex_fail(why, bad);
	lex_copy(ret, &v, sizeof(*ret));
	return true;
}

bool sip_via_next(struct sip_values *v, struct sip_via *ret, const char **why)
{
	struct str value;
	struct lexer l;
	const char *p;

	*why = NULL;
	if (!lex_values_ahead(v))
		return false;
	l = lexer_over(v->rest.p, v->rest.p + v->rest.n, true);
	p = parse_value(&l, v->rest.p, ret);
	if (p) {
		v->rest = str_range(p, l.end);
	} else {
		sip_list_next(&v->rest, &value);
		*why = lex_via(value, ret);
	}
	return true;
}

bool sip_via_top(const struct sip_msg *m, struct sip_via *ret, const char **why)
{
	struct sip_values values = sip_values(m, SIP_HDR_VIA);
	const char *bad;
	struct sip_via v;

	if (!sip_via_next(&values, &v, &bad))
		return lex_fail(why, "Via is missing");
	if (bad)
		return lex_fail(why, bad);
	*ret = v;
	return true;
}

/* received=, without brackets around IPv6: they are the grammar's slip, and all take the bare
 * form (RFC 5118 s4.5). */
static struct str put_received(struct buf *b, const struct addr *source)
{
	char room[ADDR_TEXT_MAX];
	struct buf ip = buf_over(room, sizeof(room));
	size_t at;

	buf_puts(b, STR(";received="));
	at = b->n;
	if (source->family == 6) {
		addr_put_ip(&ip, source);
		buf_put(b, ip.p + 1, ip.n - 2);
	} else {
		addr_put_ip(b, source);
	}
	return str_of(b->p + at, b->n - at);
}

/* The parameters but received and rport. */
static void put_others(struct buf *b, struct str params)
{
	struct lexer l = lexer_over(params.p, params.p + params.n, false);
	const char *p = params.p;
	struct sip_param param;

	while (p < l.end && (p = lexer_param(&l, p + (*p == ';'), &param))) {
		if (LEX_IS(param.name, "received") || LEX_IS(param.name, "rport"))
			continue;
		buf_putc(b, ';');
		buf_puts(b, param.text);
	}
}

/* The value without received and rport, with ours behind; *ret speaks of it. */
static void put_stamped(struct buf *b, const struct sip_via *v, const struct addr *source,
			struct sip_via *ret)
{
	size_t sent_by_end = (size_t)(v->sent_by.p + v->sent_by.n - v->text.p);

	*ret = *v;
	buf_put(b, v->text.p, sent_by_end);
	put_others(b, v->params);
	ret->received = put_received(b, source);
	if (v->has_rport) {
		buf_puts(b, STR(";rport="));
		buf_put_u64(b, source->port);
		ret->rport = source->port;
	}
	ret->text = buf_str(b);
	ret->params = str_skip(ret->text, sent_by_end + 1);
}

static bool is_from(const struct sip_via *v, const struct addr *source)
{
	const char *end = v->host.p + v->host.n;
	struct addr a = {.family = 4};

	if (lexer_ipv4(v->host.p, end, a.ip) != end && !addr_parse_ip(v->host, &a))
		return false;
	return addr_same_ip(&a, source);
}

/* The field whose value holds the text. */
static int slot_of(const struct sip_msg *m, struct str text)
{
	int slot = sip_find(m, SIP_HDR_VIA, 0);
	struct str value;

	for (; slot >= 0; slot = sip_find(m, SIP_HDR_VIA, (unsigned)slot + 1)) {
		value = sip_hdr_value(&m->hdr[slot]);
		if (text.p >= value.p && text.p < value.p + value.n)
			return slot;
	}
	return -1;
}

/* The values behind the text in its line. */
static struct str others_of(const struct sip_hdr *h, struct str text)
{
	struct str rest = str_range(text.p + text.n, h->value + h->value_n);

	while (rest.n && (*rest.p == ',' || cc_is(*rest.p, CC_LWS)))
		rest = str_skip(rest, 1);
	return str_trim(rest);
}

bool sip_via_stamp_known(struct sip_msg *m, struct sip_via *via, const struct addr *source)
{
	int slot = slot_of(m, via->text);
	struct addr from = *source;
	struct sip_via stamped;
	struct str others;
	struct buf b;
	size_t room;
	char *p;

	if (slot < 0)
		return false;
	from.scope = 0;
	if (!via->has_rport && !via->received.n && is_from(via, &from))
		return true;
	others = others_of(&m->hdr[slot], via->text);
	room = via->text.n + others.n + ADDR_TEXT_MAX + sizeof(";received=;rport=65535, ");
	p = (char *)arena_alloc(m->arena, room);
	if (!p)
		return false;
	b = buf_over(p, room);
	put_stamped(&b, via, &from, &stamped);
	if (others.n) {
		buf_puts(&b, STR(", "));
		buf_puts(&b, others);
	}
	if (b.failed || !sip_set_value(m, (unsigned)slot, buf_str(&b)))
		return false;
	*via = stamped;
	return true;
}

bool sip_via_stamp(struct sip_msg *m, const struct addr *source)
{
	struct sip_via v;

	return sip_via_top(m, &v, NULL) && sip_via_stamp_known(m, &v, source);
}
