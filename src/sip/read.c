/* Looking things up in a message. */
#include "sip/lexer.h"
#include "sip/msg.h"

int sip_find(const struct sip_msg *m, enum sip_hdr_id id, unsigned from)
{
	unsigned next;

	if (from == 0 || from > m->n_hdr)
		return from ? -1 : m->first[id] - 1;
	if (m->hdr[from - 1].id == id)
		return m->hdr[from - 1].next - 1;
	for (next = m->first[id]; next && next <= from; next = m->hdr[next - 1].next)
		;
	return (int)next - 1;
}

unsigned sip_count(const struct sip_msg *m, enum sip_hdr_id id)
{
	unsigned n = 0, next;

	for (next = m->first[id]; next; next = m->hdr[next - 1].next)
		n++;
	return n;
}

int sip_find_name(const struct sip_msg *m, struct str name, unsigned from)
{
	enum sip_hdr_id id = sip_hdr_id_of(name);
	unsigned i;

	if (id != SIP_HDR_OTHER)
		return sip_find(m, id, from);
	for (i = from; i < m->n_hdr; i++)
		if (m->hdr[i].id == SIP_HDR_OTHER && str_ieq(sip_hdr_name(&m->hdr[i]), name))
			return (int)i;
	return -1;
}

/* Behind a comment = LPAREN ... RPAREN that starts at p; the end when it is not closed. */
static const char *skip_comment(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return end;
}

/* Behind the bracketed or quoted piece at p. */
static const char *skip_piece(const char *p, const char *end)
{
	const char *q;

	if (*p == '"') {
		q = lex_quoted(p, end);
		return q ? q : end;
	}
	if (*p == '<') {
		q = lex_find2(p, end, '>', '>');
		return q < end ? q + 1 : end;
	}
	return skip_comment(p, end);
}

const char *lexer_comma(const char *p, const char *end)
{
	for (;;) {
		p = lex_find4(p, end, ",\"<(");
		if (p == end || *p == ',')
			return p;
		p = skip_piece(p, end);
	}
}

/* Behind commas and white space. */
static inline const char *skip_commas(const char *p, const char *end)
{
	while (p < end && !cc_is(*p, CC_TOKEN) && (*p == ',' || cc_is(*p, CC_LWS)))
		p++;
	return p;
}

/* Behind the token at p. */
static inline const char *skip_token(const char *p, const char *end)
{
	unsigned odd = end - p >= 16 ? ~mask_plain(mask_load(p)) : 1;

	return lex_run(p + __builtin_ctz(odd), end, CC_TOKEN);
}

/* The value at p, which is not the end; gives where the next may begin. */
static inline const char *cut_value(const char *p, const char *end, struct str *ret)
{
	const char *comma = skip_token(p, end), *last = comma; /* most lists are of tokens */

	if (comma < end && *comma != ',') {
		comma = lexer_comma(comma, end);
		for (last = comma; cc_is(last[-1], CC_LWS);)
			last--;
	}
	*ret = str_range(p, last);
	return comma < end ? comma + 1 : end;
}

bool sip_list_next(struct str *rest, struct str *ret)
{
	const struct str all = lex_some(*rest);
	const char *end = all.p + all.n, *p = skip_commas(all.p, end);
	bool any = p < end;

	if (any)
		p = cut_value(p, end, ret);
	*rest = str_range(p, end);
	return any;
}

struct sip_values sip_values(const struct sip_msg *m, enum sip_hdr_id id)
{
	return (struct sip_values){.msg = m, .id = id, .slot = -1, .rest = STR("")};
}

/* Behind the fields that have been walked: the first value of those that follow. */
static bool next_field(struct sip_values *v)
{
	const struct sip_msg *m = v->msg;
	unsigned next = v->slot < 0 ? m->first[v->id] : m->hdr[v->slot].next;
	const char *p, *end;

	for (; next; next = m->hdr[next - 1].next) {
		v->slot = (int)next - 1;
		p = m->hdr[v->slot].value;
		end = p + m->hdr[v->slot].value_n;
		p = skip_commas(p, end);
		v->rest = str_range(p, end);
		if (p < end)
			return true;
	}
	return false;
}

bool lex_values_ahead(struct sip_values *v)
{
	const char *end = v->rest.p + v->rest.n, *p = skip_commas(v->rest.p, end);

	v->rest = str_range(p, end);
	return p < end || next_field(v);
}

bool sip_values_next(struct sip_values *v, struct str *ret)
{
	const char *p, *end;

	if (!lex_values_ahead(v))
		return false;
	p = v->rest.p;
	end = p + v->rest.n;
	v->rest.p = cut_value(p, end, ret);
	v->rest.n = (size_t)(end - v->rest.p);
	return true;
}

static struct lexer over_field(const struct sip_hdr *h)
{
	return lexer_over(h->value, h->value + h->value_n, true);
}

bool sip_has_token(const struct sip_msg *m, enum sip_hdr_id id, struct str token)
{
	struct str value;
	struct lexer l;
	const char *p;
	unsigned next;

	for (next = m->first[id]; next; next = m->hdr[next - 1].next) {
		l = over_field(&m->hdr[next - 1]);
		for (p = l.w.at; lexer_value(&l, &p, &value);)
			if (str_ieq(value, token))
				return true;
	}
	return false;
}

uint32_t sip_methods(const struct sip_msg *m, enum sip_hdr_id id)
{
	uint32_t methods = 0;
	struct str value;
	struct lexer l;
	const char *p;
	unsigned next;

	for (next = m->first[id]; next; next = m->hdr[next - 1].next) {
		l = over_field(&m->hdr[next - 1]);
		for (p = l.w.at; lexer_value(&l, &p, &value);)
			methods |= 1u << sip_method_of(value);
	}
	return methods;
}
