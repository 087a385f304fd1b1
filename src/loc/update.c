/* Changes of one AoR: made beside the state that others see, written to the journal, and
 * put in its place when the record is durable.  One is under way at a time, and its worker holds
 * the AoR: nobody else writes it, so that what it reads needs no lock.  Later ones of
 * the same worker wait behind it and are judged when their turn comes. */
#include <errno.h>

#include "base/alloc.h"
#include "loc/internal.h"
#include "sip/uri.h"
#include "store/record.h"

#define RECORD_MAX (256 * 1024)

struct loc_update {
	struct list link;               /* aor.waiting */
	struct list of_worker;          /* loc_worker.updates */
	struct io_append append;
	struct loc_worker *w;
	struct shard *shard;
	struct aor *aor;
	struct loc_update_user user;
	struct entry **next;            /* the state to come: shared and new entries */
	unsigned n_next;
	struct entry **keys;            /* what is asked for; owned until committed; behind this struct */
	struct entry **old;             /* of each key: the binding that it replaces, or NULL */
	unsigned n;
	bool all;
	bool by_operator;               /* loc_remove() */
	struct entry **gone;            /* by_operator: what it takes away; owned from the commit on */
	unsigned n_gone;
	bool committed;
	uint32_t cseq;
	struct str call_id;             /* behind keys */
};

static void update_free(struct loc_update *u)
{
	for (unsigned i = 0; i < u->n; i++)
		xfree(u->keys[i]);
	for (unsigned i = 0; u->committed && i < u->n_gone; i++)
		xfree(u->gone[i]);
	xfree(u->gone);
	xfree(u->next);
	list_unlink(&u->link);
	list_unlink(&u->of_worker);
	xfree(u);
}

/* ---- lists of entries ---- */

static bool stands_in(struct entry *const *list, unsigned n, const struct entry *e)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i] == e)
			return true;
	}
	return false;
}

/* ---- judging (RFC 3261 s10.3 steps 6 and 7) ---- */

/* Scheme, user, host and port of one that is spelled in one way only: no escapes, no IPv6. */
static bool plain_part(struct str uri, struct str *ret)
{
	size_t n = 0;

	for (; n < uri.n && uri.p[n] != ';' && uri.p[n] != '?'; n++) {
		if (uri.p[n] == '%' || uri.p[n] == '[')
			return false;
	}
	*ret = str_first(uri, n);
	return true;
}

static bool same_uri(struct str a, struct str b)
{
	struct sip_uri ua, ub;
	struct str pa, pb;

	if (str_eq(a, b))
		return true;
	if (plain_part(a, &pa) && plain_part(b, &pb) && !str_ieq(pa, pb))
		return false;
	return sip_uri_parse(a, &ua, NULL) && sip_uri_parse(b, &ub, NULL) && sip_uri_equal(&ua, &ub);
}

/* RFC 5626 s6: an instance with a reg-id names the binding, whatever its URI. */
static bool same_binding(const struct loc_binding *a, const struct loc_binding *b)
{
	if (a->reg_id && b->reg_id && !str_empty(a->instance))
		return a->reg_id == b->reg_id && str_eq(a->instance, b->instance);
	return same_uri(a->contact, b->contact);
}

/* An update of the same Call-ID must have a higher CSeq. */
static bool in_order(const struct loc_update *u, const struct loc_binding *old)
{
	return u->by_operator || !str_eq(old->call_id, u->call_id) || u->cseq > old->cseq;
}

static int find(const struct loc_update *u, const struct loc_binding *b)
{
	for (unsigned i = 0; i < u->n_next; i++) {
		struct loc_binding old;

		entry_view(u->next[i], &old);
		if (same_binding(&old, b))
			return (int)i;
	}
	return -1;
}

static void take_out(struct loc_update *u, unsigned i)
{
	u->next[i] = u->next[--u->n_next];
}

/* Which of what is asked for it is; -1: it stood there before. */
static int key_of(const struct loc_update *u, const struct entry *e)
{
	for (unsigned i = 0; i < u->n; i++) {
		if (u->keys[i] == e)
			return (int)i;
	}
	return -1;
}

static int change_one(struct loc_update *u, unsigned i)
{
	struct loc_binding asked, old;
	int at;

	entry_view(u->keys[i], &asked);
	at = find(u, &asked);
	if (at >= 0) {
		int before = key_of(u, u->next[at]);

		entry_view(u->next[at], &old);
		if (before < 0 && !in_order(u, &old))
			return -EINVAL;
		u->old[i] = before < 0 ? u->next[at] : u->old[before];
		take_out(u, (unsigned)at);
	}
	if (asked.expires_ms == 0)
		return 0;
	/* A device that is known may stay, also where the bound was lowered meanwhile. */
	if (at < 0 && u->n_next >= u->w->max_contacts)
		return -E2BIG;
	u->next[u->n_next++] = u->keys[i];
	return 0;
}

static int change_all(struct loc_update *u)
{
	for (unsigned i = 0; i < u->n_next; i++) {
		struct loc_binding old;

		entry_view(u->next[i], &old);
		if (!in_order(u, &old))
			return -EINVAL;
	}
	u->n_next = 0;
	return 0;
}

/* Those of all n that are alive and do not stay. */
static int note_gone(struct loc_update *u, struct entry *const *all, unsigned n, uint64_t wall_ms)
{
	u->gone = xcalloc(n + 1u, sizeof(*u->gone));
	if (!u->gone)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		if (all[i]->expires_ms > wall_ms && !stands_in(u->next, u->n_next, all[i]))
			u->gone[u->n_gone++] = all[i];
	}
	return u->n_gone ? 0 : -ENOENT;
}

static bool is_late(const struct loc_update *u)
{
	bool late;

	pthread_mutex_lock(&u->shard->lock);
	late = retired_is_late(u->w, u->shard, aor_key(u->aor), u->call_id, u->cseq);
	pthread_mutex_unlock(&u->shard->lock);
	return late;
}

/* Makes u->next from the AoR's state as it is now; expired ones fall away. */
static int judge(struct loc_update *u)
{
	struct aor *a = u->aor;
	uint64_t wall_ms = u->w->io->ops->wall_ms(u->w->io);
	int err = 0;

	if (!u->by_operator && is_late(u))
		return -EINVAL;
	u->next = xcalloc(a->n + u->n + 1u, sizeof(*u->next));
	if (!u->next)
		return -ENOMEM;
	for (unsigned i = 0; i < a->n; i++) {
		if (a->entries[i]->expires_ms > wall_ms)
			u->next[u->n_next++] = a->entries[i];
	}
	if (u->all)
		err = change_all(u);
	for (unsigned i = 0; i < u->n && !err; i++)
		err = change_one(u, i);
	return err || !u->by_operator ? err : note_gone(u, a->entries, a->n, wall_ms);
}

/* ---- committing ---- */

static void forget_keys_in_use(struct loc_update *u)
{
	for (unsigned i = 0; i < u->n; i++) {
		if (stands_in(u->next, u->n_next, u->keys[i]))
			u->keys[i] = NULL;
	}
}

/* Itself, or as what its device has made of it. */
static bool lives_on(const struct loc_update *u, const struct entry *e)
{
	if (stands_in(u->next, u->n_next, e))
		return true;
	for (unsigned i = 0; i < u->n; i++) {
		if (u->old[i] == e && stands_in(u->next, u->n_next, u->keys[i]))
			return true;
	}
	return false;
}

static void log_new(const struct loc_update *u, const struct entry *e)
{
	int key = key_of(u, e);
	enum log_level level = key >= 0 && !u->old[key] ? LOG_INFO : LOG_DEBUG;
	const struct log *log = u->w->io->log;
	char room[ADDR_TEXT_MAX];
	struct loc_binding b;

	if (key < 0 || !log_wants(log, level))
		return;
	entry_view(e, &b);
	log_write(log, level, "%s aor=%.*s contact=%.*s expires=%llus peer=%s call-id=%.*s",
		  level == LOG_INFO ? "registered" : "refreshed", STR_ARG(aor_key(u->aor)),
		  STR_ARG(b.contact), (unsigned long long)(b.expires_ms - b.updated_ms) / 1000,
		  addr_text(&b.flow.remote, room), STR_ARG(b.call_id));
}

static void log_old(const struct loc_update *u, const struct entry *e, uint64_t wall_ms)
{
	struct loc_binding b;

	if (lives_on(u, e))
		return;
	entry_view(e, &b);
	log_info(u->w->io->log, "%s aor=%.*s contact=%.*s call-id=%.*s",
		 e->expires_ms <= wall_ms ? "registration expired"
		 : u->by_operator	  ? "unregistered by the operator"
					  : "unregistered",
		 STR_ARG(aor_key(u->aor)), STR_ARG(b.contact), STR_ARG(b.call_id));
}

/* A line for each binding that comes or goes; refreshes are for who looks closely. */
static void log_changes(const struct loc_update *u)
{
	uint64_t wall_ms = u->w->io->ops->wall_ms(u->w->io);

	if (!log_wants(u->w->io->log, LOG_INFO))
		return;
	for (unsigned i = 0; i < u->n_next; i++)
		log_new(u, u->next[i]);
	for (unsigned i = 0; i < u->aor->n; i++)
		log_old(u, u->aor->entries[i], wall_ms);
}

/* Out of the table; what loc_remove() took away is told yet. */
static void retire(struct loc_update *u, struct entry *e)
{
	if (stands_in(u->gone, u->n_gone, e))
		entry_unindex(u->shard, e);
	else
		entry_free(u->shard, e);
}

/* Of each binding that went, or goes on under another Call-ID. */
static void note_retired(struct loc_update *u)
{
	for (unsigned i = 0; i < u->aor->n; i++) {
		struct loc_binding old;

		if (stands_in(u->next, u->n_next, u->aor->entries[i]))
			continue;
		entry_view(u->aor->entries[i], &old);
		if (!str_eq(old.call_id, u->call_id))
			retired_note(u->w, u->shard, aor_key(u->aor), old.call_id, old.cseq + 1);
		else if (!lives_on(u, u->aor->entries[i]))
			retired_note(u->w, u->shard, aor_key(u->aor), old.call_id, u->cseq);
	}
}

static void commit(struct loc_update *u)
{
	struct aor *a = u->aor;
	struct shard *s = u->shard;

	log_changes(u);
	pthread_mutex_lock(&s->lock);
	note_retired(u);
	s->contacts += u->n_next;
	s->contacts -= a->n;
	for (unsigned i = 0; i < a->n; i++) {
		if (!stands_in(u->next, u->n_next, a->entries[i]))
			retire(u, a->entries[i]);
	}
	u->committed = true;
	forget_keys_in_use(u);
	xfree(a->entries);
	a->entries = u->next;
	a->n = (uint16_t)u->n_next;
	u->next = NULL;
	for (unsigned i = 0; i < a->n; i++)
		entry_index(u->w->loc, s, a->entries[i]);
	pthread_mutex_unlock(&s->lock);
}

static void tell(struct loc_update *u, int err)
{
	struct entry *const *list = u->by_operator ? u->gone : u->aor->entries;
	unsigned all = u->by_operator ? u->n_gone : u->aor->n, n = 0;
	struct loc_binding views[LOC_MAX_CONTACTS];

	if (!u->user.done)
		return;
	for (; n < all && n < LOC_MAX_CONTACTS; n++)
		entry_view(list[n], &views[n]);
	u->user.done(u->user.ctx, err, views, n);
}

static int begin(struct loc_update *u);

/* The AoR goes to the next that waits for it, or is free. */
static struct loc_update *hand_on(struct loc_update *u)
{
	struct aor *a = u->aor;
	struct list *first;

	pthread_mutex_lock(&u->shard->lock);
	first = list_first(&a->waiting);
	a->pending = first ? container_of(first, struct loc_update, link) : NULL;
	if (first)
		list_unlink(first);
	else if (!a->n)
		aor_free(u->shard, a);
	pthread_mutex_unlock(&u->shard->lock);
	return first ? container_of(first, struct loc_update, link) : NULL;
}

static void end(struct loc_update *u, int err)
{
	struct loc_update *next;

	do {
		tell(u, err);
		next = hand_on(u);
		update_free(u);
		u = next;
		err = u ? begin(u) : 0;
	} while (err);
}

static void on_durable(void *ctx, int err)
{
	struct loc_update *u = ctx;

	if (!err)
		commit(u);
	end(u, err);
}

static uint64_t last_end(const struct loc_update *u)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < u->n_next; i++) {
		if (u->next[i]->expires_ms > end)
			end = u->next[i]->expires_ms;
	}
	return end;
}

static uint64_t next_seq(const struct loc_update *u)
{
	struct io *io = u->w->io;
	uint64_t seq;

	pthread_mutex_lock(&u->shard->lock);
	seq = shard_next_seq(u->shard, io->ops->wall_ms(io));
	pthread_mutex_unlock(&u->shard->lock);
	return seq;
}

/* Most records are small: the heap is for those that are not. */
static bool put_record(const struct loc_update *u, struct buf *payload, struct buf *record)
{
	struct store_record r = { .key = aor_key(u->aor), .expires_ms = last_end(u) };

	loc_encode(payload, u->next, u->n_next);
	r.payload = buf_str(payload);
	r.seq = next_seq(u);
	if (!payload->failed)
		store_record_put(record, &r);
	return !payload->failed && !record->failed;
}

static void send_record(struct loc_update *u, struct str record)
{
	u->append.done = on_durable;
	u->append.ctx = u;
	u->w->io->ops->append(u->w->io, record, &u->append);
}

static int write_large_record(struct loc_update *u)
{
	struct buf payload = buf_heap(RECORD_MAX), record = buf_heap(RECORD_MAX);
	bool ok = put_record(u, &payload, &record);

	if (ok)
		send_record(u, buf_str(&record));
	buf_free(&payload);
	buf_free(&record);
	return ok ? 0 : -ENOMEM;
}

static int write_record(struct loc_update *u)
{
	char payload_room[1024], record_room[1536];
	struct buf payload = buf_over(payload_room, sizeof(payload_room));
	struct buf record = buf_over(record_room, sizeof(record_room));

	if (!put_record(u, &payload, &record))
		return write_large_record(u);
	send_record(u, buf_str(&record));
	return 0;
}

static void tell_judged(struct loc_update *u)
{
	struct loc_binding views[LOC_MAX_CONTACTS];
	unsigned n = 0;

	if (!u->user.judged)
		return;
	for (; n < u->n_next && n < LOC_MAX_CONTACTS; n++)
		entry_view(u->next[n], &views[n]);
	u->user.judged(u->user.ctx, views, n);
}

static int begin(struct loc_update *u)
{
	int err = judge(u);

	if (err)
		return err;
	tell_judged(u);
	return write_record(u);
}

/* ---- asking ---- */

static int copy_changes(struct loc_update *u, const struct loc_change *changes, unsigned n)
{
	for (; u->n < n; u->n++) {
		u->keys[u->n] = entry_new(&changes[u->n].binding);
		if (!u->keys[u->n])
			return -ENOMEM;
	}
	return 0;
}

/* The struct, room for n keys and the Call-ID in one block. */
static struct loc_update *update_new(struct loc_worker *w, unsigned n, struct str call_id,
				     const struct loc_update_user *user)
{
	size_t bytes = sizeof(struct loc_update) + 2 * n * sizeof(struct entry *) + call_id.n;
	struct loc_update *u = xzalloc(bytes);
	char *text;

	if (!u)
		return NULL;
	list_init(&u->link);
	list_init(&u->of_worker);
	u->w = w;
	u->user = *user;
	u->keys = (struct entry **)(u + 1);
	u->old = u->keys + n;
	text = (char *)(u->old + n);
	if (call_id.n)
		memcpy(text, call_id.p, call_id.n);
	u->call_id = str_of(text, call_id.n);
	return u;
}

/* The AoR becomes u's, or u waits behind another of this worker.  Under the lock. */
static int claim(struct loc_update *u, struct aor *a)
{
	if (a->pending && a->pending->w != u->w)
		return -EBUSY;
	u->aor = a;
	if (a->pending)
		list_append(&a->waiting, &u->link);
	else
		a->pending = u;
	list_append(&u->w->updates, &u->of_worker);
	return 0;
}

/* Takes u: at once, or behind what is under way for its AoR.  make: where there is none. */
static int submit(struct loc_update *u, struct str key, bool make, struct loc_update **ret)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(u->w->loc, key, &hash);
	struct aor *a;
	int err;

	u->shard = s;
	pthread_mutex_lock(&s->lock);
	a = aor_find(s, hash, key);
	if (!a && make)
		a = aor_add(s, hash, key);
	err = a ? claim(u, a) : make ? -ENOMEM : -ENOENT;
	pthread_mutex_unlock(&s->lock);
	if (!err && a->pending == u) {
		err = begin(u);
		if (err)
			hand_on(u);
	}
	if (!err)
		*ret = u;
	return err;
}

int loc_update(struct loc_worker *w, struct str key, const struct loc_change *changes, unsigned n,
	       bool all, struct str call_id, uint32_t cseq, const struct loc_update_user *user,
	       struct loc_update **ret)
{
	struct loc_update *u = update_new(w, n, call_id, user);
	int err = u ? 0 : -ENOMEM;

	if (!err) {
		u->all = all;
		u->cseq = cseq;
		err = copy_changes(u, changes, n);
	}
	if (!err)
		err = submit(u, key, true, ret);
	if (err && u)
		update_free(u);
	return err;
}

int loc_remove(struct loc_worker *w, struct str key, struct str contact,
	       const struct loc_update_user *user, struct loc_update **ret)
{
	const struct loc_change change = { { .contact = contact } };
	struct loc_update *u = update_new(w, 1, STR_NONE, user);
	int err = u ? 0 : -ENOMEM;

	if (!err) {
		u->by_operator = true;
		u->all = str_empty(contact);
		err = copy_changes(u, &change, !u->all);
	}
	if (!err)
		err = submit(u, key, false, ret);
	if (err && u)
		update_free(u);
	return err;
}

unsigned loc_holder(struct loc *l, struct str key, unsigned here)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(l, key, &hash);
	struct aor *a;

	pthread_mutex_lock(&s->lock);
	a = aor_find(s, hash, key);
	if (a && a->pending)
		here = a->pending->w->io->worker;
	pthread_mutex_unlock(&s->lock);
	return here;
}

void loc_update_detach(struct loc_update **pu)
{
	if (*pu)
		(*pu)->user = (struct loc_update_user){ 0 };
	*pu = NULL;
}

static void end_one(struct loc_update *u, int err)
{
	struct loc_update_user user = u->user;

	pthread_mutex_lock(&u->shard->lock);
	if (u->aor->pending == u) {
		u->aor->pending = NULL;
		u->w->io->ops->append_cancel(u->w->io, &u->append);
	}
	pthread_mutex_unlock(&u->shard->lock);
	update_free(u);
	if (user.done)
		user.done(user.ctx, err, NULL, 0);
}

void loc_updates_end(struct loc_worker *w, int err)
{
	LIST_EACH (n, &w->updates)
		end_one(container_of(n, struct loc_update, of_worker), err);
}
