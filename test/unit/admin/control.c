/* The control socket, server and client side, in one thread: clients are raw sockets. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/control.h"
#include "admin/json.h"
#include "admin/socket.h"

#define ROUNDS_MAX 200000

struct world {
	char dir[64], path[CONTROL_PATH_MAX];
	struct loop *loop;
	struct control *control;
	struct control_reply *kept;
};

static void on_request(void *ctx, struct control_reply *r, const char *cmd, const json_t *request)
{
	struct world *w = ctx;
	uint64_t n = (uint64_t)json_integer_value(json_object_get(request, "n"));

	if (!strcmp(cmd, "keep")) {
		w->kept = r;
		return;
	}
	if (strcmp(cmd, "rows") != 0) {
		control_fail(&r, "unknown command \"%s\"", cmd);
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		json_open(control_out(r), NULL, '{');
		json_member_u64(control_out(r), "row", i);
		buf_fmt(control_out(r), "}\n");
	}
	control_end(&r, n);
}

static void world_init(struct world *w)
{
	int fd;

	memset(w, 0, sizeof(*w));
	snprintf(w->dir, sizeof(w->dir), "/tmp/tsuwa-control-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/s", w->dir);
	assert_int_equal(loop_new(&w->loop), 0);
	fd = control_listen(w->path);
	assert_true(fd >= 0);
	assert_int_equal(control_new(w->loop, fd, on_request, w, &w->control), 0);
}

static void world_fini(struct world *w)
{
	control_free(&w->control);
	loop_free(&w->loop);
	unlink(w->path);
	rmdir(w->dir);
}

static int client(const struct world *w)
{
	int fd = control_connect(w->path);

	assert_true(fd >= 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Rounds of the loop until the client has a line that holds last, or was closed. */
static void hear(struct world *w, int fd, const char *last, struct buf *ret)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		char *room = buf_room(ret, 65536);
		ssize_t n;

		loop_once(w->loop, 0);
		n = recv(fd, room, 65536, 0);
		if (n == 0)
			return;
		ret->n += n > 0 ? (size_t)n : 0;
		if (n > 0 && last && ret->p[ret->n - 1] == '\n' && strstr(buf_c(ret), last))
			return;
	}
	fail_msg("no answer");
}

static void expect(struct world *w, int fd, const char *request, const char *want)
{
	struct buf b = buf_heap(1u << 24);

	say(fd, request);
	hear(w, fd, want, &b);
	assert_string_equal(buf_c(&b), want);
	buf_free(&b);
}

static void answers(void **state)
{
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	expect(&w, fd, "{\"cmd\":\"rows\",\"n\":2}\n",
	       "{\"row\":0}\n{\"row\":1}\n{\"end\":true,\"n\":2}\n");
	/* The next on the same connection. */
	expect(&w, fd, "{\"cmd\":\"rows\"}\n", "{\"end\":true,\"n\":0}\n");
	expect(&w, fd, "{\"cmd\":\"fly\"}\n", "{\"error\":\"unknown command \\\"fly\\\"\"}\n");
	expect(&w, fd, "{\"x\":1}\n", "{\"error\":\"the request has no \\\"cmd\\\"\"}\n");
	close(fd);
	world_fini(&w);
}

static void bad_json(void **state)
{
	struct buf b = buf_heap(65536);
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	say(fd, "hello\n");
	hear(&w, fd, "\n", &b);
	assert_true(str_starts(buf_str(&b), STR("{\"error\":\"the request is not JSON")));
	close(fd);
	buf_free(&b);
	world_fini(&w);
}

static void two_requests_in_one_go(void **state)
{
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	expect(&w, fd, "{\"cmd\":\"rows\"}\n{\"cmd\":\"rows\",\"n\":1}\n",
	       "{\"end\":true,\"n\":0}\n{\"row\":0}\n{\"end\":true,\"n\":1}\n");
	close(fd);
	world_fini(&w);
}

static void long_answer(void **state)
{
	struct buf b = buf_heap(1u << 24);
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	say(fd, "{\"cmd\":\"rows\",\"n\":100000}\n");
	hear(&w, fd, "\"end\"", &b);
	assert_non_null(strstr(buf_c(&b), "{\"row\":99999}\n{\"end\":true,\"n\":100000}\n"));
	close(fd);
	buf_free(&b);
	world_fini(&w);
}

static void endless_request(void **state)
{
	static char junk[4096];
	struct buf b = buf_heap(65536);
	struct world w;
	int fd;

	memset(junk, 'x', sizeof(junk) - 1);
	world_init(&w);
	fd = client(&w);
	for (unsigned i = 0; i < 40; i++) {
		send(fd, junk, sizeof(junk) - 1, MSG_NOSIGNAL);
		loop_once(w.loop, 0);
	}
	hear(&w, fd, NULL, &b); /* until it is closed */
	assert_int_equal(b.n, 0);
	close(fd);
	buf_free(&b);
	world_fini(&w);
}

static void client_leaves(void **state)
{
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	say(fd, "{\"cmd\":\"keep\"}\n");
	for (unsigned i = 0; !w.kept && i < ROUNDS_MAX; i++)
		loop_once(w.loop, 0);
	assert_non_null(w.kept);
	close(fd);
	for (unsigned i = 0; i < 10; i++)
		loop_once(w.loop, 0);
	buf_fmt(control_out(w.kept), "{}\n");
	control_end(&w.kept, 0);
	assert_null(w.kept);
	world_fini(&w);
}

static void server_ends_first(void **state)
{
	struct world w;
	int fd;

	world_init(&w);
	fd = client(&w);
	say(fd, "{\"cmd\":\"keep\"}\n");
	for (unsigned i = 0; !w.kept && i < ROUNDS_MAX; i++)
		loop_once(w.loop, 0);
	control_free(&w.control);
	control_fail(&w.kept, "too late");
	close(fd);
	world_fini(&w);
}

static void too_many_clients(void **state)
{
	int fds[CONTROL_CLIENTS + 1];
	struct buf b = buf_heap(65536);
	struct world w;

	world_init(&w);
	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++) {
		fds[i] = client(&w);
		loop_once(w.loop, 0);
	}
	hear(&w, fds[CONTROL_CLIENTS], NULL, &b);
	expect(&w, fds[0], "{\"cmd\":\"rows\"}\n", "{\"end\":true,\"n\":0}\n");
	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++)
		close(fds[i]);
	buf_free(&b);
	world_fini(&w);
}

/* ---- the socket's place ---- */

static void leftovers(void **state)
{
	struct world w;
	struct stat st;
	int fd;

	world_init(&w);
	assert_int_equal(stat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(control_listen(w.path), -EADDRINUSE);
	control_free(&w.control);
	/* Nobody listens any more: the file alone is in nobody's way. */
	assert_int_equal(control_connect(w.path), -ECONNREFUSED);
	fd = control_listen(w.path);
	assert_true(fd >= 0);
	close(fd);
	unlink(w.path);
	assert_int_equal(control_connect(w.path), -ENOENT);
	/* What is no socket is not touched. */
	close(open(w.path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(control_listen(w.path), -EEXIST);
	world_fini(&w);
}

static void long_path(void **state)
{
	char dir[256], path[512];
	struct world w;
	int fd, other;

	world_init(&w);
	snprintf(dir, sizeof(dir), "%s/%0150d", w.dir, 1);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_true(snprintf(path, sizeof(path), "%s/t.db.sock", dir) > 150);
	fd = control_listen(path);
	assert_true(fd >= 0);
	other = control_connect(path);
	assert_true(other >= 0);
	assert_int_equal(control_peer_pid(other), getpid());
	close(other);
	close(fd);
	unlink(path);
	rmdir(dir);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(bad_json),
		cmocka_unit_test(two_requests_in_one_go),
		cmocka_unit_test(long_answer),
		cmocka_unit_test(endless_request),
		cmocka_unit_test(client_leaves),
		cmocka_unit_test(server_ends_first),
		cmocka_unit_test(too_many_clients),
		cmocka_unit_test(leftovers),
		cmocka_unit_test(long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
