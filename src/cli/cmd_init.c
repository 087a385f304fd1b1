/* tsuwa init [DIR]: everything that a first call needs, in one directory; overwrites nothing. */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/user_file.h"
#include "crypto/certificate.h"
#include "media/hello.h"
#include "media/wav.h"
#include "net/sockaddr.h"
#include "server/config.h"

#define PASSWORD_CHARS 20 /* of 32: 100 bits */
#define CERTIFICATE_DAYS 825
#define FILE_MAX_BYTES (1u << 20)

enum { FILE_YAML, FILE_DB, FILE_CRT, FILE_KEY, FILE_ALICE, FILE_BOB, FILE_WAV, FILE_COUNT };

static const char *const names[FILE_COUNT] = {
	"tsuwa.yaml",    "tsuwa.db",    "tsuwa.crt", "tsuwa.key",
	"alice.account", "bob.account", "hello.wav",
};

struct init {
	const char *dir; /* "" or ending with '/' */
	char dir_room[1024];
	struct str domain; /* lower case */
	char domain_room[256];
	struct addr listen;
	bool made[FILE_COUNT];
	bool made_dir;
	struct crypto *crypto;
};

static const char *path_of(const struct init *in, int file, char room[2048])
{
	snprintf(room, 2048, "%s%s", in->dir, names[file]);
	return room;
}

static bool failed(const char *path, int err)
{
	out_error("%s can't be written: %s", path, strerror(-err));
	return false;
}

/* ---- what was asked ---- */

static bool take_domain(struct init *in, const char *text)
{
	struct str s = str_c(text ? text : "localhost");

	str_to_c(s, in->domain_room, sizeof(in->domain_room));
	for (char *c = in->domain_room; *c; c++)
		*c = ascii_lower(*c);
	in->domain = str_c(in->domain_room);
	if (s.n < sizeof(in->domain_room) && user_domain_valid(in->domain))
		return true;
	out_error("--domain: expected a domain such as example.com, found \"%s\"", s.p);
	return false;
}

/* Addresses of this host, for who gave a wildcard. */
static void say_addresses(void)
{
	struct ifaddrs *all, *i;

	if (getifaddrs(&all))
		return;
	for (i = all; i; i = i->ifa_next) {
		union sockaddr_any s = {0};
		char room[ADDR_TEXT_MAX];
		struct addr a;
		int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;

		if (family != AF_INET)
			continue;
		memcpy(&s.in4, i->ifa_addr, sizeof(s.in4));
		if (sockaddr_to(&s, &a) && !addr_is_loopback(&a))
			out_error("  this host has --listen %s", addr_text(&a, room));
	}
	freeifaddrs(all);
}

static bool take_listen(struct init *in, const char *text)
{
	struct str s = str_c(text ? text : "127.0.0.1");

	if (!addr_parse(s, &in->listen)) {
		out_error("--listen: expected an IP address, with or without :PORT, found \"%s\"",
			  s.p);
		return false;
	}
	if (addr_is_any(&in->listen)) {
		out_error("--listen: %s is every address; give the one that phones will use", s.p);
		say_addresses();
		return false;
	}
	if (!in->listen.port)
		in->listen.port = transport_port(TRANSPORT_UDP);
	return true;
}

static bool take_dir(struct init *in, const char *dir)
{
	struct stat st;

	in->dir = in->dir_room;
	if (!dir || !strcmp(dir, "."))
		return true;
	if (snprintf(in->dir_room, sizeof(in->dir_room), "%s%s", dir,
		     dir[strlen(dir) - 1] == '/' ? "" : "/") >= (int)sizeof(in->dir_room)) {
		out_error("the directory's name is too long");
		return false;
	}
	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	if (mkdir(dir, 0755) == 0)
		return in->made_dir = true;
	out_error("the directory %s can't be made: %s", dir, strerror(errno));
	return false;
}

static bool nothing_stands(const struct init *in)
{
	char path[2048];
	const char *first = NULL;
	unsigned found = 0;

	for (int i = 0; i < FILE_COUNT; i++)
		if (access(path_of(in, i, path), F_OK) == 0) {
			found++;
			first = first ? first : names[i];
		}
	if (found == FILE_COUNT)
		out_error("%s holds a complete installation already, nothing was changed; start it "
			  "with: tsuwa serve -c %s",
			  in->dir[0] ? in->dir : "this directory", path_of(in, FILE_YAML, path));
	else if (found)
		out_error("%s%s exists already, and init overwrites nothing: move it away, or give "
			  "another directory: tsuwa init DIR",
			  in->dir, first);
	return !found;
}

/* ---- writing ---- */

static int write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = str_skip(s, (size_t)n);
	}
	return 0;
}

static bool write_file(struct init *in, int file, mode_t mode, const struct buf *text)
{
	char path[2048];
	int fd, err;

	if (text->failed)
		return failed(path_of(in, file, path), -ENOMEM);
	fd = open(path_of(in, file, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  mode);
	if (fd < 0)
		return failed(path, -errno);
	in->made[file] = true;
	err = write_all(fd, buf_str(text));
	if (close(fd) && !err)
		err = -errno;
	return err ? failed(path, err) : true;
}

static bool write_yaml(struct init *in)
{
	char listen[2 * ADDR_TEXT_MAX + 64], domains[300], at[ADDR_TEXT_MAX];
	struct buf b = buf_heap(FILE_MAX_BYTES);
	bool good;
	const struct config_value values[] = {
		{"domains", domains},
		{"listen", listen},
		{"tls", "\n  certificate: ./tsuwa.crt\n  key: ./tsuwa.key"},
		{"database", " ./tsuwa.db"},
		{0},
	};

	addr_text(&in->listen, at);
	snprintf(domains, sizeof(domains), "\n  - \"%s\"", in->domain_room);
	snprintf(listen, sizeof(listen), "\n  - \"udp://%s\"\n  - \"tcp://%s\"", at, at);
	config_put_file(&b, values);
	good = write_file(in, FILE_YAML, 0644, &b);
	buf_free(&b);
	return good;
}

static bool write_certificate(struct init *in)
{
	struct buf pem = buf_heap(FILE_MAX_BYTES), key = buf_heap(FILE_MAX_BYTES);
	char ip[ADDR_TEXT_MAX];
	struct buf text = buf_over(ip, sizeof(ip));
	struct str san[2] = {in->domain};
	bool good;
	int err;

	addr_put_ip(&text, &in->listen);
	san[1] = buf_str(&text);
	err = certificate_make(san, 2, CERTIFICATE_DAYS, &pem, &key);
	if (err)
		out_error("no certificate could be made: %s", strerror(-err));
	good = !err && write_file(in, FILE_CRT, 0644, &pem) && write_file(in, FILE_KEY, 0600, &key);
	if (key.p)
		explicit_bzero(key.p, key.n);
	buf_free(&pem);
	buf_free(&key);
	return good;
}

static void make_password(char ret[PASSWORD_CHARS + 1])
{
	/* Without characters that are easily taken for each other. */
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	uint8_t bytes[PASSWORD_CHARS];

	crypto_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < PASSWORD_CHARS; i++)
		ret[i] = letters[bytes[i] & 31];
	ret[PASSWORD_CHARS] = '\0';
}

static bool write_account(struct init *in, int file, const char *user, const char *password)
{
	struct buf b = buf_heap(FILE_MAX_BYTES);
	char at[ADDR_TEXT_MAX];
	bool good;

	buf_fmt(&b,
		"# For tsuwa register, call, answer and message: --account %s\n"
		"user: \"%s@%s\"\npassword: \"%s\"\nproxy: \"%s\"\ntransport: udp\n",
		names[file], user, in->domain_room, password, addr_text(&in->listen, at));
	good = write_file(in, file, 0600, &b);
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_free(&b);
	return good;
}

static bool make_user(struct init *in, struct store_db *db, int file, const char *user)
{
	char password[PASSWORD_CHARS + 1];
	struct user_secret secret;
	struct store_user u;
	bool good;

	make_password(password);
	user_secret_make(in->crypto, str_c(user), in->domain, str_c(password), &secret);
	u = user_entry_of(str_c(user), in->domain, &secret);
	good = store_user_put(db, &u, STORE_USER_ADD) == 0;
	if (!good)
		out_error("the database: %s", store_db_error(db));
	good = good && write_account(in, file, user, password);
	explicit_bzero(password, sizeof(password));
	return good;
}

static bool write_users(struct init *in)
{
	struct store_db *db = NULL;
	char path[2048], err[512];
	bool good;

	in->made[FILE_DB] = true;
	if (store_db_open(path_of(in, FILE_DB, path), true, err, sizeof(err), &db)) {
		out_error("%s", err);
		return false;
	}
	good = make_user(in, db, FILE_ALICE, "alice") && make_user(in, db, FILE_BOB, "bob");
	store_db_close(&db);
	return good;
}

static bool write_hello(struct init *in)
{
	int16_t *pcm = xmalloc(HELLO_SAMPLES * sizeof(*pcm));
	char path[2048];
	int err = -ENOMEM;

	path_of(in, FILE_WAV, path);
	if (pcm) {
		hello_make(pcm);
		in->made[FILE_WAV] = true;
		err = wav_save(path, pcm, HELLO_SAMPLES);
	}
	xfree(pcm);
	return err ? failed(path, err) : true;
}

/* What is half done is taken back. */
static void undo(struct init *in)
{
	static const char *const beside[] = {"-wal", "-shm", "-journal"};
	char path[2048], more[2064];

	for (int i = 0; i < FILE_COUNT; i++)
		if (in->made[i])
			unlink(path_of(in, i, path));
	for (size_t i = 0; in->made[FILE_DB] && i < sizeof(beside) / sizeof(*beside); i++) {
		snprintf(more, sizeof(more), "%s%s", path_of(in, FILE_DB, path), beside[i]);
		unlink(more);
	}
	if (in->made_dir)
		rmdir(in->dir);
}

static void say_next(const struct init *in)
{
	char path[2048];

	for (int i = 0; i < FILE_COUNT; i++)
		printf("made %s\n", path_of(in, i, path));
	printf("\nNext, start the server:\n  tsuwa serve");
	if (in->dir[0])
		printf(" -c %s", path_of(in, FILE_YAML, path));
	printf("\nand from another terminal make a first call:\n  tsuwa call sip:echo@%s --account "
	       "%s",
	       in->domain_room, path_of(in, FILE_ALICE, path));
	printf(" --play %s --record echo.wav\n", path_of(in, FILE_WAV, path));
}

static int make(struct init *in)
{
	bool good;

	if (!nothing_stands(in))
		return CLI_FAILED;
	in->crypto = crypto_new();
	good = in->crypto && write_yaml(in) && write_certificate(in) && write_users(in) &&
	       write_hello(in);
	crypto_free(&in->crypto);
	if (good)
		say_next(in);
	else
		undo(in);
	return good ? CLI_DONE : CLI_FAILED;
}

static int run(const struct args *a)
{
	struct init in = {0};

	if (!take_domain(&in, args_value(a, "--domain")) ||
	    !take_listen(&in, args_value(a, "--listen")))
		return CLI_USAGE;
	if (!take_dir(&in, a->n_operands ? a->operand[0] : NULL))
		return CLI_FAILED;
	return make(&in);
}

static const struct cli_option options[] = {
	{"--domain", 0, "DOMAIN", "the domain to serve; default: localhost"},
	{"--listen", 0, "ADDRESS",
	 "the IP address that phones will use, with or without :PORT; "
	 "default: 127.0.0.1, this host only"},
	{0},
};

const struct command cmd_init = {
	.name = "init",
	.operands = "[DIR]",
	.max_operands = 1,
	.options = options,
	.summary = "make a configuration, a database and two users to begin with",
	.about = "Makes in DIR (default: here) a commented tsuwa.yaml, a database with the users "
		 "alice and bob, alice.account and bob.account with their passwords, a certificate "
		 "that signs itself, and hello.wav to play. Overwrites nothing.",
	.examples = "  tsuwa init\n"
		    "  tsuwa init /etc/tsuwa --domain example.com --listen 192.0.2.7\n",
	.run = run,
};
