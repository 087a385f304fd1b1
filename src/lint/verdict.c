/* What Tsuwa does with the message, as core/ and the guard of app/ decide. */
#include "lint/internal.h"

static bool is_ack(const struct linter *l)
{
	return l->m.method == SIP_ACK || str_eq(l->head.cseq.method, STR("ACK"));
}

static const char *how_dropped(const struct linter *l)
{
	if (!sip_is_request(&l->m))
		return "drops it: a response that can't be read is answered by nobody";
	if (is_ack(l))
		return "drops it: an ACK is never answered";
	if (!l->m.method_name.n || l->err.status < 300)
		return "drops it: it is no SIP message";
	return "drops it: no Via tells where an answer would go";
}

/* As core_answer_bad(): a request with a method and a Via that can be read gets an answer. */
static bool is_answered(const struct linter *l)
{
	return sip_is_request(&l->m) && l->err.status >= 300 && l->m.method_name.n &&
	       l->head.via.host.n && !is_ack(l);
}

static struct str refusal(struct linter *l)
{
	const struct sip_err *e = &l->err;
	const char *sep = *e->header && !str_istarts(str_c(e->why), str_c(e->header)) ? ": " : "";

	if (!is_answered(l))
		return str_c(how_dropped(l));
	l->out->status = e->status;
	if (e->status != 400)
		return arena_fmt(l->arena, "answers %u %s", e->status, sip_reason_of(e->status).p);
	return arena_fmt(l->arena, "answers 400 Bad Request (%s%s%s)", *sep ? e->header : "", sep,
			 e->why);
}

static bool has_known_scheme(const struct linter *l)
{
	struct sip_uri u;

	return sip_uri_parse(l->m.uri, &u, NULL) && u.scheme != SIP_SCHEME_OTHER;
}

static struct str answer(struct linter *l, unsigned status, const char *why)
{
	l->out->status = status;
	return arena_fmt(l->arena, "answers %u %s%s", status, sip_reason_of(status).p, why);
}

static struct str acceptance(struct linter *l)
{
	if (!sip_is_request(&l->m))
		return STR("hands it to the transaction whose request it answers; drops it when "
			   "there is "
			   "none");
	if (l->m.method == SIP_ACK)
		return STR("takes it; an ACK is never answered");
	if (!has_known_scheme(l))
		return answer(l, 416, ": no scheme that it routes by");
	if (sip_has(&l->m, SIP_HDR_PROXY_REQUIRE) && l->m.method != SIP_CANCEL)
		return answer(l, 420, " for extensions of Proxy-Require that it does not know");
	if (l->head.has_max_forwards && l->head.max_forwards == 0)
		return answer(l, 483, ", unless it is for Tsuwa itself");
	return STR("takes it: users, domains and routes decide where it goes");
}

void lint_verdict(struct linter *l)
{
	l->out->taken = l->parsed && l->checked;
	l->out->verdict = l->out->taken ? acceptance(l) : refusal(l);
	if (!l->out->verdict.p)
		l->out_of_memory = true;
}
