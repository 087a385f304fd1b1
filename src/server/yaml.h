/* server/yaml.h - a YAML document as a tree whose every node knows its line and column, so
 * that whoever checks it can point.  Built from libyaml's events; bounded in depth and size;
 * anchors, aliases and tags are refused.  Knows no keys. */
#ifndef TSUWA_SERVER_YAML_H
#define TSUWA_SERVER_YAML_H

#include "base/arena.h"
#include "base/str.h"

enum yaml_kind { YAML_NOTHING, YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_mark {
	unsigned line, column; /* from 1; 0: nowhere */
};

struct yaml_node {
	enum yaml_kind kind;
	bool quoted; /* TEXT: it stood in quotes or a block */
	struct yaml_mark mark;
	struct str text; /* with a NUL behind */
	struct yaml_node *first; /* LIST: items; MAP: values, each with its key */
	struct yaml_node *next;
	struct str key; /* in a MAP */
	struct yaml_mark key_mark;
};

struct yaml_problem {
	struct yaml_mark mark;
	char text[160];
};

/* Reads one document of text into the arena.  An empty one gives a node of YAML_NOTHING.
 * False: *problem says what and where. */
bool yaml_read(struct str text, struct arena *arena, struct yaml_node **ret,
	       struct yaml_problem *problem);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key);

#endif
