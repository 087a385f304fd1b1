/* net/counters.h - what a worker's net has done.  One writer, any reader: each
 * figure is read whole, the figures need not agree with each other. */
#ifndef TSUWA_NET_COUNTERS_H
#define TSUWA_NET_COUNTERS_H

#include <stdint.h>

struct net_counters {
	uint64_t datagrams_in, datagrams_out;
	uint64_t datagram_bytes_in, datagram_bytes_out;
	uint64_t datagrams_dropped; /* the send queue was full */
	uint64_t datagrams_refused; /* the kernel would not send them */
	uint64_t unreachable; /* ICMP errors */
	uint64_t recv_calls, send_calls; /* recvmmsg(), sendmmsg() */
	uint64_t connections; /* now */
	uint64_t accepted, opened, closed;
	uint64_t refused; /* accepted over the bound, closed at once */
	uint64_t overflowed; /* closed because they did not read */
	uint64_t timed_out; /* connect, idle, first bytes, unread output */
	uint64_t stream_bytes_in, stream_bytes_out;
	uint64_t posts_in, posts_out; /* between workers, all kinds */
	uint64_t ring_full;
	uint64_t dns_asked, dns_cached, dns_failed;
};

static inline void net_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void net_uncount(uint64_t *counter)
{
	__atomic_store_n(counter, *counter - 1, __ATOMIC_RELAXED);
}

#endif
