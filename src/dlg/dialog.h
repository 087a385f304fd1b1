/* dlg/dialog.h - the state that two user agents share (RFC 3261 s12): identifiers, route set,
 * remote target, the peer's CSeq.  One block of memory a dialog, whatever goes through it.
 * Knows no transactions and no INVITE sessions; who numbers our requests is its user. */
#ifndef TSUWA_DLG_DIALOG_H
#define TSUWA_DLG_DIALOG_H

#include "sip/rx.h"

struct dlg_dialog {
	struct str call_id;
	struct str local, remote; /* whole From and To values, as we write them */
	struct str local_tag, remote_tag; /* remote empty: an RFC 2543 peer */
	struct str routes; /* route set, a comma list in the order of use; may be empty */
	struct str target; /* remote target URI */
	struct flow flow; /* of a caller who speaks to us without a proxy: how he was last
				 * heard, for his Contact may be an address behind a NAT; else NONE */
	uint32_t remote_cseq;
	bool has_remote_cseq;
	char *block; /* owned: call_id ... routes */
	struct str target_own; /* owned */
};

/* The side that starts one, before anybody answered: no remote tag.  remote: the To value;
 * routes: a preloaded route set, may be empty.  0 or -ENOMEM. */
int dlg_dialog_start(struct str call_id, struct str local, struct str local_tag, struct str remote,
		     struct str target, struct str routes, struct dlg_dialog *ret);
/* UAS: from a dialog-forming request and the tag that we put into the response (s12.1.1).
 * Without a Contact the peer's From serves as target.  0, -ENOMEM, -EBADMSG (a Record-Route
 * or Contact that can't be used). */
int dlg_dialog_uas(const struct sip_rx *rx, struct str local_tag, struct dlg_dialog *ret);
/* UAC: from a response with a To (s12.1.2); local: our whole From value with local_tag. */
int dlg_dialog_uac(const struct sip_rx *rx, struct str local, struct str local_tag,
		   struct dlg_dialog *ret);
void dlg_dialog_fini(struct dlg_dialog *d);

/* Is rx (a request from the peer) within this dialog?  Call-ID and both tags (s12.2.2). */
bool dlg_dialog_is_for(const struct dlg_dialog *d, const struct sip_rx *rx);
/* Takes the Contact of a target refresh request or of its reliable response (s12.2.1.2, s12.2.2,
 * RFC 6141 s4); without one nothing changes.  1: the target is another, 0, -ENOMEM. */
int dlg_dialog_refresh(struct dlg_dialog *d, const struct sip_rx *rx);

enum dlg_order { DLG_NEWER, DLG_SAME, DLG_OLDER };
/* Compares the CSeq of a request with the last one and remembers a newer (s12.2.2). */
enum dlg_order dlg_dialog_order(struct dlg_dialog *d, const struct sip_rx *rx);

/* A request within the dialog (s12.2.1.1), all but Via and Contact.  Texts borrow from d and
 * the arena.  next_hop: empty, or where a strict router wants it.  False: no memory. */
bool dlg_dialog_request(const struct dlg_dialog *d, struct arena *arena, struct str method,
			uint32_t cseq, struct sip_msg *ret, struct str *ret_next_hop);

#endif
