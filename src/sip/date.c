#include "sip/date.h"
#include "sip/lex.h"

#define DAY_S 86400u

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days from 1970-01-01 to the first of a month (0 to 11), in the calendar that counts years
 * from March so that a leap day ends one. */
static uint64_t days_before(uint32_t year, uint32_t month)
{
	uint64_t y = year - (month < 2), m = (month + 10) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 - 719468;
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
	return (uint32_t)(month == 11 ? 31
				      : days_before(year, month + 1) - days_before(year, month));
}

/* A name of three letters from a table of them: its place. */
static bool scan_name(struct scan *s, const char *table, uint32_t n, uint32_t *ret)
{
	uint32_t i;

	if (s->end - s->at < 3)
		return false;
	for (i = 0; i < n; i++) {
		if (!str_ieq(str_of(s->at, 3), str_of(table + 3 * i, 3)))
			continue;
		s->at += 3;
		*ret = i;
		return true;
	}
	return false;
}

/* Exactly n digits. */
static bool scan_digits(struct scan *s, size_t n, uint32_t *ret)
{
	struct str run;

	return scan_run(s, CC_DIGIT, &run) && run.n == n && str_to_u32(run, ret);
}

/* time = 2DIGIT ":" 2DIGIT ":" 2DIGIT; a leap second is 60. */
static bool scan_time(struct scan *s, uint32_t *ret)
{
	uint32_t hour, minute, second;

	if (!scan_digits(s, 2, &hour) || !scan_char(s, ':') || !scan_digits(s, 2, &minute) ||
	    !scan_char(s, ':') || !scan_digits(s, 2, &second) || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	*ret = hour * 3600 + minute * 60 + second;
	return true;
}

/* rfc1123-date = wkday "," SP 2DIGIT SP month SP 4DIGIT SP time SP "GMT"     RFC 3261 s20.17 */
bool sip_date_parse(struct str value, uint64_t *ret_s)
{
	struct scan s = lex_scan(value);
	uint32_t weekday, day, month, year, time;
	uint64_t days;

	if (!scan_name(&s, weekdays, 7, &weekday) || !scan_char(&s, ',') || !scan_lws(&s) ||
	    !scan_digits(&s, 2, &day) || !scan_lws(&s) || !scan_name(&s, months, 12, &month) ||
	    !scan_lws(&s) || !scan_digits(&s, 4, &year) || !scan_lws(&s) || !scan_time(&s, &time) ||
	    !scan_lws(&s) || !scan_word(&s, STR("GMT")) || !scan_done(&s))
		return false;
	if (year < 1970 || day == 0 || day > days_in(year, month))
		return false;
	days = days_before(year, month) + day - 1;
	if ((days + 4) % 7 != weekday)
		return false;
	*ret_s = days * DAY_S + time;
	return true;
}

void sip_date_put(struct buf *b, uint64_t s)
{
	uint64_t days = s / DAY_S, time = s % DAY_S;
	uint32_t year = 1970, month = 0;

	while (year < 9999 && days_before(year + 1, 0) <= days)
		year++;
	while (month < 11 && days_before(year, month + 1) <= days)
		month++;
	buf_fmt(b, "%.*s, %02u %.*s %04u %02u:%02u:%02u GMT", 3, weekdays + 3 * ((days + 4) % 7),
		(unsigned)(days - days_before(year, month) + 1), 3, months + 3 * month, year,
		(unsigned)(time / 3600), (unsigned)(time / 60 % 60), (unsigned)(time % 60));
}

/* *DIGIT [ "." *DIGIT ] as microseconds, not nothing; further digits are dropped. */
static bool scan_seconds(struct scan *s, uint64_t *ret_us)
{
	uint64_t whole = 0, us = 0, unit = 100000;
	struct str part = STR("");
	size_t i;

	if (scan_peek(s) != '.' && (!scan_u64(s, &whole) || whole > UINT64_MAX / 1000000 - 1))
		return false;
	if (scan_char(s, '.'))
		part = scan_run0(s, CC_DIGIT);
	for (i = 0; i < part.n && unit; i++, unit /= 10)
		us += (uint64_t)(part.p[i] - '0') * unit;
	*ret_us = whole * 1000000 + us;
	return true;
}

/* Timestamp = 1*DIGIT [ "." *DIGIT ] [ LWS delay ], delay = *DIGIT [ "." *DIGIT ]  RFC 3261 s20.38 */
bool sip_timestamp_parse(struct str value, struct sip_timestamp *ret)
{
	struct scan s = lex_scan(value);
	struct sip_timestamp t = {.has_delay = false};

	if (!cc_is(scan_peek(&s), CC_DIGIT) || !scan_seconds(&s, &t.sent_us))
		return false;
	t.has_delay = scan_lws(&s);
	if ((t.has_delay && !scan_seconds(&s, &t.delay_us)) || !scan_done(&s))
		return false;
	*ret = t;
	return true;
}

/* Retry-After = delta-seconds [ comment ] *( SEMI ( "duration" EQUAL delta-seconds / generic-param ) )
 *                                                                            RFC 3261 s20.33 */
bool sip_retry_after_parse(struct str value, struct sip_retry_after *ret)
{
	struct scan s = lex_scan(value);
	struct sip_retry_after r = {.duration_s = 0};
	struct str params, duration;

	if (!scan_u32(&s, &r.after_s))
		return false;
	scan_comment(&s);
	if (!lex_params(&s, &params) || !lex_param_once(params, STR("duration"), &duration))
		return false;
	r.has_duration = duration.n > 0;
	if (r.has_duration && !str_to_u32(duration, &r.duration_s))
		return false;
	*ret = r;
	return true;
}

/* delta-seconds = 1*DIGIT, below 2^32                                        RFC 3261 s20.19 */
bool sip_delta_seconds_parse(struct str value, uint32_t *ret_s)
{
	struct scan s = lex_scan(value);

	return str_to_u32(scan_rest(&s), ret_s);
}
