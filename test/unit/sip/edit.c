#include "sip_test.h"

/* sip_find() goes along the chain and gives what a walk over all slots gives. */
static void assert_chain(const struct sip_msg *m, enum sip_hdr_id id)
{
	unsigned from, i, n = 0;

	for (from = 0; from <= m->n_hdr + 1u; from++) {
		for (i = from; i < m->n_hdr && m->hdr[i].id != id; i++)
			;
		assert_int_equal(sip_find(m, id, from), i < m->n_hdr ? (int)i : -1);
	}
	for (i = 0; i < m->n_hdr; i++)
		n += m->hdr[i].id == id;
	assert_int_equal(sip_count(m, id), n);
}

/* The index says the truth about itself: first[] and a parse of what is printed agree. */
static void assert_sound(const struct sip_msg *m)
{
	static char room[16384];
	struct buf b = buf_over(room, sizeof(room));
	struct fixture f;
	unsigned id, i;

	for (id = 0; id < SIP_HDR_COUNT; id++) {
		for (i = 0; i < m->n_hdr && m->hdr[i].id != id; i++)
			;
		assert_int_equal(m->first[id], i < m->n_hdr ? i + 1 : 0);
		assert_chain(m, (enum sip_hdr_id)id);
	}
	assert_true(sip_print(m, &b));
	parse_text(&f, buf_str(&b));
	assert_true(f.ok);
	assert_str(f.m.body, m->body);
	for (id = 1; id < SIP_HDR_COUNT; id++) {
		if (id == SIP_HDR_CONTENT_LENGTH)
			continue;
		assert_int_equal(sip_count(&f.m, (enum sip_hdr_id)id),
				 sip_count(m, (enum sip_hdr_id)id));
		if (sip_has(m, (enum sip_hdr_id)id))
			assert_str(sip_get(&f.m, (enum sip_hdr_id)id),
				   sip_get(m, (enum sip_hdr_id)id));
	}
	fixture_fini(&f);
}

static void builds_a_request(void **state)
{
	struct fixture f;
	struct sip_msg *m = &f.m;
	char room[512];
	struct buf b = buf_over(room, sizeof(room));

	arena_init(&f.arena, f.room, sizeof(f.room), 0);
	sip_request_init(m, &f.arena, STR("REGISTER"), STR("sip:example.com"));
	assert_int_equal(m->method, SIP_REGISTER);
	assert_true(sip_addf(m, SIP_HDR_CSEQ, "%u %s", 7u, "REGISTER"));
	assert_true(sip_add(m, SIP_HDR_CONTACT, STR("*")));
	assert_true(sip_add_named(m, STR("x-y"), STR("")));
	assert_true(sip_prepend(m, SIP_HDR_VIA, STR("v")));
	assert_true(sip_set_body(m, STR("text/plain"), STR("hello")));
	assert_true(sip_print(m, &b));
	assert_str(buf_str(&b), STR("REGISTER sip:example.com SIP/2.0\r\n"
				    "Via: v\r\nCSeq: 7 REGISTER\r\nContact: *\r\nx-y: \r\n"
				    "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"));
	assert_sound(m);
	assert_true(sip_set_body(m, STR(""), STR("")));
	assert_false(sip_has(m, SIP_HDR_CONTENT_TYPE));
	assert_sound(m);
}

static void derive_leaves_the_first_alone(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR(INVITE)), d;
	char before[2048], after[2048];
	struct buf b = buf_over(before, sizeof(before)), a = buf_over(after, sizeof(after));

	assert_true(sip_print(m, &b));
	assert_true(sip_derive(m, &f.arena, &d));
	assert_true(sip_set(&d, SIP_HDR_MAX_FORWARDS, STR("69")));
	assert_true(sip_prepend(&d, SIP_HDR_VIA, STR("SIP/2.0/UDP me")));
	assert_true(sip_prepend(&d, SIP_HDR_ROUTE, STR("<sip:r>")));
	sip_remove_all(&d, SIP_HDR_CONTACT);
	d.uri = STR("sip:else@where");
	assert_sound(&d);
	assert_str(sip_get(&d, SIP_HDR_VIA), STR("SIP/2.0/UDP me"));
	assert_int_equal(d.hdr[0].id, SIP_HDR_ROUTE);
	assert_true(sip_print(m, &a));
	assert_str(buf_str(&a), buf_str(&b));
	assert_sound(m);
}

static void pops_values(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR(INVITE));

	assert_true(sip_pop_value(m, SIP_HDR_VIA));
	assert_int_equal(sip_count(m, SIP_HDR_VIA), 2);
	assert_str(sip_get(m, SIP_HDR_VIA),
		   STR("SIP/2.0/TCP "
		       "client.example.com:5060;branch=z9hG4bK74bf9;received=192.0.2.101"));
	assert_sound(m);
	assert_true(sip_pop_value(m, SIP_HDR_VIA));
	assert_str(sip_get(m, SIP_HDR_VIA), STR("SIP/2.0/UDP phone.example.com;branch=z9hG4bKabc"));
	assert_true(sip_pop_value(m, SIP_HDR_VIA));
	assert_false(sip_has(m, SIP_HDR_VIA));
	assert_false(sip_pop_value(m, SIP_HDR_VIA));
	assert_sound(m);
	assert_true(sip_add(m, SIP_HDR_ROUTE, STR(" , ")));
	assert_true(sip_add(m, SIP_HDR_ROUTE, STR("<sip:a>,")));
	assert_true(sip_pop_value(m, SIP_HDR_ROUTE));
	assert_false(sip_has(m, SIP_HDR_ROUTE));
}

/* A random walk of edits, each of which leaves a sound index. */
static void any_edits(void **state)
{
	static const enum sip_hdr_id ids[] = {SIP_HDR_VIA, SIP_HDR_ROUTE, SIP_HDR_SUBJECT,
					      SIP_HDR_CONTENT_LENGTH, SIP_HDR_OTHER};
	uint64_t seed = 1;
	unsigned round, step;

	for (round = 0; round < 200; round++) {
		struct fixture f;
		struct sip_msg *m = parse_text(&f, STR(INVITE)), d;

		assert_true(sip_derive(m, &f.arena, &d));
		for (step = 0; step < 20; step++) {
			enum sip_hdr_id id = ids[test_random(&seed) % 4];
			unsigned at = (unsigned)(test_random(&seed) % (d.n_hdr + 1u));
			struct str v = STR("1");

			switch (test_random(&seed) % 9) {
			case 0:
				assert_true(sip_add(&d, id, v));
				break;
			case 1:
				assert_true(sip_insert(&d, at, id, v));
				break;
			case 2:
				assert_true(sip_prepend(&d, id, v));
				break;
			case 3:
				sip_remove(&d, at);
				break;
			case 4:
				sip_remove_all(&d, id);
				break;
			case 5:
				assert_true(sip_set(&d, id, v));
				break;
			case 6:
				sip_pop_value(&d, id);
				break;
			case 7:
				assert_true(sip_add_named(&d, STR("X-Mine"), v));
				break;
			default:
				assert_true(sip_copy_all(&d, m, id));
				break;
			}
			assert_sound(&d);
		}
		fixture_fini(&f);
	}
}

static void a_response(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR(INVITE)), r;

	assert_true(sip_response(m, &f.arena, 180, STR(""), STR("mine"), &r));
	assert_str(r.reason, STR("Ringing"));
	assert_int_equal(sip_count(&r, SIP_HDR_VIA), 2);
	assert_str(sip_get(&r, SIP_HDR_TO), STR("Bob <sip:bob@biloxi.example.com>;tag=mine"));
	assert_str(sip_get(&r, SIP_HDR_CSEQ), STR("1 INVITE"));
	assert_true(sip_has(&r, SIP_HDR_RECORD_ROUTE));
	assert_int_equal(r.method, SIP_INVITE);
	assert_sound(&r);
	assert_true(sip_response(m, &f.arena, 404, STR("Nobody"), STR(""), &r));
	assert_str(r.reason, STR("Nobody"));
	assert_str(sip_get(&r, SIP_HDR_TO), STR("Bob <sip:bob@biloxi.example.com>"));
	assert_false(sip_has(&r, SIP_HDR_RECORD_ROUTE));
	parse_text(&f,
		   STR("OPTIONS sip:a SIP/2.0\r\nTimestamp: 54\r\nTo: <sip:a>;tag=there\r\n\r\n"));
	assert_true(sip_response(&f.m, &f.arena, 100, STR(""), STR("mine"), &r));
	assert_str(sip_get(&r, SIP_HDR_TIMESTAMP), STR("54"));
	assert_str(sip_get(&r, SIP_HDR_TO), STR("<sip:a>;tag=there"));
}

/* To with a NUL in quotes is copied whole. */
static void a_response_to_binary(void **state)
{
	struct fixture f;
	struct sip_msg r;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nTo: \"x\\\0y\" <sip:a>\r\n\r\n"));
	assert_true(sip_response(&f.m, &f.arena, 200, STR(""), STR("t"), &r));
	assert_str(sip_get(&r, SIP_HDR_TO), STR("\"x\\\0y\" <sip:a>;tag=t"));
}

static void formats_what_is_long(void **state)
{
	char room[64], text[5000];
	struct arena a;
	struct sip_msg m;

	memset(text, 'x', sizeof(text));
	arena_init(&a, room, sizeof(room), 0);
	sip_request_init(&m, &a, STR("BYE"), STR("sip:a"));
	assert_true(sip_addf(&m, SIP_HDR_SUBJECT, "<%.*s>", (int)sizeof(text), text));
	assert_int_equal(sip_get(&m, SIP_HDR_SUBJECT).n, sizeof(text) + 2);
	assert_true(sip_addf(&m, SIP_HDR_SUBJECT, "%s", ""));
	assert_false(m.failed);
	arena_fini(&a);
}

static void without_memory(void)
{
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct arena a;
	struct sip_msg m, d;
	unsigned i;
	bool ok;

	arena_init(&a, NULL, 0, 0);
	sip_request_init(&m, &a, STR("BYE"), STR("sip:a"));
	for (i = 0; i < 20; i++)
		sip_addf(&m, SIP_HDR_SUBJECT, "%u", i);
	ok = sip_derive(&m, &a, &d);
	assert_true(ok || alloc_has_failed());
	assert_int_equal(sip_print(&m, &b), !m.failed);
	assert_true(alloc_has_failed() == (m.failed || d.failed));
	arena_fini(&a);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_a_request),
		cmocka_unit_test(derive_leaves_the_first_alone),
		cmocka_unit_test(pops_values),
		cmocka_unit_test(any_edits),
		cmocka_unit_test(a_response),
		cmocka_unit_test(a_response_to_binary),
		cmocka_unit_test(formats_what_is_long),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
