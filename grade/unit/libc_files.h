/* The calls below stdio, for tests: the host's, with its errno handed on, and a lock that counts. */
#ifndef GRADE_UNIT_LIBC_FILES_H
#define GRADE_UNIT_LIBC_FILES_H

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "libc_host.h"

#define HANDED_ON(call) do { long r_ = (call); if (r_ < 0) m_errno = errno; return r_; } while (0)

ssize_t m_read(int fd, void *buffer, size_t size) { HANDED_ON(read(fd, buffer, size)); }
ssize_t m_write(int fd, const void *buffer, size_t size) { HANDED_ON(write(fd, buffer, size)); }
off_t m_lseek(int fd, off_t offset, int whence) { HANDED_ON(lseek(fd, offset, whence)); }
int m_close(int fd) { HANDED_ON(close(fd)); }
int m_dup2(int from, int to) { HANDED_ON(dup2(from, to)); }
int dup3(int from, int to, int flags);		/* which <unistd.h> has for GNU only */
int m_dup3(int from, int to, int flags) { HANDED_ON(dup3(from, to, flags)); }
int m_ftruncate(int fd, off_t size) { HANDED_ON(ftruncate(fd, size)); }
int m_fcntl(int fd, int command, long argument) { HANDED_ON(fcntl(fd, command, argument)); }
int m_isatty(int fd) { return isatty(fd); }

/* The numbers of flags are the host's on Linux. */
int
m_open(const char *path, int flags, ...)
{
	va_list arguments;
	int mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, int);
	va_end(arguments);
	HANDED_ON(open(path, (flags & 3) | ((flags & 0x40) != 0 ? O_CREAT : 0) | ((flags & 0x80) != 0 ? O_EXCL : 0) |
	    ((flags & 0x200) != 0 ? O_TRUNC : 0) | ((flags & 0x400) != 0 ? O_APPEND : 0) | ((flags & 0x80000) != 0 ? O_CLOEXEC : 0), mode));
}

struct libc_lock {
	unsigned word;
};

static inline void
lock_change(struct libc_lock *lock, unsigned from)
{
	if (lock->word != from)
		abort();
	lock->word = !from;
}

void m___lock_forget_waiters(struct libc_lock *lock) { (void)lock; }
void m___lock_take_critical(struct libc_lock *lock) { lock_change(lock, 0); }
void m___lock_release_critical(struct libc_lock *lock) { lock_change(lock, 1); }
void m___lock_take(struct libc_lock *lock) { lock_change(lock, 0); }
_Bool m___lock_try(struct libc_lock *lock) { return lock->word == 0 ? (lock->word = 1) : 0; }
void m___lock_release(struct libc_lock *lock) { lock_change(lock, 1); }

void *m_malloc(size_t size) { return malloc(size); }
void *m_calloc(size_t count, size_t size) { return calloc(count, size); }
void *m_realloc(void *block, size_t size) { return realloc(block, size); }
void *m_reallocarray(void *block, size_t count, size_t size) { return reallocarray(block, count, size); }
void m_free(void *block) { free(block); }

#endif
