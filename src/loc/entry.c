#include "loc/internal.h"

#include "base/alloc.h"

static char *put_text(char *at, struct str s, uint16_t *ret_n)
{
	if (s.n)
		memcpy(at, s.p, s.n);
	*ret_n = (uint16_t)s.n;
	return at + s.n;
}

static bool fits(const struct loc_binding *b)
{
	return b->contact.n <= UINT16_MAX && b->params.n <= UINT16_MAX &&
	       b->call_id.n <= UINT16_MAX && b->instance.n <= UINT16_MAX &&
	       b->path.n <= UINT16_MAX && b->user_agent.n <= UINT16_MAX;
}

struct entry *entry_new(const struct loc_binding *b)
{
	struct entry *e;
	char *at;

	if (!fits(b))
		return NULL;
	e = xmalloc(sizeof(*e) + b->contact.n + b->params.n + b->call_id.n + b->instance.n +
		    b->path.n + b->user_agent.n);
	if (!e)
		return NULL;
	*e = (struct entry){
		.expires_ms = b->expires_ms,
		.updated_ms = b->updated_ms,
		.flow = b->flow,
		.cseq = b->cseq,
		.reg_id = b->reg_id,
		.branch = b->branch,
		.q1000 = b->q1000,
		.flow_alive = b->flow_alive,
	};
	at = put_text(e->text, b->contact, &e->contact_n);
	at = put_text(at, b->params, &e->params_n);
	at = put_text(at, b->call_id, &e->call_id_n);
	at = put_text(at, b->instance, &e->instance_n);
	at = put_text(at, b->path, &e->path_n);
	put_text(at, b->user_agent, &e->agent_n);
	return e;
}

static struct str take_text(const char **at, uint16_t n)
{
	struct str s = str_of(*at, n);

	*at += n;
	return s;
}

void entry_view(const struct entry *e, struct loc_binding *ret)
{
	const char *at = e->text;

	*ret = (struct loc_binding){
		.cseq = e->cseq,
		.reg_id = e->reg_id,
		.branch = e->branch,
		.q1000 = e->q1000,
		.expires_ms = e->expires_ms,
		.updated_ms = e->updated_ms,
		.flow = e->flow,
		.flow_alive = __atomic_load_n(&e->flow_alive, __ATOMIC_RELAXED),
	};
	ret->contact = take_text(&at, e->contact_n);
	ret->params = take_text(&at, e->params_n);
	ret->call_id = take_text(&at, e->call_id_n);
	ret->instance = take_text(&at, e->instance_n);
	ret->path = take_text(&at, e->path_n);
	ret->user_agent = take_text(&at, e->agent_n);
}

bool entry_copy(const struct entry *e, struct arena *a, struct loc_binding *ret)
{
	struct str *texts[] = { &ret->contact,  &ret->params, &ret->call_id,
				&ret->instance, &ret->path,   &ret->user_agent };

	entry_view(e, ret);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = arena_str(a, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	return true;
}

uint64_t entry_flow_hash(const struct loc *l, const struct flow *f)
{
	uint32_t name[3] = { f->worker, f->slot, f->gen };

	return hash_bytes(&l->conf.seed, name, sizeof(name));
}

void entry_index(struct loc *l, struct shard *s, struct entry *e)
{
	if (!flow_is_stream(&e->flow) || !e->flow_alive || e->indexed)
		return;
	map_add(&s->flows, &e->by_flow, entry_flow_hash(l, &e->flow));
	e->indexed = true;
}

void entry_unindex(struct shard *s, struct entry *e)
{
	if (e->indexed)
		map_remove(&s->flows, &e->by_flow);
	e->indexed = false;
}

void entry_free(struct shard *s, struct entry *e)
{
	entry_unindex(s, e);
	xfree(e);
}
