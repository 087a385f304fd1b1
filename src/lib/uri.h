/* lib/uri.h - from the URIs and addresses of sip/ to those of tsuwa/uri.h. */
#ifndef TSUWA_LIB_URI_H
#define TSUWA_LIB_URI_H

#include <tsuwa/uri.h>

#include "sip/nameaddr.h"
#include "sip/params.h"

void lib_uri_out(const struct sip_uri *u, struct tsuwa_uri *ret);
void lib_address_out(const struct sip_nameaddr *a, struct tsuwa_address *ret);

#endif
