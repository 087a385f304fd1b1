#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "crypto/digest.h"

void crypto_random(void *ret, size_t n)
{
	char *at = ret;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}
