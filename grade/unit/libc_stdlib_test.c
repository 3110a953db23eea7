// LIBC: lib/libc/stdlib/sort*.c lib/libc/stdlib/qsort*.c lib/libc/stdlib/bsearch.c lib/libc/stdlib/*env*.c lib/libc/stdlib/mall*.c
// LIBC: lib/libc/stdlib/drand48*.c lib/libc/stdlib/rand*.c lib/libc/misc/fnmatch.c lib/libc/misc/*name.c lib/libc/string/*.c
// LIBC: lib/libc/wchar/mbrtowc.c lib/libc/wchar/wcrtomb.c lib/libc/wchar/utf8.c lib/libc/wchar/iswalpha.c lib/libc/misc/locale*.c lib/libc/ctype/*.c
/*
 * General utilities: sorting, the environment, the heap under stress, patterns, UTF-8.
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <libgen.h>
#include <locale.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "libc_host.h"
#include "unit.h"

char *gnu_basename(const char *) __asm__("basename");	/* which <libgen.h> hides */

char **m_environ;
void *m_malloc(size_t), *m_calloc(size_t, size_t), *m_realloc(void *, size_t), *m_aligned_alloc(size_t, size_t);
void m_free(void *);
size_t m_malloc_usable_size(void *);
void m_qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void *m_bsearch(const void *, const void *, size_t, size_t, int (*)(const void *, const void *));
int m_setenv(const char *, const char *, int), m_unsetenv(const char *), m_putenv(char *), m_fnmatch(const char *, const char *, int);
char *m_getenv(const char *), *m_secure_getenv(const char *), *m_setlocale(int, const char *);
char *m___xpg_basename(char *), *m_basename(const char *), *m_dirname(char *);
double m_drand48(void);
long m_jrand48(unsigned short *);
/* Memory for the states of either library's. */
union drand48_states {
	struct drand48_data theirs;
	long room[16];
};
int m_srand48_r(long, void *), m_seed48_r(unsigned short *, void *), m_lcong48_r(unsigned short *, void *), m_drand48_r(void *, double *),
    m_erand48_r(unsigned short *, void *, double *), m_lrand48_r(void *, long *), m_nrand48_r(unsigned short *, void *, long *),
    m_mrand48_r(void *, long *), m_jrand48_r(unsigned short *, void *, long *);
void m_srand48(long), m_srandom(unsigned), m_srand(unsigned);
long m_random(void);
int m_rand(void), m_rand_r(unsigned *);
char *m_initstate(unsigned, char *, size_t), *m_setstate(char *);
int m_random_r(void *, int32_t *), m_srandom_r(unsigned, void *), m_initstate_r(unsigned, char *, size_t, void *), m_setstate_r(char *, void *);
struct mallinfo2 m_mallinfo2(void);
struct mallinfo m_mallinfo(void);
int m_mallopt(int, int), m_malloc_trim(size_t);
size_t m_mbrtowc(wchar_t *, const char *, size_t, void *), m_wcrtomb(char *, wchar_t, void *);

static long mapped;
static bool no_memory;
static size_t most_memory = SIZE_MAX;		/* bytes in one piece */

void *
m_memory_map(size_t bytes)
{
	void *memory = no_memory || bytes > most_memory ? MAP_FAILED :
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mapped += memory == MAP_FAILED ? 0 : bytes;
	return memory == MAP_FAILED ? NULL : memory;
}

void
m_memory_unmap(void *memory, size_t bytes)
{
	mapped -= bytes;
	munmap(memory, bytes);
}

struct libc_lock;
void m___lock_take(struct libc_lock *lock) { (void)lock; }
void m___lock_release(struct libc_lock *lock) { (void)lock; }
void m___lock_take_critical(struct libc_lock *lock) { (void)lock; }
void m___lock_release_critical(struct libc_lock *lock) { (void)lock; }
ssize_t m_write(int fd, const void *data, size_t size) { (void)fd, (void)data; return size; }
_Noreturn void m__exit(int status) { _exit(status); }
_Noreturn void m_abort(void) { _exit(99); }

static unsigned long more_rights;

unsigned long
m_getauxval(unsigned long type)
{
	(void)type;
	return more_rights;
}

struct item {
	int key, place;
	char filler[3];
};

static int
by_key(const void *left, const void *right)
{
	return ((const struct item *)left)->key - ((const struct item *)right)->key;
}

static void
sorting_is_stable(void)
{
	static struct item items[3000];

	for (long i = cases(60); i > 0; i--) {
		int count = random_below(i % 8 == 0 ? 3000 : 50), range = 1 + random_below(100);

		for (int k = 0; k < count; k++)
			items[k] = (struct item){ i % 3 == 0 ? k : i % 3 == 1 ? count - k : (int)random_below(range), k, "" };
		m_qsort(items, count, sizeof(items[0]), by_key);
		for (int k = 1; k < count; k++)
			CHECK(items[k - 1].key < items[k].key || (items[k - 1].key == items[k].key && items[k - 1].place < items[k].place));
		for (int k = 0; k < count; k++) {
			struct item *found = m_bsearch(&items[k], items, count, sizeof(items[0]), by_key);

			CHECK(found != NULL && found->key == items[k].key);
		}
		CHECK(m_bsearch(&(struct item){ .key = -5 }, items, count, sizeof(items[0]), by_key) == NULL);
	}
}

/* --- how many comparisons sorting takes --- */

#define MOST	40000

static unsigned long compared;

static int
counting(const void *left, const void *right)
{
	compared++;
	return by_key(left, right);
}

/*
 * McIlroy's adversary ("A Killer Adversary for Quicksort", 1999) decides what is less only when it is asked, as unluckily as it can:
 * elements are `gas`, larger than all that have a value yet; of two of them one gets the next value.
 */
static int values[MOST], next_value, candidate;

#define GAS	MOST

static int
unlucky(const void *left, const void *right)
{
	int x = ((const struct item *)left)->key, y = ((const struct item *)right)->key;

	compared++;
	if (values[x] == GAS && values[y] == GAS)
		values[x == candidate ? x : y] = next_value++;
	if (values[x] == GAS)
		candidate = x;
	else if (values[y] == GAS)
		candidate = y;
	return values[x] - values[y];
}

/* Sorted, reversed, all the same, a saw, an organ pipe, at random. */
static int
key_of(int pattern, int k, int count)
{
	switch (pattern) {
	case 0: return k;
	case 1: return count - k;
	case 2: return 7;
	case 3: return k % 100;
	case 4: return k < count / 2 ? k : count - k;
	default: return (int)random_below((uint32_t)count);
	}
}

static int
log2_of(int count)
{
	int n = 0;

	while ((1 << n) < count)
		n++;
	return n;
}

static struct item many[MOST];

/* With memory for a copy at most n log n comparisons, in place at most twice as many. */
static void
sorting_takes_n_log_n(void)
{
	for (int count = 10; count <= MOST; count *= 4) {
		unsigned long bound = (unsigned long)count * (unsigned long)log2_of(count) * (no_memory ? 2 : 1);

		for (int pattern = 0; pattern < 6; pattern++) {
			for (int k = 0; k < count; k++)
				many[k] = (struct item){ .key = key_of(pattern, k, count) };
			compared = 0;
			m_qsort(many, (size_t)count, sizeof(many[0]), counting);
			CHECK(compared <= bound);
			for (int k = 1; k < count; k++)
				CHECK(many[k - 1].key <= many[k].key);
		}
		for (int k = 0; k < count; k++) {
			many[k] = (struct item){ .key = k };
			values[k] = GAS;
		}
		compared = 0;
		next_value = candidate = 0;
		m_qsort(many, (size_t)count, sizeof(many[0]), unlucky);
		CHECK(compared <= bound);
		for (int k = 1; k < count; k++)
			CHECK(values[many[k - 1].key] <= values[many[k].key]);
	}
}

/* Whatever is free of the heap is taken first. */
static void
sorting_without_memory(void)
{
	void *taken[1000], *one;
	int count = 0;

	no_memory = true;
	for (size_t size = sizeof(many); size > 400; size /= 2)
		while (count < 1000 && (one = m_malloc(size)) != NULL)
			taken[count++] = one;
	CHECK(count < 1000);
	sorting_takes_n_log_n();
	no_memory = false;
	while (count > 0)
		m_free(taken[--count]);
}

static void
the_environment_changes(void)
{
	char *start[] = { (char *)"A=1", (char *)"B=2", NULL }, put[] = "C=3";

	m_environ = start;
	CHECK_STR(m_getenv("B"), "2");
	CHECK_EQ(m_setenv("A", "x", 0), 0);
	CHECK_STR(m_getenv("A"), "1");
	for (int i = 0; i < 200; i++) {
		char name[20], value[20];

		snprintf(name, sizeof(name), "N%d", i % 50);
		snprintf(value, sizeof(value), "%d", i);
		CHECK_EQ(m_setenv(name, value, 1), 0);
		CHECK_STR(m_getenv(name), value);
	}
	CHECK_EQ(m_putenv(put), 0);
	put[2] = '4';
	CHECK_STR(m_getenv("C"), "4");
	CHECK_EQ(m_unsetenv("C"), 0);
	CHECK(m_getenv("C") == NULL);
	CHECK_STR(m_getenv("N49"), "199");
	CHECK_EQ(m_setenv("", "x", 1), -1);
	CHECK_EQ(m_setenv("a=b", "x", 1), -1);
	CHECK_EQ(m_errno, EINVAL);
	for (int i = 0; i < 50; i++) {
		char name[20];

		snprintf(name, sizeof(name), "N%d", i);
		CHECK_EQ(m_unsetenv(name), 0);
	}
	CHECK_STR(m_getenv("A"), "1");
	CHECK_STR(m_secure_getenv("A"), "1");
	more_rights = 1;
	CHECK(m_secure_getenv("A") == NULL);
	more_rights = 0;
}

#define BLOCKS 500

static void
the_heap_survives_stress(void)
{
	static struct {
		unsigned char *memory, fill;
		size_t size;
	} blocks[BLOCKS];
	long before;

	for (long i = cases(30000); i > 0; i--) {
		unsigned k = random_below(BLOCKS);
		size_t size = random_below(50) == 0 ? random_below(300000) : random_below(10) == 0 ? random_below(5000) : random_below(200);

		for (size_t b = 0; b < blocks[k].size; b += 1 + blocks[k].size / 16)
			CHECK(blocks[k].memory[b] == blocks[k].fill);
		if (random_below(3) == 0 && blocks[k].memory != NULL) {
			size_t kept = size < blocks[k].size ? size : blocks[k].size;

			blocks[k].memory = m_realloc(blocks[k].memory, size);
			for (size_t b = 0; b < kept; b += 1 + kept / 16)
				CHECK(blocks[k].memory[b] == blocks[k].fill);
		} else {
			size_t alignment = 1ul << random_below(13);

			m_free(blocks[k].memory);
			blocks[k].memory = random_below(4) == 0 ? m_aligned_alloc(alignment, size) : m_malloc(size);
		}
		REQUIRE(blocks[k].memory != NULL && ((uintptr_t)blocks[k].memory & 15) == 0);
		CHECK(m_malloc_usable_size(blocks[k].memory) >= size);
		blocks[k].fill = random_bits();
		blocks[k].size = size;
		memset(blocks[k].memory, blocks[k].fill, size);
	}
	for (int k = 0; k < BLOCKS; k++)
		m_free(blocks[k].memory);
	before = mapped;
	m_free(m_malloc(10000000));
	CHECK_EQ(mapped, before);
	CHECK(m_malloc(SIZE_MAX) == NULL && m_errno == ENOMEM);
	CHECK(m_calloc(SIZE_MAX / 2, 4) == NULL);
	for (unsigned align = 1; align <= 65536; align *= 2) {
		char *block = m_aligned_alloc(align, 100);

		CHECK(((uintptr_t)block & (align - 1)) == 0);
		m_free(block);
	}
	for (int i = 0; i < 200; i++) {
		char *zeros = m_calloc(1, 300);

		CHECK(zeros[0] == 0 && zeros[299] == 0);
		memset(zeros, 1, 300);
		m_free(zeros);
	}
}

/* A block that grows wants half as much again; where only what was asked for is left, it gets that. */
static void
large_blocks_grow_into_the_last_memory(void)
{
	char *block = m_malloc(1000000), *grown;

	most_memory = 1200000;
	grown = m_realloc(block, 1100000);
	CHECK(grown != NULL);
	CHECK(m_realloc(grown != NULL ? grown : block, 2000000) == NULL && m_errno == ENOMEM);
	most_memory = SIZE_MAX;
	m_free(grown != NULL ? grown : block);
}

static void
the_heap_is_counted(void)
{
	struct mallinfo2 before = m_mallinfo2(), after;
	char *small = m_malloc(40), *large = m_malloc(100000);

	after = m_mallinfo2();
	CHECK(before.arena % 65536 == 0 && before.uordblks + before.fordblks == before.arena && after.uordblks + after.fordblks == after.arena);
	CHECK_EQ(after.uordblks - before.uordblks, 48 + 16);
	CHECK_EQ(after.hblks - before.hblks, 1);
	CHECK_EQ(after.hblkhd - before.hblkhd, 25 * 4096);
	m_free(small);
	m_free(large);
	after = m_mallinfo2();
	CHECK(after.uordblks == before.uordblks && after.hblks == before.hblks && after.hblkhd == before.hblkhd);
	CHECK((size_t)m_mallinfo().arena == after.arena && (size_t)m_mallinfo().ordblks == after.ordblks);
	CHECK(after.ordblks > 0 && m_malloc_trim(0) == 0);
	CHECK(m_mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1 && m_mallopt(M_MXFAST, 0) == 1 && m_mallopt(0, 1) == 0 && m_mallopt(-99, 1) == 0);
}

static void
double_free_ends_the_program(void)
{
	int status;

	for (int kind = 0; kind < 3; kind++) {
		if (fork() == 0) {
			char *block = kind == 2 ? m_aligned_alloc(256, 40) : m_malloc(40);

			m_free(kind == 1 ? block + 16 : block);
			m_free(block);
			_exit(0);
		}
		wait(&status);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 99);
	}
}

static void
patterns_match_alike(void)
{
	static const int flags[] = { 0, FNM_PATHNAME, FNM_PERIOD, FNM_NOESCAPE, FNM_PATHNAME | FNM_PERIOD, FNM_CASEFOLD };
	static const char *const pairs[][2] = { { "*.c", "main.c" }, { "[[:alpha:]]*", "x1" }, { "[!a-c]x", "dx" }, { "[^a]", "b" },
		{ "a[]b]c", "a]c" }, { "*/b", "a/b" }, { "\\*", "*" }, { "", "" }, { "*a*b*c*", "xaybzc" }, { "[[.-.]]", "-" } };
	int ours, theirs, differ = 0;

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		for (unsigned f = 0; f < 6; f++)
			if (m_fnmatch(pairs[i][0], pairs[i][1], flags[f]) != fnmatch(pairs[i][0], pairs[i][1], flags[f])) {
				fprintf(stderr, "fnmatch(\"%s\", \"%s\", %d)\n", pairs[i][0], pairs[i][1], flags[f]);
				differ++;
			}
	for (long i = cases(20000); i > 0; i--) {
		char pattern[8], text[8];
		int n = random_below(7), m = random_below(7), f = flags[random_below(6)];

		for (int k = 0; k < n; k++)
			pattern[k] = "ab.*?/"[random_below(6)];
		pattern[n] = 0;
		for (int k = 0; k < m; k++)
			text[k] = "ab./"[random_below(4)];
		text[m] = 0;
		ours = m_fnmatch(pattern, text, f);
		theirs = fnmatch(pattern, text, f);
		if (ours != theirs && differ++ < 5)
			fprintf(stderr, "fnmatch(\"%s\", \"%s\", %d) = %d\n", pattern, text, f, ours);
	}
	CHECK_EQ(differ, 0);
}

/* With UTF-8 a character is one, however long: as if they were other letters. (The host also takes their bytes for characters.) */
static void
patterns_know_utf8(void)
{
	static const char *const pieces[][2] = { { "a", "a" }, { "\u00e4", "b" }, { "\u65e5", "c" }, { "?", "?" }, { "*", "*" }, { "[\u00e4x]", "[bx]" },
		{ "[!\u65e5]", "[!c]" }, { "[\u00e0-\u00ff]", "[b]" }, { "[[:alpha:]]", "[[:alpha:]]" }, { "/", "/" }, { "\u00c4", "B" } };
	int differ = 0;

	m_setlocale(LC_CTYPE, "C.UTF-8");
	for (long i = cases(5000); i > 0; i--) {
		char pattern[2][100] = { "", "" }, text[2][60] = { "", "" };
		int f = (const int[]){ 0, FNM_PATHNAME, FNM_CASEFOLD }[random_below(3)];

		for (int k = random_below(6); k > 0; k--)
			for (unsigned way = 0, piece = random_below(11); way < 2; way++)
				strcat(pattern[way], pieces[piece][way]);
		for (int k = random_below(6); k > 0; k--)
			for (unsigned way = 0, piece = (unsigned[]){ 0, 1, 2, 9, 10 }[random_below(5)]; way < 2; way++)
				strcat(text[way], pieces[piece][way]);
		if (m_fnmatch(pattern[0], text[0], f) != fnmatch(pattern[1], text[1], f) && differ++ < 5)
			fprintf(stderr, "fnmatch(\"%s\", \"%s\", %d) = %d\n", pattern[0], text[0], f, m_fnmatch(pattern[0], text[0], f));
	}
	CHECK_EQ(differ, 0);
	CHECK_EQ(m_fnmatch("?\xff*", "\u00e4\xff\xfe", 0), 0);
	m_setlocale(LC_CTYPE, "C");
	CHECK_EQ(m_fnmatch("??", "\u00e4", 0), 0);
	CHECK_EQ(m_fnmatch("[\xe0-\xf0]", "\xe4", 0), 0);
}

/*
 * Lists of patterns, one inside the other too, beside everything else. What !(...) matches, the host's library lets begin with a period and go
 * over slashes, which no other pattern does; a backslash before a parenthesis, a parenthesis of its own behind a list, and a list that may be
 * empty behind a star, it takes wrongly.
 */
static void
lists_of_patterns_agree(void)
{
	static const char *const pieces[] = { "a", "b", "ab", "?", "[ab]", "[!a]", ".", "/", "@(", "?(", "*(", "+(", "!(", "|", ")", "(" };
	static const int flags[] = { 0, FNM_PATHNAME, FNM_PERIOD, FNM_PATHNAME | FNM_PERIOD, FNM_CASEFOLD, FNM_NOESCAPE };
	unsigned differ = 0;

	for (long i = cases(60000); i > 0; i--) {
		char pattern[64] = "", text[16] = "";
		int f = FNM_EXTMATCH | flags[random_below(sizeof(flags) / sizeof(flags[0]))], open = 0;
		int none = (f & (FNM_PATHNAME | FNM_PERIOD)) == 0;

		for (int k = 1 + random_below(9); k > 0; k--) {
			unsigned piece = random_below(sizeof(pieces) / sizeof(pieces[0]));

			if (!none && strcmp(pieces[piece], "!(") == 0)
				continue;
			open += (piece >= 8 && piece <= 12) - (piece == 14);
			strcat(pattern, pieces[piece]);
		}
		while (open-- > 0)
			strcat(pattern, ")");
		for (int k = random_below(6); k > 0; k--)
			strcat(text, (const char *const[]){ "a", "b", ".", "/", "A" }[random_below(5)]);
		if (strstr(pattern, ")(") != NULL)
			continue;
		if (m_fnmatch(pattern, text, f) != fnmatch(pattern, text, f) && differ++ < 10)
			fprintf(stderr, "fnmatch(\"%s\", \"%s\", %d) = %d\n", pattern, text, f, m_fnmatch(pattern, text, f));
	}
	CHECK_EQ(differ, 0);
	CHECK_EQ(m_fnmatch("*.+(c|h)", "file.c", FNM_EXTMATCH), 0);
	CHECK_EQ(m_fnmatch("*.+(c|h)", "file.", FNM_EXTMATCH), FNM_NOMATCH);
	CHECK_EQ(m_fnmatch("*?(b)", "a", FNM_EXTMATCH), 0);
	CHECK_EQ(m_fnmatch("@(a\\)|b)", "a)", FNM_EXTMATCH), 0);
	CHECK_EQ(m_fnmatch("@([)|]x)", ")x", FNM_EXTMATCH), 0);
	CHECK_EQ(m_fnmatch("!(x)", ".a", FNM_EXTMATCH | FNM_PERIOD), FNM_NOMATCH);
	CHECK_EQ(m_fnmatch("!(x)", "a/b", FNM_EXTMATCH | FNM_PATHNAME), FNM_NOMATCH);
	CHECK_EQ(m_fnmatch("+(a|b)", "ab/c", FNM_EXTMATCH | FNM_LEADING_DIR), 0);
	CHECK_EQ(m_fnmatch("+(a|b", "+(a|b", FNM_EXTMATCH), 0);
	CHECK_EQ(m_fnmatch("+(a)", "+(a)", 0), 0);
}

static void
paths_come_apart(void)
{
	static const char *const paths[] = { "", "/", "a", "a/", "/a", "a/b", "a//b//", "///a", "." };

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char a[20], b[20];

		strcpy(a, paths[i]);
		strcpy(b, paths[i]);
		CHECK_STR(m_basename(a), gnu_basename(a));
		CHECK_STR(m___xpg_basename(a), __xpg_basename(b));
		strcpy(a, paths[i]);
		strcpy(b, paths[i]);
		CHECK_STR(m_dirname(a), dirname(b));
	}
}

static void
numbers_of_posix(void)
{
	unsigned short a[3] = { 1, 2, 3 }, b[3] = { 1, 2, 3 };

	m_srand48(42);
	srand48(42);
	for (int i = 0; i < 100; i++) {
		CHECK(m_drand48() == drand48());
		CHECK_EQ(m_jrand48(a), jrand48(b));
	}
}

static void
draws_agree(union drand48_states *ours, union drand48_states *theirs)
{
	unsigned short a[3] = { 4, 5, 6 }, b[3] = { 4, 5, 6 };
	double x, y;
	long l, m;

	for (int i = 0; i < 50; i++) {
		CHECK(m_drand48_r(ours, &x) == 0 && drand48_r(&theirs->theirs, &y) == 0 && x == y);
		CHECK(m_erand48_r(a, ours, &x) == 0 && erand48_r(b, &theirs->theirs, &y) == 0 && x == y);
		CHECK(m_lrand48_r(ours, &l) == 0 && lrand48_r(&theirs->theirs, &m) == 0 && l == m);
		CHECK(m_nrand48_r(a, ours, &l) == 0 && nrand48_r(b, &theirs->theirs, &m) == 0 && l == m);
		CHECK(m_mrand48_r(ours, &l) == 0 && mrand48_r(&theirs->theirs, &m) == 0 && l == m);
		CHECK(m_jrand48_r(a, ours, &l) == 0 && jrand48_r(b, &theirs->theirs, &m) == 0 && l == m);
	}
}

/* Fresh zeroes first: the usual factor. */
static void
states_of_the_caller(void)
{
	union drand48_states ours = { .room = { 0 } }, theirs = { .room = { 0 } };
	unsigned short seed[3] = { 7, 8, 9 }, parameters[7] = { 1, 2, 3, 0xfedc, 0xba98, 7, 21 };

	draws_agree(&ours, &theirs);
	CHECK(m_srand48_r(-42, &ours) == 0 && srand48_r(-42, &theirs.theirs) == 0);
	draws_agree(&ours, &theirs);
	CHECK(m_seed48_r(seed, &ours) == 0 && seed48_r(seed, &theirs.theirs) == 0);
	draws_agree(&ours, &theirs);
	CHECK(m_lcong48_r(parameters, &ours) == 0 && lcong48_r(parameters, &theirs.theirs) == 0);
	draws_agree(&ours, &theirs);
}

/* Two states of each, and their arrays in turn; the words in them are the same, too. */
static void
random_has_states_of_its_own(void)
{
	static int32_t ours[4][80], theirs[4][80];
	static const unsigned short sizes[] = { 8, 31, 32, 64, 100, 128, 255, 256, 300 };
	static struct { void *words[8]; } our_data[2];
	static struct random_data their_data[2];

	CHECK(m_random_r(&our_data[0], ours[0]) == -1 && m_errno == EINVAL && m_srandom_r(1, &our_data[0]) == -1);
	for (unsigned i = 0; i < 4; i++) {
		unsigned size = sizes[random_below(9)], seed = i == 0 ? 0 : (unsigned)random_bits();

		CHECK_EQ(m_initstate_r(seed, (char *)ours[i], size, &our_data[i / 2]), initstate_r(seed, (char *)theirs[i], size, &their_data[i / 2]));
	}
	CHECK(m_initstate_r(1, (char *)ours[0], 7, &our_data[0]) == -1 && m_initstate_r(1, NULL, 8, &our_data[0]) == -1);
	for (long i = cases(2000); i > 0; i--) {
		unsigned which = random_below(2), array = 2 * which + random_below(2), seed = (unsigned)random_bits();

		CHECK_EQ(m_setstate_r((char *)ours[array], &our_data[which]), setstate_r((char *)theirs[array], &their_data[which]));
		if (random_below(10) == 0)
			CHECK_EQ(m_srandom_r(seed, &our_data[which]), srandom_r(seed, &their_data[which]));
		for (int k = random_below(50); k > 0; k--) {
			int32_t our_number, their_number;

			which = random_below(2);
			CHECK_EQ(m_random_r(&our_data[which], &our_number), random_r(&their_data[which], &their_number));
			CHECK_EQ(our_number, their_number);
		}
	}
	for (int i = 0; i < 4; i += 2)		/* what is in use notes its place when it no longer is */
		CHECK_EQ(m_setstate_r((char *)ours[i], &our_data[i / 2]), setstate_r((char *)theirs[i], &their_data[i / 2]));
	CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
}

/* The arrays of both, changed between them at random; the words in them are the same, too. */
static void
random_has_the_known_numbers(void)
{
	static int32_t ours[6][80], theirs[6][80];
	static const unsigned short sizes[] = { 8, 31, 32, 64, 100, 128, 255, 256, 300 };
	unsigned a = 77, b = 77;

	for (int i = 0; i < 100; i++)
		CHECK_EQ(m_random(), random());		/* without a seed */
	for (unsigned i = 0; i < 6; i++) {
		unsigned size = sizes[random_below(9)], seed = i == 0 ? 0 : (unsigned)random_bits();

		CHECK(m_initstate(seed, (char *)ours[i], size) != NULL && initstate(seed, (char *)theirs[i], size) != NULL);
	}
	CHECK(m_initstate(1, (char *)ours[0], 7) == NULL);
	for (long i = cases(2000); i > 0; i--) {
		unsigned which = random_below(6), seed = (unsigned)random_bits();

		CHECK(m_setstate((char *)ours[which]) != NULL && setstate((char *)theirs[which]) != NULL);
		if (random_below(10) == 0) {
			m_srandom(seed);
			srandom(seed);
		} else if (random_below(20) == 0) {
			m_srand(seed);
			srand(seed);
		}
		for (int k = random_below(100); k > 0; k--)
			CHECK_EQ(m_random(), random());
		CHECK_EQ(m_rand(), rand());
		CHECK_EQ(m_rand_r(&a), rand_r(&b));
	}
	m_setstate((char *)ours[0]);		/* what is in use notes its place when it no longer is */
	setstate((char *)theirs[0]);
	CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
	ours[2][0] = 5 * 63 + 4;
	CHECK(m_setstate((char *)ours[2]) == NULL);
}

static void
characters_are_coded(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK_STR(m_setlocale(LC_CTYPE, "C.UTF-8"), "C.UTF-8");
	for (long i = cases(30000); i > 0; i--) {
		char bytes[5] = { 0 };
		wchar_t a = 0, b = 0;
		mbstate_t y = { 0 };
		unsigned x[3] = { 0 };
		size_t n, m;

		for (int k = 0; k < 4; k++)
			bytes[k] = random_below(4) == 0 ? (char)random_bits() : "\xc3\xe2\xf0\x80\x9f\xbf\xed\xa0"[random_below(8)];
		n = m_mbrtowc(&a, bytes, 4, x);
		m = mbrtowc(&b, bytes, 4, &y);
		/* the host takes these, RFC 3629 does not */
		if (m < (size_t)-2 && ((b >= 0xd800 && b <= 0xdfff) || b > 0x10ffff))
			continue;
		if (n != m && n + 2 >= 2 && m + 2 >= 2)
			CHECK_EQ(n, m);
		CHECK((n >= (size_t)-2) == (m >= (size_t)-2));
		CHECK(n >= (size_t)-2 || a == b);
		if (n < (size_t)-2 && n > 0) {
			char back[8];

			CHECK_EQ(m_wcrtomb(back, a, NULL), n);
			CHECK(memcmp(back, bytes, n) == 0);
		}
	}
	CHECK(m_setlocale(LC_ALL, "de_DE.UTF-8") == NULL);
	CHECK_STR(m_setlocale(LC_CTYPE, NULL), "C.UTF-8");
	CHECK_STR(m_setlocale(LC_ALL, "C"), "C");
}

int
main(void)
{
	TEST(sorting_is_stable);
	TEST(sorting_takes_n_log_n);
	TEST(sorting_without_memory);
	TEST(the_environment_changes);
	TEST(the_heap_survives_stress);
	TEST(large_blocks_grow_into_the_last_memory);
	TEST(the_heap_is_counted);
	TEST(double_free_ends_the_program);
	TEST(patterns_match_alike);
	TEST(patterns_know_utf8);
	TEST(lists_of_patterns_agree);
	TEST(paths_come_apart);
	TEST(numbers_of_posix);
	TEST(states_of_the_caller);
	TEST(random_has_states_of_its_own);
	TEST(random_has_the_known_numbers);
	TEST(characters_are_coded);
	return unit_done();
}
