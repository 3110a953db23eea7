/* Random bytes from the system (as Linux and BSD have it). */
#ifndef _SYS_RANDOM_H
#define _SYS_RANDOM_H

#include <sys/types.h>

#define GRND_NONBLOCK	1		/* neither has a meaning here: bytes are always there */
#define GRND_RANDOM	2

/* Returns the number of bytes, which is `size` up to 256, or -1: EINTR, EINVAL. */
ssize_t getrandom(void *buffer, size_t size, unsigned flags);
/* At most 256 bytes, else EIO. */
int getentropy(void *buffer, size_t size);

#endif
