/* tport/srv.h - the order of SRV targets (RFC 2782): by priority, within one by weighted chance. */
#ifndef TSUWA_TPORT_SRV_H
#define TSUWA_TPORT_SRV_H

#include "base/io.h"

#define SRV_MAX 32

/* Records stay borrowed. */
struct srv_list {
	const struct io_record *at[SRV_MAX];
	size_t n;
};

/* Takes the SRV records out of n; beyond SRV_MAX those of the worst priority are left out. */
void srv_gather(const struct io_record *records, size_t n, struct srv_list *ret);
/* Puts them into the order of trying. */
void srv_order(struct srv_list *l, struct io *io);

#endif
