/* Who holds a port: the socket's inode from /proc/net, then the process that has it
 * open.  proc(5). */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/scan.h"
#include "net/port.h"

#define TCP_LISTENS 0x0a

struct entry {
	struct addr local;
	unsigned state;
	struct str inode; /* digits */
};

/* "0100007F:13C4": words of the address as the host reads them, then the port. */
static bool read_address(struct str s, struct addr *ret)
{
	struct str ip = str_split(&s, ':');
	struct addr a = {.family = ip.n == 8 ? 4 : 6};
	uint8_t bytes[16], port[2];
	size_t n = ip.n / 2;

	if ((ip.n != 8 && ip.n != 32) || !hex_decode(ip, bytes, n) || s.n != 4 ||
	    !hex_decode(s, port, 2))
		return false;
	for (size_t i = 0; i < n; i += 4) {
		uint32_t word = (uint32_t)bytes[i] << 24 | (uint32_t)bytes[i + 1] << 16 |
				(uint32_t)bytes[i + 2] << 8 | bytes[i + 3];

		memcpy(a.ip + i, &word, 4);
	}
	a.port = (uint16_t)(port[0] << 8 | port[1]);
	*ret = a;
	return true;
}

static struct str next_word(struct scan *s)
{
	scan_run0(s, CC_LWS);
	return scan_until(s, ' ');
}

/* "sl: local remote st tx:rx tr:when retransmit uid timeout inode ..." */
static bool read_entry(struct str line, struct entry *ret)
{
	struct scan s = scan_over(line);
	struct str local, state;
	uint8_t st;

	next_word(&s);
	local = next_word(&s);
	next_word(&s);
	state = next_word(&s);
	for (int i = 0; i < 5; i++)
		next_word(&s);
	ret->inode = next_word(&s);
	if (!read_address(local, &ret->local) || state.n != 2 || !hex_decode(state, &st, 1))
		return false;
	ret->state = st;
	return ret->inode.n > 0;
}

/* Would a bind to want meet this one? */
static bool meets(const struct entry *e, enum transport t, const struct addr *want)
{
	if (e->local.port != want->port || (t != TRANSPORT_UDP && e->state != TCP_LISTENS))
		return false;
	if (addr_is_any(&e->local) || addr_is_any(want))
		return e->local.family == want->family || e->local.family == 6;
	return addr_same_ip(&e->local, want);
}

static bool find_inode(const char *path, enum transport t, const struct addr *want, char *room,
		       size_t size)
{
	FILE *f = fopen(path, "re");
	bool found = false;
	char line[512];
	struct entry e;

	while (f && !found && fgets(line, sizeof(line), f)) {
		found = read_entry(str_c(line), &e) && meets(&e, t, want);
		if (found)
			str_to_c(e.inode, room, size);
	}
	if (f)
		fclose(f);
	return found;
}

/* Does the process have the socket open?  link is "socket:[inode]". */
static bool process_has(const char *pid, const char *link)
{
	char path[64], target[64];
	struct dirent *d;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		found = n > 0 && str_eq(str_of(target, (size_t)n), str_c(link));
	}
	if (dir)
		closedir(dir);
	return found;
}

static void name_process(const char *pid, struct buf *ret)
{
	char path[64], name[64] = "?";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	buf_fmt(ret, "%s (pid %s)", name, pid);
}

static bool find_process(const char *inode, struct buf *ret)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	bool found = false;
	char link[64];

	snprintf(link, sizeof(link), "socket:[%.20s]", inode);
	while (proc && !found && (d = readdir(proc))) {
		if (!cc_is(d->d_name[0], CC_DIGIT))
			continue;
		found = process_has(d->d_name, link);
		if (found)
			name_process(d->d_name, ret);
	}
	if (proc)
		closedir(proc);
	return found;
}

bool net_port_holder(enum transport t, const struct addr *addr, char *room, size_t size)
{
	bool udp = t == TRANSPORT_UDP;
	struct buf b = buf_over(room, size);
	char inode[24];

	if (!find_inode(udp ? "/proc/net/udp" : "/proc/net/tcp", t, addr, inode, sizeof(inode)) &&
	    !find_inode(udp ? "/proc/net/udp6" : "/proc/net/tcp6", t, addr, inode, sizeof(inode)))
		return false;
	if (!find_process(inode, &b))
		buf_puts(&b, STR("a process of another user"));
	buf_c(&b);
	return true;
}
