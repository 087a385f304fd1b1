/* app/talk.h - the audio of one call: what offer and answer agree on (dlg/offer.h) is what its
 * media session does (media/media.h).  For elements and user agents that end calls
 * themselves.  Knows no messages. */
#ifndef TSUWA_APP_TALK_H
#define TSUWA_APP_TALK_H

#include "dlg/offer.h"
#include "media/media.h"

struct talk {
	struct media_session *media;    /* owned; NULL: not begun */
	struct dlg_offer offer;
	struct dlg_local local;         /* codecs and direction may be changed before an offer */
	struct dlg_media agreed;        /* active once there is an agreement */
	enum media_mode mode;
	uint32_t timeout_ms;            /* of silence; 0: MEDIA_TIMEOUT_MS */
};

/* Opens the media on an address of this host (its port is ignored).  id: random.  0 or
 * -errno of media_open(). */
int talk_init(struct talk *t, struct media *media, const struct addr *local_ip, uint64_t id,
	      enum media_mode mode, const struct media_user *user);
/* Harmless on a zeroed or finished one. */
void talk_fini(struct talk *t);

/* Writes an offer.  0 or -ENOMEM. */
int talk_offer(struct talk *t, struct buf *ret);
/* Answers an offer and does what it says: 200, or the status to refuse with (dlg_offer_answer());
 * all is then as before. */
unsigned talk_answer(struct talk *t, struct str sdp, struct buf *ret, const char **why);
/* Does what the answer to the last offer says.  0, -EBADMSG, -ENOMEDIUM (the peer refused the
 * audio), -EINVAL, -ENOMEM. */
int talk_accept(struct talk *t, struct str sdp);

#endif
