#include "media/media_net.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "media/ports.h"
#include "media/session.h"

#define PORT_MIN 16384
#define PORT_MAX 32767
#define CATCH_UP 5u /* ticks that are made good for; more are left out */
#define PTIME_MS 20u

static const struct media_ops ops;

struct media_params media_params_none(void)
{
	return (struct media_params){
		.send = true,
		.recv = true,
		.send_pt = -1,
		.send_event_pt = -1,
		.recv_pcmu_pt = -1,
		.recv_pcma_pt = -1,
		.recv_event_pt = -1,
	};
}

/* 32.32 seconds since 1900, on a clock that never steps. */
uint64_t engine_ntp(const struct engine *e)
{
	return rtp_ntp(e->wall_us + clock_mono_us());
}

static uint32_t random_u32(struct engine *e)
{
	uint32_t v;

	entropy_take(&e->entropy, &v, sizeof(v));
	return v;
}

static void close_fd(struct engine *e, struct loop_fd *f)
{
	if (f->fd < 0)
		return;
	loop_del(e->loop, f);
	close(f->fd);
	f->fd = -1;
}

static void session_free(struct session *s)
{
	list_unlink(&s->link);
	xfree(s);
}

/* Frees what was closed while callbacks ran. */
static void leave(struct engine *e)
{
	if (--e->busy || !e->reap)
		return;
	e->reap = false;
	LIST_EACH (n, &e->sessions) {
		struct session *s = container_of(n, struct session, link);

		if (s->closed)
			session_free(s);
	}
}

bool session_tell(struct session *s, enum media_event event, int value)
{
	struct engine *e = s->engine;

	if (s->closed)
		return false;
	e->busy++;
	if (s->user.on_event)
		s->user.on_event(s->user.ctx, event, value);
	e->busy--; /* the loop's callback above holds one more: s is still there */
	return !s->closed;
}

static void run_tick(struct engine *e, unsigned skipped)
{
	LIST_EACH (n, &e->sessions) {
		struct session *s = container_of(n, struct session, link);

		if (s->closed || !s->is_set)
			continue;
		if (skipped)
			session_skip(s, skipped);
		if (session_send_tick(s) && session_recv_tick(s))
			session_send_rtcp(s, false);
	}
}

static void on_tick(void *ctx)
{
	struct engine *e = (struct engine *)ctx;
	uint64_t now = loop_now_ms(e->loop), due = 1 + (now - e->tick_at_ms) / TICK_MS;
	unsigned skipped = due > CATCH_UP ? (unsigned)(due - CATCH_UP) : 0;

	e->busy++;
	for (uint64_t i = skipped; i < due; i++) {
		run_tick(e, skipped);
		skipped = 0;
	}
	e->tick_at_ms += due * TICK_MS;
	if (!list_empty(&e->sessions))
		timer_set(loop_wheel(e->loop), &e->tick, e->tick_at_ms);
	leave(e);
}

static void start_ticking(struct engine *e)
{
	if (timer_active(&e->tick) || e->busy)
		return;
	e->tick_at_ms = loop_now_ms(e->loop) + TICK_MS;
	timer_set(loop_wheel(e->loop), &e->tick, e->tick_at_ms);
}

static void on_readable(struct session *s, uint32_t events, void (*fn)(void *, uint32_t))
{
	struct engine *e = s->engine;

	e->busy++;
	fn(s, events);
	leave(e);
}

static void on_rtp_fd(void *ctx, uint32_t events)
{
	on_readable((struct session *)ctx, events, session_on_rtp);
}

static void on_rtcp_fd(void *ctx, uint32_t events)
{
	on_readable((struct session *)ctx, events, session_on_rtcp);
}

static void begin_stream(struct session *s)
{
	struct engine *e = s->engine;
	struct buf cname = buf_over(s->cname, sizeof(s->cname));
	uint8_t random[CNAME_BYTES / 2];

	s->ssrc = random_u32(e);
	s->seq = (uint16_t)(random_u32(e) & 0x7fff); /* far from its first wrap */
	s->ts = random_u32(e);
	entropy_take(&e->entropy, random, sizeof(random)); /* RFC 7022 s4.2 */
	buf_put_hex(&cname, random, sizeof(random));
	rtp_report_init(&s->report, s->ssrc);
	jitter_init(&s->jitter, &e->cfg.jitter);
}

static int watch(struct session *s, const int fd[2])
{
	struct loop *l = s->engine->loop;
	int err;

	s->rtp = (struct loop_fd){.fd = fd[0], .fn = on_rtp_fd, .ctx = s};
	s->rtcp = (struct loop_fd){.fd = fd[1], .fn = on_rtcp_fd, .ctx = s};
	err = loop_add(l, &s->rtp, EPOLLIN);
	if (err)
		return err;
	err = loop_add(l, &s->rtcp, EPOLLIN);
	if (err)
		loop_del(l, &s->rtp);
	return err;
}

static int net_open(struct media *m, const struct addr *local_ip, const struct media_user *user,
		    struct media_session **ret)
{
	struct engine *e = (struct engine *)m;
	struct session *s = xzalloc(sizeof(*s));
	int fd[2], err;

	if (!s)
		return -ENOMEM;
	list_init(&s->link);
	s->head.ops = &ops;
	s->engine = e;
	if (user)
		s->user = *user;
	err = ports_open(local_ip, e->cfg.port_min, e->cfg.port_max, random_u32(e), fd, &s->local);
	if (err) {
		xfree(s);
		return err;
	}
	begin_stream(s);
	err = watch(s, fd);
	if (err) {
		close(fd[0]);
		close(fd[1]);
		xfree(s);
		return err;
	}
	list_append(&e->sessions, &s->link);
	start_ticking(e);
	*ret = &s->head;
	return 0;
}

static const struct addr *net_local(const struct media_session *ms)
{
	return &((const struct session *)ms)->local;
}

static bool pt_ok(int pt)
{
	return pt >= -1 && pt <= 127;
}

static bool params_ok(const struct session *s, const struct media_params *p)
{
	if (!pt_ok(p->send_pt) || !pt_ok(p->send_event_pt) || !pt_ok(p->recv_pcmu_pt) ||
	    !pt_ok(p->recv_pcma_pt) || !pt_ok(p->recv_event_pt))
		return false;
	if (p->ptime_ms && (p->ptime_ms < 10 || p->ptime_ms > 120))
		return false;
	return p->rtp.family == 0 || p->rtp.family == s->local.family;
}

/* A remote address that changed is believed anew; else a latch holds over re-INVITEs. */
static void aim(struct session *s, const struct media_params *p)
{
	if (s->is_set && addr_eq(&p->rtp, &s->params.rtp) && s->locked)
		return;
	s->locked = false;
	s->rival_packets = 0;
	s->to = p->rtp;
	s->rtcp_to = p->rtcp_mux ? p->rtp : p->rtcp;
}

static int net_set(struct media_session *ms, const struct media_params *p)
{
	struct session *s = (struct session *)ms;
	uint64_t now = loop_now_ms(s->engine->loop);

	if (!params_ok(s, p))
		return -EINVAL;
	aim(s, p);
	if (s->is_set && (p->codec != s->params.codec || !p->send))
		s->queued = 0;
	s->params = *p;
	if (s->params.ptime_ms == 0)
		s->params.ptime_ms = PTIME_MS;
	if (s->params.timeout_ms == 0)
		s->params.timeout_ms = MEDIA_TIMEOUT_MS;
	if (!s->is_set) {
		s->set_at_ms = now;
		s->rtcp_at_ms = now + rtp_report_interval_ms(&s->report, random_u32(s->engine));
	}
	s->is_set = true;
	s->heard_at_ms = now;
	s->rtp_at_ms = 0;
	s->told_timeout = false;
	return 0;
}

static void net_play(struct media_session *ms, struct media_source *source)
{
	((struct session *)ms)->source = source;
}

/* The buffer starts empty: what it holds from an earlier sink is stale. */
static void net_record(struct media_session *ms, struct media_sink *sink)
{
	struct session *s = (struct session *)ms;

	if (!s->sink)
		jitter_init(&s->jitter, &s->engine->cfg.jitter);
	s->sink = sink;
}

static int net_dtmf(struct media_session *ms, struct str digits)
{
	return session_add_digits((struct session *)ms, digits);
}

static void fill_received(const struct session *s, struct media_stats *ret)
{
	ret->expected = rtp_source_expected(&s->rx);
	ret->lost = rtp_source_lost(&s->rx);
	if (ret->expected && ret->lost > 0)
		ret->loss_permille = (uint32_t)((uint64_t)ret->lost * 1000 / ret->expected);
	ret->jitter_us = rtp_source_jitter(&s->rx) * 1000 / (MEDIA_RATE / 1000);
}

static void net_stats(const struct media_session *ms, struct media_stats *ret)
{
	const struct session *s = (const struct session *)ms;
	struct media_stats stats = s->stats;

	if (s->has_source)
		fill_received(s, &stats);
	stats.late = s->jitter.stats.late;
	stats.duplicate = s->jitter.stats.duplicate;
	stats.reordered = s->jitter.stats.reordered;
	stats.concealed_ms = (uint32_t)(s->jitter.stats.concealed * 1000 / MEDIA_RATE);
	stats.rtt_us = s->report.has_rtt ? (int32_t)s->report.rtt_us : -1;
	stats.remote_lost = s->report.has_theirs ? s->report.theirs.lost : 0;
	stats.remote_loss_permille =
		s->report.has_theirs ? s->report.theirs.fraction * 1000u / 256 : 0;
	if (s->is_set)
		stats.duration_ms = loop_now_ms(s->engine->loop) - s->set_at_ms;
	stats.codec = s->params.codec;
	stats.remote = s->to;
	*ret = stats;
}

static void net_close(struct media_session *ms)
{
	struct session *s = (struct session *)ms;
	struct engine *e = s->engine;

	if (s->closed)
		return;
	if (s->is_set && (s->stats.packets_sent || s->stats.packets_received))
		session_send_rtcp(s, true);
	close_fd(e, &s->rtp);
	close_fd(e, &s->rtcp);
	s->closed = true;
	if (e->busy)
		e->reap = true;
	else
		session_free(s);
	if (!e->busy && list_empty(&e->sessions))
		timer_cancel(loop_wheel(e->loop), &e->tick);
}

static const struct media_ops ops = {
	.open = net_open,
	.local = net_local,
	.set = net_set,
	.play = net_play,
	.record = net_record,
	.dtmf = net_dtmf,
	.stats = net_stats,
	.close = net_close,
};

int media_net_new(struct loop *loop, const struct media_net_cfg *cfg, struct media **ret)
{
	struct engine *e = xzalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->media.ops = &ops;
	e->loop = loop;
	if (cfg)
		e->cfg = *cfg;
	if (e->cfg.port_min == 0 && e->cfg.port_max == 0) {
		e->cfg.port_min = PORT_MIN;
		e->cfg.port_max = PORT_MAX;
	}
	list_init(&e->sessions);
	timer_init(&e->tick, on_tick, e);
	e->wall_us = clock_wall_ms() * 1000 - clock_mono_us();
	*ret = &e->media;
	return 0;
}

void media_net_free(struct media **mp)
{
	struct engine *e = (struct engine *)*mp;

	*mp = NULL;
	if (!e)
		return;
	timer_cancel(loop_wheel(e->loop), &e->tick);
	LIST_EACH (n, &e->sessions)
		net_close(&container_of(n, struct session, link)->head);
	xfree(e);
}
