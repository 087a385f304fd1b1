/* load/template.h - messages written once with gaps, filled by copying: what makes a request
 * cost the generator a tenth of a microsecond.  Sources are text with "{name}" gaps; a gap
 * whose value never changes becomes part of the text. */
#ifndef TSUWA_LOAD_TEMPLATE_H
#define TSUWA_LOAD_TEMPLATE_H

#include "base/str.h"

enum gap {
	GAP_DOMAIN, /* "domain", "proto", "contact", "expires", "length", "body": given at make */
	GAP_PROTO,
	GAP_CONTACT, /* URI parameters of contacts */
	GAP_EXPIRES,
	GAP_LENGTH,
	GAP_BODY,
	GAP_LOCAL, /* "local": ADDRESS:PORT of the socket */
	GAP_TOKEN, /* "token": of the transaction */
	GAP_CALL, /* "call": of the call or registration */
	GAP_USER,
	GAP_PEER,
	GAP_CSEQ,
	GAP_AUTH, /* whole lines */
	GAP_ROUTES, /* whole lines */
	GAP_URI,
	GAP_TO, /* a To value with its tag */
	GAP_AT, /* "at": ADDRESS:PORT of a contact */
	GAP_COUNT
};

#define TEMPLATE_PIECES 28
#define TEMPLATE_TEXT_MAX 2048

struct template
{
	unsigned n;
	struct {
		uint16_t at, len; /* of the text before the gap */
		uint8_t gap; /* GAP_COUNT: the end */
	} piece[TEMPLATE_PIECES];
	char text[TEMPLATE_TEXT_MAX];
};

/* Values whose p is NULL stay gaps.  False: too long, too many gaps, an unknown name. */
bool template_make(struct template *ret, struct str source, const struct str values[GAP_COUNT]);
/* Bytes written; 0 when room is too small. */
size_t template_put(const struct template *t, const struct str values[GAP_COUNT], char *room,
		    size_t cap);

#endif
