/* admin/control.h - the control socket's server on a loop: clients ask by a line of JSON with
 * "cmd", answers are lines of JSON of which the last has "end" or "error".  Bounded in clients, in
 * the size of a request and of an answer; an answer leaves as fast as it is read. */
#ifndef TSUWA_ADMIN_CONTROL_H
#define TSUWA_ADMIN_CONTROL_H

#include <jansson.h>

#include "base/buf.h"
#include "base/log.h"
#include "net/loop.h"

#define CONTROL_CLIENTS 32
#define CONTROL_REQUEST_MAX 65536
#define CONTROL_ANSWER_MAX (1u << 30)

struct control;

/* One request: written to until control_end(), also when the client has gone meanwhile. */
struct control_reply;

/* request is borrowed for the call; r is the callee's until it calls control_end(). */
typedef void (*control_fn)(void *ctx, struct control_reply *r, const char *cmd,
			   const json_t *request);

/* Takes over fd, a listening socket, also on failure.  0 or -errno. */
int control_new(struct loop *loop, int fd, control_fn fn, void *ctx, struct control **ret);
/* Replies that still stand are ended by their holders, harmlessly. */
void control_free(struct control **c);

/* Where to write lines. */
struct buf *control_out(struct control_reply *r);
/* The answer is whole: a last line with "end" and n, the rows before it. */
void control_end(struct control_reply **r, uint64_t n);
/* All that was written is dropped: {"error": ...}. */
void control_fail(struct control_reply **r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
