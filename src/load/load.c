#include "load/load.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "load/call.h"
#include "load/report.h"
#include "load/simple.h"

#define NS_PER_S 1000000000u
#define PREPARE_WINDOW 64 /* registrations at once that are not measured */

struct run {
	const struct load_conf *conf;
	struct worker *workers;
	unsigned n_workers; /* initialized */
	int stop; /* read by all workers */
	int signals, ended; /* signalfd; eventfd: workers that have ended a phase */
	struct simple_templates simple;
	struct call_templates calls;
	struct cost_of server;
	uint64_t took_ns;
};

struct thread {
	pthread_t id;
	struct run *run;
	struct worker *worker;
	struct phase phase;
	int err;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- watching ---- */

struct totals {
	uint64_t begun, ok, failed;
};

static struct totals totals_of(const struct run *r)
{
	struct totals t = {0};

	for (unsigned i = 0; i < r->n_workers; i++) {
		const struct stats *s = &r->workers[i].stats;

		t.ok += counted(&s->ok);
		t.failed += counted(&s->failed);
		t.begun += counted(&s->begun);
	}
	return t;
}

static void take_signal(struct run *r)
{
	struct signalfd_siginfo s;

	if (read(r->signals, &s, sizeof(s)) == sizeof(s))
		__atomic_store_n(&r->stop, r->stop + 1, __ATOMIC_RELAXED);
}

/* Until all workers have ended the phase. */
static void watch(struct run *r, unsigned threads, bool live)
{
	uint64_t begun = now_ns(), last_ok = 0;
	unsigned ended = 0;

	for (unsigned second = 1; ended < threads;) {
		struct pollfd p[2] = {{.fd = r->signals, .events = POLLIN},
				      {.fd = r->ended, .events = POLLIN}};
		uint64_t at = begun + (uint64_t)second * NS_PER_S, now = now_ns(), n;
		struct totals t;

		poll(p, 2, now >= at ? 0 : (int)((at - now) / 1000000u + 1));
		if (p[0].revents)
			take_signal(r);
		if (p[1].revents && read(r->ended, &n, sizeof(n)) == sizeof(n))
			ended += (unsigned)n;
		if (now_ns() < at || ended == threads)
			continue;
		t = totals_of(r);
		if (live)
			report_live(second, t.ok - last_ok, t.begun, t.ok, t.failed);
		last_ok = t.ok;
		second++;
	}
}

/* ---- phases ---- */

static void *thread_main(void *ctx)
{
	struct thread *t = ctx;
	uint64_t one = 1;

	t->err = worker_run(t->worker, &t->phase);
	while (write(t->run->ended, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

static uint64_t share(uint64_t all, unsigned i, unsigned n)
{
	return all * (i + 1) / n - all * i / n;
}

/* A phase in which every user is handled once when `each` is set; else as given. */
static void phase_for(const struct phase *all, const struct worker *w, bool each, struct phase *ret)
{
	unsigned n = w->n_workers;
	/* Calls have as many sockets for their callees again, behind the callers'. */
	unsigned sockets = w->wire.n_sockets / (w->conf->kind == LOAD_CALL ? 2 : 1);

	*ret = *all;
	ret->n_sockets = sockets;
	ret->first_socket = all->first_socket ? sockets : 0;
	ret->rate = all->rate / n;
	ret->count = each ? w->n_users : share(all->count, w->index, n);
	ret->window = (unsigned)share(all->window, w->index, n);
	if (ret->window < 1)
		ret->window = 1;
	/* A user has one REGISTER under way at most (s10.2). */
	if (all->work == &simple_work && all->method.p[0] == 'R' && ret->window > w->n_users)
		ret->window = (unsigned)w->n_users;
}

/* 0 or -errno; what went wrong is said by the caller. */
static int run_phase(struct run *r, const struct phase *all, bool each, bool live)
{
	struct thread threads[LOAD_THREADS_MAX];
	unsigned n = 0;
	uint64_t begun = now_ns();
	int err = 0;

	for (; n < r->n_workers && !err; n++) {
		struct thread *t = &threads[n];

		*t = (struct thread){.run = r, .worker = &r->workers[n]};
		phase_for(all, t->worker, each, &t->phase);
		err = -pthread_create(&t->id, NULL, thread_main, t);
		if (err)
			break;
	}
	if (err)
		__atomic_store_n(&r->stop, 2, __ATOMIC_RELAXED);
	watch(r, n, live && !err);
	for (unsigned i = 0; i < n; i++) {
		pthread_join(threads[i].id, NULL);
		if (threads[i].err)
			err = threads[i].err;
	}
	r->took_ns = now_ns() - begun;
	return err;
}

static const char *broken_of(const struct run *r)
{
	for (unsigned i = 0; i < r->n_workers; i++)
		if (r->workers[i].broken)
			return r->workers[i].broken;
	return NULL;
}

static int say(const char *what, int err)
{
	char text[128];

	fprintf(stderr, "tsuwa: load: %s: %s\n", what, strerror_r(-err, text, sizeof(text)));
	return 1;
}

/* Registrations that are not measured: of callees, of a first round, their end.  What failed
 * is said; a run can't begin without them.  False: enough to end. */
static bool quietly(struct run *r, const struct template *t, const char *what)
{
	struct phase p = {.work = &simple_work,
			  .template = t,
			  .method = STR("REGISTER"),
			  .window = PREPARE_WINDOW,
			  .first_socket = r->conf->kind == LOAD_CALL};
	int err = run_phase(r, &p, true, false);
	struct totals sum = totals_of(r);
	char room[96];

	if (err)
		return say(what, err) == 0;
	if (broken_of(r)) {
		fprintf(stderr, "tsuwa: load: %s: %s\n", what, broken_of(r));
		return false;
	}
	if (!sum.failed)
		return r->stop == 0;
	fprintf(stderr, "tsuwa: load: %s: %llu of %llu failed\n", what,
		(unsigned long long)sum.failed, (unsigned long long)sum.begun);
	for (unsigned w = 0; w < r->n_workers; w++)
		for (unsigned i = 0; i < FAIL_CODES; i++)
			if (r->workers[w].stats.failed_by[i])
				fprintf(stderr, "tsuwa: load: %llu: %s\n",
					(unsigned long long)r->workers[w].stats.failed_by[i],
					fail_text(i, room, sizeof(room)));
	return false;
}

/* At a rate, enough for all that is under way in a second's delay. */
static unsigned window_of(const struct load_conf *conf)
{
	double under_way;

	if (conf->window || !conf->rate)
		return conf->window ? conf->window : 64;
	under_way = (double)conf->rate * (1.0 + (double)(conf->hold_ms + conf->ring_ms) / 1000);
	return under_way > LOAD_WINDOW_MAX ? LOAD_WINDOW_MAX : (unsigned)under_way + 64;
}

static struct phase measured_phase(const struct run *r)
{
	const struct load_conf *conf = r->conf;
	bool calls = conf->kind == LOAD_CALL;

	return (struct phase){
		.work = calls ? &call_work : &simple_work,
		.template = conf->kind == LOAD_REGISTER ? &r->simple.reg : &r->simple.options,
		.method = conf->kind == LOAD_REGISTER ? STR("REGISTER") : STR("OPTIONS"),
		.count = conf->count,
		.duration_ns = conf->count ? 0 : conf->duration_ms * 1000000u,
		.rate = (double)conf->rate,
		.window = window_of(conf),
	};
}

static int measure(struct run *r)
{
	struct phase p = measured_phase(r);
	struct stats *sum = xzalloc(sizeof(*sum));
	struct report report = {.conf = r->conf, .stats = sum, .window = p.window};
	int err, code;

	if (!sum)
		return say("memory", -ENOMEM);
	report.before = cost_now(&r->server);
	report.own_ns = cost_own_ns();
	err = run_phase(r, &p, false, r->conf->live);
	report.own_ns = cost_own_ns() - report.own_ns;
	report.after = cost_now(&r->server);
	report.took_ns = r->took_ns;
	report.interrupted = r->stop > 0;
	report.broken = broken_of(r);
	for (unsigned i = 0; i < r->n_workers; i++)
		stats_merge(sum, &r->workers[i].stats);
	report_load(&report);
	if (report.broken)
		fprintf(stderr, "tsuwa: load: %s\n", report.broken);
	code = err || report.broken || sum->failed || !sum->ok;
	xfree(sum);
	return err ? say("load", err) : code;
}

/* After Ctrl-C too: what was registered goes; a second one ends that as well. */
static int unregister(struct run *r)
{
	if (r->stop > 1 || broken_of(r))
		return 1;
	r->stop = 0;
	return quietly(r, &r->simple.unreg, "unregister") ? 0 : 1;
}

static int run_all(struct run *r)
{
	const struct load_conf *conf = r->conf;
	bool prepare = conf->kind == LOAD_CALL || (conf->kind == LOAD_REGISTER && conf->refresh);
	bool tidy = conf->kind == LOAD_CALL || (conf->kind == LOAD_REGISTER && conf->unregister);
	int code;

	code = prepare && !quietly(r, &r->simple.reg, "register") ? 1 : measure(r);
	if (tidy && unregister(r))
		code = 1;
	return code;
}

/* ---- begin and end ---- */

static int open_workers(struct run *r)
{
	const struct load_conf *conf = r->conf;
	uint32_t random;
	int err = 0;

	crypto_random(&random, sizeof(random));
	r->workers = xcalloc(conf->n_threads, sizeof(*r->workers));
	if (!r->workers)
		return -ENOMEM;
	while (r->n_workers < conf->n_threads && !err) {
		unsigned i = r->n_workers++;
		unsigned n = (unsigned)share(conf->n_sockets, i, conf->n_threads);

		err = worker_init(&r->workers[i], conf, i, random,
				  (n ? n : 1) * (conf->kind == LOAD_CALL ? 2 : 1), &r->stop);
		r->workers[i].calls = &r->calls;
	}
	return err;
}

static int open_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC);
	r->ended = eventfd(0, EFD_CLOEXEC);
	return r->signals < 0 || r->ended < 0 ? -errno : 0;
}

static void close_all(struct run *r)
{
	for (unsigned i = 0; i < r->n_workers; i++)
		worker_fini(&r->workers[i]);
	xfree(r->workers);
	if (r->signals >= 0)
		close(r->signals);
	if (r->ended >= 0)
		close(r->ended);
}

static int prepare(struct run *r)
{
	char text[ADDR_TEXT_MAX];
	int err = open_signals(r);

	if (!err)
		err = open_workers(r);
	if (err)
		return say(addr_text(&r->conf->target, text), err);
	if (!simple_templates_make(&r->simple, r->conf) ||
	    !call_templates_make(&r->calls, r->conf)) {
		fprintf(stderr, "tsuwa: load: the domain is too long\n");
		return 1;
	}
	if (!cost_find(&r->server, r->conf->pids, r->conf->n_pids)) {
		fprintf(stderr, "tsuwa: load: --server-pid: no such process\n");
		return 1;
	}
	return 0;
}

int load_run(const struct load_conf *conf)
{
	struct run *r = xzalloc(sizeof(*r));
	int code;

	if (!r)
		return say("memory", -ENOMEM);
	r->conf = conf;
	r->signals = r->ended = -1;
	code = prepare(r);
	if (!code)
		code = run_all(r);
	close_all(r);
	xfree(r);
	return code;
}
