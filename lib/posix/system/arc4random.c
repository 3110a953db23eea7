/* Random numbers that cannot fail (BSD's names): those of getentropy. */
#include <stdlib.h>
#include <sys/random.h>

#define PIECE	256u		/* what getentropy gives at once */

void
arc4random_buf(void *buffer, size_t size)
{
	char *to = buffer;

	while (size > 0) {
		size_t piece = size < PIECE ? size : PIECE;

		if (getentropy(to, piece) != 0)
			abort();		/* nothing else is as good; it needs a free descriptor */
		to += piece;
		size -= piece;
	}
}

uint32_t
arc4random(void)
{
	uint32_t number;

	arc4random_buf(&number, sizeof(number));
	return number;
}

/* Numbers below 2^32 modulo `limit` are not used: the others are a multiple of it. */
uint32_t
arc4random_uniform(uint32_t limit)
{
	uint32_t number, least = limit < 2 ? 0 : -limit % limit;

	do
		number = arc4random();
	while (number < least);
	return limit < 2 ? 0 : number % limit;
}
