/* admin/ladder.h - the messages of a call drawn for a terminal: a column for each party with
 * the server between those who called and those who were called, an arrow for each message.  Where
 * the columns don't fit, a line for each message instead. */
#ifndef TSUWA_ADMIN_LADDER_H
#define TSUWA_ADMIN_LADDER_H

#include "admin/trace_view.h"

#define LADDER_PARTIES 16

struct ladder_style {
	unsigned columns; /* of the terminal */
	bool utf8; /* else ASCII alone */
	bool bodies; /* whole messages beneath their arrows */
	bool live; /* drawn as they come: a repetition at its own time */
};

struct ladder_party {
	char address[64]; /* "udp 127.0.0.1:5060" */
	char user[64]; /* or empty */
	bool right; /* was first heard of when we sent to it */
};

struct ladder {
	struct ladder_style style;
	struct ladder_party server;
	struct ladder_party party[LADDER_PARTIES]; /* in the order of their appearance */
	unsigned n_parties;
	bool crowded; /* there are more: they have no column */
	uint64_t begin_us;
};

void ladder_init(struct ladder *l, const struct ladder_style *style);
/* Before a message is drawn.  True: columns came or were named, the head changes. */
bool ladder_know(struct ladder *l, const struct trace_message *m);

/* The names above the columns. */
void ladder_put_head(const struct ladder *l, struct buf *b);
/* Time, arrow, what was folded into it, media; with bodies the message. */
void ladder_put(const struct ladder *l, const struct trace_message *m, struct buf *b);
/* Nothing but the message, its lines ended by LF, behind `indent` blanks; no controls. */
void ladder_put_text(const struct ladder *l, const struct trace_message *m, unsigned indent,
		     struct buf *b);
/* One line without columns: time, from whom to whom, what. */
void ladder_put_line(const struct ladder *l, const struct trace_message *m, struct buf *b);

#endif
