#include "server/config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/scan.h"
#include "net/group.h"
#include "server/config_key.h"

#define FILE_MAX_BYTES (1u << 20)
#define ARENA_MAX_BYTES (64u << 20)
#define DEFAULT_PATH "tsuwa.yaml"

void config_free(struct config **c)
{
	if (!*c)
		return;
	arena_fini(&(*c)->arena);
	xfree(*c);
	*c = NULL;
}

static struct str dir_of(struct arena *a, struct str path)
{
	size_t n = path.n;

	while (n && path.p[n - 1] != '/')
		n--;
	if (!n)
		return STR(".");
	return arena_str(a, str_first(path, n > 1 ? n - 1 : 1));
}

static uint64_t cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > NET_WORKERS_MAX ? NET_WORKERS_MAX : (uint64_t)n;
}

static int config_new(const char *path, struct config **ret)
{
	struct config *c = xzalloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	arena_init(&c->arena, NULL, 0, ARENA_MAX_BYTES);
	c->path = arena_str(&c->arena, str_c(path));
	c->dir = dir_of(&c->arena, str_c(path));
	c->workers = cores();
	if (!c->path.p || !c->dir.p)
		config_free(&c);
	*ret = c;
	return c ? 0 : -ENOMEM;
}

static void sort_problems(struct config_reader *r)
{
	for (unsigned i = 1; i < r->n_problems; i++)
		for (unsigned k = i; k > 0; k--) {
			struct config_problem *a = &r->problems[k - 1], *b = &r->problems[k], t;

			if (a->mark.line < b->mark.line ||
			    (a->mark.line == b->mark.line && a->mark.column <= b->mark.column))
				break;
			t = *a;
			*a = *b;
			*b = t;
		}
}

/* One line, for a terminal: keys and values of the file may hold anything. */
static void put_problem(struct buf *why, const char *path, struct yaml_mark mark, struct str text)
{
	buf_fmt(why, "%s:", path);
	if (mark.line)
		buf_fmt(why, "%u:%u:", mark.line, mark.column);
	buf_putc(why, ' ');
	for (size_t i = 0; i < text.n; i++)
		buf_putc(why, cc_is(text.p[i], CC_CTL) ? '?' : text.p[i]);
	buf_putc(why, '\n');
}

static void put_problems(struct config_reader *r, const char *path, struct buf *why)
{
	sort_problems(r);
	for (unsigned i = 0; i < r->n_problems; i++)
		put_problem(why, path, r->problems[i].mark, r->problems[i].text);
	if (r->n_problems == CONFIG_PROBLEMS_MAX)
		buf_fmt(why, "%s: there are more errors\n", path);
}

static void read_root(struct config_reader *r, const struct yaml_node *root)
{
	config_read_presets(r, config_keys, r->config);
	if (root->kind == YAML_MAP)
		config_read_map(r, config_keys, root, r->config);
	else if (root->kind != YAML_NOTHING)
		config_problem(r, root->mark, "expected keys such as \"domains:\", found %s",
			       config_found(r, root));
	config_check(r, root);
}

/* Takes c. */
static int read_into(struct config *c, struct str text, const char *path, struct config **ret,
		     struct buf *why)
{
	struct config_reader *r = xzalloc(sizeof(*r));
	struct yaml_problem problem;
	struct yaml_node *root;
	int err = 0;

	if (!r) {
		err = -ENOMEM;
	} else if (!yaml_read(text, &c->arena, &root, &problem)) {
		put_problem(why, path, problem.mark, str_c(problem.text));
		err = -EINVAL;
	} else {
		r->config = c;
		r->arena = &c->arena;
		read_root(r, root);
		put_problems(r, path, why);
		err = r->no_memory ? -ENOMEM : r->n_problems ? -EINVAL : 0;
	}
	xfree(r);
	if (err)
		config_free(&c);
	else
		*ret = c;
	return err;
}

int config_parse(struct str text, const char *path, struct config **ret, struct buf *why)
{
	struct config *c;
	int err = config_new(path, &c);

	if (!err)
		err = read_into(c, text, path ? path : "defaults", ret, why);
	if (err == -ENOMEM)
		buf_fmt(why, "%s: no memory\n", path ? path : "defaults");
	return err;
}

/* The whole file into *ret (buf_free() ends it). */
static int read_fd(int fd, struct buf *ret)
{
	for (;;) {
		char *room = buf_room(ret, 4096);
		ssize_t n;

		if (!room)
			return -EFBIG;
		n = read(fd, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		ret->n += (size_t)n;
	}
}

static int read_file(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = read_fd(fd, ret);
	close(fd);
	return err;
}

static void put_unreadable(struct buf *why, const char *path, int err)
{
	buf_fmt(why, "%s: can't be read: %s", path, strerror(-err));
	if (err == -ENOENT)
		buf_fmt(why, "; name it with -c FILE, or make one with \"tsuwa init\"");
	buf_fmt(why, "\n");
}

int config_load(const char *path, struct config **ret, struct buf *why)
{
	struct buf text = buf_heap(FILE_MAX_BYTES);
	const char *name = path ? path : DEFAULT_PATH;
	int err = read_file(name, &text);

	if (err == -ENOENT && !path)
		err = config_parse(STR_NONE, NULL, ret, why);
	else if (err)
		put_unreadable(why, name, err);
	else
		err = config_parse(buf_str(&text), name, ret, why);
	buf_free(&text);
	return err;
}

const struct config_domain *config_domain(const struct config *c, struct str name)
{
	for (unsigned i = 0; i < c->n_domains; i++) {
		const struct config_domain *d = &c->domains[i];

		if (str_ieq(d->name, name))
			return d;
		for (unsigned k = 0; k < d->n_aliases; k++)
			if (str_ieq(d->aliases[k], name))
				return d;
	}
	return NULL;
}
