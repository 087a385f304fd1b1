/* server/config_key.h - how the table of keys describes one key of tsuwa.yaml, and what
 * reads a value.  Inside of the configuration only. */
#ifndef TSUWA_SERVER_CONFIG_KEY_H
#define TSUWA_SERVER_CONFIG_KEY_H

#include "server/config.h"

struct config_key;

struct config_problem {
	struct yaml_mark mark;
	struct str text;
};

#define CONFIG_PROBLEMS_MAX 100

struct config_reader {
	struct config *config;
	struct arena *arena; /* the configuration's */
	char path[128]; /* "registrar.min_expires" */
	struct config_problem problems[CONFIG_PROBLEMS_MAX];
	unsigned n_problems;
	bool no_memory;
};

typedef void (*config_read_fn)(struct config_reader *r, const struct config_key *k,
			       const struct yaml_node *n, void *field);

/* Tables end with a NULL name. */
struct config_key {
	const char *name;
	const char *type; /* for the reference: "duration", "true or false" */
	const char *preset; /* the default as YAML, or NULL: none */
	const char *doc;
	config_read_fn read;
	size_t offset; /* of the field in its struct */
	uint64_t min, max;
	const char *const *words;
	const struct config_key *keys; /* of a section, or of the items of a list */
};

extern const struct config_key config_keys[];

/* Adds "path: text"; mark 0 names no line. */
void config_problem(struct config_reader *r, struct yaml_mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "found ..." for a value: a text in quotes (cut, cleaned), "a list", "nothing". */
const char *config_found(struct config_reader *r, const struct yaml_node *n);

/* All keys of a map into the struct at base; unknown and repeated ones are problems. */
void config_read_map(struct config_reader *r, const struct config_key *keys,
		     const struct yaml_node *map, void *base);
/* Every preset of the table, sections included. */
void config_read_presets(struct config_reader *r, const struct config_key *keys, void *base);

/* Readers; what the field is stands behind. */
void config_read_section(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field); /* the outer struct */
void config_read_text(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* struct str */
void config_read_path(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* struct str, resolved */
void config_read_bool(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* bool */
void config_read_number(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field); /* uint64_t */
void config_read_duration(struct config_reader *r, const struct config_key *k,
			  const struct yaml_node *n, void *field); /* uint64_t, ms */
void config_read_size(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* uint64_t, bytes; 0 passes */
void config_read_word(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* unsigned */
/* Of the top level only; they fill several fields of struct config. */
void config_read_domains(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field);
void config_read_listen(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field);
void config_read_algorithms(struct config_reader *r, const struct config_key *k,
			    const struct yaml_node *n, void *field);
void config_read_routes(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field);
void config_read_ports(struct config_reader *r, const struct config_key *k,
		       const struct yaml_node *n, void *field);
/* Items of the lists' maps. */
void config_read_aliases(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field); /* struct config_domain */
void config_read_name(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field); /* struct str, lower case */
void config_read_at(struct config_reader *r, const struct config_key *k, const struct yaml_node *n,
		    void *field); /* struct config_listen */
void config_read_advertise(struct config_reader *r, const struct config_key *k,
			   const struct yaml_node *n, void *field); /* struct config_listen */
void config_read_targets(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field); /* struct config_route */

/* What no key alone can say: ranges that fit, names that are given twice. */
void config_check(struct config_reader *r, const struct yaml_node *root);

/* "10s", "500ms", "5m", "2h", "1d"; a bare number is seconds. */
bool config_duration_ms(struct str s, uint64_t *ret);
/* "4MiB", "512KiB", "1GiB"; a bare number is bytes. */
bool config_size_bytes(struct str s, uint64_t *ret);

#endif
