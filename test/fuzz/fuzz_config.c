/* The configuration: any text is a configuration that can be used, or told of line by line.  Nothing is
 * opened and no name is looked up. */
#include "fuzz.h"

#include "server/config.h"
#include "server/policy.h"

#define NAME "dir/tsuwa.yaml"

/* Every line names the file. */
static void judge_errors(struct str why)
{
	check(why.n > 0 && why.p[why.n - 1] == '\n');
	while (why.n)
		check(str_starts(str_split(&why, '\n'), STR(NAME ":")));
}

static void judge_listeners(const struct config *c)
{
	for (unsigned i = 0; i < c->n_listen; i++) {
		const struct config_listen *l = &c->listen[i];

		check(l->transport != TRANSPORT_NONE && l->at.family && l->text.n);
	}
}

static void judge(const struct config *c)
{
	check(c->workers >= 1 && c->n_algorithms >= 1 && c->n_algorithms <= 2);
	check(c->min_expires_ms <= c->default_expires_ms &&
	      c->default_expires_ms <= c->max_expires_ms);
	check(c->n_domains > 0 && c->n_listen > 0);
	for (unsigned i = 0; i < c->n_domains; i++) {
		check(c->domains[i].name.n > 0);
		check(config_domain(c, c->domains[i].name) == &c->domains[i]);
	}
	for (unsigned i = 0; i < c->n_routes; i++)
		check(c->routes[i].match.n > 0 && c->routes[i].n_to > 0);
	judge_listeners(c);
}

/* As the server makes one, with a request that asks it. */
static void use(const struct config *c)
{
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct app_policy *p;
	struct sip_uri uri;

	check(policy_make(c, NULL, 0, &p) == 0);
	if (sip_uri_parse(STR("sip:%61lice@example.com"), &uri, NULL)) {
		app_policy_aor(p, &uri, &b);
		app_policy_route(p, &uri);
	}
	app_policy_unref(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf why = buf_heap(1 << 20);
	struct config *c = NULL;

	if (config_parse(fuzz_guarded(str_of((const char *)data, size)), NAME, &c, &why)) {
		check(c == NULL);
		judge_errors(buf_str(&why));
	} else {
		check(why.n == 0);
		judge(c);
		use(c);
	}
	config_free(&c);
	buf_free(&why);
	return 0;
}
