/* test/fuzz/judge.h - what must hold of every message that the code under test sends: it can be read,
 * breaks no rule of lint in what the sender wrote of its own, and answers no ACK. */
#ifndef TSUWA_TEST_FUZZ_JUDGE_H
#define TSUWA_TEST_FUZZ_JUDGE_H

#include "sip/msg.h"

struct judge {
	uint64_t seen[64]; /* hashes of what was looked at: repetitions */
};

/* Shows the message and ends the process. */
void judge_broken(const char *why, struct str bytes);

/* Parses bytes into ret, over a.  product: with what the Server and User-Agent of the sender
 * begin; what bears another's name was only passed on. */
void judge_message(struct judge *j, struct str bytes, struct str product, struct arena *a,
		   struct sip_msg *ret);

#endif
