#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crypto/certificate.h"

#define PEM_MAX 65536

static char dir[64];

static const char *put_file(const char *name, const struct buf *text, char path[128])
{
	FILE *f;

	snprintf(path, 128, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text->p, 1, text->n, f), text->n);
	fclose(f);
	return path;
}

static int set_up(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/tsuwa-certificate-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const files[] = {"a.crt", "a.key", "b.key", "junk"};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static const struct str names[] = {STR_INIT("example.com"), STR_INIT("127.0.0.1"),
				   STR_INIT("[::1]")};

static void make(struct buf *pem, struct buf *key)
{
	*pem = buf_heap(PEM_MAX);
	*key = buf_heap(PEM_MAX);
	assert_int_equal(certificate_make(names, 3, 30, pem, key), 0);
}

static void made_and_looked_at(void **state)
{
	struct str asked[] = {STR("example.com"),    STR("EXAMPLE.com"), STR("127.0.0.1"),
			      STR("[::1]"),          STR("other.com"),   STR("127.0.0.2"),
			      STR("sub.example.com")};
	bool covers[7], want[7] = {true, true, true, true, false, false, false};
	struct certificate_facts facts;
	char crt_path[128], key_path[128];
	struct buf pem, key, why = buf_heap(4096);
	int64_t now = (int64_t)time(NULL);

	make(&pem, &key);
	assert_int_equal(certificate_look(put_file("a.crt", &pem, crt_path),
					  put_file("a.key", &key, key_path), asked, 7, covers,
					  &facts, &why),
			 0);
	assert_memory_equal(covers, want, sizeof(want));
	assert_true(facts.key_matches);
	assert_true(facts.self_signed);
	assert_in_range(facts.not_after_s, now + 29 * 86400, now + 31 * 86400);
	assert_true(facts.not_before_s < now);
	buf_free(&pem);
	buf_free(&key);
	buf_free(&why);
}

static void another_key(void **state)
{
	struct buf pem, key, pem_b, key_b, why = buf_heap(4096);
	struct certificate_facts facts;
	char crt_path[128], key_path[128];

	make(&pem, &key);
	make(&pem_b, &key_b);
	assert_int_equal(certificate_look(put_file("a.crt", &pem, crt_path),
					  put_file("b.key", &key_b, key_path), NULL, 0, NULL,
					  &facts, &why),
			 0);
	assert_false(facts.key_matches);
	buf_free(&pem);
	buf_free(&key);
	buf_free(&pem_b);
	buf_free(&key_b);
	buf_free(&why);
}

static void unreadable(void **state)
{
	struct buf pem, key, junk = buf_heap(64), why = buf_heap(4096);
	struct certificate_facts facts;
	char crt_path[128], junk_path[128];

	make(&pem, &key);
	buf_fmt(&junk, "no PEM at all\n");
	put_file("a.crt", &pem, crt_path);
	put_file("junk", &junk, junk_path);
	assert_true(certificate_look(junk_path, junk_path, NULL, 0, NULL, &facts, &why) < 0);
	assert_non_null(strstr(buf_c(&why), "junk holds no certificate"));
	buf_reset(&why);
	assert_true(certificate_look(crt_path, junk_path, NULL, 0, NULL, &facts, &why) < 0);
	assert_non_null(strstr(buf_c(&why), "junk holds no private key"));
	buf_reset(&why);
	assert_true(certificate_look("/nowhere", junk_path, NULL, 0, NULL, &facts, &why) < 0);
	assert_non_null(strstr(buf_c(&why), "/nowhere can't be read"));
	buf_free(&pem);
	buf_free(&key);
	buf_free(&junk);
	buf_free(&why);
}

static void no_smuggling(void **state)
{
	struct buf pem = buf_heap(PEM_MAX), key = buf_heap(PEM_MAX);
	struct str bad = STR("a.com,DNS:b.com");

	assert_true(certificate_make(&bad, 1, 30, &pem, &key) < 0);
	buf_free(&pem);
	buf_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_and_looked_at),
		cmocka_unit_test(another_key),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(no_smuggling),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
