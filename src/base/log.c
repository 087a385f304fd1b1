#include "base/log.h"
#include "base/buf.h"

#define LINE_BYTES 1024

/* One event is one line, whatever a peer put into the values. */
static void flatten(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = p[i] == '\r' || p[i] == '\n' || p[i] == '\t' ? ' ' : '?';
}

void log_write(const struct log *log, enum log_level level, const char *format, ...)
{
	char room[LINE_BYTES];
	struct buf b = buf_over(room, sizeof(room));
	va_list ap;

	if (!log_wants(log, level))
		return;
	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	flatten(b.p, b.n);
	log->write(log->ctx, level, buf_str(&b));
}
