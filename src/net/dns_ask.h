/* net/dns_ask.h - one c-ares channel in the loop.  Knows nothing of caches or of who
 * waits.  Internal to net/. */
#ifndef TSUWA_NET_DNS_ASK_H
#define TSUWA_NET_DNS_ASK_H

#include "base/io.h"
#include "net/loop.h"

struct dns_ask;

/* An answer: err 0 and the message, or -ENOENT, -ETIMEDOUT, -EIO. */
typedef void (*dns_answer_fn)(void *ctx, int err, struct str message);

/* servers: as in struct net_conf, borrowed for the call.  0, -ENOMEM, -EINVAL, -EIO. */
int dns_ask_new(struct loop *loop, const char *servers, struct dns_ask **ret);
/* No answer follows. */
void dns_ask_free(struct dns_ask **a);

/* fn may run before this returns. */
void dns_ask(struct dns_ask *a, const char *name, enum io_rr type, dns_answer_fn fn, void *ctx);

/* The hosts file.  0, -ENOENT (the name is not in it; other_family: only with addresses
 * of the other family), -ENOMEM. */
int dns_ask_hosts(struct dns_ask *a, const char *name, uint8_t family, struct addr *ret, size_t max,
		  size_t *ret_n, bool *other_family);

#endif
