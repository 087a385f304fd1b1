/* admin/json.h - JSON written into a buffer as it comes, for answers of any length: one
 * object or array after the other, commas put where they belong. */
#ifndef TSUWA_ADMIN_JSON_H
#define TSUWA_ADMIN_JSON_H

#include "base/buf.h"

/* A string in quotes; bytes that are not UTF-8 become U+FFFD. */
void json_put_str(struct buf *b, struct str s);

/* Members of an object: each begins with a comma unless it is the first behind '{' or '['. */
void json_key(struct buf *b, const char *key);
void json_member_str(struct buf *b, const char *key, struct str value);
void json_member_u64(struct buf *b, const char *key, uint64_t value);
void json_member_bool(struct buf *b, const char *key, bool value);

/* An item of an array. */
void json_item_str(struct buf *b, struct str value);

/* "{" or "[", behind a comma where one belongs; key NULL: an item of an array. */
void json_open(struct buf *b, const char *key, char bracket);

#endif
