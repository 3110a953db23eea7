/*
 * What a tiny guest has: a machine to talk to and a shell loop.
 *
 * A guest is shell.c, one behaviour file and <arch>/machine.c + <arch>/start.S,
 * linked together. shell.c prints the banner and the nonce prompt and answers a
 * few commands; the command `go` (or the word `early` on the command line, before
 * the banner) calls behave(), which is where each guest goes wrong in its own way.
 */
#ifndef GUEST_H
#define GUEST_H

/* machine: one per architecture */
void machine_put(char c);
char machine_get(void);
_Noreturn void machine_poweroff(int status);
_Noreturn void machine_reset(void);
/* the bytes in which the command line stands, and how many */
const char *machine_bootargs(unsigned *length);

/* shell */
extern char nonce[];
void print(const char *text);
_Noreturn void guest_main(void);

/* behaviour: may return, the command then has the status it returns */
int behave(void);

#endif
