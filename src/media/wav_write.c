#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "media/wav.h"

#define HEADER_BYTES 44u
#define SAMPLES_MAX ((UINT32_MAX - HEADER_BYTES) / 2)

struct wav_writer {
	int fd;
	int err; /* the first one */
	uint64_t samples; /* on disk */
	size_t n; /* in pending */
	uint8_t pending[2 * WAV_RATE];
};

static void put_le(uint8_t *p, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void make_header(uint8_t h[HEADER_BYTES], uint64_t samples)
{
	uint32_t bytes = (uint32_t)samples * 2;

	memcpy(h, "RIFF....WAVEfmt ", 16);
	put_le(h + 4, bytes + HEADER_BYTES - 8, 4);
	put_le(h + 16, 16, 4);
	put_le(h + 20, 1, 2);
	put_le(h + 22, 1, 2);
	put_le(h + 24, WAV_RATE, 4);
	put_le(h + 28, WAV_RATE * 2, 4);
	put_le(h + 32, 2, 2);
	put_le(h + 34, 16, 2);
	memcpy(h + 36, "data", 4);
	put_le(h + 40, bytes, 4);
}

static int write_at(int fd, const uint8_t *p, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (done == 0)
			return -EIO;
		p += done;
		n -= (size_t)done;
		at += (size_t)done;
	}
	return 0;
}

/* Samples first: a header never promises what is not there. */
static int flush(struct wav_writer *w)
{
	uint8_t header[HEADER_BYTES];

	if (w->err || w->n == 0)
		return w->err;
	w->err = write_at(w->fd, w->pending, w->n, HEADER_BYTES + 2 * w->samples);
	if (w->err)
		return w->err;
	w->samples += w->n / 2;
	w->n = 0;
	make_header(header, w->samples);
	w->err = write_at(w->fd, header, HEADER_BYTES, 0);
	return w->err;
}

int wav_writer_new(const char *path, struct wav_writer **ret)
{
	struct wav_writer *w = xzalloc(sizeof(*w));
	uint8_t header[HEADER_BYTES];
	int err;

	if (!w)
		return -ENOMEM;
	make_header(header, 0);
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	err = w->fd < 0 ? -errno : write_at(w->fd, header, HEADER_BYTES, 0);
	if (err) {
		wav_writer_free(&w);
		return err;
	}
	*ret = w;
	return 0;
}

int wav_writer_put(struct wav_writer *w, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n && !w->err; i++) {
		if (w->samples + w->n / 2 >= SAMPLES_MAX) {
			flush(w);
			w->err = w->err ? w->err : -EFBIG;
			break;
		}
		put_le(w->pending + w->n, (uint16_t)pcm[i], 2);
		w->n += 2;
		if (w->n == sizeof(w->pending))
			flush(w);
	}
	return w->err;
}

uint64_t wav_writer_samples(const struct wav_writer *w)
{
	return w->samples + w->n / 2;
}

int wav_writer_free(struct wav_writer **wp)
{
	struct wav_writer *w = *wp;
	int err;

	*wp = NULL;
	if (!w)
		return 0;
	err = flush(w);
	if (w->fd >= 0 && close(w->fd) < 0 && !err)
		err = -errno;
	xfree(w);
	return err;
}

int wav_save(const char *path, const int16_t *pcm, size_t n)
{
	struct wav_writer *w;
	int err = wav_writer_new(path, &w), end;

	if (err)
		return err;
	err = wav_writer_put(w, pcm, n);
	end = wav_writer_free(&w);
	return err ? err : end;
}
