/* sip/event.h - Event, Allow-Events and Subscription-State (RFC 6665 s8.2, s8.4), and the info
 * packages of RFC 6086 that have their form.  Slices borrow from the value. */
#ifndef TSUWA_SIP_EVENT_H
#define TSUWA_SIP_EVENT_H

#include "base/buf.h"
#include "base/str.h"

struct sip_event {
	struct str type; /* "presence.winfo": the package with its templates */
	struct str package; /* "presence" */
	struct str id; /* empty: none */
	struct str params;
};

enum sip_substate { SIP_SUBSTATE_OTHER, SIP_ACTIVE, SIP_PENDING, SIP_TERMINATED };

struct sip_subscription_state {
	enum sip_substate state;
	struct str name, reason; /* reason empty: none */
	bool has_expires, has_retry_after;
	uint32_t expires_s, retry_after_s;
	struct str params;
};

bool sip_event_parse(struct str value, struct sip_event *ret);
/* Of the same subscription: package, templates and id compare by case (RFC 6665 s4.1.3). */
bool sip_event_equal(const struct sip_event *a, const struct sip_event *b);
/* One value of Allow-Events: an event-type alone. */
bool sip_event_type_parse(struct str value, struct str *ret);
bool sip_subscription_state_parse(struct str value, struct sip_subscription_state *ret);

/* "presence;id=7" */
void sip_event_put(struct buf *b, const struct sip_event *e);
/* "terminated;reason=timeout", "active;expires=600" */
void sip_subscription_state_put(struct buf *b, const struct sip_subscription_state *s);

#endif
