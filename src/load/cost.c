#include "load/cost.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* 0: it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	const char *p;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	p = strrchr(line, ')'); /* the name may hold anything */
	return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

static bool holds(const struct cost_of *c, pid_t pid)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->pid[i] == pid)
			return true;
	return false;
}

/* One more generation.  Whether there was one. */
static bool add_children(struct cost_of *c)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool more = false;

	while (d && (e = readdir(d)) && c->n < COST_PIDS) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid > 0 && !holds(c, pid) && holds(c, parent_of(pid))) {
			c->pid[c->n++] = pid;
			more = true;
		}
	}
	if (d)
		closedir(d);
	return more;
}

bool cost_find(struct cost_of *c, const pid_t *pids, unsigned n)
{
	c->n = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!parent_of(pids[i]) && pids[i] != 1)
			return false;
		if (!holds(c, pids[i]) && c->n < COST_PIDS)
			c->pid[c->n++] = pids[i];
	}
	while (c->n && add_children(c))
		;
	return true;
}

static uint64_t pss_bytes(pid_t pid)
{
	char path[64], line[256];
	unsigned long long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", (long)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "Pss:", 4))
			kb = strtoull(line + 4, NULL, 10);
	if (f)
		fclose(f);
	return kb * 1024;
}

/* The process's CPU clock: utime + stime of /proc/PID/stat, by the nanosecond. */
struct cost cost_now(const struct cost_of *c)
{
	struct cost sum = {0};

	for (unsigned i = 0; i < c->n; i++) {
		clockid_t id;

		if (clock_getcpuclockid(c->pid[i], &id) == 0)
			sum.cpu_ns += read_clock(id);
		sum.memory_bytes += pss_bytes(c->pid[i]);
	}
	return sum;
}

uint64_t cost_own_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}
