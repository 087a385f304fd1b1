#include "load/simple.h"

#include "load/reply.h"

struct simple {
	struct slot slot;
	uint64_t begun_ns;
	struct token token; /* of the request in flight */
	struct token call; /* Call-ID and From tag */
	struct user *user;
	uint32_t cseq;
	unsigned socket, contact_socket;
	uint8_t tries; /* retransmissions */
	bool answered_challenge;
	uint16_t auth_n;
	char auth[CREDENTIALS_MAX];
};

static const char register_text[] = "REGISTER sip:{domain} SIP/2.0\r\n"
				    "Via: SIP/2.0/{proto} {local};branch=z9hG4bK{token};rport\r\n"
				    "Max-Forwards: 70\r\n"
				    "From: <sip:{user}@{domain}>;tag={call}\r\n"
				    "To: <sip:{user}@{domain}>\r\n"
				    "Call-ID: {call}@load\r\n"
				    "CSeq: {cseq} REGISTER\r\n"
				    "Contact: <sip:{user}@{at}{contact}>\r\n"
				    "Expires: {expires}\r\n"
				    "{auth}"
				    "Content-Length: 0\r\n\r\n";

static const char options_text[] = "OPTIONS {uri} SIP/2.0\r\n"
				   "Via: SIP/2.0/{proto} {local};branch=z9hG4bK{token};rport\r\n"
				   "Max-Forwards: 70\r\n"
				   "From: <sip:{user}@{domain}>;tag={call}\r\n"
				   "To: <{uri}>\r\n"
				   "Call-ID: {call}@load\r\n"
				   "CSeq: {cseq} OPTIONS\r\n"
				   "{auth}"
				   "Content-Length: 0\r\n\r\n";

bool simple_templates_make(struct simple_templates *ret, const struct load_conf *conf)
{
	char expires[16];
	struct buf b = buf_over(expires, sizeof(expires));
	struct str v[GAP_COUNT] = {
		[GAP_DOMAIN] = conf->domain,
		[GAP_URI] = conf->uri,
		[GAP_PROTO] = conf->tcp ? STR("TCP") : STR("UDP"),
		[GAP_CONTACT] = conf->tcp ? STR(";transport=tcp") : STR(""),
	};
	bool good;

	buf_fmt(&b, "%u", conf->expires_s);
	v[GAP_EXPIRES] = buf_str(&b);
	good = template_make(&ret->reg, str_c(register_text), v) &&
	       template_make(&ret->options, str_c(options_text), v);
	v[GAP_EXPIRES] = STR("0");
	return good && template_make(&ret->unreg, str_c(register_text), v);
}

static bool is_register(const struct worker *w)
{
	return w->phase.method.p[0] == 'R';
}

static struct str uri_of(const struct worker *w, char *room, size_t size)
{
	struct buf b = buf_over(room, size);

	if (!is_register(w))
		return w->conf->uri;
	buf_puts(&b, STR("sip:"));
	buf_puts(&b, w->conf->domain);
	return buf_str(&b);
}

static void send_request(struct simple *op)
{
	struct worker *w = op->slot.worker;
	char token[TOKEN_CHARS], call[TOKEN_CHARS], cseq[16], *room;
	struct buf b = buf_over(cseq, sizeof(cseq));
	struct str v[GAP_COUNT] = {
		[GAP_LOCAL] = w->wire.sockets[op->socket].name,
		[GAP_TOKEN] = str_of(token, sizeof(token)),
		[GAP_CALL] = str_of(call, sizeof(call)),
		[GAP_USER] = op->user->name,
		[GAP_AUTH] = str_of(op->auth, op->auth_n),
		[GAP_AT] = w->wire.sockets[op->contact_socket].name,
	};

	token_put(op->token, token);
	token_put(op->call, call);
	buf_put_u64(&b, op->cseq);
	v[GAP_CSEQ] = buf_str(&b);
	room = wire_room(&w->wire, op->socket);
	wire_put(&w->wire, template_put(w->phase.template, v, room, WIRE_MESSAGE_MAX), NULL);
}

/* TCP only needs to know when to give up. */
static void set_timer(struct simple *op)
{
	const struct load_conf *conf = op->slot.worker->conf;

	worker_timer(&op->slot, &op->slot.timer,
		     conf->tcp ? conf->timeout_ms : worker_backoff_ms(op->tries, T2_MS));
}

static void send_new(struct simple *op)
{
	struct worker *w = op->slot.worker;

	op->token = worker_token(w, op->slot.index);
	op->cseq = is_register(w) ? ++op->user->cseq : op->cseq + 1;
	op->tries = 0;
	send_request(op);
	set_timer(op);
}

/* The same in each round, so that the second refreshes what the first one made. */
static struct token registration_token(const struct worker *w, uint32_t user)
{
	return (struct token){.run = w->run, .slot = user, .worker = (uint8_t)w->index};
}

/* Whose turn it is.  No REGISTER may follow before the last one has its answer (s10.2); there
 * are no more slots than users, so somebody is free. */
static uint64_t next_user(struct worker *w)
{
	if (is_register(w))
		while (worker_user(w, w->next_user)->busy)
			w->next_user++;
	return w->next_user++;
}

static void end(struct slot *s)
{
	((struct simple *)s)->user->busy = false;
}

static void begin(struct slot *s)
{
	struct simple *op = (struct simple *)s;
	struct worker *w = s->worker;
	uint64_t k = next_user(w);
	uint32_t index = (uint32_t)(k % w->n_users);
	struct credentials_ask ask;
	char uri[300];

	op->begun_ns = w->now_ns;
	op->user = worker_user(w, k);
	op->user->busy = is_register(w);
	op->socket = worker_socket(w, s);
	op->contact_socket = w->phase.first_socket + index % w->phase.n_sockets;
	op->answered_challenge = false;
	op->auth_n = 0;
	op->cseq = 0;
	op->call = is_register(w) ? registration_token(w, index) : worker_token(w, s->index);
	ask = (struct credentials_ask){
		.user = op->user, .nonce = worker_nonce(w, op->user), .method = w->phase.method};
	if (ask.nonce && ask.nonce->nc) {
		ask.uri = uri_of(w, uri, sizeof(uri));
		op->auth_n = (uint16_t)credentials_again(&w->credentials, &ask, op->auth);
	}
	send_new(op);
}

static void on_timer(struct slot *s)
{
	struct simple *op = (struct simple *)s;
	struct worker *w = s->worker;

	if (w->conf->tcp || (w->now_ns - op->begun_ns) / 1000000 >= w->conf->timeout_ms) {
		worker_failed(s, FAIL_TIMEOUT);
		return;
	}
	op->tries++;
	w->stats.retransmissions++;
	send_request(op);
	set_timer(op);
}

/* 401 or 407: once.  (Credentials by a kept nonce, which may be stale by now, don't count.) */
static bool answer_challenge(struct simple *op, unsigned status, struct str bytes)
{
	struct worker *w = op->slot.worker;
	char room[8192], uri[300];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;
	struct credentials_ask ask = {.user = op->user,
				      .nonce = worker_nonce(w, op->user),
				      .method = w->phase.method,
				      .uri = uri_of(w, uri, sizeof(uri)),
				      .proxy = status == 407};

	if (op->answered_challenge)
		return false;
	arena_init(&arena, room, sizeof(room), 0);
	op->auth_n = sip_parse(bytes, &arena, &m, &err)
			     ? (uint16_t)credentials_answer(&w->credentials, &ask, &m, op->auth)
			     : 0;
	arena_fini(&arena);
	if (!op->auth_n)
		return false;
	op->answered_challenge = true;
	w->stats.challenges++;
	send_new(op);
	return true;
}

static void on_final(struct simple *op, unsigned status, struct str bytes)
{
	struct worker *w = op->slot.worker;

	if (status < 300) {
		hist_add(&w->stats.latency, w->now_ns - op->begun_ns);
		worker_ok(&op->slot);
	} else if ((status != 401 && status != 407) || !answer_challenge(op, status, bytes)) {
		worker_failed(&op->slot, status);
	}
}

static void on_message(struct worker *w, unsigned socket, const struct addr *from, struct str bytes)
{
	struct reply r;
	struct simple *op;

	if (!reply_read(bytes, &r) || !worker_owns(w, r.token)) {
		w->stats.strays++;
		return;
	}
	op = (struct simple *)worker_slot(w, r.token.slot);
	if (!op || !op->slot.busy || op->token.generation != r.token.generation)
		w->stats.late++;
	else if (r.status >= 200)
		on_final(op, r.status, bytes);
}

static bool uses(const struct slot *s, unsigned socket)
{
	return ((const struct simple *)s)->socket == socket;
}

const struct work simple_work = {
	.slot_bytes = sizeof(struct simple),
	.begin = begin,
	.end = end,
	.on_timer = on_timer,
	.on_message = on_message,
	.uses = uses,
};
