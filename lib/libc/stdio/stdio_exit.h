#ifndef LIBC_STDIO_STDIO_EXIT_H
#define LIBC_STDIO_STDIO_EXIT_H

/* Writes out what is buffered and gives back what was read ahead of seekable files. */
void __stdio_exit(void);

#endif
