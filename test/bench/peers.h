/* test/bench/peers.h - one program a language library, all with the same work and the same
 * command line, so that they compare:
 *
 *     peers_NAME FILE              what each case does, a line each: "case: words"
 *     peers_NAME FILE CASE ROUNDS  does it so often, prints nanoseconds each
 *     peers_NAME FILE CASE show    does it once, prints what came of it
 *
 * FILE is an INVITE; its body is what the case "sdp" parses.  Each round parses from the received
 * bytes and frees all that it took. */
#ifndef TSUWA_TEST_BENCH_PEERS_H
#define TSUWA_TEST_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a proxy puts in, in each library's own way; Max-Forwards becomes 67. */
#define PEERS_VIA "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabcdefgh"
#define PEERS_RECORD_ROUTE "<sip:192.0.2.1;lr>"

struct peers_input {
	const char *message, *sdp; /* with a NUL behind */
	size_t message_n, sdp_n;
};

struct peers_case {
	const char *name; /* "parse", "edit", "sdp" */
	const char *what;
	/* False when the library refuses.  *ret is something that the work gave: how many
	 * bytes were written, or else any number that keeps it from being left out. */
	bool (*run)(const struct peers_input *in, size_t *ret);
	/* Of "edit": the bytes that came of it. */
	const char *(*written)(void);
};

/* Run once before all. */
void peers_init(void);
extern const struct peers_case peers_cases[3];

static inline void peers_die(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static inline void peers_load(const char *path, struct peers_input *ret)
{
	static char text[64 * 1024];
	FILE *f = fopen(path, "rb");
	const char *body;

	if (!f)
		peers_die("no such file");
	ret->message = text;
	ret->message_n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	body = strstr(text, "\r\n\r\n");
	if (!body)
		peers_die("no SIP message");
	ret->sdp = body + 4;
	ret->sdp_n = (size_t)(text + ret->message_n - ret->sdp);
}

static inline double peers_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline void peers_rounds(const struct peers_case *c, const struct peers_input *in,
				unsigned long rounds)
{
	double start = peers_now_ns();
	volatile size_t sink = 0;
	unsigned long i;
	size_t got = 0;

	for (i = 0; i < rounds; i++) {
		if (!c->run(in, &got))
			peers_die("the library refuses it");
		sink += got;
	}
	printf("%.1f\n", (peers_now_ns() - start) / (double)rounds);
}

int main(int argc, char **argv)
{
	const struct peers_case *c;
	struct peers_input in;
	size_t got = 0;

	if (argc < 2)
		return 2;
	peers_load(argv[1], &in);
	peers_init();
	for (c = peers_cases; c < peers_cases + 3; c++) {
		if (argc < 4)
			printf("%s: %s\n", c->name, c->what);
		else if (strcmp(c->name, argv[2]) != 0)
			continue;
		else if (strcmp(argv[3], "show") != 0)
			peers_rounds(c, &in, strtoul(argv[3], NULL, 10));
		else if (!c->run(&in, &got))
			peers_die("the library refuses it");
		else
			printf("%.*s\n", (int)got, c->written ? c->written() : "");
	}
	return 0;
}

#endif
