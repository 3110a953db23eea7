/*
 * squeeze - compresses with LZ77 and canonical Huffman codes.
 *
 *	squeeze [-d] [-v] < in > out		-d: expands; -v: says how much it saved
 *	squeeze -t < in				tests: compresses and expands in memory, compares
 *
 * Format: "SQZ1", length (4 bytes, little endian), CRC-32 (4 bytes), 288 + 30 code lengths (4 bits each), codes, end-of-block 256.
 * Lengths and distances use the classes of RFC 1951, computed rather than tabulated.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW		32768
#define HASHES		16384
#define MATCH_LEAST	3
#define MATCH_MOST	258
#define CHAIN		64
#define END		256
#define SYMBOLS		288
#define DISTANCES	30
#define BITS_MOST	15

struct bytes {
	uint8_t *data;
	size_t size, room;
	unsigned hold, held;	/* bits on their way, lowest first */
};

struct token {
	uint16_t length;	/* 0: a literal */
	uint16_t value;		/* literal or distance */
};

struct code {
	uint8_t length[SYMBOLS];
	uint16_t bits[SYMBOLS];
	int count;
};

static void
die(const char *what)
{
	fprintf(stderr, "squeeze: %s\n", what);
	exit(1);
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		die("out of memory");
	return memory;
}

static void
put_byte(struct bytes *b, int byte)
{
	if (b->size == b->room) {
		b->room = b->room ? 2 * b->room : 4096;
		b->data = checked(realloc(b->data, b->room));
	}
	b->data[b->size++] = byte;
}

static void
put_bits(struct bytes *b, unsigned value, int count)
{
	b->hold |= value << b->held;
	b->held += count;
	while (b->held >= 8) {
		put_byte(b, b->hold & 0xff);
		b->hold >>= 8;
		b->held -= 8;
	}
}

static void
flush_bits(struct bytes *b)
{
	if (b->held > 0)
		put_byte(b, b->hold & 0xff);
	b->hold = b->held = 0;
}

static uint32_t
crc32(const uint8_t *data, size_t size)
{
	static uint32_t table[256];
	uint32_t crc = ~0u;

	if (table[1] == 0)
		for (uint32_t n = 0; n < 256; n++) {
			uint32_t c = n;

			for (int k = 0; k < 8; k++)
				c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
			table[n] = c;
		}
	for (size_t i = 0; i < size; i++)
		crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

/* --- classes of lengths (257 and up) and distances: class, its first value, extra bits --- */

static int
class_of(unsigned value, unsigned least, int group, unsigned *first, int *extra)
{
	unsigned at = least;

	for (int class = 0;; class++) {
		*extra = class < 2 * group ? 0 : class / group - 1;
		if (value < at + (1u << *extra)) {
			*first = at;
			return class;
		}
		at += 1u << *extra;
	}
}

static unsigned
class_first(int class, unsigned least, int group, int *extra)
{
	unsigned at = least;

	for (int c = 0; c < class; c++)
		at += 1u << (c < 2 * group ? 0 : c / group - 1);
	*extra = class < 2 * group ? 0 : class / group - 1;
	return at;
}

/* --- LZ77 --- */

static unsigned
hash(const uint8_t *p)
{
	return (p[0] * 2654435761u ^ p[1] * 40503u ^ p[2] * 2246822519u) >> 7 & (HASHES - 1);
}

static struct token *
find_matches(const uint8_t *data, size_t size, size_t *count)
{
	struct token *tokens = checked(malloc((size + 1) * sizeof(*tokens)));
	long *head = checked(malloc(HASHES * sizeof(*head))), *before = checked(malloc(WINDOW * sizeof(*before)));
	size_t at = 0;

	for (int i = 0; i < HASHES; i++)
		head[i] = -1;
	*count = 0;
	while (at < size) {
		size_t best = 0, distance = 0, most = size - at < MATCH_MOST ? size - at : MATCH_MOST, step;

		if (most >= MATCH_LEAST) {
			long from = head[hash(data + at)];

			for (int tries = 0; tries < CHAIN && from >= 0 && at - from < WINDOW; tries++) {
				size_t length = 0;

				while (length < most && data[from + length] == data[at + length])
					length++;
				if (length > best)
					best = length, distance = at - from;
				from = before[from % WINDOW];
			}
		}
		tokens[(*count)++] = best >= MATCH_LEAST ? (struct token){ best, distance } : (struct token){ 0, data[at] };
		for (step = best >= MATCH_LEAST ? best : 1; step > 0; step--, at++)
			if (size - at >= MATCH_LEAST) {
				before[at % WINDOW] = head[hash(data + at)];
				head[hash(data + at)] = at;
			}
	}
	free(head);
	free(before);
	return tokens;
}

/* --- Huffman --- */

struct node {
	unsigned long weight;
	int symbol, left, right;	/* symbol -1: an inner node */
};

static struct node nodes[2 * SYMBOLS];

static int
by_weight(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return x->symbol - y->symbol;
}

static int
measure_depths(struct code *code, int node, int depth)
{
	int left, right;

	if (nodes[node].symbol >= 0) {
		code->length[nodes[node].symbol] = depth > 0 ? depth : 1;
		return depth;
	}
	left = measure_depths(code, nodes[node].left, depth + 1);
	right = measure_depths(code, nodes[node].right, depth + 1);
	return left > right ? left : right;
}

/* Two queues: leaves in order of weight, inner nodes in the order they were made. Returns the greatest depth. */
static int
build_lengths(struct code *code, const unsigned long *weights)
{
	int leaves = 0, made, leaf = 0, inner, pair[2];

	memset(code->length, 0, sizeof(code->length));
	for (int i = 0; i < code->count; i++)
		if (weights[i] > 0)
			nodes[leaves++] = (struct node){ weights[i], i, -1, -1 };
	if (leaves == 0)
		return 0;
	qsort(nodes, leaves, sizeof(nodes[0]), by_weight);
	made = inner = leaves;
	while (made < 2 * leaves - 1) {
		for (int i = 0; i < 2; i++)
			pair[i] = inner == made || (leaf < leaves && nodes[leaf].weight <= nodes[inner].weight) ? leaf++ : inner++;
		nodes[made++] = (struct node){ nodes[pair[0]].weight + nodes[pair[1]].weight, -1, pair[0], pair[1] };
	}
	return measure_depths(code, made - 1, 0);
}

static void
assign_bits(struct code *code)
{
	unsigned next = 0;

	for (int length = 1; length <= BITS_MOST; length++, next <<= 1)
		for (int i = 0; i < code->count; i++)
			if (code->length[i] == length) {
				unsigned reversed = 0;

				for (int bit = 0; bit < length; bit++)
					reversed |= (next >> bit & 1) << (length - 1 - bit);
				code->bits[i] = reversed;
				next++;
			}
}

static void
build_code(struct code *code, unsigned long *weights)
{
	while (build_lengths(code, weights) > BITS_MOST)
		for (int i = 0; i < code->count; i++)
			weights[i] = (weights[i] + 1) / 2;
	assign_bits(code);
}

/* --- both directions --- */

static void
put_symbol(struct bytes *out, const struct code *code, int symbol)
{
	put_bits(out, code->bits[symbol], code->length[symbol]);
}

static struct bytes
compress(const uint8_t *data, size_t size)
{
	static const char magic[] = "SQZ1";
	unsigned long weights[SYMBOLS] = { [END] = 1 }, far[SYMBOLS] = { 0 };
	struct code symbols = { .count = SYMBOLS }, distances = { .count = DISTANCES };
	struct bytes out = { 0 };
	uint32_t words[2] = { size, crc32(data, size) };
	unsigned first;
	size_t count;
	int extra, class;
	struct token *tokens = find_matches(data, size, &count);

	for (size_t i = 0; i < count; i++) {
		if (tokens[i].length == 0) {
			weights[tokens[i].value]++;
			continue;
		}
		weights[END + 1 + class_of(tokens[i].length, MATCH_LEAST, 4, &first, &extra)]++;
		far[class_of(tokens[i].value, 1, 2, &first, &extra)]++;
	}
	build_code(&symbols, weights);
	build_code(&distances, far);
	for (int i = 0; i < 4; i++)
		put_byte(&out, magic[i]);
	for (int i = 0; i < 64; i += 8)
		put_byte(&out, words[i / 32] >> i % 32 & 0xff);
	for (int i = 0; i < SYMBOLS; i++)
		put_bits(&out, symbols.length[i], 4);
	for (int i = 0; i < DISTANCES; i++)
		put_bits(&out, distances.length[i], 4);
	for (size_t i = 0; i < count; i++) {
		if (tokens[i].length == 0) {
			put_symbol(&out, &symbols, tokens[i].value);
			continue;
		}
		class = class_of(tokens[i].length, MATCH_LEAST, 4, &first, &extra);
		put_symbol(&out, &symbols, END + 1 + class);
		put_bits(&out, tokens[i].length - first, extra);
		class = class_of(tokens[i].value, 1, 2, &first, &extra);
		put_symbol(&out, &distances, class);
		put_bits(&out, tokens[i].value - first, extra);
	}
	put_symbol(&out, &symbols, END);
	flush_bits(&out);
	free(tokens);
	return out;
}

struct reader {
	const uint8_t *data;
	size_t size, at;	/* at: in bits */
};

static unsigned
get_bits(struct reader *in, int count)
{
	unsigned value = 0;

	for (int i = 0; i < count; i++, in->at++) {
		if (in->at / 8 >= in->size)
			die("the input ends too early");
		value |= (in->data[in->at / 8] >> in->at % 8 & 1u) << i;
	}
	return value;
}

/* A canonical code needs no tree: the codes of one length are consecutive. */
static int
get_symbol(struct reader *in, const struct code *code)
{
	unsigned value = 0, first = 0;

	for (int length = 1; length <= BITS_MOST; length++) {
		unsigned index = 0;

		value = value << 1 | get_bits(in, 1);
		for (int i = 0; i < code->count; i++)
			if (code->length[i] == length && first + index++ == value)
				return i;
		first = (first + index) << 1;
	}
	die("not a code");
	return 0;
}

static void
copy_match(struct bytes *out, struct reader *in, const struct code *distances, int class)
{
	int extra;
	unsigned length = class_first(class, MATCH_LEAST, 4, &extra), distance;

	length += get_bits(in, extra);
	class = get_symbol(in, distances);
	distance = class_first(class, 1, 2, &extra);
	distance += get_bits(in, extra);
	if (distance > out->size)
		die("a match before the beginning");
	while (length-- > 0)
		put_byte(out, out->data[out->size - distance]);
}

static struct bytes
expand(const uint8_t *data, size_t size)
{
	struct code symbols = { .count = SYMBOLS }, distances = { .count = DISTANCES };
	struct reader in = { data, size, 0 };
	struct bytes out = { 0 };
	uint32_t length, crc;
	int symbol;

	if (size < 12 || memcmp(data, "SQZ1", 4) != 0)
		die("not made by squeeze");
	in.at = 32;
	length = get_bits(&in, 32);
	crc = get_bits(&in, 32);
	for (int i = 0; i < SYMBOLS; i++)
		symbols.length[i] = get_bits(&in, 4);
	for (int i = 0; i < DISTANCES; i++)
		distances.length[i] = get_bits(&in, 4);
	while ((symbol = get_symbol(&in, &symbols)) != END) {
		if (symbol < END)
			put_byte(&out, symbol);
		else
			copy_match(&out, &in, &distances, symbol - END - 1);
	}
	if (out.size != length || crc32(out.data, out.size) != crc)
		die("the contents are damaged");
	return out;
}

static struct bytes
read_all(FILE *file)
{
	struct bytes b = { 0 };
	uint8_t piece[4096];
	size_t got;

	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		for (size_t i = 0; i < got; i++)
			put_byte(&b, piece[i]);
	if (ferror(file))
		die("cannot read");
	return b;
}

static void
test(const struct bytes *in)
{
	struct bytes packed = compress(in->data, in->size), again = expand(packed.data, packed.size);

	if (again.size != in->size || memcmp(again.data, in->data, in->size) != 0)
		die("what comes back is not what went in");
	printf("%zu -> %zu bytes, crc %08x, packed %08x\n", in->size, packed.size, (unsigned)crc32(in->data, in->size),
		(unsigned)crc32(packed.data, packed.size));
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "decompress", no_argument, NULL, 'd' }, { "verbose", no_argument, NULL, 'v' }, { "test", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	bool backwards = false, verbose = false, testing = false;
	struct bytes in, out;
	int option;

	while ((option = getopt_long(argc, argv, "dvt", longs, NULL)) != -1) {
		if (option == '?')
			return 2;
		backwards |= option == 'd';
		verbose |= option == 'v';
		testing |= option == 't';
	}
	in = read_all(stdin);
	if (testing) {
		test(&in);
		return 0;
	}
	out = backwards ? expand(in.data, in.size) : compress(in.data, in.size);
	if (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout) != 0)
		die("cannot write");
	if (verbose)
		fprintf(stderr, "%zu -> %zu bytes, %.1f %%\n", in.size, out.size,
			in.size > 0 ? 100.0 * out.size / in.size : 0.0);
	return 0;
}
