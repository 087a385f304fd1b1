/* tsuwa check: what is wrong with the configuration or the host, and how to fix it. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include "admin/socket.h"
#include "base/alloc.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/report.h"
#include "cli/user_file.h"
#include "crypto/certificate.h"
#include "net/clock.h"
#include "net/port.h"
#include "net/sockaddr.h"

#define ERRORS_MAX (1u << 20)
#define DAY_S 86400
#define WANTED_RMEM (8u << 20)
#define SOME_YEAR_MS 1704067200000ull /* 2024 */

/* ---- the configuration ---- */

static void check_errors(struct report *r, struct str lines)
{
	while (!str_empty(lines)) {
		struct str line = str_split(&lines, '\n');

		report_add(r, FINDING_ERROR, "configuration", NULL, "%.*s", STR_ARG(line));
	}
}

static struct config *check_config(struct report *r, const char *path)
{
	struct buf why = buf_heap(ERRORS_MAX);
	struct config *c = NULL;

	if (config_load(path, &c, &why)) {
		check_errors(r, buf_str(&why));
		c = NULL;
	} else if (str_empty(c->path)) {
		report_add(r, FINDING_WARN, "configuration", "tsuwa init",
			   "there is no tsuwa.yaml here: the defaults apply");
	} else {
		report_add(r, FINDING_OK, "configuration", NULL, "%.*s", STR_ARG(c->path));
	}
	buf_free(&why);
	return c;
}

/* ---- listeners ---- */

/* The process id of the server that runs on this database, or 0. */
static int running_pid(const struct config *c)
{
	char path[CONTROL_PATH_MAX];
	int fd = control_path(c->database.p, path) ? control_connect(path) : -1;
	int pid = fd >= 0 ? control_peer_pid(fd) : 0;

	if (fd >= 0)
		close(fd);
	return pid;
}

static void report_busy(struct report *r, const struct config_listen *l, int ours)
{
	char holder[256], pid[32];

	if (!net_port_holder(l->transport, &l->at, holder, sizeof(holder)))
		str_to_c(STR("another process"), holder, sizeof(holder));
	snprintf(pid, sizeof(pid), "(pid %d)", ours);
	if (ours && strstr(holder, pid))
		report_add(r, FINDING_OK, "listen", NULL, "%.*s: held by this server, %s",
			   STR_ARG(l->text), holder);
	else
		report_add(r, FINDING_ERROR, "listen",
			   "stop it, or choose another port in tsuwa.yaml", "%.*s: held by %s",
			   STR_ARG(l->text), holder);
}

static void check_listener(struct report *r, const struct config_listen *l, int ours)
{
	int err = l->at.port ? port_probe(l->transport, &l->at) : 0;

	if (!err)
		report_add(r, FINDING_OK, "listen", NULL, "%.*s: free", STR_ARG(l->text));
	else if (err == -EADDRINUSE)
		report_busy(r, l, ours);
	else if (err == -EADDRNOTAVAIL)
		report_add(r, FINDING_ERROR, "listen",
			   "\"ip address\" shows the addresses there are",
			   "%.*s: this host does not have that address", STR_ARG(l->text));
	else if (err == -EACCES)
		report_add(r, FINDING_ERROR, "listen",
			   "choose a port from 1024 on, or give the service CAP_NET_BIND_SERVICE",
			   "%.*s: not permitted", STR_ARG(l->text));
	else
		report_add(r, FINDING_ERROR, "listen", NULL, "%.*s: %s", STR_ARG(l->text),
			   strerror(-err));
}

static void check_listeners(struct report *r, const struct config *c)
{
	int ours = running_pid(c);

	for (unsigned i = 0; i < c->n_listen; i++)
		check_listener(r, &c->listen[i], ours);
	for (unsigned i = 0; i < c->n_listen && !c->auth_register; i++)
		if (!addr_is_loopback(&c->listen[i].at)) {
			report_add(r, FINDING_WARN, "auth", "auth: { register: true }",
				   "%.*s: anybody who reaches it may register as anybody",
				   STR_ARG(c->listen[i].text));
			break;
		}
}

/* ---- the database ---- */

static void count_user(void *ctx, const struct store_user *u)
{
	++*(size_t *)ctx;
}

static void check_users(struct report *r, const struct config *c, struct store_db *db)
{
	size_t n = 0;

	if (store_user_list(db, STR_NONE, count_user, &n))
		report_add(r, FINDING_ERROR, "database", NULL, "%s: %s", c->database.p,
			   store_db_error(db));
	else if (n == 0)
		report_add(r, FINDING_WARN, "database", "tsuwa user add USER@DOMAIN",
			   "%s: has no users", c->database.p);
	else
		report_add(r, FINDING_OK, "database", NULL, "%s: %zu users", c->database.p, n);
}

static void check_database(struct report *r, const struct config *c)
{
	struct store_db *db = NULL;
	struct stat st;
	char err[512];

	if (stat(c->database.p, &st) && errno == ENOENT) {
		report_add(r, FINDING_WARN, "database", "tsuwa init, or tsuwa user add USER@DOMAIN",
			   "%s: not there yet, it will be made", c->database.p);
		return;
	}
	if (store_db_open(c->database.p, false, err, sizeof(err), &db)) {
		report_add(r, FINDING_ERROR, "database", NULL, "%s", err);
		return;
	}
	check_users(r, c, db);
	store_db_close(&db);
	if (stat(c->database.p, &st) == 0 && (st.st_mode & 077))
		report_add(r, FINDING_WARN, "database", "chmod 600 the file",
			   "%s: others may read it, and it holds password digests", c->database.p);
}

/* ---- the certificate ---- */

static void check_names(struct report *r, const struct config *c, const bool *covers)
{
	for (unsigned i = 0; i < c->n_domains; i++)
		if (!covers[i])
			report_add(r, FINDING_WARN, "certificate", "get one that names the domain",
				   "%s: not for %.*s", c->tls_certificate.p,
				   STR_ARG(c->domains[i].name));
}

static void check_dates(struct report *r, const struct config *c, const struct certificate_facts *f)
{
	int64_t now = (int64_t)(clock_wall_ms() / 1000), left = (f->not_after_s - now) / DAY_S;
	const char *path = c->tls_certificate.p;

	if (!f->key_matches)
		report_add(r, FINDING_ERROR, "certificate",
			   "point tls.key to the key it was made with",
			   "%s: %s is the key of another one", path, c->tls_key.p);
	else if (f->not_after_s <= now)
		report_add(r, FINDING_ERROR, "certificate", "renew it", "%s: has expired", path);
	else if (f->not_before_s > now)
		report_add(r, FINDING_ERROR, "certificate", "look at the clock of this host",
			   "%s: is not valid yet", path);
	else
		report_add(r, left < 30 ? FINDING_WARN : FINDING_OK, "certificate",
			   left < 30 ? "renew it" : NULL, "%s: valid for %lld days%s", path,
			   (long long)left, f->self_signed ? ", signs itself" : "");
}

static void check_certificate(struct report *r, const struct config *c)
{
	struct str *names = xcalloc(c->n_domains + 1, sizeof(*names));
	bool *covers = xcalloc(c->n_domains + 1, sizeof(*covers));
	struct certificate_facts facts;
	char room[512];
	struct buf why = buf_over(room, sizeof(room));

	why.cut = true;
	for (unsigned i = 0; names && i < c->n_domains; i++)
		names[i] = c->domains[i].name;
	if (names && covers) {
		if (certificate_look(c->tls_certificate.p, c->tls_key.p, names, c->n_domains,
				     covers, &facts, &why)) {
			report_add(r, FINDING_ERROR, "certificate", NULL, "%s", buf_c(&why));
		} else {
			check_dates(r, c, &facts);
			check_names(r, c, covers);
		}
	}
	xfree(names);
	xfree(covers);
}

/* ---- the host ---- */

/* Does the name lead to an address we listen on, or to this host at all? */
static bool leads_here(const struct config *c, const struct addrinfo *list)
{
	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		union sockaddr_any s = {0};
		struct addr a;

		if (i->ai_addrlen > sizeof(s))
			continue;
		memcpy(&s, i->ai_addr, i->ai_addrlen);
		if (!sockaddr_to(&s, &a))
			continue;
		for (unsigned k = 0; k < c->n_listen; k++)
			if (addr_same_ip(&a, &c->listen[k].at) || addr_is_any(&c->listen[k].at))
				return true;
	}
	return false;
}

static void check_domain(struct report *r, const struct config *c, const struct config_domain *d)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list = NULL;
	struct addr a;
	int err;

	if (addr_parse_ip(d->name, &a)) {
		report_add(r, FINDING_OK, "domain", NULL, "%s", d->name.p);
		return;
	}
	err = getaddrinfo(d->name.p, NULL, &hints, &list);
	if (err)
		report_add(r, FINDING_WARN, "domain",
			   "others find it by DNS: add an address, or SRV records", "%s: %s",
			   d->name.p, gai_strerror(err));
	else if (!leads_here(c, list))
		report_add(r, FINDING_WARN, "domain",
			   "fine when SRV records or a NAT lead here, else correct the DNS",
			   "%s: its address is none that is listened on", d->name.p);
	else
		report_add(r, FINDING_OK, "domain", NULL, "%s: leads here", d->name.p);
	if (list)
		freeaddrinfo(list);
}

static void check_files(struct report *r, const struct config *c)
{
	/* A connection takes one, a call with our media two, and then the rest. */
	unsigned long long wanted = c->max_connections + 64 + 32 * c->workers;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	if (l.rlim_max == RLIM_INFINITY || l.rlim_max >= wanted)
		report_add(r, FINDING_OK, "open files", NULL, "up to %llu",
			   (unsigned long long)l.rlim_max);
	else
		report_add(r, FINDING_WARN, "open files",
			   "LimitNOFILE= in the service, ulimit -n in a shell, or a lower "
			   "limits.connections",
			   "%llu allowed, limits.connections may need %llu",
			   (unsigned long long)l.rlim_max, wanted);
}

static bool read_number(const char *path, uint64_t *ret)
{
	char room[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, sizeof(room));

	if (fd >= 0)
		close(fd);
	return n > 0 && str_to_u64(str_trim(str_of(room, (size_t)n)), ret);
}

static void check_buffers(struct report *r)
{
	uint64_t n;

	if (!read_number("/proc/sys/net/core/rmem_max", &n))
		return;
	if (n >= WANTED_RMEM)
		report_add(r, FINDING_OK, "UDP buffers", NULL, "up to %llu bytes",
			   (unsigned long long)n);
	else
		report_add(r, FINDING_WARN, "UDP buffers", "sysctl -w net.core.rmem_max=8388608",
			   "up to %llu bytes: bursts of messages may be lost",
			   (unsigned long long)n);
}

static void check_clock(struct report *r)
{
	struct timex t = {0};
	int state = adjtimex(&t);

	if (clock_wall_ms() < SOME_YEAR_MS)
		report_add(r, FINDING_ERROR, "clock", "set it: registrations end by it",
			   "the date lies years behind");
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		report_add(r, FINDING_WARN, "clock", "run systemd-timesyncd, chrony or ntpd",
			   "nothing keeps it right");
	else
		report_add(r, FINDING_OK, "clock", NULL, "kept right");
}

static void check_all(struct report *r, const struct config *c)
{
	check_listeners(r, c);
	check_database(r, c);
	if (!str_empty(c->tls_certificate))
		check_certificate(r, c);
	for (unsigned i = 0; i < c->n_domains; i++)
		check_domain(r, c, &c->domains[i]);
	check_files(r, c);
	check_buffers(r);
	check_clock(r);
}

static int run(const struct args *a)
{
	struct report r;
	struct config *c;
	bool errors;

	report_init(&r, args_has(a, "--json"));
	c = check_config(&r, args_value(a, "--config"));
	if (c)
		check_all(&r, c);
	errors = r.n_errors > 0;
	report_end(&r);
	config_free(&c);
	return errors ? CLI_FAILED : CLI_DONE;
}

static const struct cli_option options[] = {OPTION_CONFIG, OPTION_JSON, {0}};

const struct command cmd_check = {
	.name = "check",
	.operands = "",
	.options = options,
	.summary = "what is wrong with the configuration or the host, and how to fix it",
	.about = "Reads the configuration and looks at what it needs: listeners, database, "
		 "certificate, names, limits of the host, clock. Changes nothing. Fails when there "
		 "is an error; warnings alone do not.",
	.run = run,
};
