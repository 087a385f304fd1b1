/* A URI that parses equals itself, its parts lie within it, its canonical address-of-record
 * is a fixed point, and it equals any URI that is spelled otherwise but decodes alike. */
#include <stdlib.h>

#include "sip/nameaddr.h"
#include "sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_parts(const struct sip_uri *u, struct str text)
{
	check(str_eq(u->text, text));
	check(inside(u->user, text) && inside(u->password, text) && inside(u->host, text) &&
	      inside(u->hostport, text) && inside(u->params, text) && inside(u->headers, text));
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
	sip_nameaddr_parse(text, &n, NULL);
	if (!sip_uri_parse(text, &u, &why)) {
		check(why != NULL);
		return 0;
	}
	check_parts(&u, text);
	check(sip_uri_equal(&u, &u));
	sip_uri_param(&u, STR("transport"), &value);
	check_aor(&u);
	if (sip_uri_parse(other, &v, NULL))
		check(sip_uri_equal(&u, &v) == sip_uri_equal(&v, &u));
	return 0;
}
