/* Semaphores (POSIX.1-2017 <semaphore.h>). -1 and errno: EINVAL, EAGAIN, ETIMEDOUT, EINTR, EOVERFLOW; sem_open gives SEM_FAILED. */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <bits/features.h>
#include <bits/timespec.h>
#include <limits.h>
#include <sys/types.h>
#include <stdint.h>

typedef struct {
	uint32_t __value, __waiters, __shared;
} sem_t;

#define SEM_FAILED	((sem_t *)0)

/* flags: O_CREAT, with mode_t mode and unsigned value behind it; O_EXCL */
sem_t *sem_open(const char *name, int flags, ...);
int sem_close(sem_t *semaphore);
int sem_unlink(const char *name);

int sem_init(sem_t *semaphore, int shared, unsigned value);
int sem_destroy(sem_t *semaphore);
int sem_post(sem_t *semaphore);
int sem_wait(sem_t *semaphore);
int sem_trywait(sem_t *semaphore);
#ifdef _MACHR_GNU
/* CLOCK_REALTIME or CLOCK_MONOTONIC (POSIX.1-2024). */
int sem_clockwait(sem_t *__restrict semaphore, clockid_t clock, const struct timespec *__restrict until);
#endif
int sem_timedwait(sem_t *__restrict semaphore, const struct timespec *__restrict until);
int sem_getvalue(sem_t *__restrict semaphore, int *__restrict value);

#endif
