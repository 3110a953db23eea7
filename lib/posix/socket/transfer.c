/*
 * Data through sockets. A message takes SOCK_DATA_MAX bytes: a stream sends what is longer in pieces, and receives no more at a time
 * unless it is to wait for all.
 */
#include <limits.h>
#include <string.h>

#include "posix/interrupt.h"
#include "posix/iovec.h"
#include "posix/transfer.h"
#include "sock.h"
#include "socket.h"

#define ADDRESS_MAX	SOCK_ADDRESS_MAX

/* Bytes sent, or -1. */
static ssize_t
send_piece(mach_port_t file, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	uint32_t written;

	if (SOCKET_CALL(sock_send(file, (uint32_t)(flags & ~MSG_NOSIGNAL), (const void *)address, length, data, (uint32_t)size, &written)) < 0)
		return -1;
	return written <= size ? (ssize_t)written : posix_error(EIO);
}

/* As transfer_write. */
ssize_t
sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	mach_port_t file = fd_port(fd);
	uint32_t seen = *signal_interrupts();
	size_t done = 0, piece;
	ssize_t got;

	if (file == MACH_PORT_NULL)
		return -1;
	if (address == NULL)
		length = 0;
	if (size > SSIZE_MAX || length > ADDRESS_MAX)
		return posix_error(EINVAL);
	do {
		piece = size - done < SOCK_DATA_MAX ? size - done : SOCK_DATA_MAX;
		got = send_piece(file, (const char *)data + done, piece, flags, address, length);
		if (got < 0 && done > 0)
			return (ssize_t)done;
		if (got < 0)
			return errno == EPIPE && (flags & MSG_NOSIGNAL) == 0 ? broken_pipe() : -1;
		done += (size_t)got;
	} while (got > 0 && done < size && !interrupted_since(seen));
	return (ssize_t)done;
}

ssize_t
send(int fd, const void *data, size_t size, int flags)
{
	return sendto(fd, data, size, flags, NULL, 0);
}

/* What came with the data. */
struct from {
	uint8_t address[ADDRESS_MAX];
	uint32_t length;
	uint32_t seen;			/* MSG_* */
};

static ssize_t
receive(int fd, void *buffer, size_t size, int flags, struct from *from)
{
	mach_port_t file = fd_port(fd);
	uint32_t asked = (uint32_t)(flags & ~MSG_WAITALL), seen = *signal_interrupts(), count;
	bool whole = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0;
	size_t done = 0;

	if (file == MACH_PORT_NULL)
		return -1;
	if (size > SSIZE_MAX)
		return posix_error(EINVAL);
	do {
		count = (uint32_t)(size - done < SOCK_DATA_MAX ? size - done : SOCK_DATA_MAX);
		from->length = ADDRESS_MAX;
		if (SOCKET_CALL(sock_receive(file, asked, count, from->address, &from->length, (uint8_t *)buffer + done, &count, &from->seen)) < 0)
			return done > 0 ? (ssize_t)done : -1;
		done += count;
	} while (whole && count > 0 && done < size && !interrupted_since(seen));
	return (ssize_t)done;
}

ssize_t
recvfrom(int fd, void *restrict buffer, size_t size, int flags, struct sockaddr *restrict address, socklen_t *restrict length)
{
	struct from from;
	ssize_t got;

	if (socket_address_check(address, length) < 0)
		return -1;
	got = receive(fd, buffer, size, flags, &from);
	if (got >= 0)
		socket_address_give(from.address, from.length, address, length);
	return got;
}

ssize_t
recv(int fd, void *buffer, size_t size, int flags)
{
	return recvfrom(fd, buffer, size, flags, NULL, NULL);
}

/* --- several buffers --- */

static int
check_message(const struct msghdr *message)
{
	return message->msg_iovlen <= 0 || message->msg_iovlen > IOV_MAX ? posix_error(EMSGSIZE) : 0;
}

/* EOPNOTSUPP: nothing but bytes is sent. */
ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	char small[IOVEC_SMALL], *room;
	ssize_t size, done;

	if (check_message(message) < 0)
		return -1;
	if (message->msg_controllen > 0)
		return posix_error(fd_port(fd) == MACH_PORT_NULL ? EBADF : EOPNOTSUPP);
	size = iovec_total(message->msg_iov, message->msg_iovlen);
	if (size < 0 || (room = iovec_room(small, (size_t)size)) == NULL)
		return -1;
	iovec_gather(message->msg_iov, message->msg_iovlen, room);
	done = sendto(fd, room, (size_t)size, flags, message->msg_name, message->msg_namelen);
	iovec_room_put(room, small, (size_t)size);
	return done;
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	char small[IOVEC_SMALL], *room;
	struct from from;
	ssize_t size, got;

	if (check_message(message) < 0 || socket_address_check(message->msg_name, &message->msg_namelen) < 0)
		return -1;
	size = iovec_total(message->msg_iov, message->msg_iovlen);
	if (size < 0 || (room = iovec_room(small, (size_t)size)) == NULL)
		return -1;
	got = receive(fd, room, (size_t)size, flags, &from);
	if (got >= 0) {
		iovec_scatter(message->msg_iov, message->msg_iovlen, room, (size_t)got);
		message->msg_controllen = 0;
		message->msg_flags = (int)from.seen;
		socket_address_give(from.address, from.length, message->msg_name, &message->msg_namelen);
	}
	iovec_room_put(room, small, (size_t)size);
	return got;
}
