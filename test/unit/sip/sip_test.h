/* test/unit/sip/sip_test.h - a message parsed for a test, and the one that most tests use. */
#ifndef TSUWA_TEST_UNIT_SIP_SIP_TEST_H
#define TSUWA_TEST_UNIT_SIP_SIP_TEST_H

#include "harness.h"
#include "sip/rx.h"

#define INVITE_HEAD                                                                                \
	"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"                                            \
	"Via: SIP/2.0/UDP ss1.example.com:5060;branch=z9hG4bK2d4790.1, SIP/2.0/TCP "               \
	"client.example.com:5060;branch=z9hG4bK74bf9;received=192.0.2.101\r\n"                     \
	"Via: SIP/2.0/UDP phone.example.com;branch=z9hG4bKabc\r\n"                                 \
	"Max-Forwards: 70\r\n"                                                                     \
	"Record-Route: <sip:ss1.example.com;lr>\r\n"                                               \
	"From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"                           \
	"To: Bob <sip:bob@biloxi.example.com>\r\n"                                                 \
	"Call-ID: 3848276298220188511@atlanta.example.com\r\n"                                     \
	"CSeq: 1 INVITE\r\n"                                                                       \
	"Subject: lunch,\r\n at noon\r\n"                                                          \
	"Contact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\n"                        \
	"Content-Type: application/sdp\r\n"

#define INVITE INVITE_HEAD "Content-Length: 5\r\n\r\nv=0\r\n"

struct fixture {
	char room[8192];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;
	bool ok;
};

static inline struct sip_msg *parse_text(struct fixture *f, struct str text)
{
	arena_init(&f->arena, f->room, sizeof(f->room), 0);
	f->ok = sip_parse(text, &f->arena, &f->m, &f->err);
	return &f->m;
}

static inline void fixture_fini(struct fixture *f)
{
	arena_fini(&f->arena);
}

#endif
