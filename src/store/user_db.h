/* store/user_db.h - the table of users, for any process: the command line on its
 * own connection, the server to build its snapshot.  A change is durable when the
 * call returns, and a running server sees it within a second.
 * Holds HA1 values, never passwords; whoever knows a password computes them. */
#ifndef TSUWA_STORE_USER_DB_H
#define TSUWA_STORE_USER_DB_H

#include "store/db.h"
#include "store/users.h"

struct store_user {
	struct str user, domain; /* user_name_valid(), user_domain_valid() */
	struct str realm; /* empty: the domain */
	struct str ha1_md5; /* 32 lower-case hex digits, or empty */
	struct str ha1_sha256; /* 64, or empty; not both empty */
	bool enabled; /* else stays in the table, but can't authenticate */
	uint64_t created_ms; /* wall clock; kept when an entry is changed */
	struct str full_md5, full_sha256; /* HA1 of the name user@domain; may be empty */
};

enum store_user_mode { STORE_USER_ADD, STORE_USER_CHANGE, STORE_USER_PUT };

/* -EEXIST (ADD: is there), -ENOENT (CHANGE: is not), -EINVAL (a field breaks the
 * rules above), or another -errno; then see store_db_error(). */
int store_user_put(struct store_db *db, const struct store_user *u, enum store_user_mode mode);
/* 0 or -ENOENT. */
int store_user_remove(struct store_db *db, struct str user, struct str domain);
/* Calls on once, if it is there: 0 or -ENOENT.  What on is given it borrows. */
int store_user_get(struct store_db *db, struct str user, struct str domain,
		   void (*on)(void *ctx, const struct store_user *u), void *ctx);
/* All of a domain (empty: of all domains) by domain and user.  on must not use db. */
int store_user_list(struct store_db *db, struct str domain,
		    void (*on)(void *ctx, const struct store_user *u), void *ctx);

struct store_import {
	enum store_user_mode mode;
	/* Told after every thousand; may be NULL. */
	void (*progress)(void *ctx, size_t done, size_t of);
	void *ctx;
};

/* All or none of n.  Errors as store_user_put(); ret_bad is then the entry at
 * fault (may be NULL). */
int store_user_import(struct store_db *db, const struct store_user *users, size_t n,
		      const struct store_import *how, size_t *ret_bad);

/* Rises when users change. */
int store_users_version(struct store_db *db, uint64_t *ret);
/* The enabled users as a snapshot of the caller.  0 or -errno. */
int store_users_read(struct store_db *db, const struct hash_seed *seed, struct users **ret);

#endif
