/*
 * Which names the headers declare (POSIX.1-2017 2.2.1): what is asked for by feature test macros, or everything
 * but GNU extensions when nothing is asked for and the compiler is not in a strict ISO mode.
 *
 *	_MACHR_POSIX	POSIX.1, its edition as a number (200112L, 200809L)
 *	_MACHR_XSI	the X/Open option
 *	_MACHR_XSI_OLD	and what issue 7 of X/Open took out of it
 *	_MACHR_MISC	traditional BSD and System V names
 *	_MACHR_GNU	GNU extensions
 *	_MACHR_LARGE	the names of large files: NAME64 for what is large under its own name, too
 */
#ifndef _BITS_FEATURES_H
#define _BITS_FEATURES_H

#include <sys/cdefs.h>		/* programs expect its names behind any header */

#ifdef _GNU_SOURCE
#define _MACHR_GNU	1
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE	1	/* programs ask what they have */
#endif
#endif

#ifdef _LARGEFILE64_SOURCE
#define _MACHR_LARGE	1
#endif

#if defined(_DEFAULT_SOURCE) || defined(_BSD_SOURCE) || defined(_SVID_SOURCE) || defined(_GNU_SOURCE) || \
	(!defined(__STRICT_ANSI__) && !defined(_POSIX_SOURCE) && !defined(_POSIX_C_SOURCE) && \
	!defined(_XOPEN_SOURCE))
#define _MACHR_MISC	1
#endif

#if defined(_XOPEN_SOURCE) || defined(_MACHR_MISC)
#define _MACHR_XSI	1
#endif

#if defined(_MACHR_MISC) || (defined(_XOPEN_SOURCE) && _XOPEN_SOURCE + 0 < 700)
#define _MACHR_XSI_OLD	1
#endif

#if defined(_MACHR_MISC)
#define _MACHR_POSIX	200809L
#elif defined(_POSIX_C_SOURCE)
#define _MACHR_POSIX	(_POSIX_C_SOURCE + 0L)
#elif defined(_XOPEN_SOURCE)
#if _XOPEN_SOURCE + 0 >= 700
#define _MACHR_POSIX	200809L
#else
#define _MACHR_POSIX	200112L
#endif
#elif defined(_POSIX_SOURCE)
#define _MACHR_POSIX	199009L
#else
#define _MACHR_POSIX	0
#endif

#endif
