/* dlg/uas.h - what a user agent looks at before it acts on a request (RFC 3261 s8.2, in that
 * order): method, scheme of the Request-URI, Require, content, Accept.  Says how to
 * refuse; answers nothing itself. */
#ifndef TSUWA_DLG_UAS_H
#define TSUWA_DLG_UAS_H

#include "sip/rx.h"

struct dlg_field {
	enum sip_hdr_id id;
	struct str value;
};

#define DLG_REFUSAL_FIELDS 4

struct dlg_refusal {
	unsigned status;
	struct str reason; /* empty: the usual one */
	struct dlg_field fields[DLG_REFUSAL_FIELDS];
	unsigned n_fields;
	char room[512]; /* what fields borrow from */
};

struct dlg_uas {
	unsigned methods; /* a bit an enum sip_method */
	struct str supported; /* option tags, a comma list */
};

#define DLG_METHOD(m) (1u << (m))
/* What a user agent with calls speaks. */
#define DLG_CALL_METHODS                                                                           \
	(DLG_METHOD(SIP_INVITE) | DLG_METHOD(SIP_ACK) | DLG_METHOD(SIP_CANCEL) |                   \
	 DLG_METHOD(SIP_BYE) | DLG_METHOD(SIP_OPTIONS) | DLG_METHOD(SIP_MESSAGE) |                 \
	 DLG_METHOD(SIP_INFO) | DLG_METHOD(SIP_PRACK) | DLG_METHOD(SIP_UPDATE))
/* The option tags that sessions honour. */
#define DLG_SUPPORTED STR("100rel, timer")

/* "INVITE, ACK, ..." for Allow. */
void dlg_put_methods(struct buf *b, unsigned methods);

/* False: refuse as *ret says (written only then; room is its own, so don't copy it about).
 * Not for ACK and CANCEL. */
bool dlg_uas_check(const struct dlg_uas *uas, const struct sip_rx *rx, struct dlg_refusal *ret);

/* A refusal with a status and nothing more. */
void dlg_refuse(struct dlg_refusal *ret, unsigned status, struct str reason);
void dlg_refuse_add(struct dlg_refusal *ret, enum sip_hdr_id id, struct str value);

#endif
