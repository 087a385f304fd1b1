#include "store/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/alloc.h"
#include "store/fold.h"

struct search {
	struct str folder; /* with its slash, or empty */
	struct str prefix; /* "tsuwa.db.journal." */
	uint32_t next_old;
	struct list *ret;
};

/* "12.a" */
static bool is_active_name(struct str s)
{
	struct str number = str_split(&s, '.');
	uint32_t n;

	return str_to_u32(number, &n) && (str_eq(s, STR("a")) || str_eq(s, STR("b")));
}

/* "old.12" */
static bool is_old_name(struct str s, uint32_t *ret)
{
	struct str word = str_split(&s, '.');

	return str_eq(word, STR("old")) && str_to_u32(s, ret) && *ret < UINT32_MAX;
}

static int file_found(struct search *s, struct str name)
{
	struct fold_file *f = xzalloc(sizeof(*f));
	struct buf path = buf_heap(8192);

	buf_fmt(&path, "%.*s%.*s", STR_ARG(s->folder), STR_ARG(name));
	buf_c(&path);
	if (!f || path.failed) {
		buf_free(&path);
		xfree(f);
		return -ENOMEM;
	}
	f->path = path.p; /* buf_free() is xfree() of it */
	list_append(s->ret, &f->link);
	return 0;
}

static int file_rename(struct search *s, struct fold_file *f)
{
	struct buf to = buf_heap(8192);

	buf_fmt(&to, "%.*s%.*sold.%u", STR_ARG(s->folder), STR_ARG(s->prefix), s->next_old);
	buf_c(&to);
	if (to.failed || rename(f->path, to.p)) {
		int err = to.failed ? -ENOMEM : -errno;

		buf_free(&to);
		return err;
	}
	s->next_old++;
	xfree(f->path);
	f->path = to.p;
	return 0;
}

static int scan(struct search *s, DIR *dir)
{
	struct dirent *e;
	int err = 0;

	while (!err && (e = readdir(dir))) {
		struct str name = str_c(e->d_name), rest = str_skip(name, s->prefix.n);
		uint32_t n;

		if (!str_starts(name, s->prefix))
			continue;
		if (is_old_name(rest, &n) && s->next_old <= n)
			s->next_old = n + 1;
		if (is_old_name(rest, &n) || is_active_name(rest))
			err = file_found(s, name);
	}
	return err;
}

static int rename_active(struct search *s)
{
	int err = 0;

	LIST_EACH (l, s->ret) {
		struct fold_file *f = container_of(l, struct fold_file, link);
		struct str name = str_skip(str_c(f->path), s->folder.n + s->prefix.n);

		if (!err && is_active_name(name))
			err = file_rename(s, f);
	}
	return err;
}

int leftover_collect(const char *db_path, struct list *ret)
{
	struct str path = str_c(db_path);
	const char *slash = strrchr(db_path, '/');
	struct search s = {.ret = ret};
	struct buf prefix = buf_heap(8192), folder = buf_heap(8192);
	DIR *dir = NULL;
	int err;

	s.folder = str_first(path, slash ? (size_t)(slash - db_path) + 1 : 0);
	buf_fmt(&prefix, "%.*s.journal.", STR_ARG(str_skip(path, s.folder.n)));
	buf_fmt(&folder, "%.*s", STR_ARG(s.folder.n ? s.folder : STR(".")));
	buf_c(&folder);
	s.prefix = buf_str(&prefix);
	err = prefix.failed || folder.failed ? -ENOMEM : 0;
	if (!err && !(dir = opendir(folder.p)))
		err = -errno;
	if (!err && dir)
		err = scan(&s, dir);
	if (!err)
		err = rename_active(&s);
	if (dir)
		closedir(dir);
	buf_free(&prefix);
	buf_free(&folder);
	return err;
}
