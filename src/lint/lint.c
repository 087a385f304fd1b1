#include "lint/internal.h"

#include "base/buf.h"

void lint_place(struct str text, size_t offset, unsigned *line, unsigned *column)
{
	size_t i, start = 0;
	unsigned n = 1;

	for (i = 0; i < offset && i < text.n; i++) {
		if (text.p[i] == '\n' ||
		    (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'))) {
			n++;
			start = i + 1;
		}
	}
	*line = n;
	*column = (unsigned)(offset - start) + 1;
}

static size_t offset_of(const struct linter *l, struct str where)
{
	if (!where.p || where.p < l->bytes.p || where.p > l->bytes.p + l->bytes.n)
		return 0;
	return (size_t)(where.p - l->bytes.p);
}

bool lint_told(const struct linter *l, const char *header, size_t offset)
{
	unsigned i;

	for (i = 0; i < l->out->n; i++) {
		const struct lint_finding *f = &l->out->findings[i];

		if (f->level == LINT_ERROR && f->offset == offset &&
		    str_eq(f->header, str_c(header)))
			return true;
	}
	return false;
}

static bool told_of_header(const struct linter *l, const char *header)
{
	unsigned i;

	for (i = 0; *header && i < l->out->n; i++)
		if (l->out->findings[i].level == LINT_ERROR &&
		    str_eq(l->out->findings[i].header, str_c(header)))
			return true;
	return false;
}

static void count(struct lint *out, enum lint_level level)
{
	out->n_errors += level == LINT_ERROR;
	out->n_warnings += level == LINT_WARNING;
	out->n_notes += level == LINT_NOTE;
}

static struct lint_finding *room_for(struct linter *l)
{
	if (l->out->n == LINT_FINDINGS_MAX) {
		l->out->cut = true;
		return NULL;
	}
	return &l->out->findings[l->out->n];
}

void lint_add(struct linter *l, enum lint_level level, struct str where, const char *header,
	      const char *rfc, const char *fix, const char *format, ...)
{
	size_t offset = offset_of(l, where);
	struct lint_finding *f = room_for(l);
	char text[512];
	struct buf b = buf_over(text, sizeof(text));
	va_list ap;

	if (!f || (level == LINT_ERROR && where.n && lint_told(l, header, offset)))
		return;
	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	*f = (struct lint_finding){.level = level,
				   .offset = offset,
				   .length = where.p ? where.n : 0,
				   .missing = !where.p,
				   .header = str_c(header),
				   .what = arena_str(l->arena, buf_str(&b)),
				   .fix = fix ? arena_str(l->arena, str_c(fix)) : STR(""),
				   .rfc = rfc};
	if (!f->what.p || !f->fix.p) {
		l->out_of_memory = true;
		return;
	}
	lint_place(l->bytes, offset, &f->line, &f->column);
	l->out->n++;
	count(l->out, level);
}

void lint_missing(struct linter *l, enum lint_level level, enum sip_hdr_id id, const char *rfc,
		  const char *fix, const char *why)
{
	const char *name = sip_hdr_id_name(id).p;

	if (!sip_has(&l->m, id))
		lint_add(l, level, STR_NONE, name, rfc, fix, "%s is missing: %s", name, why);
}

/* What the parser stumbled over, should no check have told of it. */
static void tell_first_fault(struct linter *l)
{
	const struct sip_err *e = &l->err;
	size_t at = e->offset < l->bytes.n ? e->offset : l->bytes.n;
	struct str where = str_of(l->bytes.p + at, l->bytes.n - at), line;

	if ((l->parsed && l->checked) || told_of_header(l, e->header) ||
	    lint_told(l, e->header, e->offset))
		return;
	line = str_split(&where, '\n');
	lint_add(l, LINT_ERROR, str_trim(line), e->header, e->rfc, NULL, "%s", e->why);
}

/* By place, those of the whole message first; few, so by insertion. */
static void sort(struct lint *out)
{
	struct lint_finding moving;
	unsigned i, k;

	for (i = 1; i < out->n; i++) {
		moving = out->findings[i];
		for (k = i; k > 0 && out->findings[k - 1].offset > moving.offset; k--)
			out->findings[k] = out->findings[k - 1];
		out->findings[k] = moving;
	}
}

/* sip_parse() skips the line ends before a message; offsets count from the first byte all the same. */
static void parse(struct linter *l)
{
	struct sip_err check_err = {.why = "", .header = ""};

	l->parsed = sip_parse(l->bytes, l->arena, &l->m, &l->err);
	l->checked = sip_check(&l->m, &l->head, l->parsed ? &l->err : &check_err);
	l->old = l->head.via.host.n && !l->head.via.is_rfc3261;
}

static struct str summary(struct linter *l)
{
	const struct sip_msg *m = &l->m;

	if (!sip_is_request(m))
		return arena_fmt(l->arena, "%u %.*s%s%.*s", m->status, STR_ARG(m->reason),
				 m->method_name.n ? " to " : "", STR_ARG(m->method_name));
	if (!m->method_name.n)
		return STR("no SIP message");
	return arena_fmt(l->arena, "%.*s %.*s", STR_ARG(m->method_name), STR_ARG(m->uri));
}

bool lint_message(struct str bytes, struct arena *a, struct lint *ret)
{
	struct linter l = {.bytes = bytes, .arena = a, .out = ret};

	memset(ret, 0, sizeof(*ret));
	ret->findings =
		(struct lint_finding *)arena_alloc(a, LINT_FINDINGS_MAX * sizeof(*ret->findings));
	if (!ret->findings)
		return false;
	parse(&l);
	lint_lines(&l);
	lint_start_line(&l);
	lint_fields(&l);
	if (sip_is_request(&l.m))
		lint_request(&l);
	else
		lint_response(&l);
	lint_route(&l);
	lint_body(&l);
	tell_first_fault(&l);
	lint_verdict(&l);
	sort(ret);
	ret->summary = summary(&l);
	return ret->summary.p && !l.out_of_memory;
}
