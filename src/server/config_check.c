/* What no key alone can say. */
#include "server/config_key.h"

static struct yaml_mark mark_of(const struct yaml_node *root, const char *section, const char *key)
{
	const struct yaml_node *s = root->kind == YAML_MAP ? yaml_get(root, str_c(section)) : NULL;
	const struct yaml_node *n = s && s->kind == YAML_MAP ? yaml_get(s, str_c(key)) : NULL;

	return n ? n->mark : s ? s->mark : (struct yaml_mark){0};
}

static void check_expires(struct config_reader *r, const struct yaml_node *root)
{
	const struct config *c = r->config;

	if (c->min_expires_ms > c->max_expires_ms)
		config_problem(r, mark_of(root, "registrar", "min_expires"),
			       "registrar.min_expires: more than max_expires");
	else if (c->default_expires_ms < c->min_expires_ms ||
		 c->default_expires_ms > c->max_expires_ms)
		config_problem(
			r, mark_of(root, "registrar", "default_expires"),
			"registrar.default_expires: not between min_expires and max_expires");
}

static const struct config_domain *owner_before(const struct config *c, unsigned before,
						struct str name)
{
	for (unsigned i = 0; i < before; i++) {
		if (str_eq(c->domains[i].name, name))
			return &c->domains[i];
		for (unsigned a = 0; a < c->domains[i].n_aliases; a++)
			if (str_eq(c->domains[i].aliases[a], name))
				return &c->domains[i];
	}
	return NULL;
}

static void check_domain_name(struct config_reader *r, unsigned i, struct str name)
{
	const struct config_domain *d = owner_before(r->config, i, name);

	if (d)
		config_problem(r, r->config->domains[i].mark,
			       "domains: \"%.*s\" is given twice, first in line %u", STR_ARG(name),
			       d->mark.line);
}

static void check_domains(struct config_reader *r)
{
	const struct config *c = r->config;

	for (unsigned i = 0; i < c->n_domains; i++) {
		check_domain_name(r, i, c->domains[i].name);
		for (unsigned a = 0; a < c->domains[i].n_aliases; a++)
			check_domain_name(r, i, c->domains[i].aliases[a]);
	}
}

static void check_listen(struct config_reader *r)
{
	const struct config *c = r->config;

	for (unsigned i = 0; i < c->n_listen; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct config_listen *a = &c->listen[i], *b = &c->listen[k];

			if (a->transport != b->transport || !a->at.port || !addr_eq(&a->at, &b->at))
				continue;
			config_problem(r, a->mark,
				       "listen: \"%.*s\" is given twice, first in line %u",
				       STR_ARG(a->text), b->mark.line);
			break;
		}
}

static void check_tls(struct config_reader *r, const struct yaml_node *root)
{
	const struct config *c = r->config;

	if (str_empty(c->tls_certificate) != str_empty(c->tls_key))
		config_problem(r, mark_of(root, "tls", ""), "tls: \"%s\" is missing",
			       str_empty(c->tls_key) ? "key" : "certificate");
}

void config_check(struct config_reader *r, const struct yaml_node *root)
{
	check_domains(r);
	check_listen(r);
	check_tls(r, root);
	check_expires(r, root);
}
