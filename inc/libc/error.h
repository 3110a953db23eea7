/* Messages with the program's name, the place and the text of an error (GNU). */
#ifndef _ERROR_H
#define _ERROR_H

/* How often they were called; a program may call something else than `PROGRAM: ` in front; the same line is told once only. */
extern unsigned int error_message_count;
extern void (*error_print_progname)(void);
extern int error_one_per_line;

/* Flushes stdout; a status other than 0 ends the program, a number other than 0 adds strerror's text. */
void error(int status, int number, const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
void error_at_line(int status, int number, const char *file, unsigned int line, const char *format, ...)
	__attribute__((__format__(__printf__, 5, 6)));

#endif
