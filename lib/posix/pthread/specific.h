/* Thread-specific data, for the end of a thread. */
#ifndef LIB_POSIX_PTHREAD_SPECIFIC_H
#define LIB_POSIX_PTHREAD_SPECIFIC_H

/* Runs the destructors of the calling thread's values, as often as POSIX says when they set new ones. */
void __specific_destroy(void);

#endif
