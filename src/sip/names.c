/* The names of header fields, methods and reasons (RFC 3261 s7.3.3, s20, s21 and the
 * extensions that are named beside them in the IANA registry). */
#include "sip/names.h"

#define ROW(text, lower)                                                                           \
	{                                                                                          \
		STR_INIT(text), lower                                                              \
	}

const struct hdr_name sip_names[SIP_HDR_COUNT] = {
	[SIP_HDR_OTHER] = ROW("", ""),
	[SIP_HDR_VIA] = ROW("Via", "via"),
	[SIP_HDR_FROM] = ROW("From", "from"),
	[SIP_HDR_TO] = ROW("To", "to"),
	[SIP_HDR_CALL_ID] = ROW("Call-ID", "call-id"),
	[SIP_HDR_CSEQ] = ROW("CSeq", "cseq"),
	[SIP_HDR_MAX_FORWARDS] = ROW("Max-Forwards", "max-forwards"),
	[SIP_HDR_CONTACT] = ROW("Contact", "contact"),
	[SIP_HDR_ROUTE] = ROW("Route", "route"),
	[SIP_HDR_RECORD_ROUTE] = ROW("Record-Route", "record-route"),
	[SIP_HDR_CONTENT_LENGTH] = ROW("Content-Length", "content-length"),
	[SIP_HDR_CONTENT_TYPE] = ROW("Content-Type", "content-type"),
	[SIP_HDR_CONTENT_ENCODING] = ROW("Content-Encoding", "content-encoding"),
	[SIP_HDR_CONTENT_DISPOSITION] = ROW("Content-Disposition", "content-disposition"),
	[SIP_HDR_CONTENT_LANGUAGE] = ROW("Content-Language", "content-language"),
	[SIP_HDR_EXPIRES] = ROW("Expires", "expires"),
	[SIP_HDR_MIN_EXPIRES] = ROW("Min-Expires", "min-expires"),
	[SIP_HDR_AUTHORIZATION] = ROW("Authorization", "authorization"),
	[SIP_HDR_PROXY_AUTHORIZATION] = ROW("Proxy-Authorization", "proxy-authorization"),
	[SIP_HDR_WWW_AUTHENTICATE] = ROW("WWW-Authenticate", "www-authenticate"),
	[SIP_HDR_PROXY_AUTHENTICATE] = ROW("Proxy-Authenticate", "proxy-authenticate"),
	[SIP_HDR_AUTHENTICATION_INFO] = ROW("Authentication-Info", "authentication-info"),
	[SIP_HDR_REQUIRE] = ROW("Require", "require"),
	[SIP_HDR_PROXY_REQUIRE] = ROW("Proxy-Require", "proxy-require"),
	[SIP_HDR_SUPPORTED] = ROW("Supported", "supported"),
	[SIP_HDR_UNSUPPORTED] = ROW("Unsupported", "unsupported"),
	[SIP_HDR_ALLOW] = ROW("Allow", "allow"),
	[SIP_HDR_ALLOW_EVENTS] = ROW("Allow-Events", "allow-events"),
	[SIP_HDR_ACCEPT] = ROW("Accept", "accept"),
	[SIP_HDR_ACCEPT_ENCODING] = ROW("Accept-Encoding", "accept-encoding"),
	[SIP_HDR_ACCEPT_LANGUAGE] = ROW("Accept-Language", "accept-language"),
	[SIP_HDR_USER_AGENT] = ROW("User-Agent", "user-agent"),
	[SIP_HDR_SERVER] = ROW("Server", "server"),
	[SIP_HDR_DATE] = ROW("Date", "date"),
	[SIP_HDR_SUBJECT] = ROW("Subject", "subject"),
	[SIP_HDR_RETRY_AFTER] = ROW("Retry-After", "retry-after"),
	[SIP_HDR_WARNING] = ROW("Warning", "warning"),
	[SIP_HDR_TIMESTAMP] = ROW("Timestamp", "timestamp"),
	[SIP_HDR_PATH] = ROW("Path", "path"),
	[SIP_HDR_SERVICE_ROUTE] = ROW("Service-Route", "service-route"),
	[SIP_HDR_EVENT] = ROW("Event", "event"),
	[SIP_HDR_SUBSCRIPTION_STATE] = ROW("Subscription-State", "subscription-state"),
	[SIP_HDR_REFER_TO] = ROW("Refer-To", "refer-to"),
	[SIP_HDR_REFERRED_BY] = ROW("Referred-By", "referred-by"),
	[SIP_HDR_REPLACES] = ROW("Replaces", "replaces"),
	[SIP_HDR_JOIN] = ROW("Join", "join"),
	[SIP_HDR_RSEQ] = ROW("RSeq", "rseq"),
	[SIP_HDR_RACK] = ROW("RAck", "rack"),
	[SIP_HDR_SESSION_EXPIRES] = ROW("Session-Expires", "session-expires"),
	[SIP_HDR_MIN_SE] = ROW("Min-SE", "min-se"),
	[SIP_HDR_REASON] = ROW("Reason", "reason"),
	[SIP_HDR_P_ASSERTED_IDENTITY] = ROW("P-Asserted-Identity", "p-asserted-identity"),
	[SIP_HDR_P_PREFERRED_IDENTITY] = ROW("P-Preferred-Identity", "p-preferred-identity"),
	[SIP_HDR_PRIVACY] = ROW("Privacy", "privacy"),
	[SIP_HDR_MAX_BREADTH] = ROW("Max-Breadth", "max-breadth"),
	[SIP_HDR_SIP_ETAG] = ROW("SIP-ETag", "sip-etag"),
	[SIP_HDR_SIP_IF_MATCH] = ROW("SIP-If-Match", "sip-if-match"),
	[SIP_HDR_IDENTITY] = ROW("Identity", "identity"),
	[SIP_HDR_HISTORY_INFO] = ROW("History-Info", "history-info"),
	[SIP_HDR_DIVERSION] = ROW("Diversion", "diversion"),
	[SIP_HDR_FLOW_TIMER] = ROW("Flow-Timer", "flow-timer"),
	[SIP_HDR_MIME_VERSION] = ROW("MIME-Version", "mime-version"),
	[SIP_HDR_ORGANIZATION] = ROW("Organization", "organization"),
	[SIP_HDR_PRIORITY] = ROW("Priority", "priority"),
	[SIP_HDR_IN_REPLY_TO] = ROW("In-Reply-To", "in-reply-to"),
	[SIP_HDR_REPLY_TO] = ROW("Reply-To", "reply-to"),
	[SIP_HDR_ERROR_INFO] = ROW("Error-Info", "error-info"),
	[SIP_HDR_ALERT_INFO] = ROW("Alert-Info", "alert-info"),
	[SIP_HDR_CALL_INFO] = ROW("Call-Info", "call-info"),
	[SIP_HDR_ACCEPT_CONTACT] = ROW("Accept-Contact", "accept-contact"),
	[SIP_HDR_REJECT_CONTACT] = ROW("Reject-Contact", "reject-contact"),
	[SIP_HDR_REQUEST_DISPOSITION] = ROW("Request-Disposition", "request-disposition"),
	[SIP_HDR_RESOURCE_PRIORITY] = ROW("Resource-Priority", "resource-priority"),
	[SIP_HDR_ACCEPT_RESOURCE_PRIORITY] =
		ROW("Accept-Resource-Priority", "accept-resource-priority"),
	[SIP_HDR_REFER_SUB] = ROW("Refer-Sub", "refer-sub"),
	[SIP_HDR_GEOLOCATION] = ROW("Geolocation", "geolocation"),
	[SIP_HDR_GEOLOCATION_ROUTING] = ROW("Geolocation-Routing", "geolocation-routing"),
	[SIP_HDR_GEOLOCATION_ERROR] = ROW("Geolocation-Error", "geolocation-error"),
	[SIP_HDR_USER_TO_USER] = ROW("User-to-User", "user-to-user"),
	[SIP_HDR_TARGET_DIALOG] = ROW("Target-Dialog", "target-dialog"),
	[SIP_HDR_INFO_PACKAGE] = ROW("Info-Package", "info-package"),
	[SIP_HDR_RECV_INFO] = ROW("Recv-Info", "recv-info"),
};

/* Slot of hash_name() -> enum sip_hdr_id.  The multipliers there were searched so that no
 * two names share a slot; the unit test looks every name up. */
const uint8_t sip_name_slots[256] = {
	5,  72, 0,  50, 0,  0,  0, 0,  47, 12, 0,  15, 0,  0,  0,  0,  0,  51, 0,  0,  0,  29,
	54, 0,  0,  0,  23, 81, 0, 24, 0,  0,  0,  64, 0,  38, 30, 0,  0,  36, 0,  0,  0,  76,
	25, 0,  0,  45, 34, 0,  0, 66, 0,  42, 0,  0,  0,  0,  0,  40, 0,  0,  21, 73, 74, 57,
	22, 0,  0,  41, 52, 0,  0, 0,  0,  0,  0,  0,  0,  63, 0,  0,  0,  0,  14, 0,  0,  0,
	0,  0,  0,  0,  0,  13, 0, 0,  67, 35, 26, 0,  44, 0,  0,  0,  75, 0,  0,  0,  10, 0,
	0,  19, 80, 0,  0,  53, 0, 46, 6,  0,  0,  32, 2,  0,  0,  0,  0,  56, 0,  0,  0,  0,
	0,  0,  0,  0,  0,  43, 0, 0,  0,  7,  0,  0,  0,  0,  48, 0,  0,  0,  0,  0,  0,  0,
	0,  68, 0,  0,  0,  0,  0, 0,  0,  20, 0,  0,  78, 0,  0,  0,  31, 79, 0,  0,  0,  0,
	60, 0,  61, 0,  0,  0,  0, 0,  0,  4,  0,  0,  0,  71, 0,  59, 0,  58, 0,  28, 0,  49,
	0,  70, 0,  0,  0,  0,  0, 17, 0,  11, 18, 0,  0,  0,  0,  0,  9,  0,  55, 0,  0,  27,
	0,  0,  0,  0,  16, 37, 0, 0,  0,  8,  0,  0,  0,  0,  0,  0,  77, 0,  65, 0,  0,  0,
	0,  0,  0,  69, 39, 33, 0, 0,  0,  0,  0,  0,  0,  62,
};

/* Compact forms: RFC 3261 s7.3.3; o u RFC 6665; r RFC 3515; b RFC 3892; x RFC 4028;
 * y RFC 8224; a d j RFC 3841. */
static const uint8_t compact[26] = {
	['a' - 'a'] = SIP_HDR_ACCEPT_CONTACT,
	['b' - 'a'] = SIP_HDR_REFERRED_BY,
	['c' - 'a'] = SIP_HDR_CONTENT_TYPE,
	['d' - 'a'] = SIP_HDR_REQUEST_DISPOSITION,
	['e' - 'a'] = SIP_HDR_CONTENT_ENCODING,
	['f' - 'a'] = SIP_HDR_FROM,
	['i' - 'a'] = SIP_HDR_CALL_ID,
	['j' - 'a'] = SIP_HDR_REJECT_CONTACT,
	['k' - 'a'] = SIP_HDR_SUPPORTED,
	['l' - 'a'] = SIP_HDR_CONTENT_LENGTH,
	['m' - 'a'] = SIP_HDR_CONTACT,
	['o' - 'a'] = SIP_HDR_EVENT,
	['r' - 'a'] = SIP_HDR_REFER_TO,
	['s' - 'a'] = SIP_HDR_SUBJECT,
	['t' - 'a'] = SIP_HDR_TO,
	['u' - 'a'] = SIP_HDR_ALLOW_EVENTS,
	['v' - 'a'] = SIP_HDR_VIA,
	['x' - 'a'] = SIP_HDR_SESSION_EXPIRES,
	['y' - 'a'] = SIP_HDR_IDENTITY,
};

enum sip_hdr_id sip_short_name(struct str name)
{
	unsigned letter;

	if (!name.n)
		return SIP_HDR_OTHER;
	letter = ((unsigned char)name.p[0] | 0x20u) - 'a';
	if (name.n == 1)
		return letter < 26 ? (enum sip_hdr_id)compact[letter] : SIP_HDR_OTHER;
	if (name.n == 3)
		return LEX_IS(name, "via") ? SIP_HDR_VIA : SIP_HDR_OTHER;
	return letter == 't' - 'a' && (name.p[1] | 0x20) == 'o' ? SIP_HDR_TO : SIP_HDR_OTHER;
}

enum sip_hdr_id sip_hdr_id_of(struct str name)
{
	return sip_name_id(name);
}

struct str sip_hdr_id_name(enum sip_hdr_id id)
{
	return (unsigned)id < SIP_HDR_COUNT ? sip_names[id].name : STR("");
}

static const struct str methods[SIP_METHOD_COUNT] = {
	[SIP_METHOD_OTHER] = STR_INIT(""),
	[SIP_INVITE] = STR_INIT("INVITE"),
	[SIP_ACK] = STR_INIT("ACK"),
	[SIP_BYE] = STR_INIT("BYE"),
	[SIP_CANCEL] = STR_INIT("CANCEL"),
	[SIP_REGISTER] = STR_INIT("REGISTER"),
	[SIP_OPTIONS] = STR_INIT("OPTIONS"),
	[SIP_MESSAGE] = STR_INIT("MESSAGE"),
	[SIP_SUBSCRIBE] = STR_INIT("SUBSCRIBE"),
	[SIP_NOTIFY] = STR_INIT("NOTIFY"),
	[SIP_PUBLISH] = STR_INIT("PUBLISH"),
	[SIP_REFER] = STR_INIT("REFER"),
	[SIP_INFO] = STR_INIT("INFO"),
	[SIP_PRACK] = STR_INIT("PRACK"),
	[SIP_UPDATE] = STR_INIT("UPDATE"),
};

/* No two methods share a slot. */
#define METHOD_SLOT(first, n) (((unsigned char)(first) + 11u * (unsigned)(n)) % 32)

static const uint8_t method_slots[32] = {
	[METHOD_SLOT('I', 6)] = SIP_INVITE,   [METHOD_SLOT('A', 3)] = SIP_ACK,
	[METHOD_SLOT('B', 3)] = SIP_BYE,      [METHOD_SLOT('C', 6)] = SIP_CANCEL,
	[METHOD_SLOT('R', 8)] = SIP_REGISTER, [METHOD_SLOT('O', 7)] = SIP_OPTIONS,
	[METHOD_SLOT('M', 7)] = SIP_MESSAGE,  [METHOD_SLOT('S', 9)] = SIP_SUBSCRIBE,
	[METHOD_SLOT('N', 6)] = SIP_NOTIFY,   [METHOD_SLOT('P', 7)] = SIP_PUBLISH,
	[METHOD_SLOT('R', 5)] = SIP_REFER,    [METHOD_SLOT('I', 4)] = SIP_INFO,
	[METHOD_SLOT('P', 5)] = SIP_PRACK,    [METHOD_SLOT('U', 6)] = SIP_UPDATE,
};

enum sip_method sip_method_of(struct str name)
{
	unsigned id = name.n ? method_slots[METHOD_SLOT(name.p[0], name.n)] : SIP_METHOD_OTHER;

	return methods[id].n == name.n && lex_same(name.p, methods[id].p, name.n)
		       ? (enum sip_method)id
		       : SIP_METHOD_OTHER;
}

struct str sip_method_name(enum sip_method method)
{
	return (unsigned)method < SIP_METHOD_COUNT ? methods[method] : STR("");
}

struct reason {
	uint16_t status;
	struct str text;
};

/* RFC 3261 s21 and the extensions' own. */
static const struct reason reasons[] = {
	{100, STR_INIT("Trying")},
	{180, STR_INIT("Ringing")},
	{181, STR_INIT("Call Is Being Forwarded")},
	{182, STR_INIT("Queued")},
	{183, STR_INIT("Session Progress")},
	{199, STR_INIT("Early Dialog Terminated")},
	{200, STR_INIT("OK")},
	{202, STR_INIT("Accepted")},
	{204, STR_INIT("No Notification")},
	{300, STR_INIT("Multiple Choices")},
	{301, STR_INIT("Moved Permanently")},
	{302, STR_INIT("Moved Temporarily")},
	{305, STR_INIT("Use Proxy")},
	{380, STR_INIT("Alternative Service")},
	{400, STR_INIT("Bad Request")},
	{401, STR_INIT("Unauthorized")},
	{402, STR_INIT("Payment Required")},
	{403, STR_INIT("Forbidden")},
	{404, STR_INIT("Not Found")},
	{405, STR_INIT("Method Not Allowed")},
	{406, STR_INIT("Not Acceptable")},
	{407, STR_INIT("Proxy Authentication Required")},
	{408, STR_INIT("Request Timeout")},
	{410, STR_INIT("Gone")},
	{412, STR_INIT("Conditional Request Failed")},
	{413, STR_INIT("Request Entity Too Large")},
	{414, STR_INIT("Request-URI Too Long")},
	{415, STR_INIT("Unsupported Media Type")},
	{416, STR_INIT("Unsupported URI Scheme")},
	{417, STR_INIT("Unknown Resource-Priority")},
	{420, STR_INIT("Bad Extension")},
	{421, STR_INIT("Extension Required")},
	{422, STR_INIT("Session Interval Too Small")},
	{423, STR_INIT("Interval Too Brief")},
	{428, STR_INIT("Use Identity Header")},
	{429, STR_INIT("Provide Referrer Identity")},
	{430, STR_INIT("Flow Failed")},
	{433, STR_INIT("Anonymity Disallowed")},
	{436, STR_INIT("Bad Identity Info")},
	{437, STR_INIT("Unsupported Credential")},
	{438, STR_INIT("Invalid Identity Header")},
	{439, STR_INIT("First Hop Lacks Outbound Support")},
	{440, STR_INIT("Max-Breadth Exceeded")},
	{469, STR_INIT("Bad Info Package")},
	{480, STR_INIT("Temporarily Unavailable")},
	{481, STR_INIT("Call/Transaction Does Not Exist")},
	{482, STR_INIT("Loop Detected")},
	{483, STR_INIT("Too Many Hops")},
	{484, STR_INIT("Address Incomplete")},
	{485, STR_INIT("Ambiguous")},
	{486, STR_INIT("Busy Here")},
	{487, STR_INIT("Request Terminated")},
	{488, STR_INIT("Not Acceptable Here")},
	{489, STR_INIT("Bad Event")},
	{491, STR_INIT("Request Pending")},
	{493, STR_INIT("Undecipherable")},
	{494, STR_INIT("Security Agreement Required")},
	{500, STR_INIT("Server Internal Error")},
	{501, STR_INIT("Not Implemented")},
	{502, STR_INIT("Bad Gateway")},
	{503, STR_INIT("Service Unavailable")},
	{504, STR_INIT("Server Time-out")},
	{505, STR_INIT("Version Not Supported")},
	{513, STR_INIT("Message Too Large")},
	{580, STR_INIT("Precondition Failure")},
	{600, STR_INIT("Busy Everywhere")},
	{603, STR_INIT("Decline")},
	{604, STR_INIT("Does Not Exist Anywhere")},
	{606, STR_INIT("Not Acceptable")},
	{607, STR_INIT("Unwanted")},
	{608, STR_INIT("Rejected")},
};

/* What a class says of its unknown members (RFC 3261 s8.1.3.2). */
static const struct str class_reasons[] = {
	STR_INIT("Progress"),       STR_INIT("Success"),        STR_INIT("Redirection"),
	STR_INIT("Client Failure"), STR_INIT("Server Failure"), STR_INIT("Global Failure"),
};

struct str sip_reason_of(unsigned status)
{
	size_t low = 0, high = sizeof(reasons) / sizeof(reasons[0]), mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (reasons[mid].status == status)
			return reasons[mid].text;
		if (reasons[mid].status < status)
			low = mid + 1;
		else
			high = mid;
	}
	return status >= 100 && status < 700 ? class_reasons[status / 100 - 1] : STR("Unknown");
}
