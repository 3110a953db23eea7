#include <string.h>

/* In the C locale characters collate by their codes. */
int
strcoll(const char *left, const char *right)
{
	return strcmp(left, right);
}
