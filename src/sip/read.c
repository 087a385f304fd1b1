/* Looking things up in a message. */
#include "sip/lex.h"
#include "sip/msg.h"

int sip_find(const struct sip_msg *m, enum sip_hdr_id id, unsigned from)
{
	unsigned i = from;

	if (!m->first[id])
		return -1;
	if (i < m->first[id] - 1u)
		i = m->first[id] - 1u;
	for (; i < m->n_hdr; i++)
		if (m->hdr[i].id == id)
			return (int)i;
	return -1;
}

unsigned sip_count(const struct sip_msg *m, enum sip_hdr_id id)
{
	unsigned n = 0, i;

	for (i = m->first[id] ? m->first[id] - 1u : m->n_hdr; i < m->n_hdr; i++)
		n += m->hdr[i].id == id;
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

/* Behind the bracketed, quoted or plain piece at p. */
static const char *skip_piece(const char *p, const char *end)
{
	const char *q;

	if (*p == '"') {
		q = lex_quoted(p, end);
		return q ? q : end;
	}
	if (*p == '<') {
		q = (const char *)memchr(p, '>', (size_t)(end - p));
		return q ? q + 1 : end;
	}
	return *p == '(' ? skip_comment(p, end) : p + 1;
}

static const char *find_comma(const char *p, const char *end)
{
	const char *comma = (const char *)memchr(p, ',', (size_t)(end - p));

	if (!comma)
		return end;
	while (p < end && *p != ',')
		p = skip_piece(p, end);
	return p;
}

bool sip_list_next(struct str *rest, struct str *ret)
{
	const char *p = rest->p, *end = rest->p + rest->n, *comma;

	while (p < end && (*p == ',' || cc_is(*p, CC_LWS)))
		p++;
	if (p == end) {
		*rest = str_range(end, end);
		return false;
	}
	comma = find_comma(p, end);
	*ret = lex_trim(p, comma);
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

	while (!sip_list_next(&v->rest, ret)) {
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
