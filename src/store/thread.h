/* store/thread.h - a background thread that works now and then: it waits to be
 * kicked, for its time to come, or to be told to stop.  Takes no signals. */
#ifndef TSUWA_STORE_THREAD_H
#define TSUWA_STORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct thread {
	pthread_t id;
	pthread_mutex_t lock; /* also for what the thread's owner shares with it */
	pthread_cond_t cond;
	bool running, kicked, stop;
};

void thread_init(struct thread *t);
void thread_fini(struct thread *t);
/* name: up to 15 characters.  0 or -errno. */
int thread_start(struct thread *t, const char *name, void *(*run)(void *ctx), void *ctx);
void thread_kick(struct thread *t);
/* Returns after a kick or ms milliseconds; false: it is to stop. */
bool thread_wait(struct thread *t, unsigned ms);
bool thread_stopping(struct thread *t);
/* Waits until it has ended.  Harmless when it never ran. */
void thread_stop(struct thread *t);

/* Starts without the bookkeeping: all signals blocked.  0 or -errno. */
int thread_spawn(pthread_t *ret, const char *name, void *(*run)(void *ctx), void *ctx);

uint64_t thread_now_ms(void); /* monotonic */
uint64_t thread_now_us(void);
uint64_t thread_wall_ms(void); /* since 1970 */

#endif
