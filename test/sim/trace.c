/* A readable trace: one line a message, and what became of it. */
#include <stdarg.h>

#include "sim.h"

static struct str line_of(struct str bytes, struct str name)
{
	struct str rest = bytes;

	while (rest.n) {
		struct str line = str_split(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (str_empty(line))
			break;
		if (str_istarts(line, name))
			return str_trim(str_skip(line, name.n));
	}
	return STR("-");
}

void sim_trace_message(struct sim *s, struct sim_node *from, const struct addr *dst,
		       enum transport t, struct str bytes, const char *fate)
{
	struct str rest = bytes, first = str_trim(str_split(&rest, '\n'));
	char room[ADDR_TEXT_MAX];

	if (bytes.n < 16 || (unsigned char)bytes.p[0] >= 128)
		return;
	if (s->watch)
		s->watch(s->watch_ctx, from, sim_who(s, dst, room), bytes);
	if (!s->trace)
		return;
	fprintf(s->trace, "%10.3f %8s > %-8s %.*s %.*s | %.*s | %.*s%s%s\n",
		(double)s->now_us / 1e6, from->name, sim_who(s, dst, room),
		STR_ARG(transport_name(t)), STR_ARG(first), STR_ARG(line_of(bytes, STR("CSeq:"))),
		STR_ARG(line_of(bytes, STR("Call-ID:"))), *fate ? " -- " : "", fate);
	if (s->trace_bytes)
		fprintf(s->trace, "%.*s----\n", STR_ARG(bytes));
}

void sim_note(struct sim *s, const char *format, ...)
{
	va_list ap;

	if (!s->trace)
		return;
	fprintf(s->trace, "%10.3f ", (double)s->now_us / 1e6);
	va_start(ap, format);
	vfprintf(s->trace, format, ap);
	va_end(ap);
	fputc('\n', s->trace);
}

void sim_problem(struct sim *s, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	sim_note(s, "PROBLEM: %s", line);
	if (s->problems.n < 8192)
		buf_fmt(&s->problems, "  %s\n", line);
}
