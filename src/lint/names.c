/* Names of header fields that are near to one that we know. */
#include "lint/internal.h"

#include "base/suggest.h"

/* Registered names that have no id here; they are no misspellings. */
static const char *const others[] = {
	"Additional-Identity",
	"Alert-Msg-Error",
	"Allow-Msg",
	"Answer-Mode",
	"Attestation-Info",
	"Cellular-Network-Info",
	"Content-ID",
	"Content-Transfer-Encoding",
	"DC-Info",
	"Encryption",
	"Feature-Caps",
	"Hide",
	"Identity-Info",
	"Origination-Id",
	"P-Access-Network-Info",
	"P-Answer-State",
	"P-Asserted-Service",
	"P-Associated-URI",
	"P-Called-Party-ID",
	"P-Charge-Info",
	"P-Charging-Function-Addresses",
	"P-Charging-Vector",
	"P-DCS-Billing-Info",
	"P-DCS-LAES",
	"P-DCS-OSPS",
	"P-DCS-Redirect",
	"P-DCS-Trace-Party-ID",
	"P-Early-Media",
	"P-Media-Authorization",
	"P-Preferred-Service",
	"P-Private-Network-Indication",
	"P-Profile-Key",
	"P-Refused-URI-List",
	"P-Served-User",
	"P-User-Database",
	"P-Visited-Network-ID",
	"Permission-Missing",
	"Policy-Contact",
	"Policy-ID",
	"Priority-Share",
	"Priority-Verstat",
	"Priv-Answer-Mode",
	"Proxy-Authentication-Info",
	"Refer-Events-At",
	"Relayed-Charge",
	"Remote-Party-ID",
	"Response-Key",
	"Response-Source",
	"Restoration-Info",
	"Security-Client",
	"Security-Server",
	"Security-Verify",
	"Service-Interact-Info",
	"Session-ID",
	"Suppress-If-Match",
	"Trigger-Consent",
};

const char *lint_near_name(struct str name)
{
	const char *best = NULL;
	unsigned limit = name.n >= 8 ? 3 : 2, d;
	size_t i;

	if (name.n < 4 || str_istarts(name, STR("X-")))
		return NULL;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_ieq(name, str_c(others[i])))
			return NULL;
	for (i = SIP_HDR_OTHER + 1; i < SIP_HDR_COUNT; i++) {
		struct str known = sip_hdr_id_name((enum sip_hdr_id)i);

		d = suggest_distance(name, known);
		if (d < limit) {
			limit = d;
			best = known.p;
		}
	}
	return best;
}
