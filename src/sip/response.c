/* Responses to a request (RFC 3261 s8.2.6). */
#include "sip/msg.h"
#include "sip/nameaddr.h"

/* RFC 3261 s12.1.1; SUBSCRIBE, NOTIFY and REFER: RFC 6665 s4.4.1; RFC 3515. */
static bool forms_dialog(const struct sip_msg *req)
{
	return req->method == SIP_INVITE || req->method == SIP_SUBSCRIBE ||
	       req->method == SIP_NOTIFY || req->method == SIP_REFER;
}

/* The value is copied by its length: a display name may hold a NUL (RFC 4475 s3.1.1.2). */
static bool add_tagged_to(const struct sip_msg *req, struct str tag, struct sip_msg *m)
{
	int slot = sip_find(req, SIP_HDR_TO, 0);
	struct str to = sip_get(req, SIP_HDR_TO);
	struct buf b;
	char *room;

	if (slot < 0)
		return true;
	if (tag.n == 0 || sip_tag(req, SIP_HDR_TO).n)
		return sip_copy_hdr(m, &req->hdr[slot]);
	room = (char *)arena_alloc(m->arena, to.n + tag.n + sizeof(";tag="));
	if (!room) {
		m->failed = true;
		return false;
	}
	b = buf_over(room, to.n + tag.n + sizeof(";tag="));
	buf_puts(&b, to);
	buf_puts(&b, STR(";tag="));
	buf_puts(&b, tag);
	return sip_add(m, SIP_HDR_TO, buf_str(&b));
}

static bool copy_first(struct sip_msg *m, const struct sip_msg *req, enum sip_hdr_id id)
{
	int slot = sip_find(req, id, 0);

	return slot < 0 || sip_copy_hdr(m, &req->hdr[slot]);
}

bool sip_response(const struct sip_msg *req, struct arena *arena, unsigned status,
		  struct str reason, struct str to_tag, struct sip_msg *ret)
{
	sip_response_init(ret, arena, status, reason);
	ret->method = req->method;
	ret->method_name = req->method_name;
	sip_copy_all(ret, req, SIP_HDR_VIA);
	if (status > 100 && status < 300 && forms_dialog(req))
		sip_copy_all(ret, req, SIP_HDR_RECORD_ROUTE);
	copy_first(ret, req, SIP_HDR_FROM);
	add_tagged_to(req, to_tag, ret);
	copy_first(ret, req, SIP_HDR_CALL_ID);
	copy_first(ret, req, SIP_HDR_CSEQ);
	if (status == 100)
		copy_first(ret, req, SIP_HDR_TIMESTAMP);
	return !ret->failed;
}
