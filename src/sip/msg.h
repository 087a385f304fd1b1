/* sip/msg.h - a SIP message as a view: the start line and an index of header
 * fields over bytes that somebody else owns (RFC 3261 s7).  One pass, nothing copied.
 * The same type serves a received message and one that is being built or edited:
 * an edit replaces slots of the index, and printing copies unchanged spans whole.
 * Knows no flows, no transactions, no meaning of a method. */
#ifndef TSUWA_SIP_MSG_H
#define TSUWA_SIP_MSG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum sip_method {
	SIP_METHOD_OTHER,
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_MESSAGE,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_PUBLISH,
	SIP_REFER,
	SIP_INFO,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_METHOD_COUNT
};

/* Header fields that we know by name; SIP_HDR_OTHER is all the rest. */
enum sip_hdr_id {
	SIP_HDR_OTHER,
	SIP_HDR_VIA,
	SIP_HDR_FROM,
	SIP_HDR_TO,
	SIP_HDR_CALL_ID,
	SIP_HDR_CSEQ,
	SIP_HDR_MAX_FORWARDS,
	SIP_HDR_CONTACT,
	SIP_HDR_ROUTE,
	SIP_HDR_RECORD_ROUTE,
	SIP_HDR_CONTENT_LENGTH,
	SIP_HDR_CONTENT_TYPE,
	SIP_HDR_CONTENT_ENCODING,
	SIP_HDR_CONTENT_DISPOSITION,
	SIP_HDR_CONTENT_LANGUAGE,
	SIP_HDR_EXPIRES,
	SIP_HDR_MIN_EXPIRES,
	SIP_HDR_AUTHORIZATION,
	SIP_HDR_PROXY_AUTHORIZATION,
	SIP_HDR_WWW_AUTHENTICATE,
	SIP_HDR_PROXY_AUTHENTICATE,
	SIP_HDR_AUTHENTICATION_INFO,
	SIP_HDR_REQUIRE,
	SIP_HDR_PROXY_REQUIRE,
	SIP_HDR_SUPPORTED,
	SIP_HDR_UNSUPPORTED,
	SIP_HDR_ALLOW,
	SIP_HDR_ALLOW_EVENTS,
	SIP_HDR_ACCEPT,
	SIP_HDR_ACCEPT_ENCODING,
	SIP_HDR_ACCEPT_LANGUAGE,
	SIP_HDR_USER_AGENT,
	SIP_HDR_SERVER,
	SIP_HDR_DATE,
	SIP_HDR_SUBJECT,
	SIP_HDR_RETRY_AFTER,
	SIP_HDR_WARNING,
	SIP_HDR_TIMESTAMP,
	SIP_HDR_PATH,
	SIP_HDR_SERVICE_ROUTE,
	SIP_HDR_EVENT,
	SIP_HDR_SUBSCRIPTION_STATE,
	SIP_HDR_REFER_TO,
	SIP_HDR_REFERRED_BY,
	SIP_HDR_REPLACES,
	SIP_HDR_JOIN,
	SIP_HDR_RSEQ,
	SIP_HDR_RACK,
	SIP_HDR_SESSION_EXPIRES,
	SIP_HDR_MIN_SE,
	SIP_HDR_REASON,
	SIP_HDR_P_ASSERTED_IDENTITY,
	SIP_HDR_P_PREFERRED_IDENTITY,
	SIP_HDR_PRIVACY,
	SIP_HDR_MAX_BREADTH,
	SIP_HDR_SIP_ETAG,
	SIP_HDR_SIP_IF_MATCH,
	SIP_HDR_IDENTITY,
	SIP_HDR_HISTORY_INFO,
	SIP_HDR_DIVERSION,
	SIP_HDR_FLOW_TIMER,
	SIP_HDR_MIME_VERSION,
	SIP_HDR_ORGANIZATION,
	SIP_HDR_PRIORITY,
	SIP_HDR_IN_REPLY_TO,
	SIP_HDR_REPLY_TO,
	SIP_HDR_ERROR_INFO,
	SIP_HDR_ALERT_INFO,
	SIP_HDR_CALL_INFO,
	SIP_HDR_ACCEPT_CONTACT,
	SIP_HDR_REJECT_CONTACT,
	SIP_HDR_REQUEST_DISPOSITION,
	SIP_HDR_RESOURCE_PRIORITY,
	SIP_HDR_ACCEPT_RESOURCE_PRIORITY,
	SIP_HDR_REFER_SUB,
	SIP_HDR_GEOLOCATION,
	SIP_HDR_GEOLOCATION_ROUTING,
	SIP_HDR_GEOLOCATION_ERROR,
	SIP_HDR_USER_TO_USER,
	SIP_HDR_TARGET_DIALOG,
	SIP_HDR_INFO_PACKAGE,
	SIP_HDR_RECV_INFO,
	SIP_HDR_COUNT
};

enum {
	SIP_HDR_RAW = 1 << 0, /* name..line_n is a whole line of the received bytes */
	SIP_HDR_FOLDED = 1 << 1, /* the value holds line folds */
};

struct sip_hdr {
	const char *name; /* RAW: the start of the line */
	const char *value; /* without surrounding white space */
	uint32_t value_n;
	uint32_t line_n; /* RAW: up to and with the line end, folds and all */
	uint16_t name_n;
	uint8_t id; /* enum sip_hdr_id */
	uint8_t flags;
	uint16_t next; /* slot + 1 of the next field of this id, 0: none */
};

/* Where and why a message is bad.  Texts are static. */
struct sip_err {
	const char *why; /* "port is not a number" */
	const char *header; /* "Via", "" for the start line and the framing */
	const char *rfc; /* "RFC 3261 s20.42" or NULL */
	size_t offset; /* in the message's bytes */
	uint16_t status; /* what to answer: 400, 416, 505, 513...; 0: drop */
};

#define SIP_HDR_LIMIT 512 /* header fields a message may have */

struct sip_msg {
	struct str raw; /* the received bytes; empty for a built message */
	struct str body;
	struct str uri; /* Request-URI; empty in a response */
	struct str method_name; /* of the request line; of CSeq in a response */
	struct str reason;
	uint16_t status; /* 0: a request */
	uint8_t method; /* enum sip_method */
	uint16_t n_hdr, cap_hdr;
	struct sip_hdr *hdr; /* in the arena */
	uint16_t first[SIP_HDR_COUNT]; /* slot + 1 of the first of each id, 0: none */
	struct arena *arena; /* for the index and for edits */
	bool failed; /* an edit found no memory or a bad name: it can't be printed */
};

static inline bool sip_is_request(const struct sip_msg *m)
{
	return m->status == 0;
}

/* Indexes a whole message (a datagram, or what the framer cut).  Lone CR or LF as
 * line ends are taken, leading CRLFs are skipped.  The body is Content-Length bytes
 * (of a datagram: what follows is ignored, RFC 3261 s18.3; without the field: all).
 * On false as much as could be read is in *ret all the same (n_hdr may be 0), so that
 * an answer can be built; *err says what is wrong (after a status line that can't be read,
 * ret->status is 999: it is no request).  ret->raw ends with the body.  Bad values of
 * structured headers are not its business: see sip_check(). */
bool sip_parse(struct str bytes, struct arena *arena, struct sip_msg *ret, struct sip_err *err);

/* ---- reading ---- */

static inline struct str sip_hdr_value(const struct sip_hdr *h)
{
	return str_of(h->value, h->value_n);
}

static inline struct str sip_hdr_name(const struct sip_hdr *h)
{
	return str_of(h->name, h->name_n);
}

static inline bool sip_has(const struct sip_msg *m, enum sip_hdr_id id)
{
	return m->first[id] != 0;
}

/* The first field's value; p is NULL when there is none. */
static inline struct str sip_get(const struct sip_msg *m, enum sip_hdr_id id)
{
	return m->first[id] ? sip_hdr_value(&m->hdr[m->first[id] - 1]) : STR_NONE;
}

/* Slot of the next field of that id at or after `from`, or -1.  At once when from is 0 or
 * the slot behind one of that id. */
int sip_find(const struct sip_msg *m, enum sip_hdr_id id, unsigned from);
/* Fields of that id (lines, not values). */
unsigned sip_count(const struct sip_msg *m, enum sip_hdr_id id);
/* By name, for what has no id; without case.  Slot or -1. */
int sip_find_name(const struct sip_msg *m, struct str name, unsigned from);

/* The values of a header across commas and lines (RFC 3261 s7.3.1), quotes, angle
 * brackets and comments respected:  struct sip_values v = sip_values(m, SIP_HDR_ROUTE);
 * while (sip_values_next(&v, &value)) ... */
struct sip_values {
	const struct sip_msg *msg;
	enum sip_hdr_id id;
	int slot; /* of the value last given; -1 before the first */
	struct str rest;
};
struct sip_values sip_values(const struct sip_msg *m, enum sip_hdr_id id);
bool sip_values_next(struct sip_values *v, struct str *ret);
/* Cuts the next value off a comma list. */
bool sip_list_next(struct str *rest, struct str *ret);
/* Is the token among a header's values, without case (Supported, Require, Allow)? */
bool sip_has_token(const struct sip_msg *m, enum sip_hdr_id id, struct str token);
/* The methods that a header lists (Allow): bit 1u << method of each, that of SIP_METHOD_OTHER
 * for all that we do not know. */
uint32_t sip_methods(const struct sip_msg *m, enum sip_hdr_id id);

enum sip_method sip_method_of(struct str name); /* by case, RFC 3261 s7.1 */
struct str sip_method_name(enum sip_method method);
enum sip_hdr_id sip_hdr_id_of(struct str name); /* long or compact, without case */
struct str sip_hdr_id_name(enum sip_hdr_id id); /* "Record-Route" */
struct str sip_reason_of(unsigned status); /* "Not Found"; never empty */

/* ---- building and editing ----
 * Texts given are borrowed until the message is printed (arena_str/arena_fmt help).
 * An edit that fails (no memory, a name that is no token) returns false and sets
 * m->failed: then sip_print() fails too, so a builder need check only once. */

/* An empty request or response. */
void sip_request_init(struct sip_msg *m, struct arena *arena, struct str method, struct str uri);
void sip_response_init(struct sip_msg *m, struct arena *arena, unsigned status, struct str reason);
/* A message that starts as a copy of the index of `from` (which must outlive it). */
bool sip_derive(const struct sip_msg *from, struct arena *arena, struct sip_msg *ret);

bool sip_add(struct sip_msg *m, enum sip_hdr_id id, struct str value);
bool sip_add_named(struct sip_msg *m, struct str name, struct str value);
/* Formats the value into the arena. */
bool sip_addf(struct sip_msg *m, enum sip_hdr_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Copies a field of another message (a borrowed span). */
bool sip_copy_hdr(struct sip_msg *m, const struct sip_hdr *h);
/* All fields of that id. */
bool sip_copy_all(struct sip_msg *m, const struct sip_msg *from, enum sip_hdr_id id);
/* Before slot `at`. */
bool sip_insert(struct sip_msg *m, unsigned at, enum sip_hdr_id id, struct str value);
/* Before the first field of that id, or at the top when there is none. */
bool sip_prepend(struct sip_msg *m, enum sip_hdr_id id, struct str value);
void sip_remove(struct sip_msg *m, unsigned slot);
void sip_remove_all(struct sip_msg *m, enum sip_hdr_id id);
/* Replaces the value of a slot. */
bool sip_set_value(struct sip_msg *m, unsigned slot, struct str value);
/* Replaces the first field of that id and removes others, or adds it. */
bool sip_set(struct sip_msg *m, enum sip_hdr_id id, struct str value);
/* Takes the first value of a comma list off a header (Route, Via): the rest of the
 * line stays; an emptied line goes. */
bool sip_pop_value(struct sip_msg *m, enum sip_hdr_id id);
/* The same with the last value of all. */
bool sip_drop_last_value(struct sip_msg *m, enum sip_hdr_id id);
/* Body and Content-Type together; empty type and body take both away.  Content-Encoding
 * goes, for it told of the old body. */
bool sip_set_body(struct sip_msg *m, struct str content_type, struct str body);

/* Prints; Content-Length is always there, once and right.  False, and b->failed, when b
 * is full, an edit had failed, or a composed text would bring a line of its own in: a
 * Request-URI with a control or space, a reason or value with a line end that is no fold
 * (a fold becomes a space). */
bool sip_print(const struct sip_msg *m, struct buf *b);

/* A response to req by RFC 3261 s8.2.6.2: Via, From, To, Call-ID and CSeq copied, to_tag
 * added to To when it has none and to_tag is not empty, Timestamp for 100,
 * Record-Route for 101-299 of INVITE and other dialog-forming requests.
 * Reason empty: the usual one. */
bool sip_response(const struct sip_msg *req, struct arena *arena, unsigned status,
		  struct str reason, struct str to_tag, struct sip_msg *ret);

#endif
