/* What the strtol family shares: one conversion to magnitude and sign, then the limits of each type. */
#ifndef LIBC_STDLIB_INTEGER_H
#define LIBC_STDLIB_INTEGER_H

/*
 * Purpose: converts as C11 7.22.1.4 says, to a value of [low, high] (a signed type) or [0, high] with low 0
 * (an unsigned type, where a minus sign negates modulo 2^64).
 * Returns: the value; a limit and ERANGE when it is outside; 0 and EINVAL when base is not 0 or 2 .. 36 (then *end
 * is not set).
 */
unsigned long __integer_parse(const char *text, char **end, int base, unsigned long low, unsigned long high);

#endif
