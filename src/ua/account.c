#include "ua/account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#include "base/alloc.h"
#include "sip/uri.h"

#define FILE_MAX_BYTES 65536

static void wipe(struct str *s)
{
	if (s->p)
		explicit_bzero((char *)s->p, s->n);
	str_free(s);
}

void ua_account_fini(struct ua_account *a)
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
static bool set_user(struct ua_account *a, struct str value, struct buf *why)
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

static bool set_proxy(struct ua_account *a, struct str value, struct buf *why)
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

static bool set_transport(struct ua_account *a, struct str value, struct buf *why)
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

static bool is_key(struct str key)
{
	return str_eq(key, STR("user")) || str_eq(key, STR("password")) ||
	       str_eq(key, STR("proxy")) || str_eq(key, STR("transport"));
}

bool ua_account_set(struct ua_account *a, struct str key, struct str value, struct buf *why)
{
	if (!is_key(key))
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

/* ---- the file: one mapping of texts ---- */

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct ua_account account;
	struct buf *why;
	struct str key; /* owned; empty: a key is next */
	yaml_mark_t key_mark;
	unsigned depth;
	bool ended;
};

static bool fail_at(struct reader *r, const yaml_mark_t *m, const char *text)
{
	r->why->cut = true;
	buf_fmt(r->why, "%s:%zu:%zu: %s", r->file, m->line + 1, m->column + 1, text);
	return false;
}

static bool set_at(struct reader *r, const yaml_mark_t *m, struct str value)
{
	char room[512];
	struct buf why = buf_over(room, sizeof(room));
	bool good = ua_account_set(&r->account, r->key, value, &why);
	bool known = is_key(r->key);

	str_free(&r->key);
	return good || fail_at(r, known ? m : &r->key_mark, buf_c(&why));
}

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct str text = str_of((const char *)e->data.scalar.value, e->data.scalar.length);

	if (r->depth != 1)
		return fail_at(r, &e->start_mark, "wanted \"key: value\" lines");
	if (!str_empty(r->key))
		return set_at(r, &e->start_mark, text);
	if (str_empty(text))
		return fail_at(r, &e->start_mark, "an empty key");
	r->key_mark = e->start_mark;
	return str_dup(text, &r->key) == 0 || fail_at(r, &e->start_mark, "no memory");
}

static bool on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_MAPPING_START_EVENT:
		if (r->depth++ > 0)
			return fail_at(r, &e->start_mark, "a value here is one text");
		return true;
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_ALIAS_EVENT:
		return fail_at(r, &e->start_mark, "a value here is one text");
	case YAML_STREAM_END_EVENT:
		r->ended = true;
		return true;
	default:
		return true;
	}
}

static bool next(struct reader *r)
{
	yaml_event_t e;
	bool good;

	if (!yaml_parser_parse(&r->parser, &e)) {
		const char *problem = r->parser.problem ? r->parser.problem : "not YAML";

		return fail_at(r, &r->parser.problem_mark, problem);
	}
	good = on_event(r, &e);
	yaml_event_delete(&e);
	return good;
}

bool ua_account_parse(struct str text, const char *file, struct ua_account *a, struct buf *why)
{
	struct reader r = {.file = file, .why = why};
	bool good = true;

	if (!yaml_parser_initialize(&r.parser))
		return say(why, "no memory to read %.*s", str_c(file));
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	while (good && !r.ended)
		good = next(&r);
	if (good && str_empty(r.account.user))
		good = say(why, "%.*s: it names no user", str_c(file));
	yaml_parser_delete(&r.parser);
	str_free(&r.key);
	if (good) {
		ua_account_fini(a);
		*a = r.account;
	} else {
		ua_account_fini(&r.account);
	}
	return good;
}

static int read_all(const char *file, char *room, size_t size, size_t *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), err = 0;
	size_t n = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got = read(fd, room + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = -errno;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (n == size) {
			err = -EFBIG;
			break;
		}
	}
	close(fd);
	*ret = n;
	return err;
}

bool ua_account_read(const char *file, struct ua_account *a, struct buf *why)
{
	char *room = xmalloc(FILE_MAX_BYTES);
	size_t n = 0;
	int err = room ? read_all(file, room, FILE_MAX_BYTES, &n) : -ENOMEM;
	bool good = false;

	why->cut = true;
	if (err)
		buf_fmt(why, "can't read %s: %s", file, strerror(-err));
	else
		good = ua_account_parse(str_of(room, n), file, a, why);
	if (room)
		explicit_bzero(room, n);
	xfree(room);
	return good;
}

/* ---- URIs ---- */

void ua_account_put_aor(const struct ua_account *a, struct buf *b)
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
static bool put_completed(const struct ua_account *a, struct str given, struct buf *ret,
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

bool ua_complete_uri(const struct ua_account *a, struct str given, struct buf *ret, struct buf *why)
{
	struct sip_uri uri;
	const char *bad = "";

	if (!put_completed(a, given, ret, why))
		return false;
	if (!ret->failed && sip_uri_parse(buf_str(ret), &uri, &bad) &&
	    uri.scheme != SIP_SCHEME_OTHER)
		return true;
	why->cut = true;
	buf_fmt(why, "\"%.*s\" is no SIP address: %s", STR_ARG(given), bad ? bad : "");
	return false;
}
