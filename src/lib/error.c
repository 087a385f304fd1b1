#include <errno.h>

#include "lib/inside.h"

static struct tsuwa_error *clear(struct tsuwa_error *err, int code)
{
	memset(err, 0, sizeof(*err));
	err->code = code;
	err->offset = -1;
	err->header = err->rfc = "";
	return err;
}

int lib_fail(struct tsuwa_error *err, int code, const char *format, ...)
{
	struct buf b;
	va_list ap;

	if (!err)
		return code;
	clear(err, code);
	b = buf_over(err->text, sizeof(err->text));
	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	buf_c(&b);
	return code;
}

int lib_fail_errno(struct tsuwa_error *err, int code)
{
	return lib_fail(err, code, "%s", tsuwa_strerror(code));
}

int lib_fail_at(struct tsuwa_error *err, long offset, const char *header, const char *why)
{
	if (!err)
		return -EBADMSG;
	lib_fail(err, -EBADMSG, "%s%s%s", header, header[0] ? ": " : "",
		 why ? why : "it can't be read");
	err->status = 400;
	err->offset = offset;
	err->header = header;
	return -EBADMSG;
}

bool lib_is_memory(const char *why)
{
	return str_eq(str_c(why), STR("out of memory")) || str_eq(str_c(why), STR("no memory"));
}

int lib_give(struct str text, char *room, size_t size)
{
	if (text.n >= size)
		return -ENOBUFS;
	str_to_c(text, room, size);
	return 0;
}

const char *tsuwa_strerror(int err)
{
	switch (-err) {
	case 0:
		return "no error";
	case ETIMEDOUT:
		return "no answer";
	case ECONNREFUSED:
		return "nobody listens there";
	case ENOENT:
		return "no such host";
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return "no way to speak this transport to that address";
	case ENOTCONN:
		return "the connection was lost";
	default:
		return strerror(-err);
	}
}

const char *tsuwa_version(void)
{
	return TSUWA_VERSION;
}

bool tsuwa_str_is(struct tsuwa_str s, const char *text)
{
	return s.p && str_eq(lib_in(s), str_c(text));
}

bool tsuwa_str_same(struct tsuwa_str s, const char *text)
{
	return s.p && str_ieq(lib_in(s), str_c(text));
}

const char *tsuwa_str_copy(struct tsuwa_str s, char *room, size_t size)
{
	return str_to_c(lib_in(s), room, size);
}
