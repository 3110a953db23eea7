/* Threads, for fork. */
#ifndef LIB_POSIX_PTHREAD_LIVING_H
#define LIB_POSIX_PTHREAD_LIVING_H

/* In the child: only the calling thread is there. */
void __pthread_fork_child(void);

#endif
