#include "net/dns.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "net/dns_ask.h"
#include "net/dns_message.h"
#include "net/inside.h"

#define ENTRIES_MAX 4096
#define EVICT_LOOKS 64 /* entries in use that are passed over for one that is not */
#define NAME_BYTES 253 /* RFC 1035 s2.3.4, as text */
#define TTL_MIN_S 1
#define TTL_MAX_S 86400
#define TTL_HOSTS_S 10
#define TTL_NONE_S 20 /* no such name */
#define TTL_TROUBLE_S 2 /* no answer: spares the askers the next wait */
#define LOCAL_MAX 16

/* What is known, or being asked, of one name and type. */
struct entry {
	struct map_node node;
	struct list age; /* the cache's order of use */
	struct list ready; /* in dns->ready while its waiters can be served */
	struct list waiters; /* io_query.link */
	struct timer deadline;
	struct dns *dns;
	enum io_rr type;
	bool asking; /* c-ares holds it */
	bool late; /* asking, but its first waiters were given up */
	unsigned pins; /* its waiters are being called */
	int err;
	uint64_t until_ms; /* what is known holds so long */
	struct dns_records *records; /* owned; NULL when err */
	size_t n;
	char name[]; /* lower case, with a NUL */
};

struct dns {
	struct net *net;
	struct dns_ask *ask; /* made with the first question */
	struct map names;
	struct list ages; /* newest first */
	struct list ready, refused; /* refused: queries that no entry holds */
	struct timer deliver;
	struct hash_seed seed;
};

static void on_deliver(void *ctx);
static void on_deadline(void *ctx);

int dns_new(struct net *net, const char *servers, struct dns **ret)
{
	struct dns *d = xzalloc(sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->net = net;
	list_init(&d->ages);
	list_init(&d->ready);
	list_init(&d->refused);
	timer_init(&d->deliver, on_deliver, d);
	entropy_take(&net->entropy, &d->seed, sizeof(d->seed));
	err = map_init(&d->names, 64);
	if (!err && servers) /* a list that can't be read is told now */
		err = dns_ask_new(net->loop, servers, &d->ask);
	if (err < 0)
		dns_free(&d);
	else
		*ret = d;
	return err;
}

static void drop_waiters(struct list *waiters)
{
	struct list *n;

	while ((n = list_first(waiters)))
		list_unlink(n);
}

static void entry_free(struct entry *e)
{
	timer_cancel(loop_wheel(e->dns->net->loop), &e->deadline);
	drop_waiters(&e->waiters);
	list_unlink(&e->ready);
	list_unlink(&e->age);
	map_remove(&e->dns->names, &e->node);
	xfree(e->records);
	xfree(e);
}

void dns_free(struct dns **dp)
{
	struct dns *d = *dp;
	struct list *n;

	*dp = NULL;
	if (!d)
		return;
	dns_ask_free(&d->ask);
	timer_cancel(loop_wheel(d->net->loop), &d->deliver);
	while ((n = list_first(&d->ages)))
		entry_free(container_of(n, struct entry, age));
	drop_waiters(&d->refused);
	map_fini(&d->names);
	xfree(d);
}

static uint64_t now_of(const struct dns *d)
{
	return loop_now_ms(d->net->loop);
}

/* Serving */

static void serve_soon(struct entry *e)
{
	list_unlink(&e->ready);
	list_append(&e->dns->ready, &e->ready);
	loop_timer(e->dns->net->loop, &e->dns->deliver, 0);
}

static void serve(struct entry *e)
{
	struct list now, *n;

	list_init(&now);
	while ((n = list_first(&e->waiters))) {
		list_unlink(n);
		list_append(&now, n);
	}
	e->pins++;
	while ((n = list_first(&now))) {
		struct io_query *q = container_of(n, struct io_query, link);

		list_unlink(n);
		q->done(q->ctx, e->err, e->records ? e->records->record : NULL,
			e->records ? e->records->n : 0);
	}
	e->pins--;
}

static void on_deliver(void *ctx)
{
	struct dns *d = (struct dns *)ctx;
	struct list now, *n;

	list_init(&now);
	while ((n = list_first(&d->ready))) {
		list_unlink(n);
		list_append(&now, n);
	}
	while ((n = list_first(&now))) {
		list_unlink(n);
		serve(container_of(n, struct entry, ready));
	}
	while ((n = list_first(&d->refused))) {
		struct io_query *q = container_of(n, struct io_query, link);

		list_unlink(n);
		q->done(q->ctx, -EIO, NULL, 0);
	}
}

/* Takes records (may be NULL). */
static void answer(struct entry *e, int err, struct dns_records *records, uint32_t ttl_s)
{
	xfree(e->records);
	e->records = records;
	e->err = err;
	e->until_ms = now_of(e->dns) + (uint64_t)ttl_s * 1000;
	if (err)
		net_count(&e->dns->net->counters.dns_failed, 1);
	serve_soon(e);
}

static void answer_none(struct entry *e, int err)
{
	answer(e, err, NULL, err == -ENOENT ? TTL_NONE_S : TTL_TROUBLE_S);
}

static void answer_addrs(struct entry *e, const struct addr *addrs, size_t n)
{
	struct io_record r[LOCAL_MAX] = {0};
	struct dns_records *records;

	for (size_t i = 0; i < n; i++) {
		r[i].type = e->type;
		r[i].ttl_s = TTL_HOSTS_S;
		r[i].addr = addrs[i];
	}
	if (dns_records_make(r, n, &records) < 0)
		answer_none(e, -EIO);
	else
		answer(e, 0, records, TTL_HOSTS_S);
}

/* Names that need no server */

static bool is_below(struct str name, struct str top)
{
	return str_eq(name, top) ||
	       (name.n > top.n && str_ends(name, top) && name.p[name.n - top.n - 1] == '.');
}

/* RFC 6761 s6.3: loopback, whatever a server would say. */
static void answer_localhost(struct entry *e)
{
	struct addr a = {.family = 4, .ip = {127, 0, 0, 1}};

	if (e->type == IO_RR_AAAA)
		a = (struct addr){.family = 6, .ip = {[15] = 1}};
	if (e->type == IO_RR_A || e->type == IO_RR_AAAA)
		answer_addrs(e, &a, 1);
	else
		answer_none(e, -ENOENT);
}

static bool answer_from_hosts(struct entry *e)
{
	struct addr addrs[LOCAL_MAX];
	bool other;
	size_t n;
	int err;

	if (e->type != IO_RR_A && e->type != IO_RR_AAAA)
		return false;
	err = dns_ask_hosts(e->dns->ask, e->name, e->type == IO_RR_A ? 4 : 6, addrs, LOCAL_MAX, &n,
			    &other);
	if (err == 0)
		answer_addrs(e, addrs, n);
	else if (other)
		answer_none(e, -ENOENT);
	return err == 0 || other;
}

static bool answer_locally(struct entry *e)
{
	struct str name = str_of(e->name, e->n);
	struct addr a;

	if (is_below(name, STR("localhost"))) {
		answer_localhost(e);
	} else if (is_below(name, STR("invalid"))) { /* RFC 6761 s6.4 */
		answer_none(e, -ENOENT);
	} else if (addr_parse_ip(name, &a)) {
		if (a.family == (e->type == IO_RR_A ? 4 : e->type == IO_RR_AAAA ? 6 : 0))
			answer_addrs(e, &a, 1);
		else
			answer_none(e, -ENOENT);
	} else {
		return false;
	}
	return true;
}

/* Asking */

/* Made when it is first needed: most runs on loopback never read resolv.conf. */
static bool has_asker(struct dns *d)
{
	int err;

	if (d->ask)
		return true;
	err = dns_ask_new(d->net->loop, NULL, &d->ask);
	if (err < 0)
		log_warn(d->net->log, "resolver not available error=\"%s\"", strerror(-err));
	return err == 0;
}

static void on_answer(void *ctx, int err, struct str message)
{
	struct entry *e = (struct entry *)ctx;
	struct dns_records *records = NULL;
	uint32_t ttl;

	e->asking = e->late = false;
	timer_cancel(loop_wheel(e->dns->net->loop), &e->deadline);
	if (err == 0)
		err = dns_message_read(message, e->type, &records);
	if (err) {
		answer_none(e, err == -ENOENT || err == -ETIMEDOUT ? err : -EIO);
		return;
	}
	ttl = records->ttl_s < TTL_MIN_S ? TTL_MIN_S : records->ttl_s;
	answer(e, 0, records, ttl < TTL_MAX_S ? ttl : TTL_MAX_S);
}

/* The askers have waited long enough; the answer is still welcome to the cache. */
static void on_deadline(void *ctx)
{
	struct entry *e = (struct entry *)ctx;

	e->late = true;
	answer_none(e, -ETIMEDOUT);
}

static void start(struct entry *e)
{
	struct net *net = e->dns->net;

	if (answer_locally(e))
		return;
	if (!has_asker(e->dns)) {
		answer_none(e, -EIO);
		return;
	}
	if (answer_from_hosts(e))
		return;
	net_count(&net->counters.dns_asked, 1);
	e->asking = true;
	loop_timer(net->loop, &e->deadline, net->limits.resolve_ms);
	dns_ask(e->dns->ask, e->name, e->type, on_answer, e);
}

/* The cache */

struct key {
	struct str name;
	enum io_rr type;
};

static bool entry_is(const struct map_node *node, const void *arg)
{
	const struct entry *e = container_of(node, struct entry, node);
	const struct key *k = (const struct key *)arg;

	return e->type == k->type && str_eq(str_of(e->name, e->n), k->name);
}

static bool in_use(const struct entry *e)
{
	return e->asking || e->pins || !list_empty(&e->waiters) || !list_empty(&e->ready);
}

/* Room for one more: the one that was not asked for the longest time goes. */
static bool make_room(struct dns *d)
{
	struct list *n = d->ages.prev;

	if (d->names.n < ENTRIES_MAX)
		return true;
	for (int i = 0; i < EVICT_LOOKS && n != &d->ages; i++, n = n->prev) {
		struct entry *e = container_of(n, struct entry, age);

		if (in_use(e))
			continue;
		entry_free(e);
		return true;
	}
	return false;
}

static struct entry *entry_new(struct dns *d, const struct key *k, uint64_t hash)
{
	struct entry *e = make_room(d) ? xzalloc(sizeof(*e) + k->name.n + 1) : NULL;

	if (!e)
		return NULL;
	e->dns = d;
	e->type = k->type;
	e->n = k->name.n;
	memcpy(e->name, k->name.p, k->name.n);
	list_init(&e->ready);
	list_init(&e->waiters);
	timer_init(&e->deadline, on_deadline, e);
	list_insert(&d->ages, &e->age);
	map_add(&d->names, &e->node, hash);
	return e;
}

static struct entry *entry_get(struct dns *d, const struct key *k)
{
	uint64_t hash = hash_mix(hash_str(&d->seed, k->name), k->type);
	struct map_node *node = map_find(&d->names, hash, entry_is, k);
	struct entry *e;

	if (!node)
		return entry_new(d, k, hash);
	e = container_of(node, struct entry, node);
	list_unlink(&e->age);
	list_insert(&d->ages, &e->age);
	return e;
}

/* Lower case, without the root's dot. */
static bool canonical(struct str name, char room[NAME_BYTES + 1], struct str *ret)
{
	if (str_ends(name, STR(".")))
		name.n--;
	if (name.n == 0 || name.n > NAME_BYTES)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] == 0x7f || name.p[i] == '\\')
			return false;
		room[i] = ascii_lower(name.p[i]);
	}
	*ret = str_of(room, name.n);
	return true;
}

void dns_resolve(struct dns *d, struct io_query *q)
{
	struct key k = {.type = q->type};
	char room[NAME_BYTES + 1];
	struct entry *e;

	list_init(&q->link);
	if (!canonical(q->name, room, &k.name))
		k.name = STR("invalid"); /* answers what such a name deserves */
	e = entry_get(d, &k);
	if (!e) {
		list_append(&d->refused, &q->link);
		loop_timer(d->net->loop, &d->deliver, 0);
		return;
	}
	list_append(&e->waiters, &q->link);
	if (e->asking && !e->late)
		return;
	if (now_of(d) < e->until_ms || e->pins || !list_empty(&e->ready)) {
		net_count(&d->net->counters.dns_cached, 1);
		serve_soon(e);
	} else if (e->late) {
		e->late = false;
		loop_timer(d->net->loop, &e->deadline, d->net->limits.resolve_ms);
	} else {
		start(e);
	}
}

void dns_cancel(struct dns *d, struct io_query *q)
{
	if (q->link.next)
		list_unlink(&q->link);
}
