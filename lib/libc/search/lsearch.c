/* Linear search (POSIX.1-2017 lsearch). */
#include <search.h>
#include <string.h>

void *
lfind(const void *key, const void *base, size_t *count, size_t size, int (*compare)(const void *, const void *))
{
	const char *at = base;

	for (size_t i = 0; i < *count; i++, at += size)
		if (compare(key, at) == 0)
			return (void *)at;
	return NULL;
}

void *
lsearch(const void *key, void *base, size_t *count, size_t size, int (*compare)(const void *, const void *))
{
	void *found = lfind(key, base, count, size, compare);

	return found != NULL ? found : memcpy((char *)base + (*count)++ * size, key, size);
}
