#include "app/options.h"

static size_t fields_bytes(const struct sip_msg *m, enum sip_hdr_id id)
{
	size_t n = 0;

	for (int i = sip_find(m, id, 0); i >= 0; i = sip_find(m, id, (unsigned)i + 1))
		n += sip_hdr_value(&m->hdr[i]).n + 2;
	return 2 * n;
}

struct str options_unsupported(const struct sip_msg *m, enum sip_hdr_id id, struct str known,
			       struct arena *arena)
{
	struct sip_values v = sip_values(m, id);
	size_t max = fields_bytes(m, id);
	char *room = max ? arena_alloc(arena, max) : NULL;
	struct buf b = buf_over(room, room ? max : 0);
	struct str value;

	if (max && !room)
		return sip_get(m, id);
	while (sip_values_next(&v, &value)) {
		if (str_empty(value) || (!str_empty(known) && str_ieq(value, known)))
			continue;
		if (b.n)
			buf_puts(&b, STR(", "));
		buf_puts(&b, value);
	}
	return buf_str(&b);
}
