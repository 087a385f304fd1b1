/* net/dns_message.h - the answer section of a DNS message as records (RFC 1035 s4,
 * RFC 2782, RFC 3403, RFC 3596).  c-ares asks and matches; its own record readers
 * drop the TTL, so they are not used. */
#ifndef TSUWA_NET_DNS_MESSAGE_H
#define TSUWA_NET_DNS_MESSAGE_H

#include "base/io.h"

#define DNS_RECORDS_MAX 64

/* One block, records and their text; xfree() ends it. */
struct dns_records {
	size_t n;
	uint32_t ttl_s; /* the least of them */
	struct io_record record[];
};

/* Records of one type, whatever their owner's name: the resolver has followed the
 * CNAMEs.  A target that is the root comes as ".".  More than DNS_RECORDS_MAX or
 * 16 KiB of names are left out.  0, -ENOENT (none of the type), -EBADMSG, -ENOMEM. */
int dns_message_read(struct str message, enum io_rr type, struct dns_records **ret);

/* Copies n records and their text into one block.  0 or -ENOMEM. */
int dns_records_make(const struct io_record *records, size_t n, struct dns_records **ret);

#endif
