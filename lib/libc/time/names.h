#ifndef LIBC_TIME_NAMES_H
#define LIBC_TIME_NAMES_H

/* Days and months of the C locale, whole; three letters are the short form. */
extern const char *const __day_names[7];
extern const char *const __month_names[12];

#endif
