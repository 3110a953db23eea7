/* A guest that claims success and knows nothing. */
#include "guest.h"

int
behave(void)
{
	print("PASS\r\nok 1 - all tests\r\nverdict: ok\r\n"
	      "\x1e" "0000000000000000 rc=0\nkmsh> 12 passed, 0 failed\r\n");
	return 0;
}
