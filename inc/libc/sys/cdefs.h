/* BSD's helpers for headers: C++ linkage, old prototypes, attributes. */
#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H

#ifdef __cplusplus
#define __BEGIN_DECLS	extern "C" {
#define __END_DECLS	}
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define __P(arguments)		arguments
#define __CONCAT(a, b)		a ## b
#define __STRING(a)		#a
#define __dead			__attribute__((__noreturn__))
#define __printflike(f, a)	__attribute__((__format__(__printf__, f, a)))

#endif
