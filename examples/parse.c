/* Reads a SIP message from standard input, prints its parts, and answers it: with 400 and what is
 * wrong, or with 200 and, to an offer, an answer (RFC 3261, RFC 3264).
 *
 *	cc parse.c $(pkg-config --cflags --libs tsuwa) -o parse
 *	./parse <invite.sip
 */
#include <stdio.h>
#include <string.h>

#include <tsuwa/tsuwa.h>

#define MESSAGE_MAX 65536

static char input[MESSAGE_MAX], output[MESSAGE_MAX], answer[MESSAGE_MAX];

static void print_address(const char *what, const struct tsuwa_message *m, enum tsuwa_header id)
{
	struct tsuwa_address a;

	if (tsuwa_message_address(m, id, &a, NULL) != 0)
		return;
	printf("%s: user %.*s, host %.*s, port %u, tag %.*s\n", what, TSUWA_STR_ARG(a.uri.user),
	       TSUWA_STR_ARG(a.uri.host), a.uri.port, TSUWA_STR_ARG(a.tag));
}

static void print_fields(const struct tsuwa_message *m)
{
	struct tsuwa_values contacts = tsuwa_message_values(m, TSUWA_HDR_CONTACT);
	struct tsuwa_str one;
	struct tsuwa_field f;
	struct tsuwa_via via;

	for (size_t i = 0; tsuwa_message_field(m, i, &f); i++)
		printf("field %zu: %.*s\n", i, TSUWA_STR_ARG(f.name));
	if (tsuwa_message_via(m, &via, NULL) == 0)
		printf("via: %.*s from %.*s, branch %.*s\n", TSUWA_STR_ARG(via.transport),
		       TSUWA_STR_ARG(via.host), TSUWA_STR_ARG(via.branch));
	print_address("from", m, TSUWA_HDR_FROM);
	print_address("to", m, TSUWA_HDR_TO);
	while (tsuwa_values_next(&contacts, &one))
		printf("contact: %.*s\n", TSUWA_STR_ARG(one));
}

static void print_sdp(struct tsuwa_str text)
{
	struct tsuwa_sdp *sdp;
	struct tsuwa_error err;
	struct tsuwa_sdp_media m;
	struct tsuwa_sdp_format f;

	if (tsuwa_sdp_parse(text.p, text.n, &sdp, &err) != 0) {
		printf("sdp: line %u: %s\n", err.line, err.text);
		return;
	}
	for (size_t i = 0; tsuwa_sdp_media_at(sdp, i, &m); i++) {
		printf("media: %.*s at %.*s port %u, %s\n", TSUWA_STR_ARG(m.type),
		       TSUWA_STR_ARG(m.address), m.port, tsuwa_direction_name(m.direction));
		for (size_t k = 0; tsuwa_sdp_format_at(sdp, i, k, &f); k++)
			printf("format: %d %.*s/%u\n", f.payload_type, TSUWA_STR_ARG(f.encoding),
			       f.rate_hz);
	}
	tsuwa_sdp_free(&sdp);
}

/* The answer to an offer, into the global room; its length, or 0 and the status to refuse with. */
static size_t answer_offer(struct tsuwa_str offer, unsigned *status)
{
	struct tsuwa_local_media local = {0};
	struct tsuwa_agreement agreed;
	struct tsuwa_negotiation *n;
	struct tsuwa_error err;
	size_t length = 0;

	local.address = "192.0.2.1"; /* where a real program would receive */
	local.port = 20000;
	if (tsuwa_negotiation_new(1, &n) != 0)
		return 0;
	if (tsuwa_negotiation_answer(n, &local, offer.p, offer.n, answer, sizeof(answer), &length,
				     &agreed, &err) == 0) {
		printf("agreed: %s to %s port %u\n", agreed.codec, agreed.address, agreed.port);
	} else {
		printf("refused: %s\n", err.text);
		*status = err.status ? err.status : 500;
		length = 0;
	}
	tsuwa_negotiation_free(&n);
	return length;
}

static int respond(const struct tsuwa_message *request, unsigned status, size_t sdp_n)
{
	struct tsuwa_message *response;
	size_t n;
	int err = tsuwa_message_response(request, status, NULL, "example", &response);

	if (err)
		return err;
	err = tsuwa_message_add(response, "Server", "parse example");
	if (!err && sdp_n)
		err = tsuwa_message_set_body(response, "application/sdp", answer, sdp_n);
	if (!err)
		err = tsuwa_message_print(response, output, sizeof(output), &n);
	if (!err)
		printf("\n%.*s", (int)n, output);
	tsuwa_message_free(&response);
	return err;
}

static int run(const struct tsuwa_message *m)
{
	unsigned status = 200;
	size_t sdp_n = 0;
	struct tsuwa_error err;
	struct tsuwa_str sdp;

	if (!tsuwa_message_is_request(m)) {
		printf("response: %u %.*s\n", tsuwa_message_status(m),
		       TSUWA_STR_ARG(tsuwa_message_reason(m)));
		print_fields(m);
		return 0;
	}
	printf("request: %.*s %.*s\n", TSUWA_STR_ARG(tsuwa_message_method(m)),
	       TSUWA_STR_ARG(tsuwa_message_uri(m)));
	print_fields(m);
	if (tsuwa_message_check(m, &err) != 0) {
		printf("bad: %s at byte %ld (%s)\n", err.text, err.offset, err.rfc);
		status = err.status;
	} else if (tsuwa_message_sdp(m, &sdp)) {
		print_sdp(sdp);
		sdp_n = answer_offer(sdp, &status);
	}
	return status ? respond(m, status, sdp_n) : 0;
}

int main(void)
{
	size_t n = fread(input, 1, sizeof(input), stdin);
	struct tsuwa_message *m;
	struct tsuwa_error err;
	int code = tsuwa_message_parse(input, n, &m, &err);

	if (code) {
		fprintf(stderr, "%s, at byte %ld\n", err.text, err.offset);
		return 1;
	}
	code = run(m);
	tsuwa_message_free(&m);
	if (code)
		fprintf(stderr, "%s\n", tsuwa_strerror(code));
	return code ? 1 : 0;
}
