/* server/logging.h - where log lines go: standard error, as text or JSON, one write a line,
 * from any thread.  Floods of one kind of line are cut short: a stranger must not fill the disk.
 * Under systemd's journal the priority stands in front and the time is left to it. */
#ifndef TSUWA_SERVER_LOGGING_H
#define TSUWA_SERVER_LOGGING_H

#include <pthread.h>

#include "base/flow.h"
#include "base/log.h"

#define LOGGING_KINDS 256 /* of lines that are counted apart */
#define LOGGING_BURST 50 /* lines of one kind in a second */

struct logging_kind {
	uint64_t hash;
	uint64_t second; /* monotonic */
	unsigned lines, cut;
	char text[64]; /* the line's beginning, for the summary */
};

struct logging {
	pthread_mutex_t lock;
	int fd;
	bool json, journal;
	enum log_level level; /* from debug on nothing is cut short */
	struct logging_kind kinds[LOGGING_KINDS];
};

/* journal: fd leads to systemd's journal. */
void logging_init(struct logging *l, int fd, bool json, bool journal);
void logging_fini(struct logging *l);
void logging_set(struct logging *l, enum log_level level, bool json);

/* A log that writes here; a struct a worker, so that a worker changes its level alone. */
struct log logging_log(struct logging *l, enum log_level level);

/* A whole message, in or out, with the flow. */
void logging_bytes(struct logging *l, bool out, const struct flow *flow, struct str bytes);

/* Once a second or so: tells what was cut short. */
void logging_tick(struct logging *l);

#endif
