#include "cli/ua_args.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/addr.h"
#include "cli/out.h"
#include "cli/password.h"

static bool set(struct tsuwa_account *account, const char *key, const char *value)
{
	struct tsuwa_error why;

	if (!value || tsuwa_account_set(account, key, value, &why) == 0)
		return true;
	out_error("--%s: %s", key, why.text);
	return false;
}

static bool from_file(const char *file, struct tsuwa_account *account)
{
	struct tsuwa_error why;

	if (!file || tsuwa_account_read(account, file, &why) == 0)
		return true;
	out_error("%s", why.text);
	return false;
}

/* A password that belongs to another user than the file's is asked for anew. */
static bool take_password(const struct args *a, struct tsuwa_account *account)
{
	char room[PASSWORD_MAX], prompt[600];
	bool from_stdin = args_has(a, "--password-stdin"), good;

	if (!from_stdin && tsuwa_account_has_password(account))
		return true;
	snprintf(prompt, sizeof(prompt), "Password of %.*s@%.*s",
		 TSUWA_STR_ARG(tsuwa_account_user(account)),
		 TSUWA_STR_ARG(tsuwa_account_domain(account)));
	if (!password_get(from_stdin, prompt, false, room))
		return false;
	good = set(account, "password", room);
	password_wipe(room);
	return good;
}

static bool take_listen(const char *text, const char **ret)
{
	struct addr a;

	*ret = text;
	if (!text || addr_parse(str_c(text), &a) || addr_parse_ip(str_c(text), &a))
		return true;
	out_error("--listen: \"%s\" is no ADDRESS:PORT", text);
	return false;
}

static bool fill(const struct args *a, bool password, struct tsuwa_account *account,
		 struct ua_conf *conf)
{
	const char *user = args_value(a, "--user");

	if (!from_file(args_value(a, "--account"), account))
		return false;
	if (user)
		tsuwa_account_forget_password(account);
	if (!set(account, "user", user) || !set(account, "proxy", args_value(a, "--proxy")) ||
	    !set(account, "transport", args_value(a, "--transport")) ||
	    !take_listen(args_value(a, "--listen"), &conf->listen))
		return false;
	if (password && tsuwa_account_user(account).n && !take_password(a, account))
		return false;
	conf->account = account;
	conf->json = args_has(a, "--json");
	conf->trace = args_has(a, "--trace");
	return true;
}

bool ua_args(const struct args *a, bool password, struct tsuwa_account **ret_account,
	     struct ua_conf *conf)
{
	struct tsuwa_account *account;

	memset(conf, 0, sizeof(*conf));
	if (tsuwa_account_new(&account) != 0) {
		out_error("no memory");
		return false;
	}
	if (fill(a, password, account, conf)) {
		*ret_account = account;
		return true;
	}
	tsuwa_account_free(&account);
	return false;
}

bool ua_args_uri(const struct args *a, const struct tsuwa_account *account, char *room, size_t size)
{
	struct tsuwa_error why;

	if (tsuwa_account_complete(account, a->operand[0], room, size, &why) == 0)
		return true;
	out_error("%s", why.text);
	return false;
}

bool ua_args_codec(const struct args *a, const char **ret)
{
	const char *name = args_value(a, "--codec");

	*ret = name;
	if (!name)
		return true;
	for (size_t i = 0; tsuwa_codec_name(i); i++)
		if (str_ieq(str_c(name), str_c(tsuwa_codec_name(i))))
			return true;
	out_error("--codec: \"%s\" is none of pcmu, pcma", name);
	return false;
}
