/*
 * The lines in which the labs' checks say what they observe (selftest_lab.h), made without printk, which is an exercise itself.
 */
#include "monitor/selftest_lab.h"

#include "init/console.h"

struct row {
	char text[400];
	unsigned length;
};

static void
row_put(struct row *row, char c)
{
	if (row->length < sizeof(row->text))
		row->text[row->length++] = c;
}

static void
row_hex(struct row *row, uint64_t value)
{
	if (value >= 16)
		row_hex(row, value / 16);
	row_put(row, "0123456789abcdef"[value % 16]);
}

static void
row_begin(struct row *row, const char *word, const uint64_t *numbers, unsigned count)
{
	row->length = 0;
	while (*word != 0)
		row_put(row, *word++);
	for (unsigned i = 0; i < count; i++) {
		row_put(row, ' ');
		row_put(row, '0');
		row_put(row, 'x');
		row_hex(row, numbers[i]);
	}
}

static void
row_end(struct row *row)
{
	if (row->length == sizeof(row->text))
		row->length--;
	row_put(row, '\n');
	console_write(row->text, row->length);
}

void
lab_say(const char *word, const uint64_t *numbers, unsigned count)
{
	struct row row;

	row_begin(&row, word, numbers, count);
	row_end(&row);
}

void
lab_say_text(const char *word, const uint64_t *numbers, unsigned count, const char *text, size_t length)
{
	struct row row;

	row_begin(&row, word, numbers, count);
	row_put(&row, ' ');
	row_put(&row, '|');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c >= ' ' && c < 0x7f && c != '|' && c != '\\') {
			row_put(&row, c);
			continue;
		}
		row_put(&row, '\\');
		row_put(&row, 'x');
		row_put(&row, "0123456789abcdef"[c / 16]);
		row_put(&row, "0123456789abcdef"[c % 16]);
	}
	row_put(&row, '|');
	row_end(&row);
}
