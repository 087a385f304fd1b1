/* tsuwa/call.h: what the dialog of a call tells, and what is told on */
#include <errno.h>

#include "lib/call.h"
#include "sip/content.h"

#define TELL(c, event, ...)                                                                        \
	do {                                                                                       \
		if ((c)->events.event)                                                             \
			(c)->events.event((c)->ctx, (c), ##__VA_ARGS__);                           \
	} while (0)

bool lib_call_tell_session(struct tsuwa_call *c, enum tsuwa_session_event event, const char *text)
{
	lib_call_enter(c);
	TELL(c, on_session, event, text ? text : "");
	return lib_call_leave(c);
}

void lib_call_tell_media(struct tsuwa_call *c, enum tsuwa_media_event event)
{
	lib_call_enter(c);
	TELL(c, on_media, event);
	lib_call_leave(c);
}

void lib_call_tell_digit(struct tsuwa_call *c, int digit)
{
	lib_call_enter(c);
	TELL(c, on_digit, (char)digit);
	lib_call_leave(c);
}

/* ---- the answer to our INVITE ---- */

static void on_progress(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct tsuwa_call *c = ctx;
	bool early = !str_empty(sdp) && talk_accept(&c->talk, sdp) == 0;

	if (early)
		lib_call_start_audio(c);
	lib_call_enter(c);
	TELL(c, on_progress, rx->msg.status, lib_out(rx->msg.reason), early);
	lib_call_leave(c);
}

static void keep_reason(struct tsuwa_call *c, const struct sip_rx *rx)
{
	str_to_c(rx->msg.reason, c->reason, sizeof(c->reason));
}

static void on_answered(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct tsuwa_call *c = ctx;

	c->status = rx->msg.status;
	keep_reason(c, rx);
	if (!str_empty(sdp) && talk_accept(&c->talk, sdp) != 0)
		memset(&c->talk.agreed, 0, sizeof(c->talk.agreed));
	lib_call_enter(c);
	if (c->talk.agreed.active) {
		c->up = true;
		lib_call_start_audio(c);
		TELL(c, on_answered);
	} else {
		TELL(c, on_session, TSUWA_SESSION_UNUSABLE,
		     "answered, but its description can't be lived with");
		tsuwa_call_hangup(c);
	}
	lib_call_leave(c);
}

/* RFC 3261 s8.1.3.4: the contact of a 3xx with the highest q; the first of equals. */
static bool best_contact(const struct sip_rx *rx, struct str *ret)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	struct sip_nameaddr c;
	struct str one;
	uint32_t q, best = 0;
	bool found = false;

	while (sip_values_next(&v, &one)) {
		if (!sip_nameaddr_parse(one, &c, NULL) || c.star ||
		    c.uri.scheme == SIP_SCHEME_OTHER || !sip_contact_q(&c, &q) ||
		    (found && q <= best))
			continue;
		best = q;
		*ret = c.uri_text;
		found = true;
	}
	return found;
}

/* True when the call goes on elsewhere (or was freed). */
static bool redirected(struct tsuwa_call *c, const struct dlg_end *end)
{
	struct str uri;

	if (c->incoming || end->cause != DLG_REFUSED || end->status / 100 != 3 || !end->rx ||
	    c->redirects == 0 || c->hung_up || !best_contact(end->rx, &uri))
		return false;
	c->redirects--;
	lib_call_enter(c);
	TELL(c, on_redirected, lib_out(uri));
	if (!lib_call_leave(c))
		return true;
	return !c->hung_up && lib_call_place(c, uri) == 0;
}

/* ---- the end ---- */

static enum tsuwa_cause cause_out(enum dlg_cause cause)
{
	switch (cause) {
	case DLG_HUNG_UP:
		return TSUWA_HUNG_UP;
	case DLG_PEER_BYE:
		return TSUWA_PEER_HUNG_UP;
	case DLG_CANCELED:
		return TSUWA_CANCELED;
	case DLG_REFUSED:
		return TSUWA_REFUSED;
	case DLG_TIMED_OUT:
		return TSUWA_TIMED_OUT;
	case DLG_FAILED:
		return TSUWA_FAILED;
	case DLG_BROKEN:
		break;
	}
	return TSUWA_BROKEN;
}

static void keep_end(struct tsuwa_call *c, const struct dlg_end *end)
{
	if (end->status)
		c->status = end->status;
	if (end->rx && end->status && !sip_is_request(&end->rx->msg)) {
		keep_reason(c, end->rx);
		str_to_c(sip_get(&end->rx->msg, SIP_HDR_WARNING), c->warning, sizeof(c->warning));
	} else if (end->status) {
		str_to_c(sip_reason_of(end->status), c->reason, sizeof(c->reason));
	}
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct tsuwa_call *c = ctx;
	struct tsuwa_message view;
	struct tsuwa_call_end told = {.cause = cause_out(end->cause), .err = end->err};

	c->session = NULL;
	if (redirected(c, end))
		return;
	c->over = true;
	keep_end(c, end);
	lib_call_close_audio(c);
	told.was_up = c->up;
	told.status = c->status;
	told.reason = lib_out(str_c(c->reason));
	told.warning = lib_out(str_c(c->warning));
	if (end->rx) {
		view = lib_message_view(&end->rx->msg);
		told.message = &view;
	}
	lib_call_enter(c);
	TELL(c, on_ended, &told);
	lib_call_leave(c);
}

/* ---- within the dialog ---- */

static unsigned on_offer(void *ctx, struct str sdp, struct buf *ret)
{
	struct tsuwa_call *c = ctx;
	const char *text = NULL;
	unsigned status = lib_call_open_audio(c) ? 500 : talk_answer(&c->talk, sdp, ret, &text);

	if (status == 200)
		lib_call_start_audio(c);
	if (c->up && status == 200)
		lib_call_tell_session(c, TSUWA_SESSION_CHANGED_BY_PEER, NULL);
	else if (status != 200)
		lib_call_tell_session(c, TSUWA_SESSION_OFFER_REFUSED, text);
	return status;
}

static unsigned on_want_offer(void *ctx, struct buf *ret)
{
	struct tsuwa_call *c = ctx;

	return lib_call_open_audio(c) || talk_offer(&c->talk, ret) ? 500 : 200;
}

static bool on_answer(void *ctx, struct str sdp)
{
	struct tsuwa_call *c = ctx;
	bool changed = c->changing;

	c->changing = false;
	if (talk_accept(&c->talk, sdp) != 0)
		return false;
	lib_call_start_audio(c);
	if (changed)
		lib_call_tell_session(c, TSUWA_SESSION_CHANGED, NULL);
	return true;
}

static void on_reoffer_refused(void *ctx, unsigned status)
{
	struct tsuwa_call *c = ctx;
	char room[64];
	struct buf text = buf_over(room, sizeof(room));

	if (!c->changing)
		return;
	c->changing = false;
	c->talk.local.dir = c->was_dir;
	buf_fmt(&text, "%u %.*s", status, STR_ARG(sip_reason_of(status)));
	lib_call_tell_session(c, TSUWA_SESSION_KEPT, buf_c(&text));
}

/* A digit by INFO (application/dtmf-relay), as some gateways send it. */
static bool info_digit(const struct sip_msg *m, char *ret)
{
	struct str rest = m->body;

	if (m->method != SIP_INFO ||
	    !sip_media_type_is(sip_get(m, SIP_HDR_CONTENT_TYPE), STR("application/dtmf-relay")))
		return false;
	while (!str_empty(rest)) {
		struct str value = str_split(&rest, '\n'), name = str_split(&value, '=');

		value = str_trim(value);
		if (str_ieq(str_trim(name), STR("Signal")) && value.n == 1) {
			*ret = value.p[0];
			return true;
		}
	}
	return false;
}

static unsigned on_request(void *ctx, const struct sip_rx *rx)
{
	struct tsuwa_call *c = ctx;
	struct tsuwa_message view = lib_message_view(&rx->msg);
	char digit;

	lib_call_enter(c);
	if (info_digit(&rx->msg, &digit)) {
		if (digit > ' ' && digit < 127)
			TELL(c, on_digit, digit);
	} else if (rx->msg.method == SIP_MESSAGE || rx->msg.method == SIP_INFO) {
		TELL(c, on_message, &view);
	}
	lib_call_leave(c);
	return 200;
}

const struct dlg_session_user lib_call_user = {
	.on_progress = on_progress,
	.on_answered = on_answered,
	.on_offer = on_offer,
	.on_want_offer = on_want_offer,
	.on_answer = on_answer,
	.on_reoffer_refused = on_reoffer_refused,
	.on_request = on_request,
	.on_ended = on_ended,
};
