"""Exercise 1.7: the kernel heap."""

from lab1_base import FRAME, lab1
from lib import observed
from lib.observed import some


CLASSES = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192, 16384)
ORDERS = (0,) * 13 + (1, 2)


def class_of(size):
    return next(i for i, c in enumerate(CLASSES) if c >= size)


@lab1("lab1-heap-objects", exercise="1.7", look="slab_create, slab_take, slab_give; the picture at the top of kern/mm/kalloc.c")
def heap_objects(s):
    """Objects are aligned, disjoint, keep what is written into them; frames are not shared between types and sizes."""
    _, found = observed.run(s, "lab1-objects")
    held, owner = {}, {}
    for line in some(found, "took", "gave"):
        if line.word == "gave":
            address, size, damaged = line
            s.check(not damaged, "an object of %d bytes at 0x%x holds what was written" % (size, address), "all of it",
                    "%d of %d words are different: somebody else had the memory too" % (damaged, size // 8))
            _, kind = held.pop(address)
            for frame in {address // FRAME, (address + size - 1) // FRAME}:
                owner[frame][1] -= 1
            continue
        address, size, kind = line
        length = CLASSES[class_of(size)]
        s.check(address, "kalloc_raw(%d)" % size, "memory", "NULL")
        s.check(address % 16 == 0, "objects of %d bytes are aligned" % size, "a multiple of 16", hex(address))
        for other, (bytes_, _) in held.items():
            s.check(address + length <= other or other + bytes_ <= address, "objects do not overlap",
                    "0x%x + %d is in use" % (other, bytes_), "0x%x + %d" % (address, length))
        for frame in {address // FRAME, (address + size - 1) // FRAME}:
            used = owner.setdefault(frame, [None, 0])
            s.check(not used[1] or used[0] == (kind, length), "a frame holds objects of one type and one size",
                    "type %d, %d bytes" % (used[0] or (0, 0)), "also type %d, %d bytes" % (kind, length))
            used[0], used[1] = (kind, length), used[1] + 1
        held[address] = (length, kind)
    before, after = (line[0] for line in some(found, "heap"))
    s.equal("frames of the heap before and after all this", before, after)
    s.check(len(some(found, "took")) > 300, "objects were taken", "more than 300", len(some(found, "took")))


def slab_rows(s):
    """[(bytes, count, frames one slab has, objects it holds, growth by step...)]"""
    _, found = observed.run(s, "lab1-slabs")
    rows = []
    for size, count, before, filled, half, again, empty in some(found, "frames"):
        order = ORDERS[class_of(size)]
        per = (FRAME << order) // CLASSES[class_of(size)]
        need = -(-count // per) << order
        rows.append((size, count, 1 << order, per, need, filled - before, half - before, again - before, empty - before))
    s.equal("sizes tried", 8, len(rows))
    return rows


@lab1("lab1-heap-packed", exercise="1.7", look="slab_create: a slab is cut into as many objects as fit; slab_take uses all of them")
def heap_packed(s):
    """Objects share frames: no more slabs than needed."""
    for size, count, slab, per, need, filled, _, again, _ in slab_rows(s):
        s.check(need <= filled <= need + slab, "frames for %d objects of %d bytes (%d fit into a slab of %d frame%s)"
                % (count, size, per, slab, "s" if slab > 1 else ""), "%d, one slab more at most" % need, filled)
        s.check(again <= filled + slab, "frames after every other object of %d bytes was given back and as many taken again" % size,
                "%d: slabs with free objects are used first" % filled, again)


@lab1("lab1-heap-returned", exercise="1.7", look="slab_give: when does a slab give its frames back?")
def heap_returned(s):
    """When all objects are given back, in any order, all frames are."""
    for size, count, slab, per, need, filled, half, again, empty in slab_rows(s):
        s.check(empty == 0, "frames that stay with the heap after all %d objects of %d bytes were given back" % (count, size), 0, empty)
        s.check(half <= filled, "frames after every other object was given back", "at most %d" % filled, half)
