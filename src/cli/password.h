/* cli/password.h - where a password comes from: standard input (--password-stdin), the
 * variable TSUWA_PASSWORD, or a terminal without echo; never a flag's value. */
#ifndef TSUWA_CLI_PASSWORD_H
#define TSUWA_CLI_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_MAX 256 /* with a NUL */

/* prompt: "Password of alice@example.com".  twice: asks again on a terminal and compares.
 * False: why was said on standard error. */
bool password_get(bool from_stdin, const char *prompt, bool twice, char ret[PASSWORD_MAX]);
/* Overwrites it so that the compiler does not leave that out. */
void password_wipe(char room[PASSWORD_MAX]);

#endif
