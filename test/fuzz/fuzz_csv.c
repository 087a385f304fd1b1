/* Users of a CSV file: every line gives fields that lie in it, or none.  What is written with quotes anew
 * is read the same.  Names are checked against a configuration, as the import does it. */
#include "fuzz.h"

#include "base/buf.h"
#include "cli/csv.h"
#include "cli/user_file.h"

#define FIELDS 4

static void put_quoted(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_putc(b, '"');
		buf_putc(b, s.p[i]);
	}
	buf_putc(b, '"');
}

static void read_again(const struct str *fields, int n)
{
	struct buf b = buf_heap(1 << 20);
	struct str again[FIELDS];

	for (int i = 0; i < n; i++) {
		if (i)
			buf_fmt(&b, ", ");
		put_quoted(&b, fields[i]);
	}
	check(!b.failed && csv_fields(b.p, b.p + b.n, again, FIELDS) == n);
	for (int i = 0; i < n; i++)
		check(str_eq(fields[i], again[i]));
	buf_free(&b);
}

static void check_user(const struct config *c, const struct str *fields, int n)
{
	char room[400];
	struct buf why = buf_over(room, sizeof(room));
	struct str user = fields[0], domain = n > 1 ? fields[1] : STR("");
	bool good;

	why.cut = true;
	good = n == 3 ? user_check(c, user, &domain, &why)
		      : user_split(c, fields[0], &user, &domain, &why);
	check(good == (why.n == 0));
	if (good)
		check(user.n > 0 && user.n <= 255 && str_eq(domain, STR("example.com")));
}

static void one_line(const struct config *c, struct str line)
{
	char *copy = malloc(line.n + 1);
	struct str fields[FIELDS];
	int n;

	check(copy != NULL);
	if (line.n)
		memcpy(copy, line.p, line.n);
	n = csv_fields(copy, copy + line.n, fields, FIELDS);
	check(n == -1 || (n >= 1 && n <= FIELDS));
	for (int i = 0; i < n; i++)
		check_in(fields[i], str_of(copy, line.n));
	if (n > 0) {
		read_again(fields, n);
		check_user(c, fields, n);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config *c; /* until the process ends */
	struct str rest = str_of((const char *)data, size), line;
	struct buf why = buf_heap(4096);
	unsigned n = 0, lines = 0;

	if (!c)
		check(config_parse(STR("domains: [{name: example.com, aliases: [a.example]}]\n"),
				   "t.yaml", &c, &why) == 0);
	buf_free(&why);
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' && i + 1 < size;
	while (csv_next(&rest, &n, &line))
		one_line(c, line);
	check(n == (size ? lines + 1 : 0));
	return 0;
}
