/* Memory mappings (POSIX.1-2017 <sys/mman.h>). Pages are 4096 bytes. */
#ifndef _SYS_MMAN_H
#define _SYS_MMAN_H

#include <bits/features.h>
#include <sys/types.h>

#define PROT_NONE	0
#define PROT_READ	1
#define PROT_WRITE	2
#define PROT_EXEC	4

#define MAP_SHARED	0x01
#define MAP_PRIVATE	0x02
#define MAP_FIXED	0x10
#define MAP_ANONYMOUS	0x20
#define MAP_ANON	MAP_ANONYMOUS
#define MAP_NORESERVE	0x40		/* memory is never reserved: no effect */
#define MAP_STACK	0x80		/* no effect */
#ifdef _MACHR_MISC
#define MAP_FILE	0
#define MAP_POPULATE	0x100		/* pages come when they are used: no effect */
#define MAP_FIXED_NOREPLACE	0x200	/* there, or EEXIST */
#endif
#define MAP_FAILED	((void *)-1)

#define MS_ASYNC	1
#define MS_INVALIDATE	2
#define MS_SYNC		4

#define MCL_CURRENT	1
#define MCL_FUTURE	2

#define POSIX_MADV_NORMAL	0
#define POSIX_MADV_RANDOM	1
#define POSIX_MADV_SEQUENTIAL	2
#define POSIX_MADV_WILLNEED	3
#define POSIX_MADV_DONTNEED	4

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t size);
int mprotect(void *address, size_t size, int protection);
int msync(void *address, size_t size, int flags);
int shm_open(const char *name, int flags, mode_t mode);
int shm_unlink(const char *name);
/* EPERM: programs may not lock memory. ENOMEM: nothing is mapped there. Unlocking what is not locked succeeds. */
int mlock(const void *address, size_t size);
int munlock(const void *address, size_t size);
int mlockall(int flags);
int munlockall(void);
int posix_madvise(void *address, size_t size, int advice);
#ifdef _MACHR_MISC
#define MADV_NORMAL	0
#define MADV_RANDOM	1
#define MADV_SEQUENTIAL	2
#define MADV_WILLNEED	3
#define MADV_DONTNEED	4		/* anonymous memory becomes zero */
#define MADV_FREE	8		/* the same, at once */
#define MADV_DONTFORK	10		/* a child has nothing there */
#define MADV_DOFORK	11
int madvise(void *address, size_t size, int advice);
#endif
#ifdef _MACHR_GNU
#define MFD_CLOEXEC	1u
/* A file without a name, which ends with its last descriptor and mapping. EINVAL: flags; more than 249 bytes of `name`, which is for people. */
int memfd_create(const char *name, unsigned flags);

#define MREMAP_MAYMOVE	1
void *mremap(void *address, size_t old_size, size_t size, int flags, ...);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define mmap64	mmap
#endif

#endif
