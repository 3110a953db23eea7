/* What runs when a program ends. */
#ifndef LIBC_STDLIB_EXIT_H
#define LIBC_STDLIB_EXIT_H

struct exit_function {
	void (*plain)(void);				/* of atexit */
	void (*told)(int status, void *argument);	/* of on_exit; NULL: the other */
	void *argument;
};

/* Returns 0, or -1: no memory. */
int __exit_register(struct exit_function function);

#endif
