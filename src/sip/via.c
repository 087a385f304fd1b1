#include "sip/via.h"
#include "sip/lex.h"
#include "sip/params.h"

/* sent-protocol = protocol-name SLASH protocol-version SLASH transport, with white space at
 * the slashes if need be; the usual spelling is taken at once. */
static const char *parse_protocol(struct sip_via *v, const char **cursor, const char *end)
{
	const char *p = *cursor, *start;
	int i;

	if (end - p > 8 && memcmp(p, "SIP/2.0/", 8) == 0) {
		p += 8;
	} else {
		for (i = 0; i < 2; i++) {
			start = p;
			p = lex_run(p, end, CC_TOKEN);
			if (p == start)
				return "Via does not start with SIP/2.0/transport";
			p = lex_sws(p, end);
			if (p == end || *p != '/')
				return "Via does not start with SIP/2.0/transport";
			p = lex_sws(p + 1, end);
		}
	}
	p = start = lex_sws(p, end);
	p = lex_run(p, end, CC_TOKEN);
	if (p == start)
		return "Via has no transport";
	v->transport_name = str_range(start, p);
	v->transport = transport_of(v->transport_name);
	*cursor = lex_sws(p, end);
	return *cursor == p ? "Via has no white space before its sent-by" : NULL;
}

/* sent-by = host [ COLON port ] */
static const char *parse_sent_by(struct sip_via *v, const char **cursor, const char *end)
{
	const char *start = *cursor, *why = NULL, *p = lex_host(start, end, &v->host, NULL, &why),
		   *q;

	if (!p)
		return why;
	q = lex_sws(p, end);
	if (q < end && *q == ':') {
		p = lex_port(lex_sws(q + 1, end), end, &v->port);
		if (!p || v->port == 0)
			return "port of the sent-by is not a number from 1 to 65535";
	}
	v->sent_by = str_range(start, p);
	*cursor = lex_sws(p, end);
	return NULL;
}

static const char *take_number(const struct sip_param *param, uint32_t max, uint16_t *ret)
{
	uint32_t n;

	if (!str_to_u32(param->value, &n) || n > max)
		return "rport or ttl is not a number in range";
	*ret = (uint16_t)n;
	return NULL;
}

static bool is_cookie(struct str branch)
{
	return branch.n >= 7 && lex_is(str_first(branch, 7), "z9hg4bk", 7);
}

/* via-ttl / via-maddr / via-received / via-branch / response-port (RFC 3581 s3) */
static const char *take_param(struct sip_via *v, const struct sip_param *param)
{
	if (LEX_IS(param->name, "branch")) {
		if (v->branch.n)
			return "Via has two branches";
		v->branch = param->value;
		v->is_rfc3261 = is_cookie(v->branch);
	} else if (LEX_IS(param->name, "received")) {
		v->received = param->value;
	} else if (LEX_IS(param->name, "rport")) {
		v->has_rport = true;
		return param->has_value ? take_number(param, 0xffff, &v->rport) : NULL;
	} else if (LEX_IS(param->name, "maddr")) {
		v->maddr = param->value;
	} else if (LEX_IS(param->name, "ttl")) {
		return take_number(param, 255, &v->ttl);
	}
	return NULL;
}

static const char *parse_params(struct sip_via *v, const char *p, const char *end)
{
	struct sip_param param;
	const char *bad;

	if (p == end) {
		v->params = str_range(end, end);
		return NULL;
	}
	if (*p != ';')
		return "character that may not stand behind the sent-by";
	v->params = lex_trim(p + 1, end);
	while (p < end) {
		p = lex_param(p + 1, end, &param);
		if (!p)
			return "bad or empty Via parameter";
		bad = take_param(v, &param);
		if (bad)
			return bad;
	}
	return NULL;
}

const char *lex_via(struct str value, struct sip_via *ret)
{
	const char *p, *end, *bad;

	value = lex_some(value);
	p = value.p;
	end = p + value.n;
	memset(ret, 0, sizeof(*ret));
	ret->text = value;
	bad = parse_protocol(ret, &p, end);
	if (!bad)
		bad = parse_sent_by(ret, &p, end);
	return bad ? bad : parse_params(ret, p, end);
}

bool sip_via_parse(struct str value, struct sip_via *ret, const char **why)
{
	struct sip_via v;
	const char *bad = lex_via(value, &v);

	if (bad)
		return lex_fail(why, bad);
	*ret = v;
	return true;
}

bool sip_via_top(const struct sip_msg *m, struct sip_via *ret, const char **why)
{
	struct sip_values values = sip_values(m, SIP_HDR_VIA);
	struct str value;

	if (!sip_values_next(&values, &value))
		return lex_fail(why, "Via is missing");
	return sip_via_parse(value, ret, why);
}

/* The value without received and rport, with ours behind, and the line's other values. */
static void put_stamped(struct buf *b, const struct sip_via *v, const struct addr *source,
			struct str others)
{
	struct str rest = v->params;
	struct sip_param param;

	buf_put(b, v->text.p, (size_t)(v->sent_by.p + v->sent_by.n - v->text.p));
	while (sip_param_next(&rest, &param)) {
		if (str_ieq(param.name, STR("received")) || str_ieq(param.name, STR("rport")))
			continue;
		buf_putc(b, ';');
		buf_puts(b, param.text);
	}
	buf_puts(b, STR(";received="));
	/* Brackets around IPv6 are the grammar's slip, but all take the bare form
	 * (RFC 5118 s4.5). */
	if (source->family == 6) {
		char room[ADDR_TEXT_MAX];
		struct buf ip = buf_over(room, sizeof(room));

		addr_put_ip(&ip, source);
		buf_put(b, ip.p + 1, ip.n - 2);
	} else {
		addr_put_ip(b, source);
	}
	if (v->has_rport)
		buf_fmt(b, ";rport=%u", (unsigned)source->port);
	if (others.n) {
		buf_puts(b, STR(", "));
		buf_puts(b, others);
	}
}

static bool is_from(const struct sip_via *v, const struct addr *source)
{
	struct addr a;

	return addr_parse_ip(v->host, &a) && addr_same_ip(&a, source);
}

static void drop_scope(struct addr *a)
{
	a->scope = 0;
}

bool sip_via_stamp(struct sip_msg *m, const struct addr *source)
{
	struct sip_values values = sip_values(m, SIP_HDR_VIA);
	struct addr from = *source;
	struct sip_via v;
	struct str value, others;
	struct buf b;
	size_t room;
	char *p;

	if (!sip_values_next(&values, &value) || !sip_via_parse(value, &v, NULL))
		return false;
	drop_scope(&from);
	if (!v.has_rport && !v.received.n && is_from(&v, &from))
		return true;
	others = str_trim(values.rest);
	room = value.n + others.n + ADDR_TEXT_MAX + sizeof(";received=;rport=65535, ");
	p = (char *)arena_alloc(m->arena, room);
	if (!p)
		return false;
	b = buf_over(p, room);
	put_stamped(&b, &v, &from, others);
	return !b.failed && sip_set_value(m, (unsigned)values.slot, buf_str(&b));
}
