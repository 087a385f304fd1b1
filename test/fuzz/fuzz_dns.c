/* Answers of name servers, as they come from c-ares (which asks and matches; the records are read here).
 * The first byte says which type is wanted.  What comes out lies in its own block and can be copied. */
#include "fuzz.h"

#include <errno.h>

#include "base/alloc.h"
#include "net/dns_message.h"

static void judge(const struct dns_records *d, enum io_rr type)
{
	uint32_t least = UINT32_MAX;

	check(d->n > 0 && d->n <= DNS_RECORDS_MAX);
	for (size_t i = 0; i < d->n; i++) {
		const struct io_record *r = &d->record[i];

		check(r->type == type && r->ttl_s <= INT32_MAX);
		check((type == IO_RR_A) == (r->addr.family == 4));
		check((type == IO_RR_AAAA) == (r->addr.family == 6));
		check((type == IO_RR_SRV || type == IO_RR_NAPTR) == (r->target.n > 0));
		check(r->target.n <= 256 && r->flags.n < 256 && r->service.n < 256 &&
		      r->regexp.n < 256);
		least = r->ttl_s < least ? r->ttl_s : least;
	}
	check(least == d->ttl_s);
}

static void copy(const struct dns_records *d)
{
	struct dns_records *again;

	check(dns_records_make(d->record, d->n, &again) == 0);
	for (size_t i = 0; i < d->n; i++) {
		const struct io_record *a = &d->record[i], *b = &again->record[i];

		check(str_eq(a->target, b->target) && str_eq(a->flags, b->flags) &&
		      str_eq(a->service, b->service) && str_eq(a->regexp, b->regexp) &&
		      addr_eq(&a->addr, &b->addr) && a->port == b->port);
	}
	xfree(again);
}

static void read_one(struct str message, void *ctx)
{
	const enum io_rr *type = ctx;
	struct dns_records *d = NULL;
	int err = dns_message_read(message, *type, &d);

	check(err == 0 || err == -ENOENT || err == -EBADMSG);
	check((err == 0) == (d != NULL));
	if (d) {
		judge(d, *type);
		copy(d);
	}
	xfree(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum io_rr types[] = {IO_RR_A, IO_RR_AAAA, IO_RR_SRV, IO_RR_NAPTR};
	struct str message = str_of((const char *)data, size);
	enum io_rr type;

	if (!size)
		return 0;
	type = types[data[0] % 4];
	fuzz_each_prefix(str_skip(message, 1), read_one, &type);
	return 0;
}
