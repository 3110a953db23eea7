/* Greatest-width integers (C11 7.8): LP64, so 64-bit types are printed with l. */
#ifndef _INTTYPES_H
#define _INTTYPES_H

#include <stdint.h>
#define __need_wchar_t
#include <stddef.h>

typedef struct {
	intmax_t quot, rem;
} imaxdiv_t;

#define PRId8 "d"
#define PRId16 "d"
#define PRId32 "d"
#define PRId64 "ld"
#define PRIdLEAST8 "d"
#define PRIdLEAST16 "d"
#define PRIdLEAST32 "d"
#define PRIdLEAST64 "ld"
#define PRIdFAST8 __PRI_FAST8 "d"
#define PRIdFAST16 __PRI_FAST "d"
#define PRIdFAST32 __PRI_FAST "d"
#define PRIdFAST64 "ld"
#define PRIdMAX "ld"
#define PRIdPTR "ld"

#define PRIi8 "i"
#define PRIi16 "i"
#define PRIi32 "i"
#define PRIi64 "li"
#define PRIiLEAST8 "i"
#define PRIiLEAST16 "i"
#define PRIiLEAST32 "i"
#define PRIiLEAST64 "li"
#define PRIiFAST8 __PRI_FAST8 "i"
#define PRIiFAST16 __PRI_FAST "i"
#define PRIiFAST32 __PRI_FAST "i"
#define PRIiFAST64 "li"
#define PRIiMAX "li"
#define PRIiPTR "li"

#define PRIu8 "u"
#define PRIu16 "u"
#define PRIu32 "u"
#define PRIu64 "lu"
#define PRIuLEAST8 "u"
#define PRIuLEAST16 "u"
#define PRIuLEAST32 "u"
#define PRIuLEAST64 "lu"
#define PRIuFAST8 __PRI_FAST8 "u"
#define PRIuFAST16 __PRI_FAST "u"
#define PRIuFAST32 __PRI_FAST "u"
#define PRIuFAST64 "lu"
#define PRIuMAX "lu"
#define PRIuPTR "lu"

#define PRIo8 "o"
#define PRIo16 "o"
#define PRIo32 "o"
#define PRIo64 "lo"
#define PRIoLEAST8 "o"
#define PRIoLEAST16 "o"
#define PRIoLEAST32 "o"
#define PRIoLEAST64 "lo"
#define PRIoFAST8 __PRI_FAST8 "o"
#define PRIoFAST16 __PRI_FAST "o"
#define PRIoFAST32 __PRI_FAST "o"
#define PRIoFAST64 "lo"
#define PRIoMAX "lo"
#define PRIoPTR "lo"

#define PRIx8 "x"
#define PRIx16 "x"
#define PRIx32 "x"
#define PRIx64 "lx"
#define PRIxLEAST8 "x"
#define PRIxLEAST16 "x"
#define PRIxLEAST32 "x"
#define PRIxLEAST64 "lx"
#define PRIxFAST8 __PRI_FAST8 "x"
#define PRIxFAST16 __PRI_FAST "x"
#define PRIxFAST32 __PRI_FAST "x"
#define PRIxFAST64 "lx"
#define PRIxMAX "lx"
#define PRIxPTR "lx"

#define PRIX8 "X"
#define PRIX16 "X"
#define PRIX32 "X"
#define PRIX64 "lX"
#define PRIXLEAST8 "X"
#define PRIXLEAST16 "X"
#define PRIXLEAST32 "X"
#define PRIXLEAST64 "lX"
#define PRIXFAST8 __PRI_FAST8 "X"
#define PRIXFAST16 __PRI_FAST "X"
#define PRIXFAST32 __PRI_FAST "X"
#define PRIXFAST64 "lX"
#define PRIXMAX "lX"
#define PRIXPTR "lX"

#define SCNd8 "hhd"
#define SCNd16 "hd"
#define SCNd32 "d"
#define SCNd64 "ld"
#define SCNdLEAST8 "hhd"
#define SCNdLEAST16 "hd"
#define SCNdLEAST32 "d"
#define SCNdLEAST64 "ld"
#define SCNdFAST8 __SCN_FAST8 "d"
#define SCNdFAST16 __PRI_FAST "d"
#define SCNdFAST32 __PRI_FAST "d"
#define SCNdFAST64 "ld"
#define SCNdMAX "ld"
#define SCNdPTR "ld"

#define SCNi8 "hhi"
#define SCNi16 "hi"
#define SCNi32 "i"
#define SCNi64 "li"
#define SCNiLEAST8 "hhi"
#define SCNiLEAST16 "hi"
#define SCNiLEAST32 "i"
#define SCNiLEAST64 "li"
#define SCNiFAST8 __SCN_FAST8 "i"
#define SCNiFAST16 __PRI_FAST "i"
#define SCNiFAST32 __PRI_FAST "i"
#define SCNiFAST64 "li"
#define SCNiMAX "li"
#define SCNiPTR "li"

#define SCNu8 "hhu"
#define SCNu16 "hu"
#define SCNu32 "u"
#define SCNu64 "lu"
#define SCNuLEAST8 "hhu"
#define SCNuLEAST16 "hu"
#define SCNuLEAST32 "u"
#define SCNuLEAST64 "lu"
#define SCNuFAST8 __SCN_FAST8 "u"
#define SCNuFAST16 __PRI_FAST "u"
#define SCNuFAST32 __PRI_FAST "u"
#define SCNuFAST64 "lu"
#define SCNuMAX "lu"
#define SCNuPTR "lu"

#define SCNo8 "hho"
#define SCNo16 "ho"
#define SCNo32 "o"
#define SCNo64 "lo"
#define SCNoLEAST8 "hho"
#define SCNoLEAST16 "ho"
#define SCNoLEAST32 "o"
#define SCNoLEAST64 "lo"
#define SCNoFAST8 __SCN_FAST8 "o"
#define SCNoFAST16 __PRI_FAST "o"
#define SCNoFAST32 __PRI_FAST "o"
#define SCNoFAST64 "lo"
#define SCNoMAX "lo"
#define SCNoPTR "lo"

#define SCNx8 "hhx"
#define SCNx16 "hx"
#define SCNx32 "x"
#define SCNx64 "lx"
#define SCNxLEAST8 "hhx"
#define SCNxLEAST16 "hx"
#define SCNxLEAST32 "x"
#define SCNxLEAST64 "lx"
#define SCNxFAST8 __SCN_FAST8 "x"
#define SCNxFAST16 __PRI_FAST "x"
#define SCNxFAST32 __PRI_FAST "x"
#define SCNxFAST64 "lx"
#define SCNxMAX "lx"
#define SCNxPTR "lx"

/* The compiler's <stdint.h> decides the fast types. */
#if INT_FAST8_MAX == 127
#define __PRI_FAST8
#define __SCN_FAST8 "hh"
#else
#define __PRI_FAST8
#define __SCN_FAST8
#endif
#if INT_FAST16_MAX > 0x7fffffff
#define __PRI_FAST "l"
#else
#define __PRI_FAST
#endif

intmax_t imaxabs(intmax_t value);
imaxdiv_t imaxdiv(intmax_t numerator, intmax_t denominator);
intmax_t strtoimax(const char *__restrict text, char **__restrict end, int base);
uintmax_t strtoumax(const char *__restrict text, char **__restrict end, int base);
intmax_t wcstoimax(const wchar_t *__restrict text, wchar_t **__restrict end, int base);
uintmax_t wcstoumax(const wchar_t *__restrict text, wchar_t **__restrict end, int base);

#endif
