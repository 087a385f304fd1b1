#include "admin/status.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "admin/json.h"

uint64_t status_memory(void)
{
	char room[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, sizeof(room));
	struct str rest = str_of(room, n > 0 ? (size_t)n : 0);
	uint64_t pages = 0;

	if (fd >= 0)
		close(fd);
	str_split(&rest, ' ');
	str_to_u64(str_split(&rest, ' '), &pages);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* All members of these are counters or sizes of 64 bits. */
static void add_words(void *to, const void *from, size_t bytes)
{
	uint64_t *a = to;
	const uint64_t *b = from;

	for (size_t i = 0; i < bytes / sizeof(*a); i++)
		a[i] += b[i];
}

void status_add(struct status_worker *a, const struct status_worker *b)
{
	_Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes are counted as 64 bits");
	_Static_assert(sizeof(*a) % sizeof(uint64_t) == 0, "only counters stand there");
	add_words(a, b, sizeof(*a));
}

static void put_time(struct buf *b, const char *key, uint64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char room[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) && strftime(room, sizeof(room), "%Y-%m-%dT%H:%M:%SZ", &tm))
		json_member_str(b, key, str_c(room));
}

static void put_listeners(struct buf *b, const struct status *s)
{
	json_open(b, "listeners", '[');
	for (unsigned i = 0; i < s->n_listeners; i++) {
		const struct tport_listener *l = &s->listeners[i];
		char room[ADDR_TEXT_MAX];

		json_open(b, NULL, '{');
		json_member_str(b, "transport", transport_name(l->transport));
		json_member_str(b, "address", str_c(addr_text(&l->bound, room)));
		json_member_str(b, "host", l->host);
		json_member_u64(b, "port", l->port);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void put_messages(struct buf *b, const struct status *s, const struct status_worker *w)
{
	static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx", "6xx"};

	json_open(b, "messages", '{');
	json_member_u64(b, "requests", w->core.requests);
	json_member_u64(b, "responses", w->core.responses);
	json_member_u64(b, "per_second", s->messages_per_s);
	json_member_u64(b, "requests_per_second", s->requests_per_s);
	json_member_u64(b, "bad", w->core.bad_messages);
	json_member_u64(b, "dropped", w->core.dropped + w->core.ring_full);
	json_member_u64(b, "handed_over", w->core.handed_over);
	json_member_u64(b, "stray_responses", w->core.stray_responses);
	json_open(b, "answered", '{');
	for (unsigned i = 1; i < 7; i++)
		json_member_u64(b, classes[i], w->core.sent_status[i]);
	buf_fmt(b, "}}");
}

static void put_transactions(struct buf *b, const struct status_worker *w)
{
	json_open(b, "transactions", '{');
	json_member_u64(b, "now", w->transactions);
	json_member_u64(b, "retransmits_in", w->retransmits_in);
	json_member_u64(b, "retransmits_out", w->retransmits_out);
	json_member_u64(b, "timeouts", w->timeouts);
	buf_putc(b, '}');
}

static void put_auth(struct buf *b, const struct status_worker *w)
{
	json_open(b, "auth", '{');
	json_member_u64(b, "challenged", w->guard.challenged);
	json_member_u64(b, "accepted", w->guard.accepted);
	json_member_u64(b, "wrong_password", w->guard.wrong_password);
	json_member_u64(b, "unknown_user", w->guard.unknown_user);
	json_member_u64(b, "stale", w->guard.stale);
	json_member_u64(b, "forbidden", w->guard.forbidden);
	json_member_u64(b, "refused", w->guard.refused);
	json_member_u64(b, "turned_away", w->turned_away);
	buf_putc(b, '}');
}

static void put_calls(struct buf *b, const struct status_worker *w)
{
	json_open(b, "calls", '{');
	json_member_u64(b, "now", w->proxy.calls + w->echo_calls);
	json_member_u64(b, "echo", w->echo_calls);
	json_member_u64(b, "forwarding", w->proxy.contexts);
	json_member_u64(b, "forwarded", w->proxy.forwarded);
	json_member_u64(b, "forked", w->proxy.forked);
	json_member_u64(b, "answered", w->proxy.answered);
	json_member_u64(b, "failed", w->proxy.failed);
	json_member_u64(b, "cancelled", w->proxy.cancelled);
	buf_putc(b, '}');
}

static void put_network(struct buf *b, const struct net_counters *n)
{
	json_open(b, "network", '{');
	json_member_u64(b, "datagrams_in", n->datagrams_in);
	json_member_u64(b, "datagrams_out", n->datagrams_out);
	json_member_u64(b, "datagrams_dropped", n->datagrams_dropped);
	json_member_u64(b, "connections", n->connections);
	json_member_u64(b, "connections_accepted", n->accepted);
	json_member_u64(b, "connections_opened", n->opened);
	json_member_u64(b, "connections_refused", n->refused);
	json_member_u64(b, "connections_timed_out", n->timed_out);
	json_member_u64(b, "bytes_in", n->datagram_bytes_in + n->stream_bytes_in);
	json_member_u64(b, "bytes_out", n->datagram_bytes_out + n->stream_bytes_out);
	json_member_u64(b, "names_asked", n->dns_asked);
	json_member_u64(b, "names_failed", n->dns_failed);
	buf_putc(b, '}');
}

static void put_loads(struct buf *b, const struct status *s)
{
	json_open(b, "worker_requests", '[');
	for (unsigned i = 0; i < s->n_workers; i++) {
		json_key(b, NULL);
		buf_put_u64(b, s->workers[i].core.requests);
	}
	buf_putc(b, ']');
}

static void put_identity(struct buf *b, const struct status *s)
{
	json_member_str(b, "version", STR(TSUWA_VERSION));
	json_member_u64(b, "pid", (uint64_t)getpid());
	put_time(b, "started", s->started_ms);
	json_member_u64(b, "uptime_s", s->uptime_s);
	json_member_str(b, "config", s->config);
	json_member_str(b, "database", s->database);
	json_open(b, "domains", '[');
	for (unsigned i = 0; i < s->n_domains; i++)
		json_item_str(b, s->domains[i]);
	buf_putc(b, ']');
	put_listeners(b, s);
	json_member_u64(b, "workers", s->n_workers);
	json_member_u64(b, "memory_bytes", status_memory());
}

void status_put(struct buf *b, const struct status *s)
{
	struct status_worker all = {0};

	for (unsigned i = 0; i < s->n_workers; i++)
		status_add(&all, &s->workers[i]);
	json_open(b, NULL, '{');
	put_identity(b, s);
	json_member_u64(b, "users", s->users);
	json_open(b, "registrations", '{');
	json_member_u64(b, "users", s->registered);
	json_member_u64(b, "contacts", s->contacts);
	buf_putc(b, '}');
	put_calls(b, &all);
	put_messages(b, s, &all);
	put_transactions(b, &all);
	put_auth(b, &all);
	put_network(b, &all.net);
	put_loads(b, s);
	buf_putc(b, '}');
}
