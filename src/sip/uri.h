/* sip/uri.h - SIP, SIPS (RFC 3261 s19.1) and TEL (RFC 3966) URIs: parse, compare, and
 * the canonical form of an address-of-record.  Slices borrow from the text. */
#ifndef TSUWA_SIP_URI_H
#define TSUWA_SIP_URI_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/flow.h"
#include "base/str.h"

enum sip_scheme { SIP_SCHEME_OTHER, SIP_SCHEME_SIP, SIP_SCHEME_SIPS, SIP_SCHEME_TEL };

struct sip_uri {
	enum sip_scheme scheme;
	struct str text; /* the whole URI */
	struct str user; /* escaped as it stands; TEL: the number with its parameters' start cut */
	struct str password;
	struct str host; /* without brackets for IPv6; OTHER: all behind the scheme */
	struct str hostport; /* as it stands */
	struct str params; /* "a=b;c", without the first ';' */
	struct str headers; /* without '?' */
	uint16_t port; /* 0: none */
	bool has_user; /* an '@' stood there */
	bool has_port;
	struct addr ip; /* family 0 when the host is a name */
};

/* All of text must be the URI.  why (may be NULL): a static text on failure. */
bool sip_uri_parse(struct str text, struct sip_uri *ret, const char **why);

/* A parameter's value without case of its name; true with an empty value for a flag. */
bool sip_uri_param(const struct sip_uri *u, struct str name, struct str *ret);
/* The transport parameter; TRANSPORT_NONE when absent; *unknown when it is not ours. */
enum transport sip_uri_transport(const struct sip_uri *u, bool *unknown);

/* Equal by RFC 3261 s19.1.4 (TEL: RFC 3966 s5). */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

/* The canonical address-of-record: "user@host", escapes of the user undone where they
 * need not be, host in lower case, no port, no parameters; a %00 and other controls stay
 * escaped in upper case.  Serves as key; two spellings of one AoR give the same bytes.
 * TEL: the number without visual separators. */
bool sip_uri_aor(const struct sip_uri *u, struct buf *b);

/* The user part with its %HH undone (a NUL or control stays escaped). */
void sip_uri_put_user(const struct sip_uri *u, struct buf *b);
/* Escapes what may not stand in a user part. */
void sip_put_escaped_user(struct buf *b, struct str user);

#endif
