#include "harness.h"

#include "base/buf.h"
#include "server/yaml.h"

/* The tree as one line: a list in [], a map in {}, texts as they are, nothing as ~. */
static void put_node(struct buf *b, const struct yaml_node *n)
{
	if (n->kind == YAML_NOTHING)
		buf_putc(b, '~');
	if (n->kind == YAML_TEXT)
		buf_puts(b, n->text);
	if (n->kind != YAML_LIST && n->kind != YAML_MAP)
		return;
	buf_putc(b, n->kind == YAML_LIST ? '[' : '{');
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		if (i != n->first)
			buf_putc(b, ' ');
		if (n->kind == YAML_MAP)
			buf_fmt(b, "%.*s=", STR_ARG(i->key));
		put_node(b, i);
	}
	buf_putc(b, n->kind == YAML_LIST ? ']' : '}');
}

static void trees(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", "~"},
		{"# only words\n", "~"},
		{"a", "a"},
		{"---\n...\n", "~"},
		{"a: 1\nb:\n  - x\n  - {c: d}\n", "{a=1 b=[x {c=d}]}"},
		{"a:\nb: ~\nc: null\nd: 'null'\n", "{a=~ b=~ c=~ d=null}"},
		{"{}", "{}"},
		{"[[], {}]", "[[] {}]"},
		{"k: |\n  x y\n", "{k=x y\n}"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = buf_heap(4096);
		struct yaml_problem problem;
		struct yaml_node *n;
		struct arena a;

		arena_init(&a, NULL, 0, 0);
		assert_true(yaml_read(str_c(cases[i].text), &a, &n, &problem));
		put_node(&b, n);
		assert_string_equal(buf_c(&b), cases[i].want);
		buf_free(&b);
		arena_fini(&a);
	}
}

static void marks(void **state)
{
	struct yaml_problem problem;
	struct yaml_node *n;
	const struct yaml_node *b;
	struct arena a;

	arena_init(&a, NULL, 0, 0);
	assert_true(yaml_read(STR("a: 1\nbc:   \"x\"\n"), &a, &n, &problem));
	b = yaml_get(n, STR("bc"));
	assert_non_null(b);
	assert_int_equal(b->key_mark.line, 2);
	assert_int_equal(b->key_mark.column, 1);
	assert_int_equal(b->mark.column, 7);
	assert_true(b->quoted);
	assert_null(yaml_get(n, STR("b")));
	arena_fini(&a);
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *want;
	} cases[] = {
		{"a: [1\nb: 2", 2, "not YAML"},
		{"\ta: 1", 1, "not YAML"},
		{"a: &x 1", 1, "anchors"},
		{"a: !!str 1", 1, "tags"},
		{"a: 1\n---\nb: 2", 2, "only one document"},
		{"[a]: 1", 1, "a key must be a word"},
		{"a: \"x\\0y\"", 1, "NUL"},
		{"a: \xff", 0, "UTF-8"},
		{"a: *x", 1, "aliases"},
		{"[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", 1, "too deeply"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct yaml_problem problem = {0};
		struct yaml_node *n;
		struct arena a;

		arena_init(&a, NULL, 0, 0);
		assert_false(yaml_read(str_c(cases[i].text), &a, &n, &problem));
		assert_non_null(strstr(problem.text, cases[i].want));
		if (cases[i].line)
			assert_int_equal(problem.mark.line, cases[i].line);
		arena_fini(&a);
	}
}

static void one_prefix(struct str s, void *ctx)
{
	struct yaml_problem problem;
	struct yaml_node *n;
	struct arena a;

	arena_init(&a, NULL, 0, 0);
	if (yaml_read(s, &a, &n, &problem))
		assert_non_null(n);
	arena_fini(&a);
}

static void prefixes(void **state)
{
	each_prefix(STR("a: 1\nb:\n  - \"x\\u00e9\"\n  - {c: [d, 'e']}\nf: |\n  text\n"),
		    one_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),
		cmocka_unit_test(marks),
		cmocka_unit_test(refusals),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
