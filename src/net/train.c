#include "net/train.h"

#define NO_TRAIN UINT16_MAX

uint32_t train_peer(const struct addr *to, const struct addr *from)
{
	uint64_t w[2][3], h = 0;

	_Static_assert(sizeof(*to) == sizeof(w[0]), "an address is three words");
	memcpy(w[0], to, sizeof(w[0]));
	memcpy(w[1], from, sizeof(w[1]));
	for (unsigned i = 0; i < 3; i++)
		h = (h ^ w[0][i] ^ (w[1][i] << 32 | w[1][i] >> 32)) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

static bool may_hold(const struct train *t, uint32_t order)
{
	return t->fixed || order == 0 || (t->orders[order >> 6 & 3] >> (order & 63) & 1);
}

static bool has_room(const struct train *t, const struct datagram *d, uint32_t longest)
{
	return t->length == d->n && d->n <= longest && t->n < TRAIN_MAX &&
	       t->bytes + d->n <= TRAIN_BYTES && addr_eq(&t->head->to, &d->to) &&
	       addr_eq(&t->head->from, &d->from);
}

/* The newest train that takes d, unless d would overtake one of its order. */
static unsigned find(const struct trains *x, const struct datagram *d, uint32_t longest)
{
	for (unsigned k = x->n; k-- > 0;) {
		const struct train *t = &x->train[k];

		if (t->peer != d->peer)
			continue;
		if (has_room(t, d, longest))
			return k;
		if (may_hold(t, d->order))
			break;
	}
	return NO_TRAIN;
}

static unsigned start(struct trains *x, const struct datagram *d)
{
	x->train[x->n] = (struct train){.length = d->n, .peer = d->peer, .head = d};
	return x->n++;
}

static void join(struct train *t, const struct datagram *d)
{
	t->n++;
	t->bytes += d->n;
	t->fixed |= d->order == 0;
	t->orders[d->order >> 6 & 3] |= 1ull << (d->order & 63);
}

static void list_members(struct trains *x, unsigned n)
{
	uint32_t first = 0;

	for (unsigned k = 0; k < x->n; k++) {
		x->train[k].first = first;
		first += x->train[k].n;
		x->train[k].n = 0;
	}
	for (unsigned i = 0; i < n; i++) {
		struct train *t;

		if (x->train_of[i] == NO_TRAIN)
			continue;
		t = &x->train[x->train_of[i]];
		x->members[t->first + t->n++] = (uint16_t)i;
	}
}

void trains_make(struct trains *x, const struct datagram *queue, unsigned n, uint32_t longest)
{
	x->n = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct datagram *d = &queue[i];
		unsigned k = NO_TRAIN;

		if (!d->gone) {
			k = find(x, d, longest);
			if (k == NO_TRAIN)
				k = start(x, d);
			join(&x->train[k], d);
		}
		x->train_of[i] = (uint16_t)k;
	}
	list_members(x, n);
}
