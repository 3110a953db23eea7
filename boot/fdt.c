/*
 * Reader for flattened device trees; see fdt.h.
 *
 *	header (10 words, big endian)  | reservation pairs | structure block of tokens | strings
 *
 *	begin-node 1, name, 0-padded to 4	end-node 2	nop 4	end 9
 *	property 3, length, offset of its name in the strings, value padded to 4
 */
#include "fdt.h"

#include <stddef.h>

#define MAGIC		0xd00dfeedu
#define HEADER_SIZE	40u
#define VERSION		17u		/* structure as described above */

enum token {
	TOKEN_BEGIN = 1, TOKEN_END_NODE = 2, TOKEN_PROPERTY = 3, TOKEN_NOP = 4, TOKEN_END = 9,
};

static uint32_t
word_of(const void *where)
{
	const uint8_t *b = where;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool
same(const char *left, const char *right)
{
	while (*left != 0 && *left == *right)
		left++, right++;
	return *left == *right;
}

/* Whether the text at an offset ends before `end`. */
static bool
terminated(const struct fdt *fdt, uint32_t offset, uint32_t end)
{
	for (; offset < end; offset++)
		if (fdt->blob[offset] == 0)
			return true;
	return false;
}

uint32_t
fdt_blob_size(const void *blob)
{
	return word_of(blob) == MAGIC ? word_of((const uint8_t *)blob + 4) : 0;
}

bool
fdt_open(struct fdt *fdt, const void *blob, uint32_t limit)
{
	const uint8_t *b = blob;

	if (limit < HEADER_SIZE)
		return false;
	fdt->blob = b;
	fdt->size = fdt_blob_size(blob);
	if (fdt->size < HEADER_SIZE || fdt->size > limit)
		return false;
	if (word_of(b + 20) < VERSION || word_of(b + 24) > VERSION)
		return false;
	fdt->tree = word_of(b + 8);
	fdt->strings = word_of(b + 12);
	fdt->reservations = word_of(b + 16);
	if ((fdt->tree & 3) != 0 || fdt->tree > fdt->size ||
	    word_of(b + 36) > fdt->size - fdt->tree)
		return false;
	if (fdt->strings > fdt->size || word_of(b + 32) > fdt->size - fdt->strings)
		return false;
	fdt->tree_end = fdt->tree + word_of(b + 36);
	fdt->strings_end = fdt->strings + word_of(b + 32);
	return true;
}

static uint64_t
cells(const uint8_t *where, uint32_t count)
{
	uint64_t value = 0;

	while (count-- > 0) {
		value = value << 32 | word_of(where);
		where += 4;
	}
	return value;
}

bool
fdt_reservation(const struct fdt *fdt, unsigned index, uint64_t *base, uint64_t *size)
{
	uint64_t offset = (uint64_t)fdt->reservations;

	for (;; offset += 16) {
		if (offset + 16 > fdt->size)
			return false;
		*base = cells(fdt->blob + offset, 2);
		*size = cells(fdt->blob + offset + 8, 2);
		if (*base == 0 && *size == 0)
			return false;
		if (index-- == 0)
			return true;
	}
}

/* --- tokens --- */

static uint32_t
token_at(const struct fdt *fdt, uint32_t offset)
{
	if (offset >= fdt->tree_end || fdt->tree_end - offset < 4)
		return TOKEN_END;
	return word_of(fdt->blob + offset);
}

/* Offset of the token after the one at `offset`; tree_end if it is malformed or the last. */
static uint32_t
token_after(const struct fdt *fdt, uint32_t offset)
{
	uint32_t left = fdt->tree_end - offset, length;

	switch (token_at(fdt, offset)) {
	case TOKEN_NOP:
	case TOKEN_END_NODE:
		return offset + 4;
	case TOKEN_BEGIN:
		if (!terminated(fdt, offset + 4, fdt->tree_end))
			return fdt->tree_end;
		for (length = 0; fdt->blob[offset + 4 + length] != 0; length++)
			continue;
		length = 4 + ((length + 4) & ~3u);
		return length > left ? fdt->tree_end : offset + length;
	case TOKEN_PROPERTY:
		if (left < 12)
			return fdt->tree_end;
		length = word_of(fdt->blob + offset + 4);
		if (length > left - 12)
			return fdt->tree_end;
		length = 12 + ((length + 3) & ~3u);
		return length > left ? fdt->tree_end : offset + length;
	default:
		return fdt->tree_end;
	}
}

/* The property token's name, or "" if it lies outside the strings. */
static const char *
property_name(const struct fdt *fdt, uint32_t offset)
{
	uint32_t name = word_of(fdt->blob + offset + 8);

	if (name >= fdt->strings_end - fdt->strings ||
	    !terminated(fdt, fdt->strings + name, fdt->strings_end))
		return "";
	return (const char *)fdt->blob + fdt->strings + name;
}

const void *
fdt_property(const struct fdt_node *node, const char *name, uint32_t *length)
{
	const struct fdt *fdt = node->fdt;

	for (uint32_t at = token_after(fdt, node->offset);; at = token_after(fdt, at)) {
		uint32_t token = token_at(fdt, at);

		if (token == TOKEN_NOP)
			continue;
		/* A property whose value does not fit has no token after it. */
		if (token != TOKEN_PROPERTY || token_after(fdt, at) - at < 12)
			return NULL;
		if (word_of(fdt->blob + at + 4) > fdt->tree_end - at - 12)
			return NULL;
		if (same(property_name(fdt, at), name)) {
			*length = word_of(fdt->blob + at + 4);
			return fdt->blob + at + 12;
		}
	}
}

/* --- nodes --- */

static void
node_enter(struct fdt_node *node, uint32_t offset, unsigned depth)
{
	struct fdt_scope *scope = &node->scope[depth + 1];

	node->offset = offset;
	node->depth = depth;
	node->valid = true;
	scope->address_cells = fdt_word(node, "#address-cells", 0, 2);
	scope->size_cells = fdt_word(node, "#size-cells", 0, 1);
	scope->interrupt_parent = fdt_word(node, "interrupt-parent", 0,
	    node->scope[depth].interrupt_parent);
}

void
fdt_root(const struct fdt *fdt, struct fdt_node *node)
{
	uint32_t at = fdt->tree;

	node->fdt = fdt;
	node->valid = false;
	node->scope[0] = (struct fdt_scope){ 2, 1, 0 };
	while (token_at(fdt, at) == TOKEN_NOP)
		at += 4;
	if (token_at(fdt, at) == TOKEN_BEGIN && token_after(fdt, at) < fdt->tree_end)
		node_enter(node, at, 0);
}

void
fdt_next(struct fdt_node *node)
{
	const struct fdt *fdt = node->fdt;
	unsigned depth = node->depth + 1;	/* of a node that begins at `at` */

	for (uint32_t at = token_after(fdt, node->offset); depth > 0; at = token_after(fdt, at))
		switch (token_at(fdt, at)) {
		case TOKEN_NOP:
		case TOKEN_PROPERTY:
			break;
		case TOKEN_BEGIN:
			if (depth < FDT_DEPTH_MAX && token_after(fdt, at) < fdt->tree_end) {
				node_enter(node, at, depth);
				return;
			}
			depth++;
			break;
		case TOKEN_END_NODE:
			depth--;
			break;
		default:
			depth = 0;
			break;
		}
	node->valid = false;
}

const char *
fdt_name(const struct fdt_node *node)
{
	return (const char *)node->fdt->blob + node->offset + 4;
}

const char *
fdt_string(const struct fdt_node *node, const char *name)
{
	uint32_t length;
	const char *text = fdt_property(node, name, &length);

	return text != NULL && length > 0 && text[length - 1] == 0 ? text : NULL;
}

uint32_t
fdt_word(const struct fdt_node *node, const char *name, unsigned index, uint32_t fallback)
{
	uint32_t length;
	const uint8_t *words = fdt_property(node, name, &length);

	return words != NULL && index < length / 4 ? word_of(words + 4 * index) : fallback;
}

bool
fdt_is_compatible(const struct fdt_node *node, const char *name)
{
	uint32_t length;
	const char *list = fdt_property(node, "compatible", &length), *start = list;

	if (list == NULL || length == 0 || list[length - 1] != 0)
		return false;
	for (uint32_t at = 0; at < length; at++)
		if (list[at] == 0) {
			if (same(start, name))
				return true;
			start = list + at + 1;
		}
	return false;
}

bool
fdt_string_is(const struct fdt_node *node, const char *name, const char *value)
{
	const char *text = fdt_string(node, name);

	return text != NULL && same(text, value);
}

bool
fdt_reg(const struct fdt_node *node, unsigned index, uint64_t *base, uint64_t *size)
{
	const struct fdt_scope *scope = &node->scope[node->depth];
	uint32_t length, pair;
	const uint8_t *reg = fdt_property(node, "reg", &length);

	if (scope->address_cells > 4 || scope->size_cells > 4)
		return false;
	pair = 4 * (scope->address_cells + scope->size_cells);
	if (reg == NULL || pair == 0 || index >= length / pair)
		return false;
	reg += index * pair;
	*base = cells(reg, scope->address_cells);
	if (size != NULL)
		*size = cells(reg + 4 * scope->address_cells, scope->size_cells);
	return true;
}

uint32_t
fdt_interrupt_parent(const struct fdt_node *node)
{
	return fdt_word(node, "interrupt-parent", 0, node->scope[node->depth].interrupt_parent);
}

bool
fdt_by_phandle(const struct fdt *fdt, uint32_t phandle, struct fdt_node *node)
{
	for (fdt_root(fdt, node); node->valid; fdt_next(node))
		if (fdt_word(node, "phandle", 0, 0) == phandle)
			return true;
	return false;
}
