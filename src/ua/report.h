/* ua/report.h - what became of a call, as a table or as one JSON object. */
#ifndef TSUWA_UA_REPORT_H
#define TSUWA_UA_REPORT_H

#include <tsuwa/call.h>

struct ua_report {
	const char *peer; /* URI */
	const char *result; /* "answered", "refused", "canceled", "no answer", "failed" */
	const char *ended_by; /* "us", "peer", "timeout"; NULL: never up */
	const char *error; /* in words, or NULL */
	const char *warning; /* Warning of a refusal, or NULL */
	unsigned status; /* 0: none */
	const char *reason;
	uint64_t setup_ms; /* until it was answered */
	uint64_t duration_ms; /* from there */
	bool has_media;
	const char *codec; /* of what was sent */
	struct tsuwa_call_stats stats;
	const char *digits; /* received */
	const char *recorded; /* file, or NULL */
};

void ua_report_print(const struct ua_report *r, bool json);

#endif
