/*
 * What code compiled with -fstack-protector refers to (conf/machr-cc asks for the global guard). The value has a zero byte and line
 * ends, so that no string function copies across it; it is the same in every process.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uintptr_t __stack_chk_guard = 0x7e5a00ff0d0a93c1;

_Noreturn void __stack_chk_fail(void);

void
__stack_chk_fail(void)
{
	static const char text[] = "stack overrun detected: a function wrote past one of its arrays\n";

	write(STDERR_FILENO, text, strlen(text));
	abort();
}
