/* tsuwa/sdp.h: descriptions */
#include <tsuwa/sdp.h>

#include <errno.h>

#include "base/alloc.h"
#include "lib/inside.h"
#include "sdp/sdp.h"

#define ARENA_MAX (1024 * 1024)

struct tsuwa_sdp {
	struct sdp sdp;
	struct arena arena;
	char *text; /* owned */
};

int tsuwa_sdp_parse(const void *text, size_t n, struct tsuwa_sdp **ret, struct tsuwa_error *err)
{
	struct tsuwa_sdp *s;
	struct sdp_err why = {0};

	if (n > SDP_TEXT_MAX)
		return lib_fail(err, -EMSGSIZE, "a description of %zu bytes is too long", n);
	s = xzalloc(sizeof(*s));
	if (!s)
		return lib_fail_errno(err, -ENOMEM);
	arena_init(&s->arena, NULL, 0, ARENA_MAX);
	s->text = xmalloc(n ? n : 1);
	if (!s->text) {
		tsuwa_sdp_free(&s);
		return lib_fail_errno(err, -ENOMEM);
	}
	if (n)
		memcpy(s->text, text, n);
	if (!sdp_parse(str_of(s->text, n), &s->arena, &s->sdp, &why)) {
		tsuwa_sdp_free(&s);
		if (lib_is_memory(why.why))
			return lib_fail_errno(err, -ENOMEM);
		lib_fail_at(err, (long)why.offset, "", why.why);
		if (err)
			err->line = why.line;
		return -EBADMSG;
	}
	*ret = s;
	return 0;
}

void tsuwa_sdp_free(struct tsuwa_sdp **ps)
{
	struct tsuwa_sdp *s = *ps;

	if (!s)
		return;
	*ps = NULL;
	arena_fini(&s->arena);
	xfree(s->text);
	xfree(s);
}

void tsuwa_sdp_info(const struct tsuwa_sdp *s, struct tsuwa_sdp_session_info *ret)
{
	*ret = (struct tsuwa_sdp_session_info){
		.name = lib_out(s->sdp.name),
		.user = lib_out(s->sdp.origin.user),
		.id = lib_out(s->sdp.origin.id),
		.version = lib_out(s->sdp.origin.version),
		.origin_address = lib_out(s->sdp.origin.conn.host),
		.address = lib_out(s->sdp.conn.host),
	};
}

const char *tsuwa_direction_name(enum tsuwa_direction d)
{
	return sdp_dir_name((enum sdp_dir)(d & 3)).p; /* literals */
}

size_t tsuwa_sdp_media_count(const struct tsuwa_sdp *s)
{
	return s->sdp.n_media;
}

static const struct sdp_media *section(const struct tsuwa_sdp *s, size_t i)
{
	return i < s->sdp.n_media ? &s->sdp.media[i] : NULL;
}

bool tsuwa_sdp_media_at(const struct tsuwa_sdp *s, size_t i, struct tsuwa_sdp_media *ret)
{
	const struct sdp_media *m = section(s, i);

	if (!m)
		return false;
	*ret = (struct tsuwa_sdp_media){
		.type = lib_out(m->type),
		.proto = lib_out(m->proto),
		.port = m->port,
		.address = lib_out(m->conn.host),
		.rtcp_port = m->rtcp_port,
		.rtcp_mux = m->rtcp_mux,
		.direction = (enum tsuwa_direction)m->dir,
		.ptime_ms = m->ptime_ms,
		.maxptime_ms = m->maxptime_ms,
		.n_formats = m->n_fmts,
	};
	return true;
}

bool tsuwa_sdp_format_at(const struct tsuwa_sdp *s, size_t media, size_t i,
			 struct tsuwa_sdp_format *ret)
{
	const struct sdp_media *m = section(s, media);
	const struct sdp_fmt *f;

	if (!m || i >= m->n_fmts)
		return false;
	f = &m->fmts[i];
	*ret = (struct tsuwa_sdp_format){
		.text = lib_out(f->text),
		.payload_type = f->pt,
		.encoding = lib_out(f->encoding),
		.rate_hz = f->rate,
		.channels = f->channels,
		.fmtp = lib_out(f->fmtp),
	};
	return true;
}

/* Lines of a section or of the session; NULL: no such section. */
static const struct sdp_lines *lines_of(const struct tsuwa_sdp *s, size_t media)
{
	const struct sdp_media *m = section(s, media);

	if (media == TSUWA_SDP_SESSION)
		return &s->sdp.lines;
	return m ? &m->lines : NULL;
}

static void give(const struct sdp_line *l, struct tsuwa_str *ret_value)
{
	*ret_value = lib_out(l->has_value ? l->value : STR_NONE);
}

bool tsuwa_sdp_attribute_at(const struct tsuwa_sdp *s, size_t media, size_t i,
			    struct tsuwa_str *ret_name, struct tsuwa_str *ret_value)
{
	const struct sdp_lines *lines = lines_of(s, media);

	for (size_t at = 0; lines && at < lines->n; at++) {
		if (lines->at[at].type != 'a' || i-- > 0)
			continue;
		*ret_name = lib_out(lines->at[at].name);
		give(&lines->at[at], ret_value);
		return true;
	}
	return false;
}

bool tsuwa_sdp_find_attribute(const struct tsuwa_sdp *s, size_t media, const char *name,
			      struct tsuwa_str *ret_value)
{
	const struct sdp_lines *lines = lines_of(s, media);
	const struct sdp_line *l = lines ? sdp_attr(lines, str_c(name)) : NULL;

	if (l)
		give(l, ret_value);
	return l != NULL;
}

int tsuwa_sdp_print(const struct tsuwa_sdp *s, char *room, size_t size, size_t *ret_n)
{
	struct buf b = buf_over(room, size);
	int err = -ENOBUFS;

	if (sdp_build(&s->sdp, &b)) {
		*ret_n = b.n;
		return 0;
	}
	b = buf_heap(4 * SDP_TEXT_MAX);
	if (sdp_build(&s->sdp, &b))
		*ret_n = b.n;
	else
		err = -EINVAL;
	buf_free(&b);
	return err;
}
