/*
 * What the tests of local sockets share.
 */
#ifndef USER_TEST_SOCKETS_H
#define USER_TEST_SOCKETS_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

struct sockaddr_un address_of(const char *path);

/* As bind and connect. */
int bind_to(int fd, const char *path);
int connect_to(int fd, const char *path);

/* A socket that listens at the name; what stood there is gone. */
int listen_at(const char *path, int backlog);

void socket_pair(int fds[2]);
void close_both(int fds[2]);

/* What poll says about one descriptor without waiting. */
int events_of(int fd, short events);

/* Waits for a child. Returns its status, as waitpid gives it. */
int end_of(pid_t child);

#endif
