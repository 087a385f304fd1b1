#include "server/yaml.h"

#include <yaml.h>

#include "base/buf.h"

#define DEPTH_MAX 16
#define NODES_MAX 100000

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	struct yaml_problem *problem;
	unsigned depth, nodes;
};

static struct yaml_mark mark_of(yaml_mark_t m)
{
	return (struct yaml_mark){(unsigned)m.line + 1, (unsigned)m.column + 1};
}

static bool fail(struct reader *r, struct yaml_mark at, const char *text)
{
	struct buf b = buf_over(r->problem->text, sizeof(r->problem->text));

	b.cut = true;
	buf_fmt(&b, "%s", text);
	buf_c(&b);
	r->problem->mark = at;
	return false;
}

/* libyaml's own words for what it can't read. */
static bool fail_parse(struct reader *r)
{
	yaml_parser_t *p = &r->parser;
	struct buf b = buf_over(r->problem->text, sizeof(r->problem->text));

	b.cut = true;
	r->problem->mark = mark_of(p->problem_mark);
	if (p->error == YAML_READER_ERROR)
		buf_fmt(&b, "not UTF-8 text: %s at byte %zu", p->problem ? p->problem : "bad text",
			p->problem_offset);
	else
		buf_fmt(&b, "not YAML: %s%s%s", p->problem ? p->problem : "no memory",
			p->context ? ", " : "", p->context ? p->context : "");
	buf_c(&b);
	return false;
}

static bool next_event(struct reader *r, yaml_event_t *ret)
{
	return yaml_parser_parse(&r->parser, ret) ? true : fail_parse(r);
}

static struct yaml_node *node_new(struct reader *r, const yaml_event_t *e)
{
	struct yaml_node *n = r->nodes++ < NODES_MAX ? arena_zalloc(r->arena, sizeof(*n)) : NULL;

	if (!n) {
		fail(r, mark_of(e->start_mark), "the file is too large");
		return NULL;
	}
	n->mark = mark_of(e->start_mark);
	return n;
}

static bool plain_null(const yaml_event_t *e)
{
	struct str s = str_of((const char *)e->data.scalar.value, e->data.scalar.length);

	return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (str_empty(s) || str_eq(s, STR("~")) || str_eq(s, STR("null")));
}

static bool read_scalar(struct reader *r, const yaml_event_t *e, struct yaml_node *n)
{
	struct str s = str_of((const char *)e->data.scalar.value, e->data.scalar.length);

	if (e->data.scalar.anchor || e->data.scalar.tag)
		return fail(r, n->mark, "anchors and tags are not used here: write the value");
	if (plain_null(e))
		return true;
	if (memchr(s.p, 0, s.n))
		return fail(r, n->mark, "a text must not hold a NUL character");
	n->kind = YAML_TEXT;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text = arena_str(r->arena, s);
	return n->text.p ? true : fail(r, n->mark, "the file is too large");
}

static bool read_node(struct reader *r, const yaml_event_t *e, struct yaml_node **ret);

static bool read_list(struct reader *r, struct yaml_node *list)
{
	struct yaml_node **at = &list->first;

	for (;;) {
		yaml_event_t e;
		bool good;

		if (!next_event(r, &e))
			return false;
		if (e.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&e);
			return true;
		}
		good = read_node(r, &e, at);
		yaml_event_delete(&e);
		if (!good)
			return false;
		at = &(*at)->next;
	}
}

/* A key's value; the key is in k. */
static bool read_value(struct reader *r, const struct yaml_node *k, struct yaml_node **ret)
{
	yaml_event_t e;
	bool good;

	if (!next_event(r, &e))
		return false;
	good = read_node(r, &e, ret);
	yaml_event_delete(&e);
	if (!good)
		return false;
	(*ret)->key = k->text;
	(*ret)->key_mark = k->mark;
	return true;
}

static bool read_map(struct reader *r, struct yaml_node *map)
{
	struct yaml_node **at = &map->first;

	for (;;) {
		yaml_event_t e;
		struct yaml_node *key;
		bool good;

		if (!next_event(r, &e))
			return false;
		if (e.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&e);
			return true;
		}
		good = read_node(r, &e, &key);
		yaml_event_delete(&e);
		if (!good)
			return false;
		if (key->kind != YAML_TEXT)
			return fail(r, key->mark, "a key must be a word");
		if (!read_value(r, key, at))
			return false;
		at = &(*at)->next;
	}
}

static bool read_deeper(struct reader *r, struct yaml_node *n, enum yaml_kind kind,
			bool (*read)(struct reader *r, struct yaml_node *n))
{
	bool good;

	n->kind = kind;
	if (r->depth == DEPTH_MAX)
		return fail(r, n->mark, "nested too deeply");
	r->depth++;
	good = read(r, n);
	r->depth--;
	return good;
}

static bool read_node(struct reader *r, const yaml_event_t *e, struct yaml_node **ret)
{
	struct yaml_node *n = node_new(r, e);

	if (!n)
		return false;
	*ret = n;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, e, n);
	case YAML_SEQUENCE_START_EVENT:
		return read_deeper(r, n, YAML_LIST, read_list);
	case YAML_MAPPING_START_EVENT:
		return read_deeper(r, n, YAML_MAP, read_map);
	default:
		return fail(r, n->mark, "aliases are not used here: write the value");
	}
}

/* Skips to the root node, reads it, and sees that nothing follows. */
static bool read_document(struct reader *r, struct yaml_node **ret)
{
	bool have = false;

	for (;;) {
		yaml_event_t e;
		yaml_event_type_t type;
		bool good = true;

		if (!next_event(r, &e))
			return false;
		type = e.type;
		if (type == YAML_DOCUMENT_START_EVENT && have)
			good = fail(r, mark_of(e.start_mark),
				    "only one document may stand in the file");
		else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
			 type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT)
			have = good = read_node(r, &e, ret);
		yaml_event_delete(&e);
		if (!good)
			return false;
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (!have)
		*ret = arena_zalloc(r->arena, sizeof(**ret));
	return *ret != NULL;
}

bool yaml_read(struct str text, struct arena *arena, struct yaml_node **ret,
	       struct yaml_problem *problem)
{
	struct reader r = {.arena = arena, .problem = problem};
	struct yaml_node *root = NULL;
	bool good;

	if (!yaml_parser_initialize(&r.parser))
		return fail(&r, (struct yaml_mark){0}, "no memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.p ? text.p : ""),
				     text.n);
	good = read_document(&r, &root);
	yaml_parser_delete(&r.parser);
	if (good)
		*ret = root;
	return good;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key)
{
	for (const struct yaml_node *n = map->first; n; n = n->next)
		if (str_eq(n->key, key))
			return n;
	return NULL;
}
