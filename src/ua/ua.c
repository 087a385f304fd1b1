#include "ua/ua.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "media/media_net.h"
#include "net/clock.h"
#include "net/sockaddr.h"

/* ---- what people see ---- */

const char *ua_clean(struct str text, char *room, size_t size)
{
	str_to_c(text, room, size);
	for (char *p = room; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = *p == '\n' || *p == '\t' ? ' ' : '?';
	return room;
}

void ua_say(struct ua *u, const char *format, ...)
{
	FILE *f = u->conf.json ? stderr : stdout;
	uint64_t ms = clock_mono_ms() - u->start_ms;
	char room[2048], clean[sizeof(room)];
	struct buf b = buf_over(room, sizeof(room));
	va_list ap;

	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	fprintf(f, "+%llu.%03llus %s\n", (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000), ua_clean(buf_str(&b), clean, sizeof(clean)));
	fflush(f);
}

void ua_error(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("tsuwa: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void ua_put_status(const struct sip_rx *rx, struct buf *b)
{
	struct str warning = sip_get(&rx->msg, SIP_HDR_WARNING);

	b->cut = true;
	buf_fmt(b, "%u %.*s", rx->msg.status, STR_ARG(rx->msg.reason));
	if (!str_empty(warning))
		buf_fmt(b, " (%.*s)", STR_ARG(warning));
}

const char *ua_hint(const struct ua *u, unsigned status)
{
	if (status != 401 && status != 407)
		return "";
	return str_empty(u->conf.account->user) ? " (give --account or --user)"
						: " (wrong user or password?)";
}

const char *ua_error_text(int err)
{
	switch (-err) {
	case ETIMEDOUT:
		return "no answer";
	case ECONNREFUSED:
		return "nobody listens there";
	case ENOENT:
		return "no such host";
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return "no way to speak this transport to that address";
	case ENOTCONN:
		return "the connection was lost";
	default:
		return strerror(-err);
	}
}

static void log_line(void *ctx, enum log_level level, struct str line)
{
	if (level <= LOG_WARN)
		fprintf(stderr, "tsuwa: %.*s\n", STR_ARG(line));
}

static void show_bytes(void *ctx, bool out, const struct flow *flow, struct str bytes)
{
	char room[ADDR_TEXT_MAX];

	fprintf(stderr, "%s %s\n%.*s\n", out ? ">>>" : "<<<",
		flow ? addr_text(&flow->remote, room) : "", STR_ARG(bytes));
}

/* ---- digests ---- */

static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	enum crypto_digest d = alg == SIP_ALG_SHA256 ? CRYPTO_SHA256 : CRYPTO_MD5;
	struct str hex;

	if (!crypto_digest_hex(ctx, d, parts, n, ret_hex, &hex))
		hex.n = 0; /* refused by a FIPS policy: the server will refuse in turn */
	ret_hex[hex.n] = '\0';
}

/* ---- addresses ---- */

/* Which address of ours leads there: the kernel knows, without a packet sent. */
static bool source_towards(const struct sockaddr *sa, socklen_t n, struct addr *ret)
{
	int fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	if (fd < 0)
		return false;
	good = connect(fd, sa, n) == 0 && socket_local(fd, ret) == 0;
	close(fd);
	ret->port = 0;
	return good;
}

static bool towards_host(struct str host, struct addr *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list, *ai;
	char name[256];
	bool good = false;

	if (getaddrinfo(str_to_c(host, name, sizeof(name)), "5060", &hints, &list) != 0)
		return false;
	for (ai = list; ai && !good; ai = ai->ai_next)
		if (ai->ai_family == AF_INET)
			good = source_towards(ai->ai_addr, ai->ai_addrlen, ret);
	for (ai = list; ai && !good; ai = ai->ai_next)
		good = source_towards(ai->ai_addr, ai->ai_addrlen, ret);
	freeaddrinfo(list);
	return good;
}

static bool towards_uri(struct str text, struct addr *ret)
{
	struct sip_uri uri;

	return sip_uri_parse(text, &uri, NULL) && !str_empty(uri.host) &&
	       towards_host(uri.host, ret);
}

/* Towards the proxy, else the target, the domain, the world; else loopback. */
static void find_local(struct ua *u)
{
	const struct ua_account *a = u->conf.account;
	struct str domain = str_first(a->domain, str_find(a->domain, ':'));

	u->local = u->conf.listen;
	u->local.port = 0;
	if (u->local.family && !addr_is_any(&u->local))
		return;
	if ((str_empty(a->proxy) || !towards_uri(a->proxy, &u->local)) &&
	    (str_empty(domain) || !towards_host(domain, &u->local)) &&
	    (!u->conf.target || !towards_uri(str_c(u->conf.target), &u->local)) &&
	    !towards_host(STR("198.51.100.1"), &u->local))
		addr_parse_ip(STR("127.0.0.1"), &u->local);
}

static int make_net(struct ua *u)
{
	struct net_listener l[2] = {{TRANSPORT_UDP, u->conf.listen},
				    {TRANSPORT_TCP, u->conf.listen}};
	struct net_conf conf = {.listeners = l, .n_listeners = 2, .log = &u->log};
	char room[256];
	struct buf why = buf_over(room, sizeof(room));
	int err;

	why.cut = true;
	if (!u->conf.listen.family)
		l[0].bind = l[1].bind = u->local;
	err = net_new(u->loop, &conf, &u->net);
	if (!err)
		err = net_bind(u->net, &why);
	if (err)
		ua_error("%s", why.n ? buf_c(&why) : strerror(-err));
	return err;
}

static void make_listeners(struct ua *u)
{
	for (unsigned i = 0; i < 2; i++) {
		struct buf b = buf_over(u->hosts[i], ADDR_TEXT_MAX);
		struct tport_listener *l = &u->listeners[i];

		l->transport = i ? TRANSPORT_TCP : TRANSPORT_UDP;
		net_local(u->net, i, &l->bound);
		addr_put_ip(&b, &u->local);
		l->host = buf_str(&b);
		l->port = l->bound.port;
	}
}

bool ua_learn_address(struct ua *u, const struct sip_rx *response)
{
	const struct sip_via *via = &response->head.via;
	struct tport_listener *l = &u->listeners[0];
	struct buf b = buf_over(u->hosts[0], ADDR_TEXT_MAX);
	struct addr seen, now;

	if (response->flow.transport != TRANSPORT_UDP || !via->rport ||
	    !addr_parse_ip(via->received, &seen))
		return false;
	if (via->rport == l->port && addr_parse_ip(l->host, &now) && addr_same_ip(&now, &seen))
		return false;
	addr_put_ip(&b, &seen);
	l->host = buf_str(&b);
	l->port = via->rport;
	return true;
}

/* ---- what comes in ---- */

static void outside_dialogs(struct ua *u, const struct sip_rx *rx)
{
	if (!dlg_table_check(u->table, rx))
		return;
	if (rx->msg.method == SIP_INVITE && u->user.on_invite) {
		u->user.on_invite(u->user.ctx, rx);
	} else if (rx->msg.method == SIP_INVITE) {
		core_answer(u->core, rx, 480, STR_NONE, NULL, 0);
	} else if (rx->msg.method == SIP_OPTIONS) {
		dlg_table_ok(u->table, rx);
	} else if (rx->msg.method == SIP_MESSAGE) {
		dlg_table_ok(u->table, rx);
		if (u->user.on_message)
			u->user.on_message(u->user.ctx, rx);
	} else {
		dlg_table_unknown(u->table, rx);
	}
}

/* RFC 3261 s8.2.2.2, for what must not happen twice when a proxy forks it to us. */
static bool is_merged(struct ua *u, const struct sip_rx *rx)
{
	return (rx->msg.method == SIP_INVITE || rx->msg.method == SIP_MESSAGE) &&
	       txn_server_is_merged(core_txns(u->core), rx);
}

static bool on_request(void *ctx, struct core_request *req)
{
	struct ua *u = ctx;
	const struct sip_rx *rx = req->rx;

	if (dlg_table_request(u->table, rx))
		return true;
	if (!str_empty(rx->head.to.tag) || rx->msg.method == SIP_ACK)
		dlg_table_unknown(u->table, rx);
	else if (is_merged(u, rx))
		core_answer(u->core, rx, 482, STR_NONE, NULL, 0);
	else
		outside_dialogs(u, rx);
	return true;
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

static void on_end(void *ctx)
{
	struct ua *u = ctx;

	loop_stop(u->loop);
}

static void on_signal(void *ctx, int signo)
{
	struct ua *u = ctx;

	if (u->interrupted || !u->user.on_interrupt) {
		loop_stop(u->loop);
		return;
	}
	u->interrupted = true;
	loop_timer(u->loop, &u->end, UA_HANGUP_MS);
	u->user.on_interrupt(u->user.ctx);
}

static int watch_signals(struct ua *u)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	err = loop_signals_init(u->loop, &u->signals, &set, on_signal, u);
	u->has_signals = err == 0;
	return err;
}

static int make_core(struct ua *u)
{
	struct core_conf conf = {
		.io = u->io,
		.listeners = u->listeners,
		.n_listeners = 2,
		.elements = &u->element,
		.n_elements = 1,
		.product = STR("Tsuwa/" TSUWA_VERSION),
		.on_bytes = u->conf.trace ? show_bytes : NULL,
	};

	u->element = (struct core_element){.name = "ua", .request = on_request, .ctx = u};
	u->io->ops->random(u->io, &conf.owner_seed, sizeof(conf.owner_seed));
	return core_new(&conf, &u->core);
}

static int make_dialogs(struct ua *u)
{
	const struct ua_account *a = u->conf.account;
	struct dlg_conf conf = {0};
	int err;

	u->credentials = (struct core_account){a->user, a->password, {hash, u->crypto}};
	err = core_dlg_new(u->core, str_empty(a->user) ? STR("tsuwa") : a->user,
			   str_empty(a->user) ? NULL : &u->credentials, &u->dlg);
	if (err)
		return err;
	conf.env = core_dlg_env(u->dlg);
	return dlg_table_new(&conf, &u->table);
}

static int build(struct ua *u)
{
	int err = loop_new(&u->loop);

	raise_descriptors();
	if (!err)
		err = watch_signals(u);
	if (err)
		return err;
	u->crypto = crypto_new();
	if (!u->crypto)
		return -ENOMEM;
	find_local(u);
	err = make_net(u);
	if (err)
		return -EADDRINUSE; /* said */
	make_listeners(u);
	u->io = net_io(u->net);
	err = media_net_new(u->loop, NULL, &u->media);
	if (!err)
		err = make_core(u);
	return err ? err : make_dialogs(u);
}

int ua_new(const struct ua_conf *conf, const struct ua_user *user, struct ua **ret)
{
	struct ua *u = xzalloc(sizeof(*u));
	int err = u ? 0 : -ENOMEM;

	if (!err) {
		u->conf = *conf;
		u->user = *user;
		u->start_ms = clock_mono_ms();
		u->log = (struct log){.level = LOG_WARN, .write = log_line};
		timer_init(&u->end, on_end, u);
		err = build(u);
	}
	if (!err) {
		*ret = u;
		return 0;
	}
	if (err != -EADDRINUSE)
		ua_error("can't start: %s", strerror(-err));
	ua_free(&u);
	return UA_FAILED;
}

/* What dialogs and media still want to say leaves with the last rounds of the loop. */
void ua_free(struct ua **pu)
{
	struct ua *u = *pu;

	if (!u)
		return;
	*pu = NULL;
	dlg_table_free(&u->table);
	core_dlg_free(&u->dlg);
	media_net_free(&u->media);
	if (u->net)
		loop_once(u->loop, 0);
	core_free(&u->core);
	net_free(&u->net);
	crypto_free(&u->crypto);
	if (u->has_signals)
		loop_signals_fini(&u->signals);
	loop_free(&u->loop);
	xfree(u);
}

int ua_run(struct ua *u)
{
	loop_run(u->loop);
	return u->exit_code;
}

void ua_stop(struct ua *u, int exit_code)
{
	u->exit_code = exit_code;
	loop_stop(u->loop);
}

uint64_t ua_random(struct ua *u)
{
	uint64_t r;

	u->io->ops->random(u->io, &r, sizeof(r));
	return r;
}

/* ---- names ---- */

void ua_put_from(const struct ua *u, struct buf *b)
{
	buf_putc(b, '<');
	if (str_empty(u->conf.account->user))
		buf_fmt(b, "sip:tsuwa@%.*s", STR_ARG(u->listeners[0].host));
	else
		ua_account_put_aor(u->conf.account, b);
	buf_putc(b, '>');
}

void ua_put_next_hop(const struct ua *u, struct str target, struct buf *b)
{
	const struct ua_account *a = u->conf.account;
	bool tcp = a->transport == TRANSPORT_TCP;
	struct sip_uri uri;

	if (!str_empty(a->proxy))
		buf_puts(b, a->proxy);
	else if (tcp && sip_uri_parse(target, &uri, NULL) && uri.scheme == SIP_SCHEME_SIP)
		buf_fmt(b, "sip:%.*s", STR_ARG(uri.hostport));
	if (b->n && tcp && str_find(buf_str(b), ';') == b->n)
		buf_puts(b, STR(";transport=tcp"));
}

void ua_put_contact_uri(const struct ua *u, const struct flow *flow, struct buf *b)
{
	struct str user = u->conf.account->user;

	buf_puts(b, STR("sip:"));
	sip_put_escaped_user(b, str_empty(user) ? STR("tsuwa") : user);
	buf_putc(b, '@');
	tport_put_hostport(core_tport(u->core), flow, b);
}
