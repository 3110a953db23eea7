/*
 * Locales (C11 7.11): "C", also called "POSIX", and "C.UTF-8", which differs from it in LC_CTYPE alone. "" takes the names from the environment
 * (POSIX.1-2017 XBD 8.2).
 */
#ifndef _LOCALE_H
#define _LOCALE_H

#include <bits/features.h>
#define __need_NULL
#include <stddef.h>

#define LC_CTYPE	0
#define LC_NUMERIC	1
#define LC_TIME		2
#define LC_COLLATE	3
#define LC_MONETARY	4
#define LC_MESSAGES	5
#define LC_ALL		6

struct lconv {
	char *decimal_point, *thousands_sep, *grouping;
	char *int_curr_symbol, *currency_symbol, *mon_decimal_point, *mon_thousands_sep, *mon_grouping;
	char *positive_sign, *negative_sign;
	char int_frac_digits, frac_digits, p_cs_precedes, p_sep_by_space, n_cs_precedes, n_sep_by_space;
	char p_sign_posn, n_sign_posn, int_p_cs_precedes, int_p_sep_by_space, int_n_cs_precedes, int_n_sep_by_space;
	char int_p_sign_posn, int_n_sign_posn;
};

char *setlocale(int category, const char *name);
struct lconv *localeconv(void);

#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

#define LC_CTYPE_MASK		(1 << LC_CTYPE)
#define LC_NUMERIC_MASK		(1 << LC_NUMERIC)
#define LC_TIME_MASK		(1 << LC_TIME)
#define LC_COLLATE_MASK		(1 << LC_COLLATE)
#define LC_MONETARY_MASK	(1 << LC_MONETARY)
#define LC_MESSAGES_MASK	(1 << LC_MESSAGES)
#define LC_ALL_MASK		((1 << LC_ALL) - 1)
#define LC_GLOBAL_LOCALE	((locale_t)-1)

locale_t newlocale(int mask, const char *name, locale_t base);
locale_t duplocale(locale_t locale);
locale_t uselocale(locale_t locale);
void freelocale(locale_t locale);
#endif

#endif
