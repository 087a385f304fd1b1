/* Each header field by itself: its grammar, its name, and how often it stands. */
#include "lint/internal.h"

#include "base/scan.h"
#include "sip/kinds.h"

/* Fields that only people read: what is wrong there breaks nothing. */
static bool is_talk(unsigned id)
{
	return id == SIP_HDR_USER_AGENT || id == SIP_HDR_SERVER || id == SIP_HDR_SUBJECT ||
	       id == SIP_HDR_ORGANIZATION;
}

/* The list value that begins at the offset, or the whole value. */
static struct str value_at(const struct linter *l, const struct sip_hdr *h, size_t offset)
{
	struct str rest = sip_hdr_value(h), value;

	if (sip_hdr_kind((enum sip_hdr_id)h->id)->flags & SIP_KIND_LIST)
		while (sip_list_next(&rest, &value))
			if (value.p == l->bytes.p + offset)
				return value;
	return sip_hdr_value(h);
}

/* What RFC 8224 replaced: a signature alone, with Identity-Info beside it. */
static bool is_old_identity(const struct sip_hdr *h)
{
	return h->id == SIP_HDR_IDENTITY && h->value_n && !memchr(h->value, ';', h->value_n);
}

static enum lint_level level_of(const struct sip_hdr *h)
{
	return is_talk(h->id) || is_old_identity(h) ? LINT_WARNING : LINT_ERROR;
}

static void grammar(struct linter *l, unsigned slot)
{
	const struct sip_hdr *h = &l->m.hdr[slot];
	const struct sip_hdr_kind *k = sip_hdr_kind((enum sip_hdr_id)h->id);
	char fix[256];
	struct buf b = buf_over(fix, sizeof(fix));
	struct sip_err err;
	struct str where;

	if (sip_hdr_check(&l->m, slot, &err))
		return;
	where = value_at(l, h, err.offset);
	if (!where.n)
		where = lint_line_of(h);
	buf_fmt(&b, "as in: %s", k->example);
	lint_add(l, level_of(h), where, err.header, err.rfc, b.failed ? NULL : buf_c(&b),
		 "%s: %s%s", err.header, err.why,
		 is_old_identity(h) ? ", but as RFC 4474 had it" : "");
}

static bool is_first(const struct linter *l, unsigned slot)
{
	return l->m.first[l->m.hdr[slot].id] == slot + 1;
}

static void once(struct linter *l, unsigned slot)
{
	const struct sip_hdr *h = &l->m.hdr[slot];
	const struct sip_hdr_kind *k = sip_hdr_kind((enum sip_hdr_id)h->id);
	const char *name = sip_hdr_id_name((enum sip_hdr_id)h->id).p;

	if (!k || !(k->flags & SIP_KIND_SINGLE) || is_first(l, slot))
		return;
	lint_add(l, level_of(h), lint_line_of(h), name, "RFC 3261 s7.3.1", "leave one of them",
		 "%s stands twice, and may stand once", name);
}

static void name(struct linter *l, unsigned slot)
{
	const struct sip_hdr *h = &l->m.hdr[slot];
	struct str given = sip_hdr_name(h);
	const char *near = h->id == SIP_HDR_OTHER ? lint_near_name(given) : NULL;

	if (near)
		lint_add(l, LINT_WARNING, given, "", "RFC 3261 s7.3.1", near,
			 "unknown header field %.*s; did you mean %s?", STR_ARG(given), near);
}

/* TEXT-UTF8 has no controls but the line ends of folds; a quoted-pair may hold any. */
static void characters(struct linter *l, unsigned slot)
{
	struct str v = sip_hdr_value(&l->m.hdr[slot]);
	size_t i;

	for (i = 0; i < v.n; i++) {
		if (!cc_is(v.p[i], CC_CTL) || cc_is(v.p[i], CC_LWS) || (i && v.p[i - 1] == '\\'))
			continue;
		lint_add(l, LINT_ERROR, str_of(v.p + i, 1), "", "RFC 3261 s25.1", "take it out",
			 "control character 0x%02x in a header field", (unsigned char)v.p[i]);
		return;
	}
}

/* Bytes of the UTF-8 sequence at p, 0: it is none. */
static size_t utf8_at(const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : 4, i;

	if (c >= 0xf5 || (c >= 0x80 && c < 0xc2) || n > left)
		return 0;
	for (i = 1; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void encoding(struct linter *l, unsigned slot)
{
	struct str v = sip_hdr_value(&l->m.hdr[slot]);
	size_t i, n;

	for (i = 0; i < v.n; i += n) {
		n = utf8_at(v.p + i, v.n - i);
		if (n)
			continue;
		lint_add(l, LINT_WARNING, str_of(v.p + i, 1), "", "RFC 3261 s7.3.1",
			 "write the text in UTF-8", "byte 0x%02x is not UTF-8",
			 (unsigned char)v.p[i]);
		return;
	}
}

static bool is_compact(const struct sip_hdr *h)
{
	return h->name_n == 1 && h->id != SIP_HDR_OTHER;
}

/* Those in use, each once: "v Via, f From". */
static void compact_forms(struct linter *l)
{
	char list[256];
	struct buf b = buf_over(list, sizeof(list));
	struct str first = STR_NONE;
	uint8_t told[SIP_HDR_COUNT] = {0};
	unsigned i;

	b.cut = true;
	for (i = 0; i < l->m.n_hdr; i++) {
		const struct sip_hdr *h = &l->m.hdr[i];

		if (!is_compact(h) || told[h->id]++)
			continue;
		buf_fmt(&b, "%s%c %s", first.p ? ", " : "", h->name[0],
			sip_hdr_id_name((enum sip_hdr_id)h->id).p);
		first = first.p ? first : sip_hdr_name(h);
	}
	if (first.p)
		lint_add(l, LINT_NOTE, first, "", "RFC 3261 s7.3.3", NULL, "compact forms: %s",
			 buf_c(&b));
}

/* How many fields a habit has, and the first of them. */
struct habit {
	struct str first;
	unsigned n;
};

static void take(struct habit *habit, bool has, const struct sip_hdr *h)
{
	if (has && !habit->n++)
		habit->first = sip_hdr_name(h);
}

/* Said once for all, for they are everywhere or nowhere. */
static void habits(struct linter *l)
{
	struct habit folded = {.n = 0}, spaced = {.n = 0};
	unsigned i;

	for (i = 0; i < l->m.n_hdr; i++) {
		const struct sip_hdr *h = &l->m.hdr[i];

		take(&folded, h->flags & SIP_HDR_FOLDED, h);
		take(&spaced, cc_is(h->name[h->name_n], CC_WS), h);
	}
	if (folded.n)
		lint_add(l, LINT_NOTE, folded.first, "", "RFC 3261 s7.3.1",
			 "write each field on one line",
			 "%u field%s folded over lines, which some devices do not read", folded.n,
			 folded.n == 1 ? " is" : "s are");
	if (spaced.n)
		lint_add(l, LINT_NOTE, spaced.first, "", "RFC 3261 s7.3.1",
			 "put the colon right behind the name",
			 "%u field%s white space before the colon, which some do not take",
			 spaced.n, spaced.n == 1 ? " has" : "s have");
	compact_forms(l);
}

void lint_fields(struct linter *l)
{
	unsigned i;

	for (i = 0; i < l->m.n_hdr; i++) {
		grammar(l, i);
		once(l, i);
		name(l, i);
		characters(l, i);
		encoding(l, i);
	}
	habits(l);
}
