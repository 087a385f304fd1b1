#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/clock.h"
#include "server/inside.h"
#include "server/notify.h"

#define TICK_MS 5000
#define LATE_MS 5000 /* after the time that workers have to end */

/* ---- the end ---- */

/* On the main loop, when the last worker is done. */
static void on_all_drained(void *ctx)
{
	struct server *s = ctx;

	loop_stop(s->loop);
}

/* On a worker. */
static void on_drained(void *ctx)
{
	struct server *s = ctx;

	if (__atomic_sub_fetch(&s->draining, 1, __ATOMIC_ACQ_REL) == 0)
		loop_post(s->loop, &s->drained_call);
}

/* What was answered is in the journals: nothing is lost by leaving now. */
static void end_now(struct server *s)
{
	if (s->control_bound)
		unlink(s->control_path);
	_exit(1);
}

/* A worker is stuck, or the disk. */
static void on_late(void *ctx)
{
	struct server *s = ctx;

	log_error(&s->log, "the end takes too long: leaving at once");
	end_now(s);
}

static void begin_end(struct server *s, int signo)
{
	s->ending = true;
	log_info(&s->log, "ending signal=%d", signo);
	notify(STR("STOPPING=1"));
	timer_cancel(loop_wheel(s->loop), &s->tick);
	timer_init(&s->late, on_late, s);
	loop_timer(s->loop, &s->late, s->config->shutdown_ms + LATE_MS);
	s->draining = s->n_workers;
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_drain(s->workers[i], s->config->shutdown_ms);
}

static void on_signal(void *ctx, int signo)
{
	struct server *s = ctx;

	if (signo == SIGHUP && !s->ending)
		server_reload(s);
	else if (signo != SIGHUP && s->ending)
		end_now(s);
	else if (signo != SIGHUP)
		begin_end(s, signo);
}

/* ---- the start ---- */

static void on_tick(void *ctx)
{
	struct server *s = ctx;

	logging_tick(&s->logging);
	server_sample(s);
	loop_timer(s->loop, &s->tick, TICK_MS);
}

static int watch_signals(struct server *s)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return loop_signals_init(s->loop, &s->signals, &set, on_signal, s);
}

static void put_listener(struct buf *b, const struct tport_listener *l)
{
	struct str name = transport_name(l->transport);

	for (size_t i = 0; i < name.n; i++)
		buf_putc(b, ascii_lower(name.p[i]));
	buf_fmt(b, "://");
	addr_put(b, &l->bound);
	buf_putc(b, ' ');
}

static void say_ready(const struct server *s)
{
	const struct config *c = s->config;
	struct buf b = buf_heap(1u << 20);

	buf_fmt(&b, "ready ");
	for (unsigned i = 0; i < c->n_listen; i++)
		put_listener(&b, &s->listeners[i]);
	buf_fmt(&b, "domains=");
	for (unsigned i = 0; i < c->n_domains; i++)
		buf_fmt(&b, "%s%.*s", i ? "," : "", STR_ARG(c->domains[i].name));
	buf_fmt(&b, " workers=%u database=%s in %llu ms\n", s->n_workers, c->database.p,
		(unsigned long long)(clock_mono_ms() - s->begun_ms));
	if (!b.failed)
		fwrite(b.p, 1, b.n, stdout);
	fflush(stdout);
	buf_free(&b);
	notify(STR("READY=1"));
}

static void serve(struct server *s)
{
	timer_init(&s->tick, on_tick, s);
	loop_timer(s->loop, &s->tick, TICK_MS);
	s->samples[0].at_ms = s->samples[1].at_ms = clock_mono_ms();
	say_ready(s);
	loop_run(s->loop);
}

/* From here on a signal ends the process at once: there is nobody left to hear it. */
static void unwatch_signals(struct server *s)
{
	sigset_t set;

	loop_signals_fini(&s->signals);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int run(struct server *s)
{
	int err = loop_new(&s->loop);

	if (!err)
		err = watch_signals(s);
	if (err) {
		log_error(&s->log, "can't begin: %s", strerror(-err));
	} else {
		err = server_boot(s);
		if (!err)
			serve(s);
		unwatch_signals(s);
		server_fini(s);
	}
	loop_free(&s->loop);
	return err;
}

/* JOURNAL_STREAM is inherited also by who writes elsewhere: it names device and inode. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	buf_fmt(&b, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return !strcmp(buf_c(&b), stream);
}

int server_run(struct config **c, const char *path)
{
	struct server s = {.config = *c, .path = path};
	int err;

	*c = NULL;
	s.begun_ms = clock_mono_ms();
	s.started_ms = clock_wall_ms();
	list_init(&s.gathers);
	list_init(&s.removals);
	pthread_mutex_init(&s.users_lock, NULL);
	s.drained_call = (struct loop_call){.fn = on_all_drained, .ctx = &s};
	s.worker_conf.on_drained = on_drained;
	s.worker_conf.on_drained_ctx = &s;
	logging_init(&s.logging, STDERR_FILENO, s.config->log_format == CONFIG_JSON,
		     stderr_is_journal());
	logging_set(&s.logging, s.config->log_level, s.config->log_format == CONFIG_JSON);
	s.log = logging_log(&s.logging, s.config->log_level);
	err = run(&s);
	log_info(&s.log, err ? "did not start" : "ended");
	logging_fini(&s.logging);
	pthread_mutex_destroy(&s.users_lock);
	config_free(&s.config);
	config_free(&s.first_config);
	return err;
}
