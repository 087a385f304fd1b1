/* tsuwa/message.h - SIP messages (RFC 3261 s7): parsed, looked into, built, printed.
 *
 * A message owns a copy of what it was made of.  Slices that are read from it stay as they are until
 * tsuwa_message_free(), also when fields are added or taken away meanwhile.  A message that a callback
 * of the user agent shows is borrowed for the call and can't be changed. */
#ifndef TSUWA_MESSAGE_H
#define TSUWA_MESSAGE_H

#include <tsuwa/types.h>
#include <tsuwa/uri.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tsuwa_message;

/* Header fields that are known by a number, so that a program need not compare names; long and
 * compact forms are the same. */
enum tsuwa_header {
	TSUWA_HDR_OTHER = 0, /* known by its name alone */
	TSUWA_HDR_VIA = 1,
	TSUWA_HDR_FROM = 2,
	TSUWA_HDR_TO = 3,
	TSUWA_HDR_CALL_ID = 4,
	TSUWA_HDR_CSEQ = 5,
	TSUWA_HDR_MAX_FORWARDS = 6,
	TSUWA_HDR_CONTACT = 7,
	TSUWA_HDR_ROUTE = 8,
	TSUWA_HDR_RECORD_ROUTE = 9,
	TSUWA_HDR_CONTENT_LENGTH = 10,
	TSUWA_HDR_CONTENT_TYPE = 11,
	TSUWA_HDR_CONTENT_ENCODING = 12,
	TSUWA_HDR_CONTENT_DISPOSITION = 13,
	TSUWA_HDR_CONTENT_LANGUAGE = 14,
	TSUWA_HDR_EXPIRES = 15,
	TSUWA_HDR_MIN_EXPIRES = 16,
	TSUWA_HDR_AUTHORIZATION = 17,
	TSUWA_HDR_PROXY_AUTHORIZATION = 18,
	TSUWA_HDR_WWW_AUTHENTICATE = 19,
	TSUWA_HDR_PROXY_AUTHENTICATE = 20,
	TSUWA_HDR_AUTHENTICATION_INFO = 21,
	TSUWA_HDR_REQUIRE = 22,
	TSUWA_HDR_PROXY_REQUIRE = 23,
	TSUWA_HDR_SUPPORTED = 24,
	TSUWA_HDR_UNSUPPORTED = 25,
	TSUWA_HDR_ALLOW = 26,
	TSUWA_HDR_ALLOW_EVENTS = 27,
	TSUWA_HDR_ACCEPT = 28,
	TSUWA_HDR_ACCEPT_ENCODING = 29,
	TSUWA_HDR_ACCEPT_LANGUAGE = 30,
	TSUWA_HDR_USER_AGENT = 31,
	TSUWA_HDR_SERVER = 32,
	TSUWA_HDR_DATE = 33,
	TSUWA_HDR_SUBJECT = 34,
	TSUWA_HDR_RETRY_AFTER = 35,
	TSUWA_HDR_WARNING = 36,
	TSUWA_HDR_TIMESTAMP = 37,
	TSUWA_HDR_PATH = 38,
	TSUWA_HDR_SERVICE_ROUTE = 39,
	TSUWA_HDR_EVENT = 40,
	TSUWA_HDR_SUBSCRIPTION_STATE = 41,
	TSUWA_HDR_REFER_TO = 42,
	TSUWA_HDR_REFERRED_BY = 43,
	TSUWA_HDR_REPLACES = 44,
	TSUWA_HDR_JOIN = 45,
	TSUWA_HDR_RSEQ = 46,
	TSUWA_HDR_RACK = 47,
	TSUWA_HDR_SESSION_EXPIRES = 48,
	TSUWA_HDR_MIN_SE = 49,
	TSUWA_HDR_REASON = 50,
	TSUWA_HDR_P_ASSERTED_IDENTITY = 51,
	TSUWA_HDR_P_PREFERRED_IDENTITY = 52,
	TSUWA_HDR_PRIVACY = 53,
	TSUWA_HDR_MAX_BREADTH = 54,
	TSUWA_HDR_SIP_ETAG = 55,
	TSUWA_HDR_SIP_IF_MATCH = 56,
	TSUWA_HDR_IDENTITY = 57,
	TSUWA_HDR_HISTORY_INFO = 58,
	TSUWA_HDR_DIVERSION = 59,
	TSUWA_HDR_FLOW_TIMER = 60,
	TSUWA_HDR_MIME_VERSION = 61,
	TSUWA_HDR_ORGANIZATION = 62,
	TSUWA_HDR_PRIORITY = 63,
	TSUWA_HDR_IN_REPLY_TO = 64,
	TSUWA_HDR_REPLY_TO = 65,
	TSUWA_HDR_ERROR_INFO = 66,
	TSUWA_HDR_ALERT_INFO = 67,
	TSUWA_HDR_CALL_INFO = 68,
	TSUWA_HDR_ACCEPT_CONTACT = 69,
	TSUWA_HDR_REJECT_CONTACT = 70,
	TSUWA_HDR_REQUEST_DISPOSITION = 71,
	TSUWA_HDR_RESOURCE_PRIORITY = 72,
	TSUWA_HDR_ACCEPT_RESOURCE_PRIORITY = 73,
	TSUWA_HDR_REFER_SUB = 74,
	TSUWA_HDR_GEOLOCATION = 75,
	TSUWA_HDR_GEOLOCATION_ROUTING = 76,
	TSUWA_HDR_GEOLOCATION_ERROR = 77,
	TSUWA_HDR_USER_TO_USER = 78,
	TSUWA_HDR_TARGET_DIALOG = 79,
	TSUWA_HDR_INFO_PACKAGE = 80,
	TSUWA_HDR_RECV_INFO = 81
};

/* The number of a name, TSUWA_HDR_OTHER for one that has none. */
enum tsuwa_header tsuwa_header_of(const char *name);
/* "Record-Route"; NULL for TSUWA_HDR_OTHER and what is no number. */
const char *tsuwa_header_name(enum tsuwa_header id);

/* ---- parsing ---- */

/* Reads one message, as it comes in a datagram: bytes behind Content-Length are passed over
 * (RFC 3261 s18.3).  The bytes are copied.  Takes what can be understood; what must not be is
 * tsuwa_message_check()'s.  0, -EBADMSG (err tells what, in which field, at which offset), -EMSGSIZE
 * (more than a megabyte), -ENOMEM. */
int tsuwa_message_parse(const void *bytes, size_t n, struct tsuwa_message **ret,
			struct tsuwa_error *err);
/* What a careful server refuses (s8.1.1, s8.2, s16.3): fields that must be there once and well
 * formed, numbers out of range, a CSeq of another method.  0, -EBADMSG: err->status is what to answer. */
int tsuwa_message_check(const struct tsuwa_message *m, struct tsuwa_error *err);
/* Accepts NULL; *m becomes NULL. */
void tsuwa_message_free(struct tsuwa_message **m);

/* ---- the start line and the body ---- */

bool tsuwa_message_is_request(const struct tsuwa_message *m);
/* Of a response: CSeq's. */
struct tsuwa_str tsuwa_message_method(const struct tsuwa_message *m);
/* The Request-URI; empty in a response. */
struct tsuwa_str tsuwa_message_uri(const struct tsuwa_message *m);
/* 0 in a request. */
unsigned tsuwa_message_status(const struct tsuwa_message *m);
struct tsuwa_str tsuwa_message_reason(const struct tsuwa_message *m);
struct tsuwa_str tsuwa_message_body(const struct tsuwa_message *m);

/* ---- header fields ---- */

struct tsuwa_field {
	enum tsuwa_header id;
	struct tsuwa_str name; /* as it was written */
	struct tsuwa_str value; /* without white space around it; may hold folds (s7.3.1) */
};

/* Lines of the header, and the i-th of them from 0; false: there is none. */
size_t tsuwa_message_fields(const struct tsuwa_message *m);
bool tsuwa_message_field(const struct tsuwa_message *m, size_t i, struct tsuwa_field *ret);

/* The first field's value; p is NULL when there is none. */
struct tsuwa_str tsuwa_message_get(const struct tsuwa_message *m, enum tsuwa_header id);
struct tsuwa_str tsuwa_message_get_named(const struct tsuwa_message *m, const char *name);

/* Walks the values of a header across its lines and commas (s7.3.1):
 *
 *	struct tsuwa_values v = tsuwa_message_values(m, TSUWA_HDR_ROUTE);
 *	struct tsuwa_str value;
 *
 *	while (tsuwa_values_next(&v, &value))
 *		...
 *
 * Not for fields whose one value holds commas, as Date or an Authorization.  The members are the
 * library's. */
struct tsuwa_values {
	const struct tsuwa_message *message;
	enum tsuwa_header id;
	int slot;
	struct tsuwa_str rest;
};

struct tsuwa_values tsuwa_message_values(const struct tsuwa_message *m, enum tsuwa_header id);
bool tsuwa_values_next(struct tsuwa_values *v, struct tsuwa_str *ret);
/* Is the token among a header's values, without regard to case (Supported, Allow...)? */
bool tsuwa_message_has_token(const struct tsuwa_message *m, enum tsuwa_header id,
			     const char *token);

/* ---- values with a structure ----
 * 0, -ENOENT (there is no such field), -EBADMSG (it can't be read: err tells where). */

/* The first value of From, To, Contact, Route, Record-Route, Refer-To... */
int tsuwa_message_address(const struct tsuwa_message *m, enum tsuwa_header id,
			  struct tsuwa_address *ret, struct tsuwa_error *err);

/* Via, RFC 3261 s20.42 and RFC 3581. */
struct tsuwa_via {
	struct tsuwa_str transport; /* "UDP" */
	struct tsuwa_str host; /* of sent-by, IPv6 without brackets */
	unsigned port; /* 0: not given */
	struct tsuwa_str branch, received, maddr; /* empty: not given */
	bool has_rport;
	unsigned rport; /* 0: without a value */
	struct tsuwa_str params;
};

int tsuwa_via_parse(struct tsuwa_str value, struct tsuwa_via *ret, struct tsuwa_error *err);
/* The topmost. */
int tsuwa_message_via(const struct tsuwa_message *m, struct tsuwa_via *ret,
		      struct tsuwa_error *err);

/* CSeq, s20.16. */
int tsuwa_message_cseq(const struct tsuwa_message *m, uint32_t *ret_number,
		       struct tsuwa_str *ret_method, struct tsuwa_error *err);
/* A field that is one number: Expires, Max-Forwards, Min-Expires, Content-Length, Retry-After... */
int tsuwa_message_number(const struct tsuwa_message *m, enum tsuwa_header id, uint32_t *ret,
			 struct tsuwa_error *err);

/* Content-Type, s20.15: "application/sdp;charset=utf-8". */
struct tsuwa_media_type {
	struct tsuwa_str type, subtype;
	struct tsuwa_str params; /* for tsuwa_param() */
};

int tsuwa_media_type_parse(struct tsuwa_str value, struct tsuwa_media_type *ret,
			   struct tsuwa_error *err);
int tsuwa_message_content_type(const struct tsuwa_message *m, struct tsuwa_media_type *ret,
			       struct tsuwa_error *err);
/* The session description in the body: all of it, or a part of a multipart body (RFC 5621).
 * False: there is none. */
bool tsuwa_message_sdp(const struct tsuwa_message *m, struct tsuwa_str *ret);

/* ---- building ----
 * Texts are copied.  -EINVAL: a name that is no token, a text with a control character or line end
 * in it (nothing that is given can bring a line of its own in); -ENOMEM; -EROFS: the message is borrowed. */

/* An empty request, "INVITE" and a URI. */
int tsuwa_message_request(const char *method, const char *uri, struct tsuwa_message **ret);
/* A response to a request (s8.2.6): Via, From, To, Call-ID and CSeq are copied, to_tag (may be NULL) is
 * added to a To that has none, Timestamp and Record-Route where they belong.  reason NULL: the usual
 * one.  It owes nothing to the request. */
int tsuwa_message_response(const struct tsuwa_message *request, unsigned status, const char *reason,
			   const char *to_tag, struct tsuwa_message **ret);

/* Behind all others. */
int tsuwa_message_add(struct tsuwa_message *m, const char *name, const char *value);
/* Before the first field of that name, or on top: a Via, a Route. */
int tsuwa_message_prepend(struct tsuwa_message *m, const char *name, const char *value);
/* In place of all fields of that name. */
int tsuwa_message_set(struct tsuwa_message *m, const char *name, const char *value);
/* All fields of that name; 0 also when there is none. */
int tsuwa_message_remove(struct tsuwa_message *m, const char *name);
/* Adds all fields of that name of another message. */
int tsuwa_message_copy(struct tsuwa_message *m, const struct tsuwa_message *from, const char *name);
/* The body and its Content-Type; without bytes both go.  Content-Length is the printer's. */
int tsuwa_message_set_body(struct tsuwa_message *m, const char *content_type, const void *bytes,
			   size_t n);

/* Prints into room (no NUL behind it).  0 with the length in *ret_n; -ENOBUFS: size is too small, and
 * *ret_n says how much it takes. */
int tsuwa_message_print(const struct tsuwa_message *m, char *room, size_t size, size_t *ret_n);

#ifdef __cplusplus
}
#endif

#endif
