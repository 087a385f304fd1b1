/* libosip2: osip_message_parse() parses the headers that it has structures for; P-Asserted-Identity,
 * Session-Expires, Min-SE, Supported and Max-Forwards stay text. */
#include "peers.h"

#include <sys/time.h>

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

static char out[8 * 1024];

void peers_init(void)
{
	if (parser_init() != OSIP_SUCCESS)
		peers_die("no parser");
}

static osip_message_t *parse(const struct peers_input *in)
{
	osip_message_t *m;

	if (osip_message_init(&m) != OSIP_SUCCESS)
		return NULL;
	if (osip_message_parse(m, in->message, in->message_n) == OSIP_SUCCESS)
		return m;
	osip_message_free(m);
	return NULL;
}

static bool run_parse(const struct peers_input *in, size_t *ret)
{
	osip_message_t *m = parse(in);

	if (!m)
		return false;
	*ret = (size_t)osip_list_size(&m->vias) + (size_t)osip_list_size(&m->contacts);
	osip_message_free(m);
	return true;
}

/* Those that set a header put it behind the others of its name. */
static bool put_via(osip_message_t *m)
{
	osip_via_t *via;

	if (osip_via_init(&via) != OSIP_SUCCESS)
		return false;
	if (osip_via_parse(via, PEERS_VIA) == OSIP_SUCCESS && osip_list_add(&m->vias, via, 0) > 0)
		return true;
	osip_via_free(via);
	return false;
}

static bool put_record_route(osip_message_t *m)
{
	osip_record_route_t *route;

	if (osip_record_route_init(&route) != OSIP_SUCCESS)
		return false;
	if (osip_record_route_parse(route, PEERS_RECORD_ROUTE) == OSIP_SUCCESS &&
	    osip_list_add(&m->record_routes, route, 0) > 0)
		return true;
	osip_record_route_free(route);
	return false;
}

static bool run_edit(const struct peers_input *in, size_t *ret)
{
	osip_message_t *m = parse(in);
	char *text = NULL;
	bool good;

	if (!m)
		return false;
	good = put_via(m) && put_record_route(m) &&
	       osip_message_replace_header(m, "max-forwards", "67") == OSIP_SUCCESS &&
	       osip_message_to_str(m, &text, ret) == OSIP_SUCCESS && *ret < sizeof(out);
	if (good)
		memcpy(out, text, *ret);
	osip_free(text);
	osip_message_free(m);
	return good;
}

static const char *written(void)
{
	return out;
}

static bool run_sdp(const struct peers_input *in, size_t *ret)
{
	sdp_message_t *s;
	bool good;

	if (sdp_message_init(&s) != OSIP_SUCCESS)
		return false;
	good = sdp_message_parse(s, in->sdp) == OSIP_SUCCESS;
	*ret = good ? (size_t)osip_list_size(&s->m_medias) : 0;
	sdp_message_free(s);
	return good;
}

const struct peers_case peers_cases[3] = {
	{"parse",
	 "osip_message_init(), osip_message_parse(), osip_message_free(); P-Asserted-Identity, "
	 "Session-Expires, Min-SE, Supported and Max-Forwards stay text",
	 run_parse, NULL},
	{"edit",
	 "the same, a Via and a Record-Route put in front, osip_message_replace_header(), "
	 "osip_message_to_str()",
	 run_edit, written},
	{"sdp", "sdp_message_init(), sdp_message_parse(), sdp_message_free()", run_sdp, NULL},
};
