#include "sip/plain.h"
#include "sip_test.h"

/* What is skipped as plainly good must be values of the list, each whole, that the parser
 * takes.  Gives how many there were. */
static unsigned skipped_are_good(struct str list, bool vias)
{
	struct str left = vias ? plain_vias(list) : plain_addresses(list), rest = list, value;
	struct sip_nameaddr n;
	struct sip_via v;
	unsigned count = 0;

	while (sip_list_next(&rest, &value) && value.p < left.p) {
		assert_true(value.p + value.n <= left.p);
		if (vias ? !sip_via_parse(value, &v, NULL) : !sip_nameaddr_parse(value, &n, NULL))
			fail_msg("not good: %.*s", STR_ARG(value));
		count++;
	}
	return count;
}

#define LONG_VIA                                                                                   \
	"SIP/2.0/UDP 192.0.2.4:5060;received=192.0.2.4;rport=5060;branch=z9hG4bKa7c6.33fd1a20;i=4"
#define THREE_VIAS                                                                                 \
	"SIP/2.0/TLS ss1.example.com:5061;branch=z9hG4bK1;rport, SIP/2.0/TCP h;x ,,SIP/2.0/WS b.c"

static const char *const vias[] = {"SIP/2.0/UDP a.example.com", LONG_VIA, THREE_VIAS};

#define QUOTED                                                                                     \
	"\"Alice \\\" E\" "                                                                        \
	"<sip:+1_a@h.example.com:5060;user=phone>;+sip.instance=\"<urn:x>\";q=0.5"

static const char *const addresses[] = {
	"<sip:192.0.2.10;lr;ftag=9fxced76sl;did=b21.7c1>",
	QUOTED,
	"Bob B <sip:bob@10.0.0.1>;expires=60, <sip:h>;ob",
};

static void takes_plain_ones(void **state)
{
	assert_int_equal(skipped_are_good(str_c(vias[0]), true), 1);
	assert_int_equal(skipped_are_good(str_c(vias[1]), true), 1);
	assert_int_equal(skipped_are_good(str_c(vias[2]), true), 3);
	assert_int_equal(skipped_are_good(str_c(addresses[0]), false), 1);
	assert_int_equal(skipped_are_good(str_c(addresses[1]), false), 1);
	assert_int_equal(skipped_are_good(str_c(addresses[2]), false), 2);
	assert_true(plain_uri(STR("sip:+14155550123@sip.example.com;user=phone")));
}

static void leaves_the_rest(void **state)
{
	static const char *const left[] = {"SIP/2.0/UDP a;branch=x;branch=y",
					   "SIP/2.0/UDP a:0",
					   "SIP/2.0/UDP a;ttl=300",
					   "SIP/2.0/UDP a;rport=65536",
					   "SIP/2.0/UDP [::1]",
					   "SIP/2.0/UDP",
					   "SIP/2.0/UDP a;;b"};
	static const char *const others[] = {"*",
					     "<sip:a>;tag=x",
					     "<sip:1.2.3>",
					     "<sip:256.1.1.1>",
					     "<sip:a:x>",
					     "<sip:@h>",
					     "<sip:a;>",
					     "<sip:a>b",
					     "<sip:a?b=c>",
					     "<tel:+1>",
					     "a\"b\"<sip:a>",
					     "<sip:a>;x=",
					     "\"a\"b<sip:a>",
					     "<sip:a%2>",
					     "sip:a"};
	size_t i;

	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		assert_int_equal(plain_vias(str_c(left[i])).n, strlen(left[i]));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(plain_addresses(str_c(others[i])).n, strlen(others[i]));
	assert_false(plain_uri(STR("sip:a?b=c")));
	assert_false(plain_uri(STR("")));
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
			skipped_are_good(str_of(room, n), via);
		}
		skipped_are_good(guard_str(str_of(text, at)), via);
		guard_free_all();
	}
}

static void takes_no_more_than_the_parsers(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(vias) / sizeof(vias[0]); i++)
		mutate(vias[i], true);
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		mutate(addresses[i], false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_plain_ones),
		cmocka_unit_test(leaves_the_rest),
		cmocka_unit_test(takes_no_more_than_the_parsers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
