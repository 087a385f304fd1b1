/* test/unit/txn/fake.h - a small world for machines: a virtual clock over a real wheel, sends that
 * are written down, random numbers that are the same each time, names that the test answers. */
#ifndef TSUWA_TEST_UNIT_TXN_FAKE_H
#define TSUWA_TEST_UNIT_TXN_FAKE_H

#include "base/io.h"
#include "harness.h"
#include "sip/rx.h"

#define FAKE_SENT 256
#define FAKE_BYTES 2048
#define FAKE_QUERIES 64

struct fake_sent {
	struct flow flow;
	uint64_t at_ms;
	size_t n;
	char bytes[FAKE_BYTES];
};

struct fake {
	struct io io;
	struct wheel wheel;
	uint64_t seed;
	int send_err, open_err;
	size_t n_sent, n_opened, n_closed;
	struct fake_sent sent[FAKE_SENT];
	struct flow opened[16], closed[16];
	struct io_query *query[FAKE_QUERIES]; /* those not answered yet */
	size_t n_queries, n_asked;
};

/* Begins anew at some odd time. */
void fake_init(struct fake *f);
/* Runs the clock on, through every timer on its way. */
void fake_run(struct fake *f, uint64_t ms);
/* What was sent as the i-th. */
struct str fake_bytes(const struct fake *f, size_t i);
/* Did the i-th begin with that text? */
bool fake_is(const struct fake *f, size_t i, const char *start);
/* Forgets what was sent. */
void fake_forget(struct fake *f);
/* All that was sent at these times since start, and no more: times end with -1. */
void fake_assert_times(const struct fake *f, uint64_t start_ms, const int *times);

struct flow fake_udp(const char *remote);
struct flow fake_tcp(uint32_t slot);

/* A received message with its room. */
struct fake_rx {
	struct sip_rx rx;
	char room[8192];
	char text[4096];
};

/* Parses a message of lines; fails the test when it is bad. */
const struct sip_rx *fake_parse(struct fake_rx *r, const struct flow *flow, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, kept.  NULL when memory ended. */
struct sip_rx *fake_kept(const struct flow *flow, struct str text);
/* The value of a header of a sent message; static until the next call. */
struct str fake_header(struct str message, enum sip_hdr_id id);

#endif
