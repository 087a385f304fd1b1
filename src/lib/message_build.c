/* tsuwa/message.h: building */
#include <errno.h>

#include "base/alloc.h"
#include "base/scan.h"
#include "lib/message.h"

#define PRINT_MAX (8 * 1024 * 1024)

/* ---- what is let in ---- */

static bool all_are(struct str s, unsigned classes)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], classes))
			return false;
	return s.n > 0;
}

/* No control character but HTAB, so no line end either. */
static bool is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (cc_is(s.p[i], CC_CTL) && s.p[i] != '\t')
			return false;
	return true;
}

static bool is_uri_text(struct str s)
{
	return s.n > 0 && is_line(s) && str_find(s, ' ') == s.n && str_find(s, '\t') == s.n;
}

/* ---- making ---- */

int tsuwa_message_request(const char *method, const char *uri, struct tsuwa_message **ret)
{
	struct tsuwa_message *m;
	struct str name, target;

	if (!method || !uri || !all_are(str_c(method), CC_TOKEN) || !is_uri_text(str_c(uri)))
		return -EINVAL;
	m = lib_message_new();
	if (!m)
		return -ENOMEM;
	name = arena_str(&m->arena, str_c(method));
	target = arena_str(&m->arena, str_c(uri));
	if (!name.p || !target.p) {
		tsuwa_message_free(&m);
		return -ENOMEM;
	}
	sip_request_init(&m->own, &m->arena, name, target);
	*ret = m;
	return 0;
}

static int print_heap(const struct sip_msg *msg, struct buf *b)
{
	*b = buf_heap(PRINT_MAX);
	if (sip_print(msg, b))
		return 0;
	buf_free(b);
	return -ENOMEM;
}

/* By way of its bytes, so that nothing of it borrows from the request. */
static int respond(const struct sip_msg *request, unsigned status, struct str reason,
		   struct str tag, struct tsuwa_message **ret)
{
	struct sip_msg response;
	struct arena a;
	struct buf b;
	int err = -ENOMEM;

	arena_init(&a, NULL, 0, 0);
	if (sip_response(request, &a, status, reason, tag, &response))
		err = print_heap(&response, &b);
	arena_fini(&a);
	if (err)
		return err;
	err = tsuwa_message_parse(b.p, b.n, ret, NULL);
	buf_free(&b);
	return err == -EBADMSG ? -EINVAL : err;
}

int tsuwa_message_response(const struct tsuwa_message *request, unsigned status, const char *reason,
			   const char *to_tag, struct tsuwa_message **ret)
{
	struct str words = str_c(reason), tag = str_c(to_tag);

	if (!sip_is_request(request->msg) || status < 100 || status > 699 || !is_line(words) ||
	    (tag.n && !all_are(tag, CC_TOKEN)))
		return -EINVAL;
	return respond(request->msg, status, words, tag, ret);
}

/* ---- editing ---- */

/* Copies a name and value that may stand in a message. */
static int take(struct tsuwa_message *m, const char *name, const char *value, struct str *ret_name,
		struct str *ret_value)
{
	struct str n = str_c(name), v = str_trim(str_c(value));

	if (m->msg != &m->own)
		return -EROFS;
	if (!name || !all_are(n, CC_TOKEN) || !value || !is_line(v))
		return -EINVAL;
	*ret_name = arena_str(&m->arena, n);
	*ret_value = arena_str(&m->arena, v);
	return ret_name->p && ret_value->p ? 0 : -ENOMEM;
}

/* An edit that found no memory changed nothing. */
static int done(struct tsuwa_message *m, bool good)
{
	if (!good)
		m->own.failed = false;
	return good ? 0 : -ENOMEM;
}

int tsuwa_message_add(struct tsuwa_message *m, const char *name, const char *value)
{
	struct str n, v;
	int err = take(m, name, value, &n, &v);

	return err ? err : done(m, sip_add_named(&m->own, n, v));
}

/* A field without an id goes on top: it is added, and its slot carried up. */
static bool prepend_named(struct sip_msg *m, struct str name, struct str value)
{
	int at = sip_find_name(m, name, 0);
	struct sip_msg all = *m;
	unsigned top = at < 0 ? 0 : (unsigned)at;

	if (!sip_derive(&all, m->arena, m))
		return false;
	m->n_hdr = 0;
	memset(m->first, 0, sizeof(m->first));
	for (unsigned i = 0; i <= all.n_hdr; i++) {
		if (i == top && !sip_add_named(m, name, value))
			break;
		if (i < all.n_hdr && !sip_copy_hdr(m, &all.hdr[i]))
			break;
	}
	if (!m->failed)
		return true;
	*m = all;
	return false;
}

int tsuwa_message_prepend(struct tsuwa_message *m, const char *name, const char *value)
{
	struct str n, v;
	int err = take(m, name, value, &n, &v);
	enum sip_hdr_id id;

	if (err)
		return err;
	id = sip_hdr_id_of(n);
	return done(m, id == SIP_HDR_OTHER ? prepend_named(&m->own, n, v)
					   : sip_prepend(&m->own, id, v));
}

static void remove_named(struct sip_msg *m, struct str name)
{
	enum sip_hdr_id id = sip_hdr_id_of(name);
	int slot;

	if (id != SIP_HDR_OTHER) {
		sip_remove_all(m, id);
		return;
	}
	while ((slot = sip_find_name(m, name, 0)) >= 0)
		sip_remove(m, (unsigned)slot);
}

int tsuwa_message_set(struct tsuwa_message *m, const char *name, const char *value)
{
	struct str n, v;
	int err = take(m, name, value, &n, &v);
	enum sip_hdr_id id;

	if (err)
		return err;
	id = sip_hdr_id_of(n);
	if (id != SIP_HDR_OTHER)
		return done(m, sip_set(&m->own, id, v));
	if (!sip_add_named(&m->own, n, v))
		return done(m, false);
	for (int slot = sip_find_name(&m->own, n, 0); slot >= 0 && slot < m->own.n_hdr - 1;
	     slot = sip_find_name(&m->own, n, 0))
		sip_remove(&m->own, (unsigned)slot);
	return 0;
}

int tsuwa_message_remove(struct tsuwa_message *m, const char *name)
{
	if (m->msg != &m->own)
		return -EROFS;
	if (!name)
		return -EINVAL;
	remove_named(&m->own, str_c(name));
	return 0;
}

/* A value of another message: its folds become blanks. */
static struct str copied(struct arena *a, struct str value)
{
	struct str s = arena_str(a, value);
	char *p = (char *)s.p;

	for (size_t i = 0; p && i < s.n; i++)
		if (cc_is(p[i], CC_CTL) && p[i] != '\t')
			p[i] = ' ';
	return s;
}

int tsuwa_message_copy(struct tsuwa_message *m, const struct tsuwa_message *from, const char *name)
{
	size_t n = from->msg->n_hdr; /* of before, for from may be m */

	if (m->msg != &m->own)
		return -EROFS;
	if (!name || !all_are(str_c(name), CC_TOKEN))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		const struct sip_hdr *h = &from->msg->hdr[i];
		enum sip_hdr_id id = sip_hdr_id_of(str_c(name));
		struct str own, value;

		if (h->id != id || (id == SIP_HDR_OTHER && !str_ieq(sip_hdr_name(h), str_c(name))))
			continue;
		own = arena_str(&m->arena, sip_hdr_name(h));
		value = copied(&m->arena, sip_hdr_value(h));
		if (!own.p || !value.p || !sip_add_named(&m->own, own, value))
			return done(m, false);
	}
	return 0;
}

int tsuwa_message_set_body(struct tsuwa_message *m, const char *content_type, const void *bytes,
			   size_t n)
{
	struct str type = str_c(content_type), body = STR_NONE;

	if (m->msg != &m->own)
		return -EROFS;
	if (!is_line(type) || (n && (!bytes || !type.n)))
		return -EINVAL;
	if (n) {
		type = arena_str(&m->arena, type);
		body = arena_str(&m->arena, str_of(bytes, n));
		if (!type.p || !body.p)
			return -ENOMEM;
	} else {
		type = STR_NONE;
	}
	/* The one step that may fail goes first. */
	if (n && !sip_set(&m->own, SIP_HDR_CONTENT_TYPE, type))
		return done(m, false);
	sip_set_body(&m->own, type, body);
	return 0;
}

int tsuwa_message_print(const struct tsuwa_message *m, char *room, size_t size, size_t *ret_n)
{
	struct buf b = buf_over(room, size);
	int err;

	if (m->msg->failed)
		return -ENOMEM;
	if (sip_print(m->msg, &b)) {
		*ret_n = b.n;
		return 0;
	}
	err = print_heap(m->msg, &b);
	if (err)
		return err;
	*ret_n = b.n;
	buf_free(&b);
	return -ENOBUFS;
}
