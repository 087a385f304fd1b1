#include "harness.h"

#include "base/alloc.h"
#include "dns_wire.h"
#include "net/dns_message.h"

static char room[70000];

static struct buf begin(unsigned type, unsigned answers)
{
	struct buf b = buf_over(room, sizeof(room));

	wire_header(&b, 1, 0, answers);
	wire_question(&b, STR("example.com"), type);
	return b;
}

static struct str srv(char *at, size_t size, unsigned priority, unsigned weight, unsigned port,
		      struct str target)
{
	struct buf b = buf_over(at, size);

	wire_u16(&b, priority);
	wire_u16(&b, weight);
	wire_u16(&b, port);
	wire_name(&b, target);
	return buf_str(&b);
}

static struct str naptr_message(void)
{
	struct buf b = begin(IO_RR_NAPTR, 2);
	char data[200];
	struct buf d = buf_over(data, sizeof(data));

	wire_u16(&d, 50);
	wire_u16(&d, 60);
	wire_string(&d, STR("s"));
	wire_string(&d, STR("SIPS+D2T"));
	wire_string(&d, STR(""));
	wire_name(&d, STR("_sips._tcp.example.com"));
	wire_record(&b, IO_RR_NAPTR, 300, buf_str(&d));
	buf_reset(&d);
	wire_u16(&d, 70);
	wire_u16(&d, 80);
	wire_string(&d, STR("u"));
	wire_string(&d, STR("E2U+sip"));
	wire_string(&d, STR("!^.*$!sip:info@example.com!"));
	wire_name(&d, STR(""));
	wire_record(&b, IO_RR_NAPTR, 100, buf_str(&d));
	return buf_str(&b);
}

static void reads_addresses(void **state)
{
	struct buf b = begin(IO_RR_A, 3);
	struct dns_records *r;

	wire_record(&b, 5, 60, str_of("\xc0\x0c", 2)); /* a CNAME is passed over */
	wire_record(&b, IO_RR_A, 30, str_of("\xc0\0\2\1", 4));
	wire_record(&b, IO_RR_A, 20, str_of("\xc0\0\2\2", 4));
	assert_int_equal(dns_message_read(buf_str(&b), IO_RR_A, &r), 0);
	assert_int_equal(r->n, 2);
	assert_int_equal(r->ttl_s, 20);
	assert_int_equal(r->record[0].addr.family, 4);
	assert_memory_equal(r->record[0].addr.ip, "\xc0\0\2\1", 4);
	assert_int_equal(r->record[0].ttl_s, 30);
	xfree(r);
	assert_int_equal(dns_message_read(buf_str(&b), IO_RR_AAAA, &r), -ENOENT);
}

static void reads_srv_with_compressed_targets(void **state)
{
	struct buf b = begin(IO_RR_SRV, 3);
	struct dns_records *r;
	char data[100];

	wire_record(&b, IO_RR_SRV, 60,
		    srv(data, sizeof(data), 10, 20, 5060, STR("sip.example.com")));
	wire_record(&b, IO_RR_SRV, 60, str_of("\0\1\0\2\x13\xc5\4host\xc0\x0c", 13));
	wire_record(&b, IO_RR_SRV, 0x80000000u, str_of("\0\1\0\2\x13\xc5\0", 7));
	assert_int_equal(dns_message_read(buf_str(&b), IO_RR_SRV, &r), 0);
	assert_int_equal(r->n, 3);
	assert_int_equal(r->record[0].priority, 10);
	assert_int_equal(r->record[0].weight, 20);
	assert_int_equal(r->record[0].port, 5060);
	assert_str(r->record[0].target, STR("sip.example.com"));
	assert_str(r->record[1].target, STR("host.example.com"));
	assert_str(r->record[2].target, STR("."));
	assert_int_equal(r->record[1].port, 5061);
	assert_int_equal(r->ttl_s, 0);
	xfree(r);
}

static void reads_naptr(void **state)
{
	struct dns_records *r;

	assert_int_equal(dns_message_read(naptr_message(), IO_RR_NAPTR, &r), 0);
	assert_int_equal(r->n, 2);
	assert_int_equal(r->record[0].priority, 50);
	assert_int_equal(r->record[0].weight, 60);
	assert_str(r->record[0].flags, STR("s"));
	assert_str(r->record[0].service, STR("SIPS+D2T"));
	assert_str(r->record[0].regexp, STR(""));
	assert_str(r->record[0].target, STR("_sips._tcp.example.com"));
	assert_str(r->record[1].regexp, STR("!^.*$!sip:info@example.com!"));
	assert_str(r->record[1].target, STR("."));
	assert_int_equal(r->ttl_s, 100);
	xfree(r);
}

static void try_prefix(struct str prefix, void *ctx)
{
	const size_t *whole = ctx;
	struct dns_records *r = NULL;
	int err = dns_message_read(prefix, IO_RR_NAPTR, &r);

	if (prefix.n < *whole)
		assert_int_equal(err, -EBADMSG);
	else
		assert_int_equal(err, 0);
	if (err == 0)
		xfree(r);
}

static void prefixes_are_no_messages(void **state)
{
	struct str m = naptr_message();

	each_prefix(m, try_prefix, &m.n);
}

/* Any byte may be wrong: no read past the end, no endless pointers. */
static void survives_damage(void **state)
{
	struct str m = naptr_message();
	uint64_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		char copy[400];
		struct dns_records *r = NULL;

		assert_true(m.n <= sizeof(copy));
		memcpy(copy, m.p, m.n);
		for (int k = 0; k < 3; k++)
			copy[4 + test_random(&seed) % (m.n - 4)] = (char)test_random(&seed);
		if (dns_message_read(str_of(copy, m.n), IO_RR_NAPTR, &r) == 0)
			xfree(r);
	}
}

static void refuses_bad_names(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{"\0\1\0\2\x13\xc5\xc0\x0c", 7}, /* half a pointer */
		{"\0\1\0\2\x13\xc5\x41x", 8}, /* 65: no label */
		{"\0\1\0\2\x13\xc5\3a.b", 10}, /* a dot in a label */
		{"\0\1\0\2\x13\xc5\3a b", 10},
		{"\0\1\0\2\x13\xc5\5abc", 10}, /* longer than its data */
		{"\0\1\0\2\x13\xc5\xff\xff", 8}, /* points behind the end */
		{"\0\1\0\2\x13", 5},
	};
	struct dns_records *r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b = begin(IO_RR_SRV, 1);

		wire_record(&b, IO_RR_SRV, 60, str_of(bad[i].bytes, bad[i].n));
		assert_int_equal(dns_message_read(buf_str(&b), IO_RR_SRV, &r), -ENOENT);
	}
}

/* A name that points at itself. */
static void pointers_end(void **state)
{
	struct buf b = begin(IO_RR_SRV, 1);
	size_t at = b.n + 12 + 6;
	char data[8] = {0, 1, 0, 2, 0x13, (char)0xc5, (char)(0xc0 | at >> 8), (char)at};
	struct dns_records *r;

	wire_record(&b, IO_RR_SRV, 60, str_of(data, sizeof(data)));
	assert_int_equal(dns_message_read(buf_str(&b), IO_RR_SRV, &r), -ENOENT);
}

static void records_are_bounded(void **state)
{
	struct buf b = begin(IO_RR_SRV, 200);
	struct dns_records *r;
	char data[260], name[240];

	memset(name, 'a', sizeof(name));
	for (size_t i = 50; i < sizeof(name); i += 50)
		name[i] = '.';
	for (int i = 0; i < 200; i++)
		wire_record(&b, IO_RR_SRV, 60,
			    srv(data, sizeof(data), 1, 1, 1, str_of(name, sizeof(name))));
	assert_int_equal(dns_message_read(buf_str(&b), IO_RR_SRV, &r), 0);
	assert_int_equal(r->n, DNS_RECORDS_MAX);
	xfree(r);
}

static void read_once(void)
{
	struct dns_records *r;
	int err = dns_message_read(naptr_message(), IO_RR_NAPTR, &r);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		xfree(r);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(read_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses),
		cmocka_unit_test(reads_srv_with_compressed_targets),
		cmocka_unit_test(reads_naptr),
		cmocka_unit_test(prefixes_are_no_messages),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(refuses_bad_names),
		cmocka_unit_test(pointers_end),
		cmocka_unit_test(records_are_bounded),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
