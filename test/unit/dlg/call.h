/* test/unit/dlg/call.h - a session of ours against a recorder: Alice's side of a call with Bob, what her
 * user heard, and Bob's requests. */
#ifndef TSUWA_TEST_UNIT_DLG_CALL_H
#define TSUWA_TEST_UNIT_DLG_CALL_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"

#define SDP_A                                                                                      \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 "   \
	"RTP/AVP 0\r\n"
#define SDP_B                                                                                      \
	"v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 "   \
	"RTP/AVP 0\r\n"
#define CONTACT "Contact: <sip:bob@127.0.0.2:5070>\r\n"

/* ---- a call with what its user heard ---- */

struct call {
	struct fake_world w;
	struct fake f;
	struct dlg_session *s;
	unsigned progress, answered, confirmed, offers, wanted, answers, reoffer_status, requests;
	unsigned ended;
	struct dlg_end end;
	char sdp[256];
	unsigned offer_status;
	bool answer_bad;
};

static inline void keep(struct call *c, struct str sdp)
{
	str_to_c(sdp, c->sdp, sizeof(c->sdp));
}

static inline void on_progress(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct call *c = ctx;

	c->progress = rx->msg.status;
	keep(c, sdp);
}

static inline void on_answered(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct call *c = ctx;

	c->answered++;
	keep(c, sdp);
}

static inline void on_confirmed(void *ctx)
{
	((struct call *)ctx)->confirmed++;
}

static inline unsigned on_offer(void *ctx, struct str sdp, struct buf *answer)
{
	struct call *c = ctx;

	c->offers++;
	keep(c, sdp);
	buf_puts(answer, STR(SDP_B));
	return c->offer_status ? c->offer_status : 200;
}

static inline unsigned on_want_offer(void *ctx, struct buf *offer)
{
	struct call *c = ctx;

	c->wanted++;
	buf_puts(offer, STR(SDP_B));
	return 200;
}

static inline bool on_answer(void *ctx, struct str sdp)
{
	struct call *c = ctx;

	c->answers++;
	keep(c, sdp);
	return !c->answer_bad;
}

static inline void on_reoffer_refused(void *ctx, unsigned status)
{
	((struct call *)ctx)->reoffer_status = status;
}

static inline unsigned on_request(void *ctx, const struct sip_rx *rx)
{
	((struct call *)ctx)->requests++;
	return 200;
}

static inline void on_ended(void *ctx, const struct dlg_end *end)
{
	struct call *c = ctx;

	c->ended++;
	c->end = *end;
	c->s = NULL;
}

static const struct dlg_session_user user_of = {
	on_progress, on_answered,        on_confirmed, on_offer, on_want_offer,
	on_answer,   on_reoffer_refused, on_request,   on_ended, NULL};

static inline struct dlg_session_user user(struct call *c)
{
	struct dlg_session_user u = user_of;

	u.ctx = c;
	return u;
}

static inline void on_invite(struct fake *f, const struct sip_rx *rx)
{
	struct call *c = f->ctx;
	struct dlg_session_user u = user(c);

	if (dlg_session_incoming(f->table, rx, &u, &c->s) != 0)
		c->s = NULL;
}

static inline void begin(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_init(&c->w, 1);
	fake_init(&c->f, &c->w, 'a', NULL);
	c->f.on_invite = on_invite;
	c->f.ctx = c;
}

/* All that lingers ends by itself, and the table is empty. */
static inline void finish(struct call *c)
{
	world_run(&c->w, 200000);
	if (c->f.table) {
		assert_int_equal(dlg_table_count(c->f.table), 0);
		assert_null(c->s);
	}
	fake_fini(&c->f);
	world_fini(&c->w);
}

static inline void place(struct call *c, const char *sdp)
{
	struct dlg_session_user u = user(c);
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("\"Alice\" <sip:alice@example.com>"),
				    .sdp = str_c(sdp)};
	int err = dlg_session_call(c->f.table, &invite, &u, &c->s);

	assert_int_equal(err, 0);
	assert_string_equal(fake_line(&c->f), "INVITE sip:bob@example.com SIP/2.0");
}

static inline void place_and_answer(struct call *c)
{
	begin(c);
	place(c, SDP_A);
	fake_answer(&c->f, "INVITE", 200, "b1", CONTACT, SDP_B);
	assert_string_equal(fake_line(&c->f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c->answered, 1);
}

static inline void has(struct str text, const char *part)
{
	if (!memmem(text.p, text.n, part, strlen(part)))
		fail_msg("no \"%s\" in\n%.*s", part, (int)text.n, text.p);
}

static inline void has_not(struct str text, const char *part)
{
	assert_null(memmem(text.p, text.n, part, strlen(part)));
}

/* A request from bob to the call that alice placed (to_tag NULL: her own) or got. */
static inline void from_bob(struct call *c, const char *method, unsigned cseq, const char *from_tag,
			    const char *lines, const char *sdp)
{
	static unsigned branch;
	char room[4096], call_id[64] = "call-1", to_tag[64] = "";
	struct buf b = buf_over(room, sizeof(room));
	const struct dlg_dialog *d = c->s ? dlg_session_dialog(c->s) : NULL;

	if (d) {
		str_to_c(d->call_id, call_id, sizeof(call_id));
		str_to_c(d->local_tag, to_tag, sizeof(to_tag));
	}
	buf_fmt(&b,
		"%s sip:alice@127.0.0.1:5060 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKbob%u\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:bob@example.com>;tag=%s\r\nTo: <sip:alice@example.com>%s%s\r\n"
		"Call-ID: %s\r\nCSeq: %u %s\r\n%s%s%s",
		method, branch++, from_tag, d ? ";tag=" : "", to_tag, call_id, cseq, method,
		strcmp(method, "INVITE") || (lines && strstr(lines, "Contact:")) ? "" : CONTACT,
		lines ? lines : "", sdp ? "Content-Type: application/sdp\r\n" : "");
	buf_fmt(&b, "Content-Length: %zu\r\n\r\n%s", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
	assert_false(b.failed);
	fake_deliver(&c->f, buf_str(&b));
}

static inline void get_call(struct call *c, const char *lines, const char *sdp)
{
	begin(c);
	from_bob(c, "INVITE", 10, "bob1", lines, sdp);
	assert_non_null(c->s);
	assert_true(fake_nothing(&c->f));
}

static inline void get_and_answer(struct call *c)
{
	get_call(c, NULL, SDP_A);
	assert_int_equal(dlg_session_answer(c->s, STR(SDP_B)), 0);
	assert_string_equal(fake_line(&c->f), "SIP/2.0 200 OK");
	from_bob(c, "ACK", 10, "bob1", NULL, NULL);
	assert_int_equal(c->confirmed, 1);
}

#endif
