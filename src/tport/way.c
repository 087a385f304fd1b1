/* Ways out: a flow to an address, and the way of responses (RFC 3261 s18.2.2, RFC 3581 s4). */
#include <errno.h>

#include "tport/internal.h"

static int udp_flow_to(const struct tport *t, const struct addr *remote, struct flow *ret)
{
	const struct tport_listener *l = tport_suits(t, TRANSPORT_UDP, remote);

	if (!l)
		return -EAFNOSUPPORT;
	memset(ret, 0, sizeof(*ret));
	ret->transport = TRANSPORT_UDP;
	ret->listener = (uint16_t)(l - t->conf.listeners);
	ret->remote = *remote;
	if (!addr_is_any(&l->bound))
		ret->local = l->bound;
	return 0;
}

static void put_key(uint64_t key[4], enum transport transport, const struct addr *remote)
{
	key[0] = (uint64_t)transport << 32 | remote->port;
	key[1] = (uint64_t)remote->family << 32 | remote->scope;
	memcpy(&key[2], remote->ip, sizeof(remote->ip));
}

static uint64_t remote_hash(const struct tport *t, enum transport transport,
			    const struct addr *remote)
{
	uint64_t key[4];

	put_key(key, transport, remote);
	return hash_bytes(&t->seed, key, sizeof(key));
}

static bool same_remote(const struct map_node *n, const void *key)
{
	const struct tport_stream *s = container_of(n, const struct tport_stream, by_remote);
	uint64_t own[4];

	put_key(own, s->flow.transport, &s->flow.remote);
	return !s->done && memcmp(own, key, sizeof(own)) == 0;
}

static struct tport_stream *find_opened(const struct tport *t, enum transport transport,
					const struct addr *remote)
{
	uint64_t key[4];
	struct map_node *n;

	put_key(key, transport, remote);
	n = map_find(&t->opened, hash_bytes(&t->seed, key, sizeof(key)), same_remote, key);
	return n ? container_of(n, struct tport_stream, by_remote) : NULL;
}

/* What can't be remembered is not opened for good: its answers would find no reader. */
static int open_stream(struct tport *t, enum transport transport, const struct addr *remote,
		       struct flow *ret)
{
	struct addr anywhere = {0};
	struct tport_stream *s;
	struct flow flow;
	int err;

	memset(&flow, 0, sizeof(flow));
	err = t->io->ops->open(t->io, transport, remote, &anywhere, &flow);
	if (err < 0)
		return err;
	err = tport_stream_add(t, &flow, &s);
	if (err < 0) {
		t->io->ops->close(t->io, &flow);
		return err;
	}
	/* The name under which others will look for it. */
	s->flow.remote = *remote;
	s->opened = true;
	map_add(&t->opened, &s->by_remote, remote_hash(t, transport, remote));
	*ret = s->flow;
	return 0;
}

int tport_flow_to(struct tport *t, enum transport transport, const struct addr *remote,
		  struct flow *ret)
{
	struct tport_stream *s;

	if (transport == TRANSPORT_UDP)
		return udp_flow_to(t, remote, ret);
	if (!tport_can(t, transport, remote))
		return -EAFNOSUPPORT;
	s = find_opened(t, transport, remote);
	if (!s)
		return open_stream(t, transport, remote, ret);
	*ret = s->flow;
	return 0;
}

/* ---- responses ---- */

static uint16_t sent_by_port(const struct sip_rx *rx)
{
	return rx->head.via.port ? rx->head.via.port : transport_port(rx->flow.transport);
}

/* A name in maddr would have to be looked up; the source address serves instead. */
static bool maddr_of(const struct sip_rx *rx, struct addr *ret)
{
	struct addr a;

	if (str_empty(rx->head.via.maddr) || !addr_parse_ip(rx->head.via.maddr, &a))
		return false;
	if (a.family != rx->flow.remote.family || addr_is_any(&a))
		return false;
	*ret = a;
	return true;
}

void tport_response_flow(const struct sip_rx *rx, struct flow *ret)
{
	*ret = rx->flow;
	if (flow_is_stream(&rx->flow))
		return;
	if (maddr_of(rx, &ret->remote))
		ret->remote.port = sent_by_port(rx);
	else if (!rx->head.via.has_rport)
		ret->remote.port = sent_by_port(rx);
}

/* A browser can't be connected to. */
bool tport_response_fallback(const struct sip_rx *rx, enum transport *ret_t, struct addr *ret)
{
	enum transport transport = rx->flow.transport;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_TLS)
		return false;
	*ret_t = transport;
	*ret = rx->flow.remote;
	ret->port = sent_by_port(rx);
	return true;
}
