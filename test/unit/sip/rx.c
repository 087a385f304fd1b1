#include <stdlib.h>

#include "sip_test.h"

static const struct flow flow = {.transport = TRANSPORT_UDP,
				 .remote = {.family = 4, .port = 4711, .ip = {192, 0, 2, 1}}};

static void parses_and_stamps(void **state)
{
	struct sip_rx rx;
	struct sip_err err;
	char room[4096];

	assert_true(sip_rx_parse(&rx, STR(INVITE), &flow, 77, room, sizeof(room), &err));
	assert_int_equal(rx.at_ms, 77);
	assert_true(flow_same(&rx.flow, &flow));
	assert_str(rx.head.via.received, STR("192.0.2.1"));
	assert_true(str_starts(sip_get(&rx.msg, SIP_HDR_VIA), rx.head.via.text));
	sip_rx_fini(&rx);
}

static void bad_ones_hold_what_could_be_read(void **state)
{
	struct sip_rx rx;
	struct sip_msg r;
	struct sip_err err;
	char room[4096];

	assert_false(sip_rx_parse(
		&rx, STR("OPTIONS  sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;rport\r\nTo: sip:t\r\n\r\n"),
		&flow, 0, room, sizeof(room), &err));
	assert_int_equal(err.status, 400);
	assert_true(sip_response(&rx.msg, &rx.arena, err.status, STR(""), STR("t"), &r));
	assert_str(sip_get(&r, SIP_HDR_VIA), STR("SIP/2.0/UDP h;received=192.0.2.1;rport=4711"));
	sip_rx_fini(&rx);
	assert_false(sip_rx_parse(&rx, STR(""), &flow, 0, room, sizeof(room), &err));
	assert_int_equal(err.status, 0);
	sip_rx_fini(&rx);
}

static bool inside(struct str s, const void *block, size_t n)
{
	return !s.p || (s.p >= (const char *)block && s.p + s.n <= (const char *)block + n) ||
	       s.n == 0;
}

/* The kept one says the same, and points into nothing that was lent. */
static void assert_kept(struct str text)
{
	char *bytes = malloc(text.n), *room = malloc(4096);
	struct sip_rx rx, *kept;
	struct sip_err err;
	char before[4096], after[4096];
	struct buf b = buf_over(before, sizeof(before)), a = buf_over(after, sizeof(after));
	struct str branch, from_tag, user;
	char copies[3][128];

	memcpy(bytes, text.p, text.n);
	assert_true(sip_rx_parse(&rx, str_of(bytes, text.n), &flow, 5, room, 4096, &err));
	assert_true(sip_print(&rx.msg, &b));
	str_to_c(rx.head.via.branch, copies[0], sizeof(copies[0]));
	str_to_c(rx.head.from.tag, copies[1], sizeof(copies[1]));
	str_to_c(rx.head.to.uri.user, copies[2], sizeof(copies[2]));
	assert_int_equal(sip_rx_keep(&rx, &kept), 0);
	sip_rx_fini(&rx);
	memset(bytes, 0xee, text.n);
	memset(room, 0xee, 4096);
	free(bytes);
	free(room);
	memset(&rx, 0xee, sizeof(rx));

	assert_true(kept->kept && kept->at_ms == 5);
	assert_true(sip_print(&kept->msg, &a));
	assert_str(buf_str(&a), buf_str(&b));
	branch = kept->head.via.branch;
	from_tag = kept->head.from.tag;
	user = kept->head.to.uri.user;
	assert_str(branch, str_c(copies[0]));
	assert_str(from_tag, str_c(copies[1]));
	assert_str(user, str_c(copies[2]));
	assert_true(inside(branch, kept, 16384) && inside(kept->head.call_id, kept, 16384));
	/* it can be edited, beyond its spare slots too */
	for (int i = 0; i < 100; i++)
		assert_true(sip_addf(&kept->msg, SIP_HDR_SUBJECT, "%d", i));
	sip_rx_free(&kept);
	assert_null(kept);
	sip_rx_free(&kept);
}

static void keeps(void **state)
{
	assert_kept(STR(INVITE));
	assert_kept(STR("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:f>;tag=1\r\n"
			"To: <sip:t@x>\r\ni: c\r\nCSeq: 1 BYE\r\n\r\n"));
	assert_kept(STR(
		"BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nFrom: sip:f\r\nTo: sip:t@x\r\n"
		"i: c\r\nCSeq: 1 BYE\r\nX-Empty:\r\n\r\n"));
}

/* A derived and edited message of lent texts is carried whole. */
static void keeps_edits(void **state)
{
	struct sip_rx rx, *kept;
	struct sip_err err;
	char room[4096], uri[] = "sip:new@place", value[] = "value", name[] = "X-Lent",
			 body[] = "body";

	assert_true(sip_rx_parse(&rx, STR(INVITE), &flow, 5, room, sizeof(room), &err));
	rx.msg.uri = str_c(uri);
	sip_add_named(&rx.msg, str_c(name), str_c(value));
	sip_set_body(&rx.msg, STR("a/b"), str_c(body));
	assert_int_equal(sip_rx_keep(&rx, &kept), 0);
	sip_rx_fini(&rx);
	memset(uri, 'x', sizeof(uri));
	memset(value, 'x', sizeof(value));
	memset(name, 'x', sizeof(name));
	memset(body, 'x', sizeof(body));
	assert_str(kept->msg.uri, STR("sip:new@place"));
	assert_str(kept->msg.body, STR("body"));
	assert_int_equal(sip_find_name(&kept->msg, STR("x-lent"), 0), kept->msg.n_hdr - 1);
	assert_str(sip_hdr_value(&kept->msg.hdr[kept->msg.n_hdr - 1]), STR("value"));
	sip_rx_free(&kept);
}

/* A field of another message is a line of that one's bytes, not of ours. */
static void keeps_fields_of_others(void **state)
{
	struct sip_rx rx, *kept;
	struct fixture other;
	struct sip_err err;
	struct buf b;
	char out[4096];
	char room[4096],
		bytes[] = "BYE sip:a SIP/2.0\r\nX-Lent: one, two\r\nRoute: <sip:r;lr>\r\n\r\n";

	parse_text(&other, str_c(bytes));
	assert_true(other.ok);
	assert_true(sip_rx_parse(&rx, STR(INVITE), &flow, 5, room, sizeof(room), &err));
	assert_true(sip_copy_hdr(&rx.msg, &other.m.hdr[0]));
	assert_true(sip_copy_hdr(&rx.msg, &other.m.hdr[1]));
	assert_int_equal(sip_rx_keep(&rx, &kept), 0);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(sip_find_name(&kept->msg, STR("x-lent"), 0), kept->msg.n_hdr - 2);
	assert_str(sip_hdr_value(&kept->msg.hdr[kept->msg.n_hdr - 2]), STR("one, two"));
	assert_str(sip_get(&kept->msg, SIP_HDR_ROUTE), STR("<sip:r;lr>"));
	b = buf_over(out, sizeof(out));
	assert_true(sip_print(&kept->msg, &b));
	assert_non_null(strstr(buf_c(&b), "\r\nX-Lent: one, two\r\nRoute: <sip:r;lr>\r\n"));
	sip_rx_free(&kept);
	sip_rx_fini(&rx);
	fixture_fini(&other);
}

static void without_memory(void)
{
	struct sip_rx rx, *kept = NULL;
	struct sip_err err;
	char room[4096];
	int e;

	assert_true(sip_rx_parse(&rx, STR(INVITE), &flow, 0, room, sizeof(room), &err));
	e = sip_rx_keep(&rx, &kept);
	assert_int_equal(e, alloc_has_failed() ? -ENOMEM : 0);
	if (!e)
		assert_int_equal(alloc_live(), 1);
	sip_rx_fini(&rx);
	sip_rx_free(&kept);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_stamps),
		cmocka_unit_test(bad_ones_hold_what_could_be_read),
		cmocka_unit_test(keeps),
		cmocka_unit_test(keeps_edits),
		cmocka_unit_test(keeps_fields_of_others),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
