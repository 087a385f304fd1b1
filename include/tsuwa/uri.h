/* tsuwa/uri.h - SIP, SIPS and TEL URIs (RFC 3261 s19.1, RFC 3966), and the values that carry them:
 * From, To, Contact, Route and their like (RFC 3261 s20.10).  All slices borrow from the text that
 * was parsed; nothing is allocated. */
#ifndef TSUWA_URI_H
#define TSUWA_URI_H

#include <tsuwa/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tsuwa_scheme {
	TSUWA_SCHEME_OTHER, /* host is all that stands behind the scheme */
	TSUWA_SCHEME_SIP,
	TSUWA_SCHEME_SIPS,
	TSUWA_SCHEME_TEL /* user is the number */
};

struct tsuwa_uri {
	enum tsuwa_scheme scheme;
	struct tsuwa_str text; /* the whole URI */
	struct tsuwa_str user; /* with its escapes */
	struct tsuwa_str password; /* deprecated, but seen */
	struct tsuwa_str host; /* IPv6 without its brackets */
	unsigned port; /* 0: not given */
	struct tsuwa_str params; /* "transport=tcp;lr" */
	struct tsuwa_str headers; /* behind the '?' */
};

/* All of text must be the URI.  0, -EBADMSG. */
int tsuwa_uri_parse(struct tsuwa_str text, struct tsuwa_uri *ret, struct tsuwa_error *err);
/* A parameter's value, empty for one without; false: it is not there. */
bool tsuwa_uri_param(const struct tsuwa_uri *uri, const char *name, struct tsuwa_str *ret);
/* The same resource by RFC 3261 s19.1.4? */
bool tsuwa_uri_equal(const struct tsuwa_uri *a, const struct tsuwa_uri *b);

/* name-addr or addr-spec, with parameters. */
struct tsuwa_address {
	struct tsuwa_str display; /* as it stands, with its quotes */
	struct tsuwa_uri uri;
	struct tsuwa_str params; /* of the header field: "tag=1;q=0.5" */
	struct tsuwa_str tag; /* empty: none */
	bool star; /* Contact: * */
};

/* One value, not a comma list.  0, -EBADMSG. */
int tsuwa_address_parse(struct tsuwa_str value, struct tsuwa_address *ret, struct tsuwa_error *err);
/* q of a Contact in thousandths: 1000 when it is not given or is no number. */
unsigned tsuwa_address_q(const struct tsuwa_address *a);
/* expires of a Contact in seconds, or dflt when it is not given (RFC 3261 s10.2.1.1). */
uint32_t tsuwa_address_expires(const struct tsuwa_address *a, uint32_t dflt);

/* Looks a parameter up in a list "a=1;b" without regard to case; the value is what stands between
 * the quotes if it has some.  False: it is not there. */
bool tsuwa_param(struct tsuwa_str params, const char *name, struct tsuwa_str *ret);

#ifdef __cplusplus
}
#endif

#endif
