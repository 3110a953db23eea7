/* For fork: nobody is inside of malloc while the process is copied. */
#ifndef LIBC_STDLIB_MALLOC_LOCK_H
#define LIBC_STDLIB_MALLOC_LOCK_H

void __malloc_lock(void);
void __malloc_unlock(void);

#endif
