"""Page-table walks by the host: what the hardware would do with an address.

walk() reads the tables from physical memory through the GDB stub, so it knows nothing of the
kernel's own data and says what is true whatever the kernel prints.

    aarch64  48 bits, 4 KB: bits 47-39, 38-30, 29-21, 20-12 index four tables of 512 entries;
             entry: bit 0 valid, bit 1 table (at level 3: page), output address in bits 47-12
    x86_64   the same split; entry: bit 0 present, bit 7 large, address in bits 51-12
"""

from collections import namedtuple

# A mapping found: physical address, size of the page, may it be written, executed (by the kernel), used by users.
Mapping = namedtuple("Mapping", "physical size write execute user")

ADDRESS = 0x0000fffffffff000


def walk(stub, arch, address):
    """The Mapping of a virtual address in the current address space, or None."""
    if not (address >> 47 == 0 or address >> 47 == 0x1ffff):
        return None
    return _walk_aarch64(stub, address) if arch == "aarch64" else _walk_x86_64(stub, address)


def _entries(stub, root, address, is_leaf):
    """Yields (level, entry) down to the leaf; stops at an invalid entry."""
    table = root & ADDRESS
    for level in range(4):
        shift = 39 - 9 * level
        entry = stub.word(table + (address >> shift & 511) * 8, physical=True)
        yield shift, entry
        if not entry & 1 or is_leaf(level, entry):
            return
        table = entry & ADDRESS


def _leaf(stub, root, address, is_leaf):
    path = list(_entries(stub, root, address, is_leaf))
    shift, entry = path[-1]
    if not entry & 1:
        return None
    size = 1 << shift
    return path, size, (entry & ADDRESS & ~(size - 1)) | (address & (size - 1))


def _walk_aarch64(stub, address):
    root = stub.register("ttbr1_el1" if address >> 63 else "ttbr0_el1")
    found = _leaf(stub, root, address, lambda level, entry: level == 3 or not entry & 2)
    if not found:
        return None
    path, size, physical = found
    entry = path[-1][1]
    return Mapping(physical, size, not entry & 1 << 7, not entry & 1 << 53, bool(entry & 1 << 6))


def _walk_x86_64(stub, address):
    found = _leaf(stub, stub.register("cr3"), address, lambda level, entry: level == 3 or entry & 0x80)
    if not found:
        return None
    path, size, physical = found
    every = [entry for _, entry in path]
    return Mapping(physical, size, all(e & 2 for e in every), not any(e >> 63 for e in every),
                   all(e & 4 for e in every))
