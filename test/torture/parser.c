/* Runs the parser over messages of RFC 4475, RFC 5118 and RFC 3665 and compares with the
 * verdicts of parser.tsv: file, "ok" or the status to answer ("drop": none), and words that
 * the reason must hold.  Every message that passes is printed, and what was printed must be
 * the same message again; every one that fails must say why and where.
 *
 *     torture_parser DIRECTORY        (holds parser.tsv and messages/) */
#include <stdio.h>
#include <stdlib.h>

#include "sip/headers.h"
#include "sip/rx.h"

#define MESSAGE_MAX (256 * 1024)

static unsigned failures, ran;

static void complain(const char *file, const char *what)
{
	fprintf(stderr, "%s: %s\n", file, what);
	failures++;
}

static struct str read_file(const char *dir, const char *name)
{
	char path[4096];
	struct str s = STR_NONE;
	char *room;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f)
		return s;
	room = malloc(MESSAGE_MAX);
	if (room)
		s = str_of(room, fread(room, 1, MESSAGE_MAX, f));
	fclose(f);
	return s;
}

/* Same fields in the same order, Content-Length aside, which printing may add or move. */
static bool same_message(const struct sip_msg *a, const struct sip_msg *b)
{
	unsigned i = 0, k = 0;

	if (a->status != b->status || !str_eq(a->reason, b->reason) || !str_eq(a->uri, b->uri) ||
	    !str_eq(a->method_name, b->method_name) || !str_eq(a->body, b->body))
		return false;
	for (;; i++, k++) {
		while (i < a->n_hdr && a->hdr[i].id == SIP_HDR_CONTENT_LENGTH)
			i++;
		while (k < b->n_hdr && b->hdr[k].id == SIP_HDR_CONTENT_LENGTH)
			k++;
		if (i == a->n_hdr || k == b->n_hdr)
			return i == a->n_hdr && k == b->n_hdr;
		if (!str_eq(sip_hdr_name(&a->hdr[i]), sip_hdr_name(&b->hdr[k])) ||
		    !str_eq(sip_hdr_value(&a->hdr[i]), sip_hdr_value(&b->hdr[k])))
			return false;
	}
}

static void print_again(const char *file, const struct sip_msg *m)
{
	static char out[MESSAGE_MAX * 2], room[64 * 1024];
	struct buf b = buf_over(out, sizeof(out));
	struct arena arena;
	struct sip_msg again;
	struct sip_head head;
	struct sip_err err;

	arena_init(&arena, room, sizeof(room), 0);
	if (!sip_print(m, &b))
		complain(file, "can't be printed");
	else if (!sip_parse(buf_str(&b), &arena, &again, &err) || !sip_check(&again, &head, &err))
		complain(file, "what was printed does not parse");
	else if (!same_message(m, &again) || sip_count(&again, SIP_HDR_CONTENT_LENGTH) != 1)
		complain(file, "what was printed is another message");
	arena_fini(&arena);
}

static const char *verdict_of(bool ok, const struct sip_err *err, char room[16])
{
	if (ok)
		return "ok";
	if (err->status == 0)
		return "drop";
	snprintf(room, 16, "%u", err->status);
	return room;
}

static void judge(const char *dir, const char *file, const char *want, const char *words)
{
	static char room[64 * 1024];
	struct str bytes = read_file(dir, file);
	struct arena arena;
	struct sip_msg m;
	struct sip_head head;
	struct sip_err err = {.why = ""};
	char status[16];
	const char *got;
	bool ok;

	ran++;
	if (!bytes.p) {
		complain(file, "can't be read");
		return;
	}
	arena_init(&arena, room, sizeof(room), 0);
	ok = sip_parse(bytes, &arena, &m, &err) && sip_check(&m, &head, &err);
	got = verdict_of(ok, &err, status);
	if (strcmp(got, want) != 0 || (!ok && !strstr(err.why, words))) {
		fprintf(stderr, "%s: %s (%s: %s at %zu), not %s (%s)\n", file, got,
			ok ? "" : err.header, ok ? "" : err.why, err.offset, want, words);
		failures++;
	}
	if (ok)
		print_again(file, &m);
	else if (!err.why || !err.header || err.offset > bytes.n)
		complain(file, "does not say what is wrong");
	arena_fini(&arena);
	free((char *)bytes.p);
}

int main(int argc, char **argv)
{
	char path[4096], line[1024], *file, *want, *words;
	FILE *f;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/parser.tsv", argv[1]);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		return 2;
	}
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		file = strtok(line, "\t\n");
		want = strtok(NULL, "\t\n");
		words = strtok(NULL, "\t\n");
		if (file && want)
			judge(argv[1], file, want, words ? words : "");
	}
	fclose(f);
	printf("%u messages, %u wrong\n", ran, failures);
	return failures || ran == 0;
}
