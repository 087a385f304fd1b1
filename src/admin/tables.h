/* admin/tables.h - rows of the control socket's listings, a line of JSON each. */
#ifndef TSUWA_ADMIN_TABLES_H
#define TSUWA_ADMIN_TABLES_H

#include "app/proxy.h"
#include "base/buf.h"
#include "loc/loc.h"

/* A row for each binding of one address-of-record. */
void tables_put_bindings(struct buf *b, struct str aor, const struct loc_binding *list, unsigned n,
			 uint64_t wall_ms);
void tables_put_call(struct buf *b, const struct proxy_call *c, uint64_t wall_ms);

#endif
