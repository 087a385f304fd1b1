/* A message that another worker owns goes through its ring.  When the ring is full a
 * datagram is dropped and counted; a stream is not read until there is room, and what had
 * been read of it waits here in order. */
#include "core/internal.h"

#include <errno.h>

#include "base/alloc.h"

#define PARKED_RETRY_MS 2

struct parked {
	struct list link;
	struct flow flow;
	unsigned owner;
	size_t n;
	char bytes[];
};

static bool is_parked(const struct core *c, const struct flow *flow)
{
	LIST_EACH(n, &c->parked) {
		if (flow_same(&container_of(n, struct parked, link)->flow, flow))
			return true;
	}
	return false;
}

static void drop_parked(struct parked *p)
{
	list_unlink(&p->link);
	xfree(p);
}

static void retry_parked(void *ctx)
{
	struct core *c = ctx;

	while (!list_empty(&c->parked)) {
		struct parked *p = container_of(c->parked.next, struct parked, link);
		struct flow flow = p->flow;
		int err = c->io->ops->post(c->io, p->owner, CORE_POST_MESSAGE, &flow,
					   str_of(p->bytes, p->n));

		if (err == -EAGAIN) {
			io_timer(c->io, &c->parked_timer, PARKED_RETRY_MS);
			return;
		}
		drop_parked(p);
		if (!is_parked(c, &flow))
			c->io->ops->pause(c->io, &flow, false);
	}
}

static void park(struct core *c, unsigned owner, const struct flow *flow, struct str bytes)
{
	struct parked *p = xmalloc(sizeof(*p) + bytes.n);

	if (!p) {
		c->counters.dropped++;
		return;
	}
	p->flow = *flow;
	p->owner = owner;
	p->n = bytes.n;
	memcpy(p->bytes, bytes.p, bytes.n);
	list_init(&p->link);
	list_append(&c->parked, &p->link);
	c->io->ops->pause(c->io, flow, true);
	if (!timer_active(&c->parked_timer))
		io_timer(c->io, &c->parked_timer, PARKED_RETRY_MS);
}

bool core_hand_over(struct core *c, unsigned owner, const struct flow *flow, struct str bytes)
{
	bool stream = flow_is_stream(flow);
	int err = -EAGAIN;

	if (!(stream && !list_empty(&c->parked) && is_parked(c, flow)))
		err = c->io->ops->post(c->io, owner, CORE_POST_MESSAGE, flow, bytes);
	if (!err) {
		c->counters.handed_over++;
		return true;
	}
	c->counters.ring_full++;
	if (stream)
		park(c, owner, flow, bytes);
	else
		c->counters.dropped++;
	return true;
}

void core_give(struct core *c, unsigned worker, const struct sip_rx *rx)
{
	core_hand_over(c, worker, &rx->flow, rx->msg.raw);
}

void core_handover_init(struct core *c)
{
	list_init(&c->parked);
	timer_init(&c->parked_timer, retry_parked, c);
}

void core_handover_fini(struct core *c)
{
	io_timer_cancel(c->io, &c->parked_timer);
	LIST_EACH(n, &c->parked)
		drop_parked(container_of(n, struct parked, link));
}
