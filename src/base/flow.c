#include "base/flow.h"

static const struct {
	struct str name;
	uint16_t port; /* RFC 3261 s19.1.2, RFC 7118 s5 */
	bool secure;
} transports[TRANSPORT_COUNT] = {
	[TRANSPORT_NONE] = {STR_INIT(""), 0, false},
	[TRANSPORT_UDP] = {STR_INIT("UDP"), 5060, false},
	[TRANSPORT_TCP] = {STR_INIT("TCP"), 5060, false},
	[TRANSPORT_TLS] = {STR_INIT("TLS"), 5061, true},
	[TRANSPORT_WS] = {STR_INIT("WS"), 80, false},
	[TRANSPORT_WSS] = {STR_INIT("WSS"), 443, true},
};

bool flow_same(const struct flow *a, const struct flow *b)
{
	if (a->transport != b->transport)
		return false;
	if (flow_is_stream(a))
		return a->worker == b->worker && a->slot == b->slot && a->gen == b->gen;
	return addr_eq(&a->remote, &b->remote) && addr_eq(&a->local, &b->local);
}

static bool is_known(enum transport t)
{
	return (unsigned)t < TRANSPORT_COUNT;
}

struct str transport_name(enum transport t)
{
	return is_known(t) ? transports[t].name : STR("");
}

enum transport transport_of(struct str name)
{
	for (unsigned t = TRANSPORT_UDP; t < TRANSPORT_COUNT; t++)
		if (str_ieq(name, transports[t].name))
			return (enum transport)t;
	return TRANSPORT_NONE;
}

uint16_t transport_port(enum transport t)
{
	return is_known(t) ? transports[t].port : 0;
}

bool transport_is_secure(enum transport t)
{
	return is_known(t) && transports[t].secure;
}
