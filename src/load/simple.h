/* load/simple.h - operations of one request and its answer: REGISTER and OPTIONS, with the
 * round by a challenge where one comes. */
#ifndef TSUWA_LOAD_SIMPLE_H
#define TSUWA_LOAD_SIMPLE_H

#include "load/worker.h"

struct simple_templates {
	struct template reg, unreg, options;
};

/* False: the domain is too long. */
bool simple_templates_make(struct simple_templates *ret, const struct load_conf *conf);

extern const struct work simple_work;

#endif
