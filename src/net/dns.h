/* net/dns.h - names for one worker: c-ares asks, in our loop; answers are kept for
 * their TTL, and all who ask the same at once share one question.  Literals, localhost
 * (RFC 6761 s6.3) and the hosts file need no server.  Internal to net/. */
#ifndef TSUWA_NET_DNS_H
#define TSUWA_NET_DNS_H

#include "base/io.h"

struct dns;
struct net;

/* servers as in struct net_conf, borrowed for the call.  0, -ENOMEM, -EINVAL (servers). */
int dns_new(struct net *net, const char *servers, struct dns **ret);
/* Nobody's done is called. */
void dns_free(struct dns **d);

/* As struct io_ops. */
void dns_resolve(struct dns *d, struct io_query *q);
void dns_cancel(struct dns *d, struct io_query *q);

#endif
