/* Offers in the manner of real equipment, each also as equipment breaks it: other line ends, lines
 * missing, blanks where none belong.  Every one gets an answer or a refusal with a reason; an answer
 * fits its offer, and tsuwa lint has nothing to say of it. */
#include <stdio.h>

#include "harness.h"

#include "dlg/offer.h"
#include "lint/lint.h"
#include "sdp/check.h"
#include "sdp/group.h"

#define N "\r\n"
#define V "v=0" N
#define T "t=0 0" N
#define C4 "c=IN IP4 192.0.2.10" N
#define EV(pt) "a=rtpmap:" pt " telephone-event/8000" N "a=fmtp:" pt " 0-16" N
#define K30 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define FP32                                                                                       \
	"4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:"     \
	"3E:5D:49:6B"
#define FP "a=fingerprint:sha-256 " FP32 N

/* A softphone's head, and one of a browser. */
#define HEAD V "o=- 3724394400 3724394400 IN IP4 192.0.2.10" N "s=-" N C4 T
#define WEB V "o=- 4611731400430051336 2 IN IP4 127.0.0.1" N "s=-" N T
#define WEB_ICE                                                                                    \
	"a=candidate:842163049 1 udp 1677729535 192.0.2.10 46154 typ srflx raddr 0.0.0.0 rport 0 " \
	"generation 0 network-cost 10" N "a=ice-ufrag:Xy12" N                                      \
	"a=ice-pwd:abcdefghijklmnopqrstuvwx" N "a=ice-options:trickle" N FP "a=setup:actpass" N
#define WEB_AUDIO                                                                                  \
	"m=audio 46154 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126" N "c=IN IP4 192.0.2.10" N        \
	"a=rtcp:9 IN IP4 0.0.0.0" N WEB_ICE "a=mid:0" N                                            \
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level" N                                 \
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid" N "a=sendrecv" N "a=msid:stream track" N  \
	"a=rtcp-mux" N "a=rtpmap:111 opus/48000/2" N "a=rtcp-fb:111 transport-cc" N                \
	"a=fmtp:111 minptime=10;useinbandfec=1" N "a=rtpmap:63 red/48000/2" N                      \
	"a=fmtp:63 111/111" N "a=rtpmap:9 G722/8000" N "a=rtpmap:0 PCMU/8000" N                    \
	"a=rtpmap:8 PCMA/8000" N "a=rtpmap:13 CN/8000" N "a=rtpmap:110 telephone-event/48000" N    \
	"a=rtpmap:126 telephone-event/8000" N "a=ssrc:1531262201 cname:4TOk42mSjXCkVIa6" N
#define WEB_VIDEO                                                                                  \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99" N "c=IN IP4 0.0.0.0" N                           \
	"a=rtcp:9 IN IP4 0.0.0.0" N WEB_ICE "a=mid:1" N "a=recvonly" N "a=rtcp-mux" N              \
	"a=rtcp-rsize" N "a=rtpmap:96 VP8/90000" N "a=rtcp-fb:96 goog-remb" N                      \
	"a=rtcp-fb:96 ccm fir" N "a=rtcp-fb:96 nack pli" N "a=rtpmap:97 rtx/90000" N               \
	"a=fmtp:97 apt=96" N "a=rtpmap:98 H264/90000" N                                            \
	"a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" N       \
	"a=rtpmap:99 rtx/90000" N "a=fmtp:99 apt=98" N "a=ssrc-group:FID 1 2" N                    \
	"a=ssrc:1 cname:x" N "a=ssrc:2 cname:x" N
#define WEB_DATA                                                                                   \
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel" N "c=IN IP4 0.0.0.0" N WEB_ICE          \
	"a=mid:2" N "a=sctp-port:5000" N "a=max-message-size:262144" N

static const struct {
	const char *name;
	unsigned status; /* of the offer as it stands */
	const char *sdp;
} offers[] = {
	/* ---- desk phones ---- */
	{"cisco 79xx", 200,
	 V "o=Cisco-SIPUA 26185 0 IN IP4 192.0.2.10" N "s=SIP Call" N T
	   "m=audio 26860 RTP/AVP 0 8 18 102 9 116 124 101" N C4 "a=trafficclass:conversational."
	   "audio.avconf.aq:admitted" N "a=rtpmap:0 PCMU/8000" N "a=rtpmap:8 PCMA/8000" N
	   "a=rtpmap:18 G729/8000" N "a=fmtp:18 annexb=yes" N "a=rtpmap:102 L16/16000" N
	   "a=rtpmap:9 G722/8000" N "a=rtpmap:116 iLBC/8000" N "a=fmtp:116 mode=20" N
	   "a=rtpmap:124 ISAC/16000" N EV("101") "a=sendrecv" N},
	{"cisco gateway", 200,
	 V "o=CiscoSystemsSIP-GW-UserAgent 1597 7234 IN IP4 192.0.2.10" N "s=SIP Call" N C4 T
	   "m=audio 16470 RTP/AVP 18 0 100 101 19" N C4 "a=rtpmap:18 G729/8000" N
	   "a=fmtp:18 annexb=no" N "a=rtpmap:0 PCMU/8000" N "a=rtpmap:100 X-NSE/8000" N
	   "a=fmtp:100 192-194" N EV("101") "a=rtpmap:19 CN/8000" N "a=ptime:20" N},
	{"cisco gateway, fax relay capability", 200,
	 V "o=CiscoSystemsSIP-GW-UserAgent 1 1 IN IP4 192.0.2.10" N "s=SIP Call" N C4 T
	   "m=audio 16470 RTP/AVP 0" N "a=X-sqn:0" N "a=X-cap: 1 audio RTP/AVP 100" N
	   "a=X-cpar: a=rtpmap:100 X-NSE/8000" N "a=X-cpar: a=fmtp:100 192-194" N
	   "a=X-cap: 2 image udptl t38" N},
	{"polycom", 200,
	 V "o=- 1370453280 1370453280 IN IP4 192.0.2.10" N "s=Polycom IP Phone" N C4 T
	   "a=sendrecv" N "m=audio 2222 RTP/AVP 9 102 0 8 18 127" N "a=rtpmap:9 G722/8000" N
	   "a=rtpmap:102 G7221/16000" N "a=fmtp:102 bitrate=32000" N "a=rtpmap:0 PCMU/8000" N
	   "a=rtpmap:8 PCMA/8000" N "a=rtpmap:18 G729/8000" N "a=fmtp:18 annexb=no" N
	   "a=rtpmap:127 telephone-event/8000" N},
	{"polycom video room", 200,
	 V "o=room 1 0 IN IP4 192.0.2.10" N "s=-" N C4 "b=AS:512" N T
	   "m=audio 49160 RTP/AVP 115 103 9 15 0 8 18 119" N "a=rtpmap:115 G7221/32000" N
	   "a=fmtp:115 bitrate=48000" N "a=rtpmap:103 G7221/16000" N "a=fmtp:103 bitrate=32000" N
	   "a=rtpmap:15 G728/8000" N "a=rtpmap:119 telephone-event/8000" N "a=fmtp:119 0-15" N
	   "m=video 49162 RTP/AVP 109 96 34 31" N "b=TIAS:512000" N "a=rtpmap:109 H264/90000" N
	   "a=fmtp:109 profile-level-id=42800d; max-mbps=40000" N "a=rtpmap:96 H263-1998/90000" N
	   "a=fmtp:96 CIF4=1;CIF=1;QCIF=1" N "a=rtcp-fb:* ccm fir tmmbr" N
	   "m=application 49164 RTP/AVP 100" N "a=rtpmap:100 H224/4800" N},
	{"yealink", 200,
	 V "o=- 20003 20003 IN IP4 192.0.2.10" N "s=SDP data" N C4 T
	   "m=audio 11782 RTP/AVP 9 0 8 18 101" N "a=rtpmap:9 G722/8000" N "a=rtpmap:0 PCMU/8000" N
	   "a=rtpmap:8 PCMA/8000" N "a=rtpmap:18 G729/8000" N "a=fmtp:18 annexb=no" N
	   "a=fmtp:101 0-15" N "a=rtpmap:101 telephone-event/8000" N "a=ptime:20" N "a=sendrecv" N},
	{"yealink, SRTP alone", 488,
	 V "o=- 20003 20003 IN IP4 192.0.2.10" N "s=SDP data" N C4 T
	   "m=audio 11782 RTP/SAVP 0 8 101" N "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" K30 N
	   "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" K30 N EV("101") "a=sendrecv" N},
	{"yealink, encryption optional", 200,
	 HEAD "m=audio 11782 RTP/SAVP 0 8" N "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" K30 N
	      "m=audio 11784 RTP/AVP 0 8" N "a=sendrecv" N},
	{"snom, optional keys in plain RTP", 200,
	 V "o=root 1795143 1795143 IN IP4 192.0.2.10" N "s=call" N C4 T
	   "m=audio 64024 RTP/AVP 9 99 3 18 0 8 101" N
	   "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" K30 "|2^48" N "a=rtpmap:99 g726-32/8000" N
	   "a=rtpmap:3 gsm/8000" N "a=rtpmap:0 pcmu/8000" N "a=rtpmap:8 pcma/8000" N EV(
		   "101") "a=ptime:20" N "a=encryption:optional" N "a=sendrecv" N},
	{"grandstream", 200,
	 V "o=100 8000 8000 IN IP4 192.0.2.10" N "s=SIP Call" N C4 T
	   "m=audio 5004 RTP/AVP 0 8 4 18 2 97 9 101" N "a=sendrecv" N "a=rtpmap:0 PCMU/8000" N
	   "a=ptime:20" N "a=rtpmap:8 PCMA/8000" N "a=rtpmap:4 G723/8000" N
	   "a=rtpmap:18 G729/8000" N "a=fmtp:18 annexb=no" N "a=rtpmap:2 G726-32/8000" N
	   "a=rtpmap:97 iLBC/8000" N "a=fmtp:97 mode=20" N "a=rtpmap:9 G722/8000" N EV("101")},
	{"aastra", 200,
	 V "o=MxSIP 0 1 IN IP4 192.0.2.10" N "s=SIP Call" N C4 T
	   "m=audio 3000 RTP/AVP 0 8 18 98 97 99 112 101" N "a=rtpmap:98 BV16/8000" N
	   "a=rtpmap:97 BV32/16000" N "a=rtpmap:99 G726-32/8000" N
	   "a=silenceSupp:on - - - -" N EV("101") "a=ptime:30" N "a=sendrecv" N},
	{"gigaset, mu-law with 30 ms", 200,
	 V "o=gig 1 1 IN IP4 192.0.2.10" N "s=-" N C4 T "m=audio 5010 RTP/AVP 8 0 2 18" N
	   "a=ptime:30" N "a=maxptime:60" N},
	{"ata with fax pass-through", 200,
	 V "o=- 10451 10451 IN IP4 192.0.2.10" N "s=-" N C4 T "m=audio 16384 RTP/AVP 0 100 101" N
	   "a=rtpmap:0 PCMU/8000" N "a=rtpmap:100 NSE/8000" N
	   "a=fmtp:100 192-193" N EV("101") "a=ptime:20" N "a=sendrecv" N},
	{"avaya", 200,
	 V "o=sip:1001@example.com 1 6 IN IP4 192.0.2.10" N "s=sip:1001@example.com" N C4 T
	   "m=audio 5004 RTP/AVP 0 8 18 9 120" N "a=rtpmap:120 telephone-event/8000" N},
	{"mitel, several ptimes", 200,
	 HEAD "m=audio 9000 RTP/AVP 0 8" N "a=ptime:20" N "a=ptime:40" N "a=mptime:20 20" N},
	{"dect base, amr", 200,
	 HEAD "m=audio 9000 RTP/AVP 96 8" N "a=rtpmap:96 AMR/8000" N
	      "a=fmtp:96 octet-align=1;mode-set=0,2,4,7" N},
	/* ---- exchanges ---- */
	{"asterisk", 200,
	 V "o=root 1821 1821 IN IP4 192.0.2.10" N "s=Asterisk PBX 16.2.1" N C4 T
	   "m=audio 14502 RTP/AVP 0 8 3 101" N "a=rtpmap:0 PCMU/8000" N "a=rtpmap:8 PCMA/8000" N
	   "a=rtpmap:3 GSM/8000" N EV("101") "a=maxptime:150" N "a=sendrecv" N},
	{"asterisk, chan_sip with video", 200,
	 V "o=root 5 5 IN IP4 192.0.2.10" N "s=session" N C4 "b=CT:384" N T
	   "m=audio 14502 RTP/AVP 0 101" N EV("101") "a=silenceSupp:off - - - -" N "a=ptime:20" N
						     "m=video 10606 RTP/AVP 34 99" N
						     "a=rtpmap:34 H263/90000" N
						     "a=rtpmap:99 H264/90000" N},
	{"freeswitch", 200,
	 V "o=FreeSWITCH 1554801280 1554801281 IN IP4 192.0.2.10" N "s=FreeSWITCH" N C4 T
	   "m=audio 28102 RTP/AVP 102 9 0 8 103 101" N "a=rtpmap:102 opus/48000/2" N
	   "a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; ptime=20; minptime=10" N
	   "a=rtpmap:9 G722/8000" N "a=rtpmap:103 telephone-event/48000" N
	   "a=fmtp:103 0-16" N EV("101") "a=ptime:20" N},
	{"freeswitch, rtcp-mux and rtcp", 200,
	 HEAD "m=audio 28102 RTP/AVP 0 101" N EV("101") "a=rtcp-mux" N
							"a=rtcp:28102 IN IP4 192.0.2.10" N},
	{"lync", 488,
	 V "o=- 0 0 IN IP4 192.0.2.10" N "s=session" N C4 "b=CT:99980" N T
	   "m=audio 50014 RTP/SAVP 117 104 114 9 112 111 0 8 116 115 97 13 118 101" N
	   "a=candidate:1 1 UDP 2130706431 192.0.2.10 50014 typ host" N
	   "a=candidate:x-candidate-ipv6:1 1 UDP 1 2001:db8::1 1 typ host" N "a=ice-ufrag:4PCw" N
	   "a=ice-pwd:abcdefghijklmnopqrstuvwx" N
	   "a=cryptoscale:1 client AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^31|1:1" N
	   "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^31|1:1" N
	   "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^31" N "a=maxptime:200" N
	   "a=rtpmap:117 G722/8000/2" N "a=rtpmap:114 x-msrta/16000" N "a=fmtp:114 bitrate=29000" N
	   "a=rtpmap:101 telephone-event/8000" N "a=fmtp:101 0-16" N "a=encryption:required" N},
	{"lync, multipart alternative without keys", 200,
	 V "o=- 0 1 IN IP4 192.0.2.10" N "s=session" N C4 "b=CT:53980" N T
	   "a=x-devicecaps:audio:send,recv;video:send,recv" N
	   "m=audio 50014 RTP/AVP 114 111 112 115 116 4 3 8 0 106 103 97 13 118 101" N
	   "a=rtcp:50015" N "a=label:main-audio" N "a=rtpmap:114 x-msrta/16000" N
	   "a=fmtp:114 bitrate=29000" N "a=rtpmap:101 telephone-event/8000" N
	   "a=fmtp:101 0-16, 36" N "a=encryption:rejected" N},
	{"teams direct routing", 488,
	 V "o=- 18 0 IN IP4 127.0.0.1" N "s=session" N C4 "b=CT:10000000" N T
	   "m=audio 52318 RTP/SAVP 104 9 103 111 18 0 8 97 101 13 118" N C4 "a=rtcp:52319" N
	   "a=ice-ufrag:aaaa" N "a=ice-pwd:abcdefghijklmnopqrstuv" N "a=rtcp-mux" N
	   "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^31" N "a=rtpmap:104 SILK/16000" N
	   "a=rtpmap:103 SILK/8000" N "a=ptime:20" N},
	{"broadworks", 200,
	 V "o=BroadWorks 3450 1 IN IP4 192.0.2.10" N "s=-" N C4 T "m=audio 10000 RTP/AVP 0 8 101" N
	   "a=rtpmap:101 telephone-event/8000" N "a=bsoft:1 image udptl t38" N "a=pmft:T38" N},
	{"session border controller", 200,
	 V "o=SBC 1 1 IN IP4 192.0.2.10" N "s=sip call" N C4 T "m=audio 6000 RTP/AVP 8 18 100" N C4
	   "a=rtpmap:100 telephone-event/8000" N "a=fmtp:100 0-15" N "a=ptime:10" N "b=AS:64" N},
	{"carrier with RS and RR", 200,
	 HEAD "m=audio 6000 RTP/AVP 8 101" N "b=AS:80" N "b=RS:612" N "b=RR:1837" N EV("101")},
	{"volte handset", 200,
	 V "o=anritsu 1 1 IN IP4 192.0.2.10" N "s=VoLTE" N C4 "b=AS:41" N "b=RS:0" N "b=RR:0" N T
	   "m=audio 50020 RTP/AVP 104 110 102 108 0 105 100" N "a=rtpmap:104 AMR-WB/16000" N
	   "a=fmtp:104 mode-change-capability=2;max-red=0" N "a=rtpmap:110 AMR-WB/16000" N
	   "a=fmtp:110 octet-align=1;mode-change-capability=2;max-red=0" N "a=rtpmap:102 AMR/8000" N
	   "a=rtpmap:108 AMR/8000" N "a=fmtp:108 octet-align=1" N
	   "a=rtpmap:105 telephone-event/16000" N "a=fmtp:105 0-15" N
	   "a=rtpmap:100 telephone-event/8000" N "a=fmtp:100 0-15" N "a=curr:qos local none" N
	   "a=curr:qos remote none" N "a=des:qos optional local sendrecv" N
	   "a=des:qos optional remote sendrecv" N "a=sendrecv" N "a=maxptime:240" N "a=ptime:20" N},
	/* ---- softphones ---- */
	{"pjsip", 200,
	 V "o=- 3724394400 3724394400 IN IP4 192.0.2.10" N "s=pjmedia" N "b=AS:117" N T
	   "a=X-nat:0" N "m=audio 4000 RTP/AVP 98 97 99 104 3 0 8 9 120 121 122" N C4
	   "b=TIAS:96000" N "a=rtcp:4001 IN IP4 192.0.2.10" N "a=sendrecv" N
	   "a=rtpmap:98 speex/16000" N "a=rtpmap:97 speex/8000" N "a=rtpmap:99 speex/32000" N
	   "a=rtpmap:104 iLBC/8000" N "a=fmtp:104 mode=30" N "a=rtpmap:120 telephone-event/16000" N
	   "a=fmtp:120 0-16" N "a=rtpmap:121 telephone-event/8000" N "a=fmtp:121 0-16" N
	   "a=rtpmap:122 telephone-event/32000" N "a=fmtp:122 0-16" N "a=ssrc:11 cname:x" N},
	{"pjsip with ice", 200,
	 HEAD "m=audio 4000 RTP/AVP 0 8" N "a=ice-ufrag:1a2b3c4d" N
	      "a=ice-pwd:0123456789abcdef01234567" N
	      "a=candidate:Ha010 1 UDP 2130706431 192.0.2.10 4000 typ host" N
	      "a=candidate:Ha010 2 UDP 2130706430 192.0.2.10 4001 typ host" N "a=rtcp:4001" N},
	{"linphone", 200,
	 V "o=alice 1547 3310 IN IP4 192.0.2.10" N "s=Talk" N C4 T
	   "a=ice-pwd:76f4b3f5a7d2a4f5c6e7f8a9" N "a=ice-ufrag:5d7c9a1b" N
	   "a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics" N
	   "m=audio 7078 RTP/AVPF 96 97 98 0 8 101 99" N "a=rtpmap:96 opus/48000/2" N
	   "a=fmtp:96 useinbandfec=1" N "a=rtpmap:97 speex/16000" N "a=fmtp:97 vbr=on" N
	   "a=rtpmap:101 telephone-event/48000" N "a=rtpmap:99 telephone-event/8000" N
	   "a=rtcp-fb:* trr-int 1000" N "a=rtcp-fb:* ccm tmmbr" N},
	{"jitsi", 200,
	 V
	 "o=1001-jitsi.org 0 0 IN IP4 192.0.2.10" N "s=-" N C4 T
	 "m=audio 5000 RTP/AVP 96 97 98 9 100 102 0 8 103 3 104 101" N "a=rtpmap:96 opus/48000/2" N
	 "a=fmtp:96 usedtx=1" N "a=ptime:20" N "a=rtpmap:101 telephone-event/8000" N
	 "a=extmap:1 urn:ietf:params:rtp-hdrext:csrc-audio-level" N
	 "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level" N
	 "a=zrtp-hash:1.10 c5a0a3a0c5a0a3a0c5a0a3a0c5a0a3a0c5a0a3a0c5a0a3a0c5a0a3a0c5a0a3a0" N
	 "m=video 5002 RTP/AVP 105 99" N "a=recvonly" N "a=rtpmap:105 h264/90000" N
	 "a=fmtp:105 profile-level-id=4DE01f;packetization-mode=1" N "a=imageattr:105 send * recv "
	 "[x=[1:1920],y=[1:1080]]" N "a=rtpmap:99 H264/90000" N},
	{"zoiper", 200,
	 V "o=Z 1599 1 IN IP4 192.0.2.10" N "s=Z" N C4 T "m=audio 8000 RTP/AVP 106 9 98 101 0 8 3" N
	   "a=rtpmap:106 opus/48000/2" N "a=fmtp:106 sprop-maxcapturerate=16000; minptime=20; "
	   "useinbandfec=1" N "a=rtpmap:98 telephone-event/48000" N "a=fmtp:98 0-16" N EV("101")},
	{"bria", 200,
	 V "o=- 13196 1 IN IP4 192.0.2.10" N "s=Bria 4 release" N C4 T
	   "m=audio 55000 RTP/AVP 123 121 9 0 8 84 101" N "a=rtpmap:123 opus/48000/2" N
	   "a=fmtp:123 useinbandfec=1" N "a=rtpmap:121 SILK/24000" N
	   "a=rtpmap:84 speex/16000" N EV("101") "a=sendrecv" N},
	{"x-lite, ice of a draft", 200,
	 V "o=- 7 2 IN IP4 192.0.2.10" N "s=CounterPath X-Lite 3.0" N C4 T
	   "m=audio 55000 RTP/AVP 107 119 0 98 8 3 101" N
	   "a=alt:1 2 : SF3lU8qg EwOGFM0h 192.0.2.10 55000" N "a=fmtp:101 0-15" N
	   "a=rtpmap:107 BV32/16000" N "a=rtpmap:119 BV32-FEC/16000" N "a=rtpmap:98 iLBC/8000" N
	   "a=rtpmap:101 telephone-event/8000" N "a=x-rtp-session-id:4D2E5D6F" N},
	{"microsip, codecs in small letters", 200,
	 HEAD "m=audio 4000 RTP/AVP 8 0 101" N "a=rtpmap:8 pcma/8000" N
	      "a=rtpmap:0 pcmu/8000" N EV("101")},
	{"baresip", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N C4 T "a=tool:baresip 1.0.0" N
	   "m=audio 10042 RTP/AVP 96 0 8 101" N "b=AS:125" N "a=rtpmap:96 opus/48000/2" N
	   "a=fmtp:96 stereo=1;sprop-stereo=1" N EV("101") "a=rtcp:10043" N "a=rtcp-mux" N
							   "a=label:1" N "a=ptime:20" N
							   "a=minptime:10" N},
	/* ---- browsers ---- */
	{"chrome, audio", 488,
	 WEB "a=group:BUNDLE 0" N "a=extmap-allow-mixed" N
	     "a=msid-semantic: WMS stream" N WEB_AUDIO},
	{"chrome, audio, video and data", 488,
	 WEB "a=group:BUNDLE 0 1 2" N "a=msid-semantic: WMS" N WEB_AUDIO WEB_VIDEO WEB_DATA},
	{"chrome, data alone", 488, WEB "a=group:BUNDLE 2" N WEB_DATA},
	{"browser with a plain section beside", 200,
	 WEB "a=group:BUNDLE 0" N WEB_AUDIO "m=audio 4000 RTP/AVP 0 8" N C4 "a=mid:9" N},
	{"firefox before it has addresses", 488,
	 V "o=mozilla...THIS_IS_SDPARTA-99.0 7 0 IN IP4 0.0.0.0" N "s=-" N T FP "a=group:BUNDLE 0" N
	   "a=ice-options:trickle" N "a=msid-semantic:WMS *" N
	   "m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101" N "c=IN IP4 0.0.0.0" N "a=sendrecv" N
	   "a=ice-pwd:abcdefghijklmnopqrstuvwx" N "a=ice-ufrag:8hhY" N "a=mid:0" N "a=rtcp-mux" N
	   "a=rtpmap:109 opus/48000/2" N "a=setup:actpass" N},
	{"old browser, RTP/SAVPF", 488,
	 HEAD "m=audio 4000 RTP/SAVPF 111 0 8" N FP "a=setup:actpass" N "a=rtcp-mux" N
	      "a=rtpmap:111 opus/48000/2" N},
	{"bundled plain RTP with video to share its port", 200,
	 HEAD "a=group:BUNDLE a v" N "m=audio 4000 RTP/AVP 0" N "a=mid:a" N "a=rtcp-mux" N
	      "m=video 0 RTP/AVP 99" N "a=bundle-only" N "a=mid:v" N "a=rtcp-mux" N
	      "a=rtpmap:99 H264/90000" N},
	{"lip synchronisation", 200,
	 HEAD "a=group:LS 1 2" N "m=audio 4000 RTP/AVP 8" N "a=mid:1" N "m=video 4002 RTP/AVP 31" N
	      "a=mid:2" N},
	/* ---- other media ---- */
	{"t.38 by re-INVITE", 488,
	 V "o=fax 1 2 IN IP4 192.0.2.10" N "s=-" N C4 T "m=image 4000 udptl t38" N
	   "a=T38FaxVersion:0" N "a=T38MaxBitRate:14400" N "a=T38FaxRateManagement:transferredTCF" N
	   "a=T38FaxMaxBuffer:260" N "a=T38FaxUdpEC:t38UDPRedundancy" N},
	{"t.38 with audio at port 0", 488,
	 HEAD "m=audio 0 RTP/AVP 0" N "m=image 4000 udptl t38" N "a=T38FaxVersion:0" N},
	{"t.38 beside audio", 200,
	 HEAD "m=audio 4000 RTP/AVP 8" N "m=image 4002 udptl t38" N "a=T38FaxVersion:0" N},
	{"audio, video, presentation, floor and far camera", 200,
	 HEAD "m=audio 4000 RTP/AVP 0 101" N EV(
		 "101") "m=video 4002 RTP/AVP 97" N "a=rtpmap:97 H264/90000" N "a=content:main" N
			"a=label:11" N "m=video 4004 RTP/AVP 98" N "a=rtpmap:98 H264/90000" N
			"a=content:slides" N "a=label:12" N "m=application 4006 UDP/BFCP *" N
			"a=floorctrl:c-s" N "a=confid:1" N "a=floorid:1 "
			"mstrm:12" N "m=application 4008 RTP/AVP 100" N "a=rtpmap:100 H224/4800" N},
	{"text telephone", 200,
	 HEAD "m=audio 4000 RTP/AVP 0" N "m=text 4002 RTP/AVP 98 99" N "a=rtpmap:98 t140/1000" N
	      "a=rtpmap:99 red/1000" N "a=fmtp:99 98/98/98" N},
	{"text telephone alone", 488, HEAD "m=text 4002 RTP/AVP 98" N "a=rtpmap:98 t140/1000" N},
	{"msrp", 488,
	 HEAD "m=message 2855 TCP/MSRP *" N "a=accept-types:text/plain" N
	      "a=path:msrp://192.0.2.10:2855/abc;tcp" N},
	{"audio over tcp", 488,
	 HEAD "m=audio 4000 TCP/RTP/AVP 0" N "a=setup:actpass" N "a=connection:new" N},
	{"a nettype of its own", 200,
	 V "o=- 1 1 TN RFC2543 +1-201-406-4090" N "s=-" N T "m=audio 4000 RTP/AVP 0" N C4},
	{"recorder with two labelled streams", 200,
	 HEAD "m=audio 4000 RTP/AVP 0" N "a=label:1" N "a=sendonly" N "m=audio 4002 RTP/AVP 0" N
	      "a=label:2" N "a=sendonly" N},
	/* ---- directions and ports ---- */
	{"old hold", 200,
	 V "o=- 1 2 IN IP4 192.0.2.10" N "s=-" N "c=IN IP4 0.0.0.0" N T "m=audio 4000 RTP/AVP 0" N},
	{"old hold with sendonly", 200,
	 V "o=- 1 2 IN IP4 192.0.2.10" N "s=-" N T "m=audio 4000 RTP/AVP 0" N "c=IN IP4 0.0.0.0" N
	   "a=sendonly" N},
	{"hold", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=sendonly" N},
	{"hold on both sides", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=inactive" N},
	{"hold of the session", 200, HEAD "a=sendonly" N "m=audio 4000 RTP/AVP 0" N},
	{"announcement", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=recvonly" N},
	{"two directions", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=sendrecv" N "a=sendonly" N},
	{"refused audio", 200, HEAD "m=audio 0 RTP/AVP 0" N},
	{"everything refused", 200, HEAD "m=audio 0 RTP/AVP 0" N "m=video 0 RTP/AVP 99" N},
	{"first audio refused", 200, HEAD "m=audio 0 RTP/AVP 0" N "m=audio 4000 RTP/AVP 0" N},
	{"video, then audio", 200,
	 HEAD "m=video 4002 RTP/AVP 99" N "a=rtpmap:99 H264/90000" N "m=audio 4000 RTP/AVP 0" N},
	{"no media", 200, HEAD},
	{"three audio sections", 200,
	 HEAD "m=audio 4000 RTP/AVP 18" N "m=audio 4002 RTP/AVP 8" N "m=audio 4004 RTP/AVP 0" N},
	{"number of ports", 200, HEAD "m=audio 4000/2 RTP/AVP 0" N},
	{"odd port", 200, HEAD "m=audio 4001 RTP/AVP 0" N},
	{"highest port", 200, HEAD "m=audio 65535 RTP/AVP 0" N},
	{"discard port", 200, HEAD "m=audio 9 RTP/AVP 0" N},
	/* ---- addresses ---- */
	{"address in the section alone", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N T "m=audio 4000 RTP/AVP 0" N C4},
	{"two addresses for a section", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N T "m=audio 4000/2 RTP/AVP 0" N C4
	   "c=IN IP4 192.0.2.11" N},
	{"no address at all", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N T "m=audio 4000 RTP/AVP 0" N},
	{"a name", 200,
	 V "o=- 1 1 IN IP4 host.example.com" N "s=-" N "c=IN IP4 host.example.com" N T
	   "m=audio 4000 RTP/AVP 0" N},
	{"multicast", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N "c=IN IP4 224.2.1.1/127" N T
	   "m=audio 4000 RTP/AVP 0" N},
	{"IPv6", 488,
	 V "o=- 1 1 IN IP6 2001:db8::10" N "s=-" N "c=IN IP6 2001:db8::10" N T
	   "m=audio 4000 RTP/AVP 0" N},
	{"IPv6 in o= alone", 200,
	 V "o=- 1 1 IN IP6 2001:db8::10" N "s=-" N C4 T "m=audio 4000 RTP/AVP 0" N},
	{"IPv4 with a type of IPv6", 200,
	 V "o=- 1 1 IN IP6 192.0.2.10" N "s=-" N "c=IN IP6 192.0.2.10" N T
	   "m=audio 4000 RTP/AVP 0" N},
	/* ---- formats ---- */
	{"static types without rtpmap", 200, HEAD "m=audio 4000 RTP/AVP 18 4 8 0" N},
	{"mu-law alone at 96", 200, HEAD "m=audio 4000 RTP/AVP 96" N "a=rtpmap:96 PCMU/8000" N},
	{"mu-law twice", 200,
	 HEAD "m=audio 4000 RTP/AVP 96 0" N "a=rtpmap:96 PCMU/8000" N "a=rtpmap:0 PCMU/8000" N},
	{"a type listed twice", 200, HEAD "m=audio 4000 RTP/AVP 0 0 8 8" N},
	{"events where audio was", 200,
	 HEAD "m=audio 4000 RTP/AVP 0 97" N "a=rtpmap:97 telephone-event/8000" N
	      "a=fmtp:97 0-11" N},
	{"events at other rates", 200,
	 HEAD "m=audio 4000 RTP/AVP 9 0 99 100" N "a=rtpmap:99 telephone-event/16000" N
	      "a=rtpmap:100 telephone-event/48000" N},
	{"events without fmtp", 200,
	 HEAD "m=audio 4000 RTP/AVP 8 101" N "a=rtpmap:101 telephone-event/8000" N},
	{"events with a broken list", 200,
	 HEAD "m=audio 4000 RTP/AVP 8 101" N "a=rtpmap:101 telephone-event/8000" N
	      "a=fmtp:101 all" N},
	{"rtpmap for what is not offered", 200,
	 HEAD "m=audio 4000 RTP/AVP 8" N "a=rtpmap:0 PCMU/8000" N "a=rtpmap:111 opus/48000/2" N},
	{"dynamic types without rtpmap", 200, HEAD "m=audio 4000 RTP/AVP 96 97 0" N},
	{"dynamic type without rtpmap alone", 488, HEAD "m=audio 4000 RTP/AVP 96" N},
	{"one id for two sections", 200,
	 HEAD "m=audio 4000 RTP/AVP 96 0" N "a=rtpmap:96 opus/48000/2" N "m=video 4002 RTP/AVP 96" N
	      "a=rtpmap:96 VP8/90000" N},
	{"wideband alone", 488, HEAD "m=audio 4000 RTP/AVP 9" N "a=rtpmap:9 G722/8000" N},
	{"g.729 alone", 488, HEAD "m=audio 4000 RTP/AVP 18" N "a=fmtp:18 annexb=no" N},
	{"no formats", 488, HEAD "m=audio 4000 RTP/AVP" N},
	{"stars for formats", 488, HEAD "m=audio 4000 RTP/AVP *" N},
	{"ptime 0", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=ptime:0" N},
	{"ptime 20.0", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=ptime:20.0" N},
	{"ptime of a second", 200, HEAD "m=audio 4000 RTP/AVP 0" N "a=ptime:1000" N},
	{"forty codecs", 200,
	 HEAD
	 "m=audio 4000 RTP/AVP 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 "
	 "113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 2 3 4 5 6 7 9 10 8" N
	 "a=rtpmap:96 A/8000" N "a=rtpmap:97 B/8000" N "a=rtpmap:98 C/8000" N "a=rtpmap:99 D/8000" N
	 "a=rtpmap:100 E/8000" N "a=rtpmap:101 F/8000" N "a=rtpmap:127 telephone-event/8000" N
	 "a=fmtp:127 0-15" N},
	/* ---- odd forms ---- */
	{"attributes that nobody knows", 200,
	 HEAD "a=foo" N "a=bar:baz" N "a=X-nat:2 Symmetric" N "m=audio 4000 RTP/AVP 0" N "a=qux:" N
	      "a=:" N "a=" N},
	{"letters that nobody knows", 200, HEAD "y=1" N "m=audio 4000 RTP/AVP 0" N "x=2" N "f=" N},
	{"times in the past, and repeats", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N C4 "t=2873397496 2873404696" N "r=7d 1h 0 25h" N
	   "z=2882844526 -1h 2898848070 0" N "m=audio 4000 RTP/AVP 0" N},
	{"a time that is none", 200,
	 V "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N C4 "t=now" N "m=audio 4000 RTP/AVP 0" N},
	{"order upside down", 200,
	 V "s=-" N T C4 "o=- 1 1 IN IP4 192.0.2.10" N "m=audio 4000 RTP/AVP 0" N},
	{"a name in UTF-8, and an e-mail address", 200,
	 V "o=j\xc3\xbcrg 1 1 IN IP4 192.0.2.10" N "s=Gespr\xc3\xa4"
	   "ch" N "i=x" N "u=http://x" N "e=a@b (c)" N "p=+49 30" N C4 T "k=prompt" N
	   "m=audio 4000 RTP/AVP 0" N},
	{"an empty origin", 200, V "o=" N "s=" N C4 T "m=audio 4000 RTP/AVP 0" N},
	{"v= alone", 200, V},
	{"a second session behind", 400, HEAD "m=audio 4000 RTP/AVP 0" N HEAD},
	{"version 1", 400, "v=1" N "o=- 1 1 IN IP4 192.0.2.10" N "s=-" N T},
	{"a port that is none", 400, HEAD "m=audio none RTP/AVP 0" N},
	{"a port too high", 400, HEAD "m=audio 70000 RTP/AVP 0" N},
	{"m= without a protocol", 400, HEAD "m=audio 4000" N},
	{"not a description", 400, "hello" N},
	{"nothing", 400, ""},
	{"pidf for a description", 400, "<?xml version=\"1.0\"?><presence/>"},
};

#define OFFERS (sizeof(offers) / sizeof(offers[0]))

/* ---- ways of breaking one; none of them changes what is asked for ---- */

static void as_it_stands(struct str s, struct buf *b)
{
	buf_puts(b, s);
}

static void with_end(struct str s, struct buf *b, struct str end)
{
	while (s.n) {
		struct str line = str_split(&s, '\n');

		buf_puts(b, str_trim(line));
		buf_puts(b, end);
	}
}

static void line_feeds(struct str s, struct buf *b)
{
	with_end(s, b, STR("\n"));
}

static void carriage_returns(struct str s, struct buf *b)
{
	with_end(s, b, STR("\r"));
}

static void blank_lines(struct str s, struct buf *b)
{
	with_end(s, b, STR("\r\n\r\n"));
}

static void blanks_at_ends(struct str s, struct buf *b)
{
	with_end(s, b, STR(" \r\n"));
}

static void double_blanks(struct str s, struct buf *b)
{
	for (size_t i = 0; i < s.n; i++)
		buf_puts(b, s.p[i] == ' ' ? STR("  ") : str_of(s.p + i, 1));
}

static void no_last_end(struct str s, struct buf *b)
{
	buf_puts(b, str_trim(s));
}

static void c_string(struct str s, struct buf *b)
{
	buf_puts(b, s);
	buf_put(b, "\0\0", 2);
}

static void without(struct str s, struct buf *b, const char *letters)
{
	while (s.n) {
		struct str line = str_split(&s, '\n');

		if (!strchr(letters, line.p[0]) || line.n < 2 || line.p[1] != '=')
			buf_fmt(b, "%.*s\n", STR_ARG(line));
	}
}

static void without_s(struct str s, struct buf *b)
{
	without(s, b, "s");
}

static void without_t(struct str s, struct buf *b)
{
	without(s, b, "t");
}

static void without_o_s_t(struct str s, struct buf *b)
{
	without(s, b, "ost");
}

static const struct {
	const char *name;
	void (*change)(struct str s, struct buf *b);
} ways[] = {
	{"as it stands", as_it_stands},
	{"line feeds alone", line_feeds},
	{"carriage returns alone", carriage_returns},
	{"blank lines between", blank_lines},
	{"blanks at the ends", blanks_at_ends},
	{"two blanks for one", double_blanks},
	{"no end of the last line", no_last_end},
	{"with its NUL", c_string},
	{"without s=", without_s},
	{"without t=", without_t},
	{"without o=, s= and t=", without_o_s_t},
};

/* ---- judging ---- */

static char text[3][64 * 1024];
static char room[512 * 1024];
static struct arena arena;
static unsigned answered, refused;

static void wrong(size_t i, size_t way, const char *what, struct str answer)
{
	fail_msg("%s, %s: %s\n%.*s", offers[i].name, ways[way].name, what, STR_ARG(answer));
}

/* As the body of a 200. */
static const char *linted(struct str answer)
{
	struct buf b = buf_over(text[2], sizeof(text[2]));
	static struct lint l;

	buf_fmt(&b,
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h.example;branch=z9hG4bK776asdhds\r\n"
		"To: <sip:bob@example.com>;tag=1\r\nFrom: <sip:alice@example.com>;tag=2\r\n"
		"Call-ID: a84b4c76e66710\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@h.example>\r\n"
		"Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n",
		answer.n);
	buf_puts(&b, answer);
	assert_true(lint_message(buf_str(&b), &arena, &l));
	for (unsigned k = 0; k < l.n; k++)
		if (l.findings[k].level != LINT_NOTE)
			return l.findings[k].what.p;
	return NULL;
}

static void judge_answer(size_t i, size_t way, struct str offer, struct str answer)
{
	struct sdp asked, said;
	struct sdp_err err;
	const char *why;
	size_t section;

	arena_init(&arena, room, sizeof(room), 4 << 20);
	assert_true(sdp_parse(offer, &arena, &asked, NULL));
	if (!sdp_parse(guard_str(answer), &arena, &said, &err))
		wrong(i, way, err.why, answer);
	why = sdp_answer_wrong(&asked, &said, &section);
	if (why)
		wrong(i, way, why, answer);
	why = linted(answer);
	if (why)
		wrong(i, way, why, answer);
	arena_fini(&arena);
	guard_free_all();
}

/* The same offer again gets the same answer, word for word (RFC 3264 s8). */
static void again(size_t i, size_t way, struct dlg_offer *o, const struct dlg_local *l,
		  struct str offer, struct str answer)
{
	struct buf b = buf_over(text[2], sizeof(text[2]));
	struct dlg_media m;
	const char *why = NULL;

	if (dlg_offer_answer(o, l, offer, &b, &m, &why) != 200 || !str_eq(buf_str(&b), answer))
		wrong(i, way, "answered otherwise when offered again", buf_str(&b));
}

/* And what this side offers next keeps the sections and their names. */
static void and_back(size_t i, size_t way, struct dlg_offer *o, const struct dlg_local *l,
		     struct str answer)
{
	struct buf b = buf_over(text[2], sizeof(text[2]));
	struct sdp said, next;

	assert_int_equal(dlg_offer_make(o, l, &b), 0);
	arena_init(&arena, room, sizeof(room), 4 << 20);
	assert_true(sdp_parse(answer, &arena, &said, NULL));
	if (!sdp_parse(buf_str(&b), &arena, &next, NULL) || next.n_media < said.n_media)
		wrong(i, way, "its sections are gone in our own offer", buf_str(&b));
	for (size_t k = 0; k < said.n_media; k++)
		if (said.media[k].port && (!next.media[k].port || !str_eq(sdp_mid(&next.media[k]),
									  sdp_mid(&said.media[k]))))
			wrong(i, way, "its section is another in our own offer", buf_str(&b));
	arena_fini(&arena);
}

static void judge(size_t i, size_t way)
{
	struct dlg_local l = {.codecs = {DLG_PCMU, DLG_PCMA}, .n_codecs = 2, .dir = SDP_SENDRECV};
	struct buf offer = buf_over(text[0], sizeof(text[0])),
		   answer = buf_over(text[1], sizeof(text[1]));
	const char *why = NULL;
	struct dlg_offer o;
	struct dlg_media m;
	unsigned status;

	assert_true(addr_parse(STR("198.51.100.1:40000"), &l.rtp));
	ways[way].change(str_c(offers[i].sdp), &offer);
	assert_false(offer.failed);
	dlg_offer_init(&o, 42);
	status = dlg_offer_answer(&o, &l, guard_str(buf_str(&offer)), &answer, &m, &why);
	if (status != offers[i].status)
		wrong(i, way, why ? why : "another status", buf_str(&answer));
	if (status == 200) {
		judge_answer(i, way, buf_str(&offer), buf_str(&answer));
		again(i, way, &o, &l, buf_str(&offer), buf_str(&answer));
		and_back(i, way, &o, &l, buf_str(&answer));
		answered++;
	} else {
		if (!why || !*why || answer.n)
			wrong(i, way, "refused without a reason", buf_str(&answer));
		refused++;
	}
	dlg_offer_fini(&o);
	guard_free_all();
}

static void every_offer_in_every_way(void **state)
{
	for (size_t i = 0; i < OFFERS; i++)
		for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
			judge(i, way);
	print_message("%zu offers, %u answered, %u refused with a reason\n", OFFERS, answered,
		      refused);
	assert_true(answered + refused > 254);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_offer_in_every_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
