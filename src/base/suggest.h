/* base/suggest.h - "did you mean": the nearest word of a list by edit distance, for
 * names of keys, values, options and commands. */
#ifndef TSUWA_BASE_SUGGEST_H
#define TSUWA_BASE_SUGGEST_H

#include "base/str.h"

/* Insertions, deletions, changes and swaps of neighbours, without case; words past 64
 * characters are as far away as can be. */
unsigned suggest_distance(struct str a, struct str b);

/* The nearest of words (ended by NULL) when it is near enough to be meant, else NULL. */
const char *suggest_word(struct str given, const char *const *words);

#endif
