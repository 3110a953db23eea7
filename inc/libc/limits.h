/* Limits (C11 5.2.4.2.1, POSIX.1-2017 <limits.h>): LP64, plain char signed on x86_64 and unsigned on aarch64. */
#ifndef _LIMITS_H
#define _LIMITS_H

#include <bits/features.h>

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
#ifdef _MACHR_MISC
#define LONG_LONG_MAX	LLONG_MAX
#define LONG_LONG_MIN	LLONG_MIN
#define ULONG_LONG_MAX	ULLONG_MAX
#endif
#define MB_LEN_MAX	4		/* UTF-8 */
#define LONG_BIT	64
#define WORD_BIT	32
#define SSIZE_MAX	LONG_MAX

/* Bits of the types (C23 5.2.5.3.2; TS 18661-1). */
#if defined(_GNU_SOURCE) || defined(__STDC_WANT_IEC_60559_BFP_EXT__) || defined(__STDC_WANT_IEC_60559_EXT__) || __STDC_VERSION__ > 201710L
#define CHAR_WIDTH	CHAR_BIT
#define SCHAR_WIDTH	CHAR_BIT
#define UCHAR_WIDTH	CHAR_BIT
#define SHRT_WIDTH	16
#define USHRT_WIDTH	16
#define INT_WIDTH	32
#define UINT_WIDTH	32
#define LONG_WIDTH	64
#define ULONG_WIDTH	64
#define LLONG_WIDTH	64
#define ULLONG_WIDTH	64
#endif
#if __STDC_VERSION__ > 201710L
#define BOOL_WIDTH	1
#ifdef __BITINT_MAXWIDTH__
#define BITINT_MAXWIDTH	__BITINT_MAXWIDTH__
#endif
#endif

#define NL_ARGMAX	64
#define RE_DUP_MAX	255
#define LINE_MAX	2048

#define IOV_MAX		1024
#define PIPE_BUF	4096		/* bytes: a write up to this is never mixed with others */
#define NAME_MAX	255		/* bytes of a file name */
#define PATH_MAX	1024		/* bytes of a path with its 0: path_t of fs.defs */
#define ARG_MAX				65536		/* bytes of arguments and environment */
#define ATEXIT_MAX			32		/* at least */
#define HOST_NAME_MAX			64
#define LOGIN_NAME_MAX			32
#define MAX_CANON			4096		/* bytes of a terminal's line */
#define MAX_INPUT			4096		/* bytes that a terminal keeps */
#define NGROUPS_MAX			32
#define NZERO				20
#define PTHREAD_DESTRUCTOR_ITERATIONS	4
#define PTHREAD_KEYS_MAX		128
#define PTHREAD_STACK_MIN		16384
#define RTSIG_MAX			32
#define SEM_VALUE_MAX			0x7fffffff
#define SIGQUEUE_MAX			32
#define SYMLOOP_MAX			40
#define TTY_NAME_MAX			32
#define TZNAME_MAX			16

#define BC_BASE_MAX			99
#define BC_DIM_MAX			2048
#define BC_SCALE_MAX			99
#define BC_STRING_MAX			1000
#define CHARCLASS_NAME_MAX		14
#define COLL_WEIGHTS_MAX		2
#define EXPR_NEST_MAX			32
#define NL_LANGMAX			14
#define NL_MSGMAX			32767
#define NL_SETMAX			255
#define NL_TEXTMAX			2048

/* What every system has at least (POSIX.1-2017 <limits.h>). */
#if _MACHR_POSIX
#define _POSIX_AIO_LISTIO_MAX		2
#define _POSIX_AIO_MAX			1
#define _POSIX_ARG_MAX			4096
#define _POSIX_CHILD_MAX		25
#define _POSIX_DELAYTIMER_MAX		32
#define _POSIX_HOST_NAME_MAX		255
#define _POSIX_LINK_MAX			8
#define _POSIX_LOGIN_NAME_MAX		9
#define _POSIX_MAX_CANON		255
#define _POSIX_MAX_INPUT		255
#define _POSIX_MQ_OPEN_MAX		8
#define _POSIX_MQ_PRIO_MAX		32
#define _POSIX_NAME_MAX			14
#define _POSIX_NGROUPS_MAX		8
#define _POSIX_OPEN_MAX			20
#define _POSIX_PATH_MAX			256
#define _POSIX_PIPE_BUF			512
#define _POSIX_RE_DUP_MAX		255
#define _POSIX_RTSIG_MAX		8
#define _POSIX_SEM_NSEMS_MAX		256
#define _POSIX_SEM_VALUE_MAX		32767
#define _POSIX_SIGQUEUE_MAX		32
#define _POSIX_SSIZE_MAX		32767
#define _POSIX_STREAM_MAX		8
#define _POSIX_SYMLINK_MAX		255
#define _POSIX_SYMLOOP_MAX		8
#define _POSIX_THREAD_DESTRUCTOR_ITERATIONS	4
#define _POSIX_THREAD_KEYS_MAX		128
#define _POSIX_THREAD_THREADS_MAX	64
#define _POSIX_TIMER_MAX		32
#define _POSIX_TTY_NAME_MAX		9
#define _POSIX_TZNAME_MAX		6
#define _POSIX2_BC_BASE_MAX		99
#define _POSIX2_BC_DIM_MAX		2048
#define _POSIX2_BC_SCALE_MAX		99
#define _POSIX2_BC_STRING_MAX		1000
#define _POSIX2_CHARCLASS_NAME_MAX	14
#define _POSIX2_COLL_WEIGHTS_MAX	2
#define _POSIX2_EXPR_NEST_MAX		32
#define _POSIX2_LINE_MAX		2048
#define _POSIX2_RE_DUP_MAX		255
#define _POSIX_CLOCKRES_MIN		20000000
#define _XOPEN_IOV_MAX			16
#define _XOPEN_NAME_MAX			255
#define _XOPEN_PATH_MAX			1024
#endif

#endif
