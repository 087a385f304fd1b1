#include "cli/args.h"

#include <string.h>

#include "cli/out.h"
#include "server/config_key.h"

static const struct cli_option *option_of(const struct command *c, struct str name)
{
	for (const struct cli_option *o = c->options; o && o->name; o++)
		if (str_eq(name, str_c(o->name)))
			return o;
	return NULL;
}

static const struct cli_option *letter_of(const struct command *c, char letter)
{
	for (const struct cli_option *o = c->options; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static bool wrong(const struct command *c)
{
	out_error("see \"tsuwa help %s\"", c->name);
	return false;
}

static bool unknown_option(const struct command *c, struct str name)
{
	const char *names[64];
	char given[64];
	unsigned n = 0;

	for (const struct cli_option *o = c->options; o && o->name && n < 62; o++)
		names[n++] = o->name;
	names[n++] = "--help";
	names[n] = NULL;
	out_unknown("option", str_to_c(name, given, sizeof(given)), names);
	return wrong(c);
}

static bool give(struct args *a, const struct cli_option *o, const char *value)
{
	if (a->n_given == ARGS_MAX) {
		out_error("too many options");
		return false;
	}
	a->given[a->n_given].option = o;
	a->given[a->n_given++].value = value;
	return true;
}

/* argv[*i] is "--name", "--name=value", "-c" or "-cvalue"; *i moves over a value of its own. */
static bool take_option(struct args *a, int argc, char **argv, int *i)
{
	char *word = argv[*i];
	bool is_long = word[1] == '-';
	char *equal = is_long ? strchr(word, '=') : NULL;
	struct str name = equal ? str_range(word, equal) : str_c(word);
	const struct cli_option *o =
		is_long ? option_of(a->command, name) : letter_of(a->command, word[1]);
	const char *value = is_long ? (equal ? equal + 1 : NULL) : (word[2] ? word + 2 : NULL);

	if (!o)
		return unknown_option(a->command, name);
	if (!o->value && value) {
		out_error("%s takes no value", o->name);
		return wrong(a->command);
	}
	if (o->value && !value) {
		if (*i + 1 >= argc) {
			out_error("%s needs a value: %s %s", o->name, o->name, o->value);
			return wrong(a->command);
		}
		value = argv[++*i];
	}
	return give(a, o, value);
}

static bool take_operand(struct args *a, const char *word)
{
	if (a->n_operands == ARGS_MAX || a->n_operands == a->command->max_operands) {
		out_error("\"%s\" is one word too many for \"tsuwa %s\"", word, a->command->name);
		return wrong(a->command);
	}
	a->operand[a->n_operands++] = word;
	return true;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

bool args_parse(const struct command *c, int argc, char **argv, struct args *ret)
{
	bool operands_only = false;

	*ret = (struct args){.command = c};
	for (int i = 0; i < argc; i++) {
		char *word = argv[i];
		bool option = !operands_only && word[0] == '-' && word[1];

		if (option && !strcmp(word, "--"))
			operands_only = true;
		else if (option && is_help(word))
			ret->help = true;
		else if (option ? !take_option(ret, argc, argv, &i) : !take_operand(ret, word))
			return false;
	}
	if (!ret->help && ret->n_operands < c->min_operands) {
		out_error("\"tsuwa %s\" needs %s", c->name, c->operands);
		return wrong(c);
	}
	return true;
}

const char *args_value(const struct args *a, const char *name)
{
	for (unsigned i = a->n_given; i > 0; i--)
		if (!strcmp(a->given[i - 1].option->name, name))
			return a->given[i - 1].value;
	return NULL;
}

bool args_has(const struct args *a, const char *name)
{
	for (unsigned i = 0; i < a->n_given; i++)
		if (!strcmp(a->given[i].option->name, name))
			return true;
	return false;
}

const char *args_all(const struct args *a, const char *name, unsigned i)
{
	for (unsigned k = 0; k < a->n_given; k++)
		if (!strcmp(a->given[k].option->name, name) && i-- == 0)
			return a->given[k].value;
	return NULL;
}

bool args_number(const struct args *a, const char *name, uint64_t min, uint64_t max, uint64_t *ret)
{
	const char *value = args_value(a, name);
	uint64_t v;

	if (!value)
		return true;
	if (!str_to_u64(str_c(value), &v) || v < min || v > max) {
		out_error("%s: expected a whole number from %llu to %llu, found \"%s\"", name,
			  (unsigned long long)min, (unsigned long long)max, value);
		return false;
	}
	*ret = v;
	return true;
}

bool args_duration_ms(const struct args *a, const char *name, uint64_t *ret)
{
	const char *value = args_value(a, name);

	if (!value || config_duration_ms(str_c(value), ret))
		return true;
	out_error("%s: expected a time such as 500ms, 10s or 5m, found \"%s\"", name, value);
	return false;
}
