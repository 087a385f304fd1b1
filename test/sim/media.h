/* test/sim/media.h - audio without samples: each session says "a second of packets" once a second
 * over the simulated network, counts what comes, and tells of silence as media/media.h has it. */
#ifndef TSUWA_TEST_SIM_MEDIA_H
#define TSUWA_TEST_SIM_MEDIA_H

#include "media/media.h"
#include "sim.h"

struct sim_media;

/* Takes the node's on_other.  worker: who is told. */
struct media *sim_media_new(struct sim_worker *w);
void sim_media_free(struct media **m);
size_t sim_media_sessions(const struct media *m);

/* Datagrams to media ports, for nodes with several workers: tries each. */
bool sim_media_packet(struct media *m, const struct addr *from, const struct addr *to,
		      struct str bytes);

#endif
