/* test/unit/dlg/fake.h - dialogs without transactions and sockets: an environment (dlg/env.h)
 * that keeps what is sent, a virtual clock, and two such sides joined by a wire with delay
 * and loss.  Requests and the final responses to all but INVITE always arrive, as the
 * transactions see to; an INVITE's 2xx and its ACK don't, for they are the sessions' own. */
#ifndef TSUWA_TEST_UNIT_DLG_FAKE_H
#define TSUWA_TEST_UNIT_DLG_FAKE_H

#include "harness.h"

#include "dlg/session.h"

#define FAKE_TEXT_MAX 8192

struct fake;

struct fake_world {
	struct wheel wheel;
	struct io_ops ops;
	struct list wire; /* messages under way */
	uint64_t seed;
	unsigned loss_permille; /* of what may be lost */
	unsigned delay_ms; /* at most */
	struct fake *side[2];
};

struct fake {
	struct fake_world *world;
	struct io io;
	struct dlg_env env;
	struct dlg_table *table;
	struct fake *peer; /* NULL: messages only stay in `sent` */
	char name;
	struct list requests, txns;
	struct list sent; /* of struct fake_sent, when there is no peer */
	unsigned counter;
	int fail_request; /* -errno of the next request() */
	/* An INVITE without a To tag. */
	void (*on_invite)(struct fake *f, const struct sip_rx *rx);
	void *ctx;
};

struct fake_sent {
	struct list link;
	struct dlg_request *r; /* of a request, while it lives */
	struct txn_server *txn; /* of a response */
	size_t n;
	char text[];
};

void world_init(struct fake_world *w, uint64_t seed);
/* Nothing is under way any more; all the memory is given back. */
void world_fini(struct fake_world *w);
/* Runs timers up to ms later. */
void world_run(struct fake_world *w, uint64_t ms);

void fake_init(struct fake *f, struct fake_world *w, char name, const struct dlg_conf *conf);
void fake_fini(struct fake *f);
void fake_join(struct fake *a, struct fake *b);

/* The oldest message that was sent and not yet taken; its text lasts until the next call. */
struct str fake_take(struct fake *f);
bool fake_nothing(struct fake *f);
/* The first line of the oldest one, which is taken; for assert_string_equal: cut at 40. */
const char *fake_line(struct fake *f);

/* Parses and gives a message to the side, as its transactions would. */
void fake_deliver(struct fake *f, struct str text);
/* Answers the last request of the method that f sent: To tag, extra header lines, SDP. */
void fake_answer(struct fake *f, const char *method, unsigned status, const char *to_tag,
		 const char *lines, const char *sdp);
/* The INVITE's transaction has seen its end (64*T1 after the 2xx). */
void fake_end(struct fake *f, const char *method, int err);

#endif
