/* The location table: the rules of RFC 3261 s10.3 steps 6 and 7, durability before
 * visibility, order of updates, flows that die, records that come back. */
#include "harness.h"

#include "loc/loc.h"
#include "store/record.h"

#define WALL 1700000000000ull

static struct wheel wheel;
static struct list appended; /* io_append.link of records on their way */
static char records[16][4096];
static struct str record[16];
static unsigned n_records;
static uint64_t wall = WALL;

static void fake_append(struct io *io, struct str bytes, struct io_append *a)
{
	(void)io;
	assert_true(bytes.n <= sizeof(records[0]));
	memcpy(records[n_records % 16], bytes.p, bytes.n);
	record[n_records % 16] = str_of(records[n_records % 16], bytes.n);
	n_records++;
	list_init(&a->link);
	list_append(&appended, &a->link);
}

static void fake_append_cancel(struct io *io, struct io_append *a)
{
	(void)io;
	list_unlink(&a->link);
}

static uint64_t fake_wall(struct io *io)
{
	(void)io;
	return wall;
}

static const struct io_ops ops = {
	.append = fake_append,
	.append_cancel = fake_append_cancel,
	.wall_ms = fake_wall,
};
static struct io io = {.ops = &ops, .wheel = &wheel, .workers = 1};
static struct loc *loc;
static struct loc_worker *door;

static int setup(void **state)
{
	const struct loc_conf conf = {.workers = 1, .seed = {1, 2}, .max_contacts = 3};

	(void)state;
	wall = WALL;
	io.log = NULL;
	io.now_ms = 0;
	n_records = 0;
	wheel_init(&wheel, 0);
	list_init(&appended);
	assert_int_equal(loc_new(&conf, &loc), 0);
	return loc_attach(loc, &io, &door);
}

static int teardown(void **state)
{
	(void)state;
	loc_detach(&door);
	loc_free(&loc);
	return alloc_live() == 0 ? 0 : -1;
}

/* The oldest record's fate. */
static void durable(int err)
{
	struct list *n = list_first(&appended);
	struct io_append *a;

	assert_non_null(n);
	a = container_of(n, struct io_append, link);
	list_unlink(n);
	a->done(a->ctx, err);
}

struct seen {
	int calls, err;
	unsigned n;
};

static void seen_done(void *ctx, int err, const struct loc_binding *b, unsigned n)
{
	struct seen *s = ctx;

	(void)b;
	s->calls++;
	s->err = err;
	s->n = n;
}

static struct loc_change change_to(const char *contact, const char *call_id, uint32_t cseq,
				   uint32_t expires_s)
{
	return (struct loc_change){{
		.contact = str_c(contact),
		.call_id = str_c(call_id),
		.cseq = cseq,
		.q1000 = 1000,
		.expires_ms = expires_s ? wall + expires_s * 1000ull : 0,
		.updated_ms = wall,
		.flow = {.transport = TRANSPORT_UDP, .remote = {.family = 4, .port = 5062}},
		.flow_alive = true,
	}};
}

static int update(const char *contact, const char *call_id, uint32_t cseq, uint32_t expires_s,
		  struct seen *s)
{
	struct loc_change c = change_to(contact, call_id, cseq, expires_s);
	const struct loc_update_user user = {.done = seen_done, .ctx = s};
	struct loc_update *u;

	*s = (struct seen){0};
	return loc_update(door, STR("bob@example.com"), &c, 1, false, str_c(call_id), cseq, &user,
			  &u);
}

static int lookup(struct loc_binding **ret)
{
	static char room[8192];
	static struct arena arena;

	arena_init(&arena, room, sizeof(room), sizeof(room));
	return loc_lookup(loc, STR("bob@example.com"), wall, &arena, ret);
}

static void expect(const char *const *contacts, int n)
{
	struct loc_binding *list = NULL;

	assert_int_equal(lookup(&list), n);
	for (int i = 0; i < n; i++)
		assert_str(list[i].contact, str_c(contacts[i]));
}

/* RFC3261-10.3-26 */
static void visible_when_durable(void **state)
{
	const char *one[] = {"sip:bob@192.0.2.1"};
	struct seen s;

	(void)state;
	assert_int_equal(update(one[0], "a", 1, 60, &s), 0);
	expect(NULL, 0);
	assert_int_equal(s.calls, 0);
	durable(0);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.n, 1);
	expect(one, 1);
}

/* RFC3261-10.3-5 RFC3261-10.3-27 */
static void failure_changes_nothing(void **state)
{
	const char *one[] = {"sip:bob@192.0.2.1"};
	struct seen s;

	(void)state;
	update(one[0], "a", 1, 60, &s);
	durable(0);
	update(one[0], "a", 2, 0, &s);
	durable(-ENOSPC);
	assert_int_equal(s.err, -ENOSPC);
	expect(one, 1);
	/* The CSeq of what failed was not used up. */
	assert_int_equal(update(one[0], "a", 2, 0, &s), 0);
	durable(0);
	expect(NULL, 0);
	assert_int_equal(loc_count(loc, NULL), 0);
}

/* RFC3261-10.3-23 RFC3261-10.3-24 RFC3261-10.3-25 */
static void order_of_one_call_id(void **state)
{
	static const struct {
		const char *call_id;
		uint32_t cseq;
		int err;
	} rows[] = {
		{"a", 5, 0}, {"a", 5, -EINVAL}, {"a", 4, -EINVAL}, {"a", 6, 0},
		{"b", 1, 0}, {"b", 1, -EINVAL}, {"c", 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen s;
		int err = update("sip:bob@192.0.2.1", rows[i].call_id, rows[i].cseq, 60, &s);

		assert_int_equal(err, rows[i].err);
		if (!err)
			durable(0);
	}
}

static void uri_names_the_binding(void **state)
{
	const char *want[] = {"sip:bob@192.0.2.1:5070", "sip:BOB@192.0.2.1"};
	struct seen s;

	(void)state;
	update("sip:bob@192.0.2.1;transport=udp", "a", 1, 60, &s);
	durable(0);
	update("sip:bob@192.0.2.1;Transport=UDP", "a", 2, 60, &s);
	durable(0);
	assert_int_equal(s.n, 1);
	update("sip:bob@192.0.2.1;transport=udp", "a", 3, 0, &s);
	durable(0);
	update(want[1], "a", 4, 60, &s);
	durable(0);
	wall += 10;
	update(want[0], "a", 5, 60, &s);
	durable(0);
	expect(want, 2);
}

static void instance_names_the_binding(void **state)
{
	struct loc_change c = change_to("sip:bob@192.0.2.1:1000", "a", 1, 60);
	struct seen s = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &s};
	const char *want[] = {"sip:bob@192.0.2.1:2000"};
	struct loc_update *u;

	(void)state;
	c.binding.instance = STR("<urn:uuid:1>");
	c.binding.reg_id = 1;
	loc_update(door, STR("bob@example.com"), &c, 1, false, STR("a"), 1, &user, &u);
	durable(0);
	c.binding.contact = str_c(want[0]);
	c.binding.call_id = STR("b");
	loc_update(door, STR("bob@example.com"), &c, 1, false, STR("b"), 1, &user, &u);
	durable(0);
	expect(want, 1);
}

static void all_or_none(void **state)
{
	struct loc_change c[4];
	struct seen s = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &s};
	struct loc_update *u;
	const char *want[] = {"sip:1@h"};

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	c[0] = change_to("sip:2@h", "a", 1, 60);
	c[1] = change_to("sip:1@h", "a", 1, 60);
	assert_int_equal(
		loc_update(door, STR("bob@example.com"), c, 2, false, STR("a"), 1, &user, &u),
		-EINVAL);
	expect(want, 1);
	for (int i = 0; i < 4; i++)
		c[i] = change_to(i == 0   ? "sip:2@h"
				 : i == 1 ? "sip:3@h"
				 : i == 2 ? "sip:4@h"
					  : "sip:5@h",
				 "a", 2, 60);
	assert_int_equal(
		loc_update(door, STR("bob@example.com"), c, 4, false, STR("a"), 2, &user, &u),
		-E2BIG);
	expect(want, 1);
}

/* Copies of what was said before a binding went, or went on under another Call-ID, may come
 * late; after 64*T1 none is under way. */
static void late_copies_bring_nothing_back(void **state)
{
	struct seen s;

	(void)state;
	io.now_ms = 1000;
	update("sip:bob@192.0.2.1", "a", 1, 60, &s);
	durable(0);
	update("sip:bob@192.0.2.1", "a", 3, 0, &s);
	durable(0);
	assert_int_equal(update("sip:bob@192.0.2.1", "a", 1, 60, &s), -EINVAL);
	assert_int_equal(update("sip:bob@192.0.2.1", "a", 2, 60, &s), -EINVAL);
	assert_true(loc_has_removed(door, STR("bob@example.com"), STR("a"), 3));
	assert_false(loc_has_removed(door, STR("bob@example.com"), STR("a"), 2));
	assert_false(loc_has_removed(door, STR("bob@example.com"), STR("b"), 3));
	assert_false(loc_has_removed(door, STR("eve@example.com"), STR("a"), 3));
	expect(NULL, 0);
	assert_int_equal(update("sip:bob@192.0.2.1", "b", 1, 60, &s), 0);
	durable(0);
	assert_int_equal(update("sip:bob@192.0.2.1", "c", 1, 60, &s), 0);
	durable(0);
	assert_int_equal(update("sip:bob@192.0.2.1", "b", 1, 60, &s), -EINVAL);
	io.now_ms = 33001;
	assert_int_equal(update("sip:bob@192.0.2.1", "b", 1, 60, &s), 0);
	durable(0);
	io.now_ms = 0;
}

/* RFC3261-10.3-16 RFC3261-10.3-17 RFC3261-10.3-18 */
static void star_removes_all(void **state)
{
	struct seen s = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &s};
	struct loc_update *u;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	update("sip:2@h", "a", 2, 60, &s);
	durable(0);
	assert_int_equal(
		loc_update(door, STR("bob@example.com"), NULL, 0, true, STR("a"), 2, &user, &u),
		-EINVAL);
	assert_int_equal(
		loc_update(door, STR("bob@example.com"), NULL, 0, true, STR("a"), 3, &user, &u), 0);
	durable(0);
	expect(NULL, 0);
}

/* The second is judged by what the first has left.  RFC3261-10.3-4 RFC3261-10.3-6 */
static void updates_wait_in_order(void **state)
{
	const char *want[] = {"sip:2@h"};
	struct seen first, second, third;

	(void)state;
	update("sip:1@h", "a", 1, 60, &first);
	assert_int_equal(update("sip:1@h", "a", 1, 60, &second), 0);
	assert_int_equal(update("sip:2@h", "b", 1, 60, &third), 0);
	assert_int_equal(n_records, 1);
	durable(-EIO);
	assert_int_equal(first.err, -EIO);
	durable(0);
	assert_int_equal(second.err, 0);
	durable(0);
	assert_int_equal(third.n, 2);
	update("sip:1@h", "a", 2, 0, &first);
	durable(0);
	expect(want, 1);
}

static void expired_bindings_are_gone(void **state)
{
	const char *want[] = {"sip:2@h"};
	struct seen s;
	size_t contacts;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	update("sip:2@h", "a", 2, 120, &s);
	durable(0);
	wall += 60000;
	expect(want, 1);
	wall += 60000;
	expect(NULL, 0);
	/* All slots are swept within a minute or so. */
	io.now_ms = 0;
	for (uint64_t ms = 1000; ms <= 130000; ms += 1000) {
		io.now_ms = ms;
		wheel_run(&wheel, ms);
	}
	assert_int_equal(loc_count(loc, &contacts), 0);
	assert_int_equal(contacts, 0);
}

static void highest_q_first(void **state)
{
	static const uint16_t q[] = {500, 1000, 700};
	static const char *uri[] = {"sip:a@h", "sip:b@h", "sip:c@h"};
	const char *want[] = {"sip:b@h", "sip:c@h", "sip:a@h"};
	struct seen s = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &s};
	struct loc_change c[3];
	struct loc_update *u;

	(void)state;
	for (int i = 0; i < 3; i++) {
		c[i] = change_to(uri[i], "a", 1, 60);
		c[i].binding.q1000 = q[i];
	}
	loc_update(door, STR("bob@example.com"), c, 3, false, STR("a"), 1, &user, &u);
	durable(0);
	expect(want, 3);
}

static void dead_flows_are_known(void **state)
{
	struct loc_change c = change_to("sip:bob@192.0.2.1", "a", 1, 60);
	struct flow other = {.transport = TRANSPORT_TCP, .slot = 3, .gen = 8};
	struct seen s = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &s};
	struct loc_binding *list = NULL;
	struct loc_update *u;

	(void)state;
	c.binding.flow = (struct flow){.transport = TRANSPORT_TCP, .slot = 3, .gen = 7};
	loc_update(door, STR("bob@example.com"), &c, 1, false, STR("a"), 1, &user, &u);
	durable(0);
	loc_flow_closed(door, &other);
	assert_int_equal(lookup(&list), 1);
	assert_true(list[0].flow_alive);
	loc_flow_closed(door, &c.binding.flow);
	assert_int_equal(lookup(&list), 1);
	assert_false(list[0].flow_alive);
}

static void records_come_back(void **state)
{
	struct store_record r;
	struct loc_binding *list = NULL;
	struct seen s;
	uint64_t seq;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	update("sip:2@h", "a", 2, 90, &s);
	durable(0);
	assert_true(store_record_get(record[1], &r));
	assert_str(r.key, STR("bob@example.com"));
	assert_int_equal(r.expires_ms, WALL + 90000);
	seq = r.seq;
	loc_detach(&door);
	loc_free(&loc);
	{
		const struct loc_conf conf = {.workers = 1, .seed = {3, 4}, .max_contacts = 3};

		assert_int_equal(loc_new(&conf, &loc), 0);
	}
	assert_int_equal(loc_attach(loc, &io, &door), 0);
	assert_true(loc_load(loc, r.key, r.seq, r.expires_ms, r.payload));
	assert_int_equal(lookup(&list), 2);
	assert_int_equal(list[0].flow.remote.port, 5062);
	assert_true(list[0].flow_alive);
	/* What follows is newer, also with the clock set back. */
	wall -= 3600000;
	update("sip:1@h", "a", 3, 60, &s);
	assert_true(store_record_get(record[2], &r));
	assert_true(r.seq > seq);
	durable(0);
}

static void damaged_payloads_are_refused(void **state)
{
	struct store_record r;
	struct seen s;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	assert_true(store_record_get(record[0], &r));
	for (size_t n = 0; n < r.payload.n; n++)
		assert_false(
			loc_load(loc, STR("x@y"), 1, WALL + 1, guard_str(str_first(r.payload, n))));
	guard_free_all();
}

/* ---- by the operator ---- */

struct removed {
	int calls, err;
	unsigned n;
	char first[64];
};

static void removed_done(void *ctx, int err, const struct loc_binding *b, unsigned n)
{
	struct removed *r = ctx;

	r->calls++;
	r->err = err;
	r->n = n;
	str_to_c(n ? b[0].contact : STR(""), r->first, sizeof(r->first));
}

static int take(const char *aor, const char *contact, struct removed *r)
{
	const struct loc_update_user user = {.done = removed_done, .ctx = r};
	struct loc_update *u;

	*r = (struct removed){0};
	return loc_remove(door, str_c(aor), str_c(contact), &user, &u);
}

static void removes_one(void **state)
{
	const char *both[] = {"sip:2@h", "sip:1@H:5060"}, *left[] = {"sip:2@h"};
	struct store_record rec;
	struct removed r;
	struct seen s;

	(void)state;
	update("sip:1@H:5060", "a", 7, 60, &s);
	durable(0);
	wall++;
	update("sip:2@h", "b", 7, 60, &s);
	durable(0);
	assert_int_equal(take("bob@example.com", "sip:3@h", &r), -ENOENT);
	assert_int_equal(take("bob@example.com", "no URI", &r), -ENOENT);
	assert_int_equal(take("eve@example.com", "", &r), -ENOENT);
	assert_int_equal(take("bob@example.com", "sip:1@h:5060", &r), 0);
	expect(both, 2); /* not before it is durable */
	durable(0);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.err, 0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.first, "sip:1@H:5060");
	expect(left, 1);
	assert_true(store_record_get(record[2], &rec));
	assert_true(rec.expires_ms > wall);
	/* The device may come back with the next CSeq, as if nothing had been. */
	assert_int_equal(update("sip:1@H:5060", "a", 8, 60, &s), 0);
	durable(0);
	assert_int_equal(s.n, 2);
}

static void removes_all(void **state)
{
	struct store_record rec;
	struct removed r;
	struct seen s;
	size_t contacts;

	(void)state;
	update("sip:1@h", "a", 7, 60, &s);
	durable(0);
	update("sip:2@h", "a", 8, 1, &s);
	durable(0);
	wall += 2000; /* the second has expired */
	assert_int_equal(take("bob@example.com", "", &r), 0);
	durable(0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.first, "sip:1@h");
	expect(NULL, 0);
	assert_int_equal(loc_count(loc, &contacts), 0);
	assert_int_equal(contacts, 0);
	assert_true(store_record_get(record[2], &rec));
	assert_int_equal(rec.expires_ms, 0);
	assert_int_equal(take("bob@example.com", "", &r), -ENOENT);
}

/* It is judged when its turn comes, and what it takes away is what stood then. */
static void removal_waits(void **state)
{
	struct removed first, second;
	struct seen s;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	assert_int_equal(take("bob@example.com", "", &first), 0);
	assert_int_equal(take("bob@example.com", "", &second), 0);
	durable(0);
	assert_int_equal(first.calls, 0);
	durable(0);
	assert_int_equal(first.n, 1);
	assert_int_equal(second.calls, 1);
	assert_int_equal(second.err, -ENOENT);
	assert_int_equal(second.n, 0);
	expect(NULL, 0);
}

static void removal_fails(void **state)
{
	const char *want[] = {"sip:1@h"};
	struct loc_update_user user;
	struct loc_update *u;
	struct removed r;
	struct seen s;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	take("bob@example.com", "", &r);
	durable(-ENOSPC);
	assert_int_equal(r.err, -ENOSPC);
	expect(want, 1);
	/* Nobody listens any more: it is done all the same. */
	user = (struct loc_update_user){.done = removed_done, .ctx = &r};
	r.calls = 0;
	assert_int_equal(loc_remove(door, STR("bob@example.com"), STR(""), &user, &u), 0);
	loc_update_detach(&u);
	durable(0);
	assert_int_equal(r.calls, 0);
	expect(NULL, 0);
}

/* A stream that dies after its binding was taken away finds nothing. */
static void removal_forgets_flows(void **state)
{
	struct loc_change c = change_to("sip:1@h", "a", 1, 60);
	struct removed r;
	const struct loc_update_user user = {0};
	struct loc_update *u;

	(void)state;
	c.binding.flow.transport = TRANSPORT_TCP;
	assert_int_equal(
		loc_update(door, STR("bob@example.com"), &c, 1, false, STR("a"), 1, &user, &u), 0);
	durable(0);
	take("bob@example.com", "", &r);
	durable(0);
	assert_int_equal(r.n, 1);
	loc_flow_closed(door, &c.binding.flow);
}

/* Who is registered stays when the bound is lowered; nobody comes in addition. */
static void bound_is_lowered(void **state)
{
	struct seen s;

	(void)state;
	update("sip:1@h", "a", 1, 60, &s);
	durable(0);
	update("sip:2@h", "b", 1, 60, &s);
	durable(0);
	loc_set_max_contacts(door, 1);
	assert_int_equal(update("sip:3@h", "c", 1, 60, &s), -E2BIG);
	assert_int_equal(update("sip:1@h", "a", 2, 60, &s), 0);
	durable(0);
	assert_int_equal(s.n, 2);
	loc_set_max_contacts(door, 3);
	assert_int_equal(update("sip:3@h", "c", 1, 60, &s), 0);
	durable(0);
	assert_int_equal(s.n, 3);
}

/* ---- what is said ---- */

static char said[4096];

static void on_said(void *ctx, enum log_level level, struct str line)
{
	struct buf b = buf_over(said, sizeof(said));

	(void)ctx;
	b.n = strlen(said);
	buf_fmt(&b, "%d %.*s\n", (int)level, STR_ARG(line));
	buf_c(&b);
}

static void says(const char *want)
{
	assert_string_equal(said, want);
	said[0] = '\0';
}

/* One line for each binding that comes or goes. */
static void changes_are_said(void **state)
{
	const struct log log = {LOG_DEBUG, on_said, NULL};
	struct removed r;
	struct seen s;

	(void)state;
	io.log = &log;
	said[0] = '\0';
	update("sip:1@h", "a", 1, 60, &s);
	says("");
	durable(0);
	says("2 registered aor=bob@example.com contact=sip:1@h expires=60s peer=0.0.0.0:5062 "
	     "call-id=a\n");
	update("sip:1@h", "a", 2, 60, &s);
	durable(0);
	says("3 refreshed aor=bob@example.com contact=sip:1@h expires=60s peer=0.0.0.0:5062 "
	     "call-id=a\n");
	update("sip:1@h", "a", 3, 0, &s);
	durable(0);
	says("2 unregistered aor=bob@example.com contact=sip:1@h call-id=a\n");
	update("sip:1@h", "a", 4, 60, &s);
	durable(-EIO);
	says("");
	update("sip:1@h", "a", 4, 60, &s);
	durable(0);
	said[0] = '\0';
	take("bob@example.com", "", &r);
	durable(0);
	says("2 unregistered by the operator aor=bob@example.com contact=sip:1@h call-id=a\n");
	update("sip:1@h", "a", 5, 60, &s);
	durable(0);
	said[0] = '\0';
	wall += 61000;
	for (uint64_t ms = 0; ms <= 70000; ms += 100) {
		io.now_ms = ms;
		wheel_run(&wheel, ms);
	}
	says("2 registration expired aor=bob@example.com contact=sip:1@h call-id=a\n");
	io.log = NULL;
	io.now_ms = 0;
}

static void remove_once(void)
{
	const struct loc_conf conf = {.workers = 1, .seed = {1, 2}, .max_contacts = 3};
	struct loc_change c = change_to("sip:bob@192.0.2.1", "a", 1, 60);
	const struct loc_update_user user = {0};
	struct loc_update *u;
	struct loc *l = NULL;
	struct loc_worker *w = NULL;

	if (!loc_new(&conf, &l) && !loc_attach(l, &io, &w) &&
	    !loc_update(w, STR("bob@example.com"), &c, 1, false, STR("a"), 1, &user, &u)) {
		durable(0);
		if (!loc_remove(w, STR("bob@example.com"), STR("sip:bob@192.0.2.1"), &user, &u))
			durable(0);
	}
	loc_detach(&w);
	loc_free(&l);
}

static void register_once(void)
{
	const struct loc_conf conf = {.workers = 1, .seed = {1, 2}, .max_contacts = 3};
	struct loc_change c = change_to("sip:bob@192.0.2.1", "a", 1, 60);
	const struct loc_update_user user = {0};
	struct loc_update *u;
	struct loc *l = NULL;
	struct loc_worker *w = NULL;

	if (!loc_new(&conf, &l) && !loc_attach(l, &io, &w) &&
	    !loc_update(w, STR("bob@example.com"), &c, 1, false, STR("a"), 1, &user, &u))
		durable(0);
	loc_detach(&w);
	loc_free(&l);
}

static void survives_no_memory(void **state)
{
	(void)state;
	alloc_sweep(register_once);
	alloc_sweep(remove_once);
}

static bool count_one(void *ctx, struct str aor, const struct loc_binding *b, unsigned n)
{
	(void)aor;
	(void)b;
	*(unsigned *)ctx += n;
	return true;
}

static void walk_sees_all_once(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char name[32];
		struct buf b = buf_over(name, sizeof(name));
		struct loc_change c = change_to("sip:bob@192.0.2.1", "a", 1, 60);
		const struct loc_update_user user = {0};
		struct loc_update *u;

		buf_fmt(&b, "u%u@example.com", i);
		assert_int_equal(
			loc_update(door, buf_str(&b), &c, 1, false, STR("a"), 1, &user, &u), 0);
		durable(0);
	}
	loc_walk(loc, wall, count_one, &seen);
	assert_int_equal(seen, 3000);
}

/* Two workers, one AoR: who has begun holds it until the record is durable, then anybody may. */
static void one_worker_holds_an_aor(void **state)
{
	struct io other_io = {.ops = &ops, .wheel = &wheel, .worker = 1, .workers = 2};
	const struct loc_conf conf = {.workers = 2, .seed = {1, 2}, .max_contacts = 3};
	struct loc_change c = change_to("sip:bob@192.0.2.2", "b", 1, 60);
	struct seen first, second = {0};
	const struct loc_update_user user = {.done = seen_done, .ctx = &second};
	const struct str bob = STR("bob@example.com");
	struct loc_worker *other;
	struct loc_update *u;

	loc_detach(&door);
	loc_free(&loc);
	assert_int_equal(loc_new(&conf, &loc), 0);
	assert_int_equal(loc_attach(loc, &io, &door), 0);
	assert_int_equal(loc_attach(loc, &other_io, &other), 0);
	assert_int_equal(loc_holder(loc, bob, 1), 1);
	assert_int_equal(update("sip:bob@192.0.2.1", "a", 1, 60, &first), 0);
	assert_int_equal(loc_holder(loc, bob, 1), 0);
	assert_int_equal(loc_holder(loc, STR("eve@example.com"), 1), 1);
	assert_int_equal(loc_update(other, bob, &c, 1, false, STR("b"), 1, &user, &u), -EBUSY);
	assert_int_equal(loc_remove(other, bob, STR(""), &user, &u), -EBUSY);
	durable(0);
	assert_int_equal(first.calls, 1);
	assert_int_equal(loc_holder(loc, bob, 1), 1);
	assert_int_equal(loc_update(other, bob, &c, 1, false, STR("b"), 1, &user, &u), 0);
	assert_int_equal(update("sip:bob@192.0.2.1", "a", 2, 60, &first), -EBUSY);
	durable(0);
	assert_int_equal(second.calls, 1);
	assert_int_equal(second.n, 2);
	/* What is under way ends with its worker, and sets the AoR free. */
	assert_int_equal(update("sip:bob@192.0.2.1", "a", 2, 60, &first), 0);
	loc_detach(&door);
	assert_int_equal(first.err, -ESHUTDOWN);
	assert_int_equal(loc_holder(loc, bob, 1), 1);
	loc_detach(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(visible_when_durable),
		T(failure_changes_nothing),
		T(order_of_one_call_id),
		T(late_copies_bring_nothing_back),
		T(uri_names_the_binding),
		T(instance_names_the_binding),
		T(all_or_none),
		T(star_removes_all),
		T(updates_wait_in_order),
		T(expired_bindings_are_gone),
		T(highest_q_first),
		T(dead_flows_are_known),
		T(records_come_back),
		T(removes_one),
		T(removes_all),
		T(removal_waits),
		T(removal_fails),
		T(removal_forgets_flows),
		T(bound_is_lowered),
		T(changes_are_said),
		T(damaged_payloads_are_refused),
		T(walk_sees_all_once),
		T(survives_no_memory),
		T(one_worker_holds_an_aor),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
