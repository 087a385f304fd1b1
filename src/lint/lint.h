/* lint/lint.h - what a message breaks, by RFC and section, and what Tsuwa does with it.  Works over
 * bytes alone; knows no files and no terminal.  A server takes more than this praises: sip_check()
 * and the elements decide there. */
#ifndef TSUWA_LINT_LINT_H
#define TSUWA_LINT_LINT_H

#include "base/arena.h"
#include "base/str.h"

/* An error breaks a MUST, a warning a SHOULD or what works in practice, a note is worth knowing. */
enum lint_level { LINT_NOTE, LINT_WARNING, LINT_ERROR };

struct lint_finding {
	enum lint_level level;
	size_t offset, length; /* in the message's bytes */
	bool missing; /* told of what is not there: no place shows it */
	unsigned line, column; /* from 1; columns count bytes */
	struct str header; /* "Via"; empty: the start line, the framing or the body */
	struct str what, fix; /* fix may be empty */
	const char *rfc; /* "RFC 3261 s20.42", or NULL */
};

#define LINT_FINDINGS_MAX 256

struct lint {
	struct lint_finding *findings; /* by place */
	unsigned n, n_errors, n_warnings, n_notes;
	bool cut; /* there were more than LINT_FINDINGS_MAX */
	struct str summary; /* "INVITE sip:bob@example.com", "200 OK to INVITE" */
	struct str verdict; /* what Tsuwa does with it */
	unsigned status; /* the answer it gives because the message is bad; 0: none */
	bool taken; /* it passes the parser */
};

/* Looks at one message.  Everything in *ret borrows from the arena, the bytes or the program.
 * False when there is no memory. */
bool lint_message(struct str bytes, struct arena *a, struct lint *ret);

/* Cuts the next message off a text that holds one or several, as captures do: behind each other,
 * or between lines that are no SIP ("# ...", "---", "... -> ...").  A message ends by its
 * Content-Length where that leads to another or to the end, else before what looks like the next
 * start line.  False when none is left. */
bool lint_next(struct str *rest, struct str *ret);

/* Line and column of an offset, both from 1. */
void lint_place(struct str text, size_t offset, unsigned *line, unsigned *column);

#endif
