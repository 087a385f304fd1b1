/* base/list.h - intrusive doubly linked lists.  A head is a node of its own; a
 * node that stands in no list points at itself, so unlinking twice is harmless. */
#ifndef TSUWA_BASE_LIST_H
#define TSUWA_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert(struct list *after, struct list *n)
{
	n->next = after->next;
	n->prev = after;
	after->next->prev = n;
	after->next = n;
}

static inline void list_append(struct list *head, struct list *n)
{
	list_insert(head->prev, n);
}

static inline void list_unlink(struct list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* First node or NULL. */
static inline struct list *list_first(const struct list *head)
{
	return list_empty(head) ? NULL : head->next;
}

/* All nodes; the body may unlink or free the node at hand, no other. */
#define LIST_EACH(n, head)                                                                      \
	for (struct list *n = (head)->next, *n##_next = n->next; n != (head);                   \
	     n = n##_next, n##_next = n->next)

#endif
