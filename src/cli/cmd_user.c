/* tsuwa user add|list|passwd|remove|import: works on the database itself; a running server notices. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/import.h"
#include "cli/out.h"
#include "cli/password.h"
#include "cli/user_file.h"

struct session {
	const struct args *args;
	struct config *config;
	const char *target; /* NULL: none given */
	struct str user, domain; /* of target */
};

static int db_failed(struct store_db *db)
{
	out_error("the database: %s", store_db_error(db));
	return CLI_FAILED;
}

static bool take_user(struct session *s)
{
	char room[400];
	struct buf why = buf_over(room, sizeof(room));

	why.cut = true;
	if (!s->target) {
		out_error("which user? tsuwa user %s USER@%.*s", s->args->operand[0],
			  STR_ARG(s->config->domains[0].name));
		return false;
	}
	if (user_split(s->config, str_c(s->target), &s->user, &s->domain, &why))
		return true;
	out_error("%s", buf_c(&why));
	return false;
}

/* ---- add, passwd ---- */

static bool make_secret(struct session *s, struct user_secret *ret)
{
	char prompt[400], password[PASSWORD_MAX];
	struct crypto *crypto = crypto_new();

	snprintf(prompt, sizeof(prompt), "Password of %.*s@%.*s", STR_ARG(s->user),
		 STR_ARG(s->domain));
	if (!crypto ||
	    !password_get(args_has(s->args, "--password-stdin"), prompt, true, password)) {
		crypto_free(&crypto);
		return false;
	}
	user_secret_make(crypto, s->user, s->domain, str_c(password), ret);
	password_wipe(password);
	crypto_free(&crypto);
	return true;
}

static int put_user(struct session *s, enum store_user_mode mode)
{
	struct user_secret secret;
	struct store_db *db;
	struct store_user u;
	int err, code = CLI_DONE;

	if (!take_user(s))
		return CLI_USAGE;
	if (!make_secret(s, &secret))
		return CLI_FAILED;
	db = users_open(s->config, mode == STORE_USER_ADD);
	if (!db)
		return CLI_FAILED;
	u = user_entry_of(s->user, s->domain, &secret);
	err = store_user_put(db, &u, mode);
	if (err == -EEXIST)
		out_error("%.*s@%.*s exists already; \"tsuwa user passwd\" changes the password",
			  STR_ARG(s->user), STR_ARG(s->domain));
	else if (err == -ENOENT)
		out_error("there is no user %.*s@%.*s; \"tsuwa user add\" makes one",
			  STR_ARG(s->user), STR_ARG(s->domain));
	if (err)
		code = err == -EEXIST || err == -ENOENT ? CLI_FAILED : db_failed(db);
	else
		printf("%s %.*s@%.*s\n", mode == STORE_USER_ADD ? "added" : "changed",
		       STR_ARG(s->user), STR_ARG(s->domain));
	store_db_close(&db);
	return code;
}

static int run_add(struct session *s)
{
	return put_user(s, STORE_USER_ADD);
}

static int run_passwd(struct session *s)
{
	return put_user(s, STORE_USER_CHANGE);
}

static int run_remove(struct session *s)
{
	struct store_db *db;
	int err, code = CLI_DONE;

	if (!take_user(s))
		return CLI_USAGE;
	db = users_open(s->config, false);
	if (!db)
		return CLI_FAILED;
	err = store_user_remove(db, s->user, s->domain);
	if (err == -ENOENT) {
		out_error("there is no user %.*s@%.*s", STR_ARG(s->user), STR_ARG(s->domain));
		code = CLI_FAILED;
	} else if (err) {
		code = db_failed(db);
	} else {
		printf("removed %.*s@%.*s\n", STR_ARG(s->user), STR_ARG(s->domain));
	}
	store_db_close(&db);
	return code;
}

/* ---- list ---- */

struct listing {
	struct out_table table;
	struct buf json;
	bool as_json;
};

static const char *date_of(uint64_t ms, char room[32])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(room, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		room[0] = '\0';
	return room;
}

static const char *algorithms_of(const struct store_user *u)
{
	if (str_empty(u->ha1_md5))
		return "SHA-256";
	return str_empty(u->ha1_sha256) ? "MD5" : "SHA-256 MD5";
}

static void list_json(struct buf *b, const struct store_user *u, const char *date)
{
	buf_fmt(b, "%s\n  ", b->n > 1 ? "," : "");
	json_open(b, NULL, '{');
	json_member_str(b, "user", u->user);
	json_member_str(b, "domain", u->domain);
	json_member_bool(b, "enabled", u->enabled);
	json_open(b, "algorithms", '[');
	if (!str_empty(u->ha1_sha256))
		json_item_str(b, STR("SHA-256"));
	if (!str_empty(u->ha1_md5))
		json_item_str(b, STR("MD5"));
	buf_putc(b, ']');
	json_member_str(b, "created", str_c(date));
	buf_putc(b, '}');
}

static void list_one(void *ctx, const struct store_user *u)
{
	struct listing *l = ctx;
	char date[32], name[520];

	date_of(u->created_ms, date);
	if (l->as_json) {
		list_json(&l->json, u, date);
		return;
	}
	snprintf(name, sizeof(name), "%.*s@%.*s", STR_ARG(u->user), STR_ARG(u->domain));
	out_table_row(&l->table,
		      (const char *[]){name, u->enabled ? "yes" : "no", algorithms_of(u), date});
}

static void print_listing(struct listing *l)
{
	if (l->as_json && l->json.failed)
		out_error("no memory for the list");
	else if (l->as_json)
		printf("%.*s\n]\n", STR_ARG(buf_str(&l->json)));
	else
		out_table_end(&l->table);
}

static int run_list(struct session *s)
{
	struct listing l = {.as_json = args_has(s->args, "--json"), .json = buf_heap(1u << 30)};
	struct store_db *db = users_open(s->config, false);
	int err;

	if (!db)
		return CLI_FAILED;
	buf_putc(&l.json, '[');
	out_table_init(&l.table,
		       (const char *[]){"USER", "ENABLED", "PASSWORD FOR", "CREATED", NULL});
	err = store_user_list(db, str_c(s->target), list_one, &l);
	if (err)
		db_failed(db);
	else
		print_listing(&l);
	buf_free(&l.json);
	buf_free(&l.table.cells);
	store_db_close(&db);
	return err ? CLI_FAILED : CLI_DONE;
}

static int run_import(struct session *s)
{
	struct store_db *db;
	int code;

	if (!s->target) {
		out_error("which file? tsuwa user import FILE.csv");
		return CLI_USAGE;
	}
	db = users_open(s->config, true);
	if (!db)
		return CLI_FAILED;
	code = import_users(s->config, db, s->target);
	store_db_close(&db);
	return code;
}

/* ---- the command ---- */

static const struct {
	const char *name;
	int (*run)(struct session *s);
} actions[] = {
	{"add", run_add},       {"list", run_list},     {"passwd", run_passwd},
	{"remove", run_remove}, {"import", run_import},
};

#define N_ACTIONS (sizeof(actions) / sizeof(*actions))

static int unknown_action(const char *name)
{
	const char *names[N_ACTIONS + 1];

	for (size_t i = 0; i < N_ACTIONS; i++)
		names[i] = actions[i].name;
	names[N_ACTIONS] = NULL;
	out_unknown("action", name, names);
	out_error("see \"tsuwa help user\"");
	return CLI_USAGE;
}

static int run(const struct args *a)
{
	struct session s = {.args = a, .target = a->n_operands > 1 ? a->operand[1] : NULL};
	size_t i = 0;
	int code;

	while (i < N_ACTIONS && strcmp(actions[i].name, a->operand[0]) != 0)
		i++;
	if (i == N_ACTIONS)
		return unknown_action(a->operand[0]);
	s.config = config_of(a);
	if (!s.config)
		return CLI_USAGE;
	code = actions[i].run(&s);
	config_free(&s.config);
	return code;
}

static const struct cli_option options[] = {
	OPTION_CONFIG,
	{"--password-stdin", 0, NULL, "read the password from standard input, one line"},
	OPTION_JSON,
	{0},
};

const struct command cmd_user = {
	.name = "user",
	.operands = "add|list|passwd|remove|import [USER@DOMAIN|DOMAIN|FILE.csv]",
	.min_operands = 1,
	.max_operands = 2,
	.options = options,
	.summary = "add, list, change, remove or import users",
	.about = "Works on the database of the configuration; a running server knows of a change "
		 "within a second. The password comes from --password-stdin, from the variable "
		 "TSUWA_PASSWORD, or is asked for; only its digests are stored.\n\n"
		 "import takes all lines of a CSV file or none: user@domain,password or "
		 "user,domain,password, with or without a line of titles. Users that exist get the "
		 "password of the file.",
	.examples =
		"  tsuwa user add carol@example.com\n"
		"  printf '%s\\n' \"$PW\" | tsuwa user passwd carol@example.com --password-stdin\n"
		"  tsuwa user import phones.csv\n",
	.run = run,
};
