/* test/fuzz/peers.h - the peers of a simulated network, who say what the bytes of an input tell
 * them: any bytes, or a request, an answer, an ACK, credentials... that quote what they sent and heard,
 * so that a fuzzer gets deep.  They talk to one address, where what is tested lives. */
#ifndef TSUWA_TEST_FUZZ_PEERS_H
#define TSUWA_TEST_FUZZ_PEERS_H

#include "../sim/sim.h"
#include "fuzz.h"
#include "sip/frame.h"
#include "sip/msg.h"

#define PEERS 4 /* alice, bob, carol and a stranger */
#define PEERS_STRANGER 3
#define PEERS_HEARD 16 /* messages that a peer remembers */
#define PEERS_SENT 8
#define PEERS_STREAMS 8
#define PEERS_SLOTS 8 /* Call-IDs */
#define PEERS_DOMAIN "example.com"
#define PEERS_MUTE "203.0.113.66" /* of elsewhere.example, who is nobody's */

struct peers;

struct peers_text {
	char *p; /* owned */
	size_t n;
	struct flow flow; /* heard: the way back */
	unsigned peer;
	bool stream;
};

struct peers_stream {
	struct flow flow; /* transport NONE: free */
	struct sip_framer framer;
	struct peer *peer;
};

struct peer {
	struct peers *peers;
	struct sim_node *node;
	struct io_user user;
	struct peers_stream streams[PEERS_STREAMS]; /* whichever side opened them */
	struct flow stream; /* the one that it opened; transport NONE: none */
	struct peers_text heard[PEERS_HEARD];
	unsigned n_heard; /* ever */
};

struct peers {
	struct sim *sim;
	struct fuzz_in in;
	struct addr target;
	struct peer peer[PEERS];
	struct peers_text sent[PEERS_SENT];
	unsigned n_sent; /* ever */
	uint32_t cseq[PEERS_SLOTS];
	unsigned branch;
	struct arena arena; /* of one step */
	/* Sees what a peer says, with the request of which it repeats the credentials; may be NULL. */
	void (*on_credentials)(void *ctx, struct str message);
	void *ctx;
};

/* Makes what lasts until the process ends. */
void peers_prepare(void);
/* Peers with nodes of their own, at 198.51.100.1 and up, and the zone's names. */
void peers_init(struct peers *x, struct sim *sim, const char *target_ip, struct fuzz_in in);
void peers_fini(struct peers *x);

/* The kinds of steps; a target adds its own behind them. */
enum {
	PEERS_RAW,
	PEERS_REQUEST,
	PEERS_RESPONSE,
	PEERS_WITHIN,
	PEERS_CANCEL,
	PEERS_ACK,
	PEERS_CREDENTIALS,
	PEERS_REPEAT,
	PEERS_HANG_UP,
	PEERS_LINK,
	PEERS_STEPS
};

/* One step, from the input. */
void peers_step(struct peers *x, unsigned kind);
/* A REGISTER of peer i's user with these contacts. */
void peers_register(struct peers *x, unsigned i, const char *user, const char *contacts);

#endif
