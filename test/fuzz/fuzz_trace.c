/* What the trace shows of any message: its view lies in it, no digest of credentials is shown, its JSON can
 * be read, its drawing holds no control character. */
#include "fuzz.h"

#include <jansson.h>

#include "admin/ladder.h"
#include "admin/trace_view.h"

#define OUT_MAX ((size_t)4 << 20)

static void judge_view(struct str bytes, const struct trace_view *v)
{
	check_in(v->start_line, bytes);
	check_in(v->call_id, bytes);
	check_in(v->from, bytes);
	check_in(v->to, bytes);
	check_in(v->from_user, bytes);
	check_in(v->to_user, bytes);
	check_in(v->body, bytes);
	check(v->status < 1000);
}

static void judge_json(const struct trace_message *m)
{
	struct buf b = buf_heap(OUT_MAX);
	json_error_t err;
	json_t *j;

	trace_put_json(&b, m, true, NULL);
	check(!b.failed);
	j = json_loadb(b.p, b.n, JSON_ALLOW_NUL, &err);
	check(json_is_object(j));
	json_decref(j);
	buf_free(&b);
}

static void judge_drawing(const struct trace_message *m, const struct ladder_style *style)
{
	struct buf b = buf_heap(OUT_MAX);
	struct ladder l;

	ladder_init(&l, style);
	ladder_know(&l, m);
	ladder_put_head(&l, &b);
	ladder_put(&l, m, &b);
	ladder_put_line(&l, m, &b);
	check(!b.failed);
	for (size_t i = 0; i < b.n; i++)
		check((unsigned char)b.p[i] >= ' ' || b.p[i] == '\n');
	buf_free(&b);
}

static void judge_mask(struct str bytes)
{
	struct buf once = buf_heap(OUT_MAX), twice = buf_heap(OUT_MAX);

	trace_put_masked(&once, bytes);
	check(!once.failed);
	trace_put_masked(&twice, buf_str(&once));
	check(str_eq(buf_str(&once), buf_str(&twice)));
	buf_free(&once);
	buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ladder_style wide = {.columns = 120, .utf8 = true, .bodies = true},
					 narrow = {.columns = 30};
	struct trace_message m = {.at_us = 1700000000000000,
				  .last_us = 1700000000100000,
				  .count = 2,
				  .out = size & 1,
				  .transport = STR("UDP"),
				  .remote = STR("192.0.2.1:5060"),
				  .local = STR("192.0.2.2:5060"),
				  .bytes = fuzz_guarded(str_of((const char *)data, size)),
				  .full_n = size};
	struct arena a;

	arena_init(&a, NULL, 0, 0);
	trace_view_of(m.bytes, &a, &m.view);
	judge_view(m.bytes, &m.view);
	judge_json(&m);
	judge_drawing(&m, &wide);
	judge_drawing(&m, &narrow);
	judge_mask(m.bytes);
	arena_fini(&a);
	return 0;
}
