#include "server.h"

#include <errno.h>
#include <stdlib.h>

#include "loc/loc.h"
#include "server/hasher.h"
#include "store/journal_format.h"
#include "store/record.h"

#ifdef SIM_HAS_REDIRECT
#include "app/stateless.h"
#endif

static void must(int err)
{
	if (err)
		abort();
}

struct server *server_new(struct sim *s, const char *name, const char *ip, const char *domain)
{
	struct server *sv = calloc(1, sizeof(*sv));

	if (!sv)
		abort();
	sv->sim = s;
	sv->node = sim_node_new(s, name, ip, SERVER_WORKERS);
	sim_listen(sv->node, TRANSPORT_UDP, 5060);
	sim_listen(sv->node, TRANSPORT_TCP, 5060);
	str_to_c(str_c(domain), sv->domain, sizeof(sv->domain));
	str_to_c(str_c(ip), sv->host, sizeof(sv->host));
	sv->policy = app_policy_new();
	must(!sv->policy);
	must(app_policy_add_domain(sv->policy, str_c(domain)));
	must(app_policy_add_alias(sv->policy, str_c(ip)));
	for (unsigned i = 0; i < sizeof(sv->route_key); i++) {
		sv->route_key[i] = (uint8_t)sim_random(s);
		sv->nonce_key[i] = (uint8_t)sim_random(s);
	}
	return sv;
}

void server_add_user(struct server *sv, const char *user, const char *password)
{
	struct user_entry *e = &sv->entries[sv->n_users];
	struct crypto *c = crypto_new();
	struct sip_hasher h = server_hasher(c);
	char md5[SIP_DIGEST_HEX_MAX], sha[SIP_DIGEST_HEX_MAX];

	must(sv->n_users == SERVER_USERS || !c);
	str_to_c(str_c(user), sv->names[sv->n_users], sizeof(sv->names[0]));
	e->user = str_c(sv->names[sv->n_users++]);
	e->domain = e->realm = str_c(sv->domain);
	sip_digest_ha1(&h, SIP_ALG_MD5, e->user, e->realm, str_c(password), md5);
	sip_digest_ha1(&h, SIP_ALG_SHA256, e->user, e->realm, str_c(password), sha);
	str_to_c(str_c(md5), e->ha1_md5, sizeof(e->ha1_md5));
	str_to_c(str_c(sha), e->ha1_sha256, sizeof(e->ha1_sha256));
	crypto_free(&c);
}

/* ---- the journals ---- */

struct loaded {
	struct store_record rec;
};

static int by_key_and_seq(const void *a, const void *b)
{
	const struct loaded *x = a, *y = b;
	int order = str_cmp(x->rec.key, y->rec.key);

	if (order)
		return order;
	return x->rec.seq < y->rec.seq ? -1 : x->rec.seq > y->rec.seq;
}

static size_t gather(struct str image, struct loaded *list, size_t n, size_t max)
{
	struct journal_reader r;
	struct str bytes;
	int got;

	if (journal_reader_init(&r, image))
		return n;
	while ((got = journal_next(&r, &bytes)) == 1 || got == -EBADMSG) {
		if (got == 1 && n < max && store_record_get(bytes, &list[n].rec))
			n++;
	}
	return n;
}

static void load(struct server *sv)
{
	struct loaded *list;
	size_t max = 1, n = 0;

	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		max += sv->node->w[i].disk.image.n / journal_frame_size(1);
	list = calloc(max, sizeof(*list));
	must(!list);
	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		n = gather(buf_str(&sv->node->w[i].disk.image), list, n, max);
	qsort(list, n, sizeof(*list), by_key_and_seq);
	/* The newest record of a key counts, whichever journal it stands in (store/load.h). */
	for (size_t i = 0; i < n; i++) {
		const struct store_record *r = &list[i].rec;
		bool over = i + 1 < n && str_eq(r->key, list[i + 1].rec.key);

		must(!loc_load(sv->loc, r->key, r->seq, over ? 0 : r->expires_ms, r->payload));
	}
	free(list);
}

/* The file goes on after its last good record, as the daemon starts a new one after folding. */
static void new_journals(struct server *sv)
{
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		struct sim_disk *d = &sv->node->w[i].disk;
		struct buf old = d->image;
		struct journal_head h = {JOURNAL_VERSION, i, d->epoch};
		struct journal_reader r;
		char head[JOURNAL_HEAD_BYTES];
		struct str bytes;
		int got;

		if (!old.n)
			continue;
		d->image = buf_heap((size_t)64 << 20);
		journal_head_put(&h, head);
		buf_put(&d->image, head, sizeof(head));
		if (!journal_reader_init(&r, buf_str(&old))) {
			while ((got = journal_next(&r, &bytes)) == 1 || got == -EBADMSG) {
				if (got == 1)
					journal_append(&d->image, d->epoch, bytes);
			}
		}
		buf_free(&old);
	}
}

/* ---- life ---- */

static bool register_owner(void *ctx, const struct sip_rx *rx, unsigned here, unsigned *ret)
{
	const struct server_worker *sw = ctx;

	return registrar_owner(&sw->shared, sw->server->loc, rx, here, ret);
}

static void start_chain(struct server_worker *sw)
{
	struct core_element *e = sw->elements;

	must(guard_new(&sw->shared, &sw->guard));
	must(loc_attach(sw->server->loc, &sw->w->io, &sw->door));
	must(registrar_new(&sw->shared, sw->server->loc, sw->door, &sw->registrar));
	must(proxy_new(&sw->shared, sw->server->loc, &sw->proxy));
#ifdef SIM_HAS_ECHO
	must(echo_new(&sw->shared, sw->media, &sw->echo));
	*e++ = echo_dialogs_element(sw->echo);
#endif
	*e++ = guard_element(sw->guard);
	*e++ = registrar_element(sw->registrar);
#ifdef SIM_HAS_REDIRECT
	sw->redirect = (struct redirect){&sw->shared, sw->server->loc};
	*e++ = redirect_element(&sw->redirect);
	*e++ = stateless_element(&sw->shared);
#endif
#ifdef SIM_HAS_ECHO
	*e++ = echo_element(sw->echo);
#endif
	*e++ = proxy_element(sw->proxy);
	sw->n_elements = (unsigned)(e - sw->elements);
}

static void start_worker(struct server *sv, unsigned i)
{
	struct server_worker *sw = &sv->w[i];
	struct core_conf conf = {
		.io = &sv->node->w[i].io,
		.listeners = sv->listeners,
		.n_listeners = sv->node->n_listeners,
		.elements = sw->elements,
		.product = STR("Tsuwa/sim"),
		.owner_seed = sv->owner_seed,
		.register_owner = register_owner,
		.register_ctx = sw,
		.timers = sv->timers.t1_ms ? &sv->timers : NULL,
		.slow_sender_ms = sv->slow_sender_ms,
	};

	sw->server = sv;
	sw->w = &sv->node->w[i];
	sw->crypto = crypto_new();
	sw->shared = (struct app_shared){.policy = sv->policy,
					 .users = sv->users,
					 .nonces = sv->nonces,
					 .hasher = server_hasher(sw->crypto)};
	memcpy(sw->shared.route_key, sv->route_key, sizeof(sv->route_key));
	memcpy(sw->shared.nonce_key, sv->nonce_key, sizeof(sv->nonce_key));
	sim_enter(sw->w);
	sw->media = sim_media_new(sw->w);
	start_chain(sw);
	conf.n_elements = sw->n_elements;
	must(core_new(&conf, &sw->core));
#ifdef SIM_HAS_ECHO
	must(echo_start(sw->echo, sw->core));
#endif
	sim_leave(sw->w);
}

static bool on_other(void *ctx, const struct addr *from, const struct addr *to, struct str bytes)
{
	struct server *sv = ctx;

	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		if (sv->w[i].media && sim_media_packet(sv->w[i].media, from, to, bytes))
			return true;
	}
	return false;
}

static void forget(struct server *sv);

static void on_killed(void *ctx)
{
	forget(ctx);
}

void server_start(struct server *sv)
{
	struct loc_conf lc = {.workers = SERVER_WORKERS, .max_contacts = sv->policy->max_contacts};
	struct hash_seed seed = {sim_random(sv->sim), sim_random(sv->sim)};

	sv->owner_seed = lc.seed = seed;
	sv->node->on_other = on_other;
	sv->node->other_ctx = sv;
	sv->node->on_killed = on_killed;
	sv->node->killed_ctx = sv;
	for (unsigned i = 0; i < sv->node->n_listeners; i++) {
		sv->listeners[i].transport = sv->node->listeners[i].transport;
		sv->listeners[i].bound = sv->node->listeners[i].addr;
		sv->listeners[i].host = str_c(sv->host);
		sv->listeners[i].port = sv->node->listeners[i].addr.port;
	}
	must(users_new(sv->entries, sv->n_users, &seed, &sv->users));
	must(nonces_new(4096, &sv->nonces));
	must(loc_new(&lc, &sv->loc));
	load(sv);
	sim_boot(sv->node);
	new_journals(sv);
	sv->runs = true;
	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		start_worker(sv, i);
}

static void end_worker(struct server_worker *sw)
{
#ifdef SIM_HAS_ECHO
	echo_free(&sw->echo);
#endif
	proxy_free(&sw->proxy);
	registrar_free(&sw->registrar);
	guard_free(&sw->guard);
	loc_detach(&sw->door);
	core_free(&sw->core);
	sim_media_free(&sw->media);
	crypto_free(&sw->crypto);
}

static void forget(struct server *sv)
{
	if (!sv->runs)
		return;
	sv->runs = false;
	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		end_worker(&sv->w[i]);
	loc_free(&sv->loc);
	nonces_free(&sv->nonces);
	users_unref(&sv->users);
}

void server_stop(struct server *sv)
{
	if (!sv->runs)
		return;
	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		sim_enter(sv->w[i].w);
	forget(sv);
	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		sv->w[i].w->depth = 0;
	sim_kill(sv->node, false);
}

void server_crash(struct server *sv, bool host)
{
	sim_kill(sv->node, host);
	forget(sv);
}

void server_free(struct server **psv)
{
	struct server *sv = *psv;

	if (!sv)
		return;
	server_crash(sv, false);
	app_policy_unref(&sv->policy);
	free(sv);
	*psv = NULL;
}

/* ---- looking in ---- */

int server_bindings(struct server *sv, const char *user)
{
	struct loc_binding *list = NULL;
	struct arena arena;
	char key[128];
	struct buf b = buf_over(key, sizeof(key));
	int n;

	buf_fmt(&b, "%s@%s", user, sv->domain);
	arena_init(&arena, NULL, 0, 0);
	n = loc_lookup(sv->loc, buf_str(&b), SIM_WALL_MS + sim_now_ms(sv->sim), &arena, &list);
	arena_fini(&arena);
	return n < 0 ? -1 : n;
}

size_t server_transactions(const struct server *sv)
{
	size_t n = 0;

	for (unsigned i = 0; i < SERVER_WORKERS; i++)
		n += txn_count(core_txns(sv->w[i].core));
	return n;
}

bool server_is_idle(struct server *sv)
{
	bool idle = true;

	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		struct server_worker *sw = &sv->w[i];
		size_t txns = txn_count(core_txns(sw->core));
		size_t contexts = proxy_counters(sw->proxy).contexts;
		size_t echoes = 0;

#ifdef SIM_HAS_ECHO
		echoes = echo_calls(sw->echo);
#endif
		if (!txns && !contexts && !echoes && !sim_media_sessions(sw->media))
			continue;
		sim_problem(sv->sim,
			    "%s worker %u is left with %zu transactions, %zu contexts, "
			    "%zu echoed calls, %zu media sessions",
			    sv->node->name, i, txns, contexts, echoes,
			    sim_media_sessions(sw->media));
		idle = false;
	}
	return idle;
}
