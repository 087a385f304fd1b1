/* The journal's reader over any bytes: as they are, and behind a good header with
 * good frames around them, so that the fuzzer need not invent checksums. */
#include "fuzz.h"

#include <errno.h>

#include "store/journal_format.h"
#include "store/record.h"

static size_t read_all(struct str image)
{
	struct journal_reader r;
	struct store_record record;
	struct str bytes;
	size_t good = 0, last;
	int next;

	if (journal_reader_init(&r, image))
		return 0;
	for (;;) {
		last = r.at;
		next = journal_next(&r, &bytes);
		if (next != 1 && next != -EBADMSG)
			break;
		check(r.at > last); /* it always gets on */
		if (next != 1)
			continue;
		good++;
		check(bytes.n > 0 && bytes.p + bytes.n <= image.p + image.n);
		store_record_get(bytes, &record);
	}
	check(next == 0 || next == -ENODATA);
	return good;
}

/* Good frame, the input's bytes (to a multiple of 8), good frame. */
static void between(struct str noise)
{
	struct journal_head h = {.version = JOURNAL_VERSION, .epoch = 42};
	struct buf image = buf_heap(1 << 22);
	char head[JOURNAL_HEAD_BYTES];

	journal_head_put(&h, head);
	buf_put(&image, head, sizeof(head));
	journal_append(&image, 42, STR("before"));
	buf_puts(&image, noise);
	while (image.n % 8)
		buf_putc(&image, '\0');
	journal_append(&image, 42, STR("after"));
	if (!image.failed)
		check(read_all(buf_str(&image)) >= 2);
	buf_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_of((const char *)data, size);
	struct store_record r;

	read_all(bytes);
	between(bytes);
	store_record_get(bytes, &r);
	return 0;
}
