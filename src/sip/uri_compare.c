/* URI equality: RFC 3261 s19.1.4 and RFC 3966 s4. */
#include "sip/lex.h"
#include "sip/uri.h"

/* Beyond this many parameters or headers URIs are compared by their bytes alone, so that a
 * stranger's URI can't cost a quadratic walk. */
#define COMPARE_MAX 64

/* One character of an escaped text: %HH of what is not reserved is the character. */
struct unit {
	unsigned char c;
	bool escaped_reserved;
};

static unsigned hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static struct unit next_unit(struct str *s)
{
	struct unit u = {(unsigned char)s->p[0], false};

	if (u.c == '%' && s->n >= 3 && cc_is(s->p[1], CC_HEX) && cc_is(s->p[2], CC_HEX)) {
		u.c = (unsigned char)(hex_value(s->p[1]) << 4 | hex_value(s->p[2]));
		u.escaped_reserved = u.c && strchr(";/?:@&=+$,", u.c);
		*s = str_skip(*s, 3);
	} else {
		*s = str_skip(*s, 1);
	}
	return u;
}

static bool same_escaped(struct str a, struct str b, bool fold)
{
	struct unit x, y;

	while (a.n && b.n) {
		x = next_unit(&a);
		y = next_unit(&b);
		if (fold) {
			x.c = (unsigned char)ascii_lower((char)x.c);
			y.c = (unsigned char)ascii_lower((char)y.c);
		}
		if (x.c != y.c || x.escaped_reserved != y.escaped_reserved)
			return false;
	}
	return a.n == b.n;
}

/* One name=value off a list. */
static bool next_pair(struct str *rest, char sep, struct str *name, struct str *value)
{
	if (rest->n == 0)
		return false;
	*value = str_split(rest, sep);
	*name = str_split(value, '=');
	return true;
}

static bool find_pair(struct str list, char sep, struct str name, struct str *ret)
{
	struct str key, value;

	while (next_pair(&list, sep, &key, &value)) {
		if (!same_escaped(key, name, true))
			continue;
		*ret = value;
		return true;
	}
	return false;
}

static unsigned count_pairs(struct str list, char sep)
{
	struct str name, value;
	unsigned n = 0;

	while (n <= COMPARE_MAX && next_pair(&list, sep, &name, &value))
		n++;
	return n;
}

/* Those that never match their absence, even with the default value. */
static bool must_be_in_both(struct str name)
{
	return str_ieq(name, STR("user")) || str_ieq(name, STR("ttl")) ||
	       str_ieq(name, STR("method")) || str_ieq(name, STR("maddr")) ||
	       str_ieq(name, STR("transport"));
}

static bool params_covered(struct str a, struct str b, bool all)
{
	struct str name, value, other;

	while (next_pair(&a, ';', &name, &value)) {
		if (find_pair(b, ';', name, &other)) {
			if (!same_escaped(value, other, true))
				return false;
		} else if (all || must_be_in_both(name)) {
			return false;
		}
	}
	return true;
}

static bool same_params(struct str a, struct str b, bool all)
{
	if (str_eq(a, b))
		return true;
	if (count_pairs(a, ';') > COMPARE_MAX || count_pairs(b, ';') > COMPARE_MAX)
		return false;
	return params_covered(a, b, all) && params_covered(b, a, all);
}

static unsigned times_in(struct str list, struct str name, struct str value)
{
	struct str key, other;
	unsigned n = 0;

	while (next_pair(&list, '&', &key, &other))
		n += same_escaped(key, name, true) && same_escaped(other, value, false);
	return n;
}

/* Headers are never ignored; their order means nothing. */
static bool same_headers(struct str a, struct str b)
{
	struct str rest = a, name, value;
	unsigned n = count_pairs(a, '&');

	if (str_eq(a, b))
		return true;
	if (n != count_pairs(b, '&') || n > COMPARE_MAX)
		return false;
	while (next_pair(&rest, '&', &name, &value))
		if (times_in(a, name, value) != times_in(b, name, value))
			return false;
	return true;
}

static struct str without_dot(struct str host)
{
	return host.n > 1 && host.p[host.n - 1] == '.' ? str_first(host, host.n - 1) : host;
}

static bool same_host(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->ip.family || b->ip.family)
		return addr_same_ip(&a->ip, &b->ip);
	return str_ieq(without_dot(a->host), without_dot(b->host));
}

static bool same_number(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.n && memchr("-.()", a.p[i], 4))
			i++;
		while (k < b.n && memchr("-.()", b.p[k], 4))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		if (ascii_lower(a.p[i++]) != ascii_lower(b.p[k++]))
			return false;
	}
}

static bool is_number_param(struct str name)
{
	return str_ieq(name, STR("ext")) || str_ieq(name, STR("phone-context"));
}

/* A parameter that one lacks makes the two differ (RFC 3966 s4). */
static bool tel_params_covered(struct str a, struct str b)
{
	struct str name, value, other;

	while (next_pair(&a, ';', &name, &value)) {
		if (!find_pair(b, ';', name, &other))
			return false;
		if (!same_escaped(value, other, true) &&
		    !(is_number_param(name) && same_number(value, other)))
			return false;
	}
	return true;
}

static bool same_tel(const struct sip_uri *a, const struct sip_uri *b)
{
	if (!same_number(a->user, b->user))
		return false;
	if (str_eq(a->params, b->params))
		return true;
	return count_pairs(a->params, ';') <= COMPARE_MAX &&
	       count_pairs(b->params, ';') <= COMPARE_MAX &&
	       tel_params_covered(a->params, b->params) && tel_params_covered(b->params, a->params);
}

static bool same_other(const struct sip_uri *a, const struct sip_uri *b)
{
	struct str scheme_a = str_range(a->text.p, a->host.p),
		   scheme_b = str_range(b->text.p, b->host.p);

	return str_ieq(scheme_a, scheme_b) && str_eq(a->host, b->host);
}

bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == SIP_SCHEME_OTHER)
		return same_other(a, b);
	if (a->scheme == SIP_SCHEME_TEL)
		return same_tel(a, b);
	return a->has_user == b->has_user && same_escaped(a->user, b->user, false) &&
	       same_escaped(a->password, b->password, false) && same_host(a, b) &&
	       a->has_port == b->has_port && a->port == b->port &&
	       same_params(a->params, b->params, false) && same_headers(a->headers, b->headers);
}
