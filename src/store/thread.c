#include "store/thread.h"

#include <signal.h>
#include <time.h>

void thread_init(struct thread *t)
{
	pthread_condattr_t attr;

	*t = (struct thread){.lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->cond, &attr);
	pthread_condattr_destroy(&attr);
}

void thread_fini(struct thread *t)
{
	pthread_cond_destroy(&t->cond);
	pthread_mutex_destroy(&t->lock);
}

int thread_spawn(pthread_t *ret, const char *name, void *(*run)(void *ctx), void *ctx)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(ret, NULL, run, ctx);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!err)
		pthread_setname_np(*ret, name);
	return -err;
}

int thread_start(struct thread *t, const char *name, void *(*run)(void *ctx), void *ctx)
{
	int err = thread_spawn(&t->id, name, run, ctx);

	t->running = !err;
	return err;
}

void thread_kick(struct thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->kicked = true;
	pthread_cond_signal(&t->cond);
	pthread_mutex_unlock(&t->lock);
}

static struct timespec in_ms(unsigned ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool thread_wait(struct thread *t, unsigned ms)
{
	struct timespec at = in_ms(ms);
	bool stop;

	pthread_mutex_lock(&t->lock);
	while (!t->kicked && !t->stop)
		if (pthread_cond_timedwait(&t->cond, &t->lock, &at))
			break;
	t->kicked = false;
	stop = t->stop;
	pthread_mutex_unlock(&t->lock);
	return !stop;
}

bool thread_stopping(struct thread *t)
{
	bool stop;

	pthread_mutex_lock(&t->lock);
	stop = t->stop;
	pthread_mutex_unlock(&t->lock);
	return stop;
}

void thread_stop(struct thread *t)
{
	if (!t->running)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->cond);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->id, NULL);
	t->running = false;
}

static uint64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t thread_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

uint64_t thread_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t thread_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}
