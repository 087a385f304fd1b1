/* base/map.h - intrusive hash tables.  A node is embedded in what it indexes and
 * keeps its hash; the table owns only its slots.  Equality is the caller's. */
#ifndef TSUWA_BASE_MAP_H
#define TSUWA_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map {
	struct map_node **slots;
	size_t mask;            /* slots - 1; slots are a power of two */
	size_t n;
	size_t empty;           /* slots before this one hold nothing: map_pop() goes on there */
};

typedef bool (*map_eq)(const struct map_node *node, const void *key);

/* At least this many slots.  0 or -ENOMEM. */
int map_init(struct map *m, size_t slots);
/* Frees the slots; nodes are their owners' business. */
void map_fini(struct map *m);

/* Adds a node (duplicates are allowed: the newest is found first).  Never fails:
 * when the table can't grow it gets slower. */
void map_add(struct map *m, struct map_node *node, uint64_t hash);
/* The node must be in the table. */
void map_remove(struct map *m, struct map_node *node);
struct map_node *map_find(const struct map *m, uint64_t hash, map_eq eq, const void *key);

/* Walks all nodes: start with NULL.  The node last given may have been removed
 * only through map_walk_next's own successor, so collect before you remove. */
struct map_node *map_next(const struct map *m, const struct map_node *node);

/* Takes some node out (any), or NULL when empty: for emptying a table. */
struct map_node *map_pop(struct map *m);

#endif
