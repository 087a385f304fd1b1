/* A URI that parses equals itself, its parts lie within it, its canonical address-of-record
 * is a fixed point, and it equals any URI that is spelled otherwise but decodes alike. */
#include "fuzz.h"

#include "sip/nameaddr.h"
#include "sip/uri.h"

static void check_parts(const struct sip_uri *u, struct str text)
{
	check(str_eq(u->text, text));
	check_in(u->user, text);
	check_in(u->password, text);
	check_in(u->host, text);
	check_in(u->hostport, text);
	check_in(u->params, text);
	check_in(u->headers, text);
}

/* Written anew of its parts it is the same URI. */
static void check_built(const struct sip_uri *u)
{
	static char room[3 * 65536 + 64];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri again;

	if (u->scheme != SIP_SCHEME_SIP && u->scheme != SIP_SCHEME_SIPS)
		return;
	buf_puts(&b, u->scheme == SIP_SCHEME_SIP ? STR("sip:") : STR("sips:"));
	if (u->has_user) {
		buf_puts(&b, u->user);
		if (u->password.n)
			buf_fmt(&b, ":%.*s", STR_ARG(u->password));
		buf_putc(&b, '@');
	}
	buf_puts(&b, u->hostport);
	if (u->params.n)
		buf_fmt(&b, ";%.*s", STR_ARG(u->params));
	if (u->headers.n)
		buf_fmt(&b, "?%.*s", STR_ARG(u->headers));
	check(sip_uri_parse(buf_str(&b), &again, NULL));
	check(sip_uri_equal(u, &again) && again.port == u->port && addr_eq(&u->ip, &again.ip));
	check(str_eq(again.user, u->user) && str_eq(again.params, u->params));
}

static void parse_prefix(struct str text, void *ctx)
{
	struct sip_uri u;
	struct sip_nameaddr n;

	(void)ctx;
	if (sip_uri_parse(text, &u, NULL))
		check_parts(&u, text);
	if (sip_nameaddr_parse(text, &n, NULL))
		check_in(n.uri_text, text);
}

/* "sip:" and the AoR is a URI again, of the same AoR. */
static void check_aor(const struct sip_uri *u)
{
	static char room[3 * 65536 + 64], room2[3 * 65536 + 64];
	struct buf a = buf_over(room, sizeof(room)), b = buf_over(room2, sizeof(room2));
	struct sip_uri again;

	buf_puts(&a, u->scheme == SIP_SCHEME_TEL ? STR("tel:") : STR("sip:"));
	if (!sip_uri_aor(u, &a))
		return;
	check(sip_uri_parse(buf_str(&a), &again, NULL));
	buf_puts(&b, u->scheme == SIP_SCHEME_TEL ? STR("tel:") : STR("sip:"));
	check(sip_uri_aor(&again, &b));
	check(str_eq(buf_str(&a), buf_str(&b)));
	buf_reset(&b);
	sip_uri_put_user(u, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size), other, value;
	struct sip_uri u, v;
	struct sip_nameaddr n;
	const char *why = NULL;

	other = text;
	text = str_split(&other, '\n');
	fuzz_each_prefix(text, parse_prefix, NULL);
	sip_nameaddr_parse(text, &n, NULL);
	if (!sip_uri_parse(text, &u, &why)) {
		check(why != NULL);
		return 0;
	}
	check_parts(&u, text);
	check(sip_uri_equal(&u, &u));
	sip_uri_param(&u, STR("transport"), &value);
	check_built(&u);
	check_aor(&u);
	if (sip_uri_parse(other, &v, NULL))
		check(sip_uri_equal(&u, &v) == sip_uri_equal(&v, &u));
	return 0;
}
