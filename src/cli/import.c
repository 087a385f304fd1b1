#include "cli/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/out.h"
#include "cli/password.h"
#include "cli/user_file.h"

#define FILE_MAX_BYTES (1u << 30)
#define FIELDS 4
#define MISTAKES_SHOWN 20

struct entry {
	struct str user, domain;
	struct user_secret secret;
	unsigned line;
};

struct import {
	const struct config *config;
	const char *path;
	struct crypto *crypto;
	struct buf text; /* the file; fields borrow from it */
	struct entry *entries;
	size_t n, cap;
	unsigned line;
	unsigned mistakes;
	bool no_memory;
};

static void mistake(struct import *im, unsigned line, const char *text)
{
	if (im->mistakes++ < MISTAKES_SHOWN)
		fprintf(stderr, "%s:%u: %s\n", im->path, line, text);
}

/* ---- lines ---- */

static struct entry *entry_new(struct import *im)
{
	if (im->n == im->cap) {
		size_t cap = im->cap ? im->cap * 2 : 256;
		struct entry *p = xrealloc(im->entries, cap * sizeof(*p));

		if (!p) {
			im->no_memory = true;
			return NULL;
		}
		im->entries = p;
		im->cap = cap;
	}
	return &im->entries[im->n++];
}

static bool is_title(const struct str *fields, int n)
{
	return str_istarts(fields[0], STR("user")) && str_find(fields[0], '@') == fields[0].n &&
	       n >= 2 && str_ieq(fields[n - 1], STR("password"));
}

static void take_user(struct import *im, struct str user, struct str domain, struct str password)
{
	struct entry *e;

	if (str_empty(password) || password.n >= PASSWORD_MAX) {
		mistake(im, im->line,
			str_empty(password) ? "the password is empty" : "the password is too long");
		return;
	}
	e = entry_new(im);
	if (!e)
		return;
	e->user = user;
	e->domain = domain;
	e->line = im->line;
	user_secret_make(im->crypto, user, domain, password, &e->secret);
}

static void take_line(struct import *im, char *p, char *end)
{
	struct str fields[FIELDS] = {0}, user, domain;
	char room[400];
	struct buf why = buf_over(room, sizeof(room));
	int n = csv_fields(p, end, fields, FIELDS);
	bool good = false;

	why.cut = true;
	if (im->line == 1 && n > 0 && is_title(fields, n))
		return;
	if (n == 2) {
		good = user_split(im->config, fields[0], &user, &domain, &why);
	} else if (n == 3) {
		user = fields[0];
		domain = fields[1];
		good = user_check(im->config, user, &domain, &why);
	} else {
		buf_fmt(&why, "expected user@domain,password or user,domain,password");
	}
	if (good)
		take_user(im, user, domain, fields[n - 1]);
	else
		mistake(im, im->line, buf_c(&why));
}

static void take_lines(struct import *im)
{
	struct str rest = buf_str(&im->text), line;

	if (str_starts(rest, STR("\xef\xbb\xbf")))
		rest = str_skip(rest, 3);
	while (!im->no_memory && csv_next(&rest, &im->line, &line)) {
		if (!str_empty(line) && line.p[0] != '#')
			take_line(im, (char *)line.p, (char *)line.p + line.n);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a,
			   *y = *(const struct entry *const *)b;
	int order = str_cmp(x->domain, y->domain);

	if (!order)
		order = str_cmp(x->user, y->user);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void find_twins(struct import *im)
{
	struct entry **order = xcalloc(im->n + 1, sizeof(*order));

	im->no_memory |= !order;
	if (!order)
		return;
	for (size_t i = 0; i < im->n; i++)
		order[i] = &im->entries[i];
	qsort(order, im->n, sizeof(*order), by_name);
	for (size_t i = 1; i < im->n; i++) {
		const struct entry *a = order[i - 1], *b = order[i];
		char text[640];

		if (!str_eq(a->user, b->user) || !str_eq(a->domain, b->domain))
			continue;
		snprintf(text, sizeof(text), "%.*s@%.*s stands in line %u already",
			 STR_ARG(str_first(a->user, 255)), STR_ARG(a->domain), a->line);
		mistake(im, b->line, text);
	}
	xfree(order);
}

/* ---- the file ---- */

static int read_all(int fd, struct buf *ret)
{
	for (;;) {
		char *room = buf_room(ret, 65536);
		ssize_t n = room ? read(fd, room, 65536) : -1;

		if (!room)
			return -EFBIG;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		ret->n += (size_t)n;
	}
}

static int read_path(struct import *im)
{
	bool from_stdin = !strcmp(im->path, "-");
	int fd = from_stdin ? STDIN_FILENO : open(im->path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : read_all(fd, &im->text);

	if (err)
		out_error("%s can't be read: %s", im->path, strerror(-err));
	if (fd >= 0 && !from_stdin)
		close(fd);
	return err;
}

static void show_progress(void *ctx, size_t done, size_t of)
{
	if (of >= 20000)
		fprintf(stderr, "\r%zu of %zu", done, of);
	if (of >= 20000 && done == of)
		fputc('\n', stderr);
}

static int store_all(struct import *im, struct store_db *db)
{
	struct store_import how = {.mode = STORE_USER_PUT, .progress = show_progress};
	struct store_user *users = xcalloc(im->n + 1, sizeof(*users));
	size_t bad = 0;
	int err = -ENOMEM;

	if (!users)
		return err;
	for (size_t i = 0; i < im->n; i++)
		users[i] = user_entry_of(im->entries[i].user, im->entries[i].domain,
					 &im->entries[i].secret);
	err = store_user_import(db, users, im->n, &how, &bad);
	xfree(users);
	if (err)
		out_error("the database: %s; nothing was imported", store_db_error(db));
	else
		printf("imported %zu users\n", im->n);
	return err;
}

static int import(struct import *im, struct store_db *db)
{
	if (read_path(im))
		return CLI_FAILED;
	take_lines(im);
	find_twins(im);
	if (im->mistakes > MISTAKES_SHOWN)
		fprintf(stderr, "%s: and %u more\n", im->path, im->mistakes - MISTAKES_SHOWN);
	if (im->no_memory)
		out_error("no memory");
	else if (im->mistakes)
		out_error("nothing was imported");
	else if (!store_all(im, db))
		return CLI_DONE;
	return CLI_FAILED;
}

int import_users(const struct config *c, struct store_db *db, const char *path)
{
	struct import im = {.config = c, .path = path, .text = buf_heap(FILE_MAX_BYTES)};
	int code = CLI_FAILED;

	im.crypto = crypto_new();
	if (im.crypto)
		code = import(&im, db);
	crypto_free(&im.crypto);
	if (im.text.p)
		explicit_bzero(im.text.p, im.text.n);
	buf_free(&im.text);
	xfree(im.entries);
	return code;
}
