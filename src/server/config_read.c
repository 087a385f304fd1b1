/* Reading by the table: maps, and values of the plain types. */
#include "server/config_key.h"

#include "base/suggest.h"

#define NAMES_MAX 64

void config_problem(struct config_reader *r, struct yaml_mark mark, const char *format, ...)
{
	char room[768];
	struct buf b = buf_over(room, sizeof(room));
	struct str text;
	va_list ap;

	if (r->n_problems == CONFIG_PROBLEMS_MAX)
		return;
	b.cut = true;
	buf_fmt(&b, "%s%s", r->path, r->path[0] ? ": " : "");
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	text = arena_str(r->arena, buf_str(&b));
	if (text.p)
		r->problems[r->n_problems++] = (struct config_problem){mark, text};
	else
		r->no_memory = true;
}

const char *config_found(struct config_reader *r, const struct yaml_node *n)
{
	static const char *const kinds[] = {
		[YAML_NOTHING] = "nothing",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a map of keys",
	};
	struct str t;

	if (n->kind != YAML_TEXT)
		return kinds[n->kind];
	t = arena_fmt(r->arena, "\"%.*s%s\"", STR_ARG(str_first(n->text, 60)),
		      n->text.n > 60 ? "..." : "");
	for (size_t i = 0; t.p && i < t.n; i++)
		if ((unsigned char)t.p[i] < ' ' || t.p[i] == 0x7f)
			((char *)t.p)[i] = '?';
	return t.p ? t.p : "something";
}

static size_t path_push(struct config_reader *r, const char *name)
{
	size_t n = strlen(r->path);
	struct buf b = buf_over(r->path + n, sizeof(r->path) - n);

	b.cut = true;
	buf_fmt(&b, "%s%s", n ? "." : "", name);
	buf_c(&b);
	return n;
}

static void unknown_key(struct config_reader *r, const struct config_key *keys,
			const struct yaml_node *n)
{
	const char *names[NAMES_MAX];
	const char *near;
	unsigned count = 0;

	for (const struct config_key *k = keys; k->name && count < NAMES_MAX - 1; k++)
		names[count++] = k->name;
	names[count] = NULL;
	near = suggest_word(n->key, names);
	config_problem(r, n->key_mark, "unknown key \"%.*s\"%s%s%s", STR_ARG(str_first(n->key, 60)),
		       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static const struct yaml_node *earlier(const struct yaml_node *map, const struct yaml_node *n)
{
	const struct yaml_node *first = yaml_get(map, n->key);

	return first == n ? NULL : first;
}

static void read_key(struct config_reader *r, const struct config_key *k, const struct yaml_node *n,
		     void *base)
{
	size_t at = path_push(r, k->name);

	/* "key:" with nothing behind it means the default. */
	if (n->kind != YAML_NOTHING)
		k->read(r, k, n, (char *)base + k->offset);
	r->path[at] = '\0';
}

void config_read_map(struct config_reader *r, const struct config_key *keys,
		     const struct yaml_node *map, void *base)
{
	for (const struct yaml_node *n = map->first; n; n = n->next) {
		const struct config_key *k = keys;
		const struct yaml_node *before = earlier(map, n);

		while (k->name && !str_eq(n->key, str_c(k->name)))
			k++;
		if (!k->name)
			unknown_key(r, keys, n);
		else if (before)
			config_problem(r, n->key_mark, "\"%s\" is given twice, first in line %u",
				       k->name, before->key_mark.line);
		else
			read_key(r, k, n, base);
	}
}

void config_read_presets(struct config_reader *r, const struct config_key *keys, void *base)
{
	for (const struct config_key *k = keys; k->name; k++) {
		struct yaml_problem problem;
		struct yaml_node *n;

		if (k->read == config_read_section)
			config_read_presets(r, k->keys, base);
		else if (k->preset && !yaml_read(str_c(k->preset), r->arena, &n, &problem))
			r->no_memory = true;
		else if (k->preset)
			read_key(r, k, n, base);
	}
}

void config_read_section(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field)
{
	if (n->kind == YAML_MAP)
		config_read_map(r, k->keys, n, r->config);
	else
		config_problem(r, n->mark, "expected keys below it, as \"%s: ...\", found %s",
			       k->keys[0].name, config_found(r, n));
}

static bool text_of(struct config_reader *r, const struct config_key *k, const struct yaml_node *n,
		    struct str *ret)
{
	if (n->kind != YAML_TEXT) {
		config_problem(r, n->mark, "expected %s, found %s", k->type, config_found(r, n));
		return false;
	}
	*ret = n->text;
	return true;
}

void config_read_text(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	struct str s;

	if (!text_of(r, k, n, &s))
		return;
	if (s.n < k->min || s.n > k->max)
		config_problem(r, n->mark, "expected %u to %u characters, found %zu",
			       (unsigned)k->min, (unsigned)k->max, s.n);
	else
		*(struct str *)field = s;
}

void config_read_path(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	struct str s, dir = r->config->dir;

	if (!text_of(r, k, n, &s))
		return;
	if (str_empty(s) || s.n > 1024) {
		config_problem(r, n->mark, "expected a file name, found %s", config_found(r, n));
		return;
	}
	while (str_starts(s, STR("./")))
		s = str_skip(s, 2);
	if (s.p[0] != '/' && !str_eq(dir, STR(".")))
		s = arena_fmt(r->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(s));
	else
		s = arena_str(r->arena, s);
	if (s.p)
		*(struct str *)field = s;
	else
		r->no_memory = true;
}

static bool any_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_ieq(s, str_c(*words)))
			return true;
	return false;
}

void config_read_bool(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	static const char *const yes[] = {"true", "yes", "on", NULL};
	static const char *const no[] = {"false", "no", "off", NULL};

	if (n->kind == YAML_TEXT && any_of(n->text, yes))
		*(bool *)field = true;
	else if (n->kind == YAML_TEXT && any_of(n->text, no))
		*(bool *)field = false;
	else
		config_problem(r, n->mark, "expected true or false, found %s", config_found(r, n));
}

void config_read_number(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field)
{
	uint64_t v;

	if (n->kind == YAML_TEXT && str_to_u64(n->text, &v) && v >= k->min && v <= k->max)
		*(uint64_t *)field = v;
	else
		config_problem(r, n->mark, "expected a whole number from %llu to %llu, found %s",
			       (unsigned long long)k->min, (unsigned long long)k->max,
			       config_found(r, n));
}

bool config_duration_ms(struct str s, uint64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"ms", 1},    {"s", 1000},    {"", 1000},
		     {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	size_t digits = 0;
	uint64_t v;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (!str_to_u64(str_first(s, digits), &v) || v > UINT64_MAX / 86400000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_eq(str_skip(s, digits), str_c(units[i].name))) {
			*ret = v * units[i].ms;
			return true;
		}
	return false;
}

static void put_duration(struct buf *b, uint64_t ms)
{
	static const struct {
		uint64_t ms;
		char unit;
	} units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (ms % units[i].ms == 0) {
			buf_fmt(b, "%llu%c", (unsigned long long)(ms / units[i].ms), units[i].unit);
			return;
		}
	buf_fmt(b, "%llums", (unsigned long long)ms);
}

void config_read_duration(struct config_reader *r, const struct config_key *k,
			  const struct yaml_node *n, void *field)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	uint64_t ms;

	if (n->kind != YAML_TEXT || !config_duration_ms(n->text, &ms)) {
		config_problem(r, n->mark, "expected a time such as 30s, 5m or 1h, found %s",
			       config_found(r, n));
		return;
	}
	if (ms >= k->min && ms <= k->max) {
		*(uint64_t *)field = ms;
		return;
	}
	put_duration(&b, k->min);
	buf_fmt(&b, " to ");
	put_duration(&b, k->max);
	config_problem(r, n->mark, "expected a time from %s, found %s", buf_c(&b),
		       config_found(r, n));
}

static void put_words(struct buf *b, const char *const *words)
{
	for (unsigned i = 0; words[i]; i++)
		buf_fmt(b, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

bool config_size_bytes(struct str s, uint64_t *ret)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
	size_t digits = 0;
	uint64_t v;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (!str_to_u64(str_first(s, digits), &v) || v > UINT64_MAX >> 30)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_ieq(str_skip(s, digits), str_c(units[i].name))) {
			*ret = v << units[i].shift;
			return true;
		}
	return false;
}

void config_read_size(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	uint64_t v;

	if (n->kind == YAML_TEXT && config_size_bytes(n->text, &v) &&
	    (!v || (v >= k->min && v <= k->max)))
		*(uint64_t *)field = v;
	else
		config_problem(r, n->mark,
			       "expected 0 or a size from %lluKiB to %lluMiB such as %s, found %s",
			       (unsigned long long)(k->min >> 10),
			       (unsigned long long)(k->max >> 20), k->preset, config_found(r, n));
}

void config_read_word(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	char room[200];
	struct buf b = buf_over(room, sizeof(room));
	const char *near = n->kind == YAML_TEXT ? suggest_word(n->text, k->words) : NULL;

	for (unsigned i = 0; n->kind == YAML_TEXT && k->words[i]; i++)
		if (str_ieq(n->text, str_c(k->words[i]))) {
			*(unsigned *)field = i;
			return;
		}
	put_words(&b, k->words);
	config_problem(r, n->mark, "expected %s, found %s%s%s%s", buf_c(&b), config_found(r, n),
		       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
