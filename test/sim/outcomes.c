#include "outcomes.h"

const struct outcome outcomes[] = {
	/* What should happen. */
	{ "hung-up", "peer-bye", OUT_ANSWERS, "a talk, ended by the caller" },
	{ "peer-bye", "hung-up", OUT_ANSWERS, "a talk, ended by the callee" },
	{ "hung-up", "hung-up", OUT_ANSWERS, "a talk; both hung up, their BYEs crossed" },
	{ "refused 486", "refused 486", OUT_REFUSES, "busy" },
	{ "refused 603", "refused 603", OUT_REFUSES, "declined" },
	{ "refused 480", "refused 480", OUT_REFUSES, "not now" },
	{ "canceled", "canceled", OUT_CANCELS, "the caller lost patience" },
	/* What crosses on the wire (RFC 3261 s9.1). */
	{ "canceled", "none", OUT_CANCELS, "he lost it before the INVITE got through" },
	{ "canceled", "peer-bye", OUT_CANCELS | OUT_ANSWERS, "the answer crossed the CANCEL: ACK, BYE" },
	{ "canceled", "hung-up", OUT_CANCELS | OUT_ANSWERS, "so it did, and the callee hung up first" },
	{ "canceled", "refused 486", OUT_CANCELS | OUT_REFUSES, "busy crossed the CANCEL" },
	{ "canceled", "refused 603", OUT_CANCELS | OUT_REFUSES, "a decline crossed the CANCEL" },
	{ "canceled", "refused 480", OUT_CANCELS | OUT_REFUSES, "a refusal crossed the CANCEL" },
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
