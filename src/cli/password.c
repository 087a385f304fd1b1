#include "cli/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cli/out.h"

void password_wipe(char room[PASSWORD_MAX])
{
	explicit_bzero(room, PASSWORD_MAX);
}

/* A line without its end.  1, 0 (nothing came), -1 (too long). */
static int read_line(int fd, char ret[PASSWORD_MAX])
{
	size_t n = 0;
	bool ended = false, any = false;

	while (!ended) {
		char c;
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		any |= got == 1;
		ended = got != 1 || c == '\n';
		if (ended)
			break;
		if (n == PASSWORD_MAX - 1)
			return -1;
		ret[n++] = c;
	}
	if (n && ret[n - 1] == '\r')
		n--;
	ret[n] = '\0';
	return any ? 1 : 0;
}

static bool good(int got, const char *p)
{
	if (got < 0) {
		out_error("the password is longer than %d characters", PASSWORD_MAX - 1);
		return false;
	}
	if (got == 0 || !p[0]) {
		out_error("the password is empty");
		return false;
	}
	return true;
}

/* Until a line is there.  False: a signal came, which waits until it is let through. */
static bool wait_line(int tty, const sigset_t *set)
{
	int signals = signalfd(-1, set, SFD_CLOEXEC);
	struct pollfd p[2] = {{.fd = tty, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int n;

	do
		n = poll(p, 2, -1);
	while (n < 0 && errno == EINTR);
	if (signals >= 0)
		close(signals);
	return n > 0 && !p[1].revents;
}

/* Signals wait while the terminal does not echo, so that none leaves it so. */
static int ask(int tty, const char *prompt, char ret[PASSWORD_MAX])
{
	struct termios old, quiet;
	sigset_t set, before;
	int got = 0;

	if (tcgetattr(tty, &old))
		return 0;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &before);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	dprintf(tty, "%s: ", prompt);
	if (wait_line(tty, &set))
		got = read_line(tty, ret);
	tcsetattr(tty, TCSAFLUSH, &old);
	dprintf(tty, "\n");
	sigprocmask(SIG_SETMASK, &before, NULL);
	return got;
}

static bool ask_twice(int tty, const char *prompt, bool twice, char ret[PASSWORD_MAX])
{
	char again[PASSWORD_MAX];
	bool same;

	if (!good(ask(tty, prompt, ret), ret))
		return false;
	if (!twice)
		return true;
	same = good(ask(tty, "Again", again), again) && !strcmp(ret, again);
	if (!same)
		out_error("the two passwords differ");
	password_wipe(again);
	return same;
}

static bool from_terminal(const char *prompt, bool twice, char ret[PASSWORD_MAX])
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool done;

	if (tty < 0) {
		out_error("no password: give it by --password-stdin or TSUWA_PASSWORD");
		return false;
	}
	done = ask_twice(tty, prompt, twice, ret);
	close(tty);
	return done;
}

bool password_get(bool from_stdin, const char *prompt, bool twice, char ret[PASSWORD_MAX])
{
	const char *env = getenv("TSUWA_PASSWORD");

	if (from_stdin)
		return good(read_line(STDIN_FILENO, ret), ret);
	if (!env)
		return from_terminal(prompt, twice, ret);
	if (strlen(env) >= PASSWORD_MAX)
		return good(-1, ret);
	memcpy(ret, env, strlen(env) + 1);
	return good(1, ret);
}
