/* rand: random's numbers; rand_r: with a state of one word, of which three steps give 11, 10 and 10 bits. The same as elsewhere for each seed. */
#include <stdlib.h>

int
rand(void)
{
	return (int)random();
}

void
srand(unsigned seed)
{
	srandom(seed);
}

static unsigned
step(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

int
rand_r(unsigned *seed)
{
	unsigned high = step(seed) % 2048, middle = step(seed) % 1024, low = step(seed) % 1024;

	return (int)(high << 20 | middle << 10 | low);
}
