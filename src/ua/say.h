/* ua/say.h - words for people: lines on standard error, texts of others made harmless, what an
 * answer says. */
#ifndef TSUWA_UA_SAY_H
#define TSUWA_UA_SAY_H

#include <tsuwa/ua.h>

#include "base/buf.h"

/* Text of others as a C string in room, cut to its size: control characters must not reach a
 * terminal. */
const char *ua_clean(struct tsuwa_str text, char *room, size_t size);
/* "tsuwa: ..." on standard error. */
void ua_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Status, reason and Warning of an answer in words, "486 Busy Here (…)", or why there was none. */
void ua_put_answer(const struct tsuwa_answer *a, struct buf *b);

static inline struct tsuwa_str ua_text(const char *cstr)
{
	return (struct tsuwa_str){cstr, cstr ? strlen(cstr) : 0};
}

#endif
