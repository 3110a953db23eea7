/* Streams and formatted input and output (C11 7.21, POSIX.1-2017 <stdio.h>). */
#ifndef _STDIO_H
#define _STDIO_H

#include <bits/features.h>
#define __need_size_t
#define __need_NULL
#include <stddef.h>
#define __need___va_list
#include <stdarg.h>
#if _MACHR_POSIX
#include <sys/types.h>
typedef __gnuc_va_list va_list;
#endif

#define EOF		(-1)
#define BUFSIZ		4096		/* bytes */
#define FILENAME_MAX	1024		/* bytes, with the 0 */
#define FOPEN_MAX	256
#define TMP_MAX		238328
#define L_tmpnam	20
#define L_ctermid	9
#if defined(_MACHR_XSI)
#define P_tmpdir	"/tmp"
#endif

#define _IOFBF	0
#define _IOLBF	1
#define _IONBF	2

#ifndef SEEK_SET
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#endif

typedef struct stream FILE;
typedef struct {
	long __offset;
} fpos_t;

extern FILE *stdin, *stdout, *stderr;
#ifndef stdin
#define stdin	stdin
#define stdout	stdout
#define stderr	stderr
#endif

FILE *fopen(const char *__restrict path, const char *__restrict mode);
FILE *freopen(const char *__restrict path, const char *__restrict mode, FILE *__restrict stream);
int fclose(FILE *stream);
#ifdef _MACHR_GNU
int fcloseall(void);
#endif
int fflush(FILE *stream);
int setvbuf(FILE *__restrict stream, char *__restrict buffer, int mode, size_t size);
void setbuf(FILE *__restrict stream, char *__restrict buffer);
int feof(FILE *stream);
int ferror(FILE *stream);
void clearerr(FILE *stream);

size_t fread(void *__restrict data, size_t size, size_t count, FILE *__restrict stream);
size_t fwrite(const void *__restrict data, size_t size, size_t count, FILE *__restrict stream);
int fgetc(FILE *stream);
int getc(FILE *stream);
int getchar(void);
int ungetc(int c, FILE *stream);
char *fgets(char *__restrict text, int size, FILE *__restrict stream);
int fputc(int c, FILE *stream);
int putc(int c, FILE *stream);
int putchar(int c);
int fputs(const char *__restrict text, FILE *__restrict stream);
int puts(const char *text);

int fseek(FILE *stream, long offset, int whence);
long ftell(FILE *stream);
void rewind(FILE *stream);
int fgetpos(FILE *__restrict stream, fpos_t *__restrict position);
int fsetpos(FILE *stream, const fpos_t *position);

int printf(const char *__restrict format, ...) __attribute__((__format__(__printf__, 1, 2)));
int fprintf(FILE *__restrict stream, const char *__restrict format, ...)
	__attribute__((__format__(__printf__, 2, 3)));
int sprintf(char *__restrict text, const char *__restrict format, ...)
	__attribute__((__format__(__printf__, 2, 3)));
int snprintf(char *__restrict text, size_t size, const char *__restrict format, ...)
	__attribute__((__format__(__printf__, 3, 4)));
int vprintf(const char *__restrict format, __gnuc_va_list arguments) __attribute__((__format__(__printf__, 1, 0)));
int vfprintf(FILE *__restrict stream, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__printf__, 2, 0)));
int vsprintf(char *__restrict text, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__printf__, 2, 0)));
int vsnprintf(char *__restrict text, size_t size, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__printf__, 3, 0)));

int scanf(const char *__restrict format, ...) __attribute__((__format__(__scanf__, 1, 2)));
int fscanf(FILE *__restrict stream, const char *__restrict format, ...)
	__attribute__((__format__(__scanf__, 2, 3)));
int sscanf(const char *__restrict text, const char *__restrict format, ...)
	__attribute__((__format__(__scanf__, 2, 3)));
int vscanf(const char *__restrict format, __gnuc_va_list arguments) __attribute__((__format__(__scanf__, 1, 0)));
int vfscanf(FILE *__restrict stream, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__scanf__, 2, 0)));
int vsscanf(const char *__restrict text, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__scanf__, 2, 0)));

void perror(const char *prefix);
int remove(const char *path);
int rename(const char *path, const char *to_path);
FILE *tmpfile(void);
char *tmpnam(char *name);
#if _MACHR_POSIX
char *ctermid(char *name);
#endif

#if _MACHR_POSIX
int fileno(FILE *stream);
FILE *fdopen(int fd, const char *mode);
FILE *popen(const char *command, const char *mode);
int pclose(FILE *stream);
#endif
#if _MACHR_POSIX >= 199506L
void flockfile(FILE *stream);
int ftrylockfile(FILE *stream);
void funlockfile(FILE *stream);
int getc_unlocked(FILE *stream);
int getchar_unlocked(void);
int putc_unlocked(int c, FILE *stream);
int putchar_unlocked(int c);
#endif
#if _MACHR_POSIX >= 200112L
int fseeko(FILE *stream, off_t offset, int whence);
off_t ftello(FILE *stream);
#endif
#if _MACHR_POSIX >= 200809L
int renameat(int dir, const char *path, int to_dir, const char *to_path);
int dprintf(int fd, const char *__restrict format, ...) __attribute__((__format__(__printf__, 2, 3)));
int vdprintf(int fd, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__printf__, 2, 0)));
FILE *fmemopen(void *__restrict memory, size_t size, const char *__restrict mode);
FILE *open_memstream(char **text, size_t *size);
ssize_t getdelim(char **__restrict line, size_t *__restrict room, int delimiter, FILE *__restrict stream);
ssize_t getline(char **__restrict line, size_t *__restrict room, FILE *__restrict stream);
#endif
#ifdef _MACHR_XSI
char *tempnam(const char *directory, const char *prefix);
#endif
#ifdef _MACHR_MISC
int getw(FILE *stream);
int putw(int word, FILE *stream);
void setbuffer(FILE *stream, char *buffer, size_t size);
void setlinebuf(FILE *stream);
int feof_unlocked(FILE *stream);
int ferror_unlocked(FILE *stream);
void clearerr_unlocked(FILE *stream);
int fflush_unlocked(FILE *stream);
int fileno_unlocked(FILE *stream);
int fgetc_unlocked(FILE *stream);
int fputc_unlocked(int c, FILE *stream);
size_t fread_unlocked(void *__restrict data, size_t size, size_t count, FILE *__restrict stream);
size_t fwrite_unlocked(const void *__restrict data, size_t size, size_t count, FILE *__restrict stream);
#endif
#ifdef _MACHR_GNU
/*
 * A stream over functions of the program, each of which may be NULL: nothing is read, all that is written is thrown away, there are no positions,
 * nothing is done at the end. read: bytes, 0 at the end, -1; write: bytes, 0 for an error; seek: *offset becomes the new position; 0 or -1.
 */
typedef ssize_t cookie_read_function_t(void *cookie, char *buffer, size_t size);
typedef ssize_t cookie_write_function_t(void *cookie, const char *buffer, size_t size);
typedef int cookie_seek_function_t(void *cookie, off_t *offset, int whence);
typedef int cookie_close_function_t(void *cookie);
typedef struct {
	cookie_read_function_t *read;
	cookie_write_function_t *write;
	cookie_seek_function_t *seek;
	cookie_close_function_t *close;
} cookie_io_functions_t;

FILE *fopencookie(void *__restrict cookie, const char *__restrict mode, cookie_io_functions_t functions);
char *fgets_unlocked(char *__restrict text, int size, FILE *__restrict stream);
int fputs_unlocked(const char *__restrict text, FILE *__restrict stream);
#endif
#if defined(_MACHR_GNU) || _MACHR_POSIX >= 202405L
int asprintf(char **__restrict text, const char *__restrict format, ...)
	__attribute__((__format__(__printf__, 2, 3)));
int vasprintf(char **__restrict text, const char *__restrict format, __gnuc_va_list arguments)
	__attribute__((__format__(__printf__, 2, 0)));
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define fopen64		fopen
#define freopen64	freopen
#define fseeko64	fseeko
#define ftello64	ftello
#define fgetpos64	fgetpos
#define fsetpos64	fsetpos
#define fpos64_t	fpos_t
#define tmpfile64	tmpfile
#endif

#endif
