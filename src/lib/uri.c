/* tsuwa/uri.h */
#include <tsuwa/uri.h>

#include <errno.h>

#include "lib/inside.h"
#include "lib/uri.h"

static enum tsuwa_scheme scheme_out(enum sip_scheme s)
{
	switch (s) {
	case SIP_SCHEME_SIP:
		return TSUWA_SCHEME_SIP;
	case SIP_SCHEME_SIPS:
		return TSUWA_SCHEME_SIPS;
	case SIP_SCHEME_TEL:
		return TSUWA_SCHEME_TEL;
	case SIP_SCHEME_OTHER:
		break;
	}
	return TSUWA_SCHEME_OTHER;
}

void lib_uri_out(const struct sip_uri *u, struct tsuwa_uri *ret)
{
	*ret = (struct tsuwa_uri){
		.scheme = scheme_out(u->scheme),
		.text = lib_out(u->text),
		.user = lib_out(u->user),
		.password = lib_out(u->password),
		.host = lib_out(u->host),
		.port = u->port,
		.params = lib_out(u->params),
		.headers = lib_out(u->headers),
	};
}

void lib_address_out(const struct sip_nameaddr *a, struct tsuwa_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->display = lib_out(a->display);
	ret->params = lib_out(a->params);
	ret->tag = lib_out(a->tag);
	ret->star = a->star;
	lib_uri_out(&a->uri, &ret->uri);
	ret->uri.text = lib_out(a->uri_text);
}

/* The parameters alone, in the form that sip/ looks them up in. */
static struct sip_nameaddr params_in(const struct tsuwa_address *a)
{
	return (struct sip_nameaddr){.params = lib_in(a->params)};
}

int tsuwa_uri_parse(struct tsuwa_str text, struct tsuwa_uri *ret, struct tsuwa_error *err)
{
	struct sip_uri u;
	const char *why = NULL;

	if (!text.p || !sip_uri_parse(lib_in(text), &u, &why))
		return lib_fail_at(err, 0, "", why);
	lib_uri_out(&u, ret);
	return 0;
}

bool tsuwa_uri_param(const struct tsuwa_uri *uri, const char *name, struct tsuwa_str *ret)
{
	return tsuwa_param(uri->params, name, ret);
}

bool tsuwa_uri_equal(const struct tsuwa_uri *a, const struct tsuwa_uri *b)
{
	struct sip_uri x, y;

	return a->text.p && b->text.p && sip_uri_parse(lib_in(a->text), &x, NULL) &&
	       sip_uri_parse(lib_in(b->text), &y, NULL) && sip_uri_equal(&x, &y);
}

int tsuwa_address_parse(struct tsuwa_str value, struct tsuwa_address *ret, struct tsuwa_error *err)
{
	struct sip_nameaddr a;
	const char *why = NULL;

	if (!value.p || !sip_nameaddr_parse(lib_in(value), &a, &why))
		return lib_fail_at(err, 0, "", why);
	lib_address_out(&a, ret);
	return 0;
}

unsigned tsuwa_address_q(const struct tsuwa_address *a)
{
	struct sip_nameaddr c = params_in(a);
	uint32_t q;

	return a->params.p && sip_contact_q(&c, &q) ? q : 1000;
}

uint32_t tsuwa_address_expires(const struct tsuwa_address *a, uint32_t dflt)
{
	struct sip_nameaddr c = params_in(a);

	return a->params.p ? sip_contact_expires(&c, dflt) : dflt;
}

bool tsuwa_param(struct tsuwa_str params, const char *name, struct tsuwa_str *ret)
{
	struct str value;

	if (!params.p || !sip_param_get(lib_in(params), str_c(name), &value))
		return false;
	*ret = lib_out(value);
	return true;
}
