/* For fork: nobody changes the list of streams while the process is copied. */
#ifndef LIBC_STDIO_STREAM_FORK_H
#define LIBC_STDIO_STREAM_FORK_H

#include <stdbool.h>

/* Returns false: this thread has the list locked already, as its handler of a signal called fork; it stays so. */
bool __streams_fork_begin(void);

/*
 * In the child, streams that other threads had locked are free; what is in their buffers is what these had come to. locked: what
 * __streams_fork_begin returned.
 */
void __streams_fork_end(bool in_child, bool locked);

#endif
