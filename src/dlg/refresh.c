/* Session timers (RFC 4028): a call whose peer has vanished ends.  This side asks for none by
 * itself; it honours what the peer or a proxy asks for, as either refresher. */
#include <errno.h>

#include "dlg/session_impl.h"
#include "sip/session_expires.h"

static bool parse(const struct sip_msg *m, struct sip_session_expires *ret)
{
	return sip_session_expires_parse(sip_get(m, SIP_HDR_SESSION_EXPIRES), ret) &&
	       ret->interval_s != 0;
}

static bool knows(const struct sip_msg *m)
{
	return sip_has_token(m, SIP_HDR_SUPPORTED, STR("timer")) ||
	       sip_has_token(m, SIP_HDR_REQUIRE, STR("timer"));
}

/* s7.4: the largest of all that were named goes with each refresh. */
static bool raise_min(struct dlg_session *s, const struct sip_rx *rx)
{
	uint32_t min_s;

	if (!sip_min_se_parse(sip_get(&rx->msg, SIP_HDR_MIN_SE), &min_s) ||
	    min_s <= s->refresh.min_s)
		return false;
	s->refresh.min_s = min_s;
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

bool refresh_too_small(const struct sip_rx *rx)
{
	struct sip_session_expires se;

	return knows(&rx->msg) && parse(&rx->msg, &se) && se.interval_s < DLG_MIN_SE_S;
}

/* Too small an interval from somebody who can't be told so is none (s9 forbids to raise it). */
void refresh_asked(struct dlg_session *s, const struct sip_rx *rx)
{
	struct sip_session_expires se;

	raise_min(s, rx);
	if (!parse(&rx->msg, &se) || se.interval_s < DLG_MIN_SE_S) {
		refresh_stop(s); /* s9: without the field there is no timer any more */
		return;
	}
	s->refresh.interval_s = se.interval_s;
	s->refresh.ours = !knows(&rx->msg) || se.refresher == SIP_REFRESHER_UAS; /* s9, table 2 */
	if (s->state == DLG_UP)
		arm(s);
}

void refresh_start_called(struct dlg_session *s)
{
	if (s->refresh.interval_s)
		arm(s);
}

/* role: what we are in the transaction at hand. */
static struct str value(const struct dlg_session *s, enum sip_refresher role, struct buf *room)
{
	enum sip_refresher other =
		role == SIP_REFRESHER_UAC ? SIP_REFRESHER_UAS : SIP_REFRESHER_UAC;
	struct sip_session_expires se = {s->refresh.interval_s, s->refresh.ours ? role : other};

	sip_session_expires_put(room, &se);
	return buf_str(room);
}

void refresh_put(const struct dlg_session *s, const struct sip_msg *request, struct sip_msg *m)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));

	if (!s->refresh.interval_s)
		return;
	sip_add(m, SIP_HDR_SESSION_EXPIRES, arena_str(m->arena, value(s, SIP_REFRESHER_UAS, &b)));
	if (knows(request))
		sip_add(m, SIP_HDR_REQUIRE, STR("timer"));
}

void refresh_answered(struct dlg_session *s, const struct sip_rx *rx)
{
	struct sip_session_expires se;

	if (!parse(&rx->msg, &se)) {
		refresh_stop(s);
		return;
	}
	s->refresh.interval_s = se.interval_s < DLG_MIN_SE_S ? DLG_MIN_SE_S : se.interval_s;
	s->refresh.ours = se.refresher != SIP_REFRESHER_UAS;
	arm(s);
}

struct str refresh_value(const struct dlg_session *s, struct buf *room)
{
	return s->refresh.interval_s ? value(s, SIP_REFRESHER_UAC, room) : STR_NONE;
}

/* UPDATE where the peer takes it, for it leaves the media alone; else a re-INVITE with the description that stands (s7.4). */
static int refresh_now(struct dlg_session *s)
{
	struct buf sdp = buf_heap(DLG_SDP_MAX);
	char room[64];
	struct buf text = buf_over(room, sizeof(room));
	struct dlg_extra extra = {.contact = true};
	int err = -EOPNOTSUPP;

	extra.session_expires = refresh_value(s, &text);
	extra.min_se_s = s->refresh.min_s;
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

/* s10: as each refusal wants it, but not the same again and again. */
bool refresh_again(struct dlg_session *s, const struct sip_rx *rx)
{
	uint64_t left_ms = s->refresh.expires_ms - session_io(s)->now_ms, wait_ms = 0;
	unsigned status = rx->msg.status;

	if (!s->refresh.interval_s || s->refresh.expires_ms <= session_io(s)->now_ms)
		return false;
	if (status == 422 && raise_min(s, rx)) {
		if (s->refresh.interval_s < s->refresh.min_s)
			s->refresh.interval_s = s->refresh.min_s;
	} else if (s->peer_updates && (status == 405 || status == 501)) {
		s->peer_updates = false;
	} else if (status == 491) {
		wait_ms = calling_glare_ms(s);
	} else {
		return false;
	}
	io_timer(session_io(s), &s->refresh.at, wait_ms < left_ms ? wait_ms : left_ms);
	return true;
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
