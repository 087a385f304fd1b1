/* base/addr.h - an IP address with a port, without the kernel's headers.
 * family 0 is "none"; IPv4-mapped IPv6 is always kept as IPv4. */
#ifndef TSUWA_BASE_ADDR_H
#define TSUWA_BASE_ADDR_H

#include "base/buf.h"
#include "base/str.h"

struct addr {
	uint8_t family;         /* 0, 4 or 6 */
	uint8_t pad;
	uint16_t port;          /* host order; 0: none */
	uint32_t scope;         /* IPv6 link-local interface index, else 0 */
	uint8_t ip[16];         /* network order; IPv4 in the first four, rest 0 */
};

#define ADDR_TEXT_MAX 64        /* "[v6%scope]:port" with a NUL */

static inline bool addr_eq(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_is_any(const struct addr *a);         /* 0.0.0.0 or :: */
bool addr_is_loopback(const struct addr *a);
bool addr_is_private(const struct addr *a);     /* RFC 1918, 4193, link-local, CGNAT */

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; port becomes 0.  RFC 5954 forms. */
bool addr_parse_ip(struct str s, struct addr *ret);
/* The same with ":port". */
bool addr_parse(struct str s, struct addr *ret);

/* As it stands in a URI or Via: IPv6 in brackets, no port; "-" for no address. */
void addr_put_ip(struct buf *b, const struct addr *a);
/* "192.0.2.1:5060", "[2001:db8::1]:5060"; no port when it is 0. */
void addr_put(struct buf *b, const struct addr *a);
/* The same as a C string in room (ADDR_TEXT_MAX); returns room. */
const char *addr_text(const struct addr *a, char room[ADDR_TEXT_MAX]);

#endif
