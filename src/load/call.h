/* load/call.h - one call, both of its sides: the caller and, found by the Call-ID, the callee
 * whose phone this same worker plays.  caller.c and callee.c are the two machines, call.c
 * joins them.  RFC 3261 s13, s14 and s17, of one process's needs. */
#ifndef TSUWA_LOAD_CALL_H
#define TSUWA_LOAD_CALL_H

#include "load/worker.h"
#include "sip/headers.h"

#define CALL_ROUTES_MAX 1536
#define CALL_ANSWER_MAX 4096
#define CALL_VALUE_MAX 320
#define CALL_PARSE_ROOM 16384

struct call_templates {
	struct template invite, ack_refusal, ack, bye;
	char answer[512]; /* Content-Type, Content-Length and SDP of a 200 */
	size_t answer_n;
};

enum caller_state {
	CALLER_INVITING, /* nothing has come yet */
	CALLER_RINGING, /* a provisional response has */
	CALLER_TALKING,
	CALLER_LEAVING, /* BYE is on its way */
	CALLER_DONE
};

enum callee_state { CALLEE_IDLE, CALLEE_RINGING, CALLEE_ANSWERED, CALLEE_CONFIRMED };

/* The caller's timer is the slot's. */
struct call {
	struct slot slot;
	struct timer callee_timer;
	uint64_t begun_ns, bye_ns, answered_ns;
	struct token id; /* Call-ID and From tag */
	uint32_t invite, refused, bye; /* generations of branches */
	uint32_t cseq, invite_cseq;
	struct user *caller, *callee;
	unsigned socket, callee_socket;
	uint8_t caller_state, callee_state;
	uint8_t tries, callee_tries;
	bool invite_challenged, bye_challenged;
	bool has_from; /* callee_from is set */
	bool has_hop;
	struct addr callee_from; /* where the INVITE came from: answers go there (RFC 3581) */
	struct addr hop; /* the first route or the remote target */
	uint16_t auth_n, target_n, to_n, routes_n, answer_n;
	char target[CALL_VALUE_MAX], to[CALL_VALUE_MAX];
	char auth[CREDENTIALS_MAX];
	char routes[CALL_ROUTES_MAX];
	char answer[CALL_ANSWER_MAX]; /* the callee's 200, until the ACK */
};

static inline struct call *call_of(struct slot *s)
{
	return (struct call *)s;
}

static inline struct token call_branch(const struct call *c, uint32_t generation)
{
	struct token t = c->id;

	t.generation = generation;
	return t;
}

/* False: a text is too long. */
bool call_templates_make(struct call_templates *ret, const struct load_conf *conf);

/* ---- caller.c ---- */
void caller_begin(struct slot *s);
void caller_on_timer(struct slot *s);
/* A response to the branch of that generation. */
void caller_on_response(struct call *c, uint32_t generation, unsigned status, struct str bytes);
/* The callee has its ACK: the call may be over. */
void caller_look(struct call *c);

/* ---- callee.c ---- */
void callee_on_request(struct call *c, unsigned socket, const struct addr *from,
		       const struct sip_msg *m);
/* To requests that belong to no call of now: finished ones, keep-alives. */
void callee_on_stranger(struct worker *w, unsigned socket, const struct addr *from,
			const struct sip_msg *m);
void callee_on_timer(void *ctx);

extern const struct work call_work;

#endif
