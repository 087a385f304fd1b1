/* What the language costs: nanoseconds per INVITE to index it, to index and decode every
 * structured header of it, to keep it, to print a forwarded copy and two answers.
 *
 *     bench_parse FILE [ROUNDS]           all of them, as a table
 *     bench_parse FILE ROUNDS CASE        one, for callgrind
 *
 * "all" is every structured header by the parser of its type, each once: the Request-URI, Via,
 * Record-Route, Contact, P-Asserted-Identity, From, To, Call-ID, CSeq, Max-Forwards, Allow,
 * Supported, Session-Expires, Min-SE, Accept, Content-Type, Content-Length.
 *
 * Instructions per message of invite.sip (1566 bytes, 20 headers), gcc 12 -O2, callgrind:
 *     index 3785, check 10393, all 13211; with parsing by rx, 11151, in them: keep 13258,
 *     forward 14857, 200 13656, 401 13459 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sip/content.h"
#include "sip/info.h"
#include "sip/rx.h"
#include "sip/session_expires.h"

static char room[16 * 1024], out[64 * 1024];
static struct str bytes, routed; /* routed: the same with a Route of ours */
static volatile size_t sink;

static void die(const char *why)
{
	fprintf(stderr, "bench_parse: %s\n", why);
	exit(1);
}

static void parse(struct arena *a, struct sip_msg *m)
{
	struct sip_err err;

	arena_init(a, room, sizeof(room), 0);
	if (!sip_parse(bytes, a, m, &err))
		die(err.why);
}

static void run_index(void)
{
	struct arena a;
	struct sip_msg m;

	parse(&a, &m);
	sink += m.n_hdr;
}

static void run_check(void)
{
	struct arena a;
	struct sip_msg m;
	struct sip_head head;
	struct sip_err err;

	parse(&a, &m);
	if (!sip_check(&m, &head, &err))
		die(err.why);
	sink += head.cseq.number;
}

/* ---- every structured header, each by the parser of its type, once ---- */

static bool decode_vias(const struct sip_msg *m)
{
	struct sip_values v = sip_values(m, SIP_HDR_VIA);
	const char *bad = NULL;
	struct sip_via via;

	while (!bad && sip_via_next(&v, &via, &bad))
		sink += via.branch.n;
	return !bad;
}

static bool decode_addresses(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct sip_values v = sip_values(m, id);
	const char *bad = NULL;
	struct sip_nameaddr n;

	while (!bad && sip_nameaddr_next(&v, &n, &bad))
		sink += n.uri.host.n;
	return !bad;
}

static bool decode_party(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct sip_nameaddr n;
	bool good = sip_nameaddr_parse(sip_get(m, id), &n, NULL);

	sink += n.tag.n;
	return good;
}

static bool decode_call(const struct sip_msg *m)
{
	struct sip_cseq cseq;
	struct sip_uri uri;
	struct str call_id;

	if (!sip_uri_parse(m->uri, &uri, NULL) ||
	    !sip_call_id_parse(sip_get(m, SIP_HDR_CALL_ID), &call_id) ||
	    !sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq))
		return false;
	sink += uri.host.n + call_id.n + cseq.number;
	return true;
}

static bool decode_numbers(const struct sip_msg *m)
{
	struct sip_session_expires expires;
	uint32_t forwards, min_se;

	if (!sip_get_u32(m, SIP_HDR_MAX_FORWARDS, &forwards) ||
	    !sip_session_expires_parse(sip_get(m, SIP_HDR_SESSION_EXPIRES), &expires) ||
	    !sip_min_se_parse(sip_get(m, SIP_HDR_MIN_SE), &min_se))
		return false;
	sink += forwards + expires.interval_s + min_se;
	return true;
}

static void decode_tokens(const struct sip_msg *m)
{
	struct sip_values v = sip_values(m, SIP_HDR_SUPPORTED);
	struct str value;

	sink += sip_methods(m, SIP_HDR_ALLOW);
	while (sip_values_next(&v, &value))
		sink += value.n;
}

static bool decode_types(const struct sip_msg *m)
{
	struct sip_values v = sip_values(m, SIP_HDR_ACCEPT);
	struct sip_media_type t;
	struct str value;

	while (sip_values_next(&v, &value)) {
		if (!sip_media_type_parse(value, &t))
			return false;
		sink += t.subtype.n;
	}
	if (!sip_media_type_parse(sip_get(m, SIP_HDR_CONTENT_TYPE), &t))
		return false;
	sink += t.subtype.n;
	return true;
}

static void run_all(void)
{
	struct arena a;
	struct sip_msg m;

	parse(&a, &m);
	if (!decode_vias(&m) || !decode_addresses(&m, SIP_HDR_RECORD_ROUTE) ||
	    !decode_addresses(&m, SIP_HDR_CONTACT) ||
	    !decode_addresses(&m, SIP_HDR_P_ASSERTED_IDENTITY) || !decode_party(&m, SIP_HDR_FROM) ||
	    !decode_party(&m, SIP_HDR_TO) || !decode_call(&m) || !decode_numbers(&m) ||
	    !decode_types(&m))
		die("a header is bad");
	decode_tokens(&m);
}

static void receive(struct sip_rx *rx, struct str message)
{
	static const struct flow flow = {
		.transport = TRANSPORT_UDP,
		.remote = {.family = 4, .port = 5060, .ip = {192, 0, 2, 99}}};
	struct sip_err err;

	if (!sip_rx_parse(rx, message, &flow, 0, room, sizeof(room), &err))
		die(err.why);
}

static void run_rx(void)
{
	struct sip_rx rx;

	receive(&rx, bytes);
	sink += rx.msg.n_hdr;
	sip_rx_fini(&rx);
}

static void run_keep(void)
{
	struct sip_rx rx, *kept;

	receive(&rx, bytes);
	if (sip_rx_keep(&rx, &kept) < 0)
		die("no memory");
	sink += kept->msg.n_hdr;
	sip_rx_free(&kept);
	sip_rx_fini(&rx);
}

/* What a proxy does: its Route taken off, Via and Record-Route pushed, Max-Forwards lowered. */
static void run_forward(void)
{
	struct sip_rx rx;
	struct sip_msg m;
	struct buf b = buf_over(out, sizeof(out));

	receive(&rx, routed);
	if (!sip_derive(&rx.msg, &rx.arena, &m))
		die("no memory");
	m.uri = STR("sip:bob@198.51.100.7:5060");
	sip_pop_value(&m, SIP_HDR_ROUTE);
	sip_set(&m, SIP_HDR_MAX_FORWARDS, STR("67"));
	sip_prepend(&m, SIP_HDR_RECORD_ROUTE, STR("<sip:192.0.2.1;lr>"));
	sip_prepend(&m, SIP_HDR_VIA, STR("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabcdefgh"));
	if (!sip_print(&m, &b))
		die("does not print");
	sink += b.n;
	sip_rx_fini(&rx);
}

static void respond(unsigned status, enum sip_hdr_id id, struct str value)
{
	struct sip_rx rx;
	struct sip_msg m;
	struct buf b = buf_over(out, sizeof(out));

	receive(&rx, bytes);
	sip_response(&rx.msg, &rx.arena, status, STR(""), STR("a73kszlfl"), &m);
	sip_add(&m, id, value);
	if (!sip_print(&m, &b))
		die("does not print");
	sink += b.n;
	sip_rx_fini(&rx);
}

static void run_ok(void)
{
	respond(200, SIP_HDR_CONTACT, STR("<sip:bob@192.0.2.4>"));
}

static void run_challenge(void)
{
	respond(401, SIP_HDR_WWW_AUTHENTICATE,
		STR("Digest realm=\"example.com\", nonce=\"84a4cc6f3082121f32b42a2187831a9e\", "
		    "algorithm=SHA-256, qop=\"auth\""));
}

static const struct bench {
	const char *name;
	void (*run)(void);
} benches[] = {
	{"index", run_index}, {"check", run_check},     {"all", run_all}, {"rx", run_rx},
	{"keep", run_keep},   {"forward", run_forward}, {"200", run_ok},  {"401", run_challenge},
};

static void load(const char *path)
{
	static char text[64 * 1024];
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(1);
	}
	bytes = str_of(text, fread(text, 1, sizeof(text), f));
	fclose(f);
}

/* The message as it comes to a proxy that is in the route. */
static void add_route(void)
{
	static const struct str route = STR_INIT("Route: <sip:192.0.2.1;lr;x=7a1f5d3c>\r\n");
	static char text[64 * 1024 + 64];
	struct buf b = buf_over(text, sizeof(text));
	size_t head = str_find(bytes, '\n') + 1;

	buf_puts(&b, str_first(bytes, head));
	buf_puts(&b, route);
	buf_puts(&b, str_skip(bytes, head));
	routed = buf_str(&b);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 200000, i;
	size_t k;
	double start;

	if (argc < 2 || !rounds)
		return 2;
	load(argv[1]);
	add_route();
	for (k = 0; k < sizeof(benches) / sizeof(benches[0]); k++) {
		if (argc > 3 && strcmp(argv[3], benches[k].name) != 0)
			continue;
		start = now_ns();
		for (i = 0; i < rounds; i++)
			benches[k].run();
		printf("%-10s %8.0f ns\n", benches[k].name, (now_ns() - start) / (double)rounds);
	}
	return 0;
}
