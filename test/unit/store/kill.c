/* A server that is killed at any moment has lost nothing that it acknowledged.
 * A child appends for two workers, with segments so small that folding and reuse
 * never rest, and tells each done(0) through a pipe; the parent kills it after a
 * number of these that the seed says, loads, and compares. */
#include <signal.h>
#include <sys/wait.h>

#include "place.h"

enum { ROUNDS = 40, WORKERS = 2, KEYS = 16, WINDOW = 8 };

struct told {
	uint8_t worker, key;
	uint64_t seq;
};

struct job {
	struct wish wish;
	struct told told;
};

static const struct store_conf small = {
	.segment_bytes = 4096, .segment_max_bytes = 1 << 20, .idle_ms = 1};

static void payload_of(char *ret, size_t size, const struct told *t)
{
	snprintf(ret, size, "contact-%u-%u-%llu", t->worker, t->key, (unsigned long long)t->seq);
}

static void key_of(char *ret, size_t size, const struct told *t)
{
	snprintf(ret, size, "sip:user%u@worker%u", t->key, t->worker);
}

static void job_put(struct job *j, struct desk *d, struct told t)
{
	char key[40], payload[60];
	struct store_record r = {.seq = t.seq, .expires_ms = FAR};

	key_of(key, sizeof(key), &t);
	payload_of(payload, sizeof(payload), &t);
	r.key = str_c(key);
	r.payload = str_c(payload);
	j->told = t;
	wish_put(&j->wish, d, &r);
}

static void tell(struct job *j, int pipe_fd)
{
	while (!j->wish.done)
		return;
	if (j->wish.err == 0 && write(pipe_fd, &j->told, sizeof(j->told)) != sizeof(j->told))
		_exit(2);
}

static void on_nothing(void *ctx, const struct store_record *r)
{
}

/* Never returns. */
static void child(struct place *p, int pipe_fd, bool sync, uint64_t seed)
{
	static struct job jobs[WORKERS][WINDOW];
	struct store_conf conf = small;
	struct desk d[WORKERS];
	struct store *s;
	uint64_t seq;

	conf.sync = sync;
	s = place_open(p, &conf);
	if (store_load(s, on_nothing, NULL))
		_exit(3);
	seq = store_seq_max(s);
	for (unsigned w = 0; w < WORKERS; w++)
		desk_open(&d[w], s, w);
	for (;;) {
		for (unsigned w = 0; w < WORKERS; w++) {
			for (unsigned i = 0; i < WINDOW; i++) {
				uint8_t key = (uint8_t)(test_random(&seed) % KEYS);

				job_put(&jobs[w][i], &d[w], (struct told){(uint8_t)w, key, ++seq});
			}
			store_flush(d[w].w);
		}
		for (unsigned w = 0; w < WORKERS; w++)
			for (unsigned i = 0; i < WINDOW; i++) {
				wish_wait(&jobs[w][i].wish, &d[w]);
				tell(&jobs[w][i], pipe_fd);
			}
	}
}

struct memory {
	uint64_t seq[WORKERS][KEYS];
};

/* Reads what it tells, kills it, reads the rest. */
static void parent(struct memory *m, int pipe_fd, pid_t pid, uint64_t after)
{
	struct told t;
	int status;

	while (read(pipe_fd, &t, sizeof(t)) == sizeof(t)) {
		assert_true(t.seq > m->seq[t.worker][t.key]);
		m->seq[t.worker][t.key] = t.seq;
		if (after-- == 0)
			kill(pid, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void check_key(const struct harvest *h, struct told t)
{
	const struct found *f;
	char key[40], payload[60];

	key_of(key, sizeof(key), &t);
	f = harvest_find(h, key);
	if (t.seq == 0)
		return;
	assert_non_null(f);
	assert_true(f->seq >= t.seq);
	t.seq = f->seq;
	payload_of(payload, sizeof(payload), &t);
	assert_string_equal(f->payload, payload);
}

static void check(struct place *p, const struct memory *m)
{
	struct harvest h = {0};
	struct store *s = place_open(p, &small);

	assert_int_equal(store_load(s, on_harvest, &h), 0);
	for (unsigned w = 0; w < WORKERS; w++)
		for (unsigned k = 0; k < KEYS; k++)
			check_key(&h, (struct told){(uint8_t)w, (uint8_t)k, m->seq[w][k]});
	harvest_drop(&h);
	store_close(&s);
}

static void killed(bool sync, unsigned rounds, uint64_t seed)
{
	struct memory m = {0};
	struct place p;

	place_make(&p);
	for (unsigned i = 0; i < rounds; i++) {
		int fd[2];
		pid_t pid;

		assert_int_equal(pipe(fd), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(fd[0]);
			child(&p, fd[1], sync, seed);
		}
		close(fd[1]);
		parent(&m, fd[0], pid, test_random(&seed) % 600);
		close(fd[0]);
		/* Mostly the next child loads itself what the last one left. */
		if (i % 4 == 3)
			check(&p, &m);
	}
	check(&p, &m);
	place_drop(&p);
}

static void nothing_acknowledged_is_lost(void **state)
{
	killed(false, ROUNDS, 1);
}

static void nor_in_sync_mode(void **state)
{
	killed(true, 8, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_acknowledged_is_lost),
		cmocka_unit_test(nor_in_sync_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
