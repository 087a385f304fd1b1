/* base/str.h - slices of text.  A str borrows; whoever holds one must know what
 * it borrows from.  Never NUL-terminated by habit, never owned by itself.
 * Knows nothing of SIP. */
#ifndef TSUWA_BASE_STR_H
#define TSUWA_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A literal as a slice; STR_INIT for static initialisers. */
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit) { "" lit, sizeof(lit) - 1 }
#define STR_NONE ((struct str){ NULL, 0 })
/* For "%.*s" of buf_fmt() and log_*(). */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *p, size_t n)
{
	return (struct str){ p, n };
}

static inline struct str str_c(const char *cstr)
{
	return cstr ? (struct str){ cstr, strlen(cstr) } : STR_NONE;
}

static inline struct str str_range(const char *from, const char *to)
{
	return (struct str){ from, (size_t)(to - from) };
}

static inline bool str_empty(struct str s)
{
	return s.n == 0;
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ASCII case-insensitive. */
bool str_ieq(struct str a, struct str b);
/* Order of bytes, shorter first on a tie: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* s without its first n bytes (all of it gone when n >= s.n). */
static inline struct str str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return str_of(n ? s.p + n : s.p, s.n - n); /* p may be NULL */
}

static inline struct str str_first(struct str s, size_t n)
{
	return str_of(s.p, n < s.n ? n : s.n);
}

/* Without leading and trailing SP, HTAB, CR, LF. */
struct str str_trim(struct str s);

/* Offset of the first c, or s.n when there is none. */
size_t str_find(struct str s, char c);

/* Splits *rest at the first sep: returns what stands before it, leaves in *rest
 * what follows (empty when there was no sep). */
struct str str_split(struct str *rest, char sep);

/* All of s as an unsigned decimal; false on anything else or overflow. */
bool str_to_u32(struct str s, uint32_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);

/* Copies with a NUL behind (not counted): ret owns its bytes, str_free() ends it.
 * 0 or -ENOMEM. */
int str_dup(struct str s, struct str *ret);
void str_free(struct str *s);

/* Copies into a C string, cut to size - 1 bytes.  Returns dst. */
char *str_to_c(struct str s, char *dst, size_t size);

/* Compares without leaking by time where they differ. */
bool str_eq_secret(struct str a, struct str b);

#endif
