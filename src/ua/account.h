/* ua/account.h - who we are and by which way we speak: read from an account file (YAML: user,
 * password, proxy, transport), from flags, or from both; flags win. */
#ifndef TSUWA_UA_ACCOUNT_H
#define TSUWA_UA_ACCOUNT_H

#include "base/buf.h"
#include "base/flow.h"

struct ua_account {
	struct str user, domain; /* owned, the user without escapes; both empty: no account */
	struct str password; /* owned; wiped when it goes */
	struct str proxy; /* owned URI of the next hop; empty: by the domain's own records */
	enum transport transport; /* NONE: UDP */
};

void ua_account_fini(struct ua_account *a);

/* Reads text that came from file (a name for messages).  False: why has a sentence
 * with file, line and column; a is untouched. */
bool ua_account_parse(struct str text, const char *file, struct ua_account *a, struct buf *why);
/* The same of a file. */
bool ua_account_read(const char *file, struct ua_account *a, struct buf *why);

/* One setting by its key, as in the file; false: why has a sentence. */
bool ua_account_set(struct ua_account *a, struct str key, struct str value, struct buf *why);

/* "sip:user@domain"; nothing when there is no account. */
void ua_account_put_aor(const struct ua_account *a, struct buf *b);

/* The URI that a user means: "echo" is sip:echo@DOMAIN of the account, "bob@example.com" gets its
 * scheme.  False: why has a sentence. */
bool ua_complete_uri(const struct ua_account *a, struct str given, struct buf *ret,
		     struct buf *why);

#endif
