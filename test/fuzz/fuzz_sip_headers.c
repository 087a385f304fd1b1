/* The structured headers over any value.  Slices that come out lie
 * within the value, and what a list gives is the whole of it. */
#include "fuzz.h"

#include "base/scan.h"
#include "sip/auth.h"
#include "sip/date.h"
#include "sip/event.h"
#include "sip/headers.h"
#include "sip/kinds.h"
#include "sip/params.h"
#include "sip/reason.h"
#include "sip/rel100.h"
#include "sip/replaces.h"
#include "sip/session_expires.h"
#include "sip/warning.h"

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

static char room_once[8192], room_again[8192], room_text[8192];

static bool holds_control(struct str s)
{
	while (s.n && !cc_is(s.p[0], CC_CTL))
		s = str_skip(s, 1);
	return s.n > 0;
}

/* What was written of what was read, and of what was read of that, is the same text. */
#define BUILT_AGAIN(type, value, parse, put)                                                       \
	do {                                                                                       \
		struct type x_, y_;                                                                \
		struct buf a_ = buf_over(room_once, sizeof(room_once));                            \
		struct buf b_ = buf_over(room_again, sizeof(room_again));                          \
		if (parse((value), &x_)) {                                                         \
			put(&a_, &x_);                                                             \
			check(a_.failed || parse(buf_str(&a_), &y_));                              \
			if (!a_.failed) {                                                          \
				put(&b_, &y_);                                                     \
				check(!b_.failed && str_eq(buf_str(&a_), buf_str(&b_)));           \
			}                                                                          \
		}                                                                                  \
	} while (0)

static void built_again(struct str value)
{
	struct buf b = buf_over(room_once, sizeof(room_once));
	struct sip_warning warning;
	struct sip_event event, same;
	uint64_t s, again;

	BUILT_AGAIN(sip_event, value, sip_event_parse, sip_event_put);
	BUILT_AGAIN(sip_subscription_state, value, sip_subscription_state_parse,
		    sip_subscription_state_put);
	BUILT_AGAIN(sip_reason, value, sip_reason_parse, sip_reason_put);
	BUILT_AGAIN(sip_replaces, value, sip_replaces_parse, sip_replaces_put);
	BUILT_AGAIN(sip_rack, value, sip_rack_parse, sip_rack_put);
	BUILT_AGAIN(sip_session_expires, value, sip_session_expires_parse, sip_session_expires_put);
	BUILT_AGAIN(sip_challenge, value, sip_challenge_parse, sip_challenge_put);
	BUILT_AGAIN(sip_credentials, value, sip_credentials_parse, sip_credentials_put);
	if (sip_warning_parse(value, &warning) && warning.text.n < sizeof(room_text)) {
		struct str plain = warning.text = sip_unquote(warning.text, room_text);

		sip_warning_put(&b, &warning);
		check(b.failed || sip_warning_parse(buf_str(&b), &warning));
		check(b.failed || holds_control(plain) ||
		      str_eq(sip_unquote(warning.text, room_again), plain));
	}
	buf_reset(&b);
	if (sip_event_parse(value, &event)) {
		sip_event_put(&b, &event);
		check(b.failed ||
		      (sip_event_parse(buf_str(&b), &same) && sip_event_equal(&event, &same)));
	}
	buf_reset(&b);
	if (sip_date_parse(value, &s)) {
		sip_date_put(&b, s);
		check(sip_date_parse(buf_str(&b), &again) && again == s);
	}
}

/* A name-addr and a Via that are written of their parts say the same. */
static void joined_again(struct str value)
{
	struct buf b = buf_over(room_once, sizeof(room_once));
	struct sip_nameaddr n, m;
	struct sip_via v, w;

	if (sip_nameaddr_parse(value, &n, NULL) && !n.star) {
		buf_fmt(&b, "%.*s%s<%.*s>", STR_ARG(n.display), n.display.n ? " " : "",
			STR_ARG(n.uri_text));
		if (n.params.n)
			buf_fmt(&b, ";%.*s", STR_ARG(n.params));
		check(b.failed || (sip_nameaddr_parse(buf_str(&b), &m, NULL) &&
				   str_eq(m.uri_text, n.uri_text) && str_eq(m.tag, n.tag) &&
				   str_eq(m.display, n.display)));
	}
	buf_reset(&b);
	if (sip_via_parse(value, &v, NULL)) {
		buf_fmt(&b, "SIP/2.0/%.*s %.*s", STR_ARG(v.transport_name), STR_ARG(v.sent_by));
		if (v.params.n)
			buf_fmt(&b, ";%.*s", STR_ARG(v.params));
		check(b.failed ||
		      (sip_via_parse(buf_str(&b), &w, NULL) && str_eq(w.branch, v.branch) &&
		       w.port == v.port && str_eq(w.host, v.host) && w.rport == v.rport));
	}
}

static void read_prefix(struct str part, void *ctx)
{
	struct sip_nameaddr n;
	struct sip_via v;
	struct sip_credentials c;
	struct sip_msg m;
	struct sip_err err;
	struct arena arena;
	char room[2048];

	(void)ctx;
	if (sip_nameaddr_parse(part, &n, NULL))
		check_in(n.params, part);
	if (sip_via_parse(part, &v, NULL))
		check_in(v.params, part);
	if (sip_credentials_parse(part, &c))
		check_in(c.response, part);
	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("BYE"), STR("sip:a"));
	sip_add(&m, SIP_HDR_CONTACT, part);
	sip_hdr_check(&m, 0, &err);
	arena_fini(&arena);
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
	joined_again(value);
	fuzz_each_prefix(value, read_prefix, NULL);
	return 0;
}
