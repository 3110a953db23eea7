/* The types of <pthread.h> and <semaphore.h>, for every header that POSIX says declares them. All zero is the initial state of each object. */
#ifndef _BITS_PTHREADTYPES_H
#define _BITS_PTHREADTYPES_H

#define __need_size_t
#include <stddef.h>
#include <stdint.h>

typedef struct __pthread *pthread_t;
typedef unsigned pthread_key_t;

typedef struct {
	uint32_t __state;
} pthread_once_t;

typedef struct {
	void *__stack;			/* NULL: memory of the library's */
	size_t __stack_size;		/* 0: the default */
	size_t __guard_size;
	uint32_t __detached;
	uint32_t __scope, __inherit, __policy, __priority;
} pthread_attr_t;

typedef struct {
	uint32_t __type, __shared;
} pthread_mutexattr_t;

typedef struct {
	uint32_t __state;		/* 0 free, 1 taken, 2 taken and waited for */
	uint32_t __type, __shared;
	uint32_t __depth;		/* recursive: how often taken beyond the first */
	unsigned long __owner;
} pthread_mutex_t;

typedef struct {
	int32_t __clock;
	uint32_t __shared;
} pthread_condattr_t;

typedef struct {
	uint32_t __sequence, __waiters;
	int32_t __clock;
	uint32_t __shared;
} pthread_cond_t;

typedef struct {
	uint32_t __shared, __kind;
} pthread_rwlockattr_t;

typedef struct {
	uint32_t __state;		/* readers inside; all ones: a writer */
	uint32_t __writers;		/* that wait: new readers let them go first */
	uint32_t __sequence;		/* changes at every release */
	uint32_t __shared;
	unsigned long __owner;		/* the writer */
	uint32_t __readers_first;	/* new readers do not care who waits */
} pthread_rwlock_t;

typedef struct {
	uint32_t __shared;
} pthread_barrierattr_t;

typedef struct {
	pthread_mutex_t __mutex;	/* guards the rest */
	pthread_cond_t __opened, __left;
	uint32_t __count, __arrived, __inside, __round;
} pthread_barrier_t;

typedef uint32_t pthread_spinlock_t;

#endif
