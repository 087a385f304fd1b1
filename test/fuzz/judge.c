#include "judge.h"

#include <stdio.h>

#include "base/hash.h"
#include "fuzz.h"
#include "lint/lint.h"
#include "sip/headers.h"

void judge_broken(const char *why, struct str bytes)
{
	fprintf(stderr, "%s\n%.*s\n", why, STR_ARG(bytes));
	abort();
}

/* Of an answer; what else stands there was copied from the request. */
static bool is_written_by_answerers(struct str header)
{
	static const char *const names[] = {"Server",
					    "WWW-Authenticate",
					    "Proxy-Authenticate",
					    "Allow",
					    "Unsupported",
					    "Content-Length",
					    "Date",
					    "Min-Expires",
					    "Retry-After",
					    "Require",
					    "RSeq",
					    "Supported",
					    "Accept",
					    "Session-Expires",
					    "Content-Type",
					    "Min-SE",
					    "Warning"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_ieq(header, str_c(names[i])))
			return true;
	}
	return false;
}

static bool is_written_by_askers(struct str header)
{
	static const char *const names[] = {"User-Agent", "Max-Forwards", "CSeq", "RAck",
					    "Authorization"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_ieq(header, str_c(names[i])))
			return true;
	}
	return is_written_by_answerers(header);
}

static bool is_first_of(struct str bytes, size_t offset, struct str name)
{
	struct str before = str_first(bytes, offset), line;

	str_split(&before, '\n');
	while (before.n) {
		line = str_split(&before, '\n');
		if (before.n && str_istarts(line, name))
			return false;
	}
	return true;
}

static bool counts(const struct lint_finding *f, struct str bytes, const struct sip_msg *m,
		   bool own)
{
	if (f->level != LINT_ERROR)
		return false;
	if (m->status)
		return own && is_written_by_answerers(f->header);
	if (own && is_written_by_askers(f->header))
		return true;
	return str_ieq(f->header, STR("Via")) && !f->missing &&
	       is_first_of(bytes, f->offset, STR("Via:"));
}

static void judge_language(struct str bytes, const struct sip_msg *m, bool own)
{
	static char room[64 * 1024];
	struct arena a;
	struct lint l;

	arena_init(&a, room, sizeof(room), 0);
	if (lint_message(bytes, &a, &l)) {
		for (unsigned i = 0; i < l.n; i++) {
			const struct lint_finding *f = &l.findings[i];

			if (!counts(f, bytes, m, own))
				continue;
			fprintf(stderr, "%.*s: %.*s\n", STR_ARG(f->header), STR_ARG(f->what));
			judge_broken("a rule is broken", bytes);
		}
	}
	arena_fini(&a);
}

void judge_message(struct judge *j, struct str bytes, struct str product, struct arena *a,
		   struct sip_msg *ret)
{
	static const struct hash_seed seed = {5, 6};
	uint64_t hash = hash_str(&seed, bytes), *before = &j->seen[hash % 64];
	struct sip_cseq cseq;
	struct sip_err err;
	bool own;

	if (!sip_parse(bytes, a, ret, &err))
		judge_broken(err.why, bytes);
	own = str_starts(sip_get(ret, ret->status ? SIP_HDR_SERVER : SIP_HDR_USER_AGENT), product);
	if (own && ret->status && sip_cseq_parse(sip_get(ret, SIP_HDR_CSEQ), &cseq) &&
	    str_eq(cseq.method, STR("ACK")))
		judge_broken("a response to an ACK", bytes);
	if (*before != hash)
		judge_language(bytes, ret, own);
	*before = hash;
}
