/* server/config.h - the configuration as it was written: typed, checked, with every default
 * filled in.  What the elements need of it becomes a policy (server/policy.h).
 * config_keys.c has the table of keys; the reference and init's file are printed from it. */
#ifndef TSUWA_SERVER_CONFIG_H
#define TSUWA_SERVER_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/flow.h"
#include "server/yaml.h"

enum config_domain_mode { CONFIG_DOMAIN_PROXY, CONFIG_DOMAIN_REDIRECT };

struct config_domain {
	struct str name; /* lower case */
	struct str *aliases;
	unsigned n_aliases;
	unsigned mode; /* enum config_domain_mode */
	struct yaml_mark mark;
};

struct config_listen {
	struct str text; /* "udp://127.0.0.1:5060" */
	struct str advertise; /* as written, or empty */
	enum transport transport;
	struct addr at;
	struct str host; /* of advertise, or empty */
	uint16_t port; /* of advertise, or 0: the bound one */
	struct yaml_mark mark;
};

enum config_mode { CONFIG_PROXY, CONFIG_REDIRECT, CONFIG_STATELESS };

enum config_status { CONFIG_STATUS_AUTO, CONFIG_300, CONFIG_301, CONFIG_302 };

struct config_route {
	struct str match;
	struct str *to;
	unsigned n_to;
	unsigned mode; /* enum config_mode */
	unsigned status; /* enum config_status */
	struct yaml_mark mark;
};

enum config_algorithm { CONFIG_MD5, CONFIG_SHA256 };
enum config_durability { CONFIG_NORMAL, CONFIG_SYNC };
enum config_format { CONFIG_TEXT, CONFIG_JSON };

/* Numbers are uint64_t and words unsigned, so that the table needs two readers for them. */
struct config {
	struct arena arena; /* owns every text and list */
	struct str path; /* of the file; empty: there is none, all is default */
	struct str dir; /* what relative paths start from, "." or ending without '/' */
	struct config_domain *domains;
	unsigned n_domains;
	struct config_listen *listen;
	unsigned n_listen;
	struct str tls_certificate, tls_key; /* empty: none */
	struct str database;
	unsigned durability;
	unsigned algorithms[2], n_algorithms;
	bool auth_register, auth_invite;
	uint64_t nonce_life_ms;
	struct config_route *routes;
	unsigned n_routes;
	uint64_t min_expires_ms, max_expires_ms, default_expires_ms, max_contacts;
	uint64_t timer_c_ms, max_forks;
	bool recurse;
	uint64_t media_port_min, media_port_max;
	uint64_t workers;
	uint64_t max_connections, idle_ms, message_ms, refusals_per_s;
	uint64_t shutdown_ms;
	uint64_t trace_bytes; /* of a worker; 0: off */
	unsigned log_level; /* enum log_level */
	unsigned log_format;
};

/* Reads a file; NULL: ./tsuwa.yaml when it is there, else the defaults.  0; -EINVAL: why has a
 * line for everything that is wrong; -errno: why says what could not be read. */
int config_load(const char *path, struct config **ret, struct buf *why);
/* The same of text; path is what the errors name and where relative paths start. */
int config_parse(struct str text, const char *path, struct config **ret, struct buf *why);
void config_free(struct config **c);

/* The domain of that name or alias, without case, or NULL. */
const struct config_domain *config_domain(const struct config *c, struct str name);

/* Texts of the file's words. */
extern const char *const config_log_levels[],
	*const config_formats[], *const config_modes[], *const config_domain_modes[],
	*const config_statuses[], *const config_algorithms[],
								*const config_durabilities[];

/* ---- printed from the table of keys ---- */

/* The reference as text, and as the page tsuwa.yaml(5). */
void config_put_reference(struct buf *b);
void config_put_man(struct buf *b);

/* A value that init writes instead of a comment with the default. */
struct config_value {
	const char *key; /* "domains", of the top level */
	const char *yaml; /* lines below "key:", indented; or " value" */
};
/* The commented file: values (ended by a NULL key) as they are, all else commented out. */
void config_put_file(struct buf *b, const struct config_value *values);

#endif
