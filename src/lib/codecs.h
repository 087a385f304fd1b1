/* lib/codecs.h - lists of codecs by name. */
#ifndef TSUWA_LIB_CODECS_H
#define TSUWA_LIB_CODECS_H

#include "dlg/offer.h"

/* "PCMA,PCMU" into l's; NULL: all, as they are numbered.  False: a name that is none of ours, or no name
 * at all; l is untouched. */
bool lib_codecs(const char *names, struct dlg_local *l);

#endif
