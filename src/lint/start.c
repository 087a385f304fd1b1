/* The start line (RFC 3261 s7.1, s7.2). */
#include "lint/internal.h"

#include "base/scan.h"

static bool is_upper(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return false;
	return true;
}

/* A known method in another case is another method (RFC 3261 s7.1). */
static void method(struct linter *l)
{
	struct str name = l->m.method_name;
	int i;

	if (l->m.method != SIP_METHOD_OTHER || !name.n)
		return;
	for (i = SIP_INVITE; i < SIP_METHOD_COUNT; i++) {
		if (!str_ieq(name, sip_method_name((enum sip_method)i)))
			continue;
		lint_add(l, LINT_WARNING, name, "", "RFC 3261 s7.1",
			 "methods are written in capitals",
			 "%.*s is not the method %s: methods compare by case", STR_ARG(name),
			 sip_method_name((enum sip_method)i).p);
		return;
	}
	lint_add(l, LINT_NOTE, name, "", "RFC 3261 s8.2.1", NULL,
		 "a method that no RFC here defines%s; user agents answer it with 405 or 501",
		 is_upper(name) ? "" : ", and not in capitals");
}

static void request_uri(struct linter *l)
{
	struct sip_uri u;
	const char *why = NULL;
	struct str uri = l->m.uri, value;

	if (!uri.n)
		return;
	if (uri.p[0] == '<') {
		lint_add(l, LINT_ERROR, uri, "", "RFC 3261 s7.1", "write the URI without < and >",
			 "Request-URI stands in angle brackets");
		return;
	}
	/* Of a line that falls apart at the wrong places, the URI is not what was meant. */
	if (!l->parsed && !l->err.header[0] && l->err.rfc && !strcmp(l->err.rfc, "RFC 3261 s7.1"))
		return;
	if (!sip_uri_parse(uri, &u, &why)) {
		lint_add(l, LINT_ERROR, uri, "", "RFC 3261 s19.1.1",
			 "as in: sip:bob@example.com, sip:[2001:db8::1]:5060", "Request-URI: %s",
			 why);
		return;
	}
	if (u.headers.n)
		lint_add(l, LINT_ERROR, u.headers, "", "RFC 3261 s19.1.1",
			 "take ? and what follows it off: headers belong into Contact and Refer-To",
			 "Request-URI holds headers");
	if (sip_uri_param(&u, STR("method"), &value))
		lint_add(l, LINT_WARNING, value, "", "RFC 3261 s19.1.1", "take it off",
			 "Request-URI has a method parameter, which may not stand there");
	if (u.scheme == SIP_SCHEME_OTHER)
		lint_add(l, LINT_NOTE, uri, "", "RFC 3261 s8.2.2.1",
			 "use sip:, sips: or tel:", "scheme that Tsuwa does not route by");
	if (u.password.n)
		lint_add(l, LINT_WARNING, u.password, "", "RFC 3261 s19.1.1",
			 "leave the password out", "a password stands in the URI for all to read");
}

void lint_start_line(struct linter *l)
{
	if (!sip_is_request(&l->m)) {
		if (l->parsed && !l->m.reason.n)
			lint_add(l, LINT_NOTE, STR_NONE, "", "RFC 3261 s7.2", NULL,
				 "the reason phrase is empty, which is allowed");
		return;
	}
	method(l);
	request_uri(l);
}
