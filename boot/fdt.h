/*
 * Reader for flattened device trees (Devicetree Specification 0.4, chapter 5): the description of
 * the machine that QEMU hands over. Pure: no allocation, no output, the blob is only read, every
 * offset in it is checked; a malformed blob looks as if it ended early.
 *
 *	struct fdt tree;
 *	struct fdt_node node;
 *
 *	if (fdt_open(&tree, blob, limit))
 *		for (fdt_root(&tree, &node); node.valid; fdt_next(&node))
 *			if (fdt_is_compatible(&node, "virtio,mmio"))
 *				fdt_reg(&node, 0, &base, &size);
 *
 * Nodes come parents first, in the order of the blob.
 */
#ifndef BOOT_FDT_H
#define BOOT_FDT_H

#include <stdbool.h>
#include <stdint.h>

#define FDT_DEPTH_MAX	8	/* deeper nodes are skipped */

struct fdt {
	const uint8_t *blob;
	uint32_t size;			/* bytes, of the whole blob */
	uint32_t tree, tree_end;	/* offsets of the structure block */
	uint32_t strings, strings_end;
	uint32_t reservations;
};

/* What a node's children inherit. */
struct fdt_scope {
	uint32_t address_cells;		/* 32-bit words of an address in `reg`, */
	uint32_t size_cells;		/* and of a size */
	uint32_t interrupt_parent;	/* phandle */
};

struct fdt_node {
	const struct fdt *fdt;
	bool valid;
	unsigned depth;			/* 0: the root */
	uint32_t offset;		/* of its begin token */
	struct fdt_scope scope[FDT_DEPTH_MAX + 1];	/* [d + 1]: for what is below depth d */
};

/* The size a blob says it has, or 0: that is no device tree. Reads the first 8 bytes. */
uint32_t fdt_blob_size(const void *blob);

/* Checks the header against `limit` readable bytes. Returns false: not a usable device tree. */
bool fdt_open(struct fdt *fdt, const void *blob, uint32_t limit);

/* Entry `index` of the memory reservation block. Returns false past the last. */
bool fdt_reservation(const struct fdt *fdt, unsigned index, uint64_t *base, uint64_t *size);

void fdt_root(const struct fdt *fdt, struct fdt_node *node);
void fdt_next(struct fdt_node *node);

/* "name@unit"; never NULL. */
const char *fdt_name(const struct fdt_node *node);

/* The bytes of a property (big endian) and their number, or NULL. */
const void *fdt_property(const struct fdt_node *node, const char *name, uint32_t *length);

/* A property as 0-terminated text, or NULL. */
const char *fdt_string(const struct fdt_node *node, const char *name);

/* Word `index` of a property, or `fallback`. */
uint32_t fdt_word(const struct fdt_node *node, const char *name, unsigned index, uint32_t fallback);

/* Whether `compatible` lists the name; whether a text property equals a value. */
bool fdt_is_compatible(const struct fdt_node *node, const char *name);
bool fdt_string_is(const struct fdt_node *node, const char *name, const char *value);

/*
 * Pair `index` of `reg`, in the parent's cell sizes. size may be NULL. Returns false: no such pair.
 */
bool fdt_reg(const struct fdt_node *node, unsigned index, uint64_t *base, uint64_t *size);

/* The phandle of the controller that `interrupts` refers to, inherited if need be; 0: none. */
uint32_t fdt_interrupt_parent(const struct fdt_node *node);

/* Finds the node whose phandle it is. Returns false: none. */
bool fdt_by_phandle(const struct fdt *fdt, uint32_t phandle, struct fdt_node *node);

#endif
