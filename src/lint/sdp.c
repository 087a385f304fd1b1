/* Session descriptions line by line: order, grammar, and where an attribute may stand. */
#include "lint/internal.h"

#include "sdp/check.h"
#include "sdp/dtls.h"

/* Cuts a line off, whatever ends it. */
static struct str next_line(struct str *rest)
{
	size_t n = 0;
	struct str line;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	line = str_first(*rest, n);
	if (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	*rest = str_skip(*rest, n + 1);
	return line;
}

static struct str nth_line(struct str s, unsigned n)
{
	struct str line = STR("");

	while (n-- && s.n)
		line = next_line(&s);
	return str_trim(line);
}

/* Lines that every description has, in their order (RFC 8866 s5). */
static void order(struct linter *l, struct str text)
{
	static const char letters[] = "vosiuepcbtrzkam";
	struct str rest = text, line;
	bool seen[128] = {false};
	const char *place, *last = letters;

	while (rest.n) {
		line = str_trim(next_line(&rest));
		if (line.n < 2 || line.p[1] != '=')
			continue;
		seen[(unsigned char)line.p[0] & 127] = true;
		if (line.p[0] == 'm')
			break;
		place = line.p[0] ? strchr(letters, line.p[0]) : NULL;
		if (place && place < last && !strchr("rtpe", line.p[0]))
			lint_add(l, LINT_WARNING, line, "", "RFC 8866 s5",
				 "v o s i u e p c b t r z k a m",
				 "%c= stands behind a line that it should precede", line.p[0]);
		last = place && place > last ? place : last;
	}
	for (place = "vost"; *place; place++)
		if (!seen[(unsigned char)*place])
			lint_add(l, LINT_WARNING, str_of(text.p, 0), "", "RFC 8866 s5",
				 "every description has v=, o=, s= and t=",
				 "the session description has no %c=", *place);
}

static const char *section_of(char type)
{
	switch (type) {
	case 'o':
		return "RFC 8866 s5.2";
	case 'c':
		return "RFC 8866 s5.7";
	case 'b':
		return "RFC 8866 s5.8";
	case 't':
		return "RFC 8866 s5.9";
	case 'r':
		return "RFC 8866 s5.10";
	case 'z':
		return "RFC 8866 s5.11";
	case 'k':
		return "RFC 8866 s5.12";
	default:
		return "RFC 8866 s5.6";
	}
}

static void plain_line(struct linter *l, struct str line)
{
	const char *why = sdp_line_wrong(line.p[0], str_skip(line, 2));

	if (why)
		lint_add(l, strchr("ep", line.p[0]) ? LINT_WARNING : LINT_ERROR, line, "",
			 section_of(line.p[0]), NULL, "%c= is malformed: %s", line.p[0], why);
}

/* An attribute's name that differs from a known one in its case alone (RFC 8866 s5.13). */
static void other_attribute(struct linter *l, struct str name)
{
	for (unsigned id = SDP_A_OTHER + 1; id < SDP_A_MAX; id++) {
		const struct sdp_attr_kind *k = sdp_attr_kind((enum sdp_attr_id)id);

		if (str_ieq(k->name, name))
			lint_add(l, LINT_WARNING, name, "", "RFC 8866 s5.13", NULL,
				 "a=%.*s is spelt a=%.*s: others pass it over", STR_ARG(name),
				 STR_ARG(k->name));
	}
}

static void fingerprint(struct linter *l, struct str line, struct str value)
{
	struct sdp_fingerprint f;

	if (!sdp_fingerprint_parse(value, &f, NULL))
		return;
	if (f.hash == SDP_HASH_MD5 || f.hash == SDP_HASH_MD2)
		lint_add(l, LINT_ERROR, line, "", "RFC 8122 s5", "sha-256",
			 "a fingerprint by %.*s proves nothing: it must not be used",
			 STR_ARG(f.hash_name));
	if (f.lower_case)
		lint_add(l, LINT_WARNING, line, "", "RFC 8122 s5", "upper-case letters",
			 "the fingerprint is in lower case: some compare it as text");
}

/* Those that Tsuwa, and most, do without: RFC 4475 itself has "a=rtpmap:31 LPC". */
static enum lint_level level_of(const struct sdp_attr_kind *k, enum sdp_attr_id id)
{
	bool is_mild = k->is_flag || id == SDP_A_RTPMAP || id == SDP_A_FMTP || id == SDP_A_PTIME ||
		       id == SDP_A_MAXPTIME;

	return is_mild ? LINT_WARNING : LINT_ERROR;
}

/* line: what stands behind "a=". */
static void attribute(struct linter *l, struct str line, bool in_media)
{
	struct str value = line, name = str_split(&value, ':');
	bool has_value = name.n < line.n;
	enum sdp_attr_id id = sdp_attr_id(name);
	const struct sdp_attr_kind *k = sdp_attr_kind(id);
	const char *why;

	if (!k) {
		other_attribute(l, name);
		return;
	}
	why = sdp_attr_wrong(id, has_value, value);
	if (why)
		lint_add(l, level_of(k, id), line, "", k->rfc, NULL, "a=%.*s is malformed: %s",
			 STR_ARG(name), why);
	if (!(k->at & (in_media ? SDP_AT_MEDIA : SDP_AT_SESSION)))
		lint_add(l, LINT_WARNING, line, "", k->rfc,
			 in_media ? "put it before the first m= line" : "put it behind an m= line",
			 "a=%.*s belongs to %s", STR_ARG(name),
			 in_media ? "the whole session, not to a section"
				  : "a section, not to the whole session");
	if (id == SDP_A_FINGERPRINT)
		fingerprint(l, line, value);
}

static void each_line(struct linter *l, struct str text)
{
	bool in_media = false;
	struct str line;

	while (text.n) {
		line = str_trim(next_line(&text));
		if (line.n < 2 || line.p[1] != '=')
			continue;
		if (line.p[0] == 'm')
			in_media = true;
		else if (line.p[0] == 'a')
			attribute(l, str_skip(line, 2), in_media);
		else
			plain_line(l, line);
	}
}

void lint_sdp(struct linter *l, struct str text)
{
	struct sdp_err err;
	struct sdp sdp;

	if (!sdp_parse(text, l->arena, &sdp, &err)) {
		struct str line = nth_line(text, err.line);

		lint_add(l, LINT_ERROR, line.n ? line : str_of(text.p, 0), "", "RFC 8866 s5", NULL,
			 "line %u of the session description: %s", err.line, err.why);
		return;
	}
	order(l, text);
	each_line(l, text);
	lint_sdp_rules(l, &sdp);
}
