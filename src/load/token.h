/* load/token.h - the name of a transaction or call in branches and Call-IDs: fixed width, so
 * that an answer finds its slot by one look and what is late or foreign is told apart.
 * Knows no messages. */
#ifndef TSUWA_LOAD_TOKEN_H
#define TSUWA_LOAD_TOKEN_H

#include "base/str.h"

#define TOKEN_CHARS 25 /* 'L', and in hex: run (8), worker (2), slot (6), generation (8) */
#define TOKEN_SLOTS (1u << 24)
#define TOKEN_WORKERS 256

struct token {
	uint32_t run; /* random, of the process */
	uint32_t generation; /* of the slot's use */
	uint32_t slot; /* or user */
	uint8_t worker;
};

void token_put(struct token t, char ret[TOKEN_CHARS]);
/* At the start of s. */
bool token_read(struct str s, struct token *ret);

#endif
