/* tsuwa/account.h: the account file, one YAML mapping of texts */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <yaml.h>

#include "base/alloc.h"
#include "lib/account.h"
#include "lib/inside.h"

#define FILE_MAX_BYTES 65536

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct tsuwa_account account;
	struct buf *why;
	struct str key; /* owned; empty: a key is next */
	yaml_mark_t key_mark;
	unsigned depth;
	bool ended;
};

/* text NULL: the file names no user. */
static bool fail(struct buf *why, const char *text, const char *file)
{
	why->cut = true;
	if (text)
		buf_fmt(why, "%s %s", text, file);
	else
		buf_fmt(why, "%s: it names no user", file);
	return false;
}

static bool fail_at(struct reader *r, const yaml_mark_t *m, const char *text)
{
	r->why->cut = true;
	buf_fmt(r->why, "%s:%zu:%zu: %s", r->file, m->line + 1, m->column + 1, text);
	return false;
}

static bool set_at(struct reader *r, const yaml_mark_t *m, struct str value)
{
	char room[512];
	struct buf why = buf_over(room, sizeof(room));
	bool good = lib_account_set(&r->account, r->key, value, &why);
	bool known = lib_account_is_key(r->key);

	str_free(&r->key);
	return good || fail_at(r, known ? m : &r->key_mark, buf_c(&why));
}

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct str text = str_of((const char *)e->data.scalar.value, e->data.scalar.length);

	if (r->depth != 1)
		return fail_at(r, &e->start_mark, "wanted \"key: value\" lines");
	if (!str_empty(r->key))
		return set_at(r, &e->start_mark, text);
	if (str_empty(text))
		return fail_at(r, &e->start_mark, "an empty key");
	r->key_mark = e->start_mark;
	return str_dup(text, &r->key) == 0 || fail_at(r, &e->start_mark, "no memory");
}

static bool on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_MAPPING_START_EVENT:
		if (r->depth++ > 0)
			return fail_at(r, &e->start_mark, "a value here is one text");
		return true;
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_ALIAS_EVENT:
		return fail_at(r, &e->start_mark, "a value here is one text");
	case YAML_STREAM_END_EVENT:
		r->ended = true;
		return true;
	default:
		return true;
	}
}

static bool next(struct reader *r)
{
	yaml_event_t e;
	bool good;

	if (!yaml_parser_parse(&r->parser, &e)) {
		const char *problem = r->parser.problem ? r->parser.problem : "not YAML";

		return fail_at(r, &r->parser.problem_mark, problem);
	}
	good = on_event(r, &e);
	yaml_event_delete(&e);
	return good;
}

static bool parse(struct tsuwa_account *a, struct str text, const char *file, struct buf *why)
{
	struct reader r = {.file = file, .why = why};
	bool good = true;

	if (!yaml_parser_initialize(&r.parser))
		return fail(why, "no memory to read", file);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	while (good && !r.ended)
		good = next(&r);
	if (good && str_empty(r.account.user))
		good = fail(why, NULL, file);
	yaml_parser_delete(&r.parser);
	str_free(&r.key);
	if (good) {
		lib_account_fini(a);
		*a = r.account;
	} else {
		lib_account_fini(&r.account);
	}
	return good;
}

static int read_all(const char *file, char *room, size_t size, size_t *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), err = 0;
	size_t n = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got = read(fd, room + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = -errno;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (n == size) {
			err = -EFBIG;
			break;
		}
	}
	close(fd);
	*ret = n;
	return err;
}

int tsuwa_account_parse(struct tsuwa_account *a, const char *text, size_t n, const char *name,
			struct tsuwa_error *err)
{
	char room[600];
	struct buf why = buf_over(room, sizeof(room));

	if (parse(a, str_of(text, n), name, &why))
		return 0;
	return lib_fail(err, lib_account_code(&why), "%s", buf_c(&why));
}

int tsuwa_account_read(struct tsuwa_account *a, const char *file, struct tsuwa_error *err)
{
	char *room = xmalloc(FILE_MAX_BYTES);
	size_t n = 0;
	int code = room ? read_all(file, room, FILE_MAX_BYTES, &n) : -ENOMEM;

	if (code)
		lib_fail(err, code, "can't read %s: %s", file, strerror(-code));
	else
		code = tsuwa_account_parse(a, room, n, file, err);
	if (room)
		explicit_bzero(room, n);
	xfree(room);
	return code;
}
