/* base/io.h - how the engine meets the world, and the only way it does: time,
 * random, flows, names, durable records, other workers.  One struct io a worker.
 * net/ and store/ implement it for production, test/sim/ for virtual networks.
 * Knows no SIP.  Nothing here blocks; callbacks run on the worker, one at a time,
 * never from inside the call that asked for them. */
#ifndef TSUWA_BASE_IO_H
#define TSUWA_BASE_IO_H

#include "base/flow.h"
#include "base/list.h"
#include "base/log.h"
#include "base/wheel.h"

struct io;

/* What the world tells the engine.  All bytes are borrowed for the call. */
struct io_user {
	void (*on_datagram)(void *ctx, const struct flow *flow, struct str bytes);
	/* A connection was accepted, or one of open() stands. */
	void (*on_open)(void *ctx, const struct flow *flow);
	/* Bytes in order; how they were cut says nothing. */
	void (*on_bytes)(void *ctx, const struct flow *flow, struct str bytes);
	/* The connection is gone (err: 0 closed by the peer, or -errno), also when
	 * open() came to nothing or close() was called.  Every worker is told of
	 * every connection, for transactions elsewhere may use it. */
	void (*on_closed)(void *ctx, const struct flow *flow, int err);
	/* The kernel said that nobody listens there (ICMP); UDP only. */
	void (*on_unreachable)(void *ctx, const struct flow *flow);
	/* Handed over by another worker with post(). */
	void (*on_post)(void *ctx, unsigned from_worker, unsigned kind, const struct flow *flow,
			struct str bytes);
	/* All that came at once has been given: write what was gathered. */
	void (*on_batch_end)(void *ctx);
	void *ctx;
};

enum io_rr { IO_RR_A = 1, IO_RR_AAAA = 28, IO_RR_SRV = 33, IO_RR_NAPTR = 35 };

struct io_record {
	enum io_rr type;
	uint32_t ttl_s;
	struct addr addr;               /* A, AAAA; port 0 */
	uint16_t priority, weight, port; /* SRV; NAPTR: order, preference */
	struct str target;              /* SRV target, NAPTR replacement */
	struct str flags, service, regexp; /* NAPTR */
};

/* Lives in its asker's memory until done is called or resolve_cancel(). */
struct io_query {
	enum io_rr type;
	struct str name;                /* borrowed until the end */
	/* err: 0, -ENOENT (no such name or no such records), -ETIMEDOUT, -EIO.
	 * Records are borrowed for the call. */
	void (*done)(void *ctx, int err, const struct io_record *records, size_t n);
	void *ctx;
	struct list link;               /* the implementation's */
};

/* Lives in its asker's memory until done is called; a cancelled one is only
 * silenced: the record may become durable all the same. */
struct io_append {
	void (*done)(void *ctx, int err); /* 0: durable */
	void *ctx;
	struct list link;               /* the implementation's */
};

struct io_ops {
	/* Queues bytes on a flow: a datagram leaves with the batch (see order below), a
	 * stream's bytes in order (also before it stands).  0, -ENOTCONN (no such connection), -EMSGSIZE,
	 * -ENOBUFS (the connection's bound is reached: it is being closed).
	 * A flow of another worker is reached through it. */
	int (*send)(struct io *io, const struct flow *flow, struct str bytes);
	/* Opens a connection; on_open or on_closed follows.  local: where from
	 * (family 0: the system's choice).  0 or -errno. */
	int (*open)(struct io *io, enum transport t, const struct addr *remote,
		    const struct addr *local, struct flow *ret);
	/* Closes after what is queued has left; on_closed follows. */
	void (*close)(struct io *io, const struct flow *flow);
	/* Stops or resumes reading a connection of this worker. */
	void (*pause)(struct io *io, const struct flow *flow, bool paused);

	void (*resolve)(struct io *io, struct io_query *q);
	void (*resolve_cancel)(struct io *io, struct io_query *q);

	/* Appends a record to the journal; copies it.  a->done follows, in the order
	 * of the calls. */
	void (*append)(struct io *io, struct str record, struct io_append *a);
	void (*append_cancel)(struct io *io, struct io_append *a);

	/* Hands bytes (copied) to another worker.  0 or -EAGAIN: its ring is full. */
	int (*post)(struct io *io, unsigned worker, unsigned kind, const struct flow *flow,
		    struct str bytes);

	void (*random)(struct io *io, void *ret, size_t n);
	/* Milliseconds since 1970, for what outlives the process. */
	uint64_t (*wall_ms)(struct io *io);
};

struct io {
	const struct io_ops *ops;
	const struct io_user *user;     /* set before the first event */
	struct wheel *wheel;            /* timers: timer_set(io->wheel, ...) */
	const struct log *log;
	uint64_t now_ms;                /* monotonic, of this round of the loop */
	unsigned worker, workers;       /* which of how many */
	/* What is sent now belongs together with what was sent under the same number: such
	 * datagrams for one peer leave in order, others may be regrouped.  0: all that went to
	 * the peer before stays before. */
	uint32_t order;
};

static inline int io_send(struct io *io, const struct flow *flow, struct str bytes)
{
	return io->ops->send(io, flow, bytes);
}

static inline void io_timer(struct io *io, struct timer *t, uint64_t in_ms)
{
	timer_set(io->wheel, t, io->now_ms + in_ms);
}

static inline void io_timer_cancel(struct io *io, struct timer *t)
{
	timer_cancel(io->wheel, t);
}

#endif
