/* The table of keys as text, as a manual page and as a commented file. */
#include "server/config_key.h"

/* One line of text to column 78, every line begun with lead. */
static void put_line(struct buf *b, const char *lead, struct str rest)
{
	size_t column = 0;

	while (!str_empty(rest)) {
		struct str word = str_split(&rest, ' ');

		if (column && column + 1 + word.n > 78) {
			buf_putc(b, '\n');
			column = 0;
		}
		buf_fmt(b, "%s%.*s", column ? " " : lead, STR_ARG(word));
		column += word.n + (column ? 1 : strlen(lead));
	}
	buf_putc(b, '\n');
}

/* Examples stand on lines of their own. */
static void put_wrapped(struct buf *b, const char *lead, const char *text)
{
	struct str rest = str_c(text);

	while (!str_empty(rest))
		put_line(b, lead, str_split(&rest, '\n'));
}

static void put_key_text(struct buf *b, const struct config_key *k, const char *path,
			 const char *lead)
{
	buf_fmt(b, "%s%s: %s", path, k->name, k->type);
	if (k->preset)
		buf_fmt(b, " (default: %s)", k->preset);
	buf_putc(b, '\n');
	put_wrapped(b, lead, k->doc);
}

void config_put_reference(struct buf *b)
{
	for (const struct config_key *k = config_keys; k->name; k++) {
		put_key_text(b, k, "", "    ");
		for (const struct config_key *s = k->keys; s && s->name; s++)
			put_key_text(b, s, "  ", "      ");
		buf_putc(b, '\n');
	}
}

/* ---- the manual page ---- */

/* Escapes what roff would read as its own. */
static void put_roff(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\\')
			buf_fmt(b, "\\e");
		else if (*c == '-')
			buf_fmt(b, "\\-");
		else if (*c == '"')
			buf_fmt(b, "\\(dq");
		else if (*c == '\n')
			buf_fmt(b, "\n.br\n");
		else
			buf_putc(b, *c);
	}
}

static void put_key_roff(struct buf *b, const struct config_key *k)
{
	buf_fmt(b, ".TP\n.BR ");
	put_roff(b, k->name);
	buf_fmt(b, " \": ");
	put_roff(b, k->type);
	buf_fmt(b, "\"\n");
	put_roff(b, k->doc);
	if (k->preset) {
		buf_fmt(b, "\n.br\nDefault:\n.BR ");
		buf_fmt(b, "\"");
		put_roff(b, k->preset);
		buf_fmt(b, "\" .");
	}
	buf_putc(b, '\n');
}

void config_put_man(struct buf *b)
{
	buf_fmt(b,
		".\\\" Printed by \"tsuwa help config --man\".\n"
		".TH TSUWA.YAML 5 \"\" \"Tsuwa\" \"File formats\"\n"
		".SH NAME\ntsuwa.yaml \\- configuration of the Tsuwa SIP server\n"
		".SH DESCRIPTION\n"
		"A YAML file. Every key may be left out and then has its default. Unknown keys\n"
		"and bad values are errors that name line and column. Relative file names start\n"
		"from the directory of the file. A duration is a number with ms, s, m, h or d.\n"
		".PP\n"
		"A running server reads the file again on SIGHUP. Listeners, workers, the\n"
		"database, media ports and limits of connections stay as they were at the start;\n"
		"the log says so.\n"
		".SH KEYS\n");
	for (const struct config_key *k = config_keys; k->name; k++) {
		put_key_roff(b, k);
		if (!k->keys)
			continue;
		buf_fmt(b, ".RS\n");
		for (const struct config_key *s = k->keys; s->name; s++)
			put_key_roff(b, s);
		buf_fmt(b, ".RE\n");
	}
	buf_fmt(b, ".SH SEE ALSO\n.BR tsuwa (1)\n");
}

/* ---- the commented file ---- */

static const char *value_of(const struct config_value *values, const char *key)
{
	for (; values->key; values++)
		if (!strcmp(values->key, key))
			return values->yaml;
	return NULL;
}

static void put_section(struct buf *b, const struct config_key *k)
{
	size_t widest = 0;

	for (const struct config_key *s = k->keys; s->name; s++) {
		size_t n = strlen(s->name) + strlen(s->preset ? s->preset : s->type);

		widest = n > widest ? n : widest;
	}
	buf_fmt(b, "#%s:\n", k->name);
	for (const struct config_key *s = k->keys; s->name; s++) {
		put_wrapped(b, "#  # ", s->doc);
		buf_fmt(b, "#  %s: %s\n", s->name, s->preset ? s->preset : s->type);
	}
}

static void put_example(struct buf *b, const struct config_key *k)
{
	if (k->keys && k->read == config_read_section)
		put_section(b, k);
	else if (k->preset)
		buf_fmt(b, "#%s: %s\n", k->name, k->preset);
	else
		buf_fmt(b, "#%s: 2\n", k->name);
}

void config_put_file(struct buf *b, const struct config_value *values)
{
	buf_fmt(b, "# Configuration of Tsuwa: \"tsuwa help config\" explains every key, \"tsuwa "
		   "check\"\n"
		   "# finds mistakes. What is commented out shows the default.\n");
	for (const struct config_key *k = config_keys; k->name; k++) {
		const char *v = value_of(values, k->name);

		buf_putc(b, '\n');
		put_wrapped(b, "# ", k->doc);
		if (v)
			buf_fmt(b, "%s:%s\n", k->name, v);
		else
			put_example(b, k);
	}
}
