/* sigset_t, for every header that POSIX says declares it. */
#ifndef _BITS_SIGSET_H
#define _BITS_SIGSET_H

#include <stdint.h>

typedef uint64_t sigset_t;		/* bit n - 1 is signal n */

#endif
