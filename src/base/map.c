#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/map.h"

#define MAX_SLOTS (SIZE_MAX / 4 / sizeof(struct map_node *))

int map_init(struct map *m, size_t slots)
{
	size_t n = 8;

	if (slots > MAX_SLOTS)
		return -ENOMEM;
	while (n < slots)
		n *= 2;
	m->slots = xcalloc(n, sizeof(*m->slots));
	if (!m->slots)
		return -ENOMEM;
	m->mask = n - 1;
	m->n = m->empty = 0;
	return 0;
}

void map_fini(struct map *m)
{
	xfree(m->slots);
	*m = (struct map){0};
}

/* A slot of the old table becomes two of the new; the order within is kept, so
 * that the newest of equal keys stays in front. */
static void split(struct map_node *from, size_t bit, struct map_node **low, struct map_node **high)
{
	for (; from; from = from->next) {
		if (from->hash & bit) {
			*high = from;
			high = &from->next;
		} else {
			*low = from;
			low = &from->next;
		}
	}
	*low = *high = NULL;
}

static void double_slots(struct map *m)
{
	size_t slots = m->mask + 1;
	struct map_node **grown;

	if (slots > MAX_SLOTS / 2)
		return;
	grown = xmalloc(2 * slots * sizeof(*grown));
	if (!grown)
		return;
	for (size_t i = 0; i < slots; i++)
		split(m->slots[i], slots, &grown[i], &grown[i + slots]);
	xfree(m->slots);
	m->slots = grown;
	m->empty = 0;
	m->mask = 2 * slots - 1;
}

void map_add(struct map *m, struct map_node *node, uint64_t hash)
{
	struct map_node **slot;

	if (m->n > m->mask)
		double_slots(m);
	slot = &m->slots[hash & m->mask];
	if (m->empty > (hash & m->mask))
		m->empty = hash & m->mask;
	node->hash = hash;
	node->next = *slot;
	*slot = node;
	m->n++;
}

void map_remove(struct map *m, struct map_node *node)
{
	struct map_node **at = &m->slots[node->hash & m->mask];

	while (*at && *at != node)
		at = &(*at)->next;
	assert(*at == node);
	*at = node->next;
	node->next = NULL;
	m->n--;
}

struct map_node *map_find(const struct map *m, uint64_t hash, map_eq eq, const void *key)
{
	struct map_node *node;

	if (!m->n)
		return NULL;
	for (node = m->slots[hash & m->mask]; node; node = node->next)
		if (node->hash == hash && eq(node, key))
			return node;
	return NULL;
}

struct map_node *map_next(const struct map *m, const struct map_node *node)
{
	size_t i = 0;

	if (!m->slots)
		return NULL;
	if (node) {
		if (node->next)
			return node->next;
		i = (node->hash & m->mask) + 1;
	}
	for (; i <= m->mask; i++)
		if (m->slots[i])
			return m->slots[i];
	return NULL;
}

struct map_node *map_pop(struct map *m)
{
	struct map_node *node;

	if (!m->n)
		return NULL;
	while (!m->slots[m->empty])
		m->empty++;
	node = m->slots[m->empty];
	map_remove(m, node);
	return node;
}
