/* For fork: nobody is inside of malloc while the process is copied. */
#ifndef LIBC_STDLIB_MALLOC_LOCK_H
#define LIBC_STDLIB_MALLOC_LOCK_H

#include "posix/lock.h"

extern struct libc_lock __malloc_lock;

#endif
