#include "kit.h"

#include <stdlib.h>

#include "server/hasher.h"

void kit_init_stopped(struct kit *k, uint64_t seed)
{
	static const char *const users[] = {"alice", "bob", "carol", "dave"};

	memset(k, 0, sizeof(*k));
	k->live = alloc_live();
	sim_init(&k->sim, seed);
	k->server = server_new(&k->sim, "server", KIT_IP, "example.com");
	for (unsigned i = 0; i < 4; i++) {
		char password[32];
		struct buf b = buf_over(password, sizeof(password));

		buf_fmt(&b, "pw-%s", users[i]);
		server_add_user(k->server, users[i], buf_c(&b));
	}
}

void kit_init(struct kit *k, uint64_t seed)
{
	kit_init_stopped(k, seed);
	server_start(k->server);
}

void kit_fini(struct kit *k)
{
	struct buf problems;

	for (unsigned i = 0; i < k->n_phones; i++)
		phone_free(&k->phone[i]);
	for (unsigned i = 0; i < k->n_wires; i++)
		wire_free(&k->wire[i]);
	server_free(&k->server);
	problems = k->sim.problems;
	k->sim.problems = buf_heap(1);
	sim_fini(&k->sim);
	if (problems.n)
		print_error("seed %llu:\n%.*s", (unsigned long long)k->sim.seed, (int)problems.n,
			    problems.p);
	assert_int_equal(problems.n, 0);
	buf_free(&problems);
	assert_int_equal(alloc_live(), k->live);
}

static const char *next_ip(struct kit *k, char room[32])
{
	struct buf b = buf_over(room, 32);

	buf_fmt(&b, "198.51.100.%u", k->sim.n_nodes + 1);
	return buf_c(&b);
}

struct phone *kit_phone_new(struct kit *k, const char *user, enum transport by)
{
	char ip[32], password[32];
	struct buf b = buf_over(password, sizeof(password));
	struct phone *ph;

	buf_fmt(&b, "pw-%s", user);
	ph = phone_new(&k->sim, user, buf_c(&b), "example.com", next_ip(k, ip), KIT_IP, by);
	k->phone[k->n_phones++] = ph;
	return ph;
}

static bool registered(void *ctx)
{
	const struct phone *ph = ctx;

	return ph->reg_status || ph->reg_err;
}

void kit_register(struct kit *k, struct phone *ph, unsigned want)
{
	phone_register(ph, 3600);
	assert_true(sim_run_until(&k->sim, 40000, registered, ph));
	assert_int_equal(ph->reg_status, want);
}

struct phone *kit_phone(struct kit *k, const char *user, enum transport by)
{
	struct phone *ph = kit_phone_new(k, user, by);

	phone_start(ph);
	kit_register(k, ph, 200);
	return ph;
}

struct wire *kit_wire(struct kit *k, const char *name)
{
	char ip[32];

	k->wire[k->n_wires] = wire_new(&k->sim, name, next_ip(k, ip));
	return k->wire[k->n_wires++];
}

const char *kit_ip(const struct wire *w, char room[ADDR_TEXT_MAX])
{
	return addr_text(&wire_node((struct wire *)w)->ip, room);
}

struct wanted {
	struct phone *ph;
	unsigned n;
};

static bool has_ended(void *ctx)
{
	const struct wanted *w = ctx;

	return w->ph->ended >= w->n;
}

void kit_wait_ended(struct kit *k, struct phone *ph, unsigned n, uint64_t ms)
{
	struct wanted w = {ph, n};

	if (!sim_run_until(&k->sim, ms, has_ended, &w))
		fail_msg("%s: %u calls ended, not %u", ph->user, ph->ended, n);
}

void kit_quiet(struct kit *k)
{
	for (unsigned i = 0; i < k->n_phones; i++) {
		if (k->phone[i]->core)
			assert_true(phone_is_idle(k->phone[i]));
	}
	assert_true(server_is_idle(k->server));
}

/* ---- talks ---- */

struct talk talk_new(struct kit *k, struct wire *w, const char *user)
{
	struct talk t = {.kit = k, .wire = w, .user = user};
	struct buf cb = buf_over(t.call_id, sizeof(t.call_id)), tb = buf_over(t.tag, sizeof(t.tag));
	uint64_t r = sim_random(&k->sim);

	buf_put_hex(&cb, &r, sizeof(r));
	buf_c(&cb);
	buf_put_hex(&tb, &r, 4);
	buf_c(&tb);
	kit_ip(w, t.via_ip);
	return t;
}

static void put_from(const struct talk *t, struct buf *b)
{
	if (t->from)
		buf_fmt(b, "%s", t->from);
	else if (t->user)
		buf_fmt(b, "sip:%s@example.com", t->user);
	else
		buf_fmt(b, "sip:stranger@elsewhere.example");
}

static void send(struct talk *t, const char *text)
{
	if (t->stream)
		wire_stream(t->wire, KIT_IP, "%s", text);
	else
		wire_send(t->wire, KIT_IP, "%s", text);
}

static void compose(struct talk *t, const char *method, const char *uri, const char *to,
		    unsigned cseq, const char *lines, const char *body)
{
	struct buf b = buf_heap(1 << 18);

	buf_fmt(&b, "%s %s SIP/2.0\r\n%s\r\nMax-Forwards: 70\r\nFrom: <", method, uri, t->via);
	put_from(t, &b);
	buf_fmt(&b, ">;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%s%s", t->tag, to,
		t->call_id, cseq, method, lines, t->credentials);
	if (*body)
		buf_fmt(&b, "Content-Type: application/sdp\r\n");
	buf_fmt(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	send(t, buf_c(&b));
	buf_free(&b);
}

void talk_say(struct talk *t, const char *method, const char *uri, const char *to,
	      const char *lines, const char *body)
{
	struct buf b = buf_over(t->via, sizeof(t->via));

	buf_fmt(&b, "Via: SIP/2.0/%s %s:5060;rport;branch=z9hG4bK%016llx",
		t->stream ? "TCP" : "UDP", t->via_ip, (unsigned long long)sim_random(&t->kit->sim));
	buf_c(&b);
	compose(t, method, uri, to, ++t->cseq, lines, body);
}

void talk_repeat(struct talk *t, const char *method, const char *uri, const char *to)
{
	compose(t, method, uri, to, t->cseq, "", "");
}

static void acknowledge(struct talk *t, const char *uri)
{
	char to[512], keep[sizeof(t->credentials)];

	str_to_c(str_c(wire_header(t->wire, "To")), to, sizeof(to));
	memcpy(keep, t->credentials, sizeof(keep));
	t->credentials[0] = '\0';
	compose(t, "ACK", uri, to, t->cseq, "", "");
	memcpy(t->credentials, keep, sizeof(keep));
}

static int once(struct talk *t, const char *method, const char *uri, const char *to,
		const char *lines, const char *body)
{
	int status;

	talk_say(t, method, uri, to, lines, body);
	status = wire_final(t->wire, 60000);
	if (status >= 300 && !strcmp(method, "INVITE") && !t->no_ack)
		acknowledge(t, uri);
	return status;
}

void talk_credentials(struct talk *t, const char *user, const char *password, const char *method,
		      const char *uri, unsigned nc)
{
	struct crypto *crypto = crypto_new();
	struct sip_hasher h = server_hasher(crypto);
	bool www = *wire_header(t->wire, "WWW-Authenticate") != '\0';
	char value[1024], ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX], count[9];
	struct buf b = buf_over(t->credentials, sizeof(t->credentials));
	struct buf nb = buf_over(count, sizeof(count));
	struct sip_challenge ch;
	struct sip_credentials c;

	str_to_c(str_c(wire_header(t->wire, www ? "WWW-Authenticate" : "Proxy-Authenticate")),
		 value, sizeof(value));
	assert_true(sip_challenge_parse(str_c(value), &ch));
	buf_fmt(&nb, "%08x", nc);
	c = (struct sip_credentials){.username = str_c(user),
				     .realm = ch.realm,
				     .nonce = ch.nonce,
				     .uri = str_c(uri),
				     .algorithm = ch.algorithm,
				     .qop = STR("auth"),
				     .nc = str_c(buf_c(&nb)),
				     .cnonce = STR("c0ffee")};
	sip_digest_ha1(&h, ch.algorithm, c.username, ch.realm, str_c(password), ha1);
	sip_digest_response(&h, &c, str_c(ha1), str_c(method), response);
	c.response = str_c(response);
	buf_fmt(&b, "%s: ", www ? "Authorization" : "Proxy-Authorization");
	sip_credentials_put(&b, &c);
	buf_fmt(&b, "\r\n");
	assert_false(b.failed);
	buf_c(&b);
	crypto_free(&crypto);
}

int talk_ask(struct talk *t, const char *method, const char *uri, const char *to, const char *lines,
	     const char *body)
{
	int status;

	t->credentials[0] = '\0';
	status = once(t, method, uri, to, lines, body);
	if ((status != 401 && status != 407) || !t->user || !t->password)
		return status;
	talk_credentials(t, t->user, t->password, method, uri, 1);
	return once(t, method, uri, to, lines, body);
}

int talk_register(struct talk *t, const char *contact_lines)
{
	char to[128];
	struct buf b = buf_over(to, sizeof(to));

	buf_fmt(&b, "<sip:%s@example.com>", t->user);
	return talk_ask(t, "REGISTER", "sip:example.com", buf_c(&b), contact_lines, "");
}
