#include "server/logging.h"

#include <time.h>
#include <unistd.h>

#include "admin/json.h"
#include "base/buf.h"
#include "base/hash.h"
#include "net/clock.h"

#define LINE_BYTES 2048
#define MESSAGE_BYTES (256u << 10)

static const char *const names[] = {"error", "warn", "info", "debug", "bytes"};
static const char priorities[] = {'3', '4', '6', '7', '7'};

void logging_init(struct logging *l, int fd, bool json, bool journal)
{
	memset(l, 0, sizeof(*l));
	pthread_mutex_init(&l->lock, NULL);
	l->fd = fd;
	l->json = json;
	l->journal = journal;
	l->level = LOG_INFO;
}

void logging_fini(struct logging *l)
{
	logging_tick(l);
	pthread_mutex_destroy(&l->lock);
}

void logging_set(struct logging *l, enum log_level level, bool json)
{
	pthread_mutex_lock(&l->lock);
	l->level = level;
	l->json = json;
	pthread_mutex_unlock(&l->lock);
}

static void put_time(struct buf *b)
{
	uint64_t now = clock_wall_ms();
	time_t s = (time_t)(now / 1000);
	struct tm tm;
	char room[32];

	if (gmtime_r(&s, &tm) && strftime(room, sizeof(room), "%Y-%m-%dT%H:%M:%S", &tm))
		buf_fmt(b, "%s.%03uZ", room, (unsigned)(now % 1000));
}

/* What cannot be written is lost: there is nobody to tell. */
static void write_out(const struct logging *l, struct str s)
{
	while (s.n) {
		ssize_t n = write(l->fd, s.p, s.n);

		if (n <= 0)
			return;
		s = str_skip(s, (size_t)n);
	}
}

static void put_head(const struct logging *l, struct buf *b, enum log_level level)
{
	if (l->json) {
		buf_fmt(b, "{\"time\":\"");
		put_time(b);
		buf_fmt(b, "\",\"level\":\"%s\"", names[level]);
	} else if (l->journal) {
		buf_fmt(b, "<%c>", priorities[level]);
	} else {
		put_time(b);
		buf_fmt(b, " %-5s ", names[level]);
	}
}

static void put_line(const struct logging *l, enum log_level level, struct str line)
{
	char room[LINE_BYTES];
	struct buf b = buf_over(room, sizeof(room) - 4);

	b.cut = true;
	put_head(l, &b, level);
	if (l->json) {
		/* Escapes may make it six times as long: what does not fit is cut before them. */
		json_member_str(&b, "message", str_first(line, 300));
		if (b.failed)
			return;
		buf_putc(&b, '}');
	} else {
		buf_puts(&b, line);
	}
	b.cap = sizeof(room);
	b.failed = false;
	buf_putc(&b, '\n');
	write_out(l, buf_str(&b));
}

/* ---- floods ---- */

/* What names the kind of a line: its words before the first "key=". */
static struct str kind_of(struct str line)
{
	struct str head = str_first(line, str_find(line, '='));

	while (head.n < line.n && head.n > 0 && head.p[head.n - 1] != ' ')
		head.n--;
	return str_first(head, 63);
}

static void tell_cut(struct logging *l, struct logging_kind *k)
{
	char room[160];
	struct buf b = buf_over(room, sizeof(room));

	b.cut = true;
	buf_fmt(&b, "%u more lines like this were left out: %s", k->cut, k->text);
	k->cut = 0;
	put_line(l, LOG_WARN, buf_str(&b));
}

/* May the line be written?  Kinds that share a slot push each other out. */
static bool allowed(struct logging *l, struct str line)
{
	static const struct hash_seed seed = {0x7473757761, 0x6c6f67};
	struct str kind = kind_of(line);
	uint64_t hash = hash_str(&seed, kind), now = clock_mono_ms() / 1000;
	struct logging_kind *k = &l->kinds[hash % LOGGING_KINDS];

	if (k->hash != hash || k->second != now) {
		if (k->cut)
			tell_cut(l, k);
		k->lines = 0;
		k->hash = hash;
		k->second = now;
		str_to_c(kind, k->text, sizeof(k->text));
	}
	if (k->lines < LOGGING_BURST) {
		k->lines++;
		return true;
	}
	k->cut++;
	return false;
}

static void on_write(void *ctx, enum log_level level, struct str line)
{
	struct logging *l = ctx;

	pthread_mutex_lock(&l->lock);
	if (l->level >= LOG_DEBUG || allowed(l, line))
		put_line(l, level, line);
	pthread_mutex_unlock(&l->lock);
}

struct log logging_log(struct logging *l, enum log_level level)
{
	return (struct log){.level = level, .write = on_write, .ctx = l};
}

void logging_tick(struct logging *l)
{
	uint64_t now = clock_mono_ms() / 1000;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < LOGGING_KINDS; i++)
		if (l->kinds[i].cut && l->kinds[i].second != now)
			tell_cut(l, &l->kinds[i]);
	pthread_mutex_unlock(&l->lock);
}

/* ---- whole messages ---- */

static void put_message(struct buf *b, struct str bytes)
{
	while (!str_empty(bytes)) {
		struct str line = str_split(&bytes, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		buf_fmt(b, "    ");
		for (size_t i = 0; i < line.n; i++)
			buf_putc(b, (unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f
					    ? '?'
					    : line.p[i]);
		buf_putc(b, '\n');
	}
}

void logging_bytes(struct logging *l, bool out, const struct flow *flow, struct str bytes)
{
	struct buf b = buf_heap(8 * MESSAGE_BYTES);
	char peer[ADDR_TEXT_MAX];

	bytes = str_first(bytes, MESSAGE_BYTES);
	addr_text(&flow->remote, peer);
	pthread_mutex_lock(&l->lock);
	put_head(l, &b, LOG_BYTES);
	if (l->json) {
		json_member_str(&b, "direction", out ? STR("out") : STR("in"));
		json_member_str(&b, "transport", transport_name(flow->transport));
		json_member_str(&b, "peer", str_c(peer));
		json_member_str(&b, "message", bytes);
		buf_fmt(&b, "}\n");
	} else {
		buf_fmt(&b, "%s %s %.*s bytes=%zu\n", out ? "sent to" : "received from", peer,
			STR_ARG(transport_name(flow->transport)), bytes.n);
		put_message(&b, bytes);
	}
	if (!b.failed)
		write_out(l, buf_str(&b));
	pthread_mutex_unlock(&l->lock);
	buf_free(&b);
}
