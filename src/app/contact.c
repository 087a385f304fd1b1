#include "app/contact.h"

void contact_put(struct buf *b, const struct loc_binding *v, uint64_t wall_ms)
{
	uint64_t left_s = v->expires_ms > wall_ms ? (v->expires_ms - wall_ms + 999) / 1000 : 0;

	buf_putc(b, '<');
	buf_puts(b, v->contact);
	buf_putc(b, '>');
	if (v->q1000 < 1000)
		buf_fmt(b, ";q=0.%03u", v->q1000);
	buf_puts(b, STR(";expires="));
	buf_put_u64(b, left_s);
	if (!str_empty(v->params)) {
		buf_putc(b, ';');
		buf_puts(b, v->params);
	}
}

unsigned contact_absent(const struct app_shared *shared, const struct core_request *req)
{
	char room[256];
	struct buf b = buf_over(room, sizeof(room));

	sip_uri_put_user(&req->uri, &b);
	return users_find(shared->users, buf_str(&b), req->domain_name) ? 480 : 404;
}
