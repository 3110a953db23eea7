/* The end of stdio: what exit does with open streams (POSIX.1-2017 exit). */
#include "stdio_exit.h"
#include "stream.h"

void
__stdio_exit(void)
{
	__stream_each(__stream_flush);
}
