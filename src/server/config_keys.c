/* Every key of tsuwa.yaml: its type, bounds, default and what it is for.  The reader,
 * `tsuwa help config`, tsuwa.yaml(5) and the file that init writes all come from here. */
#include "server/config_key.h"

#include "net/group.h"

#define AT(member) offsetof(struct config, member)

#define SECOND_MS 1000ull
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

const char *const config_log_levels[] = {"error", "warn", "info", "debug", "bytes", NULL};
const char *const config_formats[] = {"text", "json", NULL};
const char *const config_modes[] = {"proxy", "redirect", "stateless", NULL};
const char *const config_domain_modes[] = {"proxy", "redirect", NULL};
const char *const config_statuses[] = {"auto", "300", "301", "302", NULL};
const char *const config_algorithms[] = {"MD5", "SHA-256", NULL};
const char *const config_durabilities[] = {"normal", "sync", NULL};

static const struct config_key domain_keys[] = {
	{.name = "name",
	 .type = "domain",
	 .read = config_read_name,
	 .offset = offsetof(struct config_domain, name),
	 .doc = "Canonical name of the domain: the realm of its users, stored with each user."},
	{.name = "aliases",
	 .type = "list of names or addresses",
	 .read = config_read_aliases,
	 .doc = "Other names and addresses that mean the same domain."},
	{.name = "mode",
	 .type = "proxy or redirect",
	 .read = config_read_word,
	 .offset = offsetof(struct config_domain, mode),
	 .words = config_domain_modes,
	 .doc = "proxy forwards requests to the registered devices; redirect tells the caller "
		"where they are, with 302, or 300 where there are several. Default: proxy."},
	{0},
};

static const struct config_key listen_keys[] = {
	{.name = "at",
	 .type = "udp://ADDRESS:PORT or tcp://ADDRESS:PORT",
	 .read = config_read_at,
	 .doc = "Where to listen. Port 0 lets the system choose; the ready line tells which."},
	{.name = "advertise",
	 .type = "name or address, with or without :PORT",
	 .read = config_read_advertise,
	 .doc = "What others are told to send to, in Via, Record-Route and Contact. Needed where "
		"the address is a wildcard."},
	{0},
};

static const struct config_key tls_keys[] = {
	{.name = "certificate",
	 .type = "file",
	 .read = config_read_path,
	 .offset = AT(tls_certificate),
	 .doc = "PEM file with the certificate and its chain."},
	{.name = "key",
	 .type = "file",
	 .read = config_read_path,
	 .offset = AT(tls_key),
	 .doc = "PEM file with the private key of the certificate."},
	{0},
};

static const struct config_key auth_keys[] = {
	{.name = "algorithms",
	 .type = "list of SHA-256 and MD5",
	 .preset = "[SHA-256, MD5]",
	 .read = config_read_algorithms,
	 .words = config_algorithms,
	 .doc = "Digest algorithms that a challenge offers, the preferred one first."},
	{.name = "register",
	 .type = "true or false",
	 .preset = "true",
	 .read = config_read_bool,
	 .offset = AT(auth_register),
	 .doc = "Challenge REGISTER. False is for closed labs and benchmarks only: then anybody "
		"may register as anybody."},
	{.name = "invite",
	 .type = "true or false",
	 .preset = "true",
	 .read = config_read_bool,
	 .offset = AT(auth_invite),
	 .doc = "Challenge other requests that claim to come from a local user."},
	{.name = "nonce_life",
	 .type = "duration",
	 .preset = "5m",
	 .read = config_read_duration,
	 .offset = AT(nonce_life_ms),
	 .min = SECOND_MS,
	 .max = DAY_MS,
	 .doc = "How long a challenge may be answered before it is stale."},
	{0},
};

static const struct config_key route_keys[] = {
	{.name = "match",
	 .type = "pattern",
	 .read = config_read_text,
	 .offset = offsetof(struct config_route, match),
	 .min = 1,
	 .max = 512,
	 .doc = "Compared with the whole Request-URI; * stands for any text and ? for any "
		"character."},
	{.name = "mode",
	 .type = "proxy, redirect or stateless",
	 .read = config_read_word,
	 .offset = offsetof(struct config_route, mode),
	 .words = config_modes,
	 .doc = "proxy forwards with state, redirect answers with to as contacts, stateless "
		"forwards and forgets where to is an address, reached by a connection where the request "
		"came by one and by UDP where it did not; else it forwards with state. Default: proxy."},
	{.name = "to",
	 .type = "SIP URI, or a list of them to redirect",
	 .read = config_read_targets,
	 .doc = "Where to, the most wanted first. Without a user part the user of the request "
		"stays."},
	{.name = "status",
	 .type = "auto, 300, 301 or 302",
	 .read = config_read_word,
	 .offset = offsetof(struct config_route, status),
	 .words = config_statuses,
	 .doc = "How a redirection is answered: auto is 302 (Moved Temporarily), or 300 (Multiple "
		"Choices) where there are several contacts; 301 says that it is for good."},
	{0},
};

static const struct config_key registrar_keys[] = {
	{.name = "min_expires",
	 .type = "duration",
	 .preset = "60s",
	 .read = config_read_duration,
	 .offset = AT(min_expires_ms),
	 .min = SECOND_MS,
	 .max = 7 * DAY_MS,
	 .doc = "Shorter registrations are refused with 423 (Interval Too Brief)."},
	{.name = "max_expires",
	 .type = "duration",
	 .preset = "2h",
	 .read = config_read_duration,
	 .offset = AT(max_expires_ms),
	 .min = SECOND_MS,
	 .max = 7 * DAY_MS,
	 .doc = "Longer registrations are cut to this."},
	{.name = "default_expires",
	 .type = "duration",
	 .preset = "1h",
	 .read = config_read_duration,
	 .offset = AT(default_expires_ms),
	 .min = SECOND_MS,
	 .max = 7 * DAY_MS,
	 .doc = "For who asks for no time."},
	{.name = "max_contacts",
	 .type = "number",
	 .preset = "10",
	 .read = config_read_number,
	 .offset = AT(max_contacts),
	 .min = 1,
	 .max = 32,
	 .doc = "Devices that may be registered for one user at once."},
	{0},
};

static const struct config_key proxy_keys[] = {
	{.name = "ring_timeout",
	 .type = "duration",
	 .preset = "185s",
	 .read = config_read_duration,
	 .offset = AT(timer_c_ms),
	 .min = 180 * SECOND_MS + 1,
	 .max = HOUR_MS,
	 .doc = "Timer C of RFC 3261: how long a call may ring without news before it is given "
		"up."},
	{.name = "forks",
	 .type = "number",
	 .preset = "20",
	 .read = config_read_number,
	 .offset = AT(max_forks),
	 .min = 1,
	 .max = 64,
	 .doc = "Branches that one request may have at once."},
	{.name = "follow_redirects",
	 .type = "true or false",
	 .preset = "false",
	 .read = config_read_bool,
	 .offset = AT(recurse),
	 .doc = "Try the contacts of a 3xx response instead of handing it to the caller."},
	{0},
};

static const struct config_key media_keys[] = {
	{.name = "ports",
	 .type = "FIRST-LAST",
	 .preset = "20000-29999",
	 .read = config_read_ports,
	 .doc = "UDP ports for RTP and RTCP, two a call."},
	{0},
};

static const struct config_key limit_keys[] = {
	{.name = "connections",
	 .type = "number",
	 .preset = "20000",
	 .read = config_read_number,
	 .offset = AT(max_connections),
	 .min = 1,
	 .max = 10000000,
	 .doc = "TCP connections of the whole server; one more is accepted and closed."},
	{.name = "idle_timeout",
	 .type = "duration",
	 .preset = "10m",
	 .read = config_read_duration,
	 .offset = AT(idle_ms),
	 .min = SECOND_MS,
	 .max = 7 * DAY_MS,
	 .doc = "A connection that says nothing for so long is closed."},
	{.name = "message_timeout",
	 .type = "duration",
	 .preset = "10s",
	 .read = config_read_duration,
	 .offset = AT(message_ms),
	 .min = SECOND_MS,
	 .max = HOUR_MS,
	 .doc = "A message that has begun on a connection must be whole by then."},
	{.name = "refusals",
	 .type = "number",
	 .preset = "50",
	 .read = config_read_number,
	 .offset = AT(refusals_per_s),
	 .min = 0,
	 .max = 1000000,
	 .doc = "Refusals a second that one address may cause before it is ignored for the rest "
		"of the second; 0: no limit."},
	{0},
};

static const struct config_key trace_keys[] = {
	{.name = "memory",
	 .type = "size",
	 .preset = "4MiB",
	 .read = config_read_size,
	 .offset = AT(trace_bytes),
	 .min = 64 << 10,
	 .max = 1 << 30,
	 .doc = "Memory of each worker for the last messages, which \"tsuwa trace\" shows; the "
		"oldest make room for the newest. 0 records nothing."},
	{0},
};

static const struct config_key log_keys[] = {
	{.name = "level",
	 .type = "error, warn, info, debug or bytes",
	 .preset = "info",
	 .read = config_read_word,
	 .offset = AT(log_level),
	 .words = config_log_levels,
	 .doc = "How much is said; each level says also what those before it say.\n"
		"error: what does not work and needs somebody: a disk that is full, a "
		"configuration that was not taken.\n"
		"warn: what is odd and may need somebody: a source that is ignored, a change that "
		"waits for a restart.\n"
		"info: a line for each request that was refused or redirected, each login that was "
		"refused, each registration that is new, removed or expired, each SIGHUP.\n"
		"debug: also what was answered, challenges, registrations that were refreshed.\n"
		"bytes: also every message, whole.\n"
		"At most 50 lines of one kind are written in a second; how many were left out "
		"is said then."},
	{.name = "format",
	 .type = "text or json",
	 .preset = "text",
	 .read = config_read_word,
	 .offset = AT(log_format),
	 .words = config_formats,
	 .doc = "Lines for people or for machines, on standard error."},
	{0},
};

const struct config_key config_keys[] = {
	{.name = "domains",
	 .type = "list",
	 .preset = "[localhost]",
	 .read = config_read_domains,
	 .keys = domain_keys,
	 .doc = "The domains that are served here, as names or with aliases:\n"
		"- { name: example.org, aliases: [sip.example.org, 192.0.2.7] }\n"
		"- { name: example.net, mode: redirect }\n"
		"The listening addresses always mean the first of them."},
	{.name = "listen",
	 .type = "list",
	 .read = config_read_listen,
	 .keys = listen_keys,
	 .preset = "[\"udp://127.0.0.1:5060\", \"tcp://127.0.0.1:5060\"]",
	 .doc = "Where to listen, as addresses or with what others see:\n"
		"- { at: \"udp://0.0.0.0:5060\", advertise: sip.example.com }"},
	{.name = "tls",
	 .type = "section",
	 .read = config_read_section,
	 .keys = tls_keys,
	 .doc = "The certificate to show."},
	{.name = "database",
	 .type = "file",
	 .preset = "./tsuwa.db",
	 .read = config_read_path,
	 .offset = AT(database),
	 .doc = "Users, registrations and secrets (SQLite). The journals and the control socket "
		"stand beside it."},
	{.name = "durability",
	 .type = "normal or sync",
	 .preset = "normal",
	 .read = config_read_word,
	 .offset = AT(durability),
	 .words = config_durabilities,
	 .doc = "normal: what was answered survives a crash of the program; sync: also a power "
		"cut, at the price of a disk flush before each answer."},
	{.name = "auth",
	 .type = "section",
	 .read = config_read_section,
	 .keys = auth_keys,
	 .doc = "Who must prove who they are."},
	{.name = "routes",
	 .type = "list",
	 .preset = "[]",
	 .read = config_read_routes,
	 .keys = route_keys,
	 .doc = "The first that matches wins; what matches none goes to the registered devices "
		"of its domain. Example:\n"
		"- { match: \"sip:+*@example.com\", mode: proxy, to: \"sip:10.0.0.9\" }"},
	{.name = "registrar",
	 .type = "section",
	 .read = config_read_section,
	 .keys = registrar_keys,
	 .doc = "What REGISTER may ask for."},
	{.name = "proxy",
	 .type = "section",
	 .read = config_read_section,
	 .keys = proxy_keys,
	 .doc = "How calls are forwarded."},
	{.name = "media",
	 .type = "section",
	 .read = config_read_section,
	 .keys = media_keys,
	 .doc = "Where sound goes."},
	{.name = "limits",
	 .type = "section",
	 .read = config_read_section,
	 .keys = limit_keys,
	 .doc = "What one server bears."},
	{.name = "workers",
	 .type = "number",
	 .read = config_read_number,
	 .offset = AT(workers),
	 .min = 1,
	 .max = NET_WORKERS_MAX,
	 .doc = "Threads that serve SIP. Default: one a core."},
	{.name = "shutdown_timeout",
	 .type = "duration",
	 .preset = "3s",
	 .read = config_read_duration,
	 .offset = AT(shutdown_ms),
	 .min = 100,
	 .max = HOUR_MS,
	 .doc = "How long the end may take to say good-bye to calls and to save."},
	{.name = "trace",
	 .type = "section",
	 .read = config_read_section,
	 .keys = trace_keys,
	 .doc = "The messages of the last calls."},
	{.name = "log",
	 .type = "section",
	 .read = config_read_section,
	 .keys = log_keys,
	 .doc = "What is said about the work."},
	{0},
};
