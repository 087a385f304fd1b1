#include "tport/srv.h"

/* Among equal priorities, weight 0 stands first: so it has its small chance (RFC 2782). */
static bool goes_before(const struct io_record *a, const struct io_record *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight != 0;
}

static void insert(struct srv_list *l, const struct io_record *r)
{
	size_t i = l->n;

	while (i > 0 && goes_before(r, l->at[i - 1]))
		i--;
	if (i == SRV_MAX)
		return;
	if (l->n < SRV_MAX)
		l->n++;
	memmove(&l->at[i + 1], &l->at[i], (l->n - 1 - i) * sizeof(l->at[0]));
	l->at[i] = r;
}

void srv_gather(const struct io_record *records, size_t n, struct srv_list *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < n; i++)
		if (records[i].type == IO_RR_SRV)
			insert(ret, &records[i]);
}

static uint32_t random_up_to(struct io *io, uint32_t most)
{
	uint64_t r;

	io->ops->random(io, &r, sizeof(r));
	return (uint32_t)(r % ((uint64_t)most + 1));
}

/* The first of [from, to) whose running sum of weights reaches the number drawn. */
static size_t draw(const struct srv_list *l, size_t from, size_t to, struct io *io)
{
	uint32_t sum = 0, number, at = 0;

	for (size_t i = from; i < to; i++)
		sum += l->at[i]->weight;
	number = random_up_to(io, sum);
	for (size_t i = from; i < to; i++) {
		at += l->at[i]->weight;
		if (at >= number)
			return i;
	}
	return from;
}

/* Moves the one at `from` up to `to`, the order of the others stays. */
static void move_up(struct srv_list *l, size_t from, size_t to)
{
	const struct io_record *r = l->at[from];

	memmove(&l->at[to + 1], &l->at[to], (from - to) * sizeof(l->at[0]));
	l->at[to] = r;
}

void srv_order(struct srv_list *l, struct io *io)
{
	for (size_t at = 0; at < l->n; at++) {
		size_t end = at + 1;

		while (end < l->n && l->at[end]->priority == l->at[at]->priority)
			end++;
		if (end - at > 1)
			move_up(l, draw(l, at, end, io), at);
	}
}
