/* Looking into the rings of two workers: calls, Call-IDs by their beginning, messages. */
#include "harness.h"

#include <stdio.h>

#include "admin/trace_find.h"

#define WORKERS 2

static const struct tport_listener listeners[] = {
	{.transport = TRANSPORT_UDP, .bound = {.family = 4, .port = 5060, .ip = {192, 0, 2, 9}}},
	{.transport = TRANSPORT_TCP, .bound = {.family = 4, .port = 5070}},
};

struct world {
	struct trace *trace[WORKERS];
	struct trace_copy copies[WORKERS];
	struct trace_source source;
	struct buf out;
};

static void say(struct world *w, unsigned worker, uint64_t at_us, bool out, unsigned listener,
		const char *first, const char *call_id, const char *cseq)
{
	struct flow f = {.transport = (uint8_t)(TRANSPORT_UDP + listener),
			 .listener = (uint16_t)listener,
			 .local = {.family = 4, .port = 7, .ip = {127, 0, 0, 1}},
			 .remote = {.family = 4, .port = 5060, .ip = {192, 0, 2, 1}}};
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "%s\r\nFrom: <sip:alice@a.example>;tag=1\r\nTo: <sip:Bob@b.example>\r\n"
			 "Call-ID: %s\r\nCSeq: %s\r\n"
			 "Authorization: Digest response=\"secret\"\r\n\r\n",
			 first, call_id, cseq);

	trace_add(w->trace[worker], at_us, out, &f, str_of(text, (size_t)n));
}

static void take_copies(struct world *w)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		trace_copy_fini(&w->copies[i]);
		trace_copy(w->trace[i], 0, &w->copies[i]);
	}
	w->source = (struct trace_source){.copies = w->copies,
					  .n_copies = WORKERS,
					  .listeners = listeners,
					  .n_listeners = 2,
					  .epoch_us = 1714557600000000};
}

static void world_init(struct world *w)
{
	*w = (struct world){.out = buf_heap(1 << 20)};
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(trace_new(65536, &w->trace[i]), 0);
	say(w, 0, 10, false, 0, "INVITE sip:bob@b.example SIP/2.0", "call-1", "1 INVITE");
	say(w, 1, 20, true, 0, "SIP/2.0 180 Ringing", "call-1", "1 INVITE");
	say(w, 0, 30, false, 1, "OPTIONS sip:carol@c.example SIP/2.0", "call-12", "5 OPTIONS");
	say(w, 1, 40, true, 0, "SIP/2.0 200 OK", "call-1", "1 INVITE");
	say(w, 0, 50, false, 0, "BYE sip:bob@b.example SIP/2.0", "call-1", "2 BYE");
	say(w, 0, 60, true, 0, "SIP/2.0 481 Gone", "call-1", "2 BYE");
	say(w, 1, 70, false, 0, "no message", "", "");
	take_copies(w);
}

static void world_fini(struct world *w)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		trace_copy_fini(&w->copies[i]);
		trace_free(&w->trace[i]);
	}
	buf_free(&w->out);
}

static void lists_calls(void **state)
{
	struct world w;
	uint64_t n;

	world_init(&w);
	assert_int_equal(trace_put_calls(&w.out, &w.source, STR(""), 10, &n), 0);
	assert_int_equal(n, 2);
	assert_str(buf_str(&w.out),
		   STR("{\"call_id\":\"call-1\",\"method\":\"INVITE\","
		       "\"from\":\"sip:alice@a.example\",\"to\":\"sip:Bob@b.example\","
		       "\"status\":200,\"reason\":\"OK\",\"messages\":5,"
		       "\"begun\":\"2024-05-01T10:00:00.000010Z\","
		       "\"time\":\"2024-05-01T10:00:00.000060Z\",\"time_us\":1714557600000060}\n"
		       "{\"call_id\":\"call-12\",\"method\":\"OPTIONS\","
		       "\"from\":\"sip:alice@a.example\",\"to\":\"sip:Bob@b.example\","
		       "\"status\":0,\"reason\":\"\",\"messages\":1,"
		       "\"begun\":\"2024-05-01T10:00:00.000030Z\","
		       "\"time\":\"2024-05-01T10:00:00.000030Z\",\"time_us\":1714557600000030}\n"));
	buf_reset(&w.out);
	assert_int_equal(trace_put_calls(&w.out, &w.source, STR(""), 1, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(trace_put_calls(&w.out, &w.source, STR("CAROL@"), 10, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(trace_put_calls(&w.out, &w.source, STR("bob@b"), 10, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(trace_put_calls(&w.out, &w.source, STR("dave"), 10, &n), 0);
	assert_int_equal(n, 0);
	world_fini(&w);
}

static void finds_by_beginning(void **state)
{
	struct world w;
	struct str id;

	world_init(&w);
	assert_int_equal(trace_find_call(&w.source, STR("call-12"), &id, &w.out), 0);
	assert_str(id, STR("call-12"));
	/* Whole is more than the beginning of another. */
	assert_int_equal(trace_find_call(&w.source, STR("call-1"), &id, &w.out), 0);
	assert_str(id, STR("call-1"));
	assert_int_equal(trace_find_call(&w.source, STR("call-13"), &id, &w.out), -ENOENT);
	assert_int_equal(trace_find_call(&w.source, STR("ll-12"), &id, &w.out), -ENOENT);
	assert_int_equal(w.out.n, 0);
	assert_int_equal(trace_find_call(&w.source, STR("call"), &id, &w.out), -ENOTUNIQ);
	assert_str(buf_str(&w.out), STR("call-1, call-12"));
	say(&w, 0, 80, false, 0, "BYE sip:x SIP/2.0", "other-1", "1 BYE");
	take_copies(&w);
	assert_int_equal(trace_find_call(&w.source, STR("o"), &id, &w.out), 0);
	assert_str(id, STR("other-1"));
	world_fini(&w);
}

static void shows_messages(void **state)
{
	struct world w;

	world_init(&w);
	assert_int_equal(trace_put_messages(&w.out, &w.source, STR("call-12"), STR("")), 1);
	assert_str(
		buf_str(&w.out),
		STR("{\"time\":\"2024-05-01T10:00:00.000030Z\",\"time_us\":1714557600000030,"
		    "\"worker\":0,\"direction\":\"in\",\"transport\":\"TCP\","
		    "\"remote\":\"192.0.2.1:5060\",\"local\":\"127.0.0.1:5070\","
		    "\"bytes\":175,\"cut\":false,"
		    "\"message\":\"OPTIONS sip:carol@c.example SIP/2.0\\u000d\\u000a"
		    "From: <sip:alice@a.example>;tag=1\\u000d\\u000a"
		    "To: <sip:Bob@b.example>\\u000d\\u000aCall-ID: call-12\\u000d\\u000a"
		    "CSeq: 5 OPTIONS\\u000d\\u000a"
		    "Authorization: Digest response=\\\"…\\\"\\u000d\\u000a\\u000d\\u000a\"}\n"));
	buf_reset(&w.out);
	assert_int_equal(trace_put_messages(&w.out, &w.source, STR("call-1"), STR("")), 5);
	assert_non_null(strstr(buf_c(&w.out), "\"local\":\"192.0.2.9:5060\""));
	assert_null(strstr(buf_c(&w.out), "secret"));
	/* In the order of time, whoever wrote them. */
	assert_true(strstr(w.out.p, "180 Ringing") < strstr(w.out.p, "200 OK"));
	assert_true(strstr(w.out.p, "200 OK") < strstr(w.out.p, "BYE sip"));
	buf_reset(&w.out);
	assert_int_equal(trace_put_messages(&w.out, &w.source, STR(""), STR("")), 7);
	assert_int_equal(trace_put_messages(&w.out, &w.source, STR(""), STR("carol")), 1);
	world_fini(&w);
}

static void search(void *ctx)
{
	struct world *w = ctx;
	struct buf b = buf_heap(1 << 20), some = buf_heap(1024);
	struct str id;
	uint64_t n = 99;
	int err = trace_put_calls(&b, &w->source, STR(""), 10, &n);

	assert_true(err == -ENOMEM ? n == 99 : n == 2);
	err = trace_find_call(&w->source, STR("call-12"), &id, &some);
	assert_true(err == 0 || (err == -ENOMEM && alloc_has_failed()));
	trace_put_messages(&b, &w->source, STR("call-1"), STR(""));
	assert_true(!b.failed || alloc_has_failed());
	buf_free(&b);
	buf_free(&some);
}

static void survives_no_memory(void **state)
{
	struct world w;

	world_init(&w);
	alloc_sweep_with(search, &w);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_calls),
		cmocka_unit_test(finds_by_beginning),
		cmocka_unit_test(shows_messages),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
