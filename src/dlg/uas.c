#include "dlg/uas.h"

#include "dlg/body.h"

void dlg_put_methods(struct buf *b, unsigned methods)
{
	bool first = true;

	for (unsigned m = SIP_METHOD_OTHER + 1; m < SIP_METHOD_COUNT; m++) {
		if (!(methods & DLG_METHOD(m)))
			continue;
		if (!first)
			buf_puts(b, STR(", "));
		buf_puts(b, sip_method_name((enum sip_method)m));
		first = false;
	}
}

void dlg_refuse(struct dlg_refusal *ret, unsigned status, struct str reason)
{
	ret->status = status;
	ret->reason = reason;
	ret->n_fields = 0;
}

void dlg_refuse_add(struct dlg_refusal *ret, enum sip_hdr_id id, struct str value)
{
	if (ret->n_fields < DLG_REFUSAL_FIELDS)
		ret->fields[ret->n_fields++] = (struct dlg_field){id, value};
}

static bool refuse_with_allow(struct dlg_refusal *ret, unsigned status, unsigned methods)
{
	struct buf b = buf_over(ret->room, sizeof(ret->room));

	dlg_refuse(ret, status, STR_NONE);
	dlg_put_methods(&b, methods);
	dlg_refuse_add(ret, SIP_HDR_ALLOW, buf_str(&b));
	return false;
}

/* s8.2.1; RFC 6665 s4.1.3 for events, of which we have none. */
static bool check_method(const struct dlg_uas *uas, const struct sip_rx *rx,
			 struct dlg_refusal *ret)
{
	unsigned method = rx->msg.method;

	if (uas->methods & DLG_METHOD(method))
		return true;
	if (method == SIP_METHOD_OTHER)
		return refuse_with_allow(ret, 501, uas->methods);
	if (method == SIP_SUBSCRIBE || method == SIP_NOTIFY)
		return refuse_with_allow(ret, 489, uas->methods);
	return refuse_with_allow(ret, 405, uas->methods);
}

/* s8.2.2.1 */
static bool check_scheme(const struct sip_rx *rx, struct dlg_refusal *ret)
{
	struct sip_uri uri;

	if (sip_uri_parse(rx->msg.uri, &uri, NULL) &&
	    (uri.scheme == SIP_SCHEME_SIP || uri.scheme == SIP_SCHEME_SIPS ||
	     uri.scheme == SIP_SCHEME_TEL))
		return true;
	dlg_refuse(ret, 416, STR_NONE);
	return false;
}

static bool in_list(struct str list, struct str token)
{
	struct str one;

	while (sip_list_next(&list, &one))
		if (str_ieq(str_trim(one), token))
			return true;
	return false;
}

/* s8.2.2.3 */
static bool check_require(const struct dlg_uas *uas, const struct sip_rx *rx,
			  struct dlg_refusal *ret)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_REQUIRE);
	struct buf b = buf_over(ret->room, sizeof(ret->room));
	struct str tag;

	while (sip_values_next(&v, &tag)) {
		if (in_list(uas->supported, tag) || b.n + tag.n + 2 > b.cap)
			continue;
		if (b.n)
			buf_puts(&b, STR(", "));
		buf_puts(&b, tag);
	}
	if (b.n == 0)
		return true;
	dlg_refuse(ret, 420, STR_NONE);
	dlg_refuse_add(ret, SIP_HDR_UNSUPPORTED, buf_str(&b));
	return false;
}

static bool refuse_content(struct dlg_refusal *ret, enum sip_hdr_id id, struct str accepted)
{
	dlg_refuse(ret, 415, STR_NONE);
	dlg_refuse_add(ret, id, accepted);
	return false;
}

static bool is_message_type(struct str type)
{
	return str_empty(type) || str_istarts(type, STR("text/")) ||
	       str_istarts(type, STR("message/cpim"));
}

/* s8.2.3 */
static bool check_content(const struct sip_rx *rx, struct dlg_refusal *ret)
{
	const struct sip_msg *m = &rx->msg;
	struct str encoding = sip_get(m, SIP_HDR_CONTENT_ENCODING);

	if (str_empty(m->body))
		return true;
	if (!str_empty(encoding) && !str_ieq(encoding, STR("identity")))
		return refuse_content(ret, SIP_HDR_ACCEPT_ENCODING, STR("identity"));
	if (m->method == SIP_MESSAGE && !is_message_type(sip_get(m, SIP_HDR_CONTENT_TYPE)))
		return refuse_content(ret, SIP_HDR_ACCEPT, STR("text/plain"));
	if ((m->method == SIP_INVITE || m->method == SIP_UPDATE || m->method == SIP_PRACK) &&
	    !dlg_body_ok(m))
		return refuse_content(ret, SIP_HDR_ACCEPT, STR("application/sdp"));
	return true;
}

/* s21.4.7: an INVITE that takes no SDP back can't be answered. */
static bool check_accept(const struct sip_rx *rx, struct dlg_refusal *ret)
{
	if (rx->msg.method != SIP_INVITE || sip_accepts(&rx->msg, STR("application/sdp")))
		return true;
	dlg_refuse(ret, 406, STR_NONE);
	dlg_refuse_add(ret, SIP_HDR_WARNING,
		       STR("399 tsuwa \"Only application/sdp can describe the session\""));
	return false;
}

bool dlg_uas_check(const struct dlg_uas *uas, const struct sip_rx *rx, struct dlg_refusal *ret)
{
	return check_method(uas, rx, ret) && check_scheme(rx, ret) && check_require(uas, rx, ret) &&
	       check_content(rx, ret) && check_accept(rx, ret);
}
