#include "sdp/crypto.h"

#include "sdp/lex.h"

#define LIFETIME_MAX ((uint64_t)1 << 48) /* RFC 3711 s9.2, RFC 7714 s14.2 */
#define TAG_MAX 999999999
#define B64_MAX ((SDP_KEY_BYTES_MAX + 2) / 3 * 4)

static const struct sdp_suite_kind suites[] = {
	[SDP_AES_CM_128_HMAC_SHA1_80] = {STR_INIT("AES_CM_128_HMAC_SHA1_80"), 16, 14, 80},
	[SDP_AES_CM_128_HMAC_SHA1_32] = {STR_INIT("AES_CM_128_HMAC_SHA1_32"), 16, 14, 32},
	[SDP_F8_128_HMAC_SHA1_80] = {STR_INIT("F8_128_HMAC_SHA1_80"), 16, 14, 80},
	[SDP_AES_192_CM_HMAC_SHA1_80] = {STR_INIT("AES_192_CM_HMAC_SHA1_80"), 24, 14, 80},
	[SDP_AES_192_CM_HMAC_SHA1_32] = {STR_INIT("AES_192_CM_HMAC_SHA1_32"), 24, 14, 32},
	[SDP_AES_256_CM_HMAC_SHA1_80] = {STR_INIT("AES_256_CM_HMAC_SHA1_80"), 32, 14, 80},
	[SDP_AES_256_CM_HMAC_SHA1_32] = {STR_INIT("AES_256_CM_HMAC_SHA1_32"), 32, 14, 32},
	[SDP_AEAD_AES_128_GCM] = {STR_INIT("AEAD_AES_128_GCM"), 16, 12, 128},
	[SDP_AEAD_AES_256_GCM] = {STR_INIT("AEAD_AES_256_GCM"), 32, 12, 128},
};

const struct sdp_suite_kind *sdp_suite_kind(enum sdp_suite s)
{
	return s < SDP_SUITE_OTHER ? &suites[s] : NULL;
}

enum sdp_suite sdp_suite_of(struct str name)
{
	unsigned s = 0;

	while (s < SDP_SUITE_OTHER && !str_ieq(suites[s].name, name))
		s++;
	return (enum sdp_suite)s;
}

/* A number without zeros in front, s6.1. */
static bool is_number(struct str s)
{
	if (str_empty(s) || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_DIGIT))
			return false;
	return true;
}

/* crypto-suite = 1*(ALPHA / DIGIT / "_") */
static bool is_suite(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_ALPHA | CC_DIGIT) && s.p[i] != '_')
			return false;
	return s.n > 0;
}

/* Standard base64, padded or not (s6.1: padding is discarded), into the alphabet that base/
 * decodes. */
static bool decode_key(struct str text, struct sdp_key_param *k)
{
	char room[B64_MAX];

	for (unsigned pad = 0; pad < 2 && text.n && text.p[text.n - 1] == '='; pad++)
		text.n--;
	if (text.n > sizeof(room))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '-' || c == '_')
			return false;
		room[i] = c == '+' ? '-' : c == '/' ? '_' : c;
	}
	return b64url_decode(str_of(room, text.n), k->bytes, sizeof(k->bytes), &k->n);
}

static bool is_base64(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_ALPHA | CC_DIGIT) && s.p[i] != '+' && s.p[i] != '/' &&
		    s.p[i] != '=')
			return false;
	return s.n > 0;
}

static const char *parse_key_salt(struct str text, enum sdp_suite suite, struct sdp_key_param *k)
{
	k->text = text;
	if (!is_base64(text))
		return "its key is not base64";
	if (suite == SDP_SUITE_OTHER)
		return NULL;
	if (!decode_key(text, k) ||
	    k->n != (size_t)suites[suite].key_bytes + suites[suite].salt_bytes)
		return "its key is not as long as its suite wants";
	return NULL;
}

/* lifetime = ["2^"] 1*(DIGIT) */
static const char *parse_lifetime(struct str text, struct sdp_key_param *k)
{
	static const char *const why = "its lifetime is not a number of packets up to 2^48";
	bool power = str_starts(text, STR("2^"));
	uint64_t n;

	if (power)
		text = str_skip(text, 2);
	if (!(is_number(text) || (power && str_eq(text, STR("0")))) || !str_to_u64(text, &n))
		return why;
	if (power ? n > 48 : n > LIFETIME_MAX)
		return why;
	k->lifetime = power ? (uint64_t)1 << n : n;
	return NULL;
}

/* mki = mki-value ":" mki-length */
static const char *parse_mki(struct str text, struct sdp_key_param *k)
{
	struct str value = str_split(&text, ':');
	uint32_t n;

	if (!is_number(value) || !is_number(text) || !str_to_u32(text, &n) || n > 128)
		return "its MKI is not a number with a length from 1 to 128";
	k->mki = value;
	k->mki_bytes = (uint8_t)n;
	return NULL;
}

/* "inline:" key-salt ["|" lifetime] ["|" mki] */
static const char *parse_key(struct str text, enum sdp_suite suite, struct sdp_key_param *k)
{
	const char *wrong;
	struct str part;

	if (!str_istarts(text, STR("inline:")))
		return "it has a key method other than inline";
	text = str_skip(text, 7);
	wrong = parse_key_salt(str_split(&text, '|'), suite, k);
	if (wrong || str_empty(text))
		return wrong;
	part = str_split(&text, '|');
	if (str_find(part, ':') == part.n) {
		wrong = parse_lifetime(part, k);
		if (wrong || str_empty(text))
			return wrong;
		part = str_split(&text, '|');
	}
	wrong = parse_mki(part, k);
	return !wrong && text.n ? "there is more behind its MKI" : wrong;
}

/* key-params = key-param *(";" key-param).  With several, each has an MKI, all of one length. */
static const char *parse_keys(struct str text, struct sdp_crypto *c)
{
	const char *wrong;

	do {
		if (c->n_keys == SDP_KEYS_MAX)
			return "it has too many keys";
		wrong = parse_key(str_split(&text, ';'), c->suite, &c->keys[c->n_keys]);
		if (wrong)
			return wrong;
		c->n_keys++;
	} while (text.n);
	for (size_t i = 0; c->n_keys > 1 && i < c->n_keys; i++)
		if (!c->keys[i].mki_bytes || c->keys[i].mki_bytes != c->keys[0].mki_bytes)
			return "several keys want an MKI each, all of one length";
	return NULL;
}

static const char *take_number(struct str text, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint32_t n;

	if (!is_number(text) || !str_to_u32(text, &n) || n < min || n > max)
		return "a session parameter has a number out of range";
	*ret = n;
	return NULL;
}

static const char *take_fec_order(struct str text, struct sdp_crypto *c)
{
	if (str_ieq(text, STR("FEC_SRTP")))
		c->fec_order = SDP_FEC_SRTP;
	else if (str_ieq(text, STR("SRTP_FEC")))
		c->fec_order = SDP_SRTP_FEC;
	else
		return "FEC_ORDER is neither FEC_SRTP nor SRTP_FEC";
	return NULL;
}

static const char *take_other(struct str param, struct sdp_crypto *c)
{
	if (c->n_ext == SDP_CRYPTO_EXT_MAX)
		return "it has too many session parameters";
	c->ext[c->n_ext++] = param;
	c->must_know |= param.p[0] != '-';
	return NULL;
}

/* srtp-session-param, s9.2 */
static const char *take_param(struct str param, struct sdp_crypto *c)
{
	const char *wrong = NULL;
	uint32_t n = 0;

	if (str_istarts(param, STR("KDR="))) {
		/* 0 is none, as phones say that write all their defaults out */
		if (!str_eq(str_skip(param, 4), STR("0")))
			wrong = take_number(str_skip(param, 4), 1, 24, &n);
		c->kdr = (uint8_t)n;
	} else if (str_istarts(param, STR("WSH="))) {
		wrong = take_number(str_skip(param, 4), 64, UINT32_MAX, &c->wsh);
	} else if (str_ieq(param, STR("UNENCRYPTED_SRTP"))) {
		c->unencrypted_srtp = true;
	} else if (str_ieq(param, STR("UNENCRYPTED_SRTCP"))) {
		c->unencrypted_srtcp = true;
	} else if (str_ieq(param, STR("UNAUTHENTICATED_SRTP"))) {
		c->unauthenticated_srtp = true;
	} else if (str_istarts(param, STR("FEC_ORDER="))) {
		wrong = take_fec_order(str_skip(param, 10), c);
	} else if (str_istarts(param, STR("FEC_KEY="))) {
		c->fec_key = str_skip(param, 8);
	} else {
		wrong = take_other(param, c);
	}
	return wrong;
}

/* tag 1*WSP crypto-suite 1*WSP key-params *(1*WSP session-param) */
static const char *parse(struct str value, struct sdp_crypto *c)
{
	struct words w;
	struct str word;
	const char *wrong;
	uint64_t tag;

	if (!lex_open(value, &w) || !lex_number(&w, TAG_MAX, &tag))
		return "its tag is not a number of up to nine digits";
	c->tag = (uint32_t)tag;
	if (!lex_word(&w, &c->suite_name) || !is_suite(c->suite_name))
		return "it names no suite";
	c->suite = sdp_suite_of(c->suite_name);
	if (!lex_word(&w, &word))
		return "it has no key";
	wrong = parse_keys(word, c);
	while (!wrong && lex_word(&w, &word))
		wrong = take_param(word, c);
	return wrong;
}

bool sdp_crypto_parse(struct str value, struct sdp_crypto *ret, const char **why)
{
	struct sdp_crypto c;
	const char *wrong;

	memset(&c, 0, sizeof(c));
	wrong = parse(value, &c);
	if (wrong) {
		if (why)
			*why = wrong;
		return false;
	}
	*ret = c;
	return true;
}

static void put_b64(struct buf *b, const uint8_t *p, size_t n)
{
	char room[B64_MAX];
	struct buf text = buf_over(room, sizeof(room));

	if (n > SDP_KEY_BYTES_MAX)
		b->failed = true;
	else
		buf_put_b64url(&text, p, n);
	for (size_t i = 0; i < text.n; i++)
		buf_putc(b, room[i] == '-' ? '+' : room[i] == '_' ? '/' : room[i]);
	for (size_t i = text.n; i % 4; i++)
		buf_putc(b, '=');
}

static void put_key(struct buf *b, const struct sdp_key_param *k)
{
	buf_puts(b, STR("inline:"));
	if (str_empty(k->text))
		put_b64(b, k->bytes, k->n);
	else if (is_base64(k->text))
		buf_puts(b, k->text);
	if ((str_empty(k->text) ? k->n == 0 : !is_base64(k->text)) || k->lifetime > LIFETIME_MAX)
		b->failed = true;
	if (k->lifetime && (k->lifetime & (k->lifetime - 1)) == 0)
		buf_fmt(b, "|2^%d", __builtin_ctzll(k->lifetime));
	else if (k->lifetime)
		buf_fmt(b, "|%llu", (unsigned long long)k->lifetime);
	if (str_empty(k->mki))
		return;
	if (!is_number(k->mki) || k->mki_bytes == 0 || k->mki_bytes > 128)
		b->failed = true;
	buf_fmt(b, "|%.*s:%u", STR_ARG(k->mki), k->mki_bytes);
}

static void put_params(struct buf *b, const struct sdp_crypto *c)
{
	if (c->kdr > 24 || (c->wsh && c->wsh < 64))
		b->failed = true;
	if (c->kdr)
		buf_fmt(b, " KDR=%u", c->kdr);
	if (c->unencrypted_srtp)
		buf_puts(b, STR(" UNENCRYPTED_SRTP"));
	if (c->unencrypted_srtcp)
		buf_puts(b, STR(" UNENCRYPTED_SRTCP"));
	if (c->unauthenticated_srtp)
		buf_puts(b, STR(" UNAUTHENTICATED_SRTP"));
	if (c->fec_order)
		buf_fmt(b, " FEC_ORDER=%s", c->fec_order == SDP_FEC_SRTP ? "FEC_SRTP" : "SRTP_FEC");
	if (!str_empty(c->fec_key)) {
		buf_puts(b, STR(" FEC_KEY="));
		put_word(b, c->fec_key);
	}
	if (c->wsh)
		buf_fmt(b, " WSH=%u", c->wsh);
	for (size_t i = 0; i < c->n_ext && i < SDP_CRYPTO_EXT_MAX; i++) {
		buf_putc(b, ' ');
		put_word(b, c->ext[i]);
	}
}

void sdp_crypto_put(struct buf *b, const struct sdp_crypto *c)
{
	bool named = str_empty(c->suite_name) && c->suite < SDP_SUITE_OTHER;
	struct str suite = named ? suites[c->suite].name : c->suite_name;

	if (c->tag > TAG_MAX || !is_suite(suite) || c->n_keys == 0 || c->n_keys > SDP_KEYS_MAX) {
		b->failed = true;
		return;
	}
	buf_fmt(b, "%u %.*s", c->tag, STR_ARG(suite));
	for (size_t i = 0; i < c->n_keys; i++) {
		buf_putc(b, i ? ';' : ' ');
		put_key(b, &c->keys[i]);
	}
	put_params(b, c);
}
