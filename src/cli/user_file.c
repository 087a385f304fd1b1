#include "cli/user_file.h"

#include <errno.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/out.h"
#include "net/clock.h"
#include "server/hasher.h"

#define ERRORS_MAX (1u << 20)

static void put_domains(const struct config *c, struct buf *b)
{
	b->cut = true;
	for (unsigned i = 0; i < c->n_domains && i < 10; i++)
		buf_fmt(b, "%s%.*s", i ? ", " : "", STR_ARG(c->domains[i].name));
	if (c->n_domains > 10)
		buf_fmt(b, "...");
}

bool user_check(const struct config *c, struct str user, struct str *domain, struct buf *why)
{
	const struct config_domain *d = config_domain(c, *domain);

	if (!user_name_valid(user)) {
		buf_fmt(why, "\"%.*s\" is no name for a user: 1 to 255 characters without ':'",
			STR_ARG(str_first(user, 60)));
		return false;
	}
	if (!d) {
		buf_fmt(why, "\"%.*s\" is no domain of the configuration, which has ",
			STR_ARG(str_first(*domain, 60)));
		put_domains(c, why);
		return false;
	}
	*domain = d->name;
	return true;
}

bool user_split(const struct config *c, struct str text, struct str *ret_user,
		struct str *ret_domain, struct buf *why)
{
	struct str user, domain;
	size_t at = text.n;

	if (str_istarts(text, STR("sip:"))) {
		text = str_skip(text, 4);
		at = text.n;
	}
	while (at > 0 && text.p[at - 1] != '@')
		at--;
	if (at == 0) {
		buf_fmt(why, "\"%.*s\" has no domain: write it as %.*s@%.*s",
			STR_ARG(str_first(text, 60)), STR_ARG(str_first(text, 60)),
			STR_ARG(c->domains[0].name));
		return false;
	}
	user = str_first(text, at - 1);
	domain = str_skip(text, at);
	if (!user_check(c, user, &domain, why))
		return false;
	*ret_user = user;
	*ret_domain = domain;
	return true;
}

void user_secret_make(struct crypto *c, struct str user, struct str domain, struct str password,
		      struct user_secret *ret)
{
	struct sip_hasher h = server_hasher(c);
	char room[600];
	struct buf full = buf_over(room, sizeof(room));

	buf_fmt(&full, "%.*s@%.*s", STR_ARG(user), STR_ARG(domain));

	sip_digest_ha1(&h, SIP_ALG_MD5, user, domain, password, ret->md5);
	sip_digest_ha1(&h, SIP_ALG_SHA256, user, domain, password, ret->sha256);
	sip_digest_ha1(&h, SIP_ALG_MD5, buf_str(&full), domain, password, ret->full_md5);
	sip_digest_ha1(&h, SIP_ALG_SHA256, buf_str(&full), domain, password, ret->full_sha256);
}

struct store_user user_entry_of(struct str user, struct str domain, const struct user_secret *s)
{
	return (struct store_user){
		.user = user,
		.domain = domain,
		.ha1_md5 = str_c(s->md5),
		.ha1_sha256 = str_c(s->sha256),
		.full_md5 = str_c(s->full_md5),
		.full_sha256 = str_c(s->full_sha256),
		.enabled = true,
		.created_ms = clock_wall_ms(),
	};
}

struct config *config_of(const struct args *a)
{
	struct buf why = buf_heap(ERRORS_MAX);
	struct config *c = NULL;

	if (config_load(args_value(a, "--config"), &c, &why)) {
		fputs(buf_c(&why), stderr);
		c = NULL;
	}
	buf_free(&why);
	return c;
}

struct store_db *users_open(const struct config *c, bool create)
{
	struct store_db *db = NULL;
	char err[512];

	if (!store_db_open(c->database.p, create, err, sizeof(err), &db))
		return db;
	out_error("%s", err);
	return NULL;
}
