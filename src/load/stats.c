#include "load/stats.h"

#include "base/str.h"
#include "sip/msg.h"

static const char *const reasons[FAIL_COUNT] = {
	[FAIL_TIMEOUT] = "no answer",
	[FAIL_CONNECTION] = "connection lost",
	[FAIL_NO_ACK] = "the ACK did not arrive",
	[FAIL_CREDENTIALS] = "the challenge can't be answered",
	[FAIL_MALFORMED] = "an answer can't be read",
};

void stats_merge(struct stats *to, const struct stats *from)
{
	to->begun += from->begun;
	to->ok += from->ok;
	to->failed += from->failed;
	to->retransmissions += from->retransmissions;
	to->late += from->late;
	to->challenges += from->challenges;
	to->strays += from->strays;
	for (unsigned i = 0; i < FAIL_CODES; i++)
		to->failed_by[i] += from->failed_by[i];
	hist_merge(&to->latency, &from->latency);
	hist_merge(&to->bye, &from->bye);
}

const char *fail_text(unsigned reason, char *room, unsigned size)
{
	struct buf b = buf_over(room, size);

	if (reason < FAIL_COUNT)
		return reasons[reason];
	b.cut = true;
	buf_fmt(&b, "%u %.*s", reason, STR_ARG(sip_reason_of(reason)));
	return buf_c(&b);
}
