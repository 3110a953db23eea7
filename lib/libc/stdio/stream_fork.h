/* For fork: nobody changes the list of streams while the process is copied. */
#ifndef LIBC_STDIO_STREAM_FORK_H
#define LIBC_STDIO_STREAM_FORK_H

#include "posix/lock.h"

extern struct libc_lock __streams_lock;

/* In the child, with that lock held: streams that other threads had locked are free. What is in their buffers is what these had come to. */
void __streams_fork_child(void);

#endif
