#include "load/users.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"

#define TEXT_MAX (1u << 30)

int users_make(struct users *u, size_t n, struct str prefix, const char *password)
{
	size_t from = 0;

	*u = (struct users){.n = n, .text = buf_heap(TEXT_MAX)};
	u->user = xcalloc(n, sizeof(*u->user));
	if (!u->user)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		buf_fmt(&u->text, "%.*s%zu", STR_ARG(prefix), i);
		u->user[i].name.n = u->text.n - from;
		from = u->text.n;
	}
	buf_puts(&u->text, str_c(password));
	if (u->text.failed)
		return -ENOMEM;
	/* The text no longer moves. */
	for (size_t i = 0, at = 0; i < n; at += u->user[i++].name.n) {
		u->user[i].name.p = u->text.p + at;
		if (password)
			u->user[i].password = str_of(u->text.p + from, u->text.n - from);
	}
	return 0;
}

static int read_file(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0) {
		char *p = buf_room(b, 65536);

		got = p ? read(fd, p, 65536) : -1;
		if (got < 0)
			err = p ? -errno : -ENOMEM;
		else
			b->n += (size_t)got;
	}
	close(fd);
	return err;
}

/* "a" or "\"a\""; what stands between the quotes as it is. */
static struct str unquoted(struct str s)
{
	s = str_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return str_of(s.p + 1, s.n - 2);
	return s;
}

static bool read_line(struct str line, struct user *ret)
{
	struct str user = unquoted(str_split(&line, ',')), last = line;
	size_t comma = str_find(line, ',');

	if (comma < line.n && str_find(user, '@') == user.n)
		last = str_skip(line, comma + 1);
	*ret = (struct user){.name = str_first(user, str_find(user, '@')),
			     .password = unquoted(last)};
	return ret->name.n && ret->password.n;
}

static bool is_title(const struct user *u)
{
	return str_istarts(u->name, STR("user")) && str_ieq(u->password, STR("password"));
}

static int add_user(struct users *u, size_t *cap, const struct user *one)
{
	if (u->n == *cap) {
		size_t n = *cap ? *cap * 2 : 256;
		struct user *p = xrealloc(u->user, n * sizeof(*p));

		if (!p)
			return -ENOMEM;
		u->user = p;
		*cap = n;
	}
	u->user[u->n++] = *one;
	return 0;
}

int users_read(struct users *u, const char *path, unsigned *bad_line)
{
	struct str rest;
	size_t cap = 0;
	int err;

	*u = (struct users){.text = buf_heap(TEXT_MAX)};
	err = read_file(path, &u->text);
	rest = buf_str(&u->text);
	for (unsigned line_no = 1; !err && rest.n; line_no++) {
		struct str line = str_trim(str_split(&rest, '\n'));
		struct user one;

		if (!line.n || line.p[0] == '#')
			continue;
		if (!read_line(line, &one)) {
			*bad_line = line_no;
			return -EBADMSG;
		}
		if (line_no > 1 || !is_title(&one))
			err = add_user(u, &cap, &one);
	}
	if (!err && !u->n)
		*bad_line = 1;
	return err || u->n ? err : -EBADMSG;
}

int users_keep_nonces(struct users *u)
{
	u->nonce = xcalloc(u->n, sizeof(*u->nonce));
	return u->nonce ? 0 : -ENOMEM;
}

void users_free(struct users *u)
{
	xfree(u->user);
	xfree(u->nonce);
	buf_free(&u->text);
	*u = (struct users){0};
}
