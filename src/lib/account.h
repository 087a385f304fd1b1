/* lib/account.h - the inside of tsuwa/account.h. */
#ifndef TSUWA_LIB_ACCOUNT_H
#define TSUWA_LIB_ACCOUNT_H

#include <tsuwa/account.h>

#include "base/buf.h"
#include "base/flow.h"

struct tsuwa_account {
	struct str user, domain; /* owned, the user without escapes; both empty: no account */
	struct str password; /* owned; wiped when it goes */
	struct str proxy; /* owned URI of the next hop; empty: by the domain's own records */
	enum transport transport; /* NONE: UDP */
};

void lib_account_fini(struct tsuwa_account *a);
/* 0 or -ENOMEM. */
int lib_account_copy(const struct tsuwa_account *from, struct tsuwa_account *ret);

bool lib_account_is_key(struct str key);
/* One setting by its key, as in the file; false: why has a sentence. */
bool lib_account_set(struct tsuwa_account *a, struct str key, struct str value, struct buf *why);
/* The errno that a sentence stands for. */
int lib_account_code(const struct buf *why);

/* "sip:user@domain"; nothing when there is no account. */
void lib_account_put_aor(const struct tsuwa_account *a, struct buf *b);

#endif
