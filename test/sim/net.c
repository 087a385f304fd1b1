/* Datagrams: links, address translation, delivery, and the kernel's word that nobody listens. */
#include <stdlib.h>

#include "sim.h"

/* ---- links ---- */

struct sim_link *sim_link_of(struct sim *s, const struct sim_node *a, const struct sim_node *b)
{
	struct sim_link **l = &s->links[a->index][b->index];

	if (!*l) {
		*l = malloc(sizeof(**l));
		if (!*l)
			abort();
		**l = s->link;
	}
	return *l;
}

static const struct sim_link *link_between(const struct sim *s, const struct sim_node *a,
					   const struct sim_node *b)
{
	const struct sim_link *l = s->links[a->index][b->index];

	return l ? l : &s->link;
}

void sim_cut(struct sim_node *a, struct sim_node *b, bool cut)
{
	sim_link_of(a->sim, a, b)->cut = cut;
	sim_link_of(a->sim, b, a)->cut = cut;
	sim_note(a->sim, "%s and %s are %s", a->name, b->name, cut ? "parted" : "joined");
}

void sim_isolate(struct sim_node *n, bool cut)
{
	for (unsigned i = 0; i < n->sim->n_nodes; i++) {
		if (n->sim->nodes[i] != n)
			sim_cut(n, n->sim->nodes[i], cut);
	}
}

static void heal(struct sim_link *l)
{
	l->cut = false;
	l->loss_permille = l->dup_permille = l->reorder_permille = 0;
}

void sim_heal(struct sim *s)
{
	sim_note(s, "the network is whole");
	heal(&s->link);
	for (unsigned a = 0; a < s->n_nodes; a++) {
		for (unsigned b = 0; b < s->n_nodes; b++) {
			if (s->links[a][b])
				heal(s->links[a][b]);
		}
	}
}

/* ---- address translation: one public port for each inner address and port ---- */

struct sim_nat {
	struct list link;
	struct addr ip;
	struct {
		struct sim_node *node;
		struct addr inner;
	} ports[256];
	unsigned n;
};

#define NAT_FIRST_PORT 40000

struct sim_nat *sim_nat_new(struct sim *s, const char *public_ip)
{
	struct sim_nat *nat = calloc(1, sizeof(*nat));

	if (!nat)
		abort();
	nat->ip = sim_addr(public_ip, 0);
	list_init(&nat->link);
	list_append(&s->nats, &nat->link);
	return nat;
}

void sim_nats_free(struct sim *s)
{
	LIST_EACH (l, &s->nats)
		free(container_of(l, struct sim_nat, link));
}

struct addr sim_nat_out(struct sim_node *from, const struct sim_node *to, const struct addr *src)
{
	struct sim_nat *nat = from->nat;
	struct addr a;
	unsigned i;

	if (!nat || (to && to->nat == nat))
		return *src;
	for (i = 0; i < nat->n; i++) {
		if (addr_eq(&nat->ports[i].inner, src))
			break;
	}
	if (i == nat->n) {
		if (nat->n == 256)
			abort();
		nat->ports[i].node = from;
		nat->ports[i].inner = *src;
		nat->n++;
	}
	a = nat->ip;
	a.port = (uint16_t)(NAT_FIRST_PORT + i);
	return a;
}

/* The node that a datagram reaches, and the address as it sees it. */
bool sim_route(struct sim_node *from, const struct addr *dst, struct sim_node **ret,
	       struct addr *ret_dst)
{
	struct sim *s = from->sim;
	struct sim_node *n;

	LIST_EACH (l, &s->nats) {
		struct sim_nat *nat = container_of(l, struct sim_nat, link);
		unsigned i = (unsigned)dst->port - NAT_FIRST_PORT;

		if (!addr_same_ip(&nat->ip, dst))
			continue;
		if (i >= nat->n)
			return false;
		*ret = nat->ports[i].node;
		*ret_dst = nat->ports[i].inner;
		return true;
	}
	n = sim_node_at(s, dst);
	if (!n || (n->nat && n->nat != from->nat))
		return false;
	*ret = n;
	*ret_dst = *dst;
	return true;
}

const char *sim_who(struct sim *s, const struct addr *a, char room[ADDR_TEXT_MAX])
{
	struct sim_node *n = sim_node_at(s, a);

	if (n)
		return n->name;
	LIST_EACH (l, &s->nats) {
		struct sim_nat *nat = container_of(l, struct sim_nat, link);
		unsigned i = (unsigned)a->port - NAT_FIRST_PORT;

		if (addr_same_ip(&nat->ip, a) && i < nat->n)
			return nat->ports[i].node->name;
	}
	return addr_text(a, room);
}

/* ---- delivery ---- */

static unsigned worker_for(const struct sim_node *n, const struct addr *src)
{
	struct hash_seed seed = {n->sim->seed, n->index};

	if (n->fixed_worker >= 0)
		return (unsigned)n->fixed_worker;
	return (unsigned)(hash_bytes(&seed, src, sizeof(*src)) % n->n_workers);
}

void sim_deliver_datagram(struct sim_node *n, const struct addr *src, const struct addr *dst,
			  struct str bytes, bool *ret_heard)
{
	struct sim *s = n->sim;

	*ret_heard = false;
	if (!n->up)
		return;
	if (n->on_other && n->on_other(n->other_ctx, src, dst, bytes)) {
		*ret_heard = true;
		return;
	}
	for (unsigned i = 0; i < n->n_listeners; i++) {
		struct sim_worker *w = &n->w[worker_for(n, src)];
		struct flow flow;

		if (n->listeners[i].transport != TRANSPORT_UDP ||
		    !addr_eq(&n->listeners[i].addr, dst))
			continue;
		memset(&flow, 0, sizeof(flow));
		flow.transport = TRANSPORT_UDP;
		flow.listener = (uint16_t)i;
		flow.remote = *src;
		flow.local = *dst;
		*ret_heard = true;
		sim_hash(s, &s->now_us, sizeof(s->now_us));
		sim_hash(s, bytes.p, bytes.n);
		sim_enter(w);
		if (w->io.user && w->io.user->on_datagram)
			w->io.user->on_datagram(w->io.user->ctx, &flow, bytes);
		sim_leave(w);
		return;
	}
}

struct packet {
	struct sim_event event;
	struct sim_node *from, *to;
	struct sim_worker *sender; /* NULL: does not want to know */
	uint32_t sender_life;
	struct flow flow;
	struct addr src, dst;
	size_t n;
	char bytes[];
};

struct icmp {
	struct sim_event event;
	struct flow flow;
};

static void run_icmp(struct sim_event *e, bool alive)
{
	struct icmp *i = container_of(e, struct icmp, event);
	struct sim_worker *w = e->to;

	if (alive && w->io.user && w->io.user->on_unreachable)
		w->io.user->on_unreachable(w->io.user->ctx, &i->flow);
	free(i);
}

static void tell_unreachable(struct packet *p)
{
	struct sim *s = p->from->sim;
	const struct sim_link *l = link_between(s, p->to, p->from);
	struct icmp *i;

	if (!p->sender || p->sender_life != p->sender->life || l->cut ||
	    sim_chance(s, l->loss_permille))
		return;
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	s->stats.unreachable++;
	i->event.run = run_icmp;
	i->flow = p->flow;
	sim_at(s, &i->event, p->sender, l->delay_ms * 1000ull);
}

static void run_packet(struct sim_event *e, bool alive)
{
	struct packet *p = container_of(e, struct packet, event);
	bool heard = true;

	if (alive && !link_between(p->from->sim, p->from, p->to)->cut) {
		sim_deliver_datagram(p->to, &p->src, &p->dst, str_of(p->bytes, p->n), &heard);
		if (!heard && !p->to->host_down)
			tell_unreachable(p);
	}
	free(p);
}

static uint64_t delay_us(struct sim *s, const struct sim_link *l)
{
	uint64_t us = l->delay_ms * 1000ull + sim_below(s, l->jitter_ms * 1000ull + 1);

	if (sim_chance(s, l->reorder_permille))
		us += sim_below(s, 50000);
	return us;
}

static void send_copy(struct packet *proto, struct str bytes, uint64_t in_us)
{
	struct packet *p = malloc(sizeof(*p) + bytes.n);

	if (!p)
		abort();
	*p = *proto;
	p->event.run = run_packet;
	p->n = bytes.n;
	memcpy(p->bytes, bytes.p, bytes.n);
	sim_at(p->from->sim, &p->event, NULL, in_us);
}

void sim_datagram(struct sim_node *from, const struct addr *src, const struct addr *dst,
		  struct str bytes, struct sim_worker *from_worker, const struct flow *flow)
{
	struct sim *s = from->sim;
	struct packet p = {.from = from, .sender = from_worker};
	const struct sim_link *l;

	s->stats.datagrams++;
	if (!sim_route(from, dst, &p.to, &p.dst)) {
		sim_trace_message(s, from, dst, TRANSPORT_UDP, bytes, "no way there");
		return;
	}
	p.src = sim_nat_out(from, p.to, src);
	if (flow) {
		p.flow = *flow;
		p.sender_life = from_worker->life;
	}
	l = link_between(s, from, p.to);
	if (l->cut || sim_chance(s, l->loss_permille)) {
		s->stats.lost++;
		sim_trace_message(s, from, dst, TRANSPORT_UDP, bytes, l->cut ? "cut" : "lost");
		return;
	}
	send_copy(&p, bytes, delay_us(s, l));
	if (sim_chance(s, l->dup_permille)) {
		s->stats.doubled++;
		send_copy(&p, bytes, delay_us(s, l));
		sim_trace_message(s, from, dst, TRANSPORT_UDP, bytes, "twice");
	} else {
		sim_trace_message(s, from, dst, TRANSPORT_UDP, bytes, "");
	}
}
