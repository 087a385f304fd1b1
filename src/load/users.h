/* load/users.h - the users whose names and passwords the load takes: PREFIX0, PREFIX1 ... with
 * one password, or the lines of a file.  What a user keeps from request to request (CSeq, the
 * nonce in use, HA1) belongs to the one worker that plays it. */
#ifndef TSUWA_LOAD_USERS_H
#define TSUWA_LOAD_USERS_H

#include "base/buf.h"
#include "sip/auth.h"

#define USER_REALM_MAX 128
#define USER_NONCE_MAX 256

/* A challenge that stays good for more than one request (RFC 7616 s3.4). */
struct user_nonce {
	uint32_t nc; /* of the last request; 0: no nonce is kept */
	uint8_t realm_n, opaque_n, algorithm;
	uint16_t nonce_n;
	char realm[USER_REALM_MAX], opaque[USER_REALM_MAX], nonce[USER_NONCE_MAX];
};

struct user {
	struct str name, password; /* no password: p is NULL */
	uint32_t cseq; /* of the last REGISTER */
	bool busy; /* one is under way */
	uint8_t ha1_algorithm; /* enum sip_algorithm; UNKNOWN: ha1 is not there */
	char ha1[SIP_DIGEST_HEX_MAX];
};

struct users {
	size_t n;
	struct user *user;
	struct user_nonce *nonce; /* one each, or NULL: nonces are used once */
	struct buf text; /* names and passwords borrow from it */
};

/* password may be NULL.  0 or -ENOMEM; users_free() in both cases. */
int users_make(struct users *u, size_t n, struct str prefix, const char *password);
/* Lines "USER,PASSWORD" or "USER@DOMAIN,PASSWORD" or "USER,DOMAIN,PASSWORD" (the domain is
 * not looked at); a title line is skipped.  0 or -errno; -EBADMSG: *bad_line is wrong. */
int users_read(struct users *u, const char *path, unsigned *bad_line);
/* Room to keep nonces.  0 or -ENOMEM. */
int users_keep_nonces(struct users *u);
void users_free(struct users *u);

#endif
