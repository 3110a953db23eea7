/* Regular expressions (POSIX.1-2017 <regex.h>). */
#ifndef _REGEX_H
#define _REGEX_H

#define __need_size_t
#include <stddef.h>

typedef long regoff_t;

typedef struct {
	size_t re_nsub;			/* parenthesised subexpressions */
	struct __regex_program *__program;
} regex_t;

typedef struct {
	regoff_t rm_so, rm_eo;		/* bytes from the start of the text; -1: did not take part */
} regmatch_t;

#define REG_EXTENDED	1
#define REG_ICASE	2
#define REG_NEWLINE	4
#define REG_NOSUB	8

#define REG_NOTBOL	1
#define REG_NOTEOL	2
#define REG_STARTEND	4		/* the text is from matches[0].rm_so to rm_eo (BSD): needs no 0 behind it */

#define REG_NOMATCH	1
#define REG_BADPAT	2
#define REG_ECOLLATE	3
#define REG_ECTYPE	4
#define REG_EESCAPE	5
#define REG_ESUBREG	6
#define REG_EBRACK	7
#define REG_EPAREN	8
#define REG_EBRACE	9
#define REG_BADBR	10
#define REG_ERANGE	11
#define REG_ESPACE	12
#define REG_BADRPT	13

int regcomp(regex_t *__restrict regex, const char *__restrict pattern, int flags);
int regexec(const regex_t *__restrict regex, const char *__restrict text, size_t count, regmatch_t *__restrict matches, int flags);
size_t regerror(int error, const regex_t *__restrict regex, char *__restrict text, size_t size);
void regfree(regex_t *regex);

#endif
