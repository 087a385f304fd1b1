#include "app/quirks.h"

/* How their User-Agent begins; each was seen to fail. */
static const struct str md5_alone[] = {
	STR_INIT("baresip v0."),
	STR_INIT("baresip v1."),
	STR_INIT("sipsak 0."),
};

bool quirk_md5_alone(const struct sip_msg *request)
{
	struct str agent = sip_get(request, SIP_HDR_USER_AGENT);

	for (size_t i = 0; i < sizeof(md5_alone) / sizeof(md5_alone[0]); i++) {
		if (str_istarts(agent, md5_alone[i]))
			return true;
	}
	return false;
}
