#include "admin/ladder.h"

#define WIDTH_MAX 400
#define TIME_WIDTH 11 /* "+0.000s" and blanks */
#define STEP_MIN 18 /* between two columns */
#define STEP_MAX 52
#define STEP_GOOD 28 /* from here on room at the right goes to notes */
#define NOTE_WIDTH 34
#define LABEL_MARGIN 5 /* of an arrow: a dash and a blank on each side, and the head */

/* ---- text ---- */

/* A character of UTF-8 and its bytes; 0: none begins here. */
static size_t char_length(struct str s)
{
	unsigned char c = s.n ? (unsigned char)s.p[0] : 0;
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* What would move the cursor, or does not belong to the terminal's set, becomes '?'.  Takes the
 * character off s. */
static struct str take_char(struct str *s, bool utf8)
{
	size_t n = char_length(*s);
	struct str c = str_first(*s, n ? n : 1);
	unsigned char first = (unsigned char)c.p[0];
	bool control = first < ' ' || first == 0x7f ||
		       (first == 0xc2 && c.n == 2 && (unsigned char)c.p[1] < 0xa0);

	*s = str_skip(*s, c.n);
	return n == 0 || control || (c.n > 1 && !utf8) ? STR("?") : c;
}

static size_t width_of(struct str s, bool utf8)
{
	size_t n = 0;

	for (; s.n; n++)
		take_char(&s, utf8);
	return n;
}

static void put_clean(struct buf *b, struct str s, bool utf8)
{
	while (s.n)
		buf_puts(b, take_char(&s, utf8));
}

/* ---- a row of the drawing ---- */

struct cell {
	char p[4];
	uint8_t n; /* 0: blank */
};

struct row {
	struct cell cell[WIDTH_MAX];
	size_t width;
	bool utf8;
};

static struct str dots(bool utf8)
{
	return utf8 ? STR("…") : STR("...");
}

static void set(struct row *r, size_t at, struct str c)
{
	if (at >= r->width)
		return;
	memcpy(r->cell[at].p, c.p, c.n);
	r->cell[at].n = (uint8_t)c.n;
}

/* At most max columns; what is longer ends in dots. */
static void write(struct row *r, size_t at, struct str s, size_t max)
{
	struct str end = dots(r->utf8);
	size_t n = width_of(s, r->utf8), keep = width_of(end, r->utf8);

	if (n > max)
		n = max > keep ? max - keep : 0;
	else
		end = STR("");
	for (; n; n--)
		set(r, at++, take_char(&s, r->utf8));
	while (end.n)
		set(r, at++, take_char(&end, r->utf8));
}

static void put_row(const struct row *r, struct buf *b)
{
	size_t n = r->width;

	while (n && (!r->cell[n - 1].n || r->cell[n - 1].p[0] == ' '))
		n--;
	for (size_t i = 0; i < n; i++)
		buf_put(b, r->cell[i].n ? r->cell[i].p : " ", r->cell[i].n ? r->cell[i].n : 1);
	buf_putc(b, '\n');
}

/* ---- parties ---- */

void ladder_init(struct ladder *l, const struct ladder_style *style)
{
	*l = (struct ladder){.style = *style};
	if (l->style.columns > WIDTH_MAX)
		l->style.columns = WIDTH_MAX;
}

static void address(const struct trace_message *m, struct str at, char room[64])
{
	struct buf b = buf_over(room, 64);

	b.cut = true;
	for (size_t i = 0; i < m->transport.n; i++)
		buf_putc(&b, ascii_lower(m->transport.p[i]));
	buf_putc(&b, ' ');
	buf_puts(&b, at);
	buf_c(&b);
}

static struct ladder_party *find(struct ladder *l, const char *at)
{
	for (unsigned i = 0; i < l->n_parties; i++)
		if (!strcmp(l->party[i].address, at))
			return &l->party[i];
	return NULL;
}

/* Who the other side is: From of the requests that it sends and of the responses that it gets. */
static struct str user_of(const struct trace_message *m)
{
	return m->out == (m->view.status == 0) ? m->view.to_user : m->view.from_user;
}

bool ladder_know(struct ladder *l, const struct trace_message *m)
{
	char at[64];
	struct ladder_party *p;
	bool changed = false;

	if (!l->begin_us)
		l->begin_us = m->at_us;
	if (!l->server.address[0]) {
		address(m, m->local, l->server.address);
		str_to_c(STR("tsuwa"), l->server.user, sizeof(l->server.user));
	}
	address(m, m->remote, at);
	p = find(l, at);
	if (!p && l->n_parties == LADDER_PARTIES) {
		l->crowded = true;
		return false;
	}
	if (!p) {
		p = &l->party[l->n_parties++];
		*p = (struct ladder_party){.right = m->out};
		memcpy(p->address, at, sizeof(at));
		changed = true;
	}
	if (!p->user[0] && !str_empty(user_of(m))) {
		str_to_c(user_of(m), p->user, sizeof(p->user));
		changed = true;
	}
	return changed;
}

/* ---- where the columns stand ---- */

struct columns {
	const struct ladder_party *of[LADDER_PARTIES + 1];
	size_t n, server; /* its place */
	size_t first, step;
	bool fit;
};

static size_t half_of(const struct ladder_party *p, size_t max)
{
	size_t a = width_of(str_c(p->address), true), u = width_of(str_c(p->user), true);
	size_t n = a > u ? a : u;

	return (n < max ? n : max) / 2 + 1;
}

static void side(const struct ladder *l, bool right, struct columns *c)
{
	for (unsigned i = 0; i < l->n_parties; i++)
		if (l->party[i].right == right)
			c->of[c->n++] = &l->party[i];
}

static struct columns columns_of(const struct ladder *l)
{
	struct columns c = {.n = 0};
	size_t width = l->style.columns, left, right;

	side(l, false, &c);
	c.server = c.n;
	c.of[c.n++] = &l->server;
	side(l, true, &c);
	left = half_of(c.of[0], STEP_MAX);
	right = half_of(c.of[c.n - 1], STEP_MAX);
	if (c.n < 2 || width < TIME_WIDTH + left + right)
		return c;
	width -= TIME_WIDTH + left + right;
	if (width > NOTE_WIDTH && (width - NOTE_WIDTH) / (c.n - 1) >= STEP_GOOD)
		width -= NOTE_WIDTH;
	c.step = width / (c.n - 1) < STEP_MAX ? width / (c.n - 1) : STEP_MAX;
	c.first = TIME_WIDTH + left;
	c.fit = c.step >= STEP_MIN && !l->crowded;
	return c;
}

static size_t at_of(const struct columns *c, size_t i)
{
	return c->first + i * c->step;
}

static void lifelines(const struct ladder *l, const struct columns *c, struct row *r)
{
	*r = (struct row){.width = l->style.columns, .utf8 = l->style.utf8};
	for (size_t i = 0; i < c->n; i++)
		set(r, at_of(c, i), r->utf8 ? STR("│") : STR("|"));
}

static void centre(struct row *r, size_t at, const char *text, size_t max)
{
	struct str s = str_c(text);
	size_t n = width_of(s, r->utf8);

	n = n < max ? n : max;
	write(r, at > n / 2 ? at - n / 2 : 0, s, max);
}

void ladder_put_head(const struct ladder *l, struct buf *b)
{
	struct columns c = columns_of(l);
	struct row users = {.width = l->style.columns, .utf8 = l->style.utf8}, addresses = users;

	if (!c.fit)
		return;
	for (size_t i = 0; i < c.n; i++) {
		centre(&users, at_of(&c, i), c.of[i]->user, c.step - 1);
		centre(&addresses, at_of(&c, i), c.of[i]->address, c.step - 1);
	}
	put_row(&users, b);
	put_row(&addresses, b);
	lifelines(l, &c, &users);
	put_row(&users, b);
}

/* ---- one message ---- */

static void put_offset(const struct ladder *l, const struct trace_message *m, struct buf *b)
{
	uint64_t at = l->style.live ? m->last_us : m->at_us;
	uint64_t us = at > l->begin_us ? at - l->begin_us : 0;

	buf_fmt(b, "+%llu.%03llus", (unsigned long long)(us / 1000000),
		(unsigned long long)(us / 1000 % 1000));
}

/* "INVITE (1)", "200 OK (1 INVITE)"; what there is no room for goes: the method of a response, the
 * end of its reason. */
static void put_label(const struct trace_message *m, size_t max, bool utf8, struct buf *b)
{
	const struct trace_view *v = &m->view;
	char room[64];
	struct buf head = buf_over(room, sizeof(room)), tail = buf_heap(256);
	struct str what = v->status ? v->reason : v->method;
	size_t n;

	if (str_empty(v->method) && !v->status)
		what = v->start_line;
	if (v->status)
		buf_fmt(&head, "%u ", v->status);
	n = head.n + width_of(what, utf8);
	buf_fmt(&tail, " (%u %.*s)", v->cseq, STR_ARG(v->method));
	if (tail.failed || !v->status || n + tail.n > max) {
		buf_reset(&tail);
		buf_fmt(&tail, " (%u)", v->cseq);
	}
	buf_puts(b, buf_str(&head));
	if (n + tail.n > max) {
		size_t end = width_of(dots(utf8), utf8);
		size_t room_left = max > head.n + tail.n + end ? max - head.n - tail.n - end : 0;

		for (; room_left && what.n; room_left--)
			buf_puts(b, take_char(&what, utf8));
		buf_puts(b, dots(utf8));
	} else {
		put_clean(b, what, utf8);
	}
	buf_puts(b, buf_str(&tail));
	buf_free(&tail);
}

static void put_note(const struct ladder *l, const struct trace_message *m, struct buf *b)
{
	if (m->count > 1) {
		uint64_t ms = (m->last_us - m->at_us) / 1000;

		buf_fmt(b, "(%s%u over %llu.%llu s)", l->style.utf8 ? "×" : "x", m->count,
			(unsigned long long)(ms / 1000), (unsigned long long)(ms / 100 % 10));
	}
	if (m->view.is_sdp && !str_empty(m->view.body)) {
		buf_puts(b, m->count > 1 ? STR(" ") : STR(""));
		trace_put_media(b, m->view.body);
	}
}

static void arrow(struct row *r, size_t from, size_t to, const struct trace_message *m)
{
	size_t left = from < to ? from : to, span = (from < to ? to - from : from - to) - 1, n;
	char room[1024];
	struct buf label = buf_over(room, sizeof(room));

	for (size_t i = 1; i <= span; i++)
		set(r, left + i, r->utf8 ? STR("─") : STR("-"));
	if (from < to)
		set(r, to - 1, r->utf8 ? STR("→") : STR(">"));
	else
		set(r, to + 1, r->utf8 ? STR("←") : STR("<"));
	put_label(m, span - LABEL_MARGIN, r->utf8, &label);
	n = width_of(buf_str(&label), r->utf8);
	n = n < span - LABEL_MARGIN ? n : span - LABEL_MARGIN;
	left += 1 + (span - n) / 2 + (to < from);
	set(r, left - 1, STR(" "));
	write(r, left, buf_str(&label), n);
	set(r, left + n, STR(" "));
}

/* Behind the columns where there is room, else in a row of its own. */
static void finish(const struct ladder *l, const struct columns *c, struct row *r, size_t left,
		   const struct trace_message *m, struct buf *b)
{
	struct buf note = buf_heap(4096);
	size_t last = at_of(c, c->n - 1), n;

	put_note(l, m, &note);
	n = width_of(buf_str(&note), r->utf8);
	if (n && last + 2 + n <= r->width) {
		write(r, last + 2, buf_str(&note), n);
		n = 0;
	}
	put_row(r, b);
	if (n) {
		lifelines(l, c, r);
		left += 2;
		if (left + n > r->width)
			left = r->width > TIME_WIDTH + n ? r->width - n : TIME_WIDTH;
		write(r, left, buf_str(&note), r->width - left);
		put_row(r, b);
	}
	buf_free(&note);
}

static bool place(const struct columns *c, const struct trace_message *m, size_t *ret)
{
	char at[64];

	address(m, m->remote, at);
	for (size_t i = 0; i < c->n; i++)
		if (i != c->server && !strcmp(c->of[i]->address, at)) {
			*ret = at_of(c, i);
			return true;
		}
	return false;
}

static void put_time(const struct ladder *l, const struct trace_message *m, struct row *r)
{
	char room[40];
	struct buf time = buf_over(room, sizeof(room));

	put_offset(l, m, &time);
	write(r, 0, buf_str(&time), time.n);
}

void ladder_put(const struct ladder *l, const struct trace_message *m, struct buf *b)
{
	struct columns c = columns_of(l);
	size_t server, party;
	struct row r;

	if (!c.fit || !place(&c, m, &party)) {
		ladder_put_line(l, m, b);
		return;
	}
	server = at_of(&c, c.server);
	lifelines(l, &c, &r);
	put_time(l, m, &r);
	if (m->out)
		arrow(&r, server, party, m);
	else
		arrow(&r, party, server, m);
	finish(l, &c, &r, server < party ? server : party, m, b);
	if (l->style.bodies)
		ladder_put_text(l, m, TIME_WIDTH, b);
}

void ladder_put_line(const struct ladder *l, const struct trace_message *m, struct buf *b)
{
	const char *way = l->style.utf8 ? "→" : "->";
	char at[64];
	struct str user = user_of(m);
	size_t n = b->n;

	put_offset(l, m, b);
	buf_fmt(b, "%*s", (int)(b->n - n < TIME_WIDTH ? TIME_WIDTH - (b->n - n) : 1), "");
	if (m->out)
		buf_fmt(b, "tsuwa %s ", way);
	put_clean(b, user, l->style.utf8);
	address(m, m->remote, at);
	buf_fmt(b, "%s%s", str_empty(user) ? "" : " ", at);
	if (!m->out)
		buf_fmt(b, " %s tsuwa", way);
	buf_puts(b, STR(": "));
	put_label(m, WIDTH_MAX, l->style.utf8, b);
	n = b->n;
	buf_puts(b, STR("  "));
	put_note(l, m, b);
	if (b->n == n + 2)
		b->n = n;
	buf_putc(b, '\n');
	if (l->style.bodies)
		ladder_put_text(l, m, TIME_WIDTH, b);
}

void ladder_put_text(const struct ladder *l, const struct trace_message *m, unsigned indent,
		     struct buf *b)
{
	struct str rest = m->bytes;

	while (!str_empty(rest)) {
		struct str line = str_split(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n)
			buf_fmt(b, "%*s", (int)indent, "");
		put_clean(b, line, l->style.utf8);
		buf_putc(b, '\n');
	}
}
