/* Numbers as people type them. */
#ifndef LINE_NUMBER_H
#define LINE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A whole word that is a decimal or 0x hexadecimal number. Returns false: it is none, or does not
 * fit; *value is untouched.
 */
bool number_parse(const char *text, uint64_t *value);

#endif
