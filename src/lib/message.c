/* tsuwa/message.h: reading */
#include "lib/message.h"

#include <errno.h>

#include "base/alloc.h"
#include "dlg/body.h"
#include "lib/uri.h"
#include "sip/content.h"
#include "sip/headers.h"

#define MESSAGE_MAX (1024 * 1024) /* bytes that are parsed */
#define ARENA_MAX (4 * 1024 * 1024)

/* ---- the names of header fields ---- */

static const uint8_t ids_in[] = {
#define X(name) [TSUWA_HDR_##name] = SIP_HDR_##name,
#include "lib/header_list.h"
#undef X
};

static const uint8_t ids_out[SIP_HDR_COUNT] = {
#define X(name) [SIP_HDR_##name] = TSUWA_HDR_##name,
#include "lib/header_list.h"
#undef X
};

enum sip_hdr_id lib_header_in(enum tsuwa_header id)
{
	return (unsigned)id < sizeof(ids_in) ? (enum sip_hdr_id)ids_in[id] : SIP_HDR_OTHER;
}

static enum tsuwa_header header_out(unsigned id)
{
	return (enum tsuwa_header)ids_out[id];
}

enum tsuwa_header tsuwa_header_of(const char *name)
{
	return header_out(sip_hdr_id_of(str_c(name)));
}

const char *tsuwa_header_name(enum tsuwa_header id)
{
	enum sip_hdr_id in = lib_header_in(id);

	return in == SIP_HDR_OTHER ? NULL : sip_hdr_id_name(in).p; /* literals */
}

/* ---- life ---- */

struct tsuwa_message *lib_message_new(void)
{
	struct tsuwa_message *m = xzalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->msg = &m->own;
	arena_init(&m->arena, NULL, 0, ARENA_MAX);
	return m;
}

void tsuwa_message_free(struct tsuwa_message **pm)
{
	struct tsuwa_message *m = *pm;

	if (!m)
		return;
	*pm = NULL;
	arena_fini(&m->arena);
	xfree(m->bytes);
	xfree(m);
}

static int fail_sip(struct tsuwa_error *err, const struct sip_err *e)
{
	lib_fail_at(err, (long)e->offset, e->header ? e->header : "", e->why);
	if (err) {
		err->status = e->status;
		err->rfc = e->rfc ? e->rfc : "";
	}
	return -EBADMSG;
}

int tsuwa_message_parse(const void *bytes, size_t n, struct tsuwa_message **ret,
			struct tsuwa_error *err)
{
	struct tsuwa_message *m;
	struct sip_err why = {0};

	if (n > MESSAGE_MAX)
		return lib_fail(err, -EMSGSIZE, "a message of %zu bytes is too long", n);
	m = lib_message_new();
	if (m)
		m->bytes = xmalloc(n ? n : 1);
	if (!m || !m->bytes) {
		tsuwa_message_free(&m);
		return lib_fail_errno(err, -ENOMEM);
	}
	if (n)
		memcpy(m->bytes, bytes, n);
	if (!sip_parse(str_of(m->bytes, n), &m->arena, &m->own, &why)) {
		tsuwa_message_free(&m);
		return lib_is_memory(why.why) ? lib_fail_errno(err, -ENOMEM) : fail_sip(err, &why);
	}
	*ret = m;
	return 0;
}

int tsuwa_message_check(const struct tsuwa_message *m, struct tsuwa_error *err)
{
	struct sip_head head;
	struct sip_err why = {0};

	return sip_check(m->msg, &head, &why) ? 0 : fail_sip(err, &why);
}

/* ---- the start line and the body ---- */

bool tsuwa_message_is_request(const struct tsuwa_message *m)
{
	return sip_is_request(m->msg);
}

struct tsuwa_str tsuwa_message_method(const struct tsuwa_message *m)
{
	struct sip_cseq c;

	if (sip_is_request(m->msg) || !str_empty(m->msg->method_name))
		return lib_out(m->msg->method_name);
	return sip_cseq_parse(sip_get(m->msg, SIP_HDR_CSEQ), &c) ? lib_out(c.method)
								 : lib_out(STR_NONE);
}

struct tsuwa_str tsuwa_message_uri(const struct tsuwa_message *m)
{
	return lib_out(m->msg->uri);
}

unsigned tsuwa_message_status(const struct tsuwa_message *m)
{
	return m->msg->status;
}

struct tsuwa_str tsuwa_message_reason(const struct tsuwa_message *m)
{
	return lib_out(m->msg->reason);
}

struct tsuwa_str tsuwa_message_body(const struct tsuwa_message *m)
{
	return lib_out(m->msg->body);
}

bool tsuwa_message_sdp(const struct tsuwa_message *m, struct tsuwa_str *ret)
{
	struct str sdp;

	if (!dlg_body_sdp(m->msg, &sdp))
		return false;
	*ret = lib_out(sdp);
	return true;
}

/* ---- header fields ---- */

size_t tsuwa_message_fields(const struct tsuwa_message *m)
{
	return m->msg->n_hdr;
}

bool tsuwa_message_field(const struct tsuwa_message *m, size_t i, struct tsuwa_field *ret)
{
	const struct sip_hdr *h;

	if (i >= m->msg->n_hdr)
		return false;
	h = &m->msg->hdr[i];
	*ret = (struct tsuwa_field){header_out(h->id), lib_out(sip_hdr_name(h)),
				    lib_out(sip_hdr_value(h))};
	return true;
}

struct tsuwa_str tsuwa_message_get(const struct tsuwa_message *m, enum tsuwa_header id)
{
	enum sip_hdr_id in = lib_header_in(id);

	return lib_out(in == SIP_HDR_OTHER ? STR_NONE : sip_get(m->msg, in));
}

struct tsuwa_str tsuwa_message_get_named(const struct tsuwa_message *m, const char *name)
{
	enum sip_hdr_id id = sip_hdr_id_of(str_c(name));
	int slot;

	if (id != SIP_HDR_OTHER)
		return lib_out(sip_get(m->msg, id));
	slot = sip_find_name(m->msg, str_c(name), 0);
	return lib_out(slot < 0 ? STR_NONE : sip_hdr_value(&m->msg->hdr[slot]));
}

struct tsuwa_values tsuwa_message_values(const struct tsuwa_message *m, enum tsuwa_header id)
{
	return (struct tsuwa_values){m, id, -1, {NULL, 0}};
}

bool tsuwa_values_next(struct tsuwa_values *v, struct tsuwa_str *ret)
{
	struct sip_values in = {v->message->msg, lib_header_in(v->id), v->slot, lib_in(v->rest)};
	struct str value;

	if (in.id == SIP_HDR_OTHER || !sip_values_next(&in, &value))
		return false;
	v->slot = in.slot;
	v->rest = lib_out(in.rest);
	*ret = lib_out(value);
	return true;
}

bool tsuwa_message_has_token(const struct tsuwa_message *m, enum tsuwa_header id, const char *token)
{
	enum sip_hdr_id in = lib_header_in(id);

	return in != SIP_HDR_OTHER && sip_has_token(m->msg, in, str_c(token));
}

/* ---- values with a structure ---- */

/* Where a value begins, in the bytes that were parsed; -1 in a message that was built. */
static long offset_of(const struct tsuwa_message *m, struct str value)
{
	struct str raw = m->msg->raw;

	if (!raw.n || !value.p || value.p < raw.p || value.p > raw.p + raw.n)
		return -1;
	return (long)(value.p - raw.p);
}

/* The first value of a header, which must be there. */
static int first_value(const struct tsuwa_message *m, enum sip_hdr_id id, struct str *ret,
		       struct tsuwa_error *err)
{
	struct sip_values v = sip_values(m->msg, id);

	if (id == SIP_HDR_OTHER || !sip_has(m->msg, id)) {
		lib_fail(err, -ENOENT, "there is no %s",
			 id == SIP_HDR_OTHER ? "such field" : sip_hdr_id_name(id).p);
		if (err && id != SIP_HDR_OTHER)
			err->header = sip_hdr_id_name(id).p;
		return -ENOENT;
	}
	if (!sip_values_next(&v, ret))
		*ret = sip_get(m->msg, id);
	return 0;
}

static int bad_value(const struct tsuwa_message *m, enum sip_hdr_id id, struct str value,
		     const char *why, struct tsuwa_error *err)
{
	return lib_fail_at(err, offset_of(m, value), sip_hdr_id_name(id).p, why);
}

int tsuwa_message_address(const struct tsuwa_message *m, enum tsuwa_header id,
			  struct tsuwa_address *ret, struct tsuwa_error *err)
{
	enum sip_hdr_id in = lib_header_in(id);
	struct sip_nameaddr a;
	struct str value;
	const char *why = NULL;
	int code = first_value(m, in, &value, err);

	if (code)
		return code;
	if (!sip_nameaddr_parse(value, &a, &why))
		return bad_value(m, in, value, why, err);
	lib_address_out(&a, ret);
	return 0;
}

static void via_out(const struct sip_via *v, struct tsuwa_via *ret)
{
	*ret = (struct tsuwa_via){
		.transport = lib_out(v->transport_name),
		.host = lib_out(v->host),
		.port = v->port,
		.branch = lib_out(v->branch),
		.received = lib_out(v->received),
		.maddr = lib_out(v->maddr),
		.has_rport = v->has_rport,
		.rport = v->rport,
		.params = lib_out(v->params),
	};
}

int tsuwa_via_parse(struct tsuwa_str value, struct tsuwa_via *ret, struct tsuwa_error *err)
{
	struct sip_via v;
	const char *why = NULL;

	if (!value.p || !sip_via_parse(lib_in(value), &v, &why))
		return lib_fail_at(err, 0, "Via", why);
	via_out(&v, ret);
	return 0;
}

int tsuwa_message_via(const struct tsuwa_message *m, struct tsuwa_via *ret, struct tsuwa_error *err)
{
	struct sip_via v;
	struct str value;
	const char *why = NULL;
	int code = first_value(m, SIP_HDR_VIA, &value, err);

	if (code)
		return code;
	if (!sip_via_parse(value, &v, &why))
		return bad_value(m, SIP_HDR_VIA, value, why, err);
	via_out(&v, ret);
	return 0;
}

int tsuwa_message_cseq(const struct tsuwa_message *m, uint32_t *ret_number,
		       struct tsuwa_str *ret_method, struct tsuwa_error *err)
{
	struct sip_cseq c;
	struct str value;
	int code = first_value(m, SIP_HDR_CSEQ, &value, err);

	if (code)
		return code;
	if (!sip_cseq_parse(value, &c))
		return bad_value(m, SIP_HDR_CSEQ, value, "not a number below 2^31 and a method",
				 err);
	*ret_number = c.number;
	*ret_method = lib_out(c.method);
	return 0;
}

int tsuwa_message_number(const struct tsuwa_message *m, enum tsuwa_header id, uint32_t *ret,
			 struct tsuwa_error *err)
{
	enum sip_hdr_id in = lib_header_in(id);
	struct str value;
	uint32_t n;
	int code = first_value(m, in, &value, err);

	if (code)
		return code;
	if (!sip_get_u32(m->msg, in, &n))
		return bad_value(m, in, value, "not a number", err);
	*ret = n;
	return 0;
}

static int media_type(struct str value, struct tsuwa_media_type *ret)
{
	struct sip_media_type t;

	if (!sip_media_type_parse(value, &t))
		return -EBADMSG;
	*ret = (struct tsuwa_media_type){lib_out(t.type), lib_out(t.subtype), lib_out(t.params)};
	return 0;
}

int tsuwa_media_type_parse(struct tsuwa_str value, struct tsuwa_media_type *ret,
			   struct tsuwa_error *err)
{
	if (value.p && media_type(lib_in(value), ret) == 0)
		return 0;
	return lib_fail_at(err, 0, "Content-Type", "not TYPE/SUBTYPE");
}

int tsuwa_message_content_type(const struct tsuwa_message *m, struct tsuwa_media_type *ret,
			       struct tsuwa_error *err)
{
	struct str value;
	int code = first_value(m, SIP_HDR_CONTENT_TYPE, &value, err);

	if (code)
		return code;
	value = sip_get(m->msg, SIP_HDR_CONTENT_TYPE);
	if (media_type(value, ret) == 0)
		return 0;
	return bad_value(m, SIP_HDR_CONTENT_TYPE, value, "not TYPE/SUBTYPE", err);
}
