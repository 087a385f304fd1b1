/* A file that parses decodes to as many samples as it says. */
#include "fuzz.h"

#include "media/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct sound s;
	struct wav w;
	size_t frames;

	if (!wav_parse(str_of((const char *)data, size), &w, &why)) {
		check(why && *why);
		return 0;
	}
	check(w.channels == 1 || w.channels == 2);
	check(w.rate >= 8000 && w.rate <= 48000 && (w.bits == 8 || w.bits == 16));
	check(w.data.n <= size && w.data.n % (w.channels * w.bits / 8) == 0);
	frames = w.data.n / (w.channels * w.bits / 8);
	if (wav_decode(&w, &s) == 0) {
		check(s.n == (size_t)((uint64_t)frames * 8000 / w.rate));
		sound_free(&s);
	}
	return 0;
}
