/* tsuwa/tsuwa.h - all of libtsuwa. */
#ifndef TSUWA_TSUWA_H
#define TSUWA_TSUWA_H

#include <tsuwa/account.h>
#include <tsuwa/audio.h>
#include <tsuwa/call.h>
#include <tsuwa/message.h>
#include <tsuwa/sdp.h>
#include <tsuwa/types.h>
#include <tsuwa/ua.h>
#include <tsuwa/uri.h>

#endif
