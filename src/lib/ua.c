/* tsuwa/ua.h: the life of a user agent, and what comes in */
#include "lib/ua.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "media/media_net.h"
#include "net/clock.h"

/* ---- what is told ---- */

static void log_line(void *ctx, enum log_level level, struct str line)
{
	struct tsuwa_ua *u = ctx;

	if (!u->dead && u->events.on_log && level <= LOG_DEBUG)
		u->events.on_log(u->ctx, u, (enum tsuwa_log_level)level, lib_out(line));
}

static void show_bytes(void *ctx, bool out, const struct flow *flow, struct str bytes)
{
	struct tsuwa_ua *u = ctx;
	char room[ADDR_TEXT_MAX];

	if (!u->dead)
		u->events.on_bytes(u->ctx, u, out, flow ? addr_text(&flow->remote, room) : "",
				   lib_out(bytes));
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

/* ---- what comes in ---- */

static void outside_dialogs(struct tsuwa_ua *u, const struct sip_rx *rx)
{
	struct tsuwa_message view = lib_message_view(&rx->msg);

	if (!dlg_table_check(u->table, rx))
		return;
	if (rx->msg.method == SIP_INVITE) {
		lib_call_incoming(u, rx);
	} else if (rx->msg.method == SIP_OPTIONS) {
		dlg_table_ok(u->table, rx);
	} else if (rx->msg.method == SIP_MESSAGE) {
		dlg_table_ok(u->table, rx);
		if (u->events.on_message)
			u->events.on_message(u->ctx, u, &view);
	} else {
		dlg_table_unknown(u->table, rx);
	}
}

/* RFC 3261 s8.2.2.2, for what must not happen twice when a proxy forks it to us. */
static bool is_merged(struct tsuwa_ua *u, const struct sip_rx *rx)
{
	return (rx->msg.method == SIP_INVITE || rx->msg.method == SIP_MESSAGE) &&
	       txn_server_is_merged(core_txns(u->core), rx);
}

static bool on_request(void *ctx, struct core_request *req)
{
	struct tsuwa_ua *u = ctx;
	const struct sip_rx *rx = req->rx;

	if (u->dead || dlg_table_request(u->table, rx))
		return true;
	if (!str_empty(rx->head.to.tag) || rx->msg.method == SIP_ACK)
		dlg_table_unknown(u->table, rx);
	else if (is_merged(u, rx))
		core_answer(u->core, rx, 482, STR_NONE, NULL, 0);
	else
		outside_dialogs(u, rx);
	return true;
}

/* ---- the caller's loop ---- */

static void on_alarm(void *ctx, uint32_t events)
{
	struct tsuwa_ua *u = ctx;
	uint64_t times;

	(void)!read(u->alarm.fd, &times, sizeof(times));
	u->alarm_ms = WHEEL_NEVER;
}

/* at_ms 0: at once. */
static void set_alarm(struct tsuwa_ua *u, uint64_t at_ms)
{
	struct itimerspec t = {.it_value.tv_nsec = 1};

	if (at_ms == u->alarm_ms)
		return;
	u->alarm_ms = at_ms;
	if (at_ms == WHEEL_NEVER) {
		t.it_value.tv_nsec = 0;
	} else if (at_ms) {
		t.it_value.tv_sec = (time_t)(at_ms / 1000);
		t.it_value.tv_nsec = (long)(at_ms % 1000) * 1000000 + 1;
	}
	timerfd_settime(u->alarm.fd, TFD_TIMER_ABSTIME, &t, NULL);
}

static int make_loop(struct tsuwa_ua *u)
{
	int err = loop_new(&u->loop);

	if (err)
		return err;
	u->alarm.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	u->alarm.fn = on_alarm;
	u->alarm.ctx = u;
	if (u->alarm.fd < 0)
		return -errno;
	return loop_add(u->loop, &u->alarm, EPOLLIN);
}

void lib_ua_enter(struct tsuwa_ua *u)
{
	if (!u->stepping)
		loop_begin(u->loop);
}

/* What was gathered leaves with the step, for writing may call back. */
void lib_ua_leave(struct tsuwa_ua *u)
{
	if (!u->stepping)
		set_alarm(u, 0);
}

int tsuwa_ua_fd(const struct tsuwa_ua *ua)
{
	return loop_pollable(ua->loop);
}

int tsuwa_ua_timeout_ms(const struct tsuwa_ua *ua)
{
	uint64_t now = clock_mono_ms(), next = wheel_next(loop_wheel(ua->loop));

	if (ua->alarm_ms == 0 || next <= now)
		return 0;
	if (next == WHEEL_NEVER)
		return -1;
	return next - now < INT32_MAX ? (int)(next - now) : INT32_MAX;
}

static void destroy(struct tsuwa_ua *u);

int tsuwa_ua_step(struct tsuwa_ua *ua)
{
	if (ua->stepping)
		return -EBUSY;
	ua->stepping = true;
	loop_once(ua->loop, 0);
	if (!ua->dead)
		loop_flush(ua->loop);
	ua->stepping = false;
	if (ua->dead)
		destroy(ua);
	else
		set_alarm(ua, wheel_next(loop_wheel(ua->loop)));
	return 0;
}

int tsuwa_ua_wait(struct tsuwa_ua *ua, int timeout_ms)
{
	struct pollfd p = {.fd = tsuwa_ua_fd(ua), .events = POLLIN};

	if (ua->stepping)
		return -EBUSY;
	if (poll(&p, 1, timeout_ms) < 0)
		return -errno;
	return tsuwa_ua_step(ua);
}

/* ---- life ---- */

static int make_net(struct tsuwa_ua *u, struct tsuwa_error *err)
{
	struct net_listener l[2] = {{TRANSPORT_UDP, u->listen}, {TRANSPORT_TCP, u->listen}};
	struct net_conf conf = {.listeners = l, .n_listeners = 2, .log = &u->log};
	char room[256];
	struct buf why = buf_over(room, sizeof(room));
	int code;

	why.cut = true;
	if (!u->listen.family)
		l[0].bind = l[1].bind = u->local;
	code = net_new(u->loop, &conf, &u->net);
	if (!code)
		code = net_bind(u->net, &why);
	if (code)
		lib_fail(err, code, "%s", why.n ? buf_c(&why) : strerror(-code));
	return code;
}

static void make_listeners(struct tsuwa_ua *u)
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

static int make_core(struct tsuwa_ua *u)
{
	struct core_conf conf = {
		.io = u->io,
		.listeners = u->listeners,
		.n_listeners = 2,
		.elements = &u->element,
		.n_elements = 1,
		.product = u->product,
		.on_bytes = u->events.on_bytes ? show_bytes : NULL,
		.on_bytes_ctx = u,
	};

	u->element = (struct core_element){.name = "ua", .request = on_request, .ctx = u};
	u->io->ops->random(u->io, &conf.owner_seed, sizeof(conf.owner_seed));
	return core_new(&conf, &u->core);
}

static int make_dialogs(struct tsuwa_ua *u)
{
	const struct tsuwa_account *a = &u->account;
	bool known = !str_empty(a->user);
	struct dlg_conf conf = {0};
	int err;

	u->credentials = (struct core_account){a->user, a->password, {hash, u->crypto}};
	err = core_dlg_new(u->core, known ? a->user : STR("tsuwa"), known ? &u->credentials : NULL,
			   &u->dlg);
	if (err)
		return err;
	conf.env = core_dlg_env(u->dlg);
	return dlg_table_new(&conf, &u->table);
}

static int build(struct tsuwa_ua *u, struct str target, struct tsuwa_error *err)
{
	int code = make_loop(u);

	if (code)
		return lib_fail(err, code, "can't start: %s", strerror(-code));
	u->crypto = crypto_new();
	if (!u->crypto)
		return lib_fail(err, -ENOMEM, "can't start: %s", strerror(ENOMEM));
	lib_ua_find_local(u, target);
	code = make_net(u, err);
	if (code)
		return code;
	make_listeners(u);
	u->io = net_io(u->net);
	code = media_net_new(u->loop, NULL, &u->media);
	if (!code)
		code = make_core(u);
	if (!code)
		code = make_dialogs(u);
	if (!code)
		code = lib_registration_init(&u->registration, u);
	return code ? lib_fail(err, code, "can't start: %s", strerror(-code)) : 0;
}

static bool is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return false;
	return true;
}

static int take_conf(struct tsuwa_ua *u, const struct tsuwa_ua_conf *conf, struct tsuwa_error *err)
{
	struct str listen = str_c(conf->listen);
	struct str product = conf->product ? str_c(conf->product) : STR("Tsuwa/" TSUWA_VERSION);

	u->ctx = conf->ctx;
	if (conf->events)
		lib_take(&u->events, sizeof(u->events), conf->events, conf->events->size);
	if (listen.n && !addr_parse(listen, &u->listen) && !addr_parse_ip(listen, &u->listen))
		return lib_fail(err, -EINVAL, "\"%s\" is no ADDRESS:PORT", conf->listen);
	if (!is_line(product))
		return lib_fail(err, -EINVAL, "the product's name has control characters");
	if (str_dup(product, &u->product) != 0 ||
	    (conf->account && lib_account_copy(conf->account, &u->account) != 0))
		return lib_fail(err, -ENOMEM, "can't start: %s", strerror(ENOMEM));
	return 0;
}

int tsuwa_ua_new(const struct tsuwa_ua_conf *given, struct tsuwa_ua **ret, struct tsuwa_error *err)
{
	struct tsuwa_ua *u = xzalloc(sizeof(*u));
	struct tsuwa_ua_conf conf;
	int code;

	if (!u)
		return lib_fail(err, -ENOMEM, "can't start: %s", strerror(ENOMEM));
	lib_take(&conf, sizeof(conf), given, given->size);
	list_init(&u->calls);
	list_init(&u->requests);
	u->alarm.fd = -1;
	u->alarm_ms = WHEEL_NEVER;
	u->log = (struct log){.level = LOG_INFO, .write = log_line, .ctx = u};
	code = take_conf(u, &conf, err);
	if (!code)
		code = build(u, str_c(conf.target), err);
	if (code) {
		u->dead = true;
		destroy(u);
		return code;
	}
	set_alarm(u, 0);
	*ret = u;
	return 0;
}

/* All that has callbacks; what they still want to say leaves at the end. */
static void silence(struct tsuwa_ua *u)
{
	u->dead = true;
	lib_calls_free(u);
	lib_requests_free(u);
	lib_registration_fini(&u->registration);
}

/* Half-built ones too.  What dialogs and media still want to say leaves with a last round of the
 * loop. */
static void destroy(struct tsuwa_ua *u)
{
	dlg_table_free(&u->table);
	core_dlg_free(&u->dlg);
	media_net_free(&u->media);
	if (u->core)
		loop_once(u->loop, 0);
	core_free(&u->core);
	net_free(&u->net);
	crypto_free(&u->crypto);
	if (u->alarm.fd >= 0)
		close(u->alarm.fd);
	loop_free(&u->loop);
	str_free(&u->product);
	lib_account_fini(&u->account);
	xfree(u);
}

void tsuwa_ua_free(struct tsuwa_ua **pu)
{
	struct tsuwa_ua *u = *pu;

	if (!u)
		return;
	*pu = NULL;
	lib_ua_enter(u);
	silence(u);
	if (!u->stepping)
		destroy(u);
}

int tsuwa_ua_bound(const struct tsuwa_ua *ua, const char *transport, char *room, size_t size)
{
	enum transport t = transport_of(str_c(transport));
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < 2; i++)
		if (ua->listeners[i].transport == t)
			return lib_give(str_c(addr_text(&ua->listeners[i].bound, text)), room,
					size);
	return -EINVAL;
}
