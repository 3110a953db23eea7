/* Limits (C11 5.2.4.2.1, POSIX.1-2017 <limits.h>): LP64, plain char signed on x86_64 and unsigned on aarch64. */
#ifndef _LIMITS_H
#define _LIMITS_H

#define CHAR_BIT	8
#define SCHAR_MIN	(-128)
#define SCHAR_MAX	127
#define UCHAR_MAX	255
#ifdef __CHAR_UNSIGNED__
#define CHAR_MIN	0
#define CHAR_MAX	UCHAR_MAX
#else
#define CHAR_MIN	SCHAR_MIN
#define CHAR_MAX	SCHAR_MAX
#endif
#define SHRT_MIN	(-32768)
#define SHRT_MAX	32767
#define USHRT_MAX	65535
#define INT_MAX		0x7fffffff
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	0xffffffffu
#define LONG_MAX	0x7fffffffffffffffl
#define LONG_MIN	(-LONG_MAX - 1)
#define ULONG_MAX	0xfffffffffffffffful
#define LLONG_MAX	0x7fffffffffffffffll
#define LLONG_MIN	(-LLONG_MAX - 1)
#define ULLONG_MAX	0xffffffffffffffffull
#define MB_LEN_MAX	4		/* UTF-8 */
#define LONG_BIT	64
#define WORD_BIT	32
#define SSIZE_MAX	LONG_MAX

#define NL_ARGMAX	64
#define RE_DUP_MAX	255
#define LINE_MAX	2048

#define IOV_MAX		1024
#define PIPE_BUF	4096		/* bytes: a write up to this is never mixed with others */
#define NAME_MAX	255		/* bytes of a file name */
#define PATH_MAX	1024		/* bytes of a path with its 0: path_t of fs.defs */

#endif
