/* Reports, names and farewells that parse are built anew and read the same. */
#include "fuzz.h"

#include "rtp/report.h"

static struct rtcp_packet only(const struct buf *b)
{
	struct str rest = buf_str(b);
	struct rtcp_packet p;

	check(!b->failed && rest.n % 4 == 0);
	check(rtcp_next(&rest, &p) && rest.n == 0);
	return p;
}

static void one_report(const struct rtcp_packet *p)
{
	struct rtcp_block blocks[RTCP_BLOCKS_MAX];
	struct rtcp_sender sender, sender2;
	char room[2048];
	struct buf b = buf_over(room, sizeof(room));
	struct rtcp_packet back;
	uint32_t ssrc, ssrc2;

	if (!rtcp_report_parse(p, &ssrc, &sender))
		return;
	for (unsigned i = 0; i < p->count; i++)
		blocks[i] = rtcp_block_at(p, i);
	rtcp_put_report(&b, ssrc, p->type == RTCP_SR ? &sender : NULL, blocks, p->count);
	back = only(&b);
	check(back.type == p->type && back.count == p->count);
	check(rtcp_report_parse(&back, &ssrc2, &sender2) && ssrc2 == ssrc);
	check(memcmp(back.body.p, p->body.p, back.body.n) == 0);
}

static void one_name(const struct rtcp_packet *p)
{
	struct str cname, cname2, reason, reason2;
	uint32_t ssrc, ssrc2, sources[RTCP_BLOCKS_MAX], sources2[RTCP_BLOCKS_MAX];
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct rtcp_packet back;

	if (rtcp_cname_parse(p, &ssrc, &cname)) {
		rtcp_put_cname(&b, ssrc, cname);
		back = only(&b);
		check(rtcp_cname_parse(&back, &ssrc2, &cname2));
		check(ssrc2 == ssrc && str_eq(cname, cname2));
	}
	if (rtcp_bye_parse(p, sources, &reason) && p->count) {
		buf_reset(&b);
		rtcp_put_bye(&b, sources[0], reason);
		back = only(&b);
		check(rtcp_bye_parse(&back, sources2, &reason2));
		check(sources2[0] == sources[0] && str_eq(reason, reason2));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size), rest = text;
	struct rtp_report report;
	struct rtp_heard heard;
	struct rtcp_packet p;
	bool valid = rtcp_valid(text);

	while (rtcp_next(&rest, &p)) {
		one_report(&p);
		one_name(&p);
	}
	if (valid)
		check(rest.n == 0);
	rtp_report_init(&report, 1);
	check(rtp_report_receive(&report, text, (uint64_t)size << 40, size, &heard) == valid);
	check(rtp_report_interval_ms(&report, (uint32_t)size * 77777) >= 1000);
	return 0;
}
