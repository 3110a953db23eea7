/* What the files about sockets share. */
#ifndef LIB_POSIX_SOCKET_SOCKET_H
#define LIB_POSIX_SOCKET_SOCKET_H

#include <sys/socket.h>

#include "posix/posix.h"

/*
 * The result of a message to a descriptor's port, as posix_result says; who does not know the request serves no socket: ENOTSOCK. A
 * reply may take long: `request` is ended by a handler.
 */
#define SOCKET_CALL(request)	posix_result_or(INTERRUPTIBLE(request), ENOTSOCK)

/* Flags of open files from those that stand in a kind (SOCK_NONBLOCK), and of descriptors (SOCK_CLOEXEC). */
#define SOCKET_FLAGS		(SOCK_NONBLOCK | SOCK_CLOEXEC)

uint32_t socket_file_flags(int flags);
int socket_fd_flags(int flags);

/* Before a message whose answer cannot be given back: the caller has room for an address, or wants none. Returns 0; -1 and EINVAL. */
int socket_address_check(const struct sockaddr *address, const socklen_t *length);

/* An address that came with a reply: as much as the caller has room for. Conditions: socket_address_check. */
void socket_address_give(const uint8_t *from, uint32_t size, struct sockaddr *address, socklen_t *length);

#endif
