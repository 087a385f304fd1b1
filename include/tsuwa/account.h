/* tsuwa/account.h - who a user agent is and by which way it speaks: user, password, proxy and
 * transport, read from an account file (YAML, as `tsuwa init` writes them) or set one by one. */
#ifndef TSUWA_ACCOUNT_H
#define TSUWA_ACCOUNT_H

#include <tsuwa/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tsuwa_account;

/* Nobody yet.  0, -ENOMEM. */
int tsuwa_account_new(struct tsuwa_account **ret);
/* The password is wiped.  Accepts NULL. */
void tsuwa_account_free(struct tsuwa_account **a);

/* One setting: "user" (alice@example.com), "password", "proxy" (HOST:PORT or a URI), "transport" (udp, tcp).
 * The last of a key counts.  0, -EINVAL, -ENOMEM. */
int tsuwa_account_set(struct tsuwa_account *a, const char *key, const char *value,
		      struct tsuwa_error *err);
/* All settings of a file, in place of those before.  0; -EINVAL: err->text has file, line and column;
 * -errno of reading. */
int tsuwa_account_read(struct tsuwa_account *a, const char *file, struct tsuwa_error *err);
/* The same of a text; name stands in messages. */
int tsuwa_account_parse(struct tsuwa_account *a, const char *text, size_t n, const char *name,
			struct tsuwa_error *err);
void tsuwa_account_forget_password(struct tsuwa_account *a);

/* Empty when they are not set.  Slices of the account, until it is changed. */
struct tsuwa_str tsuwa_account_user(const struct tsuwa_account *a); /* without escapes */
struct tsuwa_str tsuwa_account_domain(const struct tsuwa_account *a);
bool tsuwa_account_has_password(const struct tsuwa_account *a);

/* "sip:alice@example.com", "" without a user.  0, -ENOBUFS. */
int tsuwa_account_aor(const struct tsuwa_account *a, char *room, size_t size);
/* The URI that a person means: "echo" is a user of the account's domain, "bob@example.com" gets its scheme.
 * 0, -EINVAL, -ENOBUFS. */
int tsuwa_account_complete(const struct tsuwa_account *a, const char *given, char *room,
			   size_t size, struct tsuwa_error *err);

#ifdef __cplusplus
}
#endif

#endif
