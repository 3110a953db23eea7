/* A system whose servers cannot be started: its prompt is the rescue shell's. */
#include "guest.h"

int
behave(void)
{
	print("fs: cannot mount vda at /: Invalid argument\r\n");
	print("init: msh cannot run, rescue is started instead: ...\r\n");
	return 0;
}
