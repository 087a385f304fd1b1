/* SIGHUP: the file is read again.  With mistakes in it all stays as it is. */
#include "server/inside.h"
#include "server/notify.h"
#include "server/policy.h"

#define ERRORS_MAX (1u << 20)

static bool same_listeners(const struct config *a, const struct config *b)
{
	if (a->n_listen != b->n_listen)
		return false;
	for (unsigned i = 0; i < a->n_listen; i++)
		if (a->listen[i].transport != b->listen[i].transport ||
		    !addr_eq(&a->listen[i].at, &b->listen[i].at) ||
		    !str_eq(a->listen[i].advertise, b->listen[i].advertise))
			return false;
	return true;
}

/* Names what the new file says and only a restart can bring. */
static void tell_fixed(const struct server *s, const struct config *a, const struct config *b)
{
	const struct {
		const char *key;
		bool same;
	} fixed[] = {
		{"listen", same_listeners(a, b)},
		{"workers", a->workers == b->workers},
		{"database", str_eq(a->database, b->database)},
		{"durability", a->durability == b->durability},
		{"media.ports",
		 a->media_port_min == b->media_port_min && a->media_port_max == b->media_port_max},
		{"limits.connections", a->max_connections == b->max_connections},
		{"limits.idle_timeout", a->idle_ms == b->idle_ms},
		{"limits.message_timeout", a->message_ms == b->message_ms},
		{"trace.memory", a->trace_bytes == b->trace_bytes},
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (!fixed[i].same)
			log_warn(&s->log, "configuration changed where only a restart helps key=%s",
				 fixed[i].key);
}

static void tell_errors(const struct server *s, struct str lines)
{
	while (!str_empty(lines)) {
		struct str line = str_split(&lines, '\n');

		log_error(&s->log, "configuration is wrong: %.*s", STR_ARG(line));
	}
	log_error(&s->log, "configuration was not taken; the one before stays");
}

static void give_workers(struct server *s, struct app_policy *policy)
{
	for (unsigned i = 0; i < s->n_workers; i++) {
		worker_give_policy(s->workers[i], policy);
		worker_give_level(s->workers[i], s->config->log_level);
	}
	logging_set(&s->logging, s->config->log_level, s->config->log_format == CONFIG_JSON);
	s->log.level = s->config->log_level;
}

/* Takes c. */
static void adopt(struct server *s, struct config *c)
{
	const struct config *start = s->worker_conf.config;
	struct app_policy *policy;

	if (policy_make(c, s->listeners, start->n_listen, &policy)) {
		log_error(&s->log, "configuration was not taken: no memory");
		config_free(&c);
		return;
	}
	tell_fixed(s, start, c);
	if (s->config == start)
		s->first_config = s->config;
	else
		config_free(&s->config);
	s->config = c;
	give_workers(s, policy);
	app_policy_unref(&s->policy);
	s->policy = policy;
	log_info(&s->log, "configuration was taken file=%.*s",
		 STR_ARG(str_empty(c->path) ? STR("none") : c->path));
}

void server_reload(struct server *s)
{
	struct buf why = buf_heap(ERRORS_MAX);
	struct config *c = NULL;

	notify_reloading();
	if (config_load(s->path, &c, &why))
		tell_errors(s, buf_str(&why));
	else
		adopt(s, c);
	buf_free(&why);
	notify(STR("READY=1"));
}
