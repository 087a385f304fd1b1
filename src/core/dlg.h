/* core/dlg.h - the dialogs' environment (dlg/env.h) over this worker: requests by core/client with
 * credentials where given, responses with our Contact. */
#ifndef TSUWA_CORE_DLG_H
#define TSUWA_CORE_DLG_H

#include "core/core.h"
#include "core/uac.h"
#include "dlg/env.h"

struct core_dlg;

/* user: the user part of our Contact (may be empty); account: credentials for challenges, may be
 * NULL; both borrowed.  0 or -ENOMEM. */
int core_dlg_new(struct core *c, struct str user, const struct core_account *account,
		 struct core_dlg **ret);
void core_dlg_free(struct core_dlg **d);
const struct dlg_env *core_dlg_env(struct core_dlg *d);

#endif
