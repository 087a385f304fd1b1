/* cli/user_file.h - users as commands handle them: names checked against the configuration,
 * passwords turned into HA1 values (RFC 7616 s3.4.2), the database opened with errors told. */
#ifndef TSUWA_CLI_USER_FILE_H
#define TSUWA_CLI_USER_FILE_H

#include "crypto/digest.h"
#include "server/config.h"
#include "sip/auth.h"
#include "store/user_db.h"

struct user_secret {
	char md5[SIP_DIGEST_HEX_MAX], sha256[SIP_DIGEST_HEX_MAX];
	/* Of the name user@domain, which some phones give. */
	char full_md5[SIP_DIGEST_HEX_MAX], full_sha256[SIP_DIGEST_HEX_MAX];
};

/* "alice@example.com"; the domain (or an alias of it) is one of the configuration's and comes
 * back in its canonical form.  False: why has a sentence. */
bool user_split(const struct config *c, struct str text, struct str *ret_user,
		struct str *ret_domain, struct buf *why);
/* The same of the parts; domain is replaced. */
bool user_check(const struct config *c, struct str user, struct str *domain, struct buf *why);

void user_secret_make(struct crypto *c, struct str user, struct str domain, struct str password,
		      struct user_secret *ret);
/* Borrows all. */
struct store_user user_entry_of(struct str user, struct str domain, const struct user_secret *s);

/* The configuration that --config names; NULL: what is wrong was said (exit CLI_USAGE). */
struct args;
struct config *config_of(const struct args *a);
/* NULL: what is wrong was said. */
struct store_db *users_open(const struct config *c, bool create);

#endif
