/* test/sim/outcomes.h - every pair of ends that a call may come to: what its caller saw, what its
 * callee saw, why that may be.  What is not listed here must not happen. */
#ifndef TSUWA_TEST_SIM_OUTCOMES_H
#define TSUWA_TEST_SIM_OUTCOMES_H

#include "phone.h"

enum {
	OUT_PATIENT = 1 << 0, /* the caller would have waited */
	OUT_CANCELS = 1 << 1, /* the caller meant to cancel after a time */
	OUT_ANSWERS = 1 << 2, /* the callee answers */
	OUT_REFUSES = 1 << 3, /* the callee refuses */
	OUT_SILENT = 1 << 4, /* the callee lets it ring */
	OUT_LOSS = 1 << 5, /* the network loses messages */
};

struct outcome {
	const char *caller, *callee; /* "hung-up", "refused 486", "none": saw no call */
	unsigned only; /* all of these must hold; 0: always */
	const char *cause;
};

extern const struct outcome outcomes[];
extern const unsigned n_outcomes;

/* "hung-up", "refused 486", "failed"; ".. deaf" when it ended for want of media. */
void outcome_text(const struct phone_report *r, char *room, size_t n);
/* The row that allows it; -1: none does. */
int outcome_find(const char *caller, const char *callee, unsigned facts);

#endif
