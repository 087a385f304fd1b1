#include "server/worker.h"

#include <errno.h>

#include "base/alloc.h"
#include "media/media_net.h"
#include "net/clock.h"
#include "server/hasher.h"

#define DRAIN_STEP_MS 20
/* A message under load may wait so long, a timer so much longer, for others to come with it. */
#define GATHER_US 500
#define SLACK_MS 4
/* Their places in the chain below. */
#define DIALOGS_ELEMENT 1
#define ECHO_ELEMENT 4

/* ---- the store ---- */

/* On the store's thread. */
static void on_store_wake(void *ctx)
{
	struct worker *w = ctx;

	__atomic_store_n(&w->store_woken, 1, __ATOMIC_SEQ_CST);
	loop_wake(w->loop);
}

static bool store_ready(void *ctx)
{
	const struct worker *w = ctx;

	return __atomic_load_n(&w->store_woken, __ATOMIC_SEQ_CST) != 0;
}

static void store_after_wake(void *ctx)
{
	struct worker *w = ctx;

	if (__atomic_exchange_n(&w->store_woken, 0, __ATOMIC_SEQ_CST))
		store_complete(w->store);
}

static void store_before_sleep(void *ctx)
{
	struct worker *w = ctx;

	store_flush(w->store);
}

static void on_append(void *ctx, struct str record, struct io_append *a)
{
	struct worker *w = ctx;

	store_append(w->store, record, a);
}

static void on_append_cancel(void *ctx, struct io_append *a)
{
	struct worker *w = ctx;

	store_append_cancel(w->store, a);
}

/* ---- the end of service ---- */

static bool nothing(void *ctx, struct core_request *req)
{
	return false;
}

static void drain_step(void *ctx)
{
	struct worker *w = ctx;

	/* Calls that ring here have until the end; what is answered goes on without us. */
	if (proxy_is_pending(w->proxy) && loop_now_ms(w->loop) < w->drain_until_ms)
		loop_timer(w->loop, &w->drain_timer, DRAIN_STEP_MS);
	else
		w->conf->on_drained(w->conf->on_drained_ctx);
}

/* ---- making ---- */

static uint32_t share(uint64_t n, uint64_t workers)
{
	uint64_t each = (n + workers - 1) / workers;

	return (uint32_t)(each ? each : 1);
}

static int make_net(struct worker *w)
{
	const struct config *c = w->conf->config;
	struct net_listener listeners[64];
	struct net_conf conf = {
		.listeners = listeners,
		.n_listeners = c->n_listen,
		.group = w->conf->group,
		.worker = w->index,
		.log = &w->log,
		.limits = {.max_connections = share(c->max_connections, c->workers),
			   .idle_ms = (uint32_t)c->idle_ms},
		.store = {on_append, on_append_cancel, w},
	};

	for (unsigned i = 0; i < c->n_listen; i++)
		listeners[i] = (struct net_listener){c->listen[i].transport, c->listen[i].at};
	return net_new(w->loop, &conf, &w->net);
}

int worker_new(const struct worker_conf *conf, unsigned index, struct worker **ret, struct buf *why)
{
	struct worker *w = xzalloc(sizeof(*w));
	int err = w ? 0 : -ENOMEM;

	if (!err) {
		w->conf = conf;
		w->index = index;
		w->mail_level = -1;
		w->log = logging_log(conf->logging, conf->config->log_level);
		pthread_mutex_init(&w->mail_lock, NULL);
		timer_init(&w->drain_timer, drain_step, w);
		err = loop_new(&w->loop);
	}
	if (!err)
		loop_gather(w->loop, GATHER_US, SLACK_MS);
	if (!err)
		err = make_net(w);
	if (!err)
		err = net_bind(w->net, why);
	if (err && !why->n)
		buf_fmt(why, "worker %u can't be made: %s", index, strerror(-err));
	if (err)
		worker_free(&w);
	else
		*ret = w;
	return err;
}

static int make_store(struct worker *w)
{
	int err = store_attach(w->conf->store, w->index, on_store_wake, w, &w->store);

	if (err)
		return err;
	w->store_hook = (struct loop_hook){.before_sleep = store_before_sleep,
					   .ready = store_ready,
					   .after_wake = store_after_wake,
					   .ctx = w};
	loop_hook_add(w->loop, &w->store_hook);
	return 0;
}

static int make_media(struct worker *w)
{
	struct media_net_cfg cfg = {.port_min = (uint16_t)w->conf->config->media_port_min,
				    .port_max = (uint16_t)w->conf->config->media_port_max,
				    .log = &w->log};

	return media_net_new(w->loop, &cfg, &w->media);
}

static int make_shared(struct worker *w, struct app_policy *policy)
{
	w->crypto = crypto_new();
	if (!w->crypto)
		return -ENOMEM;
	w->shared.policy = app_policy_ref(policy);
	w->shared.nonces = w->conf->nonces;
	w->shared.hasher = server_hasher(w->crypto);
	memcpy(w->shared.route_key, w->conf->route_key, sizeof(w->shared.route_key));
	memcpy(w->shared.nonce_key, w->conf->nonce_key, sizeof(w->shared.nonce_key));
	return 0;
}

static int make_gate(struct worker *w, struct core_element *ret)
{
	*ret = gate_element(&w->gate);
	return 0;
}

static int make_guard(struct worker *w, struct core_element *ret)
{
	int err = guard_new(&w->shared, &w->guard);

	if (!err)
		*ret = guard_element(w->guard);
	return err;
}

static int make_registrar(struct worker *w, struct core_element *ret)
{
	int err = loc_attach(w->conf->loc, net_io(w->net), &w->door);

	if (!err)
		err = registrar_new(&w->shared, w->conf->loc, w->door, &w->registrar);
	if (!err)
		*ret = registrar_element(w->registrar);
	return err;
}

static int make_dialogs(struct worker *w, struct core_element *ret)
{
	int err = echo_new(&w->shared, w->media, &w->echo);

	if (!err)
		*ret = echo_dialogs_element(w->echo);
	return err;
}

static int make_echo(struct worker *w, struct core_element *ret)
{
	*ret = echo_element(w->echo);
	return 0;
}

static int make_redirect(struct worker *w, struct core_element *ret)
{
	w->redirect = (struct redirect){&w->shared, w->conf->loc};
	*ret = redirect_element(&w->redirect);
	return 0;
}

static int make_stateless(struct worker *w, struct core_element *ret)
{
	*ret = stateless_element(&w->shared);
	return 0;
}

static int make_proxy(struct worker *w, struct core_element *ret)
{
	int err = proxy_new(&w->shared, w->conf->loc, &w->proxy);

	if (!err)
		*ret = proxy_element(w->proxy);
	return err;
}

/* The elements in the order they are asked. */
static int (*const chain[WORKER_ELEMENTS])(struct worker *w, struct core_element *ret) = {
	make_gate,
	[DIALOGS_ELEMENT] = make_dialogs,
	make_guard,
	make_registrar,
	[ECHO_ELEMENT] = make_echo,
	make_redirect,
	make_stateless,
	make_proxy,
};

static bool register_owner(void *ctx, const struct sip_rx *rx, unsigned here, unsigned *ret)
{
	const struct worker *w = ctx;

	return registrar_owner(&w->shared, w->conf->loc, rx, here, ret);
}

static void on_bytes(void *ctx, bool out, const struct flow *flow, struct str bytes)
{
	const struct worker *w = ctx;

	if (w->trace)
		trace_add(w->trace, loop_now_us(w->loop), out, flow, bytes);
	if (w->log.level >= LOG_BYTES)
		logging_bytes(w->conf->logging, out, flow, bytes);
}

static int make_core(struct worker *w)
{
	struct core_conf conf = {
		.io = net_io(w->net),
		.listeners = w->conf->listeners,
		.n_listeners = w->conf->config->n_listen,
		.elements = w->elements,
		.n_elements = WORKER_ELEMENTS,
		.product = STR("Tsuwa/" TSUWA_VERSION),
		.owner_seed = w->conf->owner_seed,
		.register_owner = register_owner,
		.register_ctx = w,
		.slow_sender_ms = (uint32_t)w->conf->config->message_ms,
		.on_bytes = on_bytes,
		.on_bytes_ctx = w,
	};
	int err = core_new(&conf, &w->core);

	return err ? err : echo_start(w->echo, w->core);
}

int worker_build(struct worker *w, struct app_policy *policy)
{
	int err = make_store(w);

	if (!err && w->conf->config->trace_bytes)
		err = trace_new(w->conf->config->trace_bytes, &w->trace);
	if (!err)
		err = make_media(w);
	if (!err)
		err = make_shared(w, policy);
	for (unsigned i = 0; i < WORKER_ELEMENTS && !err; i++)
		err = chain[i](w, &w->elements[i]);
	return err ? err : make_core(w);
}

/* ---- ending ---- */

void worker_unbuild(struct worker *w)
{
	/* The elements let go of their transactions while the core stands. */
	echo_free(&w->echo);
	proxy_free(&w->proxy);
	registrar_free(&w->registrar);
	guard_free(&w->guard);
	if (w->door)
		loc_detach(&w->door);
	core_free(&w->core);
	if (w->media)
		media_net_free(&w->media);
	if (w->store)
		loop_hook_del(&w->store_hook);
}

void worker_free(struct worker **pw)
{
	struct worker *w = *pw;

	*pw = NULL;
	if (!w)
		return;
	net_free(&w->net);
	loop_free(&w->loop);
	trace_free(&w->trace);
	app_policy_unref(&w->shared.policy);
	app_policy_unref(&w->mail_policy);
	users_unref((struct users **)&w->shared.users);
	users_unref(&w->mail_users);
	crypto_free(&w->crypto);
	pthread_mutex_destroy(&w->mail_lock);
	xfree(w);
}

/* ---- mail ---- */

/* called: by the call in the loop, which stands there no more. */
static void open_mail(struct worker *w, bool called)
{
	struct app_policy *policy;
	struct users *users;
	int level;

	pthread_mutex_lock(&w->mail_lock);
	policy = w->mail_policy;
	users = w->mail_users;
	level = w->mail_level;
	w->mail_policy = NULL;
	w->mail_users = NULL;
	w->mail_level = -1;
	w->mail_posted &= !called;
	pthread_mutex_unlock(&w->mail_lock);
	if (policy) {
		app_policy_unref(&w->shared.policy);
		w->shared.policy = policy;
		loc_set_max_contacts(w->door, policy->max_contacts);
	}
	if (users) {
		users_unref((struct users **)&w->shared.users);
		w->shared.users = users;
	}
	if (level >= 0)
		w->log.level = (enum log_level)level;
}

static void take_mail(void *ctx)
{
	open_mail(ctx, true);
}

/* Under the lock.  A call stands in the loop once. */
static void post_mail(struct worker *w)
{
	if (w->mail_posted)
		return;
	w->mail_posted = true;
	w->mail_call = (struct loop_call){.fn = take_mail, .ctx = w};
	loop_post(w->loop, &w->mail_call);
}

void worker_give_users(struct worker *w, struct users *u)
{
	pthread_mutex_lock(&w->mail_lock);
	users_unref(&w->mail_users);
	w->mail_users = users_ref(u);
	post_mail(w);
	pthread_mutex_unlock(&w->mail_lock);
}

void worker_give_policy(struct worker *w, struct app_policy *p)
{
	pthread_mutex_lock(&w->mail_lock);
	app_policy_unref(&w->mail_policy);
	w->mail_policy = app_policy_ref(p);
	post_mail(w);
	pthread_mutex_unlock(&w->mail_lock);
}

void worker_give_level(struct worker *w, enum log_level level)
{
	pthread_mutex_lock(&w->mail_lock);
	w->mail_level = (int)level;
	post_mail(w);
	pthread_mutex_unlock(&w->mail_lock);
}

/* ---- the thread ---- */

static void *run(void *ctx)
{
	struct worker *w = ctx;

	/* The first users came by mail, and requests may wait already: what its call in the loop
	 * would do comes before them. */
	open_mail(w, false);
	loop_run(w->loop);
	return NULL;
}

int worker_start(struct worker *w)
{
	char name[16];
	struct buf b = buf_over(name, sizeof(name) - 1);
	int err = pthread_create(&w->thread, NULL, run, w);

	if (err)
		return -err;
	w->running = true;
	buf_fmt(&b, "tsuwa-%u", w->index);
	pthread_setname_np(w->thread, buf_c(&b));
	return 0;
}

static void drain(void *ctx)
{
	struct worker *w = ctx;

	w->gate.closed = true;
	w->elements[ECHO_ELEMENT] = (struct core_element){.name = "none", .request = nothing};
	w->elements[DIALOGS_ELEMENT] = w->elements[ECHO_ELEMENT];
	echo_free(&w->echo);
	/* A round for what is on its way to the disk or the wire. */
	loop_timer(w->loop, &w->drain_timer, DRAIN_STEP_MS);
}

void worker_drain(struct worker *w, uint64_t within_ms)
{
	w->drain_until_ms = clock_mono_ms() + within_ms;
	w->drain_call = (struct loop_call){.fn = drain, .ctx = w};
	loop_post(w->loop, &w->drain_call);
}

static void stop(void *ctx)
{
	struct worker *w = ctx;

	timer_cancel(loop_wheel(w->loop), &w->drain_timer);
	loop_stop(w->loop);
}

void worker_join(struct worker *w)
{
	if (!w->running)
		return;
	w->stop_call = (struct loop_call){.fn = stop, .ctx = w};
	loop_post(w->loop, &w->stop_call);
	pthread_join(w->thread, NULL);
	w->running = false;
}
