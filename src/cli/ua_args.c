#include "cli/ua_args.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/out.h"
#include "cli/password.h"

static bool set(struct ua_account *account, const char *key, const char *value)
{
	char room[400];
	struct buf why = buf_over(room, sizeof(room));

	if (!value || ua_account_set(account, str_c(key), str_c(value), &why))
		return true;
	out_error("--%s: %s", key, buf_c(&why));
	return false;
}

static bool from_file(const char *file, struct ua_account *account)
{
	char room[600];
	struct buf why = buf_over(room, sizeof(room));

	if (!file || ua_account_read(file, account, &why))
		return true;
	out_error("%s", buf_c(&why));
	return false;
}

/* A password that belongs to another user than the file's is asked for anew. */
static bool take_password(const struct args *a, struct ua_account *account)
{
	char room[PASSWORD_MAX], prompt[600];
	bool from_stdin = args_has(a, "--password-stdin"), good;

	if (!from_stdin && !str_empty(account->password))
		return true;
	snprintf(prompt, sizeof(prompt), "Password of %.*s@%.*s", STR_ARG(account->user),
		 STR_ARG(account->domain));
	if (!password_get(from_stdin, prompt, false, room))
		return false;
	good = set(account, "password", room);
	password_wipe(room);
	return good;
}

static bool take_listen(const char *text, struct addr *ret)
{
	if (!text || addr_parse(str_c(text), ret) || addr_parse_ip(str_c(text), ret))
		return true;
	out_error("--listen: \"%s\" is no ADDRESS:PORT", text);
	return false;
}

static bool fill(const struct args *a, bool password, struct ua_account *account,
		 struct ua_conf *conf)
{
	const char *user = args_value(a, "--user");

	if (!from_file(args_value(a, "--account"), account))
		return false;
	if (user && !str_empty(account->password))
		str_free(&account->password);
	if (!set(account, "user", user) || !set(account, "proxy", args_value(a, "--proxy")) ||
	    !set(account, "transport", args_value(a, "--transport")) ||
	    !take_listen(args_value(a, "--listen"), &conf->listen))
		return false;
	if (password && !str_empty(account->user) && !take_password(a, account))
		return false;
	conf->account = account;
	conf->json = args_has(a, "--json");
	conf->trace = args_has(a, "--trace");
	return true;
}

bool ua_args(const struct args *a, bool password, struct ua_account *account, struct ua_conf *conf)
{
	memset(account, 0, sizeof(*account));
	memset(conf, 0, sizeof(*conf));
	if (fill(a, password, account, conf))
		return true;
	ua_account_fini(account);
	return false;
}

bool ua_args_uri(const struct args *a, const struct ua_account *account, char *room, size_t size)
{
	char why_room[400];
	struct buf uri = buf_over(room, size), why = buf_over(why_room, sizeof(why_room));

	if (!ua_complete_uri(account, str_c(a->operand[0]), &uri, &why)) {
		out_error("%s", buf_c(&why));
		return false;
	}
	buf_c(&uri);
	return true;
}

bool ua_args_codec(const struct args *a, bool *ret_has, enum dlg_codec *ret)
{
	const char *name = args_value(a, "--codec");

	*ret_has = name != NULL;
	if (!name)
		return true;
	for (unsigned c = 0; c < DLG_CODECS; c++)
		if (str_ieq(str_c(name), dlg_codec_name((enum dlg_codec)c))) {
			*ret = (enum dlg_codec)c;
			return true;
		}
	out_error("--codec: \"%s\" is none of pcmu, pcma", name);
	return false;
}
