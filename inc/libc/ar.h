/*
 * Archives of ar: ARMAG, then for each member a header and its bytes, and a newline where their number is odd. The numbers in a header are text,
 * with blanks behind; ar_mode is octal.
 */
#ifndef _AR_H
#define _AR_H

#define ARMAG	"!<arch>\n"
#define SARMAG	8
#define ARFMAG	"`\n"

struct ar_hdr {
	char ar_name[16];		/* a slash behind it */
	char ar_date[12], ar_uid[6], ar_gid[6], ar_mode[8], ar_size[10];
	char ar_fmag[2];		/* ARFMAG */
};

#endif
