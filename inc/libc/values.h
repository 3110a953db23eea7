/* System V's names for what <limits.h> and <float.h> say. */
#ifndef _VALUES_H
#define _VALUES_H

#include <float.h>
#include <limits.h>

#define BITSPERBYTE	CHAR_BIT
#define CHARBITS	CHAR_BIT
#define SHORTBITS	16
#define INTBITS		32
#define LONGBITS	64
#define PTRBITS		64
#define DOUBLEBITS	64
#define FLOATBITS	32

#define MINSHORT	SHRT_MIN
#define MAXSHORT	SHRT_MAX
#define MININT		INT_MIN
#define MAXINT		INT_MAX
#define MINLONG		LONG_MIN
#define MAXLONG		LONG_MAX

#define MINDOUBLE	DBL_MIN
#define MAXDOUBLE	DBL_MAX
#define MINFLOAT	FLT_MIN
#ifndef MAXFLOAT
#define MAXFLOAT	FLT_MAX		/* <math.h> has it, too */
#endif
#define DMINEXP		DBL_MIN_EXP
#define DMAXEXP		DBL_MAX_EXP
#define FMINEXP		FLT_MIN_EXP
#define FMAXEXP		FLT_MAX_EXP

#endif
