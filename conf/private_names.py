#!/usr/bin/env python3
"""Makes the libraries' names private, so that a program may use any of them for something of its own.

    private_names.py --objcopy OBJCOPY --ar AR --out FOLDER FILE.a|FILE.o ...

What the libraries call among themselves gets the prefix __machr_; under its own name each function and object is there as well, but weak: a
program that has a read(), a panic() or a vm_map() of its own is linked with that, while the libraries go on with theirs. (ISO C 7.1.3: a program
may define every name that is not reserved; the same holds for a strict C program and the names of POSIX, and nobody knows the names of Mach.)
The files go to FOLDER under their own names.

Names that begin with _ are reserved and stay. So do malloc and its relations, which a program may replace for the libraries, too; they become
weak only. Weak definitions, which are there to be replaced, and thread-local objects stay as they are.
"""

import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

import elf

PREFIX = "__machr_"
REPLACED = {"malloc", "free", "calloc", "realloc", "aligned_alloc", "posix_memalign", "malloc_usable_size", "memalign", "valloc", "reallocarray"}
STB_GLOBAL, STT_OBJECT, STT_TLS = 1, 1, 6


def definitions(path):
    """The symbols of an object that others see and a program may want."""
    with open(path, "rb") as f:
        found = elf.symbols(f.read())
    return [s for s in found if s.bind == STB_GLOBAL and s.type != STT_TLS and re.match("[A-Za-z]", s.name)]


def is_renamed(symbol):
    return symbol.name not in REPLACED


def aliases(symbols):
    """objcopy's options for the old names."""
    for s in filter(is_renamed, symbols):
        kind = "object" if s.type == STT_OBJECT else "function"
        yield "--add-symbol"
        yield "%s=%s:%d,weak,%s" % (s.name, s.section.name, s.value, kind)


def convert(objcopy, path, symbols, renamed):
    """One object, in its place; twice, or the added names would be changed."""
    weak = ["--weaken-symbol=" + s.name for s in symbols if not is_renamed(s)]
    subprocess.run([objcopy, "--redefine-syms=" + renamed, *weak, path], check=True)
    subprocess.run([objcopy, *aliases(symbols), path], check=True)


def members(ar, archive, work):
    """Unpacks an archive, each member into a folder of its own, as two may have the same name. Returns their paths in order."""
    counts, paths = collections.Counter(), []
    for name in subprocess.run([ar, "t", archive], check=True, capture_output=True, text=True).stdout.split():
        counts[name] += 1
        folder = os.path.join(work, os.path.basename(archive), str(counts[name]))
        os.makedirs(folder, exist_ok=True)
        paths.append(os.path.join(folder, name))
    for number in range(1, max(counts.values(), default=0) + 1):
        names = [n for n in counts if counts[n] >= number]
        subprocess.run([ar, "xN", str(number), os.path.abspath(archive), *names], check=True, cwd=os.path.join(work, os.path.basename(archive), str(number)))
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--objcopy", "--ar", "--out"):
        parser.add_argument(name, required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        objects = {path: members(args.ar, path, work) if path.endswith(".a") else [shutil.copy(path, work)] for path in args.files}
        found = {path: definitions(path) for paths in objects.values() for path in paths}
        renamed = os.path.join(work, "names")
        with open(renamed, "w") as f:
            f.writelines("%s %s%s\n" % (n, PREFIX, n) for n in sorted({s.name for symbols in found.values() for s in symbols if is_renamed(s)}))
        for path, symbols in found.items():
            convert(args.objcopy, path, symbols, renamed)
        for path, paths in objects.items():
            target = os.path.join(args.out, os.path.basename(path))
            if path.endswith(".a"):
                if os.path.exists(target):
                    os.unlink(target)
                subprocess.run([args.ar, "rcsD", target, *paths], check=True)
            else:
                shutil.move(paths[0], target)


if __name__ == "__main__":
    sys.exit(main())
