/*
 * Names of kernel functions, for backtraces: made by conf/ksyms.py from the first link, sorted by address.
 */
#ifndef INIT_KSYMS_H
#define INIT_KSYMS_H

#include <stdint.h>

extern const uint32_t ksym_count;
extern const uint32_t ksym_offset[];	/* of each function from _text, bytes */
extern const uint32_t ksym_name[];	/* of its name in ksym_strings */
extern const char ksym_strings[];

extern char _text[], _etext[];		/* kernel.ld */

#endif
