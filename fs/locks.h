/*
 * File locks: record locks of processes (fcntl) and locks of open files (flock), and the requests that wait for them.
 */
#ifndef FS_LOCKS_H
#define FS_LOCKS_H

#include "server.h"

/* Purpose: start. notify_port: where dead-name notifications go. Returns 0; EAGAIN: no thread. */
int locks_start(mach_port_t notify_port);

/* An open file is closed: what it has with flock is free, who waited through it is answered. */
void locks_close(struct file *file);

/* Ends the waits of a client at a file (EINTR). */
void locks_interrupt(struct file *file, uint32_t label);

/* A client that waited, or a process that has locks, may have died. The name stays the caller's. */
void locks_dead_name(mach_port_t name);

#endif
