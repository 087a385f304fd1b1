#include "media.h"

#include <errno.h>
#include <stdlib.h>

#define SECOND_MS 1000
#define PACKETS 50 /* that one of ours stands for */
#define FIRST_PORT 10000

struct session {
	struct media_session base;
	struct list link;
	struct sim_media *media;
	struct media_user user;
	struct media_params params;
	struct addr local, latched;
	struct timer tick;
	uint64_t heard_ms;
	bool set, silent, heard;
	struct media_stats stats;
};

struct sim_media {
	struct media base;
	struct sim_worker *w;
	struct list sessions;
	uint16_t next_port;
};

static struct session *session_of(const struct media_session *s)
{
	return container_of((struct media_session *)s, struct session, base);
}

static void tell(struct session *s, enum media_event event)
{
	if (s->user.on_event)
		s->user.on_event(s->user.ctx, event, 0);
}

static void send_second(struct session *s)
{
	const struct addr *to = s->params.latch && s->latched.family ? &s->latched : &s->params.rtp;
	static const char bytes[] = "\x80rtp";

	if (!s->params.send || !to->family || !to->port)
		return;
	s->stats.packets_sent += PACKETS;
	sim_datagram(s->media->w->node, &s->local, to, str_of(bytes, sizeof(bytes) - 1), NULL,
		     NULL);
}

static void on_tick(void *ctx)
{
	struct session *s = ctx;
	uint64_t now = s->media->w->io.now_ms;
	uint32_t timeout = s->params.timeout_ms ? s->params.timeout_ms : MEDIA_TIMEOUT_MS;

	io_timer(&s->media->w->io, &s->tick, SECOND_MS);
	send_second(s);
	if (timeout == UINT32_MAX || s->silent || now - s->heard_ms < timeout)
		return;
	s->silent = true;
	tell(s, MEDIA_TIMEOUT);
}

static int op_open(struct media *m, const struct addr *local_ip, const struct media_user *user,
		   struct media_session **ret)
{
	struct sim_media *media = container_of(m, struct sim_media, base);
	struct session *s = calloc(1, sizeof(*s));

	(void)local_ip;
	if (!s)
		abort();
	s->base.ops = m->ops;
	s->media = media;
	if (user)
		s->user = *user;
	s->local = media->w->node->ip;
	s->local.port = media->next_port;
	media->next_port = (uint16_t)(media->next_port + 2 * media->w->node->n_workers);
	if (media->next_port < FIRST_PORT)
		media->next_port = (uint16_t)(FIRST_PORT + 2 * media->w->io.worker);
	timer_init(&s->tick, on_tick, s);
	list_init(&s->link);
	list_append(&media->sessions, &s->link);
	*ret = &s->base;
	return 0;
}

static const struct addr *op_local(const struct media_session *m)
{
	return &session_of(m)->local;
}

static int op_set(struct media_session *m, const struct media_params *p)
{
	struct session *s = session_of(m);

	s->params = *p;
	if (s->set)
		return 0;
	s->set = true;
	s->heard_ms = s->media->w->io.now_ms;
	io_timer(&s->media->w->io, &s->tick, 20);
	return 0;
}

static void op_play(struct media_session *m, struct media_source *source)
{
	(void)m;
	(void)source;
}

static void op_record(struct media_session *m, struct media_sink *sink)
{
	(void)m;
	(void)sink;
}

static int op_dtmf(struct media_session *m, struct str digits)
{
	(void)m;
	(void)digits;
	return 0;
}

static void op_stats(const struct media_session *m, struct media_stats *ret)
{
	*ret = session_of(m)->stats;
}

static void op_close(struct media_session *m)
{
	struct session *s = session_of(m);

	timer_cancel(&s->media->w->wheel, &s->tick);
	list_unlink(&s->link);
	free(s);
}

static const struct media_ops ops = {
	.open = op_open,
	.local = op_local,
	.set = op_set,
	.play = op_play,
	.record = op_record,
	.dtmf = op_dtmf,
	.stats = op_stats,
	.close = op_close,
};

static void heard(struct session *s, const struct addr *from, struct str bytes)
{
	s->stats.packets_received += PACKETS;
	s->heard_ms = sim_now_ms(s->media->w->node->sim);
	s->silent = false;
	s->latched = *from;
	if (s->params.mode == MEDIA_ECHO && s->params.send) {
		s->stats.packets_sent += PACKETS;
		sim_datagram(s->media->w->node, &s->local, from, bytes, NULL, NULL);
	}
	if (!s->heard) {
		s->heard = true;
		tell(s, MEDIA_FIRST_PACKET);
	}
}

bool sim_media_packet(struct media *m, const struct addr *from, const struct addr *to,
		      struct str bytes)
{
	struct sim_media *media = container_of(m, struct sim_media, base);

	LIST_EACH (l, &media->sessions) {
		struct session *s = container_of(l, struct session, link);

		if (s->local.port != to->port)
			continue;
		if (!s->set)
			return true;
		sim_enter(media->w);
		heard(s, from, bytes);
		sim_leave(media->w);
		return true;
	}
	return false;
}

struct media *sim_media_new(struct sim_worker *w)
{
	struct sim_media *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->base.ops = &ops;
	m->w = w;
	m->next_port = (uint16_t)(FIRST_PORT + 2 * w->io.worker);
	list_init(&m->sessions);
	return &m->base;
}

size_t sim_media_sessions(const struct media *m)
{
	size_t n = 0;

	LIST_EACH (l, &container_of((struct media *)m, struct sim_media, base)->sessions)
		n++;
	return n;
}

void sim_media_free(struct media **pm)
{
	struct sim_media *m = container_of(*pm, struct sim_media, base);

	LIST_EACH (l, &m->sessions)
		op_close(&container_of(l, struct session, link)->base);
	free(m);
	*pm = NULL;
}
