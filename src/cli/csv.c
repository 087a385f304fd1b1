#include "cli/csv.h"

bool csv_next(struct str *rest, unsigned *line, struct str *ret)
{
	if (str_empty(*rest))
		return false;
	(*line)++;
	*ret = str_trim(str_split(rest, '\n'));
	return true;
}

/* Undoes the quotes in place.  False: a quote does not end. */
static bool quoted_field(char **at, char *end, struct str *ret)
{
	char *from = ++*at, *to = from;

	for (char *p = from; p < end; p++) {
		if (*p == '"' && (p + 1 == end || p[1] != '"')) {
			*at = p + 1;
			*ret = str_range(from, to);
			return true;
		}
		if (*p == '"')
			p++;
		*to++ = *p;
	}
	return false;
}

int csv_fields(char *p, char *end, struct str *fields, int max)
{
	int n = 0;

	for (;;) {
		if (n == max)
			return -1;
		while (p < end && *p == ' ')
			p++;
		if (p < end && *p == '"') {
			if (!quoted_field(&p, end, &fields[n++]) || (p < end && *p != ','))
				return -1;
		} else {
			char *comma = memchr(p, ',', (size_t)(end - p));

			fields[n++] = str_trim(str_range(p, comma ? comma : end));
			p = comma ? comma : end;
		}
		if (p == end)
			return n;
		p++;
	}
}
