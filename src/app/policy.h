/* app/policy.h - what the operator decided, as the elements read it: an immutable snapshot,
 * counted by reference, swapped by pointer on a reload; calls in progress keep theirs.
 * server/ makes one from the configuration, the simulator by hand. */
#ifndef TSUWA_APP_POLICY_H
#define TSUWA_APP_POLICY_H

#include <stdatomic.h>

#include "base/hash.h"
#include "base/map.h"
#include "sip/auth.h"
#include "sip/uri.h"
#include "store/users.h"

struct nonces;
struct core_request;

struct app_domain {
	struct str name;                /* canonical, lower case; realm of its users */
	struct str *aliases;            /* names and addresses, lower case */
	unsigned n_aliases;
	bool redirect;                  /* its users' requests are answered with 3xx (RFC 3261 s8.3) */
};

enum app_route_mode { APP_ROUTE_PROXY, APP_ROUTE_REDIRECT, APP_ROUTE_STATELESS };

struct app_route {
	struct str match;               /* glob over the Request-URI: * and ? */
	enum app_route_mode mode;
	struct str *to;                 /* URIs, at least one, the most wanted first; more than one
					 * only to redirect.  Without a user part the request's user stays */
	unsigned n_to;
	unsigned status;                /* of a redirection; 0: 302, or 300 where there are several */
};

struct app_policy {
	_Atomic unsigned refs;
	struct app_domain *domains;     /* the first is the default realm */
	unsigned n_domains;
	struct map names;               /* of the domains and aliases, for app_policy_domain() */
	struct app_route *routes;
	unsigned n_routes;
	enum sip_algorithm algorithms[2]; /* offered in this order */
	unsigned n_algorithms;
	bool auth_register, auth_invite;
	uint32_t min_expires_s, max_expires_s, default_expires_s; /* 60, 7200, 3600 */
	unsigned max_contacts;          /* 10 */
	uint32_t timer_c_ms;            /* 180000 and more, RFC 3261 s16.6 step 11 */
	uint32_t nonce_life_ms;         /* 300000 */
	unsigned max_forks;             /* branches of one request at once */
	bool recurse;                   /* follow 3xx in the proxy */
	unsigned source_rate;           /* refusals a second one source may cause before it is ignored; 0: no limit */
};

/* Zeroed, with the defaults above filled in and one reference. NULL: no memory.
 * All texts of a policy are owned by it (xmalloc). */
struct app_policy *app_policy_new(void);
struct app_policy *app_policy_ref(struct app_policy *p);
void app_policy_unref(struct app_policy **p);
int app_policy_add_domain(struct app_policy *p, struct str name);
int app_policy_add_alias(struct app_policy *p, struct str name);        /* of the domain added last */
int app_policy_add_route(struct app_policy *p, struct str match, enum app_route_mode mode,
			 struct str to);
int app_policy_add_target(struct app_policy *p, struct str to);         /* of the route added last */

/* The domain that a host is a name of, without case; NULL when it is not ours. */
const struct app_domain *app_policy_domain(const struct app_policy *p, struct str host);
/* The canonical AoR of a URI: sip_uri_aor() with the domain's canonical name in place of an
 * alias.  False when the URI has no AoR form.  A tel: URI belongs to the first domain. */
bool app_policy_aor(const struct app_policy *p, const struct sip_uri *uri, struct buf *b);
/* First match of "sip:user@host" (the canonical AoR), or NULL. */
const struct app_route *app_policy_route(const struct app_policy *p, const struct sip_uri *uri);
/* Where it leads: the i-th of its URIs, with the user of uri where that names none; p is NULL when
 * memory ends. */
struct str app_policy_route_uri(const struct app_route *r, unsigned i, const struct sip_uri *uri,
				struct arena *arena);

/* What the elements of one worker share; lives as long as they. The server changes
 * policy and users on the worker itself, between messages. */
struct app_shared {
	struct app_policy *policy;
	const struct users *users;
	struct nonces *nonces;          /* of all workers */
	struct sip_hasher hasher;       /* of this worker */
	/* Is a REGISTER whose nonce count was used one that has been dealt with?  Then it was taken.  The
	 * registrar says; it keeps no transactions. */
	bool (*repeated)(void *ctx, struct core_request *req);
	void *repeated_ctx;
	uint8_t route_key[16];          /* Record-Route MAC: the same for all workers, kept in the database */
	uint8_t nonce_key[16];
};

#endif
