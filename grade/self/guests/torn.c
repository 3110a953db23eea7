/* A prompt into which the echo of typed-ahead text has come: mark, echo, prompt. */
#include "guest.h"

int
behave(void)
{
	print("\x1e");
	print(nonce);
	print(" rc=4\r\ncho typed ahead\r\nkmsh> ");
	while (machine_get() != '\r')
		;
	print("\r\n");
	return 5;
}
