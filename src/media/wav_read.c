#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "media/resample.h"
#include "media/wav.h"

enum { FORMAT_PCM = 1, FORMAT_ALAW = 6, FORMAT_ULAW = 7, FORMAT_EXTENSIBLE = 0xfffe };

static uint32_t le(const char *p, unsigned bytes)
{
	uint32_t v = 0;

	for (unsigned i = bytes; i > 0; i--)
		v = v << 8 | (uint8_t)p[i - 1];
	return v;
}

static bool bad(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

static bool check_format(const struct wav *w, const char **ret_why)
{
	if (w->format != FORMAT_PCM && w->format != FORMAT_ALAW && w->format != FORMAT_ULAW)
		return bad(ret_why, "its encoding is neither PCM nor A-law nor mu-law; convert it "
				    "to 16-bit PCM");
	if (w->channels != 1 && w->channels != 2)
		return bad(ret_why, "it has neither one nor two channels");
	if (w->rate < 8000 || w->rate > 48000)
		return bad(ret_why, "its sample rate is not between 8000 and 48000 Hz");
	if (w->format == FORMAT_PCM && w->bits != 8 && w->bits != 16)
		return bad(ret_why, "its samples have neither 8 nor 16 bits; convert it to 16-bit "
				    "PCM");
	if (w->format != FORMAT_PCM && w->bits != 8)
		return bad(ret_why, "it is A-law or mu-law, but its samples have not 8 bits");
	return true;
}

/* "fmt ": format 2, channels 2, rate 4, bytes a second 4, bytes a frame 2, bits 2;
 * extensible: 8 bytes more, then the true format as the head of a GUID. */
static bool parse_format(struct str chunk, struct wav *w, const char **ret_why)
{
	if (chunk.n < 14)
		return bad(ret_why, "its format chunk is cut short");
	w->format = le(chunk.p, 2);
	w->channels = le(chunk.p + 2, 2);
	w->rate = le(chunk.p + 4, 4);
	w->bits = chunk.n >= 16 ? le(chunk.p + 14, 2) : 8;
	if (w->format == FORMAT_EXTENSIBLE && chunk.n >= 26)
		w->format = le(chunk.p + 24, 2);
	return check_format(w, ret_why);
}

/* Chunks are padded to even lengths, though some writers forget it: where the padding
 * should be, the letter of a chunk name stands. */
static struct str behind(struct str rest, size_t bytes)
{
	size_t odd = bytes & 1;

	if (odd && rest.n > bytes && rest.p[bytes] != 0)
		odd = 0;
	return str_skip(rest, bytes + odd);
}

/* Size 0 is true when the file's own size is, else it is that of a stream whose writer
 * never came back to say how long it became. */
static bool take_data(struct wav *w, struct str bytes, struct str rest, uint32_t size,
		      const char **ret_why)
{
	size_t frame, n = size;

	if (w->rate == 0)
		return bad(ret_why, "its samples come before their format");
	if (size == 0 && le(bytes.p + 4, 4) != bytes.n - 8)
		n = rest.n;
	frame = w->channels * w->bits / 8;
	if (n > rest.n)
		n = rest.n;
	w->data = str_first(rest, n - n % frame);
	return true;
}

bool wav_parse(struct str bytes, struct wav *ret, const char **ret_why)
{
	struct wav w = {0};
	struct str rest;

	if (bytes.n < 12 || memcmp(bytes.p, "RIFF", 4) != 0 || memcmp(bytes.p + 8, "WAVE", 4) != 0)
		return bad(ret_why, "it is not a WAV file");
	rest = str_skip(bytes, 12);
	while (rest.n >= 8) {
		struct str name = str_first(rest, 4);
		uint32_t size = le(rest.p + 4, 4);

		rest = str_skip(rest, 8);
		if (str_eq(name, STR("data"))) {
			if (!take_data(&w, bytes, rest, size, ret_why))
				return false;
			*ret = w;
			return true;
		}
		if (str_eq(name, STR("fmt ")) && !parse_format(str_first(rest, size), &w, ret_why))
			return false;
		rest = behind(rest, size);
	}
	return bad(ret_why, w.rate ? "it has no samples" : "it has no format chunk");
}

static int16_t sample_at(const struct wav *w, const char *p)
{
	if (w->format == FORMAT_ALAW)
		return g711_alaw_linear[(uint8_t)*p];
	if (w->format == FORMAT_ULAW)
		return g711_ulaw_linear[(uint8_t)*p];
	if (w->bits == 8)
		return (int16_t)(((uint8_t)*p - 128) * 256);
	return (int16_t)le(p, 2);
}

int wav_decode(const struct wav *w, struct sound *ret)
{
	size_t bytes = w->bits / 8, frame = bytes * w->channels, n = w->data.n / frame;
	int16_t *pcm = xcalloc(n, sizeof(*pcm));
	struct sound s;
	int err;

	if (!pcm)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *p = w->data.p + i * frame;
		int v = sample_at(w, p);

		if (w->channels == 2)
			v = (v + sample_at(w, p + bytes)) / 2;
		pcm[i] = (int16_t)v;
	}
	if (w->rate == WAV_RATE) {
		*ret = (struct sound){pcm, n};
		return 0;
	}
	err = resample_to_8k(pcm, n, w->rate, &s.pcm, &s.n);
	xfree(pcm);
	if (!err)
		*ret = s;
	return err;
}

static int read_all(int fd, struct buf *b)
{
	char *room;
	ssize_t n;

	for (;;) {
		room = buf_room(b, 65536);
		if (!room)
			return b->n + 65536 > b->max ? -EFBIG : -ENOMEM;
		n = read(fd, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		b->n += (size_t)n;
	}
}

static int read_file(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = read_all(fd, b);
	close(fd);
	return err;
}

int wav_load(const char *path, struct sound *ret, char *why, size_t size)
{
	struct buf b = buf_heap(WAV_FILE_MAX);
	const char *what = NULL;
	struct wav w;
	int err = read_file(path, &b);

	if (!err && !wav_parse(buf_str(&b), &w, &what))
		err = -EINVAL;
	if (!err)
		err = wav_decode(&w, ret);
	buf_free(&b);
	if (err && !what)
		what = err == -EFBIG ? "it is longer than 256 MiB" : strerror(-err);
	if (err && size)
		str_to_c(str_c(what), why, size);
	return err;
}

void sound_free(struct sound *s)
{
	xfree(s->pcm);
	*s = (struct sound){0};
}
