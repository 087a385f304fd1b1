/* A message that parses prints, and what is printed is the same message; edits in any order
 * leave a message that prints and parses, and no value brings a field in; forwarded by an edit of
 * what came it is the same as built anew; one that is kept says the same as the one it was kept from. */
#include "fuzz.h"

#include "sip/rx.h"

#define OUT_BYTES (256 * 1024)

static const struct flow flow = {.transport = TRANSPORT_UDP,
				 .remote = {.family = 4, .port = 4711, .ip = {192, 0, 2, 1}}};

/* As print puts it: line ends of folds that are no whole lines become a space. */
static bool same_value(const struct sip_hdr *a, const struct sip_hdr *b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a->value_n && strchr(" \t\r\n", a->value[i]) && a->value[i])
			i++;
		while (k < b->value_n && strchr(" \t\r\n", b->value[k]) && b->value[k])
			k++;
		if (i == a->value_n || k == b->value_n)
			return i == a->value_n && k == b->value_n;
		if (a->value[i++] != b->value[k++])
			return false;
	}
}

static unsigned skip_lengths(const struct sip_msg *m, unsigned i)
{
	while (i < m->n_hdr && m->hdr[i].id == SIP_HDR_CONTENT_LENGTH)
		i++;
	return i;
}

static bool same_message(const struct sip_msg *a, const struct sip_msg *b)
{
	unsigned i, k;

	if (a->status != b->status || !str_eq(a->uri, b->uri) || !str_eq(a->reason, b->reason) ||
	    !str_eq(a->body, b->body))
		return false;
	for (i = k = 0;; i++, k++) {
		i = skip_lengths(a, i);
		k = skip_lengths(b, k);
		if (i == a->n_hdr || k == b->n_hdr)
			return i == a->n_hdr && k == b->n_hdr;
		if (a->hdr[i].id != b->hdr[k].id || !same_value(&a->hdr[i], &b->hdr[k]))
			return false;
	}
}

/* Prints m, parses that; false when m may not be printed. */
static bool print_and_parse(const struct sip_msg *m, char *out, struct arena *arena,
			    struct sip_msg *ret)
{
	struct buf b = buf_over(out, OUT_BYTES);
	struct sip_err err;

	if (!sip_print(m, &b))
		return false;
	check(sip_parse(buf_str(&b), arena, ret, &err));
	return true;
}

static void edit(struct sip_msg *m, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + 2 < size && i < 60; i += 3) {
		enum sip_hdr_id id = (enum sip_hdr_id)(1 + data[i + 1] % (SIP_HDR_COUNT - 1));
		struct str value = str_of((const char *)data + i, data[i + 2] % (size - i));

		switch (data[i] % 8) {
		case 0:
			sip_add(m, id, value);
			break;
		case 1:
			sip_prepend(m, id, value);
			break;
		case 2:
			sip_set(m, id, value);
			break;
		case 3:
			sip_remove(m, data[i + 2]);
			break;
		case 4:
			sip_remove_all(m, id);
			break;
		case 5:
			sip_pop_value(m, id);
			break;
		case 6:
			sip_drop_last_value(m, id);
			break;
		default:
			sip_insert(m, data[i + 2], id, value);
			break;
		}
	}
}

static void check_edits(const struct sip_msg *m, struct arena *arena, char *out,
			const uint8_t *data, size_t size)
{
	struct sip_msg d, again;

	if (!sip_derive(m, arena, &d))
		return;
	edit(&d, data, size);
	if (!d.failed && print_and_parse(&d, out, arena, &again))
		check(same_message(&d, &again));
}

static const struct str our_via = STR_INIT("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKour");
static const struct str our_route = STR_INIT("<sip:192.0.2.9;lr>");

/* What a proxy does (RFC 3261 s16.6): Route off, Via and Record-Route on, a hop less. */
static void forward(struct sip_msg *m)
{
	sip_pop_value(m, SIP_HDR_ROUTE);
	sip_set(m, SIP_HDR_MAX_FORWARDS, STR("69"));
	sip_prepend(m, SIP_HDR_RECORD_ROUTE, our_route);
	sip_prepend(m, SIP_HDR_VIA, our_via);
}

/* The same fields and the body, each set anew. */
static void rebuild(const struct sip_msg *from, struct arena *arena, struct sip_msg *ret)
{
	if (from->status)
		sip_response_init(ret, arena, from->status, from->reason);
	else
		sip_request_init(ret, arena, from->method_name, from->uri);
	for (unsigned i = 0; i < from->n_hdr; i++)
		sip_add_named(ret, sip_hdr_name(&from->hdr[i]), sip_hdr_value(&from->hdr[i]));
	ret->body = from->body;
}

/* The values of m but the first `off` are those of edited but the first `on`. */
static bool same_values(const struct sip_msg *m, const struct sip_msg *edited, enum sip_hdr_id id,
			unsigned off, unsigned on)
{
	struct sip_values v = sip_values(m, id), w = sip_values(edited, id);
	struct str a, b;

	while (off-- > 0)
		sip_values_next(&v, &a);
	while (on-- > 0)
		sip_values_next(&w, &b);
	while (sip_values_next(&v, &a)) {
		struct sip_hdr x = {.value = a.p, .value_n = (uint32_t)a.n}, y;

		if (!sip_values_next(&w, &b))
			return false;
		y = (struct sip_hdr){.value = b.p, .value_n = (uint32_t)b.n};
		if (!same_value(&x, &y))
			return false;
	}
	return !sip_values_next(&w, &b);
}

static void check_forwarded(const struct sip_msg *m, struct arena *arena, char *out, char *out2)
{
	struct sip_msg edited, built, a, b;

	if (!sip_derive(m, arena, &edited))
		return;
	forward(&edited);
	rebuild(m, arena, &built);
	forward(&built);
	if (edited.failed || built.failed)
		return;
	check(print_and_parse(&edited, out, arena, &a) == print_and_parse(&built, out2, arena, &b));
	check(a.n_hdr == 0 || same_message(&a, &b));
	check(str_eq(sip_get(&a, SIP_HDR_VIA), our_via) &&
	      str_eq(sip_get(&a, SIP_HDR_RECORD_ROUTE), our_route));
	check(same_values(m, &a, SIP_HDR_ROUTE, 1, 0));
	check(same_values(m, &a, SIP_HDR_VIA, 0, 1));
	check(same_values(m, &a, SIP_HDR_RECORD_ROUTE, 0, 1));
}

/* A datagram's prefix is read within its bounds, whatever comes of it. */
static void parse_prefix(struct str part, void *ctx)
{
	static char room[16384];
	struct sip_err err = {.why = NULL};
	struct sip_rx rx;

	(void)ctx;
	if (!sip_rx_parse(&rx, part, &flow, 0, room, sizeof(room), &err))
		check(err.why && err.header && err.offset <= part.n);
	check_in(rx.msg.body, part);
	check_in(rx.msg.uri, part);
	sip_rx_fini(&rx);
}

static void check_kept(const struct sip_rx *rx, char *out, char *out2)
{
	struct sip_rx *kept;
	struct buf a = buf_over(out, OUT_BYTES), b = buf_over(out2, OUT_BYTES);

	if (sip_rx_keep(rx, &kept) < 0)
		return;
	check(sip_print(&rx->msg, &a) == sip_print(&kept->msg, &b));
	check(a.failed || str_eq(buf_str(&a), buf_str(&b)));
	check(str_eq(rx->head.via.branch, kept->head.via.branch));
	check(str_eq(rx->head.from.tag, kept->head.from.tag));
	check(str_eq(rx->head.to.uri.host, kept->head.to.uri.host));
	check(str_eq(rx->head.call_id, kept->head.call_id));
	sip_rx_free(&kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char out[OUT_BYTES], out2[OUT_BYTES], room[16384], room2[16384];
	struct str bytes = str_of((const char *)data, size);
	struct arena arena;
	struct sip_msg again, response;
	struct sip_rx rx;
	struct sip_err err = {.why = NULL};
	bool ok;

	fuzz_each_prefix(bytes, parse_prefix, NULL);
	arena_init(&arena, room2, sizeof(room2), 0);
	ok = sip_rx_parse(&rx, bytes, &flow, 0, room, sizeof(room), &err);
	check(ok || (err.why && err.header && err.offset <= size));
	check_kept(&rx, out, out2);
	if (ok) {
		check(print_and_parse(&rx.msg, out, &arena, &again));
		check(same_message(&rx.msg, &again));
		check_edits(&rx.msg, &rx.arena, out, data, size);
		check_forwarded(&rx.msg, &rx.arena, out, out2);
	}
	if (sip_is_request(&rx.msg) && err.status &&
	    sip_response(&rx.msg, &arena, err.status, STR(""), STR("t"), &response))
		print_and_parse(&response, out, &arena, &again);
	arena_fini(&arena);
	sip_rx_fini(&rx);
	return 0;
}
