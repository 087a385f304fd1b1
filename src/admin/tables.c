#include "admin/tables.h"

#include "admin/json.h"

static void put_binding(struct buf *b, struct str aor, const struct loc_binding *l,
			uint64_t wall_ms)
{
	char room[ADDR_TEXT_MAX];

	json_open(b, NULL, '{');
	json_member_str(b, "aor", aor);
	json_member_str(b, "contact", l->contact);
	json_member_str(b, "transport", transport_name(l->flow.transport));
	json_member_str(b, "source", str_c(addr_text(&l->flow.remote, room)));
	json_member_bool(b, "reachable",
			 l->flow_alive || l->flow.transport == TRANSPORT_NONE);
	json_member_u64(b, "expires_s",
			l->expires_ms > wall_ms ? (l->expires_ms - wall_ms) / 1000 : 0);
	json_key(b, "q");
	buf_fmt(b, "%u.%03u", (unsigned)l->q1000 / 1000, (unsigned)l->q1000 % 1000);
	json_member_str(b, "user_agent", l->user_agent);
	json_member_str(b, "call_id", l->call_id);
	json_member_u64(b, "cseq", l->cseq);
	if (!str_empty(l->instance))
		json_member_str(b, "instance", l->instance);
	if (!str_empty(l->path))
		json_member_str(b, "path", l->path);
	buf_fmt(b, "}\n");
}

void tables_put_bindings(struct buf *b, struct str aor, const struct loc_binding *list, unsigned n,
			 uint64_t wall_ms)
{
	for (unsigned i = 0; i < n; i++)
		put_binding(b, aor, &list[i], wall_ms);
}

static struct str state_of(unsigned status)
{
	if (status >= 200 && status < 300)
		return STR("talking");
	if (status >= 180)
		return STR("ringing");
	return STR("calling");
}

void tables_put_call(struct buf *b, const struct proxy_call *c, uint64_t wall_ms)
{
	json_open(b, NULL, '{');
	json_member_str(b, "from", c->from);
	json_member_str(b, "to", c->to);
	json_member_str(b, "state", state_of(c->status));
	json_member_u64(b, "status", c->status);
	json_member_u64(b, "duration_s",
			wall_ms > c->since_ms ? (wall_ms - c->since_ms) / 1000 : 0);
	json_member_str(b, "call_id", c->call_id);
	buf_fmt(b, "}\n");
}
