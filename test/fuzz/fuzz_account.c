/* The account file of a user agent: what is taken has a user, and what a person types is completed to a
 * URI that can be parsed; all else is told with file, line and column. */
#include "fuzz.h"

#include <errno.h>
#include <tsuwa/account.h>
#include <tsuwa/uri.h>

#include "sip/uri.h"

static void judge(const struct tsuwa_account *a, const char *given)
{
	struct tsuwa_error err = {0};
	char room[2048];
	struct sip_uri uri;

	check(tsuwa_account_user(a).n > 0 && tsuwa_account_domain(a).n > 0);
	if (tsuwa_account_aor(a, room, sizeof(room)) == 0)
		check(sip_uri_parse(str_c(room), &uri, NULL));
	if (tsuwa_account_complete(a, given, room, sizeof(room), &err) == 0)
		check(sip_uri_parse(str_c(room), &uri, NULL));
}

/* The first line is what a person types, the rest the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size), given = str_split(&text, '\n');
	struct tsuwa_error err = {0};
	struct tsuwa_account *a;
	char typed[256];

	text = fuzz_guarded(text);
	check(tsuwa_account_new(&a) == 0);
	if (tsuwa_account_parse(a, text.p, text.n, "alice.account", &err) == 0) {
		judge(a, str_to_c(given, typed, sizeof(typed)));
	} else {
		check(str_starts(str_c(err.text), STR("alice.account:")));
		check(tsuwa_account_user(a).n == 0);
	}
	tsuwa_account_free(&a);
	check(a == NULL);
	return 0;
}
