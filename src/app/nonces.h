/* app/nonces.h - which nonce counts have been used (RFC 7616 s5.12): one bounded table for all
 * workers, sharded by nonce, filled only after a correct response.  A nonce itself is signed
 * and carries its time, so that none is kept for who never answers. */
#ifndef TSUWA_APP_NONCES_H
#define TSUWA_APP_NONCES_H

#include "base/hash.h"
#include "base/io.h"

struct nonces;

/* At most max nonces at once.  0 or -ENOMEM. */
int nonces_new(size_t max, struct nonces **ret);
void nonces_free(struct nonces **n);

#define NONCE_TEXT_MAX 40

/* Writes a fresh nonce (wall clock time, random, MAC). */
void nonce_make(const uint8_t key[16], struct io *io, struct buf *b);

enum nonce_verdict { NONCE_GOOD, NONCE_STALE, NONCE_REPLAYED };

/* Judges a nonce whose digest was correct.  nc 0: no qop, good once.  Ours but old, not ours, or pushed
 * out of the table: STALE. */
enum nonce_verdict nonces_use(struct nonces *n, const uint8_t key[16], struct str nonce,
			      uint32_t nc, uint64_t wall_ms, uint32_t life_ms);

#endif
