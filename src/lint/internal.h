/* lint/internal.h - what the checks share.  Each looks at one side of the message and adds findings. */
#ifndef TSUWA_LINT_INTERNAL_H
#define TSUWA_LINT_INTERNAL_H

#include "lint/lint.h"
#include "sdp/sdp.h"
#include "sip/headers.h"

struct linter {
	struct str bytes;
	struct arena *arena;
	struct lint *out;
	struct sip_msg m;
	struct sip_head head;
	bool parsed, checked; /* by sip_parse(), by sip_check() */
	struct sip_err err; /* the first fault that one of them found */
	bool old; /* an element of RFC 2543 sent it: no magic cookie */
	bool out_of_memory;
};

/* where: the text that is at fault, a slice of the message; p NULL: the start line.  An error of the
 * same header at the same place is told once. */
void lint_add(struct linter *l, enum lint_level level, struct str where, const char *header,
	      const char *rfc, const char *fix, const char *format, ...)
	__attribute__((format(printf, 7, 8)));
/* Was an error told of this header, "" for those of none, at this offset? */
bool lint_told(const struct linter *l, const char *header, size_t offset);
/* Something that is missing: told at the start line. */
void lint_missing(struct linter *l, enum lint_level level, enum sip_hdr_id id, const char *rfc,
		  const char *fix, const char *why);

/* For what RFC 2543 did not know. */
static inline enum lint_level lint_new_rule(const struct linter *l)
{
	return l->old ? LINT_WARNING : LINT_ERROR;
}

static inline struct str lint_line_of(const struct sip_hdr *h)
{
	return h->line_n ? str_trim(str_of(h->name, h->line_n)) : str_of(h->name, h->name_n);
}

void lint_lines(struct linter *l); /* line ends, header lines, Content-Length */
void lint_start_line(struct linter *l);
void lint_fields(struct linter *l); /* each field by itself, names, repetitions */
void lint_request(struct linter *l);
void lint_response(struct linter *l);
void lint_route(struct linter *l); /* Via, Route, Contact: where answers and requests go */
void lint_body(struct linter *l);
void lint_sdp(struct linter *l, struct str text); /* a session description within the bytes */
void lint_sdp_rules(struct linter *l, const struct sdp *sdp); /* its lines against each other */
void lint_verdict(struct linter *l);

/* The name we know that is nearest to this one, or NULL. */
const char *lint_near_name(struct str name);

#endif
