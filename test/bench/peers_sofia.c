/* sofia-sip: msg_make() parses every header of its message class into structures of its own; the
 * class is the one with all headers that the library knows. */
#include "peers.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

static msg_mclass_t *all_headers;
static char out[8 * 1024];

void peers_init(void)
{
	all_headers = sip_extend_mclass(NULL);
	if (!all_headers)
		peers_die("no memory");
}

static msg_t *parse(const struct peers_input *in, sip_t **ret)
{
	msg_t *m = msg_make(all_headers, 0, in->message, (ssize_t)in->message_n);

	*ret = m ? sip_object(m) : NULL;
	if (*ret && (*ret)->sip_request && !(*ret)->sip_error)
		return m;
	msg_destroy(m);
	return NULL;
}

static bool run_parse(const struct peers_input *in, size_t *ret)
{
	sip_t *sip;
	msg_t *m = parse(in, &sip);

	if (!m)
		return false;
	*ret = sip->sip_cseq->cs_seq + (size_t)sip->sip_via->v_branch[0];
	msg_destroy(m);
	return true;
}

static bool run_edit(const struct peers_input *in, size_t *ret)
{
	sip_t *sip;
	msg_t *m = parse(in, &sip);
	su_home_t *home;
	bool good;

	if (!m)
		return false;
	home = msg_home(m);
	sip->sip_max_forwards->mf_count--;
	msg_fragment_clear(sip->sip_max_forwards->mf_common);
	good = sip_add_make(m, sip, sip_record_route_class, PEERS_RECORD_ROUTE) == 0 &&
	       sip_add_make(m, sip, sip_via_class, PEERS_VIA) == 0 &&
	       msg_serialize(m, (msg_pub_t *)sip) >= 0 && msg_prepare(m) > 0;
	if (good) {
		char *text = msg_as_string(home, m, (msg_pub_t *)sip, 0, ret);

		good = text && *ret < sizeof(out);
		if (good)
			memcpy(out, text, *ret);
	}
	msg_destroy(m);
	return good;
}

static const char *written(void)
{
	return out;
}

static bool run_sdp(const struct peers_input *in, size_t *ret)
{
	sdp_parser_t *p = sdp_parse(NULL, in->sdp, (issize_t)in->sdp_n, 0);
	sdp_session_t *s = sdp_session(p);

	if (!s) {
		sdp_parser_free(p);
		return false;
	}
	*ret = (size_t)s->sdp_media->m_port;
	sdp_parser_free(p);
	return true;
}

const struct peers_case peers_cases[3] = {
	{"parse",
	 "msg_make() with all headers of the extended class (P-Asserted-Identity too), "
	 "msg_destroy(); values are copied and split, lists too",
	 run_parse, NULL},
	{"edit", "the same, sip_add_make() of two, mf_count--, msg_serialize(), msg_as_string()",
	 run_edit, written},
	{"sdp", "sdp_parse(), sdp_session(), sdp_parser_free()", run_sdp, NULL},
};
