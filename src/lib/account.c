/* tsuwa/account.h: settings, and the URIs that follow from them */
#include "lib/account.h"

#include <errno.h>

#include "base/alloc.h"
#include "lib/inside.h"
#include "sip/uri.h"

static void wipe(struct str *s)
{
	if (s->p)
		explicit_bzero((char *)s->p, s->n);
	str_free(s);
}

void lib_account_fini(struct tsuwa_account *a)
{
	str_free(&a->user);
	str_free(&a->domain);
	wipe(&a->password);
	str_free(&a->proxy);
	memset(a, 0, sizeof(*a));
}

static bool say(struct buf *why, const char *text, struct str value)
{
	why->cut = true;
	buf_fmt(why, text, STR_ARG(value));
	return false;
}

static bool take(struct str *owned, struct str s, struct buf *why)
{
	struct str copy;

	if (str_dup(s, &copy) != 0)
		return say(why, "no memory for \"%.*s\"", s);
	wipe(owned);
	*owned = copy;
	return true;
}

/* ---- settings ---- */

/* "alice@example.com", with or without "sip:". */
static bool set_user(struct tsuwa_account *a, struct str value, struct buf *why)
{
	char room[512], name_room[256];
	struct buf text = buf_over(room, sizeof(room));
	struct buf name = buf_over(name_room, sizeof(name_room));
	struct sip_uri uri;
	const char *bad;

	if (!str_istarts(value, STR("sip:")) && !str_istarts(value, STR("sips:")))
		buf_puts(&text, STR("sip:"));
	buf_puts(&text, value);
	if (text.failed || !sip_uri_parse(buf_str(&text), &uri, &bad) || str_empty(uri.user))
		return say(why, "\"%.*s\" is no user: write USER@DOMAIN", value);
	sip_uri_put_user(&uri, &name); /* without escapes, as the digest wants it */
	if (name.failed)
		return say(why, "\"%.*s\" is too long", value);
	return take(&a->user, buf_str(&name), why) && take(&a->domain, uri.hostport, why);
}

static bool set_proxy(struct tsuwa_account *a, struct str value, struct buf *why)
{
	char room[512];
	struct buf text = buf_over(room, sizeof(room));
	struct sip_uri uri;
	bool bare = !str_istarts(value, STR("sip:")) && !str_istarts(value, STR("sips:"));

	if (bare)
		buf_puts(&text, STR("sip:"));
	buf_puts(&text, value);
	if (text.failed || !sip_uri_parse(buf_str(&text), &uri, NULL) || str_empty(uri.host))
		return say(why, "\"%.*s\" is no proxy: write HOST:PORT", value);
	return take(&a->proxy, buf_str(&text), why);
}

static bool set_transport(struct tsuwa_account *a, struct str value, struct buf *why)
{
	enum transport t = transport_of(value);

	if (t == TRANSPORT_NONE)
		return say(why, "\"%.*s\" is no transport: udp or tcp", value);
	if (t != TRANSPORT_UDP && t != TRANSPORT_TCP)
		return say(why, "the transport \"%.*s\" is not built into this version: udp or tcp",
			   value);
	a->transport = t;
	return true;
}

bool lib_account_is_key(struct str key)
{
	return str_eq(key, STR("user")) || str_eq(key, STR("password")) ||
	       str_eq(key, STR("proxy")) || str_eq(key, STR("transport"));
}

bool lib_account_set(struct tsuwa_account *a, struct str key, struct str value, struct buf *why)
{
	if (!lib_account_is_key(key))
		return say(why, "unknown key \"%.*s\": user, password, proxy, transport", key);
	if (str_empty(value))
		return say(why, "\"%.*s\" has no value", key);
	if (str_eq(key, STR("user")))
		return set_user(a, value, why);
	if (str_eq(key, STR("password")))
		return take(&a->password, value, why);
	if (str_eq(key, STR("proxy")))
		return set_proxy(a, value, why);
	return set_transport(a, value, why);
}

/* ---- the public side ---- */

int lib_account_code(const struct buf *why)
{
	return str_starts(buf_str(why), STR("no memory")) ? -ENOMEM : -EINVAL;
}

int tsuwa_account_new(struct tsuwa_account **ret)
{
	struct tsuwa_account *a = xzalloc(sizeof(*a));

	if (!a)
		return -ENOMEM;
	*ret = a;
	return 0;
}

void tsuwa_account_free(struct tsuwa_account **pa)
{
	struct tsuwa_account *a = *pa;

	if (!a)
		return;
	*pa = NULL;
	lib_account_fini(a);
	xfree(a);
}

int lib_account_copy(const struct tsuwa_account *from, struct tsuwa_account *ret)
{
	struct tsuwa_account a = {.transport = from->transport};

	if (str_dup(from->user, &a.user) == 0 && str_dup(from->domain, &a.domain) == 0 &&
	    str_dup(from->password, &a.password) == 0 && str_dup(from->proxy, &a.proxy) == 0) {
		*ret = a;
		return 0;
	}
	lib_account_fini(&a);
	return -ENOMEM;
}

int tsuwa_account_set(struct tsuwa_account *a, const char *key, const char *value,
		      struct tsuwa_error *err)
{
	char room[300];
	struct buf why = buf_over(room, sizeof(room));

	if (lib_account_set(a, str_c(key), str_c(value), &why))
		return 0;
	return lib_fail(err, lib_account_code(&why), "%s", buf_c(&why));
}

void tsuwa_account_forget_password(struct tsuwa_account *a)
{
	wipe(&a->password);
}

struct tsuwa_str tsuwa_account_user(const struct tsuwa_account *a)
{
	return lib_out(a->user);
}

struct tsuwa_str tsuwa_account_domain(const struct tsuwa_account *a)
{
	return lib_out(a->domain);
}

bool tsuwa_account_has_password(const struct tsuwa_account *a)
{
	return !str_empty(a->password);
}

/* ---- URIs ---- */

void lib_account_put_aor(const struct tsuwa_account *a, struct buf *b)
{
	if (str_empty(a->user))
		return;
	buf_puts(b, STR("sip:"));
	sip_put_escaped_user(b, a->user);
	buf_fmt(b, "@%.*s", STR_ARG(a->domain));
}

static bool has_scheme(struct str s)
{
	return str_istarts(s, STR("sip:")) || str_istarts(s, STR("sips:")) ||
	       str_istarts(s, STR("tel:"));
}

/* Without '@' it is a user of our domain, or nobody's. */
static bool put_completed(const struct tsuwa_account *a, struct str given, struct buf *ret,
			  struct buf *why)
{
	if (has_scheme(given)) {
		buf_puts(ret, given);
		return true;
	}
	if (str_find(given, '@') < given.n) {
		buf_fmt(ret, "sip:%.*s", STR_ARG(given));
		return true;
	}
	if (str_empty(a->domain))
		return say(why, "\"%.*s\" has no domain, and there is no account that has one",
			   given);
	buf_puts(ret, STR("sip:"));
	sip_put_escaped_user(ret, given);
	buf_fmt(ret, "@%.*s", STR_ARG(a->domain));
	return true;
}

static bool complete(const struct tsuwa_account *a, struct str given, struct buf *ret,
		     struct buf *why)
{
	struct sip_uri uri;
	const char *bad = "";

	if (!put_completed(a, given, ret, why))
		return false;
	if (ret->failed)
		return say(why, "\"%.*s\" is too long", given);
	if (sip_uri_parse(buf_str(ret), &uri, &bad) && uri.scheme != SIP_SCHEME_OTHER)
		return true;
	why->cut = true;
	buf_fmt(why, "\"%.*s\" is no SIP address: %s", STR_ARG(given), bad ? bad : "");
	return false;
}

int tsuwa_account_aor(const struct tsuwa_account *a, char *room, size_t size)
{
	struct buf b = buf_over(room, size);

	lib_account_put_aor(a, &b);
	if (b.failed || b.n >= size)
		return -ENOBUFS;
	buf_c(&b);
	return 0;
}

int tsuwa_account_complete(const struct tsuwa_account *a, const char *given, char *room,
			   size_t size, struct tsuwa_error *err)
{
	char why_room[400];
	struct buf why = buf_over(why_room, sizeof(why_room)), uri = buf_over(room, size);

	if (!complete(a, str_c(given), &uri, &why))
		return lib_fail(err, -EINVAL, "%s", buf_c(&why));
	if (uri.n >= size)
		return lib_fail(err, -ENOBUFS, "the URI is too long");
	buf_c(&uri);
	return 0;
}
