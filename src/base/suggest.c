#include "base/suggest.h"

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment over three rows. */
unsigned suggest_distance(struct str a, struct str b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.n > WORD_MAX || b.n > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= b.n; j++)
		above[j] = before[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *oldest = before;

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char ca = ascii_lower(a.p[i - 1]), cb = ascii_lower(b.p[j - 1]);

			row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == ascii_lower(b.p[j - 2]) &&
			    cb == ascii_lower(a.p[i - 2]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.n];
}

const char *suggest_word(struct str given, const char *const *words)
{
	const char *best = NULL;
	unsigned best_distance = WORD_MAX;

	for (; *words; words++) {
		struct str word = str_c(*words);
		unsigned d = suggest_distance(given, word);
		size_t longer = given.n > word.n ? given.n : word.n;
		/* A word that the other begins is near even when much is missing. */
		bool begins = given.n >= 3 && str_istarts(word, given);

		if (begins && d > 2)
			d = 2;
		if (d < best_distance && longer <= WORD_MAX && d <= 1 + longer / 4) {
			best = *words;
			best_distance = d;
		}
	}
	return best;
}
