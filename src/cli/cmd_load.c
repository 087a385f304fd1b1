/* tsuwa load: the load generator. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/password.h"
#include "load/load.h"
#include "net/sockaddr.h"

#define USERS_MAX 10000000
#define RATE_MAX 10000000

static bool take_kind(const char *word, struct load_conf *ret)
{
	static const char *const kinds[] = {"register", "options", "call", NULL};

	for (unsigned i = 0; kinds[i]; i++)
		if (!strcmp(word, kinds[i])) {
			ret->kind = (enum load_kind)i;
			return true;
		}
	out_unknown("load", word, kinds);
	return false;
}

/* "HOST:PORT", "HOST", "[IPv6]:PORT"; a name's first address. */
static bool resolve(const char *text, struct addr *ret)
{
	struct str s = str_c(text);
	size_t colon = str_find(s, ':');
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
	union sockaddr_any any = {0};
	char host[256];
	uint32_t port = 5060;

	if (addr_parse(s, ret) || addr_parse_ip(s, ret)) {
		ret->port = ret->port ? ret->port : 5060;
		return true;
	}
	if ((colon < s.n &&
	     (!str_to_u32(str_skip(s, colon + 1), &port) || !port || port > 65535)) ||
	    getaddrinfo(str_to_c(str_first(s, colon), host, sizeof(host)), NULL, &hints, &found))
		return false;
	memcpy(&any, found->ai_addr,
	       found->ai_addrlen < sizeof(any) ? found->ai_addrlen : sizeof(any));
	freeaddrinfo(found);
	if (!sockaddr_to(&any, ret))
		return false;
	ret->port = (uint16_t)port;
	return true;
}

/* Nothing that would end a URI or a line. */
static bool is_plain(const char *s)
{
	return *s && !strpbrk(s, " \t\r\n<>{}");
}

static bool take_target(const struct args *a, struct load_conf *c, struct buf *domain)
{
	const char *target = args_value(a, "--target"), *d = args_value(a, "--domain");
	struct addr ip;

	if (!resolve(target ? target : "127.0.0.1:5060", &c->target)) {
		out_error("--target: expected HOST:PORT that can be found, found \"%s\"", target);
		return false;
	}
	ip = c->target;
	ip.port = 0;
	if (d)
		buf_puts(domain, str_c(d));
	else
		addr_put(domain, &ip);
	c->domain = buf_str(domain);
	if (!domain->failed && (!d || (is_plain(d) && !strchr(d, '@'))))
		return true;
	out_error("--domain: \"%s\" is no domain", d ? d : "");
	return false;
}

static bool take_uri(const struct args *a, struct load_conf *c, struct buf *room)
{
	const char *uri = args_value(a, "--uri");

	buf_puts(room, STR("sip:"));
	buf_puts(room, c->domain);
	c->uri = uri ? str_c(uri) : buf_str(room);
	if (!uri || is_plain(uri))
		return true;
	out_error("--uri: \"%s\" is no URI", uri);
	return false;
}

static bool take_words(const struct args *a, struct load_conf *c)
{
	const char *transport = args_value(a, "--transport"), *alg = args_value(a, "--algorithm");

	c->tcp = transport && !strcmp(transport, "tcp");
	if (transport && !c->tcp && strcmp(transport, "udp")) {
		out_error("--transport: expected udp or tcp, found \"%s\"", transport);
		return false;
	}
	if (alg)
		c->algorithm = !strcmp(alg, "MD5")       ? SIP_ALG_MD5
			       : !strcmp(alg, "SHA-256") ? SIP_ALG_SHA256
							 : SIP_ALG_UNKNOWN;
	if (alg && c->algorithm == SIP_ALG_UNKNOWN)
		out_error("--algorithm: expected MD5 or SHA-256, found \"%s\"", alg);
	return !alg || c->algorithm != SIP_ALG_UNKNOWN;
}

static bool take_numbers(const struct args *a, struct load_conf *c, uint64_t *users)
{
	uint64_t window = 0, sockets = 1, threads = 1, expires = 3600;

	if (!args_number(a, "--users", 1, USERS_MAX, users) ||
	    !args_number(a, "--window", 1, LOAD_WINDOW_MAX, &window) ||
	    !args_number(a, "--rate", 1, RATE_MAX, &c->rate) ||
	    !args_number(a, "--count", 1, UINT32_MAX, &c->count) ||
	    !args_number(a, "--sockets", 1, LOAD_SOCKETS_MAX, &sockets) ||
	    !args_number(a, "--threads", 1, LOAD_THREADS_MAX, &threads) ||
	    !args_number(a, "--expires", 1, UINT32_MAX, &expires) ||
	    !args_duration_ms(a, "--duration", &c->duration_ms) ||
	    !args_duration_ms(a, "--hold", &c->hold_ms) ||
	    !args_duration_ms(a, "--ring", &c->ring_ms) ||
	    !args_duration_ms(a, "--timeout", &c->timeout_ms))
		return false;
	c->window = (unsigned)window;
	c->n_threads = (unsigned)threads;
	c->n_sockets = (unsigned)(sockets < threads ? threads : sockets);
	c->expires_s = (uint32_t)expires;
	if (c->duration_ms && c->timeout_ms)
		return true;
	out_error("--duration and --timeout are more than nothing");
	return false;
}

static bool take_pids(const struct args *a, struct load_conf *c)
{
	const char *v;

	for (unsigned i = 0; (v = args_all(a, "--server-pid", i)); i++) {
		uint32_t pid;

		if (!str_to_u32(str_c(v), &pid) || !pid || pid > INT32_MAX ||
		    c->n_pids == LOAD_PIDS_MAX) {
			out_error("--server-pid: expected a process, found \"%s\"", v);
			return false;
		}
		c->pids[c->n_pids++] = (pid_t)pid;
	}
	return true;
}

static bool made(int err, const char *what)
{
	if (err)
		out_error("%s: %s", what, strerror(-err));
	return !err;
}

static bool read_accounts(const char *path, struct users *ret)
{
	unsigned line = 0;
	int err = users_read(ret, path, &line);

	if (err == -EBADMSG)
		out_error("%s:%u: expected USER,PASSWORD", path, line);
	return err == -EBADMSG ? false : made(err, path);
}

static bool take_users(const struct args *a, struct load_conf *c, uint64_t n)
{
	const char *prefix = args_value(a, "--user-prefix"), *file = args_value(a, "--accounts");
	char password[PASSWORD_MAX];
	bool has = args_has(a, "--password-stdin") || getenv("TSUWA_PASSWORD"), good;

	if (file) {
		good = read_accounts(file, c->users);
	} else {
		if (has && !password_get(args_has(a, "--password-stdin"), "Password of the users",
					 false, password))
			return false;
		good = made(users_make(c->users, n, str_c(prefix ? prefix : "u"),
				       has ? password : NULL),
			    "users");
		if (has)
			password_wipe(password);
	}
	if (good && args_has(a, "--reuse-nonce"))
		good = made(users_keep_nonces(c->users), "users");
	if (good && c->users->n < c->n_threads)
		c->n_threads = (unsigned)c->users->n;
	return good;
}

static int run(const struct args *a)
{
	char domain[256], uri[300];
	struct buf d = buf_over(domain, sizeof(domain)), u = buf_over(uri, sizeof(uri));
	struct users users = {0};
	struct load_conf c = {.users = &users, .duration_ms = 10000, .timeout_ms = 32000};
	uint64_t n = 1000;
	int code = CLI_USAGE;

	if (!take_kind(a->operand[0], &c) || !take_target(a, &c, &d) || !take_uri(a, &c, &u) ||
	    !take_words(a, &c) || !take_numbers(a, &c, &n) || !take_pids(a, &c))
		return CLI_USAGE;
	c.refresh = args_has(a, "--refresh");
	c.unregister = args_has(a, "--unregister");
	c.json = args_has(a, "--json");
	c.live = isatty(STDERR_FILENO);
	if (take_users(a, &c, n))
		code = load_run(&c);
	users_free(&users);
	return code;
}

static const struct cli_option options[] = {
	{"--target", 0, "HOST:PORT", "where to send; default: 127.0.0.1:5060"},
	{"--domain", 0, "DOMAIN", "of the users; default: the target's address"},
	{"--uri", 0, "URI", "whom OPTIONS asks; default: sip:DOMAIN"},
	{"--transport", 0, "udp|tcp", "default: udp"},
	{"--users", 0, "N", "how many take turns; default: 1000"},
	{"--user-prefix", 0, "TEXT", "their names are TEXT0, TEXT1 ...; default: u"},
	{"--accounts", 0, "FILE",
	 "names and passwords from lines USER,PASSWORD or USER@DOMAIN,PASSWORD instead"},
	{"--password-stdin", 0, NULL,
	 "the password of all users is the first line of standard input (or TSUWA_PASSWORD)"},
	{"--algorithm", 0, "MD5|SHA-256",
	 "answer challenges of this algorithm only; default: the first that the server offers"},
	{"--reuse-nonce", 0, NULL,
	 "keep a nonce for further requests (nc rises); default: every operation is challenged"},
	{"--window", 0, "N", "operations at once; default: 64, or what --rate needs"},
	{"--rate", 0, "N", "begin so many a second, evenly; default: as fast as answers come"},
	{"--count", 0, "N", "end after so many operations"},
	{"--duration", 0, "TIME", "end after this time when there is no --count; default: 10s"},
	{"--sockets", 0, "N",
	 "sockets or connections, each an address of its own; default: one a thread"},
	{"--threads", 0, "N", "default: 1"},
	{"--expires", 0, "SECONDS", "what REGISTER asks for; default: 3600"},
	{"--refresh", 0, NULL, "register all users first, and measure only what follows"},
	{"--unregister", 0, NULL, "remove all registrations at the end (calls always do)"},
	{"--hold", 0, "TIME", "how long a call stands; default: 0s, BYE follows the ACK"},
	{"--ring", 0, "TIME", "how long a call rings; default: 0s"},
	{"--timeout", 0, "TIME", "when an operation has failed; default: 32s (64 times T1)"},
	{"--server-pid", 0, "PID",
	 "tell what this process and its children cost for each operation; may stand several "
	 "times"},
	OPTION_JSON,
	{0},
};

const struct command cmd_load = {
	.name = "load",
	.operands = "register|options|call",
	.min_operands = 1,
	.max_operands = 1,
	.options = options,
	.summary = "put load on a server and measure it",
	.about = "Registers users, sends OPTIONS or makes whole calls, as fast as the answers come "
		 "or at a rate, for ten seconds unless told otherwise, and prints rate, times, "
		 "failures and what an operation cost.\n\n"
		 "A call is INVITE, 180, 200, ACK, BYE and 200 by way of the server: this program "
		 "is caller and callee, registers its callees first, follows Record-Route, and "
		 "counts a call only when its ACK has arrived. Lost datagrams are repeated as RFC "
		 "3261 says.\n\n"
		 "Ctrl-C begins nothing more and waits for what is under way; the second one ends "
		 "at once. Exits with 1 when an operation failed.",
	.examples = "  tsuwa load options --target 127.0.0.1:5060\n"
		    "  tsuwa load register --users 20000 --refresh --count 100000 --sockets 64\n"
		    "  TSUWA_PASSWORD=secret tsuwa load call --domain example.com --rate 1000 "
		    "--duration 1m\n",
	.run = run,
};
