#!/usr/bin/env python3
"""Prints the size of release kernels against the limit; status 1 if one is too big.

    size.py ARCH=KERNEL.elf ...
"""

import sys

import elf

LIMIT = 200 * 1024


def groups(path):
    """Bytes of text, rodata, data, symbols, bss of a kernel file; every loaded section counts somewhere."""
    sums = dict.fromkeys(("text", "rodata", "data", "symbols", "bss"), 0)
    with open(path, "rb") as f:
        data = f.read()
    for s in elf.sections(data):
        if not s.flags & elf.SHF_ALLOC:
            continue
        if s.type == elf.SHT_NOBITS:
            kind = "bss"
        elif s.name == ".ksyms":
            kind = "symbols"
        elif s.flags & elf.SHF_EXEC:
            kind = "text"
        else:
            kind = "data" if s.flags & elf.SHF_WRITE else "rodata"
        sums[kind] += s.size
    return sums


def main():
    too_big = False
    for arch, path in (a.split("=", 1) for a in sys.argv[1:]):
        size = groups(path)
        total = size["text"] + size["rodata"] + size["data"]
        print("%-8s kernel  %7d bytes = text %d + rodata %d + data %d  (limit %d; bss %d)" % (
            arch, total, size["text"], size["rodata"], size["data"], LIMIT, size["bss"]))
        print("%-8s panic symbols %d bytes" % (arch, size["symbols"]))
        if total > LIMIT:
            print("%-8s is %d bytes over the limit" % (arch, total - LIMIT), file=sys.stderr)
            too_big = True
    return too_big


if __name__ == "__main__":
    sys.exit(main())
