/* Exit statuses of BSD programs. */
#ifndef _SYSEXITS_H
#define _SYSEXITS_H

#define EX_OK		0
#define EX__BASE	64
#define EX_USAGE	64	/* wrong use of the command */
#define EX_DATAERR	65	/* the input is wrong */
#define EX_NOINPUT	66	/* there is no input */
#define EX_NOUSER	67
#define EX_NOHOST	68
#define EX_UNAVAILABLE	69	/* a service */
#define EX_SOFTWARE	70	/* an error of the program itself */
#define EX_OSERR	71	/* of the system */
#define EX_OSFILE	72	/* a file of the system */
#define EX_CANTCREAT	73	/* the output file */
#define EX_IOERR	74
#define EX_TEMPFAIL	75	/* try again later */
#define EX_PROTOCOL	76
#define EX_NOPERM	77
#define EX_CONFIG	78
#define EX__MAX		78

#endif
