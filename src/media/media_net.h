/* media/media_net.h - audio sessions over UDP sockets in a loop: paced by one timer on an
 * absolute schedule, so that the rate is exact however long a call lasts.
 * One thread, that of the loop. */
#ifndef TSUWA_MEDIA_MEDIA_NET_H
#define TSUWA_MEDIA_MEDIA_NET_H

#include "base/log.h"
#include "media/jitter.h"
#include "media/media.h"
#include "net/loop.h"

struct media_net_cfg {
	uint16_t port_min, port_max; /* RTP and RTCP; zeros: 16384-32767 */
	struct jitter_cfg jitter;
	const struct log *log; /* may be NULL */
};

/* Takes a loop that outlives it; cfg may be NULL.  0 or -errno. */
int media_net_new(struct loop *loop, const struct media_net_cfg *cfg, struct media **ret);
/* Sessions that still stand are closed; *m becomes NULL. */
void media_net_free(struct media **m);

#endif
