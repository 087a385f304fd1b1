/* The values of a list, decoded as they stand in it, are those that the rules of lists cut out. */
#include "sip/mask.h"
#include "sip_test.h"

#define LONG_VIA                                                                                   \
	"SIP/2.0/UDP 192.0.2.4:5060;received=192.0.2.4;rport=5060;branch=z9hG4bKa7c6.33fd1a20;i=4"
#define THREE_VIAS                                                                                 \
	"SIP/2.0/TLS ss1.example.com:5061;branch=z9hG4bK1;rport, SIP/2.0/TCP h;x ,,SIP/2.0/WS b.c"
#define QUOTED                                                                                     \
	"\"Alice \\\" E\" "                                                                        \
	"<sip:+1_a@h.example.com:5060;user=phone>;+sip.instance=\"<urn:x>\";q=0.5"

static const char *const vias[] = {"SIP/2.0/UDP a.example.com", LONG_VIA, THREE_VIAS,
				   "SIP/2.0/UDP a;x=(b,c), SIP/2.0/UDP d;y=\"e,f\" ,"};

static const char *const addresses[] = {
	"<sip:192.0.2.10;lr;ftag=9fxced76sl;did=b21.7c1>",
	QUOTED,
	"Bob B <sip:bob@10.0.0.1>;expires=60, <sip:h>;ob",
	"*, sip:a(b)@c;d=(e) , <sip:u:p@[::1]:5?x=y>,tel:1",
};

static void list_of(struct fixture *f, enum sip_hdr_id id, struct str value)
{
	arena_init(&f->arena, f->room, sizeof(f->room), 0);
	sip_request_init(&f->m, &f->arena, STR("BYE"), STR("sip:a"));
	assert_true(sip_add(&f->m, id, value));
}

/* Gives how many values were good. */
static unsigned same_vias(struct str list)
{
	struct fixture f;
	struct sip_values v, typed;
	struct sip_via via, again;
	struct str value;
	const char *why;
	unsigned good = 0;

	list_of(&f, SIP_HDR_VIA, list);
	v = typed = sip_values(&f.m, SIP_HDR_VIA);
	while (sip_values_next(&v, &value)) {
		assert_true(sip_via_next(&typed, &via, &why));
		assert_str(via.text, value);
		assert_int_equal(sip_via_parse(value, &again, NULL), !why);
		if (why)
			continue;
		good++;
		if (!via.params.n) /* where nothing stands does not matter */
			via.params.p = again.params.p;
		assert_memory_equal(&via, &again, sizeof(via));
	}
	assert_false(sip_via_next(&typed, &via, &why));
	assert_null(why);
	fixture_fini(&f);
	return good;
}

static unsigned same_addresses(struct str list)
{
	struct fixture f;
	struct sip_values v, typed;
	struct sip_nameaddr n, again;
	struct str value;
	const char *why;
	unsigned good = 0;

	list_of(&f, SIP_HDR_CONTACT, list);
	v = typed = sip_values(&f.m, SIP_HDR_CONTACT);
	while (sip_values_next(&v, &value)) {
		assert_true(sip_nameaddr_next(&typed, &n, &why));
		assert_str(n.text, value);
		assert_int_equal(sip_nameaddr_parse(value, &again, NULL), !why);
		if (why)
			continue;
		good++;
		assert_str(n.params, again.params);
		assert_str(n.uri.text, again.uri.text);
		assert_str(n.tag, again.tag);
		assert_true(n.star == again.star && n.angle == again.angle);
	}
	assert_false(sip_nameaddr_next(&typed, &n, &why));
	assert_null(why);
	fixture_fini(&f);
	return good;
}

static void good_ones(void **state)
{
	assert_int_equal(same_vias(str_c(vias[0])), 1);
	assert_int_equal(same_vias(str_c(vias[1])), 1);
	assert_int_equal(same_vias(str_c(vias[2])), 3);
	assert_int_equal(same_vias(str_c(vias[3])), 1);
	assert_int_equal(same_addresses(str_c(addresses[0])), 1);
	assert_int_equal(same_addresses(str_c(addresses[1])), 1);
	assert_int_equal(same_addresses(str_c(addresses[2])), 2);
	assert_int_equal(same_addresses(str_c(addresses[3])), 4);
	assert_int_equal(same_addresses(STR("")), 0);
	assert_int_equal(same_addresses(STR(" , ")), 0);
}

static void tells_of_a_bad_one(void **state)
{
	struct fixture f;
	struct sip_values v;
	struct sip_via via;
	struct sip_nameaddr n;
	const char *why;

	list_of(&f, SIP_HDR_VIA, STR("SIP/2.0/UDP a;;b, SIP/2.0/UDP c"));
	v = sip_values(&f.m, SIP_HDR_VIA);
	assert_true(sip_via_next(&v, &via, &why));
	assert_non_null(why);
	assert_str(via.text, STR("SIP/2.0/UDP a;;b"));
	assert_str(via.sent_by, STR("a"));
	assert_true(sip_via_next(&v, &via, &why) && !why);
	assert_str(via.host, STR("c"));
	fixture_fini(&f);
	list_of(&f, SIP_HDR_ROUTE, STR("<sip:a>b, <sip:c>"));
	v = sip_values(&f.m, SIP_HDR_ROUTE);
	assert_true(sip_nameaddr_next(&v, &n, &why) && why);
	assert_str(n.text, STR("<sip:a>b"));
	assert_true(sip_nameaddr_next(&v, &n, &why) && !why);
	assert_str(n.uri.host, STR("c"));
	fixture_fini(&f);
}

/* Every byte of each value replaced by each that the grammar knows, and every prefix. */
static void mutate(const char *text, bool via)
{
	static const char odd[] = "<>\"\\;=,:@?%/()[]*+_-. \t\r\n0az\x80";
	size_t n = strlen(text), at, k;
	char room[256];

	assert_true(n < sizeof(room));
	for (at = 0; at < n; at++) {
		for (k = 0; k < sizeof(odd); k++) {
			memcpy(room, text, n);
			room[at] = odd[k];
			via ? same_vias(str_of(room, n)) : same_addresses(str_of(room, n));
		}
		via ? same_vias(guard_str(str_of(text, at)))
		    : same_addresses(guard_str(str_of(text, at)));
		guard_free_all();
	}
}

static void any_list(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(vias) / sizeof(vias[0]); i++)
		mutate(vias[i], true);
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		mutate(addresses[i], false);
}

static void methods_as_a_set(void **state)
{
	struct fixture f;

	list_of(&f, SIP_HDR_ALLOW, STR("INVITE, ACK ,,BYE,bye , X-Y"));
	sip_add(&f.m, SIP_HDR_ALLOW, STR("UPDATE"));
	assert_int_equal(sip_methods(&f.m, SIP_HDR_ALLOW),
			 1u << SIP_INVITE | 1u << SIP_ACK | 1u << SIP_BYE | 1u << SIP_UPDATE |
				 1u << SIP_METHOD_OTHER);
	assert_int_equal(sip_methods(&f.m, SIP_HDR_SUPPORTED), 0);
	fixture_fini(&f);
}

static bool is_plain(unsigned c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '-';
}

/* Each byte at each place of text of each length, which ends at a guard page. */
static void masks(void **state)
{
	char text[80];
	struct str s;
	unsigned c;
	size_t n, at;

	for (n = 1; n <= sizeof(text); n++) {
		memset(text, 'x', sizeof(text));
		s = guard_str(str_of(text, n));
		for (c = 0; c < 256; c++) {
			at = (c * 7 + n) % (n < 64 ? n : 64);
			((char *)s.p)[at] = (char)c;
			assert_int_equal(mask_of(s.p, n, mask_line_end),
					 c <= '\r' ? 1ull << at : 0);
			assert_int_equal(mask_of(s.p, n, mask_blank),
					 c <= ' ' || c == 0x7f ? 1ull << at : 0);
			assert_int_equal(~mask_of(s.p, n, mask_plain),
					 (is_plain(c) ? 0 : 1ull << at) | mask_behind(n));
			((char *)s.p)[at] = 'x';
		}
		guard_free_all();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones), cmocka_unit_test(tells_of_a_bad_one),
		cmocka_unit_test(any_list),  cmocka_unit_test(methods_as_a_set),
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
