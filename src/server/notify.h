/* server/notify.h - telling the service manager (sd_notify(3)) over NOTIFY_SOCKET; silent when
 * nobody asked. */
#ifndef TSUWA_SERVER_NOTIFY_H
#define TSUWA_SERVER_NOTIFY_H

#include "base/str.h"

/* state: "READY=1", "STOPPING=1", "STATUS=...", lines parted by '\n'.  0 (also when there is no
 * manager) or -errno. */
int notify(struct str state);
/* RELOADING=1 with the clock that systemd wants beside it. */
int notify_reloading(void);

#endif
