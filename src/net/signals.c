#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "net/loop.h"

static void on_signal(void *ctx, uint32_t events)
{
	struct loop_signals *s = (struct loop_signals *)ctx;
	struct signalfd_siginfo info;

	if (read(s->fd.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->fn(s->ctx, (int)info.ssi_signo);
}

int loop_signals_init(struct loop *l, struct loop_signals *s, const sigset_t *set,
		      void (*fn)(void *ctx, int signo), void *ctx)
{
	int err;

	*s = (struct loop_signals){.loop = l, .fn = fn, .ctx = ctx};
	s->fd = (struct loop_fd){.fd = -1, .fn = on_signal, .ctx = s};
	err = pthread_sigmask(SIG_BLOCK, set, NULL);
	if (err)
		return -err;
	s->fd.fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd.fd < 0)
		return -errno;
	err = loop_add(l, &s->fd, EPOLLIN);
	if (err < 0)
		loop_signals_fini(s);
	return err;
}

void loop_signals_fini(struct loop_signals *s)
{
	if (!s->loop || s->fd.fd < 0)
		return;
	loop_del(s->loop, &s->fd);
	close(s->fd.fd);
	s->fd.fd = -1;
}
