#include "harness.h"

#include <jansson.h>

#include "admin/status.h"
#include "admin/tables.h"

static json_t *load(const struct buf *b)
{
	json_error_t err;
	json_t *j = json_loadb(b->p, b->n, JSON_REJECT_DUPLICATES, &err);

	if (!j)
		fail_msg("%s in %.*s", err.text, STR_ARG(buf_str(b)));
	return j;
}

static json_int_t number(const json_t *j, const char *section, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(j, section), key));
}

static void adds_up(void **state)
{
	struct status_worker w[2] = {0};
	struct str domains[] = {STR("a.com"), STR("b.com")};
	struct tport_listener l = {.transport = TRANSPORT_TCP, .host = STR("x"), .port = 5061};
	struct status s = {.domains = domains,
			   .n_domains = 2,
			   .listeners = &l,
			   .n_listeners = 1,
			   .workers = w,
			   .n_workers = 2,
			   .users = 7,
			   .started_ms = 1000,
			   .config = STR("c\"fg")};
	struct buf b = buf_heap(65536);
	json_t *j;

	w[0].core.requests = 3;
	w[1].core.requests = 4;
	w[1].core.sent_status[4] = 9;
	w[0].echo_calls = 1;
	w[1].proxy.calls = 2;
	w[1].turned_away = 5;
	status_put(&b, &s);
	j = load(&b);
	assert_int_equal(number(j, "messages", "requests"), 7);
	assert_int_equal(
		json_integer_value(json_object_get(
			json_object_get(json_object_get(j, "messages"), "answered"), "4xx")),
		9);
	assert_int_equal(number(j, "calls", "now"), 3);
	assert_int_equal(number(j, "auth", "turned_away"), 5);
	assert_int_equal(json_array_size(json_object_get(j, "domains")), 2);
	assert_int_equal(json_array_size(json_object_get(j, "worker_requests")), 2);
	assert_string_equal(json_string_value(json_object_get(j, "started")),
			    "1970-01-01T00:00:01Z");
	assert_string_equal(json_string_value(json_object_get(j, "config")), "c\"fg");
	assert_true(json_integer_value(json_object_get(j, "memory_bytes")) > 0);
	json_decref(j);
	buf_free(&b);
}

static void bindings(void **state)
{
	struct loc_binding l = {.contact = STR("sip:a@1.2.3.4"),
				.q1000 = 500,
				.expires_ms = 61000,
				.flow_alive = true};
	struct buf b = buf_heap(65536);
	json_t *j;

	l.flow.transport = TRANSPORT_UDP;
	tables_put_bindings(&b, STR("a@b.com"), &l, 1, 1000);
	assert_int_equal(b.p[b.n - 1], '\n');
	j = load(&b);
	assert_int_equal(json_integer_value(json_object_get(j, "expires_s")), 60);
	assert_true(json_real_value(json_object_get(j, "q")) == 0.5);
	assert_string_equal(json_string_value(json_object_get(j, "transport")), "UDP");
	assert_true(json_is_true(json_object_get(j, "reachable")));
	json_decref(j);
	buf_free(&b);
}

static void calls(void **state)
{
	static const struct {
		unsigned status;
		const char *want;
	} cases[] = {{0, "calling"},
		     {100, "calling"},
		     {180, "ringing"},
		     {183, "ringing"},
		     {200, "talking"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct proxy_call c = {
			.call_id = STR("x"), .since_ms = 1000, .status = cases[i].status};
		struct buf b = buf_heap(65536);
		json_t *j;

		tables_put_call(&b, &c, 4000);
		j = load(&b);
		assert_string_equal(json_string_value(json_object_get(j, "state")), cases[i].want);
		assert_int_equal(json_integer_value(json_object_get(j, "duration_s")), 3);
		json_decref(j);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up),
		cmocka_unit_test(bindings),
		cmocka_unit_test(calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
