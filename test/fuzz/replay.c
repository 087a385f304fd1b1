/* Runs a fuzz target without a fuzzer: over each file of a corpus, then over mutations of
 * them by a fixed seed, so that every run does the same, as far as it comes in two seconds.
 *
 *     fuzz_x CORPUS_DIRECTORY [MUTATIONS [SECONDS]]     or     fuzz_x FILE... to replay findings */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define INPUT_MAX 65536
#define FILES_MAX 4096
#define DEFAULT_MUTATIONS 60000
#define DEFAULT_SECONDS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *p;
	size_t n;
};

static struct input files[FILES_MAX];
static size_t n_files;
static uint64_t seed = 0x5eed;
static unsigned long seconds = DEFAULT_SECONDS;

static uint64_t next_random(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return n ? (size_t)(next_random() % n) : 0;
}

/* Each input in memory of its very size, so that a sanitizer sees a step beyond. */
static void run(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		exit(2);
	if (n)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void load(const char *path)
{
	static uint8_t room[INPUT_MAX];
	struct input *in = &files[n_files];
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(2);
	}
	in->n = fread(room, 1, sizeof(room), f);
	fclose(f);
	in->p = malloc(in->n ? in->n : 1);
	if (!in->p)
		exit(2);
	if (in->n)
		memcpy(in->p, room, in->n);
	n_files++;
}

static void load_directory(const char *dir)
{
	struct dirent **names;
	char path[4096];
	int n = scandir(dir, &names, NULL, alphasort), i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && n_files < FILES_MAX)
			load(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void replace(struct input *x, size_t at, size_t gone, const void *with, size_t n)
{
	if (at + gone > x->n || x->n - gone + n > INPUT_MAX)
		return;
	memmove(x->p + at + n, x->p + at + gone, x->n - at - gone);
	memcpy(x->p + at, with, n);
	x->n = x->n - gone + n;
}

static void mutate(struct input *x)
{
	static const char special[] = "\r\n \t,;:<>\"\\%@=()[]?&-+0919azAZ\0\x7f\x80\xff";
	uint8_t piece[64];
	size_t at = below(x->n + 1), n;
	const struct input *other;

	switch (below(7)) {
	case 0:
		if (at < x->n)
			x->p[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		if (at < x->n)
			x->p[at] = (uint8_t)special[below(sizeof(special) - 1)];
		break;
	case 2:
		piece[0] = (uint8_t)special[below(sizeof(special) - 1)];
		replace(x, at, 0, piece, 1);
		break;
	case 3:
		replace(x, at, below(x->n - at < 32 ? x->n - at : 32), "", 0);
		break;
	case 4:
		n = below(x->n - at < sizeof(piece) ? x->n - at : sizeof(piece));
		memcpy(piece, x->p + at, n);
		replace(x, below(x->n + 1), 0, piece, n);
		break;
	case 5:
		x->n = at;
		break;
	default:
		other = &files[below(n_files)];
		at = below(x->n + 1);
		n = below(other->n + 1);
		replace(x, at, x->n - at, other->p + n, other->n - n);
		break;
	}
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* How many. */
static unsigned long run_mutations(unsigned long count)
{
	static uint8_t room[INPUT_MAX];
	uint64_t end_ms = now_ms() + seconds * 1000;
	struct input x = {.p = room};
	unsigned long done;
	size_t steps;

	for (done = 0; done < count && now_ms() < end_ms; done++) {
		const struct input *from = &files[below(n_files)];

		memcpy(room, from->p, from->n);
		x.n = from->n;
		for (steps = 1 + below(6); steps > 0; steps--)
			mutate(&x);
		run(x.p, x.n);
	}
	return done;
}

static unsigned long gather(int argc, char **argv)
{
	struct stat st;
	int i;

	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISREG(st.st_mode) && n_files < FILES_MAX) {
			load(argv[i]);
		} else {
			load_directory(argv[i]);
			if (i + 2 < argc)
				seconds = strtoul(argv[i + 2], NULL, 10);
			return i + 1 < argc ? strtoul(argv[i + 1], NULL, 10) : DEFAULT_MUTATIONS;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long mutations = gather(argc, argv);
	size_t i;

	if (n_files == 0 && mutations)
		n_files = 1; /* the empty input */
	for (i = 0; i < n_files; i++)
		run(files[i].p, files[i].n);
	mutations = run_mutations(mutations);
	printf("%zu inputs, %lu mutations\n", n_files, mutations);
	for (i = 0; i < n_files; i++)
		free(files[i].p);
	return 0;
}
