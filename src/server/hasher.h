/* server/hasher.h - digest authentication's hash (sip/auth.h) by crypto/. */
#ifndef TSUWA_SERVER_HASHER_H
#define TSUWA_SERVER_HASHER_H

#include "crypto/digest.h"
#include "sip/auth.h"

/* Borrows c.  Where OpenSSL refuses an algorithm the hash is of no use to anybody: random digits. */
struct sip_hasher server_hasher(struct crypto *c);

#endif
