/* scanf's reading (C11 7.21.6.2) from a stream or a text. */
#ifndef LIBC_STDIO_SCAN_H
#define LIBC_STDIO_SCAN_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct scan_source {
	int (*get)(struct scan_source *source);
	void (*unget)(struct scan_source *source, int c);
	size_t count;				/* bytes, or wide characters, taken so far */
	bool wide;				/* widths count characters; what get gives is UTF-8 all the same */
	int rest;				/* with `wide`: bytes to come of the character that was begun */
};

/* Returns how many conversions were stored; EOF when the input ended before the first, or an error. */
int __scan_from(struct scan_source *source, const char *format, va_list arguments);

/* One directive. */
struct scan_spec {
	bool suppress, allocate;
	size_t width;				/* bytes, characters where they become wide ones; 0: none given */
	int size;				/* bytes of an integer; 4 float, 8 double, 16 long double; 8 wide */
	char conversion;
	const char *set;			/* behind [ or [^ */
	size_t set_length;
	bool set_inverted;
	short argument;
};

/* A byte of an item that has `*left` bytes (characters) to go, or EOF. */
int __scan_get(struct scan_source *source, size_t *left);
void __scan_unget(struct scan_source *source, int c);

/* A byte, or a character and its bytes, as they came. */
struct scan_item {
	wint_t code;
	int length;
	unsigned char bytes[MB_LEN_MAX];
};

/* Returns false at the end of the item or of the input, or where the source has what is no character (*bad; EILSEQ). */
bool __scan_take(struct scan_source *source, bool characters, size_t *left, struct scan_item *item, bool *bad);
void __scan_give_back(struct scan_source *source, const struct scan_item *item);

/* What an item must be, from the format; WEOF: it is no character. Moves `at` behind it. */
wint_t __scan_wanted(const struct scan_source *source, bool characters, const char **at, const char *end);

bool __scan_is_space(const struct scan_source *source, wint_t code);

enum scan_result { SCAN_STORED, SCAN_NO_MATCH, SCAN_END, SCAN_ERROR };

enum scan_result __scan_integer(struct scan_source *source, const struct scan_spec *spec, void *where);
enum scan_result __scan_float(struct scan_source *source, const struct scan_spec *spec, void *where);
enum scan_result __scan_text(struct scan_source *source, const struct scan_spec *spec, void *where);

#endif
