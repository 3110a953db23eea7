/*
 * What C11 added: threads, type-generic mathematics with complex numbers, Unicode characters.
 */
#include <complex.h>
#include <locale.h>
#include <string.h>
#include <tgmath.h>
#include <threads.h>
#include <uchar.h>

#include "check.h"

/* --- threads.h --- */

#define THREADS	3
#define ROUNDS	1000

static mtx_t mutex;
static cnd_t changed;
static once_flag once = ONCE_FLAG_INIT;
static tss_t key;
static int count, began, destroyed, waiting;
static thread_local int own = 5;

static void
begin(void)
{
	began++;
}

static void
destroy(void *value)
{
	mtx_lock(&mutex);
	destroyed += *(int *)value;
	mtx_unlock(&mutex);
}

static int
work(void *argument)
{
	call_once(&once, begin);
	own += *(int *)argument;
	CHECK(tss_set(key, argument) == thrd_success && tss_get(key) == argument);
	mtx_lock(&mutex);
	waiting++;
	cnd_broadcast(&changed);
	while (waiting < THREADS)
		cnd_wait(&changed, &mutex);
	mtx_unlock(&mutex);
	for (int i = 0; i < ROUNDS; i++) {
		mtx_lock(&mutex);
		count++;
		mtx_unlock(&mutex);
	}
	if (*(int *)argument == 1)
		thrd_exit(own);
	return own;
}

static void
threads(void)
{
	static int numbers[THREADS] = { 1, 2, 3 };
	thrd_t made[THREADS];
	int result, sum = 0;

	EQUAL(mtx_init(&mutex, mtx_plain | mtx_timed), thrd_success);
	EQUAL(cnd_init(&changed), thrd_success);
	EQUAL(tss_create(&key, destroy), thrd_success);
	for (int i = 0; i < THREADS; i++)
		EQUAL(thrd_create(&made[i], work, &numbers[i]), thrd_success);
	for (int i = 0; i < THREADS; i++) {
		EQUAL(thrd_join(made[i], &result), thrd_success);
		sum += result;
	}
	EQUAL(sum, 3 * 5 + 6);
	EQUAL(own, 5);
	EQUAL(count, THREADS * ROUNDS);
	EQUAL(began, 1);
	EQUAL(destroyed, 6);
	CHECK(thrd_equal(thrd_current(), thrd_current()));
}

static void
waiting_ends(void)
{
	struct timespec now, shortly = { 0, 1000 };
	mtx_t recursive;

	EQUAL(timespec_get(&now, TIME_UTC), TIME_UTC);
	EQUAL(mtx_lock(&mutex), thrd_success);
	EQUAL(cnd_timedwait(&changed, &mutex, &now), thrd_timedout);
	EQUAL(mtx_trylock(&mutex), thrd_busy);
	EQUAL(mtx_timedlock(&mutex, &now), thrd_timedout);
	EQUAL(mtx_unlock(&mutex), thrd_success);
	EQUAL(mtx_init(&recursive, mtx_recursive), thrd_success);
	CHECK(mtx_lock(&recursive) == thrd_success && mtx_lock(&recursive) == thrd_success);
	CHECK(mtx_unlock(&recursive) == thrd_success && mtx_unlock(&recursive) == thrd_success);
	EQUAL(mtx_init(&recursive, 77), thrd_error);
	EQUAL(thrd_sleep(&shortly, NULL), 0);
	shortly.tv_nsec = -1;
	CHECK(thrd_sleep(&shortly, NULL) < -1);
}

/* --- tgmath.h, complex.h --- */

#define TYPE(x) _Generic((x), float: 'f', double: 'd', long double: 'l', float complex: 'F', double complex: 'D', \
	long double complex: 'L', default: '?')

static void
generic_functions(void)
{
	volatile float f = 4;
	volatile double d = 4;
	volatile long double l = 4;
	volatile int i = 4;
	volatile double complex z = -4;
	volatile float complex w = 3 + 4 * I;

	CHECK(TYPE(sqrt(f)) == 'f' && TYPE(sqrt(i)) == 'd' && TYPE(sqrt(l)) == 'l' && TYPE(sqrt(z)) == 'D' && TYPE(sqrt(w)) == 'F');
	CHECK(TYPE(pow(f, f)) == 'f' && TYPE(pow(f, i)) == 'd' && TYPE(pow(w, d)) == 'D' && TYPE(fabs(w)) == 'f');
	CHECK(TYPE(atan2(f, l)) == 'l' && TYPE(carg(d)) == 'd' && TYPE(conj(w)) == 'F' && TYPE(fma(f, f, d)) == 'd');
	CHECK(sqrt(i) == 2 && sqrt(z) == 2 * I && fabs(w) == 5 && pow(d, 0.5) == 2 && floor(f + 0.5f) == 4);
	CHECK(cimag(w) == 4 && creal(conj(z)) == -4 && cabs(exp(z) - exp(-4.0)) < 1e-15);
}

/* --- uchar.h --- */

static void
unicode(void)
{
	static const char text[] = "a\xc3\xa9\xf0\x9f\x98\x80";
	mbstate_t state = { 0 };
	char16_t unit;
	char32_t code;
	char bytes[8];

	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);

	CHECK(mbrtoc16(&unit, text, 7, &state) == 1 && unit == 'a');
	CHECK(mbrtoc16(&unit, text + 1, 6, &state) == 2 && unit == 0xe9);
	CHECK(mbrtoc16(&unit, text + 3, 4, &state) == 4 && unit == 0xd83d);
	CHECK(mbrtoc16(&unit, text + 7, 0, &state) == (size_t)-3 && unit == 0xde00);
	CHECK(mbrtoc16(&unit, text + 3, 2, &state) == (size_t)-2 && mbrtoc16(&unit, text + 5, 2, &state) == 2 && unit == 0xd83d);
	CHECK(mbrtoc16(&unit, "", 1, &state) == (size_t)-3 && mbrtoc16(&unit, "", 1, &state) == 0 && unit == 0);
	CHECK(mbrtoc16(&unit, "\xff", 1, &state) == (size_t)-1);
	memset(&state, 0, sizeof(state));
	CHECK(c16rtomb(bytes, 0xd83d, &state) == 0 && c16rtomb(bytes, 0xde00, &state) == 4 && memcmp(bytes, text + 3, 4) == 0);
	CHECK(c16rtomb(bytes, 0xd83d, &state) == 0 && c16rtomb(bytes, 'x', &state) == (size_t)-1);
	CHECK(c16rtomb(bytes, 0xde00, &state) == (size_t)-1 && c16rtomb(bytes, 'x', &state) == 1);
	CHECK(mbrtoc32(&code, text + 3, 4, NULL) == 4 && code == 0x1f600 && c32rtomb(bytes, code, NULL) == 4);
}

int
main(void)
{
	threads();
	waiting_ends();
	generic_functions();
	unicode();
	return check_report("c11");
}
