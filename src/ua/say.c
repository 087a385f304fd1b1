#include "ua/say.h"

#include <stdio.h>

const char *ua_clean(struct tsuwa_str text, char *room, size_t size)
{
	tsuwa_str_copy(text, room, size);
	for (char *p = room; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = *p == '\n' || *p == '\t' ? ' ' : '?';
	return room;
}

void ua_error(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("tsuwa: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void ua_put_answer(const struct tsuwa_answer *a, struct buf *b)
{
	struct tsuwa_str warning = {NULL, 0};

	b->cut = true;
	if (!a->message) {
		buf_puts(b, str_c(tsuwa_strerror(a->err)));
		return;
	}
	warning = tsuwa_message_get(a->message, TSUWA_HDR_WARNING);
	buf_fmt(b, "%u %.*s", a->status, TSUWA_STR_ARG(a->reason));
	if (warning.n)
		buf_fmt(b, " (%.*s)", TSUWA_STR_ARG(warning));
}
