/* Two sides, a wire that delays, reorders and loses, and users that do anything at any time: every
 * call ends on both sides, once, and nothing is left over. */
#include <errno.h>
#include <stdlib.h>

#include "fake.h"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 "   \
	"RTP/AVP 0\r\n"

struct user {
	struct fake f;
	struct fake_world *w;
	struct dlg_session *s;
	struct timer act;
	unsigned had; /* sessions begun */
	unsigned ended, answered, confirmed, reoffers, answers;
	enum dlg_cause cause;
};

static uint64_t dice(struct user *u, uint64_t n)
{
	return test_random(&u->w->seed) % n;
}

static unsigned on_offer(void *ctx, struct str sdp, struct buf *answer)
{
	struct user *u = ctx;

	if (dice(u, 8) == 0)
		return 488;
	buf_puts(answer, STR(SDP));
	return 200;
}

static unsigned on_want_offer(void *ctx, struct buf *offer)
{
	buf_puts(offer, STR(SDP));
	return 200;
}

static bool on_answer(void *ctx, struct str sdp)
{
	((struct user *)ctx)->answers++;
	return true;
}

static void on_answered(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	((struct user *)ctx)->answered++;
}

static void on_confirmed(void *ctx)
{
	((struct user *)ctx)->confirmed++;
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct user *u = ctx;

	u->ended++;
	u->cause = end->cause;
	u->s = NULL;
}

static struct dlg_session_user session_user(struct user *u)
{
	return (struct dlg_session_user){
		.on_answered = on_answered,
		.on_confirmed = on_confirmed,
		.on_offer = on_offer,
		.on_want_offer = on_want_offer,
		.on_answer = on_answer,
		.on_ended = on_ended,
		.ctx = u,
	};
}

static void plan(struct user *u)
{
	timer_set(&u->w->wheel, &u->act, u->w->wheel.now_ms + 1 + dice(u, 3000));
}

static void act(void *ctx)
{
	struct user *u = ctx;

	if (!u->s)
		return;
	if (dlg_session_request(u->s) && !dlg_session_is_up(u->s)) {
		switch (dice(u, 5)) {
		case 0:
			dlg_session_refuse(u->s, 486, STR_NONE, STR_NONE);
			break;
		case 1:
			dlg_session_ring(u->s, 180, STR_NONE);
			break;
		case 2:
			dlg_session_ring(u->s, 183, STR(SDP));
			break;
		default:
			dlg_session_answer(u->s, STR(SDP));
		}
	} else if (dlg_session_is_up(u->s) && dice(u, 2)) {
		u->reoffers += dlg_session_reoffer(u->s, STR(SDP)) == 0;
	} else if (dice(u, 4) == 0) {
		dlg_session_hangup(u->s);
	}
	plan(u);
}

static void on_invite(struct fake *f, const struct sip_rx *rx)
{
	struct user *u = f->ctx;
	struct dlg_session_user su = session_user(u);

	assert_null(u->s);
	if (dlg_session_incoming(f->table, rx, &su, &u->s) == 0) {
		u->had++;
		plan(u);
	}
}

static void user_init(struct user *u, struct fake_world *w, char name)
{
	memset(u, 0, sizeof(*u));
	u->w = w;
	fake_init(&u->f, w, name, NULL);
	u->f.ctx = u;
	u->f.on_invite = on_invite;
	timer_init(&u->act, act, u);
}

struct sums {
	unsigned answered, confirmed, reoffers, answers, causes[8];
};

static void one(uint64_t seed, struct sums *sums)
{
	struct fake_world w;
	struct user a, b;
	struct dlg_session_user su;
	struct dlg_invite invite = {.uri = STR("sip:b@127.0.0.1:5060"),
				    .from = STR("<sip:a@127.0.0.1:5060>")};

	world_init(&w, seed);
	w.loss_permille = seed % 3 * 200;
	w.delay_ms = seed % 5 * 150;
	user_init(&a, &w, 'a');
	user_init(&b, &w, 'b');
	fake_join(&a.f, &b.f);
	su = session_user(&a);
	if (seed % 7)
		invite.sdp = STR(SDP);
	assert_int_equal(dlg_session_call(a.f.table, &invite, &su, &a.s), 0);
	a.had++;
	plan(&a);
	world_run(&w, 300000);
	if (a.s)
		dlg_session_hangup(a.s);
	if (b.s)
		dlg_session_hangup(b.s);
	world_run(&w, 200000);
	if (a.ended != a.had || b.ended != b.had || dlg_table_count(a.f.table) ||
	    dlg_table_count(b.f.table))
		fail_msg("seed %u: ended %u of %u, %u of %u; left %u, %u", (unsigned)seed, a.ended,
			 a.had, b.ended, b.had, (unsigned)dlg_table_count(a.f.table),
			 (unsigned)dlg_table_count(b.f.table));
	timer_cancel(&w.wheel, &a.act);
	timer_cancel(&w.wheel, &b.act);
	sums->answered += a.answered;
	sums->confirmed += b.confirmed;
	sums->reoffers += a.reoffers + b.reoffers;
	sums->answers += a.answers + b.answers;
	sums->causes[a.cause]++;
	sums->causes[b.cause]++;
	fake_fini(&a.f);
	fake_fini(&b.f);
	world_fini(&w);
}

static void every_call_ends_on_both_sides(void **state)
{
	struct sums sums = {0};

	for (uint64_t seed = 1; seed <= 1500; seed++)
		one(seed, &sums);
	/* The dice must have led everywhere, or this tests nothing. */
	assert_true(sums.answered > 300);
	assert_true(sums.confirmed > 300);
	assert_true(sums.reoffers > 300);
	assert_true(sums.answers > 100);
	assert_true(sums.causes[DLG_HUNG_UP] > 100);
	assert_true(sums.causes[DLG_PEER_BYE] > 100);
	assert_true(sums.causes[DLG_CANCELED] > 50);
	assert_true(sums.causes[DLG_REFUSED] > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_ends_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
