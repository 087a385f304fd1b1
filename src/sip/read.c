/* Looking things up in a message. */
#include "sip/lex.h"
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

static const char *find_comma(const char *p, const char *end)
{
	for (;;) {
		p = lex_find4(p, end, ",\"<(");
		if (p == end || *p == ',')
			return p;
		p = skip_piece(p, end);
	}
}

bool sip_list_next(struct str *rest, struct str *ret)
{
	const struct str all = lex_some(*rest);
	const char *p = all.p, *end = p + all.n, *comma, *last;

	while (p < end && (cc_is(*p, CC_LWS) || *p == ','))
		p++;
	if (p == end) {
		*rest = str_range(end, end);
		return false;
	}
	comma = last = find_comma(p, end);
	while (cc_is(last[-1], CC_LWS))
		last--;
	*ret = str_range(p, last);
	*rest = str_range(comma < end ? comma + 1 : end, end);
	return true;
}

struct sip_values sip_values(const struct sip_msg *m, enum sip_hdr_id id)
{
	return (struct sip_values){.msg = m, .id = id, .slot = -1, .rest = STR("")};
}

bool sip_values_next(struct sip_values *v, struct str *ret)
{
	int slot;

	while (!v->rest.n || !sip_list_next(&v->rest, ret)) {
		slot = sip_find(v->msg, v->id, (unsigned)(v->slot + 1));
		if (slot < 0)
			return false;
		v->slot = slot;
		v->rest = sip_hdr_value(&v->msg->hdr[slot]);
	}
	return true;
}

bool sip_has_token(const struct sip_msg *m, enum sip_hdr_id id, struct str token)
{
	struct sip_values v = sip_values(m, id);
	struct str value;

	while (sip_values_next(&v, &value))
		if (str_ieq(value, token))
			return true;
	return false;
}
