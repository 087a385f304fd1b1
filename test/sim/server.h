/* test/sim/server.h - a whole server on a node: two workers, each with guard, registrar, echo and
 * proxy as the daemon chains them, one location service, journals on the virtual disk. */
#ifndef TSUWA_TEST_SIM_SERVER_H
#define TSUWA_TEST_SIM_SERVER_H

#include "app/echo.h"
#include "app/guard.h"
#include "app/nonces.h"
#include "app/proxy.h"
#include "app/redirect.h"
#include "app/registrar.h"
#include "core/core.h"
#include "crypto/digest.h"
#include "media.h"
#include "sim.h"

#define SERVER_WORKERS 2
#define SERVER_USERS 256

struct server;

struct server_worker {
	struct server *server;
	struct sim_worker *w;
	struct core *core;
	struct crypto *crypto;
	struct app_shared shared;
	struct loc_worker *door;
	struct media *media;
	struct guard *guard;
	struct registrar *registrar;
	struct echo *echo;
	struct proxy *proxy;
	struct redirect redirect;
	struct core_element elements[8];
	unsigned n_elements;
};

struct server {
	struct sim *sim;
	struct sim_node *node;
	char domain[64];
	struct app_policy *policy; /* the scenario may change it before server_start() */
	struct users *users;
	struct nonces *nonces;
	struct loc *loc;
	struct server_worker w[SERVER_WORKERS];
	struct tport_listener listeners[SIM_LISTENERS];
	char host[64];
	struct hash_seed owner_seed;
	uint8_t route_key[16], nonce_key[16];
	struct user_entry entries[SERVER_USERS];
	char names[SERVER_USERS][24];
	unsigned n_users;
	struct txn_timers timers; /* t1_ms 0: the RFC's */
	uint32_t slow_sender_ms;
	bool runs;
};

/* UDP and TCP on port 5060, domain with its address as alias, no users. */
struct server *server_new(struct sim *s, const char *name, const char *ip, const char *domain);
/* Frees all; the node stays the world's. */
void server_free(struct server **sv);
void server_add_user(struct server *sv, const char *user, const char *password);

/* Boots the node, reads the journals of its disks. */
void server_start(struct server *sv);
/* Orderly: elements first, as the daemon ends. */
void server_stop(struct server *sv);
/* kill -9, or with the host. */
void server_crash(struct server *sv, bool host);

/* Bindings of user@domain as they show now; n, or -1 when the look-up failed. */
int server_bindings(struct server *sv, const char *user);
/* True when nothing is under way: transactions, contexts, echoed calls; else a problem is noted. */
bool server_is_idle(struct server *sv);
size_t server_transactions(const struct server *sv);

#endif
