/* sdp/lex.h - what the parsers and builders of attribute values share: words, numbers and
 * tokens of RFC 8866 s9.  Inside sdp/ only. */
#ifndef TSUWA_SDP_LEX_H
#define TSUWA_SDP_LEX_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/scan.h"
#include "sdp/words.h"

/* token-char = ALPHA / DIGIT / "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." /
 *              "^" / "_" / "`" / "{" / "|" / "}" / "~" */
static inline bool lex_is_token_char(char c)
{
	return cc_is(c, CC_TOKEN) || c == '#' || c == '$' || c == '&' || c == '^' || c == '{' ||
	       c == '|' || c == '}';
}

bool lex_is_token(struct str s);
/* non-ws-string = 1*(VCHAR/%x80-FF) */
bool lex_is_word(struct str s);
/* ice-char = ALPHA / DIGIT / "+" / "/"; from min to max of them. */
bool lex_is_ice(struct str s, size_t min, size_t max);

/* A cursor over a value; false when control characters, but for tabs, stand in it. */
bool lex_open(struct str value, struct words *ret);
/* The next word, all of it a number up to max. */
bool lex_number(struct words *w, uint64_t max, uint64_t *ret);
/* The next word; false at the end. */
static inline bool lex_word(struct words *w, struct str *ret)
{
	*ret = words_next(w);
	return !str_empty(*ret);
}

static inline bool lex_token(struct words *w, struct str *ret)
{
	return lex_word(w, ret) && lex_is_token(*ret);
}

static inline bool lex_done(struct words *w)
{
	words_skip_blanks(w);
	return w->at == w->end;
}

/* The place of word among n names, compared without case, or -1. */
int lex_index(struct str word, const struct str *names, size_t n);

/* Writers: what may not stand there sets b->failed. */
void put_token(struct buf *b, struct str s);
void put_word(struct buf *b, struct str s);
/* The address without the brackets that URIs want. */
void put_ip(struct buf *b, const struct addr *a);
/* byte-string: anything but NUL, CR and LF. */
void put_text(struct buf *b, struct str s);

#endif
