/* The 48-bit generator with its state in memory of the caller's (GNU). */
#include <string.h>

#include "drand48.h"

int
drand48_r(struct drand48_data *restrict data, double *restrict result)
{
	*result = drand48_fraction(data->__state, data);
	return 0;
}

int
erand48_r(unsigned short state[3], struct drand48_data *restrict data, double *restrict result)
{
	*result = drand48_fraction(state, data);
	return 0;
}

int
lrand48_r(struct drand48_data *restrict data, long *restrict result)
{
	*result = drand48_positive(data->__state, data);
	return 0;
}

int
nrand48_r(unsigned short state[3], struct drand48_data *restrict data, long *restrict result)
{
	*result = drand48_positive(state, data);
	return 0;
}

int
mrand48_r(struct drand48_data *restrict data, long *restrict result)
{
	*result = drand48_signed(data->__state, data);
	return 0;
}

int
jrand48_r(unsigned short state[3], struct drand48_data *restrict data, long *restrict result)
{
	*result = drand48_signed(state, data);
	return 0;
}

int
srand48_r(long seed, struct drand48_data *data)
{
	unsigned short state[3] = { 0x330e, seed, seed >> 16 };

	return seed48_r(state, data);
}

int
seed48_r(unsigned short state[3], struct drand48_data *data)
{
	memcpy(data->__before, data->__state, sizeof(data->__before));
	memcpy(data->__state, state, sizeof(data->__state));
	data->__factor = DRAND48_FACTOR;
	data->__addend = DRAND48_ADDEND;
	data->__ready = 1;
	return 0;
}

/* State, a, c. */
int
lcong48_r(unsigned short parameters[7], struct drand48_data *data)
{
	memcpy(data->__state, parameters, sizeof(data->__state));
	data->__factor = parameters[3] | (uint64_t)parameters[4] << 16 | (uint64_t)parameters[5] << 32;
	data->__addend = parameters[6];
	data->__ready = 1;
	return 0;
}
