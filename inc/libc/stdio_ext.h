/* Looking at a stream's buffer (Solaris and others). */
#ifndef _STDIO_EXT_H
#define _STDIO_EXT_H

#include <stdio.h>

size_t __fbufsize(FILE *stream);
size_t __fpending(FILE *stream);
void __fpurge(FILE *stream);
int __freadable(FILE *stream);
int __fwritable(FILE *stream);
int __freading(FILE *stream);
int __fwriting(FILE *stream);
int __flbf(FILE *stream);
void _flushlbf(void);

/* Bytes that the next reads take from the buffer, those of ungetc too; where they are (NULL: none), and passing over them. */
size_t __freadahead(FILE *stream);
const char *__freadptr(FILE *stream, size_t *size);
void __freadptrinc(FILE *stream, size_t count);

/* Sets what ferror says. */
void __fseterr(FILE *stream);

#define FSETLOCKING_QUERY	0
#define FSETLOCKING_INTERNAL	1	/* every call takes the lock: the only way */
#define FSETLOCKING_BYCALLER	2
int __fsetlocking(FILE *stream, int how);

#endif
