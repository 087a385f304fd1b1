#include "store/users.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/scan.h"

struct users {
	atomic_uint refs;
	size_t n; /* users that can be found */
	size_t mask; /* slots - 1 */
	struct hash_seed seed;
	struct user_entry dummy;
	struct user_entry *entries;
	uint32_t *slots; /* 0: free, else index + 1; probed in a row */
};

static uint64_t name_hash(const struct hash_seed *seed, struct str user, struct str domain)
{
	return hash_mix(hash_str(seed, user), hash_str(seed, domain));
}

static size_t slots_for(size_t n)
{
	size_t slots = 8;

	while (slots < n * 2)
		slots *= 2;
	return slots;
}

static void dummy_fill(struct users *u)
{
	uint64_t h[4];
	struct buf md5 = buf_over(u->dummy.ha1_md5, 32);
	struct buf sha = buf_over(u->dummy.ha1_sha256, 64);

	for (size_t i = 0; i < 4; i++)
		h[i] = hash_bytes(&u->seed, &i, sizeof(i));
	buf_put_hex(&sha, h, sizeof(h));
	for (size_t i = 0; i < 2; i++)
		h[i] = hash_mix(h[i], h[i + 2]);
	buf_put_hex(&md5, h, 16);
	memcpy(u->dummy.full_md5, u->dummy.ha1_md5, sizeof(u->dummy.full_md5));
	memcpy(u->dummy.full_sha256, u->dummy.ha1_sha256, sizeof(u->dummy.full_sha256));
}

static struct str text_copy(char **at, struct str s)
{
	char *p = *at;

	if (s.n)
		memcpy(p, s.p, s.n);
	*at += s.n;
	return str_of(p, s.n);
}

static bool entry_is(const struct user_entry *e, struct str user, struct str domain)
{
	return str_eq(e->user, user) && str_eq(e->domain, domain);
}

/* The slot that holds the name, or the free one where it belongs. */
static uint32_t *slot_of(const struct users *u, struct str user, struct str domain)
{
	size_t i = (size_t)name_hash(&u->seed, user, domain) & u->mask;

	while (u->slots[i] && !entry_is(&u->entries[u->slots[i] - 1], user, domain))
		i = (i + 1) & u->mask;
	return &u->slots[i];
}

static void entry_add(struct users *u, size_t i, const struct user_entry *from, char **text)
{
	struct user_entry *e = &u->entries[i];
	uint32_t *slot;

	*e = *from;
	e->user = text_copy(text, from->user);
	e->domain = text_copy(text, from->domain);
	e->realm = text_copy(text, from->realm);
	slot = slot_of(u, e->user, e->domain);
	if (!*slot)
		u->n++;
	*slot = (uint32_t)i + 1;
}

int users_new(const struct user_entry *entries, size_t n, const struct hash_seed *seed,
	      struct users **ret)
{
	size_t slots = slots_for(n), text_bytes = 0;
	struct users *u;
	char *text;

	assert(n < UINT32_MAX);
	for (size_t i = 0; i < n; i++)
		text_bytes += entries[i].user.n + entries[i].domain.n + entries[i].realm.n;
	/* One block: the head, the entries, the slots, the texts. */
	u = xzalloc(sizeof(*u) + n * sizeof(*u->entries) + slots * sizeof(*u->slots) + text_bytes);
	if (!u)
		return -ENOMEM;
	atomic_init(&u->refs, 1);
	u->mask = slots - 1;
	u->seed = *seed;
	u->entries = (struct user_entry *)(u + 1);
	u->slots = (uint32_t *)(u->entries + n);
	text = (char *)(u->slots + slots);
	dummy_fill(u);
	for (size_t i = 0; i < n; i++)
		entry_add(u, i, &entries[i], &text);
	*ret = u;
	return 0;
}

struct users *users_ref(struct users *u)
{
	atomic_fetch_add_explicit(&u->refs, 1, memory_order_relaxed);
	return u;
}

void users_unref(struct users **u)
{
	struct users *gone = *u;

	*u = NULL;
	if (gone && atomic_fetch_sub_explicit(&gone->refs, 1, memory_order_acq_rel) == 1)
		xfree(gone);
}

const struct user_entry *users_find(const struct users *u, struct str user, struct str domain)
{
	uint32_t slot = *slot_of(u, user, domain);

	return slot ? &u->entries[slot - 1] : NULL;
}

const struct user_entry *users_dummy(const struct users *u)
{
	return &u->dummy;
}

size_t users_count(const struct users *u)
{
	return u->n;
}

bool user_name_valid(struct str user)
{
	for (size_t i = 0; i < user.n; i++)
		if (cc_is(user.p[i], CC_CTL) || user.p[i] == ':')
			return false;
	return user.n > 0 && user.n <= 255;
}

static bool domain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* IPv6reference = "[" IPv6address "]" */
static bool domain_is_v6(struct str d)
{
	if (d.n < 4 || d.p[0] != '[' || d.p[d.n - 1] != ']')
		return false;
	for (size_t i = 1; i < d.n - 1; i++)
		if (!cc_is(d.p[i], CC_HEX) && d.p[i] != ':' && d.p[i] != '.')
			return false;
	return true;
}

bool user_domain_valid(struct str domain)
{
	if (domain.n == 0 || domain.n > 253)
		return false;
	if (domain.p[0] == '[')
		return domain_is_v6(domain);
	for (size_t i = 0; i < domain.n; i++)
		if (!domain_char(domain.p[i]))
			return false;
	return true;
}

bool user_ha1_valid(struct str hex, size_t n)
{
	for (size_t i = 0; i < hex.n; i++)
		if (!((hex.p[i] >= '0' && hex.p[i] <= '9') || (hex.p[i] >= 'a' && hex.p[i] <= 'f')))
			return false;
	return hex.n == n;
}
