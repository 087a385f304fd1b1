/* tport/tport.h - SIP over flows: which listener speaks to a peer, streams cut into
 * messages, connections used again, Via and the way of responses (RFC 3261 s18, RFC 3581,
 * RFC 5626 keep-alives, RFC 5923 for connections that we opened).  One a worker.
 * Pure; knows no transactions. */
#ifndef TSUWA_TPORT_TPORT_H
#define TSUWA_TPORT_TPORT_H

#include "base/hash.h"
#include "base/io.h"
#include "base/map.h"
#include "sip/rx.h"

/* A listener as peers see it; the index is flow.listener. */
struct tport_listener {
	enum transport transport;
	struct addr bound; /* with the real port */
	/* What stands in Via, Contact, Record-Route: name or address (IPv6 in brackets). */
	struct str host;
	uint16_t port;
};

struct tport_user {
	/* One message; bytes are borrowed for the call. */
	void (*on_message)(void *ctx, const struct flow *flow, struct str bytes);
	/* A stream that can't be read on: it is being closed; head: the header bytes at hand
	 * (may be empty), so that a 400 or 513 can be sent before. */
	void (*on_bad_stream)(void *ctx, const struct flow *flow, const char *why, struct str head);
	void *ctx;
};

struct tport_conf {
	const struct tport_listener *listeners; /* borrowed for life */
	unsigned n_listeners;
	uint32_t slow_sender_ms; /* a message must be whole by then: 10000 */
};

struct tport;

int tport_new(struct io *io, const struct tport_conf *conf, const struct tport_user *user,
	      struct tport **ret);
void tport_free(struct tport **t);

/* What io tells, passed on by the core. */
void tport_on_datagram(struct tport *t, const struct flow *flow, struct str bytes);
void tport_on_open(struct tport *t, const struct flow *flow);
void tport_on_bytes(struct tport *t, const struct flow *flow, struct str bytes);
void tport_on_closed(struct tport *t, const struct flow *flow);
/* Closes a stream after what is queued has left; from now on nothing is read from it and it is
 * not used again. */
void tport_close(struct tport *t, const struct flow *flow);
/* Does the connection stand (opening is not enough; of this worker)?  UDP: always. */
bool tport_flow_open(const struct tport *t, const struct flow *flow);
size_t tport_streams(const struct tport *t); /* of this worker: open and opening */

/* A flow to an address: UDP by the listener that suits (family; loopback to loopback), streams by a
 * connection that is open to that very address and port, else a new one.
 * 0, -EAFNOSUPPORT (no listener of that transport and family), -errno of open. */
int tport_flow_to(struct tport *t, enum transport transport, const struct addr *remote,
		  struct flow *ret);
/* Is there a way to speak this transport to this family at all?  (Not from loopback to
 * elsewhere.) */
bool tport_can(const struct tport *t, enum transport transport, const struct addr *remote);
/* Is there a listener of this transport and family (4, 6; 0: any)? */
bool tport_speaks(const struct tport *t, enum transport transport, unsigned family);
/* The family of the first listener of this transport; 0: none. */
unsigned tport_first_family(const struct tport *t, enum transport transport);

/* Where a response to rx goes (s18.2.2, RFC 3581 s4): the connection; or for UDP maddr, else
 * received with rport, or received with the sent-by port.  For streams whose connection has
 * died use tport_response_fallback: an address to connect to, by received and the sent-by port. */
void tport_response_flow(const struct sip_rx *rx, struct flow *ret);
bool tport_response_fallback(const struct sip_rx *rx, enum transport *ret_t, struct addr *ret);

/* Our own values for a message that leaves by flow. */
const struct tport_listener *tport_listener_of(const struct tport *t, const struct flow *flow);
/* "SIP/2.0/UDP host:port;rport;branch=..." (rport for UDP and always harmless). */
void tport_put_via(const struct tport *t, const struct flow *flow, struct str branch,
		   struct buf *b);
/* "host:port" with ";transport=tcp" (lower case, also tls, ws, wss) when it is not UDP: for
 * Contact and Record-Route URIs. */
void tport_put_hostport(const struct tport *t, const struct flow *flow, struct buf *b);
/* Is this host and port one of our listeners (any transport; port 0 means the default of the
 * transport)? host: a name or address text as in a URI, compared with bound and advertised
 * ones. */
bool tport_is_us(const struct tport *t, struct str host, uint16_t port);
/* Does any of our listeners have this port? */
bool tport_has_port(const struct tport *t, uint16_t port);

#endif
