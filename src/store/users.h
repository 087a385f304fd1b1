/* store/users.h - who may authenticate: an immutable snapshot that all workers
 * read without a lock.  Counted references; the last one frees.
 * Holds digest HA1 values (RFC 7616 s3.4.2), never passwords. */
#ifndef TSUWA_STORE_USERS_H
#define TSUWA_STORE_USERS_H

#include "base/hash.h"

struct user_entry {
	struct str user; /* canonical: no escapes */
	struct str domain; /* lower case */
	struct str realm;
	char ha1_md5[33]; /* lower-case hex with a NUL; empty: none for this algorithm */
	char ha1_sha256[65];
	/* The same for who gives user@domain as his name. */
	char full_md5[33];
	char full_sha256[65];
};

struct users;

/* Copies all; a later entry of the same user and domain wins.  0 or -ENOMEM. */
int users_new(const struct user_entry *entries, size_t n, const struct hash_seed *seed,
	      struct users **ret);
struct users *users_ref(struct users *u);
/* *u becomes NULL; NULL is fine. */
void users_unref(struct users **u);

/* Exact match of both; NULL when there is none.  Lives as long as the snapshot. */
const struct user_entry *users_find(const struct users *u, struct str user, struct str domain);
/* An entry that no response matches, to spend the same work on an unknown user;
 * the same as long as the snapshot lives.  Its names are empty. */
const struct user_entry *users_dummy(const struct users *u);
size_t users_count(const struct users *u);

/* 1 to 255 bytes, no control characters, no ':' (it parts the fields of HA1). */
bool user_name_valid(struct str user);
/* A host name or address in lower case, as URIs spell it, to 253 bytes. */
bool user_domain_valid(struct str domain);
/* n lower-case hexadecimal digits. */
bool user_ha1_valid(struct str hex, size_t n);

#endif
