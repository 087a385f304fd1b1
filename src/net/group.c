#include "net/group.h"

#include <errno.h>

#include "base/alloc.h"

#define LISTENERS_MAX 64
#define RING_BYTES (1u << 20)
#define RING_BYTES_MIN (256u << 10)
#define RINGS_BYTES (128u << 20)

struct net_group {
	unsigned workers;
	struct ring **rings; /* [from * workers + to] */
	struct loop **loops; /* atomic */
	struct addr bound[LISTENERS_MAX]; /* before the threads start */
};

static size_t ring_share(unsigned workers)
{
	size_t bytes = RING_BYTES;

	while (bytes > RING_BYTES_MIN && bytes * workers * workers > RINGS_BYTES)
		bytes /= 2;
	return bytes;
}

int net_group_new(unsigned workers, size_t ring_bytes, struct net_group **ret)
{
	struct net_group *g;
	size_t n = (size_t)workers * workers;

	if (workers == 0 || workers > NET_WORKERS_MAX)
		return -EINVAL;
	g = xzalloc(sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->workers = workers;
	g->rings = xcalloc(n, sizeof(struct ring *));
	g->loops = xcalloc(workers, sizeof(struct loop *));
	if (!g->rings || !g->loops)
		goto fail;
	for (size_t i = 0; i < n; i++)
		if (ring_new(ring_bytes ? ring_bytes : ring_share(workers), &g->rings[i]) < 0)
			goto fail;
	*ret = g;
	return 0;
fail:
	net_group_free(&g);
	return -ENOMEM;
}

void net_group_free(struct net_group **gp)
{
	struct net_group *g = *gp;

	*gp = NULL;
	if (!g)
		return;
	for (size_t i = 0; g->rings && i < (size_t)g->workers * g->workers; i++)
		ring_free(&g->rings[i]);
	xfree(g->rings);
	xfree(g->loops);
	xfree(g);
}

unsigned net_group_workers(const struct net_group *g)
{
	return g->workers;
}

struct ring *group_ring(struct net_group *g, unsigned from, unsigned to)
{
	return g->rings[(size_t)from * g->workers + to];
}

struct loop *group_loop(struct net_group *g, unsigned worker)
{
	return __atomic_load_n(&g->loops[worker], __ATOMIC_ACQUIRE);
}

void group_set_loop(struct net_group *g, unsigned worker, struct loop *loop)
{
	__atomic_store_n(&g->loops[worker], loop, __ATOMIC_RELEASE);
}

struct addr *group_bound(struct net_group *g, size_t i)
{
	return i < LISTENERS_MAX ? &g->bound[i] : NULL;
}
