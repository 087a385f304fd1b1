/* A message that parses prints, and what is printed is the same message; edits in any order
 * leave a message that prints and parses, and no value brings a field in; one that is kept
 * says the same as the one it was kept from. */
#include <stdlib.h>

#include "sip/rx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_BYTES (256 * 1024)

static void check(bool ok)
{
	if (!ok)
		abort();
}

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

	arena_init(&arena, room2, sizeof(room2), 0);
	ok = sip_rx_parse(&rx, bytes, &flow, 0, room, sizeof(room), &err);
	check(ok || (err.why && err.header && err.offset <= size));
	check_kept(&rx, out, out2);
	if (ok) {
		check(print_and_parse(&rx.msg, out, &arena, &again));
		check(same_message(&rx.msg, &again));
		check_edits(&rx.msg, &rx.arena, out, data, size);
	}
	if (sip_is_request(&rx.msg) && err.status &&
	    sip_response(&rx.msg, &arena, err.status, STR(""), STR("t"), &response))
		print_and_parse(&response, out, &arena, &again);
	arena_fini(&arena);
	sip_rx_fini(&rx);
	return 0;
}
