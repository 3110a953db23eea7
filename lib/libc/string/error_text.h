/* Texts of errors and numbers without one, for functions that leave alone what strerror has returned (POSIX.1-2017: strerror_r, perror, printf). */
#ifndef LIBC_ERROR_TEXT_H
#define LIBC_ERROR_TEXT_H

#define ERROR_TEXT_MOST	32		/* bytes of "Unknown error -2147483648" and its 0, and some */

/*
 * Purpose: the text of an error.
 * Conditions: `unknown` has ERROR_TEXT_MOST bytes and lives as long as the text.
 * Returns: a constant, or a text in `unknown`.
 */
const char *__error_text(int error, char *unknown);

/*
 * Purpose: a text and a number behind it.
 * Conditions: `space` has ERROR_TEXT_MOST bytes, enough for both.
 * Returns: a text in `space`, not always at its beginning.
 */
char *__text_numbered(char *space, const char *text, int number);

#endif
