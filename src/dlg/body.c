#include "dlg/body.h"

#include "sip/multipart.h"
#include "sip/params.h"

bool dlg_body_sdp(const struct sip_msg *m, struct str *ret)
{
	struct sip_part part;

	if (sip_body_find(m, STR("application/sdp"), &part))
		*ret = part.body;
	else if (!sip_has(m, SIP_HDR_CONTENT_TYPE) && str_starts(m->body, STR("v=0")))
		*ret = m->body;
	else
		return false;
	return true;
}

bool dlg_body_ok(const struct sip_msg *m)
{
	struct str sdp, handling, disposition = sip_get(m, SIP_HDR_CONTENT_DISPOSITION);

	if (str_empty(m->body) || dlg_body_sdp(m, &sdp))
		return true;
	return sip_param_get(str_skip(disposition, str_find(disposition, ';')), STR("handling"),
			     &handling) &&
	       str_ieq(handling, STR("optional"));
}
