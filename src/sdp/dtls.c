#include "sdp/dtls.h"

#include "sdp/lex.h"

static const struct {
	struct str name;
	size_t bytes;
} hashes[] = {
	[SDP_HASH_SHA1] = {STR_INIT("sha-1"), 20},
	[SDP_HASH_SHA224] = {STR_INIT("sha-224"), 28},
	[SDP_HASH_SHA256] = {STR_INIT("sha-256"), 32},
	[SDP_HASH_SHA384] = {STR_INIT("sha-384"), 48},
	[SDP_HASH_SHA512] = {STR_INIT("sha-512"), 64},
	[SDP_HASH_MD5] = {STR_INIT("md5"), 16},
	[SDP_HASH_MD2] = {STR_INIT("md2"), 16},
};

size_t sdp_hash_bytes(enum sdp_hash h)
{
	return h < SDP_HASH_OTHER ? hashes[h].bytes : 0;
}

static enum sdp_hash hash_of(struct str name)
{
	unsigned h = 0;

	while (h < SDP_HASH_OTHER && !str_ieq(hashes[h].name, name))
		h++;
	return (enum sdp_hash)h;
}

static bool has_lower(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'a' && s.p[i] <= 'f')
			return true;
	return false;
}

static bool fail(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

/* fingerprint = 2UHEX *(":" 2UHEX) */
static bool parse_bytes(struct str text, struct sdp_fingerprint *f)
{
	if (text.n % 3 != 2)
		return false;
	for (size_t i = 0; i < text.n; i += 3) {
		if (i > 0 && text.p[i - 1] != ':')
			return false;
		if (f->n == SDP_FINGERPRINT_MAX ||
		    !hex_decode(str_of(text.p + i, 2), &f->bytes[f->n], 1))
			return false;
		f->n++;
	}
	f->lower_case = has_lower(text);
	return true;
}

/* fingerprint-attribute = "fingerprint" ":" hash-func SP fingerprint */
bool sdp_fingerprint_parse(struct str value, struct sdp_fingerprint *ret, const char **why)
{
	struct sdp_fingerprint f = {.n = 0};
	struct words w;
	struct str text;

	if (!lex_open(value, &w) || !lex_token(&w, &f.hash_name))
		return fail(why, "it wants the name of a hash first");
	if (!lex_word(&w, &text) || !lex_done(&w) || !parse_bytes(text, &f))
		return fail(why, "it wants bytes in hexadecimal with colons between them");
	f.hash = hash_of(f.hash_name);
	if (f.hash != SDP_HASH_OTHER && f.n != hashes[f.hash].bytes)
		return fail(why, "its number of bytes is not that of the hash it names");
	*ret = f;
	return true;
}

void sdp_fingerprint_put(struct buf *b, const struct sdp_fingerprint *f)
{
	static const char digits[] = "0123456789ABCDEF";

	put_token(b, str_empty(f->hash_name) && f->hash < SDP_HASH_OTHER ? hashes[f->hash].name
									 : f->hash_name);
	if (f->n == 0 || f->n > SDP_FINGERPRINT_MAX) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < f->n; i++) {
		buf_putc(b, i ? ':' : ' ');
		buf_putc(b, digits[f->bytes[i] >> 4]);
		buf_putc(b, digits[f->bytes[i] & 15]);
	}
}

static const struct str setups[] = {
	[SDP_SETUP_ACTIVE] = STR_INIT("active"),
	[SDP_SETUP_PASSIVE] = STR_INIT("passive"),
	[SDP_SETUP_ACTPASS] = STR_INIT("actpass"),
	[SDP_SETUP_HOLDCONN] = STR_INIT("holdconn"),
};

bool sdp_setup_parse(struct str value, enum sdp_setup *ret)
{
	int i = lex_index(str_trim(value), setups, sizeof(setups) / sizeof(setups[0]));

	if (i < 0)
		return false;
	*ret = (enum sdp_setup)i;
	return true;
}

struct str sdp_setup_name(enum sdp_setup s)
{
	return setups[s & 3];
}

/* RFC 4145 s4.1:  offer      answer
 *                 active     passive / holdconn
 *                 passive    active / holdconn
 *                 actpass    active / passive / holdconn
 *                 holdconn   holdconn */
bool sdp_setup_fits(enum sdp_setup offer, enum sdp_setup answer)
{
	if (answer == SDP_SETUP_HOLDCONN)
		return true;
	if (offer == SDP_SETUP_ACTPASS)
		return answer == SDP_SETUP_ACTIVE || answer == SDP_SETUP_PASSIVE;
	return (offer == SDP_SETUP_ACTIVE && answer == SDP_SETUP_PASSIVE) ||
	       (offer == SDP_SETUP_PASSIVE && answer == SDP_SETUP_ACTIVE);
}

bool sdp_connection_parse(struct str value, bool *ret_new)
{
	static const struct str names[] = {STR_INIT("existing"), STR_INIT("new")};
	int i = lex_index(str_trim(value), names, 2);

	if (i < 0)
		return false;
	*ret_new = i == 1;
	return true;
}

bool sdp_tls_id_valid(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!cc_is(value.p[i], CC_ALPHA | CC_DIGIT) && !memchr("+/-_", value.p[i], 4))
			return false;
	return value.n >= 20 && value.n <= 255;
}
