/* Texts of one or several messages: the pieces lie in order, findings lie within them, and what the
 * parser refuses has an error. */
#include "fuzz.h"

#include "lint/lint.h"

static void one_message(struct str m)
{
	static char room[128 * 1024];
	struct arena arena;
	struct lint l;
	unsigned i;

	arena_init(&arena, room, sizeof(room), 0);
	if (lint_message(m, &arena, &l)) {
		check(l.n <= LINT_FINDINGS_MAX && l.n == l.n_errors + l.n_warnings + l.n_notes);
		check(l.taken || l.n_errors > 0);
		check(l.verdict.n > 0);
		for (i = 0; i < l.n; i++) {
			const struct lint_finding *f = &l.findings[i];

			check(f->offset + f->length <= m.n && f->line > 0 && f->column > 0);
			check(i == 0 || f[-1].offset <= f->offset);
			check(f->what.n > 0);
		}
	}
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of((const char *)data, size), m;
	const char *at = rest.p;

	one_message(rest);
	while (lint_next(&rest, &m)) {
		check(m.n > 0 && m.p >= at);
		at = m.p + m.n;
		check(rest.p == at);
		one_message(m);
	}
	return 0;
}
