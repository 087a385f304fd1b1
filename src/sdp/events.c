#include "sdp/events.h"

#include "base/scan.h"

#define EVENTS 256

static void add(struct sdp_events *e, uint32_t event)
{
	e->bits[event >> 6] |= (uint64_t)1 << (event & 63);
}

/* 1*DIGIT ["-" 1*DIGIT] */
static bool parse_range(struct str text, struct sdp_events *e)
{
	struct scan s = scan_over(str_trim(text));
	uint32_t from, to;

	if (!scan_u32(&s, &from))
		return false;
	to = from;
	if (scan_char(&s, '-') && !scan_u32(&s, &to))
		return false;
	if (!scan_done(&s) || to < from || to >= EVENTS)
		return false;
	for (; from <= to; from++)
		add(e, from);
	return true;
}

bool sdp_events_parse(struct str params, struct sdp_events *ret)
{
	struct sdp_events e = {{0}};

	params = str_trim(params);
	if (str_istarts(params, STR("events=")))
		params = str_skip(params, 7);
	if (str_empty(params) || params.p[params.n - 1] == ',')
		return false;
	while (params.n)
		if (!parse_range(str_split(&params, ','), &e))
			return false;
	*ret = e;
	return true;
}

void sdp_events_put(struct buf *b, const struct sdp_events *e)
{
	bool any = false;

	for (unsigned from = 0, to; from < EVENTS; from = to) {
		to = from + 1;
		if (!sdp_events_has(e, (uint8_t)from))
			continue;
		while (to < EVENTS && sdp_events_has(e, (uint8_t)to))
			to++;
		buf_fmt(b, "%s%u", any ? "," : "", from);
		if (to - from > 1)
			buf_fmt(b, "-%u", to - 1);
		any = true;
	}
	if (!any)
		b->failed = true;
}
