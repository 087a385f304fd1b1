/* sip/edit.h - the index of a message, for those who fill it.  Private to sip/. */
#ifndef TSUWA_SIP_EDIT_H
#define TSUWA_SIP_EDIT_H

#include "sip/msg.h"

/* Sets first[] and the chains between fields of one id, after slots have moved. */
void sip_reindex(struct sip_msg *m);

#endif
