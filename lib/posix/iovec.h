/* Several buffers as one: see uio.c. */
#ifndef LIB_POSIX_IOVEC_H
#define LIB_POSIX_IOVEC_H

#include <sys/uio.h>

#define IOVEC_SMALL	4096		/* bytes that fit on the stack */

/* The sum of all sizes; -1 and EINVAL. */
ssize_t iovec_total(const struct iovec *pieces, int count);

/* Room for `size` bytes: `small`, of IOVEC_SMALL bytes, or pages, until iovec_room_put; NULL and ENOMEM. */
char *iovec_room(char *small, size_t size);
void iovec_room_put(char *room, const char *small, size_t size);

void iovec_gather(const struct iovec *pieces, int count, char *to);
void iovec_scatter(const struct iovec *pieces, int count, const char *from, size_t left);

#endif
