#include <ctype.h>

#include "sip_test.h"

/* Every name, in any case, is found by its hash; nothing near it is. */
static void ids_by_name(void **state)
{
	char room[64];
	unsigned id;
	size_t i;

	for (id = 1; id < SIP_HDR_COUNT; id++) {
		struct str name = sip_hdr_id_name((enum sip_hdr_id)id), s = str_of(room, name.n);

		assert_true(name.n > 0);
		assert_int_equal(sip_hdr_id_of(name), id);
		for (i = 0; i < name.n; i++)
			room[i] = (char)toupper((unsigned char)name.p[i]);
		assert_int_equal(sip_hdr_id_of(s), id);
		for (i = 0; i < name.n; i++)
			room[i] = (char)tolower((unsigned char)name.p[i]);
		assert_int_equal(sip_hdr_id_of(s), id);
		for (i = 0; i < name.n; i++) {
			char kept = room[i];

			room[i] = '~';
			assert_int_equal(sip_hdr_id_of(s), SIP_HDR_OTHER);
			room[i] = kept;
		}
		room[name.n] = 'x';
		assert_int_not_equal(sip_hdr_id_of(str_of(room, name.n + 1)), id);
		assert_int_equal(sip_hdr_id_of(guard_str(name)), id);
		guard_free_all();
	}
}

static void ids_by_compact_form(void **state)
{
	static const struct {
		char c;
		enum sip_hdr_id id;
	} rows[] = {
		{'v', SIP_HDR_VIA},
		{'f', SIP_HDR_FROM},
		{'t', SIP_HDR_TO},
		{'i', SIP_HDR_CALL_ID},
		{'m', SIP_HDR_CONTACT},
		{'l', SIP_HDR_CONTENT_LENGTH},
		{'c', SIP_HDR_CONTENT_TYPE},
		{'s', SIP_HDR_SUBJECT},
		{'k', SIP_HDR_SUPPORTED},
		{'e', SIP_HDR_CONTENT_ENCODING},
		{'o', SIP_HDR_EVENT},
		{'r', SIP_HDR_REFER_TO},
		{'b', SIP_HDR_REFERRED_BY},
		{'x', SIP_HDR_SESSION_EXPIRES},
		{'u', SIP_HDR_ALLOW_EVENTS},
		{'y', SIP_HDR_IDENTITY},
		{'a', SIP_HDR_ACCEPT_CONTACT},
		{'d', SIP_HDR_REQUEST_DISPOSITION},
		{'j', SIP_HDR_REJECT_CONTACT},
		{'q', SIP_HDR_OTHER},
		{'[', SIP_HDR_OTHER},
		{'\xff', SIP_HDR_OTHER},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(sip_hdr_id_of(str_of(&rows[i].c, 1)), rows[i].id);
	assert_int_equal(sip_hdr_id_of(STR("V")), SIP_HDR_VIA);
	assert_int_equal(sip_hdr_id_of(STR("")), SIP_HDR_OTHER);
	assert_int_equal(sip_hdr_id_of(STR("ti")), SIP_HDR_OTHER);
	assert_int_equal(sip_hdr_id_of(STR("tO")), SIP_HDR_TO);
	assert_int_equal(sip_hdr_id_of(STR("A-name-that-is-much-longer-than-any")), SIP_HDR_OTHER);
}

static void methods_by_case(void **state)
{
	unsigned i;

	for (i = SIP_INVITE; i < SIP_METHOD_COUNT; i++)
		assert_int_equal(sip_method_of(sip_method_name((enum sip_method)i)), i);
	assert_int_equal(sip_method_of(STR("invite")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("INVITED")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("")), SIP_METHOD_OTHER);
}

static void reasons_are_never_empty(void **state)
{
	unsigned status;

	for (status = 0; status < 1000; status++)
		assert_true(sip_reason_of(status).n > 0);
	assert_str(sip_reason_of(100), STR("Trying"));
	assert_str(sip_reason_of(404), STR("Not Found"));
	assert_str(sip_reason_of(608), STR("Rejected"));
	assert_str(sip_reason_of(499), STR("Client Failure"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_by_name),
		cmocka_unit_test(ids_by_compact_form),
		cmocka_unit_test(methods_by_case),
		cmocka_unit_test(reasons_are_never_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
