#!/usr/bin/env python3
"""Writes the kernel's own symbol table, for backtraces, as assembly for the section .ksyms.

    ksyms.py -o OUT.S               an empty table, for the first link
    ksyms.py -o OUT.S KERNEL.elf    the functions of KERNEL.elf
    ksyms.py --same A.elf B.elf     checks that no function moved between two links

The kernel sees (offsets ascending; address = _text + offset):
    extern const uint32_t ksym_count;
    extern const uint32_t ksym_offset[];    function's distance from the linker symbol _text
    extern const uint32_t ksym_name[];      where its name begins in
    extern const char ksym_strings[];
Only functions at or above _text are in it; early boot code that runs at low addresses is not.
"""

import argparse
import sys

import elf


def read(path):
    with open(path, "rb") as f:
        return f.read()


def table(data):
    """(offset, name) of each function, ascending."""
    base = [s.value for s in elf.symbols(data) if s.name == "_text"]
    if not base:
        sys.exit("ksyms.py: the linker script defines no symbol _text")
    found = []
    for address, name in sorted(elf.functions(data).items()):
        offset = address - base[0]
        if 0 <= offset < 1 << 31:
            found.append((offset, name.split(".")[0]))
    return found


def source(entries):
    strings, where, blob = {}, 0, []
    for _, name in entries:
        if name not in strings:
            strings[name] = where
            where += len(name) + 1
            blob.append(name)
    out = ["/* Made by conf/ksyms.py. */", '\t.section .ksyms, "a"', "\t.balign 8"]

    def put(symbol, lines):
        out.extend(["\t.globl %s" % symbol, "%s:" % symbol] + lines)

    put("ksym_count", ["\t.long %d" % len(entries)])
    put("ksym_offset", ["\t.long %d" % offset for offset, _ in entries])
    put("ksym_name", ["\t.long %d" % strings[name] for _, name in entries])
    put("ksym_strings", ['\t.asciz "%s"' % name for name in blob] or ["\t.byte 0"])
    out.append('\t.section .note.GNU-stack, "", %progbits')
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="out")
    parser.add_argument("--same", action="store_true")
    parser.add_argument("kernel", nargs="*")
    args = parser.parse_args()
    if args.same:
        first, second = (elf.functions(read(k)) for k in args.kernel)
        if first != second:
            moved = sorted(set(first.items()) ^ set(second.items()))[:4]
            sys.exit("ksyms.py: functions moved between the links (is .ksyms behind "
                     "everything else in kernel.ld?): %s" % moved)
        return
    with open(args.out, "w") as f:
        f.write(source(table(read(args.kernel[0])) if args.kernel else []))


if __name__ == "__main__":
    main()
