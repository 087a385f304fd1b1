/* The structured headers over any value.  Slices that come out lie
 * within the value, and what a list gives is the whole of it. */
#include <stdlib.h>

#include "base/scan.h"
#include "sip/date.h"
#include "sip/event.h"
#include "sip/headers.h"
#include "sip/kinds.h"
#include "sip/multipart.h"
#include "sip/params.h"
#include "sip/refer.h"
#include "sip/rel100.h"
#include "sip/replaces.h"
#include "sip/session_expires.h"
#include "sip/warning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_in(struct str part, struct str whole)
{
	check(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void one_via(struct str value)
{
	struct sip_via v;
	const char *why = NULL;

	if (!sip_via_parse(value, &v, &why)) {
		check(why != NULL);
		return;
	}
	check(v.host.n > 0 && v.transport_name.n > 0 && v.sent_by.n >= v.host.n);
	check_in(v.host, value);
	check_in(v.branch, value);
	check_in(v.params, value);
	check(sip_params_valid(v.params));
}

static void one_address(struct str value)
{
	struct sip_nameaddr n;
	const char *why = NULL;
	uint32_t q;

	if (!sip_nameaddr_parse(value, &n, &why)) {
		check(why != NULL);
		return;
	}
	check_in(n.display, value);
	check_in(n.uri_text, value);
	check_in(n.params, value);
	check_in(n.tag, value);
	check(sip_params_valid(n.params));
	if (sip_contact_q(&n, &q))
		check(q <= 1000);
	sip_contact_expires(&n, 1);
}

/* The values of a list hold all that is not a comma or white space between them. */
static void one_list(struct str value)
{
	struct str rest = value, item;
	const char *at = value.p;

	while (sip_list_next(&rest, &item)) {
		check(item.n > 0);
		check_in(item, value);
		for (; at < item.p; at++)
			check(*at == ',' || cc_is(*at, CC_LWS));
		at = item.p + item.n;
	}
	for (; at < value.p + value.n; at++)
		check(*at == ',' || cc_is(*at, CC_LWS));
}

/* Values that are decoded as they stand in a list are those that the list is cut into. */
static void one_typed_list(struct str value)
{
	char room[4096];
	struct arena arena;
	struct sip_msg m;
	struct sip_values all, vias, addresses;
	struct sip_nameaddr n, same_n;
	struct sip_via v, same_v;
	struct str item;
	const char *why;

	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("BYE"), STR("sip:a"));
	sip_add(&m, SIP_HDR_VIA, value);
	all = vias = addresses = sip_values(&m, SIP_HDR_VIA);
	while (sip_values_next(&all, &item)) {
		check(sip_via_next(&vias, &v, &why) && str_eq(v.text, item));
		check(sip_via_parse(item, &same_v, NULL) == !why);
		check(why || str_eq(v.params, same_v.params));
		check(sip_nameaddr_next(&addresses, &n, &why) && str_eq(n.text, item));
		check(sip_nameaddr_parse(item, &same_n, NULL) == !why);
		check(why || str_eq(n.params, same_n.params));
	}
	check(!sip_via_next(&vias, &v, &why) && !sip_nameaddr_next(&addresses, &n, &why));
	sip_methods(&m, SIP_HDR_VIA);
	arena_fini(&arena);
}

static void one_stamp(struct str value)
{
	static const struct addr source = {.family = 6, .port = 9, .ip = {0x20, 1, [15] = 1}};
	char room[4096];
	struct sip_via v, known;
	struct arena arena;
	struct sip_msg m;

	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("BYE"), STR("sip:a"));
	sip_add(&m, SIP_HDR_VIA, value);
	if (sip_via_top(&m, &known, NULL) && sip_via_stamp_known(&m, &known, &source)) {
		check(sip_via_top(&m, &v, NULL) && str_eq(v.text, known.text));
		check(str_eq(v.params, known.params) && str_eq(v.received, known.received));
		check(str_eq(v.branch, known.branch) && str_eq(v.maddr, known.maddr));
		check(v.has_rport == known.has_rport && v.rport == known.rport &&
		      v.ttl == known.ttl);
	}
	if (sip_via_stamp(&m, &source)) {
		check(sip_via_top(&m, &v, NULL));
		check(v.received.n > 0 && (!v.has_rport || v.rport == 9));
		check(sip_via_stamp(&m, &source) && sip_via_top(&m, &v, NULL));
	}
	arena_fini(&arena);
}

static void small_ones(struct str value)
{
	char room[4096];
	struct arena arena;
	struct sip_msg m;
	struct sip_cseq cseq;
	struct str got;
	uint32_t n;

	if (sip_cseq_parse(value, &cseq))
		check(cseq.number < 1u << 31 && cseq.method.n > 0);
	sip_media_type_is(value, STR("application/sdp"));
	sip_params_valid(value);
	sip_param_get(value, STR("tag"), &got);
	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("BYE"), STR("sip:a"));
	sip_add(&m, SIP_HDR_ACCEPT, value);
	sip_add(&m, SIP_HDR_EXPIRES, value);
	sip_add(&m, SIP_HDR_TO, value);
	sip_accepts(&m, STR("application/sdp"));
	sip_get_u32(&m, SIP_HDR_EXPIRES, &n);
	check_in(sip_tag(&m, SIP_HDR_TO), value);
	arena_fini(&arena);
}

/* The value under every name: a fault is told whole. */
static void every_kind(struct str value)
{
	char room[4096];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;
	int id;

	for (id = SIP_HDR_OTHER + 1; id < SIP_HDR_COUNT; id++) {
		arena_init(&arena, room, sizeof(room), 0);
		sip_request_init(&m, &arena, STR("BYE"), STR("sip:a"));
		sip_add(&m, (enum sip_hdr_id)id, value);
		m.raw = value;
		if (!sip_hdr_check(&m, 0, &err))
			check(err.why && err.rfc && err.header[0] && err.offset <= value.n);
		arena_fini(&arena);
	}
}

/* What is built from what was read is read again. */
static void built_again(struct str value)
{
	char room[8192];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_session_expires se;
	struct sip_subscription_state state;
	struct sip_replaces replaces;
	struct sip_warning warning;
	struct sip_event event, same;
	struct sip_rack rack;
	uint64_t s, again;

	if (sip_event_parse(value, &event)) {
		sip_event_put(&b, &event);
		check(b.failed ||
		      (sip_event_parse(buf_str(&b), &same) && sip_event_equal(&event, &same)));
	}
	buf_reset(&b);
	if (sip_subscription_state_parse(value, &state)) {
		sip_subscription_state_put(&b, &state);
		check(b.failed || sip_subscription_state_parse(buf_str(&b), &state));
	}
	buf_reset(&b);
	if (sip_replaces_parse(value, &replaces)) {
		sip_replaces_put(&b, &replaces);
		check(b.failed || sip_replaces_parse(buf_str(&b), &replaces));
	}
	buf_reset(&b);
	if (sip_warning_parse(value, &warning)) {
		sip_warning_put(&b, &warning);
		check(b.failed || sip_warning_parse(buf_str(&b), &warning));
	}
	buf_reset(&b);
	if (sip_rack_parse(value, &rack)) {
		sip_rack_put(&b, &rack);
		check(b.failed || sip_rack_parse(buf_str(&b), &rack));
	}
	buf_reset(&b);
	if (sip_session_expires_parse(value, &se)) {
		sip_session_expires_put(&b, &se);
		check(sip_session_expires_parse(buf_str(&b), &se));
	}
	buf_reset(&b);
	if (sip_date_parse(value, &s)) {
		sip_date_put(&b, s);
		check(sip_date_parse(buf_str(&b), &again) && again == s);
	}
}

/* The first line as Content-Type, the rest as the body. */
static void one_multipart(struct str value)
{
	struct str body = value, type = str_split(&body, '\n'), before = body;
	struct sip_multipart m;
	struct sip_part part;

	if (!sip_multipart_open(type, body, &m))
		return;
	while (sip_multipart_next(&m, &part)) {
		check_in(part.headers, body);
		check_in(part.body, body);
		check(m.rest.n < before.n);
		before = m.rest;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = str_of((const char *)data, size);

	one_via(value);
	one_address(value);
	one_list(value);
	one_typed_list(value);
	one_stamp(value);
	small_ones(value);
	every_kind(value);
	built_again(value);
	one_multipart(value);
	return 0;
}
