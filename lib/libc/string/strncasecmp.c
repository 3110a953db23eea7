#include <ctype.h>
#include <strings.h>

int
strncasecmp(const char *left, const char *right, size_t count)
{
	const unsigned char *l = (const unsigned char *)left, *r = (const unsigned char *)right;

	for (; count > 0; count--, l++, r++)
		if (tolower(*l) != tolower(*r) || *l == 0)
			return tolower(*l) - tolower(*r);
	return 0;
}
