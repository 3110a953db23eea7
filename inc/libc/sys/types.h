/* Types of POSIX.1-2017 <sys/types.h>, and what BSD and System V had there. */
#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H

#include <bits/features.h>
#include <bits/pthreadtypes.h>
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

#ifdef _MACHR_LARGE
typedef off_t off64_t;
typedef ino_t ino64_t;
typedef blkcnt_t blkcnt64_t;
typedef fsblkcnt_t fsblkcnt64_t;
typedef fsfilcnt_t fsfilcnt64_t;
#endif

#ifdef _MACHR_MISC
typedef unsigned char u_char;
typedef unsigned short u_short, ushort;
typedef unsigned int u_int, uint;
typedef unsigned long u_long, ulong;
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t, u_quad_t;
typedef int64_t quad_t, loff_t;
typedef int32_t daddr_t, key_t;
typedef uint32_t socklen_t;
typedef char *caddr_t;
typedef struct {
	int __val[2];
} fsid_t;
typedef int64_t register_t;

/* Programs expect these here. */
#include <endian.h>
#include <sys/select.h>
#endif

#endif
