/* Making everything in its order, and taking it apart in the reverse. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/socket.h"
#include "app/nonces.h"
#include "base/alloc.h"
#include "net/clock.h"
#include "server/inside.h"
#include "server/policy.h"

#define NONCES_MAX (1u << 18) /* that have been used and are not stale */

static int fail(struct server *s, int err, const char *what)
{
	log_error(&s->log, "%s: %s", what, strerror(-err));
	return err;
}

/* As many files as the system lets us have. */
static void raise_limits(struct server *s)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* What a fold or a long listing needed for a moment goes back to the system: by itself the C library
 * raises this bound each time that such a block is freed, and keeps them. */
static void keep_heap_small(void)
{
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

/* ---- store and location ---- */

static int open_store(struct server *s)
{
	const struct store_conf conf = {
		.path = s->config->database.p,
		.sync = s->config->durability == CONFIG_SYNC,
	};
	char why[512];
	int err = store_open(&conf, &s->log, why, sizeof(why), &s->store);

	if (err)
		log_error(&s->log, "%s", why);
	return err;
}

static int read_secrets(struct server *s)
{
	struct worker_conf *c = &s->worker_conf;
	int err = store_secret(s->store, "route", c->route_key, sizeof(c->route_key));

	if (!err)
		err = store_secret(s->store, "nonce", c->nonce_key, sizeof(c->nonce_key));
	if (!err)
		err = store_secret(s->store, "owner", &c->owner_seed, sizeof(c->owner_seed));
	return err ? fail(s, err, "the keys in the database can't be read") : 0;
}

struct loading {
	struct server *server;
	size_t n, bad;
};

static void on_record(void *ctx, const struct store_record *r)
{
	struct loading *l = ctx;

	if (loc_load_once(l->server->loc, r->key, r->seq, r->expires_ms, r->payload))
		l->n++;
	else
		l->bad++;
}

static int load_locations(struct server *s)
{
	const struct loc_conf conf = {
		.workers = (unsigned)s->config->workers,
		.seed = s->worker_conf.owner_seed,
		.max_contacts = (unsigned)s->config->max_contacts,
	};
	struct loading l = {.server = s};
	int err = loc_new(&conf, &s->loc);

	if (!err)
		err = store_load(s->store, on_record, &l);
	if (err)
		return fail(s, err, "the registrations can't be read");
	if (l.bad)
		log_warn(&s->log, "registrations could not be read count=%zu", l.bad);
	if (l.n)
		log_info(&s->log, "registrations are back users=%zu", l.n);
	return 0;
}

/* ---- workers ---- */

static int make_workers(struct server *s)
{
	unsigned n = (unsigned)s->config->workers;
	char room[512];
	struct buf why = buf_over(room, sizeof(room));
	int err = net_group_new(n, 0, &s->group);

	why.cut = true;
	s->workers = xcalloc(n, sizeof(struct worker *));
	if (!err && !s->workers)
		err = -ENOMEM;
	if (err)
		return fail(s, err, "the workers can't be made");
	s->worker_conf.config = s->config;
	s->worker_conf.logging = &s->logging;
	s->worker_conf.store = s->store;
	s->worker_conf.group = s->group;
	for (; s->n_workers < n && !err; s->n_workers += !err)
		err = worker_new(&s->worker_conf, s->n_workers, &s->workers[s->n_workers], &why);
	if (err)
		log_error(&s->log, "%s", buf_c(&why));
	return err;
}

static int name_listeners(struct server *s)
{
	unsigned n = s->config->n_listen;
	int err = 0;

	s->listeners = xcalloc(n, sizeof(*s->listeners));
	if (!s->listeners)
		return -ENOMEM;
	for (unsigned i = 0; i < n && !err; i++) {
		struct addr bound;

		err = net_local(s->workers[0]->net, i, &bound)
			      ? policy_listener(&s->config->listen[i], &bound, &s->listeners[i])
			      : -ENOTCONN;
	}
	s->worker_conf.listeners = s->listeners;
	return err ? err : policy_make(s->config, s->listeners, n, &s->policy);
}

static int build_workers(struct server *s)
{
	int err = name_listeners(s);

	if (!err)
		err = nonces_new(NONCES_MAX, &s->worker_conf.nonces);
	s->worker_conf.loc = s->loc;
	for (unsigned i = 0; i < s->n_workers && !err; i++)
		err = worker_build(s->workers[i], s->policy);
	return err ? fail(s, err, "the workers can't be made") : 0;
}

/* At first on this thread, later on one of the store's. */
static void on_users(void *ctx, struct users *u)
{
	struct server *s = ctx;

	pthread_mutex_lock(&s->users_lock);
	users_unref(&s->users);
	s->users = users_ref(u);
	pthread_mutex_unlock(&s->users_lock);
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_give_users(s->workers[i], u);
}

static int start_workers(struct server *s)
{
	int err = store_users_watch(s->store, on_users, s);

	if (err)
		return fail(s, err, "the users can't be read");
	for (unsigned i = 0; i < s->n_workers && !err; i++)
		err = worker_start(s->workers[i]);
	return err ? fail(s, err, "the workers can't be started") : 0;
}

/* ---- the control socket ---- */

static int open_control(struct server *s)
{
	int fd;

	if (!control_path(s->config->database.p, s->control_path))
		return fail(s, -ENAMETOOLONG, "the control socket can't be made");
	fd = control_listen(s->control_path);
	if (fd < 0) {
		log_error(&s->log, "the control socket %s can't be made: %s", s->control_path,
			  strerror(-fd));
		return fd;
	}
	s->control_bound = true;
	return control_new(s->loop, fd, server_answer, s, &s->control);
}

int server_boot(struct server *s)
{
	int err;

	raise_limits(s);
	keep_heap_small();
	err = open_store(s);
	if (!err)
		err = read_secrets(s);
	if (!err)
		err = make_workers(s);
	if (!err)
		err = load_locations(s);
	if (!err)
		err = build_workers(s);
	if (!err)
		err = open_control(s);
	return err ? err : start_workers(s);
}

void server_fini(struct server *s)
{
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_join(s->workers[i]);
	control_free(&s->control);
	if (s->control_bound)
		unlink(s->control_path);
	gather_drop_all(&s->gathers);
	server_drop_removals(s);
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_unbuild(s->workers[i]);
	store_close(&s->store);
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_free(&s->workers[i]);
	xfree(s->workers);
	net_group_free(&s->group);
	loc_free(&s->loc);
	nonces_free(&s->worker_conf.nonces);
	for (unsigned i = 0; s->listeners && i < s->worker_conf.config->n_listen; i++)
		str_free(&s->listeners[i].host);
	xfree(s->listeners);
	app_policy_unref(&s->policy);
	users_unref(&s->users);
}
