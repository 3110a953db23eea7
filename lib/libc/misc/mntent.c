/*
 * Tables of mounted file systems. mntent.h has their format.
 */
#include <mntent.h>
#include <string.h>

#define LINE	4096			/* bytes of the longest line of getmntent; the rest of a longer one is lost */

FILE *
setmntent(const char *path, const char *mode)
{
	return fopen(path, mode);
}

int
endmntent(FILE *table)
{
	if (table != NULL)
		fclose(table);
	return 1;
}

/* What the digits behind a backslash stand for, or 0: for themselves. */
static char
escaped(const char *digits)
{
	static const char codes[][4] = { "040", "011", "012", "134" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strncmp(digits, codes[i], 3) == 0)
			return " \t\n\\"[i];
	return '\0';
}

/* A field without its backslashes, in its own place. */
static char *
decode(char *field)
{
	char *out = field, c;

	for (const char *in = field; *in != '\0'; out++) {
		*out = *in++;
		if (*out != '\\')
			continue;
		if (*in == '\\') {
			in++;
		} else if ((c = escaped(in)) != '\0') {
			*out = c;
			in += 3;
		}
	}
	*out = '\0';
	return field;
}

/* The next field of a line, "" at its end. */
static char *
field(char **line)
{
	char *start = *line + strspn(*line, " \t"), *end = start + strcspn(start, " \t");

	*line = *end == '\0' ? end : end + 1;
	*end = '\0';
	return decode(start);
}

/* Reads a line without its end, and drops what does not fit; false: there is none. */
static int
read_line(FILE *table, char *buffer, int size)
{
	size_t length;
	int c;

	if (fgets(buffer, size, table) == NULL)
		return 0;
	length = strlen(buffer);
	if (length > 0 && buffer[length - 1] == '\n') {
		buffer[length - 1] = '\0';
		return 1;
	}
	do {
		c = getc(table);
	} while (c != EOF && c != '\n');
	return 1;
}

struct mntent *
getmntent_r(FILE *restrict table, struct mntent *restrict entry, char *restrict buffer, int size)
{
	char *line;

	do {
		if (!read_line(table, buffer, size))
			return NULL;
		line = buffer + strspn(buffer, " \t");
	} while (*line == '\0' || *line == '#');
	entry->mnt_fsname = field(&line);
	entry->mnt_dir = field(&line);
	entry->mnt_type = field(&line);
	entry->mnt_opts = field(&line);
	entry->mnt_freq = entry->mnt_passno = 0;
	sscanf(line, " %d %d ", &entry->mnt_freq, &entry->mnt_passno);
	return entry;
}

struct mntent *
getmntent(FILE *table)
{
	static struct mntent entry;
	static char line[LINE];

	return getmntent_r(table, &entry, line, sizeof(line));
}

static void
write_field(FILE *table, const char *field)
{
	for (; *field != '\0'; field++)
		if (strchr(" \t\n\\", *field) != NULL)
			fprintf(table, "\\%03o", (unsigned char)*field);
		else
			putc(*field, table);
	putc(' ', table);
}

int
addmntent(FILE *restrict table, const struct mntent *restrict entry)
{
	if (fseek(table, 0, SEEK_END) != 0)
		return 1;
	write_field(table, entry->mnt_fsname);
	write_field(table, entry->mnt_dir);
	write_field(table, entry->mnt_type);
	write_field(table, entry->mnt_opts);
	fprintf(table, "%d %d\n", entry->mnt_freq, entry->mnt_passno);
	return fflush(table) != 0 || ferror(table) ? 1 : 0;
}

char *
hasmntopt(const struct mntent *entry, const char *option)
{
	size_t length = strlen(option);

	for (char *at = entry->mnt_opts; *at != '\0'; at++) {
		if (strncmp(at, option, length) == 0 && (at[length] == '\0' || at[length] == ',' || at[length] == '='))
			return at;
		at += strcspn(at, ",");
		if (*at == '\0')
			break;
	}
	return NULL;
}
