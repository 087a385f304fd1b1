#include "app/proxy.h"

#include <errno.h>

#include "app/branch.h"
#include "app/proxy_internal.h"

/* ACK of a 2xx: no transaction, no answer (s16.11; RFC 6026 s7.3).  And the CANCEL of nothing that we
 * know (s16.10), whose answer finds back by its branch. */
static void forward_stateless(struct proxy *p, struct core_request *req,
			      const struct proxy_target *t)
{
	struct core_send send = {.flow = t->flow};
	char room[BRANCH_MAX];
	struct buf branch = buf_over(room, sizeof(room));
	struct sip_msg m;

	if (!proxy_make(p, &req->rx->msg, core_scratch(req->core), t, &m, &send.next_hop))
		return;
	send.msg = &m;
	branch_put(&branch, p->shared, req->rx);
	if (!branch.failed)
		core_send_stateless(req->core, &send, buf_str(&branch), NULL, NULL);
}

static void refuse(struct core_request *req, unsigned status)
{
	if (req->rx->msg.method != SIP_ACK)
		core_answer(req->core, req->rx, status, STR(""), NULL, 0);
}

/* RFC 5393: a proxy that forks must know loops, and how far a request may spread. */
static bool refuse_loop(const struct proxy *p, struct core_request *req, unsigned n,
			char hash[PROXY_LOOP_TEXT])
{
	bool given;

	hash[0] = '\0';
	if (req->in_dialog)
		return false;
	proxy_loop_hash(p, req, hash);
	if (proxy_is_loop(req, hash))
		refuse(req, 482);
	else if (n > 1 && proxy_breadth(&req->rx->msg, &given) == 0)
		refuse(req, 440);
	else
		return false;
	return true;
}

static bool proxy_request(void *ctx, struct core_request *req)
{
	struct proxy *p = ctx;
	struct proxy_target *targets = NULL;
	char loop[PROXY_LOOP_TEXT];
	int n;

	n = proxy_find_targets(p, req, &targets);
	if (req->rx->msg.method == SIP_CANCEL && n < 0)
		return false;
	if (n < 0) {
		refuse(req, (unsigned)-n);
		return true;
	}
	if (req->rx->msg.method == SIP_CANCEL) {
		forward_stateless(p, req, &targets[0]);
		return true;
	}
	if (refuse_loop(p, req, (unsigned)n, loop))
		return true;
	if (req->rx->msg.method == SIP_BYE && req->in_dialog)
		calls_end(p, req->core, req->rx->head.call_id);
	if (req->rx->msg.method == SIP_ACK)
		forward_stateless(p, req, &targets[0]);
	else
		proxy_start(p, req, targets, (unsigned)n, loop);
	return true;
}

int proxy_new(struct app_shared *shared, struct loc *loc, struct proxy **ret)
{
	struct proxy *p = xzalloc(sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->shared = shared;
	p->loc = loc;
	list_init(&p->contexts);
	proxy_watch_init(p);
	err = calls_init(p);
	if (err) {
		xfree(p);
		return err;
	}
	*ret = p;
	return 0;
}

void proxy_free(struct proxy **pp)
{
	struct proxy *p = *pp;

	if (!p)
		return;
	proxy_contexts_free(p);
	proxy_watch_fini(p);
	calls_fini(p);
	xfree(p);
	*pp = NULL;
}

struct core_element proxy_element(struct proxy *p)
{
	return (struct core_element){ .name = "proxy", .request = proxy_request, .ctx = p };
}

struct proxy_counters proxy_counters(const struct proxy *p)
{
	struct proxy_counters c = p->counters;

	c.calls = p->calls.n;
	return c;
}
