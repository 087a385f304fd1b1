/* load/credentials.h - answers to digest challenges (RFC 3261 s22, RFC 7616), with HA1 kept
 * for each user and, where wished, the nonce too. */
#ifndef TSUWA_LOAD_CREDENTIALS_H
#define TSUWA_LOAD_CREDENTIALS_H

#include "crypto/digest.h"
#include "load/users.h"

#define CREDENTIALS_MAX 1024 /* a whole header line */

struct credentials {
	struct crypto *crypto; /* owned */
	enum sip_algorithm only; /* UNKNOWN: the first of the server's that we know */
	char realm[USER_REALM_MAX]; /* what the kept HA1 are of */
	size_t realm_n;
	uint64_t n; /* for cnonces */
};

struct credentials_ask {
	struct user *user;
	struct user_nonce *nonce; /* where to keep it; NULL: not kept */
	struct str method, uri;
	bool proxy; /* Proxy-Authorization */
};

/* 0 or -ENOMEM. */
int credentials_init(struct credentials *c, enum sip_algorithm only);
void credentials_fini(struct credentials *c);

/* The line that answers the challenges of m (401 or 407).  Bytes written to room, of
 * CREDENTIALS_MAX; 0: no challenge that can be answered, or no password. */
size_t credentials_answer(struct credentials *c, const struct credentials_ask *ask,
			  const struct sip_msg *m, char *room);
/* The same by the nonce that was kept; 0 when there is none. */
size_t credentials_again(struct credentials *c, const struct credentials_ask *ask, char *room);

#endif
