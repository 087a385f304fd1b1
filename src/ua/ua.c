#include "ua/ua.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

uint64_t ua_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void ua_timer(struct ua *u, struct timer *t, uint64_t in_ms)
{
	timer_set(&u->wheel, t, ua_now_ms() + in_ms);
}

/* ---- what people see ---- */

void ua_say(struct ua *u, const char *format, ...)
{
	FILE *f = u->conf.json ? stderr : stdout;
	uint64_t ms = ua_now_ms() - u->start_ms;
	char room[2048], clean[sizeof(room)];
	struct buf b = buf_over(room, sizeof(room));
	va_list ap;

	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	fprintf(f, "+%llu.%03llus %s\n", (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000),
		ua_clean((struct tsuwa_str){b.p, b.n}, clean, sizeof(clean)));
	fflush(f);
}

const char *ua_hint(const struct ua *u, unsigned status)
{
	if (status != 401 && status != 407)
		return "";
	return tsuwa_account_user(u->conf.account).n ? " (wrong user or password?)"
						     : " (give --account or --user)";
}

static void log_line(void *ctx, struct tsuwa_ua *agent, enum tsuwa_log_level level,
		     struct tsuwa_str line)
{
	if (level <= TSUWA_LOG_WARN)
		fprintf(stderr, "tsuwa: %.*s\n", TSUWA_STR_ARG(line));
}

static void show_bytes(void *ctx, struct tsuwa_ua *agent, bool out, const char *peer,
		       struct tsuwa_str bytes)
{
	fprintf(stderr, "%s %s\n%.*s\n", out ? ">>>" : "<<<", peer, TSUWA_STR_ARG(bytes));
}

/* ---- life ---- */

/* Each call takes two descriptors. */
static void raise_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static int watch_signals(struct ua *u)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	u->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return u->signals < 0 ? -errno : 0;
}

static void on_end(void *ctx)
{
	struct ua *u = ctx;

	u->stopped = true;
}

static int make_agent(struct ua *u, const struct ua_user *user)
{
	struct tsuwa_ua_events events = user->events;
	const struct tsuwa_ua_conf conf = {
		.size = sizeof(conf),
		.account = u->conf.account,
		.listen = u->conf.listen,
		.target = u->conf.target,
		.events = &events,
		.ctx = user->ctx,
	};
	struct tsuwa_error err;
	int code;

	events.size = sizeof(events);
	events.on_log = log_line;
	events.on_bytes = u->conf.trace ? show_bytes : NULL;
	code = tsuwa_ua_new(&conf, &u->agent, &err);
	if (code)
		ua_error("%s", err.text);
	return code;
}

int ua_new(const struct ua_conf *conf, const struct ua_user *user, struct ua **ret)
{
	struct ua *u = xzalloc(sizeof(*u));
	int err = u ? 0 : -ENOMEM;

	if (!err) {
		u->conf = *conf;
		u->on_interrupt = user->on_interrupt;
		u->ctx = user->ctx;
		u->start_ms = ua_now_ms();
		wheel_init(&u->wheel, u->start_ms);
		timer_init(&u->end, on_end, u);
		raise_descriptors();
		err = watch_signals(u);
	}
	if (err)
		ua_error("can't start: %s", strerror(-err));
	else
		err = make_agent(u, user);
	if (err) {
		ua_free(&u);
		return UA_FAILED;
	}
	*ret = u;
	return 0;
}

void ua_free(struct ua **pu)
{
	struct ua *u = *pu;

	if (!u)
		return;
	*pu = NULL;
	tsuwa_ua_free(&u->agent);
	if (u->signals >= 0)
		close(u->signals);
	xfree(u);
}

/* ---- the loop ---- */

static void on_signal(struct ua *u)
{
	struct signalfd_siginfo info;

	while (read(u->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (u->interrupted || !u->on_interrupt) {
			u->stopped = true;
			return;
		}
		u->interrupted = true;
		ua_timer(u, &u->end, UA_HANGUP_MS);
		u->on_interrupt(u->ctx);
	}
}

static int sleep_ms(const struct ua *u)
{
	uint64_t next = wheel_next(&u->wheel), now = ua_now_ms();

	if (next == WHEEL_NEVER)
		return -1;
	if (next <= now)
		return 0;
	return next - now < INT_MAX ? (int)(next - now) : INT_MAX;
}

int ua_run(struct ua *u)
{
	struct pollfd p[2] = {{.fd = u->signals, .events = POLLIN},
			      {.fd = tsuwa_ua_fd(u->agent), .events = POLLIN}};

	while (!u->stopped) {
		p[0].revents = p[1].revents = 0;
		if (poll(p, 2, sleep_ms(u)) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			tsuwa_ua_step(u->agent);
		if (p[0].revents)
			on_signal(u);
		wheel_run(&u->wheel, ua_now_ms());
	}
	return u->exit_code;
}

void ua_stop(struct ua *u, int exit_code)
{
	u->exit_code = exit_code;
	u->stopped = true;
}
