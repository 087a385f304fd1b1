/* buf_fmt: the few verbs of printf that the tree uses, without locale, floats
 * or allocation of its own. */
#include <assert.h>

#include "base/buf.h"

struct verb {
	size_t width;
	size_t precision; /* SIZE_MAX: none */
	unsigned size; /* bytes of an integer argument */
	bool left, zeros;
	bool slice; /* ".*": so many bytes, whatever they are */
	char c;
};

/* Digits at the end of room (20 bytes); returns how many. */
static size_t digits_of(uint64_t v, unsigned base, char letter_a, char room[20])
{
	size_t n = 0;

	do {
		unsigned d = (unsigned)(v % base);

		room[20 - ++n] = (char)(d < 10 ? '0' + d : letter_a + d - 10);
		v /= base;
	} while (v);
	return n;
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	char room[20];
	size_t n = digits_of(v, 10, 'a', room);

	buf_put(b, room + sizeof(room) - n, n);
}

static void put_fill(struct buf *b, char c, size_t n)
{
	while (n-- > 0 && !b->failed)
		buf_putc(b, c);
}

static void put_padded(struct buf *b, const struct verb *v, const char *sign, struct str text)
{
	size_t sign_n = strlen(sign);
	size_t pad = v->width > text.n + sign_n ? v->width - text.n - sign_n : 0;

	if (!v->left && !v->zeros)
		put_fill(b, ' ', pad);
	buf_put(b, sign, sign_n);
	if (!v->left && v->zeros)
		put_fill(b, '0', pad);
	buf_puts(b, text);
	if (v->left)
		put_fill(b, ' ', pad);
}

static void put_unsigned(struct buf *b, const struct verb *v, const char *sign, uint64_t value)
{
	bool hex = v->c == 'x' || v->c == 'X';
	char room[20];
	size_t n = digits_of(value, hex ? 16 : 10, v->c == 'X' ? 'A' : 'a', room);

	put_padded(b, v, sign, str_of(room + sizeof(room) - n, n));
}

static void put_string(struct buf *b, struct verb *v, const char *p)
{
	const char *end;
	struct str text;

	v->zeros = false;
	if (!p && v->precision == SIZE_MAX)
		p = "(null)";
	if (v->precision == SIZE_MAX) {
		text = str_c(p);
	} else if (v->slice) {
		text = str_of(p, v->precision);
	} else {
		end = v->precision && p ? memchr(p, '\0', v->precision) : NULL;
		text = str_of(p, end ? (size_t)(end - p) : v->precision);
	}
	if (p)
		put_padded(b, v, "", text);
	else
		put_padded(b, v, "", STR_NONE);
}

static const char *number(const char *f, size_t *ret)
{
	size_t n = 0;

	for (; *f >= '0' && *f <= '9'; f++)
		n = n < 65536 ? n * 10 + (size_t)(*f - '0') : n;
	*ret = n;
	return f;
}

static const char *flags(const char *f, struct verb *v)
{
	for (;; f++) {
		if (*f == '-')
			v->left = true;
		else if (*f == '0')
			v->zeros = true;
		else
			return f;
	}
}

static const char *size_of(const char *f, struct verb *v)
{
	v->size = sizeof(int);
	if (f[0] == 'l' && f[1] == 'l') {
		v->size = sizeof(long long);
		return f + 2;
	}
	if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't') {
		v->size = *f == 'l' ? sizeof(long) : *f == 'j' ? sizeof(intmax_t) : sizeof(size_t);
		return f + 1;
	}
	while (*f == 'h') /* promoted to int; our callers pass what fits */
		f++;
	return f;
}

static uint64_t next_unsigned(va_list *ap, unsigned size)
{
	return size == sizeof(int) ? va_arg(*ap, unsigned) : va_arg(*ap, unsigned long);
}

static int64_t next_signed(va_list *ap, unsigned size)
{
	return size == sizeof(int) ? va_arg(*ap, int) : va_arg(*ap, long);
}

static const char *width_and_precision(const char *f, struct verb *v, va_list *ap)
{
	int n;

	f = flags(f, v);
	if (*f == '*') {
		n = va_arg(*ap, int);
		v->left = v->left || n < 0;
		v->width = n < 0 ? (size_t)0 - (size_t)n : (size_t)n;
		f++;
	} else {
		f = number(f, &v->width);
	}
	v->precision = SIZE_MAX;
	v->slice = f[0] == '.' && f[1] == '*';
	if (f[0] == '.' && f[1] == '*') {
		n = va_arg(*ap, int);
		v->precision = n < 0 ? SIZE_MAX : (size_t)n;
		f += 2;
	} else if (*f == '.') {
		f = number(f + 1, &v->precision);
	}
	return f;
}

static void put_verb(struct buf *b, struct verb *v, va_list *ap)
{
	int64_t i;
	char c;

	switch (v->c) {
	case 's':
		put_string(b, v, va_arg(*ap, const char *));
		break;
	case 'c':
		v->zeros = false;
		c = (char)va_arg(*ap, int);
		put_padded(b, v, "", str_of(&c, 1));
		break;
	case 'd':
	case 'i':
		i = next_signed(ap, v->size);
		put_unsigned(b, v, i < 0 ? "-" : "", i < 0 ? 0 - (uint64_t)i : (uint64_t)i);
		break;
	case 'u':
	case 'x':
	case 'X':
		put_unsigned(b, v, "", next_unsigned(ap, v->size));
		break;
	case '%':
		buf_putc(b, '%');
		break;
	default:
		assert(!"a verb that buf_fmt does not know");
		b->failed = true;
	}
}

void buf_vfmt(struct buf *b, const char *format, va_list ap)
{
	va_list args;

	_Static_assert(sizeof(long) == 8 && sizeof(size_t) == 8, "64-bit integers of printf");
	va_copy(args, ap);
	while (*format && !b->failed) {
		struct verb v = {0};
		size_t plain = strcspn(format, "%");

		buf_put(b, format, plain);
		format += plain;
		if (!*format)
			break;
		format = width_and_precision(format + 1, &v, &args);
		format = size_of(format, &v);
		v.c = *format;
		put_verb(b, &v, &args);
		if (*format)
			format++;
	}
	va_end(args);
}

void buf_fmt(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_vfmt(b, format, ap);
	va_end(ap);
}
