#include "outcomes.h"

const struct outcome outcomes[] = {
	/* What should happen. */
	{"hung-up", "peer-bye", OUT_ANSWERS, "a talk, ended by the caller"},
	{"peer-bye", "hung-up", OUT_ANSWERS, "a talk, ended by the callee"},
	{"hung-up", "hung-up", OUT_ANSWERS, "a talk; both hung up, their BYEs crossed"},
	{"refused 486", "refused 486", OUT_REFUSES, "busy"},
	{"refused 603", "refused 603", OUT_REFUSES, "declined"},
	{"refused 480", "refused 480", OUT_REFUSES, "not now"},
	{"canceled", "canceled", OUT_CANCELS, "the caller lost patience"},
	/* What crosses on the wire (RFC 3261 s9.1). */
	{"canceled", "none", OUT_CANCELS, "he lost it before the INVITE got through"},
	{"canceled", "peer-bye", OUT_CANCELS | OUT_ANSWERS,
	 "the answer crossed the CANCEL: ACK, BYE"},
	{"canceled", "hung-up", OUT_CANCELS | OUT_ANSWERS,
	 "so it did, and the callee hung up first"},
	{"canceled", "refused 486", OUT_CANCELS | OUT_REFUSES, "busy crossed the CANCEL"},
	{"canceled", "refused 603", OUT_CANCELS | OUT_REFUSES, "a decline crossed the CANCEL"},
	{"canceled", "refused 480", OUT_CANCELS | OUT_REFUSES, "a refusal crossed the CANCEL"},
	/* What a network that loses nearly half makes of it: timers B, F, H, 64*T1 without an ACK. */
	{"timed-out", "none", OUT_LOSS, "the INVITE never got through, or no answer to it did"},
	{"timed-out", "canceled", OUT_LOSS, "no answer got through; the caller's side gave up"},
	{"timed-out", "refused 486", OUT_LOSS | OUT_REFUSES, "the refusal never got through"},
	{"timed-out", "refused 603", OUT_LOSS | OUT_REFUSES, "the refusal never got through"},
	{"timed-out", "refused 480", OUT_LOSS | OUT_REFUSES, "the refusal never got through"},
	{"timed-out", "timed-out", OUT_LOSS | OUT_ANSWERS,
	 "the answer never got through, so no ACK"},
	{"timed-out", "hung-up", OUT_LOSS | OUT_ANSWERS, "the same, and the callee hung up"},
	{"timed-out", "hung-up deaf", OUT_LOSS | OUT_ANSWERS, "the same, and he heard nobody"},
	{"refused 408", "none", OUT_LOSS, "timer B of a proxy"},
	{"refused 408", "canceled", OUT_LOSS, "timer B of a proxy, whose CANCEL got through"},
	{"refused 408", "refused 486", OUT_LOSS | OUT_REFUSES,
	 "the refusal was lost below a proxy"},
	{"refused 408", "refused 603", OUT_LOSS | OUT_REFUSES,
	 "the refusal was lost below a proxy"},
	{"refused 408", "refused 480", OUT_LOSS | OUT_REFUSES,
	 "the refusal was lost below a proxy"},
	{"refused 408", "timed-out", OUT_LOSS | OUT_ANSWERS, "the answer was lost below a proxy"},
	{"refused 408", "hung-up", OUT_LOSS | OUT_ANSWERS, "the same, and the callee hung up"},
	{"refused 408", "hung-up deaf", OUT_LOSS | OUT_ANSWERS, "the same, and he heard nobody"},
	{"refused 487", "hung-up deaf", OUT_LOSS | OUT_ANSWERS,
	 "the answer was lost below a proxy, whose timer C ran out"},
	{"hung-up", "timed-out", OUT_LOSS | OUT_ANSWERS, "no ACK got through; the BYEs crossed"},
	{"peer-bye", "timed-out", OUT_LOSS | OUT_ANSWERS, "no ACK got through"},
	{"canceled", "timed-out", OUT_LOSS | OUT_CANCELS | OUT_ANSWERS, "the answer was lost"},
	{"canceled", "hung-up deaf", OUT_LOSS | OUT_CANCELS | OUT_ANSWERS, "the answer was lost"},
	{"hung-up deaf", "peer-bye", OUT_LOSS | OUT_ANSWERS, "the answer to a hold was lost"},
	{"peer-bye", "hung-up deaf", OUT_LOSS | OUT_ANSWERS, "no ACK or hold got through for 30 s"},
	{"hung-up", "hung-up deaf", OUT_LOSS | OUT_ANSWERS, "the BYE was lost"},
	{"hung-up deaf", "hung-up", OUT_LOSS | OUT_ANSWERS, "the BYE was lost"},
	{"broken", "hung-up", OUT_LOSS | OUT_ANSWERS, "the BYE was lost; a re-INVITE met 481"},
	{"broken", "hung-up deaf", OUT_LOSS | OUT_ANSWERS, "the same, of who heard nobody"},
	{"canceled", "refused 480", OUT_LOSS | OUT_SILENT,
	 "no CANCEL got through; it rang to its end"},
	{"timed-out", "refused 480", OUT_LOSS | OUT_SILENT, "it rang to its end, unheard"},
};

const unsigned n_outcomes = sizeof(outcomes) / sizeof(outcomes[0]);

void outcome_text(const struct phone_report *r, char *room, size_t n)
{
	struct buf b = buf_over(room, n);

	if (!r) {
		buf_fmt(&b, "none");
	} else {
		buf_fmt(&b, "%s", phone_cause(r->cause));
		if (r->cause == DLG_REFUSED)
			buf_fmt(&b, " %u", r->status);
		if (r->media_lost)
			buf_fmt(&b, " deaf");
	}
	buf_c(&b);
}

int outcome_find(const char *caller, const char *callee, unsigned facts)
{
	for (unsigned i = 0; i < n_outcomes; i++) {
		const struct outcome *o = &outcomes[i];

		if (!strcmp(o->caller, caller) && !strcmp(o->callee, callee) &&
		    (facts & o->only) == o->only)
			return (int)i;
	}
	return -1;
}
