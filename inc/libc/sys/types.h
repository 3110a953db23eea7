/* Types of POSIX.1-2017 <sys/types.h>. */
#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H

#define __need_size_t
#include <stddef.h>
#include <stdint.h>

typedef int64_t ssize_t;
typedef int64_t off_t;
typedef int64_t time_t;
typedef int64_t blkcnt_t;
typedef int64_t suseconds_t;
typedef int64_t clock_t;
typedef uint64_t dev_t;
typedef uint64_t ino_t;
typedef uint64_t fsblkcnt_t;
typedef uint64_t fsfilcnt_t;
typedef uint32_t mode_t;
typedef uint32_t nlink_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint32_t id_t;
typedef uint32_t blksize_t;
typedef uint32_t useconds_t;
typedef int32_t pid_t;
typedef int32_t clockid_t;
typedef void *timer_t;

#endif
