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

/* received=, without brackets around IPv6: they are the grammar's slip, and all take the bare
 * form (RFC 5118 s4.5). */
static struct str put_received(struct buf *b, const struct addr *source)
{
	char room[ADDR_TEXT_MAX];
	struct buf ip = buf_over(room, sizeof(room));
	size_t at;

	buf_puts(b, STR(";received="));
	at = b->n;
	addr_put_ip(&ip, source);
	if (source->family == 6)
		buf_put(b, ip.p + 1, ip.n - 2);
	else
		buf_puts(b, buf_str(&ip));
	return str_of(b->p + at, b->n - at);
}

/* The value without received and rport, with ours behind; *ret speaks of it. */
static void put_stamped(struct buf *b, const struct sip_via *v, const struct addr *source,
			struct sip_via *ret)
{
	size_t sent_by_end = (size_t)(v->sent_by.p + v->sent_by.n - v->text.p);
	struct str rest = v->params;
	struct sip_param param;

	*ret = *v;
	buf_put(b, v->text.p, sent_by_end);
	while (sip_param_next(&rest, &param)) {
		if (LEX_IS(param.name, "received") || LEX_IS(param.name, "rport"))
			continue;
		buf_putc(b, ';');
		buf_puts(b, param.text);
	}
	ret->received = put_received(b, source);
	if (v->has_rport) {
		buf_fmt(b, ";rport=%u", (unsigned)source->port);
		ret->rport = source->port;
	}
	ret->text = buf_str(b);
	ret->params = str_skip(ret->text, sent_by_end + 1);
}

static bool is_from(const struct sip_via *v, const struct addr *source)
{
	struct addr a;

	return addr_parse_ip(v->host, &a) && addr_same_ip(&a, source);
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
