/* test/sim/wire.h - a peer without an engine: says what it is told, byte for byte, and keeps what it
 * hears.  For what no well-behaved user agent would send. */
#ifndef TSUWA_TEST_SIM_WIRE_H
#define TSUWA_TEST_SIM_WIRE_H

#include "sim.h"
#include "sip/frame.h"
#include "sip/msg.h"

struct wire;

/* Listens on port 5060 of its address, UDP and TCP. */
struct wire *wire_new(struct sim *s, const char *name, const char *ip);
void wire_behind(struct wire *w, struct sim_nat *nat);
void wire_free(struct wire **w);
/* From now on it listens on 5061 too, and its streams are TLS. */
void wire_secure(struct wire *w);
struct sim_node *wire_node(struct wire *w);

/* A datagram to ip:5060.  "\n" in text becomes CRLF where it is not one already. */
void wire_send(struct wire *w, const char *ip, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* By a stream: opens a connection to ip:5060 where there is none.  wire_hang_up() ends it. */
void wire_stream(struct wire *w, const char *ip, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void wire_hang_up(struct wire *w);
/* Answers on the connection that the last message came by, else by datagram to ip. */
void wire_reply(struct wire *w, const char *text);

/* The oldest message not yet taken, running the world for up to ms; STR_NONE: none came.  It lasts
 * until the next call. */
struct str wire_take(struct wire *w, uint64_t ms);
/* Of wire_take(), its status; 0: a request; -1: nothing came. */
int wire_status(struct wire *w, uint64_t ms);
/* Takes until a final response; its status or -1. */
int wire_final(struct wire *w, uint64_t ms);
/* Takes until a request of this method; false: none came. */
bool wire_request(struct wire *w, const char *method, uint64_t ms);
/* The message last taken. */
struct str wire_text(const struct wire *w);
/* Does it stand in that? */
bool wire_has(const struct wire *w, const char *text);
/* Makes text the message last taken, as if a datagram from ip:5060 had brought it. */
void wire_remember(struct wire *w, const char *ip, const char *text);
unsigned wire_left(const struct wire *w);
bool wire_closed(const struct wire *w);
/* Value of the first such header of the message last taken, in room; "" when there is none. */
const char *wire_header(struct wire *w, const char *name);
/* A response to the request last taken: Via, From, To (tag added), Call-ID, CSeq, Record-Route copied,
 * extra lines and body as given. */
void wire_answer(struct wire *w, unsigned status, const char *extra, const char *body);

#endif
