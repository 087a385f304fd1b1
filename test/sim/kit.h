/* test/sim/kit.h - what small scenarios begin with: a server for example.com at 192.0.2.1, users whose
 * password is "pw-NAME", phones that are registered, and talks of requests written by hand. */
#ifndef TSUWA_TEST_SIM_KIT_H
#define TSUWA_TEST_SIM_KIT_H

#include "harness.h"
#include "phone.h"
#include "server.h"
#include "wire.h"

#define KIT_IP "192.0.2.1"
#define KIT_MAX 12

struct kit {
	struct sim sim;
	struct server *server;
	struct phone *phone[KIT_MAX];
	struct wire *wire[KIT_MAX];
	unsigned n_phones, n_wires;
	long live;
};

/* Users alice, bob, carol, dave.  The server is not started yet by kit_init_stopped(). */
void kit_init_stopped(struct kit *k, uint64_t seed);
void kit_init(struct kit *k, uint64_t seed);
/* Nothing may be left: problems, leaks. */
void kit_fini(struct kit *k);

/* A user's phone at an address of its own; not started. */
struct phone *kit_phone_new(struct kit *k, const char *user, enum transport by);
/* Started and registered for an hour. */
struct phone *kit_phone(struct kit *k, const char *user, enum transport by);
void kit_register(struct kit *k, struct phone *ph, unsigned want);
/* A hand-written peer at an address of its own. */
struct wire *kit_wire(struct kit *k, const char *name);
const char *kit_ip(const struct wire *w, char room[ADDR_TEXT_MAX]);
/* Runs until the phone has reported n ends in all. */
void kit_wait_ended(struct kit *k, struct phone *ph, unsigned n, uint64_t ms);
/* All is quiet: no transaction, dialog or context anywhere. */
void kit_quiet(struct kit *k);

/* Requests of one Call-ID. */
struct talk {
	struct kit *kit;
	struct wire *wire;
	const char *user; /* of From, and of credentials; NULL: a stranger */
	const char *password; /* NULL: challenges are final */
	const char *from; /* whole From URI; NULL: of user, or the stranger's */
	char call_id[32], tag[16], via_ip[ADDR_TEXT_MAX], via[128];
	unsigned cseq;
	bool stream;
	bool no_ack; /* of a refused INVITE */
	char credentials[1024]; /* line of the last request, or "" */
};

struct talk talk_new(struct kit *k, struct wire *w, const char *user);
/* Sends and says what came of it: the final status, -1: nothing within a minute.  A challenge is
 * answered once.  lines: whole extra header lines.  The final response is the wire's last message. */
int talk_ask(struct talk *t, const char *method, const char *uri, const char *to, const char *lines,
	     const char *body);
/* Sends and does not wait; CSeq is raised. */
void talk_say(struct talk *t, const char *method, const char *uri, const char *to,
	      const char *lines, const char *body);
/* The same request once more, with the credentials at hand. */
void talk_repeat(struct talk *t, const char *method, const char *uri, const char *to);
/* Makes the line of credentials for the challenge that the wire took last. */
void talk_credentials(struct talk *t, const char *user, const char *password, const char *method,
		      const char *uri, unsigned nc);
/* REGISTER of the user with this Contact line(s) ("" none). */
int talk_register(struct talk *t, const char *contact_lines);

#define KIT_SDP                                                                                    \
	"v=0\r\no=- 1 1 IN IP4 198.51.100.99\r\ns=-\r\nc=IN IP4 198.51.100.99\r\nt=0 0\r\n"        \
	"m=audio 9000 RTP/AVP 0\r\n"

#endif
