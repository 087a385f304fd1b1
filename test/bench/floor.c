/* floor: what the kernel alone costs.  Answers each datagram with its own bytes, the request
 * line replaced by "SIP/2.0 200 OK", by recvmmsg and sendmmsg: any server that answers one
 * datagram by another does at least this.  Linked to nothing but libc.
 *
 *   floor ADDRESS PORT
 *
 * Prints "ready" when it answers; ends by a signal. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 64
#define ROOM 4096

static const char answer[] = "SIP/2.0 200 OK";

struct batch {
	char room[BATCH][ROOM];
	struct iovec in[BATCH], out[BATCH][2];
	struct mmsghdr got[BATCH], put[BATCH];
	struct sockaddr_in from[BATCH];
};

static void prepare(struct batch *b)
{
	for (unsigned i = 0; i < BATCH; i++) {
		b->in[i] = (struct iovec){b->room[i], ROOM};
		b->got[i].msg_hdr = (struct msghdr){.msg_name = &b->from[i],
						    .msg_namelen = sizeof(b->from[i]),
						    .msg_iov = &b->in[i],
						    .msg_iovlen = 1};
	}
}

/* What is no request is not answered, so that two floors never talk. */
static unsigned gather(struct batch *b, unsigned n)
{
	unsigned out = 0;

	for (unsigned i = 0; i < n; i++) {
		char *p = b->room[i], *end = memchr(p, '\r', b->got[i].msg_len);

		b->got[i].msg_hdr.msg_namelen = sizeof(b->from[i]);
		if (!end || !memcmp(p, "SIP/", 4) || !memcmp(p, "ACK ", 4))
			continue;
		b->out[out][0] = (struct iovec){(char *)answer, sizeof(answer) - 1};
		b->out[out][1] = (struct iovec){end, b->got[i].msg_len - (size_t)(end - p)};
		b->put[out].msg_hdr = (struct msghdr){.msg_name = &b->from[i],
						      .msg_namelen = sizeof(b->from[i]),
						      .msg_iov = b->out[out],
						      .msg_iovlen = 2};
		out++;
	}
	return out;
}

static void serve(int fd)
{
	static struct batch b;

	prepare(&b);
	for (;;) {
		int n = recvmmsg(fd, b.got, BATCH, MSG_WAITFORONE, NULL);
		unsigned out = n > 0 ? gather(&b, (unsigned)n) : 0, sent = 0;

		while (sent < out) {
			int k = sendmmsg(fd, b.put + sent, out - sent, 0);

			sent += k > 0 ? (unsigned)k : 1;
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 4 << 20;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1) {
		fprintf(stderr, "usage: floor ADDRESS PORT\n");
		return 2;
	}
	at.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		perror("floor");
		return 1;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	printf("ready\n");
	fflush(stdout);
	serve(fd);
}
