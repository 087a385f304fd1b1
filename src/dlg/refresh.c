/* Session timers (RFC 4028): a call whose peer has vanished ends.  This side asks for none by
 * itself; it honours what the peer or a proxy asks for, as either refresher. */
#include <errno.h>

#include "base/scan.h"
#include "dlg/session_impl.h"
#include "sip/params.h"

/* Session-Expires = delta-seconds *(SEMI se-params)                      s4 */
static bool parse(const struct sip_msg *m, uint32_t *ret_s, struct str *ret_refresher)
{
	struct str v = sip_get(m, SIP_HDR_SESSION_EXPIRES), rest = v;

	if (str_empty(v) || !str_to_u32(str_trim(str_split(&rest, ';')), ret_s) || *ret_s == 0)
		return false;
	if (!sip_param_get(rest, STR("refresher"), ret_refresher))
		*ret_refresher = STR_NONE;
	return true;
}

void refresh_stop(struct dlg_session *s)
{
	io_timer_cancel(session_io(s), &s->refresh.at);
	s->refresh.interval_s = 0;
}

/* s10: the refresher acts at half of the interval; the end comes a little before it. */
static void arm(struct dlg_session *s)
{
	uint64_t interval_ms = (uint64_t)s->refresh.interval_s * 1000;
	uint64_t margin_ms = interval_ms / 3 < 32000 ? interval_ms / 3 : 32000;

	s->refresh.expires_ms = session_io(s)->now_ms + interval_ms - margin_ms;
	io_timer(session_io(s), &s->refresh.at,
		 s->refresh.ours ? interval_ms / 2 : interval_ms - margin_ms);
}

bool refresh_asked(struct dlg_session *s, const struct sip_rx *rx)
{
	bool knows = sip_has_token(&rx->msg, SIP_HDR_SUPPORTED, STR("timer")) ||
		     sip_has_token(&rx->msg, SIP_HDR_REQUIRE, STR("timer"));
	struct str refresher;
	uint32_t interval_s;

	if (!parse(&rx->msg, &interval_s, &refresher)) {
		refresh_stop(s); /* s9: without the field there is no timer any more */
		return true;
	}
	if (interval_s < DLG_MIN_SE_S && knows)
		return false;
	if (interval_s < DLG_MIN_SE_S)
		interval_s = DLG_MIN_SE_S;
	s->refresh.interval_s = interval_s;
	s->refresh.ours = !knows || str_ieq(refresher, STR("uas")); /* s9, table 2 */
	if (s->state == DLG_UP)
		arm(s);
	return true;
}

void refresh_start_called(struct dlg_session *s)
{
	if (s->refresh.interval_s)
		arm(s);
}

void refresh_put(const struct dlg_session *s, const struct sip_msg *request, struct sip_msg *m)
{
	if (!s->refresh.interval_s)
		return;
	sip_addf(m, SIP_HDR_SESSION_EXPIRES, "%u;refresher=%s", s->refresh.interval_s,
		 s->refresh.ours ? "uas" : "uac");
	if (sip_has_token(request, SIP_HDR_SUPPORTED, STR("timer")))
		sip_add(m, SIP_HDR_REQUIRE, STR("timer"));
}

void refresh_answered(struct dlg_session *s, const struct sip_rx *rx)
{
	struct str refresher;
	uint32_t interval_s;

	if (!parse(&rx->msg, &interval_s, &refresher)) {
		refresh_stop(s);
		return;
	}
	s->refresh.interval_s = interval_s < DLG_MIN_SE_S ? DLG_MIN_SE_S : interval_s;
	s->refresh.ours = !str_ieq(refresher, STR("uas"));
	arm(s);
}

struct str refresh_value(const struct dlg_session *s, struct buf *room)
{
	if (!s->refresh.interval_s)
		return STR_NONE;
	buf_fmt(room, "%u;refresher=%s", s->refresh.interval_s, s->refresh.ours ? "uac" : "uas");
	return buf_str(room);
}

/* UPDATE where the peer takes it, for it leaves the media alone; else a re-INVITE with the description that stands (s7.4). */
static int refresh_now(struct dlg_session *s)
{
	struct buf sdp = buf_heap(DLG_SDP_MAX);
	char room[64];
	struct buf value = buf_over(room, sizeof(room));
	struct dlg_extra extra = {.contact = true};
	int err = -EOPNOTSUPP;

	extra.session_expires = refresh_value(s, &value);
	if (s->peer_updates)
		return minor_send(s, &s->d, STR("UPDATE"), &extra);
	if (s->out || s->in.rx || timer_active(&s->glare))
		return 0; /* an INVITE is under way: it refreshes too */
	if (s->has_user && s->user.on_want_offer &&
	    s->user.on_want_offer(s->user.ctx, &sdp) == 200 && !sdp.failed)
		err = out_send(s, false, true, buf_str(&sdp), STR_NONE);
	buf_free(&sdp);
	return err;
}

void refresh_timer(void *ctx)
{
	struct dlg_session *s = ctx;
	uint64_t now_ms = session_io(s)->now_ms;

	session_enter(s);
	if (s->state != DLG_UP) {
		;
	} else if (now_ms >= s->refresh.expires_ms) {
		session_bye(s, DLG_TIMED_OUT, NULL);
	} else {
		refresh_now(s);
		if (s->state == DLG_UP && s->refresh.interval_s)
			io_timer(session_io(s), &s->refresh.at, s->refresh.expires_ms - now_ms);
	}
	session_leave(s);
}
