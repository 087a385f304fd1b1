/* Fills a database with registrations as a server would: through the location service and the
 * journals of the store.
 *
 *     store_fill DATABASE COUNT [DOMAIN]
 *
 * Users u0, u1, ... of the domain, one contact each, for a day from now on. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "loc/loc.h"
#include "store/store.h"

#define AT_ONCE 4096
#define DAY_MS 86400000ull

static struct store_worker *door;
static int woken;
static size_t under_way, failed;

static void on_wake(void *ctx)
{
	(void)ctx;
	eventfd_write(woken, 1);
}

static void do_append(struct io *io, struct str record, struct io_append *a)
{
	(void)io;
	store_append(door, record, a);
}

static void do_append_cancel(struct io *io, struct io_append *a)
{
	(void)io;
	store_append_cancel(door, a);
}

static uint64_t do_wall_ms(struct io *io)
{
	struct timespec t;

	(void)io;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void on_done(void *ctx, int err, const struct loc_binding *b, unsigned n)
{
	(void)ctx;
	(void)b;
	(void)n;
	under_way--;
	failed += err != 0;
}

static void breathe(void)
{
	struct pollfd p = {.fd = woken, .events = POLLIN};
	eventfd_t n;

	store_flush(door);
	if (poll(&p, 1, 1000) > 0)
		eventfd_read(woken, &n);
	store_complete(door);
}

static void put(struct loc_worker *w, struct io *io, unsigned i, const char *domain)
{
	const struct loc_update_user user = {.done = on_done};
	struct loc_change c = {{.q1000 = 1000, .cseq = 1, .user_agent = STR("store_fill")}};
	char aor[300], contact[64], call_id[64];
	struct loc_update *u;
	struct addr *remote = &c.binding.flow.remote;

	snprintf(aor, sizeof(aor), "u%u@%s", i, domain);
	snprintf(contact, sizeof(contact), "sip:u%u@127.0.0.1:%u", i, 10000 + i % 50000);
	snprintf(call_id, sizeof(call_id), "fill-%08x-%u@127.0.0.1", i * 2654435761u, i);
	c.binding.contact = str_c(contact);
	c.binding.call_id = str_c(call_id);
	c.binding.updated_ms = do_wall_ms(io);
	c.binding.expires_ms = c.binding.updated_ms + DAY_MS;
	c.binding.flow.transport = TRANSPORT_UDP;
	addr_parse_ip(STR("127.0.0.1"), remote);
	remote->port = (uint16_t)(10000 + i % 50000);
	c.binding.flow.local = *remote;
	c.binding.flow_alive = true;
	if (loc_update(w, str_c(aor), &c, 1, false, str_c(call_id), 1, &user, &u))
		failed++;
	else
		under_way++;
}

static void fill(struct loc_worker *w, struct io *io, unsigned count, const char *domain)
{
	for (unsigned i = 0; i < count; i++) {
		put(w, io, i, domain);
		while (under_way >= AT_ONCE)
			breathe();
	}
	while (under_way)
		breathe();
}

static void on_record(void *ctx, const struct store_record *r)
{
	(void)ctx;
	(void)r;
}

int main(int argc, char **argv)
{
	static const struct io_ops ops = {
		.append = do_append, .append_cancel = do_append_cancel, .wall_ms = do_wall_ms};
	static struct wheel wheel;
	struct io io = {.ops = &ops, .wheel = &wheel, .workers = 1};
	const struct loc_conf lc = {.workers = 1, .seed = {1, 2}};
	/* Folding must not fall behind: a journal may take all. */
	struct store_conf conf = {.segment_max_bytes = (size_t)1 << 30};
	struct store *store = NULL;
	struct loc_worker *w = NULL;
	struct loc *loc = NULL;
	char why[512];

	if (argc < 3) {
		fprintf(stderr, "usage: %s DATABASE COUNT [DOMAIN]\n", argv[0]);
		return 2;
	}
	conf.path = argv[1];
	wheel_init(&wheel, 0);
	woken = eventfd(0, EFD_CLOEXEC);
	if (store_open(&conf, NULL, why, sizeof(why), &store)) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	if (store_load(store, on_record, NULL) || store_attach(store, 0, on_wake, NULL, &door) ||
	    loc_new(&lc, &loc) || loc_attach(loc, &io, &w))
		return 1;
	fill(w, &io, (unsigned)strtoul(argv[2], NULL, 10), argc > 3 ? argv[3] : "localhost");
	loc_detach(&w);
	store_close(&store);
	loc_free(&loc);
	close(woken);
	if (failed)
		fprintf(stderr, "%zu were not stored\n", failed);
	return failed ? 1 : 0;
}
