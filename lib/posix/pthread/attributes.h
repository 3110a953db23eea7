/* Stacks of threads, in bytes. */
#ifndef LIB_POSIX_PTHREAD_ATTRIBUTES_H
#define LIB_POSIX_PTHREAD_ATTRIBUTES_H

#define STACK_LEAST	16384u			/* PTHREAD_STACK_MIN */
#define STACK_MOST	(1u << 30)
#define STACK_DEFAULT	(8u << 20)		/* addresses, which cost nothing: memory comes with use */

#endif
