/* sipload: a closed loop of SIP requests over UDP, for measurements.  Linked to nothing
 * but libc and free of any code of the project, so that it burdens every server alike.
 *
 *   sipload --to ADDRESS:PORT --op options|register [--domain D] [--users N] [--count N]
 *           [--window N] [--sockets N] [--round N] [--pid P]...
 *
 * The users u0, u1 ... take turns; user i keeps its Call-ID, and CSeq is the round, so that
 * a second run with --round 2 refreshes what the first one made.  Prints one line of JSON;
 * cpu_us is the CPU time that the processes of --pid took for one operation. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX 64
#define WINDOW_MAX 4096
#define PIDS_MAX 64
#define BATCH 64
#define REQUEST_MAX 800
#define REPLY_MAX 4096
#define RETRY_NS 500000000ull
#define GIVE_UP_NS 20000000000ull

struct slot {
	uint64_t sent_ns, first_ns;
	uint32_t number; /* of the operation; in the branch */
	bool busy;
};

struct load {
	struct sockaddr_in to;
	const char *domain;
	bool is_register;
	unsigned users, window, n_sockets, round;
	uint64_t count, begun, done, refused, retries, failed;
	int fd[SOCKETS_MAX];
	char local[SOCKETS_MAX][32];
	struct slot slot[WINDOW_MAX];
	pid_t pid[PIDS_MAX];
	unsigned n_pids;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	return clock_gettime(id, &t) ? 0 : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* All CPU time that the servers have used. */
static uint64_t cpu_ns(const struct load *l)
{
	uint64_t sum = 0;
	clockid_t id;

	for (unsigned i = 0; i < l->n_pids; i++)
		if (clock_getcpuclockid(l->pid[i], &id) == 0)
			sum += clock_ns(id);
	return sum;
}

static void die(const char *what)
{
	fprintf(stderr, "sipload: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void open_sockets(struct load *l)
{
	for (unsigned i = 0; i < l->n_sockets; i++) {
		struct sockaddr_in me;
		socklen_t n = sizeof(me);
		int size = 4 << 20;

		l->fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (l->fd[i] < 0 || connect(l->fd[i], (struct sockaddr *)&l->to, sizeof(l->to)) ||
		    getsockname(l->fd[i], (struct sockaddr *)&me, &n))
			die("socket");
		if (setsockopt(l->fd[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
			setsockopt(l->fd[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		snprintf(l->local[i], sizeof(l->local[i]), "127.0.0.1:%u", ntohs(me.sin_port));
	}
}

static size_t put_options(const struct load *l, unsigned s, unsigned slot, char *room)
{
	uint32_t n = l->slot[slot].number;

	return (size_t)snprintf(room, REQUEST_MAX,
				"OPTIONS sip:%s SIP/2.0\r\n"
				"Via: SIP/2.0/UDP %s;branch=z9hG4bKx%u-%u-%u\r\n"
				"From: <sip:load@%s>;tag=%u\r\nTo: <sip:%s>\r\n"
				"Call-ID: o%u-%u@load\r\nCSeq: %u OPTIONS\r\n"
				"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
				l->domain, l->local[s], slot, n, l->round, l->domain, slot,
				l->domain, slot, l->round, n + 1);
}

static size_t put_register(const struct load *l, unsigned s, unsigned slot, char *room)
{
	uint32_t n = l->slot[slot].number;
	unsigned user = n % l->users, round = l->round + n / l->users;

	return (size_t)snprintf(room, REQUEST_MAX,
				"REGISTER sip:%s SIP/2.0\r\n"
				"Via: SIP/2.0/UDP %s;branch=z9hG4bKx%u-%u-%u\r\n"
				"From: <sip:u%u@%s>;tag=%u\r\nTo: <sip:u%u@%s>\r\n"
				"Call-ID: r%u@load\r\nCSeq: %u REGISTER\r\n"
				"Contact: <sip:u%u@127.0.0.1:%u>\r\nExpires: 3600\r\n"
				"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
				l->domain, l->local[s], slot, n, l->round, user, l->domain, user,
				user, l->domain, user, round, user, 10000 + user % 50000);
}

/* ---- sending in batches, one a socket ---- */

struct batch {
	unsigned n;
	char room[BATCH][REQUEST_MAX];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
};

static void flush(const struct load *l, unsigned s, struct batch *b)
{
	unsigned sent = 0;

	while (sent < b->n) {
		int got = sendmmsg(l->fd[s], b->msg + sent, b->n - sent, 0);

		if (got > 0)
			sent += (unsigned)got;
		else if (errno == EAGAIN || errno == ENOBUFS)
			poll(&(struct pollfd){.fd = l->fd[s], .events = POLLOUT}, 1, 10);
		else if (errno != ECONNREFUSED && errno != EINTR)
			die("send");
	}
	b->n = 0;
}

static void put(struct load *l, unsigned slot, struct batch *b, uint64_t now)
{
	unsigned s = slot % l->n_sockets, i = b->n++;
	size_t n = (l->is_register ? put_register : put_options)(l, s, slot, b->room[i]);

	b->iov[i] = (struct iovec){b->room[i], n};
	b->msg[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &b->iov[i], .msg_iovlen = 1}};
	l->slot[slot].sent_ns = now;
	if (b->n == BATCH)
		flush(l, s, b);
}

static void begin(struct load *l, unsigned slot, struct batch *b, uint64_t now)
{
	struct slot *at = &l->slot[slot];

	at->busy = l->begun < l->count;
	if (!at->busy)
		return;
	at->number = (uint32_t)l->begun++;
	at->first_ns = now;
	put(l, slot, b, now);
}

/* ---- replies ---- */

static void take(struct load *l, const char *p, size_t n, struct batch *b, uint64_t now)
{
	static const char mark[] = "z9hG4bKx";
	const char *at = memmem(p, n, mark, sizeof(mark) - 1);
	unsigned slot, round, status;
	uint32_t number;

	if (!at || sscanf(at + sizeof(mark) - 1, "%u-%u-%u", &slot, &number, &round) != 3 ||
	    sscanf(p, "SIP/2.0 %u", &status) != 1 || status < 200)
		return;
	if (slot >= l->window || round != l->round || !l->slot[slot].busy ||
	    l->slot[slot].number != number)
		return; /* of a retry */
	l->done++;
	l->refused += status != 200;
	begin(l, slot, b, now);
}

static void receive(struct load *l, unsigned s, struct batch *b)
{
	static char room[BATCH][REPLY_MAX + 1];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
	uint64_t now = now_ns();
	int got;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){room[i], REPLY_MAX};
		msg[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	got = recvmmsg(l->fd[s], msg, BATCH, 0, NULL);
	for (int i = 0; i < got; i++) {
		room[i][msg[i].msg_len] = '\0';
		take(l, room[i], msg[i].msg_len, b, now);
	}
	flush(l, s, b);
}

static void retry(struct load *l, struct batch *b)
{
	uint64_t now = now_ns();

	for (unsigned s = 0; s < l->n_sockets; s++) {
		for (unsigned i = s; i < l->window; i += l->n_sockets) {
			struct slot *at = &l->slot[i];

			if (!at->busy || now - at->sent_ns < RETRY_NS)
				continue;
			if (now - at->first_ns < GIVE_UP_NS) {
				l->retries++;
				put(l, i, b, now);
			} else {
				l->failed++;
				begin(l, i, b, now);
			}
		}
		flush(l, s, b);
	}
}

static void run(struct load *l)
{
	static struct batch b;
	struct pollfd p[SOCKETS_MAX];
	uint64_t next_look = now_ns() + RETRY_NS / 5;

	for (unsigned s = 0; s < l->n_sockets; s++) {
		p[s] = (struct pollfd){.fd = l->fd[s], .events = POLLIN};
		for (unsigned i = s; i < l->window; i += l->n_sockets)
			begin(l, i, &b, now_ns());
		flush(l, s, &b);
	}
	while (l->done + l->failed < l->count) {
		poll(p, l->n_sockets, 100);
		for (unsigned s = 0; s < l->n_sockets; s++)
			if (p[s].revents)
				receive(l, s, &b);
		if (now_ns() < next_look)
			continue;
		retry(l, &b);
		next_look = now_ns() + RETRY_NS / 5;
	}
}

/* ---- the command line ---- */

static unsigned number(const char *name, const char *text, unsigned long max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end || end == text || v < 1 || v > max) {
		fprintf(stderr, "sipload: %s: a number from 1 to %lu\n", name, max);
		exit(2);
	}
	return (unsigned)v;
}

static void take_to(struct load *l, char *text)
{
	char *colon = strrchr(text, ':');

	l->to.sin_family = AF_INET;
	if (colon)
		*colon = '\0';
	if (!colon || inet_pton(AF_INET, text, &l->to.sin_addr) != 1) {
		fprintf(stderr, "sipload: --to ADDRESS:PORT\n");
		exit(2);
	}
	l->to.sin_port = htons((uint16_t)number("port", colon + 1, 65535));
}

static void take_option(struct load *l, const char *name, char *v)
{
	if (!strcmp(name, "--to"))
		take_to(l, v);
	else if (!strcmp(name, "--op"))
		l->is_register = !strcmp(v, "register");
	else if (!strcmp(name, "--domain"))
		l->domain = v;
	else if (!strcmp(name, "--users"))
		l->users = number(name, v, 10000000);
	else if (!strcmp(name, "--count"))
		l->count = number(name, v, 4000000000u);
	else if (!strcmp(name, "--window"))
		l->window = number(name, v, WINDOW_MAX);
	else if (!strcmp(name, "--sockets"))
		l->n_sockets = number(name, v, SOCKETS_MAX);
	else if (!strcmp(name, "--round"))
		l->round = number(name, v, 1000000);
	else if (!strcmp(name, "--pid") && l->n_pids < PIDS_MAX)
		l->pid[l->n_pids++] = (pid_t)number(name, v, 1u << 22);
	else {
		fprintf(stderr, "sipload: what is %s?\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct load l = {.domain = "127.0.0.1",
				.users = 20000,
				.count = 100000,
				.window = 64,
				.n_sockets = 1,
				.round = 1};
	uint64_t begun, cpu, took;

	for (int i = 1; i + 1 < argc; i += 2)
		take_option(&l, argv[i], argv[i + 1]);
	if (!l.to.sin_port || l.n_sockets > l.window || argc % 2 == 0) {
		fprintf(stderr, "usage: sipload --to ADDRESS:PORT --op options|register ...\n");
		return 2;
	}
	open_sockets(&l);
	begun = now_ns();
	cpu = cpu_ns(&l);
	run(&l);
	cpu = cpu_ns(&l) - cpu;
	took = now_ns() - begun;
	printf("{\"operations\": %llu, \"per_second\": %.0f, \"cpu_us\": %.3f, \"refused\": %llu, "
	       "\"retries\": %llu, \"failed\": %llu}\n",
	       (unsigned long long)l.done, (double)l.done * 1e9 / (double)took,
	       (double)cpu / 1e3 / (double)(l.done ? l.done : 1), (unsigned long long)l.refused,
	       (unsigned long long)l.retries, (unsigned long long)l.failed);
	return l.failed || l.refused ? 1 : 0;
}
