/* A structure for the protocol of mig_test.defs. */
#ifndef MIG_TEST_H
#define MIG_TEST_H

#include <stdint.h>

struct sample_point {
	int16_t x;
	int64_t y;
};

#endif
