#include "store/record.h"

#include "store/le.h"

/* version(1) zero(1) key length(2) seq(8) expires(8) key payload */
enum { RECORD_VERSION = 1, RECORD_HEAD = 20 };

void store_record_put(struct buf *b, const struct store_record *r)
{
	if (r->key.n == 0 || r->key.n > STORE_KEY_MAX || r->seq > STORE_SEQ_MAX ||
	    r->expires_ms > STORE_SEQ_MAX) {
		b->failed = true;
		return;
	}
	buf_put_le(b, RECORD_VERSION, 1);
	buf_put_le(b, 0, 1);
	buf_put_le(b, r->key.n, 2);
	buf_put_le(b, r->seq, 8);
	buf_put_le(b, r->expires_ms, 8);
	buf_puts(b, r->key);
	buf_puts(b, r->payload);
}

bool store_record_get(struct str bytes, struct store_record *ret)
{
	struct store_record r;
	size_t key_n;

	if (bytes.n < RECORD_HEAD || bytes.p[0] != RECORD_VERSION || bytes.p[1] != 0)
		return false;
	key_n = (size_t)le_get(bytes.p + 2, 2);
	r.seq = le_get(bytes.p + 4, 8);
	r.expires_ms = le_get(bytes.p + 12, 8);
	bytes = str_skip(bytes, RECORD_HEAD);
	if (key_n == 0 || key_n > bytes.n || r.seq > STORE_SEQ_MAX || r.expires_ms > STORE_SEQ_MAX)
		return false;
	r.key = str_first(bytes, key_n);
	r.payload = str_skip(bytes, key_n);
	*ret = r;
	return true;
}
