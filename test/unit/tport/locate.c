/* Locating servers (RFC 3263) against scripted names. */
#include "tport/locate.h"
#include "fake.h"
#include "tport/tport.h"

static struct fake fake;
static struct tport *tport;
static struct tport_listener listeners[8];
static unsigned n_listeners;
static struct locate *locate;

/* ---- names ---- */

struct answer {
	enum io_rr type;
	const char *name;
	int err;
	/* A, AAAA: an address.  SRV: "priority weight port target".  NAPTR: "order pref flags
	 * service replacement". */
	const char *records[6];
};

static const struct answer *zone;
static char asked[1024]; /* what was asked, in order */

static struct str word(struct str *rest)
{
	return str_split(rest, ' ');
}

static uint16_t number(struct str *rest)
{
	uint32_t n;

	assert_true(str_to_u32(word(rest), &n));
	return (uint16_t)n;
}

static struct io_record record_of(enum io_rr type, const char *text)
{
	struct io_record r = {.type = type};
	struct str rest = str_c(text);

	if (type == IO_RR_A || type == IO_RR_AAAA) {
		assert_true(addr_parse_ip(rest, &r.addr));
		return r;
	}
	r.priority = number(&rest);
	r.weight = number(&rest);
	if (type == IO_RR_SRV) {
		r.port = number(&rest);
	} else {
		r.flags = word(&rest);
		r.service = word(&rest);
	}
	r.target = rest;
	return r;
}

static void answer(struct io_query *q)
{
	const struct answer *a = zone;
	struct io_record records[6];
	size_t n = 0;

	while (a->name && !(a->type == q->type && str_ieq(q->name, str_c(a->name))))
		a++;
	if (!a->name) {
		q->done(q->ctx, -ENOENT, NULL, 0);
		return;
	}
	for (; n < 6 && a->records[n]; n++)
		records[n] = record_of(q->type, a->records[n]);
	q->done(q->ctx, a->err, a->err ? NULL : records, a->err ? 0 : n);
}

static void note(const struct io_query *q)
{
	struct buf b = buf_over(asked, sizeof(asked) - 1);

	b.n = strlen(asked);
	buf_fmt(&b, "%s%s:%.*s", b.n ? " " : "",
		q->type == IO_RR_A      ? "A"
		: q->type == IO_RR_AAAA ? "AAAA"
		: q->type == IO_RR_SRV  ? "SRV"
					: "NAPTR",
		STR_ARG(q->name));
	assert_false(b.failed);
	asked[b.n] = '\0';
}

/* Answers all, those asked last first when backwards. */
static void answer_all(bool backwards)
{
	while (fake.n_queries) {
		size_t i = backwards ? fake.n_queries - 1 : 0;
		struct io_query *q = fake.query[i];

		memmove(&fake.query[i], &fake.query[i + 1],
			(--fake.n_queries - i) * sizeof(fake.query[0]));
		note(q);
		answer(q);
	}
}

/* ---- the asker ---- */

static struct {
	int calls, err;
	char text[1024];
} got;

static void on_done(void *ctx, int err, const struct locate_target *targets, size_t n)
{
	struct buf b = buf_over(got.text, sizeof(got.text) - 1);

	assert_null(locate);
	assert_int_equal(err == 0, n > 0);
	got.calls++;
	got.err = err;
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(&b, ' ');
		buf_puts(&b, transport_name(targets[i].transport));
		buf_putc(&b, '/');
		addr_put(&b, &targets[i].addr);
	}
	assert_false(b.failed);
	got.text[b.n] = '\0';
}

static void listen_at(enum transport t, const char *bound)
{
	struct tport_listener *l = &listeners[n_listeners++];

	*l = (struct tport_listener){.transport = t, .host = STR_INIT("sip.example.org")};
	assert_true(addr_parse(str_c(bound), &l->bound));
	l->port = l->bound.port;
}

static void on_message(void *ctx, const struct flow *flow, struct str bytes)
{
}

static int create(void)
{
	const struct tport_conf conf = {listeners, n_listeners, 10000};
	const struct tport_user user = {.on_message = on_message};

	fake_init(&fake);
	return tport_new(&fake.io, &conf, &user, &tport);
}

static int begin(void **state)
{
	n_listeners = 0;
	listen_at(TRANSPORT_UDP, "0.0.0.0:5060");
	listen_at(TRANSPORT_TCP, "0.0.0.0:5060");
	return create();
}

/* TLS and IPv6 as well. */
static int begin_all(void **state)
{
	n_listeners = 0;
	listen_at(TRANSPORT_UDP, "0.0.0.0:5060");
	listen_at(TRANSPORT_UDP, "[::]:5060");
	listen_at(TRANSPORT_TCP, "[::]:5060");
	listen_at(TRANSPORT_TCP, "0.0.0.0:5060");
	listen_at(TRANSPORT_TLS, "0.0.0.0:5061");
	listen_at(TRANSPORT_WSS, "0.0.0.0:443");
	return create();
}

static int end(void **state)
{
	tport_free(&tport);
	assert_int_equal(fake.n_queries, 0);
	assert_int_equal(fake.wheel.n, 0);
	assert_int_equal(alloc_live(), 0);
	return 0;
}

static int start(const char *text, enum transport prefer)
{
	struct sip_uri uri;
	const char *why;
	int err;

	memset(&got, 0, sizeof(got));
	asked[0] = '\0';
	if (!sip_uri_parse(str_c(text), &uri, &why))
		fail_msg("%s: %s", text, why);
	err = locate_start(tport, &fake.io, &uri, prefer, on_done, NULL, &locate);
	if (!err) {
		assert_int_equal(got.calls, 0);
		assert_non_null(locate);
	}
	return err;
}

static void look(const char *uri, enum transport prefer, const struct answer *names)
{
	for (int backwards = 0; backwards < 2; backwards++) {
		zone = names;
		assert_int_equal(start(uri, prefer), 0);
		for (int i = 0; i < 10; i++) {
			fake_run(&fake, 0);
			answer_all(backwards);
		}
		assert_int_equal(got.calls, 1);
		assert_null(locate);
	}
}

/* What is found, and what was asked for it. */
static void assert_found(const char *uri, enum transport prefer, const struct answer *names,
			 const char *targets)
{
	look(uri, prefer, names);
	if (got.err || strcmp(got.text, targets) != 0)
		fail_msg("%s: err %d, \"%s\" instead of \"%s\"", uri, got.err, got.text, targets);
}

static void assert_none(const char *uri, enum transport prefer, const struct answer *names, int err)
{
	look(uri, prefer, names);
	if (got.err != err)
		fail_msg("%s: err %d instead of %d", uri, got.err, err);
}

static const struct answer nothing[] = {{0}};

/* ---- no look-up ---- */

static void numeric(void **state)
{
	static const struct {
		const char *uri, *target;
		enum transport prefer;
	} rows[] = {
		{"sip:192.0.2.1", "UDP/192.0.2.1:5060", TRANSPORT_NONE},
		{"sip:a@192.0.2.1:5070", "UDP/192.0.2.1:5070", TRANSPORT_UDP},
		{"sip:192.0.2.1", "TCP/192.0.2.1:5060", TRANSPORT_TCP},
		{"sip:192.0.2.1;transport=tcp", "TCP/192.0.2.1:5060", TRANSPORT_UDP},
		{"sip:192.0.2.1;transport=TLS", "TLS/192.0.2.1:5061", TRANSPORT_UDP},
		{"sips:192.0.2.1", "TLS/192.0.2.1:5061", TRANSPORT_UDP},
		{"sips:192.0.2.1:5070;transport=tcp", "TLS/192.0.2.1:5070", TRANSPORT_UDP},
		{"sips:192.0.2.1;transport=ws", "WSS/192.0.2.1:443", TRANSPORT_UDP},
		{"sip:[2001:db8::1]", "UDP/[2001:db8::1]:5060", TRANSPORT_UDP},
		{"sip:example.com;maddr=192.0.2.7", "UDP/192.0.2.7:5060", TRANSPORT_UDP},
		{"sip:example.com:5080;maddr=192.0.2.7", "UDP/192.0.2.7:5080", TRANSPORT_UDP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_found(rows[i].uri, rows[i].prefer, nothing, rows[i].target);
		assert_string_equal(asked, "");
	}
}

static void direct(void **state)
{
	struct locate_target t = {.transport = TRANSPORT_NONE};
	struct sip_uri uri;
	char room[ADDR_TEXT_MAX];

	assert_true(sip_uri_parse(STR("sip:a@192.0.2.1;transport=tcp"), &uri, NULL));
	assert_true(locate_direct(&uri, TRANSPORT_UDP, &t));
	assert_int_equal(t.transport, TRANSPORT_TCP);
	assert_string_equal(addr_text(&t.addr, room), "192.0.2.1:5060");
	assert_true(sip_uri_parse(STR("sip:example.com"), &uri, NULL));
	assert_false(locate_direct(&uri, TRANSPORT_UDP, &t));
	assert_true(sip_uri_parse(STR("sip:192.0.2.1;maddr=example.com"), &uri, NULL));
	assert_false(locate_direct(&uri, TRANSPORT_UDP, &t));
	assert_true(sip_uri_parse(STR("sip:192.0.2.1;transport=sctp"), &uri, NULL));
	assert_false(locate_direct(&uri, TRANSPORT_UDP, &t));
	assert_true(sip_uri_parse(STR("tel:+15551234"), &uri, NULL));
	assert_false(locate_direct(&uri, TRANSPORT_UDP, &t));
	assert_int_equal(t.transport, TRANSPORT_TCP);
}

static void not_spoken(void **state)
{
	static const char *const uris[] = {
		"sips:192.0.2.1",
		"sips:example.com",
		"sip:192.0.2.1;transport=tls",
		"sip:example.com;transport=sctp",
		"sip:[2001:db8::1]",
		"sips:example.com;transport=udp",
		"sip:example.com;transport=ws",
		"tel:+15551234",
		"sip:192.0.2.1;transport=sctp",
		"sips:example.com:5061",
	};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_none(uris[i], TRANSPORT_UDP, nothing, -EPROTONOSUPPORT);
		assert_string_equal(asked, "");
	}
}

static void localhost(void **state)
{
	assert_found("sip:localhost", TRANSPORT_UDP, nothing, "UDP/127.0.0.1:5060 UDP/[::1]:5060");
	assert_found("sip:bob@LocalHost.:5070;transport=tcp", TRANSPORT_UDP, nothing,
		     "TCP/[::1]:5070 TCP/127.0.0.1:5070");
	assert_found("sip:a.localhost", TRANSPORT_UDP, nothing,
		     "UDP/127.0.0.1:5060 UDP/[::1]:5060");
	assert_string_equal(asked, "");
	assert_found("sips:localhost", TRANSPORT_UDP, nothing, "TLS/127.0.0.1:5061");
}

/* ---- s4.2: port and address ---- */

static void an_explicit_port(void **state)
{
	static const struct answer names[] = {
		{IO_RR_A, "example.com", 0, {"192.0.2.1", "192.0.2.2", "192.0.2.1"}},
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 7000 other.example.com"}},
		{0},
	};

	assert_found("sip:example.com:5060", TRANSPORT_UDP, names,
		     "UDP/192.0.2.1:5060 UDP/192.0.2.2:5060");
	assert_string_equal(asked, "A:example.com");
	assert_found("sip:example.com:5080;transport=tcp", TRANSPORT_UDP, names,
		     "TCP/192.0.2.1:5080 TCP/192.0.2.2:5080");
}

static void an_explicit_transport(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV, "_sip._tcp.example.com", 0, {"0 0 7000 a.example.com."}},
		{IO_RR_A, "a.example.com", 0, {"192.0.2.1"}},
		{IO_RR_A, "plain.example.com", 0, {"192.0.2.2"}},
		{0},
	};

	assert_found("sip:example.com;transport=tcp", TRANSPORT_UDP, names, "TCP/192.0.2.1:7000");
	assert_string_equal(asked, "SRV:_sip._tcp.example.com A:a.example.com");
	assert_found("sip:plain.example.com;transport=tcp", TRANSPORT_UDP, names,
		     "TCP/192.0.2.2:5060");
	assert_string_equal(asked, "SRV:_sip._tcp.plain.example.com A:plain.example.com");
}

static void secure_names(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV, "_sips._tcp.example.com", 0, {"0 0 7001 a.example.com"}},
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 7000 a.example.com"}},
		{IO_RR_A, "a.example.com", 0, {"192.0.2.1"}},
		{IO_RR_A, "plain.example.com", 0, {"192.0.2.2"}},
		{0},
	};

	assert_found("sips:example.com", TRANSPORT_UDP, names, "TLS/192.0.2.1:7001");
	assert_string_equal(asked, "NAPTR:example.com SRV:_sips._tcp.example.com A:a.example.com");
	assert_found("sip:example.com;transport=tls", TRANSPORT_UDP, names, "TLS/192.0.2.1:7001");
	assert_found("sips:plain.example.com", TRANSPORT_UDP, names, "TLS/192.0.2.2:5061");
	assert_found("sip:plain.example.com;transport=wss", TRANSPORT_UDP, names,
		     "WSS/192.0.2.2:443");
	assert_string_equal(asked, "A:plain.example.com");
}

/* ---- s4.1: NAPTR ---- */

#define EXAMPLE_NAPTR                                                                              \
	{                                                                                          \
		IO_RR_NAPTR, "example.com", 0,                                                     \
		{                                                                                  \
			"100 50 s SIP+D2U _sip._udp.example.com.",                                 \
				"50 50 s SIPS+D2T _sips._tcp.example.com.",                        \
				"90 50 s SIP+D2T _sip._tcp.example.com"                            \
		}                                                                                  \
	}
#define EXAMPLE_SRV                                                                                \
	{IO_RR_SRV,                                                                                \
	 "_sip._tcp.example.com",                                                                  \
	 0,                                                                                        \
	 {"1 1 5060 server1.example.com", "2 2 5060 server2.example.com"}},                        \
		{IO_RR_A, "server1.example.com", 0, {"192.0.2.1"}},                                \
	{                                                                                          \
		IO_RR_A, "server2.example.com", 0,                                                 \
		{                                                                                  \
			"192.0.2.2"                                                                \
		}                                                                                  \
	}

/* The example of RFC 3263 s4.1: who speaks UDP and TCP uses TCP. */
static void naptr_example(void **state)
{
	static const struct answer names[] = {EXAMPLE_NAPTR, EXAMPLE_SRV, {0}};

	assert_found("sip:user@example.com", TRANSPORT_UDP, names,
		     "TCP/192.0.2.1:5060 TCP/192.0.2.2:5060");
	assert_string_equal(asked, "NAPTR:example.com SRV:_sip._tcp.example.com "
				   "A:server2.example.com A:server1.example.com");
}

/* Who speaks TLS as well uses that; when its SRV is not there, the next. */
static void naptr_with_tls(void **state)
{
	static const struct answer names[] = {
		EXAMPLE_NAPTR,
		EXAMPLE_SRV,
		{IO_RR_SRV, "_sips._tcp.example.com", 0, {"0 0 5061 server2.example.com"}},
		{0},
	};
	static const struct answer without[] = {EXAMPLE_NAPTR, EXAMPLE_SRV, {0}};

	assert_found("sip:user@example.com", TRANSPORT_UDP, names, "TLS/192.0.2.2:5061");
	assert_found("sips:user@example.com", TRANSPORT_UDP, names, "TLS/192.0.2.2:5061");
	assert_found("sip:user@example.com", TRANSPORT_UDP, without,
		     "TCP/192.0.2.1:5060 TCP/192.0.2.2:5060");
	assert_none("sips:user@example.com", TRANSPORT_UDP, without, -ENOENT);
}

static void naptr_order(void **state)
{
	static const struct answer names[] = {
		{IO_RR_NAPTR,
		 "example.com",
		 0,
		 {"10 20 s SIP+D2U _sip._udp.example.com", "10 10 S sip+d2t tcp.elsewhere.net",
		  "1 1 u E2U+sip !x!y!", "1 1 u SIP+D2U bad.example.com",
		  "1 1 s SIP+D2S _sip._sctp.example.com"}},
		{IO_RR_SRV, "tcp.elsewhere.net", 0, {"0 0 5099 192.0.2.5"}},
		{0},
	};

	assert_found("sip:example.com", TRANSPORT_UDP, names, "TCP/192.0.2.5:5099");
	assert_string_equal(asked, "NAPTR:example.com SRV:tcp.elsewhere.net");
}

static void naptr_of_others(void **state)
{
	static const struct answer sctp[] = {
		{IO_RR_NAPTR, "example.com", 0, {"1 1 s SIP+D2S _sip._sctp.example.com"}},
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};
	static const struct answer enums[] = {
		{IO_RR_NAPTR, "example.com", 0, {"1 1 u E2U+sip x"}},
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};

	assert_none("sip:example.com", TRANSPORT_UDP, sctp, -EPROTONOSUPPORT);
	assert_found("sip:example.com", TRANSPORT_UDP, enums, "UDP/192.0.2.1:5060");
}

/* NAPTR names a transport, its SRV is missing: the host by that transport. */
static void naptr_without_srv(void **state)
{
	static const struct answer names[] = {
		{IO_RR_NAPTR, "example.com", 0, {"1 1 s SIP+D2T _sip._tcp.example.com"}},
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};

	assert_found("sip:example.com", TRANSPORT_UDP, names, "TCP/192.0.2.1:5060");
}

/* ---- SRV without NAPTR ---- */

static void srv_of_every_transport(void **state)
{
	static const struct answer tcp_only[] = {
		{IO_RR_SRV, "_sip._tcp.example.com", 0, {"0 0 5080 192.0.2.1"}},
		{IO_RR_A, "example.com", 0, {"192.0.2.9"}},
		{0},
	};
	static const struct answer both[] = {
		{IO_RR_SRV, "_sip._tcp.example.com", 0, {"0 0 5080 192.0.2.1"}},
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 5090 192.0.2.1"}},
		{0},
	};

	assert_found("sip:example.com", TRANSPORT_UDP, tcp_only, "TCP/192.0.2.1:5080");
	assert_string_equal(asked, "NAPTR:example.com SRV:_sip._udp.example.com "
				   "SRV:_sip._tcp.example.com");
	assert_found("sip:example.com", TRANSPORT_UDP, both, "UDP/192.0.2.1:5090");
	assert_found("sip:example.com", TRANSPORT_TCP, both, "TCP/192.0.2.1:5080");
}

static void srv_priorities(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV,
		 "_sip._udp.example.com",
		 0,
		 {"30 0 5063 192.0.2.3", "10 0 5061 192.0.2.1", "20 0 5062 gone.example.com",
		  "20 0 5062 192.0.2.2"}},
		{0},
	};

	assert_found("sip:example.com", TRANSPORT_UDP, names,
		     "UDP/192.0.2.1:5061 UDP/192.0.2.2:5062 UDP/192.0.2.3:5063");
}

/* RFC 2782: "." says that the service is decidedly not there. */
static void srv_refused(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 0 ."}},
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};
	static const struct answer tcp[] = {
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 0 ."}},
		{IO_RR_SRV, "_sip._tcp.example.com", 0, {"0 0 5060 192.0.2.1"}},
		{0},
	};

	assert_none("sip:example.com", TRANSPORT_UDP, names, -ENOENT);
	assert_found("sip:example.com", TRANSPORT_UDP, tcp, "TCP/192.0.2.1:5060");
}

/* More targets than anybody tries. */
static void bounded(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV,
		 "_sip._udp.example.com",
		 0,
		 {"1 0 1 many.example.com", "2 0 2 many.example.com", "3 0 3 many.example.com",
		  "4 0 4 many.example.com", "5 0 5 many.example.com", "6 0 6 many.example.com"}},
		{IO_RR_A,
		 "many.example.com",
		 0,
		 {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"}},
		{0},
	};
	unsigned n = 1;

	look("sip:example.com", TRANSPORT_UDP, names);
	for (const char *p = got.text; *p; p++)
		n += *p == ' ';
	assert_int_equal(n, LOCATE_MAX);
	assert_true(str_starts(str_c(got.text), STR("UDP/192.0.2.1:1 ")));
	assert_true(str_ends(str_c(got.text), STR(" UDP/192.0.2.4:3")));
}

/* ---- families ---- */

/* The family of our first listener first: IPv4 for UDP, IPv6 for TCP. */
static void both_families(void **state)
{
	static const struct answer names[] = {
		{IO_RR_A, "example.com", 0, {"192.0.2.1", "192.0.2.2"}},
		{IO_RR_AAAA, "example.com", 0, {"2001:db8::1"}},
		{IO_RR_AAAA, "six.example.com", 0, {"2001:db8::6"}},
		{0},
	};

	assert_found("sip:example.com:5060", TRANSPORT_UDP, names,
		     "UDP/192.0.2.1:5060 UDP/192.0.2.2:5060 UDP/[2001:db8::1]:5060");
	assert_found("sip:example.com:5060", TRANSPORT_TCP, names,
		     "TCP/[2001:db8::1]:5060 TCP/192.0.2.1:5060 TCP/192.0.2.2:5060");
	assert_found("sip:six.example.com:5060", TRANSPORT_UDP, names, "UDP/[2001:db8::6]:5060");
	assert_none("sip:six.example.com:5061;transport=tls", TRANSPORT_UDP, names, -ENOENT);
}

static void only_loopback_listeners(void **state)
{
	static const struct answer names[] = {
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{IO_RR_A, "near.example.com", 0, {"192.0.2.1", "127.0.0.2"}},
		{0},
	};

	tport_free(&tport);
	n_listeners = 0;
	listen_at(TRANSPORT_UDP, "127.0.0.1:5060");
	assert_int_equal(create(), 0);
	assert_none("sip:example.com:5060", TRANSPORT_UDP, names, -EPROTONOSUPPORT);
	assert_found("sip:near.example.com:5060", TRANSPORT_UDP, names, "UDP/127.0.0.2:5060");
}

/* s4.1: "another transport MAY be used". */
static void only_tcp_listeners(void **state)
{
	static const struct answer names[] = {
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};

	tport_free(&tport);
	n_listeners = 0;
	listen_at(TRANSPORT_TCP, "0.0.0.0:5060");
	assert_int_equal(create(), 0);
	assert_found("sip:192.0.2.1", TRANSPORT_UDP, names, "TCP/192.0.2.1:5060");
	assert_found("sip:example.com", TRANSPORT_UDP, names, "TCP/192.0.2.1:5060");
	assert_string_equal(asked, "NAPTR:example.com SRV:_sip._tcp.example.com A:example.com");
}

/* ---- errors ---- */

static void errors(void **state)
{
	static const struct answer silent[] = {
		{IO_RR_NAPTR, "example.com", -ETIMEDOUT, {0}},
		{IO_RR_SRV, "_sip._udp.example.com", -ETIMEDOUT, {0}},
		{IO_RR_A, "example.com", -ETIMEDOUT, {0}},
		{0},
	};
	static const struct answer half[] = {
		{IO_RR_NAPTR, "example.com", -EIO, {0}},
		{IO_RR_A, "example.com", 0, {"192.0.2.1"}},
		{0},
	};

	assert_none("sip:example.com", TRANSPORT_UDP, nothing, -ENOENT);
	assert_string_equal(asked, "NAPTR:example.com SRV:_sip._udp.example.com "
				   "SRV:_sip._tcp.example.com A:example.com");
	assert_none("sip:example.com:5060", TRANSPORT_UDP, nothing, -ENOENT);
	assert_none("sip:example.com", TRANSPORT_UDP, silent, -ETIMEDOUT);
	assert_string_equal(asked, "NAPTR:example.com SRV:_sip._udp.example.com A:example.com");
	/* A resolver that knows no NAPTR must not keep us from calling. */
	assert_found("sip:example.com", TRANSPORT_UDP, half, "UDP/192.0.2.1:5060");
}

static void cancelled_at_any_stage(void **state)
{
	static const struct answer names[] = {
		{IO_RR_SRV, "_sip._udp.example.com", 0, {"0 0 1 a.net", "0 0 2 b.net"}},
		{0},
	};
	static const char *const uris[] = {"sip:example.com", "sip:192.0.2.1", "sip:example.com:5",
					   "sip:localhost", "tel:+1"};

	zone = names;
	locate_cancel(&locate);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		for (unsigned stages = 0; stages < 3; stages++) {
			assert_int_equal(start(uris[i], TRANSPORT_UDP), 0);
			for (unsigned k = 0; k < stages && locate; k++) {
				struct io_query *q = fake.query[0];

				if (!fake.n_queries)
					break;
				fake.query[0] = fake.query[--fake.n_queries];
				answer(q);
			}
			locate_cancel(&locate);
			assert_int_equal(fake.n_queries, 0);
			fake_run(&fake, 0);
			assert_int_equal(got.calls, 0);
		}
}

static void long_names(void **state)
{
	char text[600] = "sip:";

	memset(text + 4, 'a', 250);
	strcpy(text + 254, ".de");
	assert_none(text, TRANSPORT_UDP, nothing, -ENOENT);
	memset(text + 4, 'a', 63);
	assert_none(text, TRANSPORT_UDP, nothing, -ENOENT);
}

static void sweep(void)
{
	static const struct answer names[] = {EXAMPLE_NAPTR, EXAMPLE_SRV, {0}};

	if (create() < 0)
		return;
	zone = names;
	locate = NULL;
	if (start("sip:example.com", TRANSPORT_UDP) == 0) {
		answer_all(false);
		assert_int_equal(got.calls, 1);
		assert_int_equal(got.err, alloc_has_failed() ? -ENOMEM : 0);
	}
	if (start("sip:example.com:5", TRANSPORT_UDP) == 0) {
		fake_run(&fake, 0);
		answer_all(false);
		assert_int_equal(got.calls, 1);
	}
	tport_free(&tport);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(sweep);
}

#define with_udp_tcp(f) cmocka_unit_test_setup_teardown(f, begin, end)
#define with_all(f) cmocka_unit_test_setup_teardown(f, begin_all, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_all(numeric),
		with_udp_tcp(direct),
		with_udp_tcp(not_spoken),
		with_all(localhost),
		with_udp_tcp(an_explicit_port),
		with_udp_tcp(an_explicit_transport),
		with_all(secure_names),
		with_udp_tcp(naptr_example),
		with_all(naptr_with_tls),
		with_udp_tcp(naptr_order),
		with_udp_tcp(naptr_of_others),
		with_udp_tcp(naptr_without_srv),
		with_udp_tcp(srv_of_every_transport),
		with_udp_tcp(srv_priorities),
		with_udp_tcp(srv_refused),
		with_udp_tcp(bounded),
		with_all(both_families),
		with_udp_tcp(only_loopback_listeners),
		with_udp_tcp(only_tcp_listeners),
		with_udp_tcp(errors),
		with_udp_tcp(cancelled_at_any_stage),
		with_udp_tcp(long_names),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
