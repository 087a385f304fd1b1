/* sip/frame.h - cuts a stream into messages by Content-Length (RFC 3261 s18.3) and keep-alives
 * (RFC 5626 s3.5.1).  Holds only the bytes of an unfinished message: an idle stream
 * owns no memory.  How the bytes arrive (singly, many messages at once) changes nothing. */
#ifndef TSUWA_SIP_FRAME_H
#define TSUWA_SIP_FRAME_H

#include "base/buf.h"

#define SIP_MAX_HEADER_BYTES (64 * 1024)
#define SIP_MAX_BODY_BYTES (1024 * 1024)

struct sip_framer {
	struct buf partial; /* heap; empty between messages */
	size_t need; /* whole length once the header is complete, else 0 */
	size_t scanned; /* bytes of partial that hold no end of the header */
	uint8_t crlf; /* of CRLFCRLF, how much has come between messages */
};

struct sip_frame_user {
	/* One whole message; borrowed.  May return false to stop (the framer may be gone). */
	bool (*on_message)(void *ctx, struct str message);
	/* A double CRLF came: answer with a single one. */
	void (*on_ping)(void *ctx);
	void *ctx;
};

void sip_framer_init(struct sip_framer *f);
void sip_framer_fini(struct sip_framer *f);
/* True when a message has begun and is not whole. */
bool sip_framer_midway(const struct sip_framer *f);
/* 0, or -EBADMSG / -EMSGSIZE / -ENOMEM: the stream can't be read on and is to be closed;
 * *why says why (and *head, when not NULL, gets the header bytes at hand, to answer with 400 or 513;
 * borrowed from bytes or the framer).  A message without Content-Length has no body. */
int sip_framer_feed(struct sip_framer *f, struct str bytes, const struct sip_frame_user *user,
		    const char **why, struct str *head);

#endif
