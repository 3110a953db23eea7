#!/usr/bin/env python3
"""Where the instructions of one operation go: single-steps it in QEMU and counts by function and by line.

    steps.py [--build FOLDER] [--skip N] [--hits N] [--list] [--append WORDS] ARCH SYMBOL

Boots the benchmark program (make bench), lets the SYMBOL of the kernel be reached N times (--skip, so that caches are
warm), then steps until it has been reached --hits times more: 1 is one call of it, 2 of trap_fast_message is
one RPC. Inlined functions count as themselves. --list prints every instruction in the order it ran, with its line.

    steps.py --skip 300 --hits 2 aarch64 trap_fast_message
"""

import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time

import bench
import qemu

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "grade"))
from lib.gdbstub import Stub  # noqa: E402

PC = {"aarch64": "pc", "x86_64": "rip"}
TOOLS = {"aarch64": "aarch64-linux-gnu-", "x86_64": "x86_64-linux-gnu-"}
STEPS_MAX = 200000


def tool(arch, name):
    """The binutils program that reads this architecture."""
    for prefix in (TOOLS[arch], ""):
        if not subprocess.run(["which", prefix + name], stdout=subprocess.DEVNULL).returncode:
            return prefix + name
    sys.exit("not found: " + TOOLS[arch] + name)


def symbol_address(arch, kernel, name):
    for line in subprocess.check_output([tool(arch, "nm"), kernel], text=True).splitlines():
        fields = line.split()
        if fields[-1] == name:
            return int(fields[0], 16)
    sys.exit("no symbol %s in %s" % (name, kernel))


def connect(path):
    for _ in range(200):
        try:
            return Stub(path)
        except OSError:
            time.sleep(0.05)
    sys.exit("QEMU's GDB stub does not answer")


def step(stub, pc_name, address, skip, hits):
    """The addresses executed from the skipped hits on until `hits` more."""
    for _ in range(skip):
        if not stub.run_to(address, 60):
            sys.exit("the symbol is not reached so often")
        stub.ask("s")
    if not stub.run_to(address, 60):
        sys.exit("the symbol is not reached so often")
    trace = []
    while hits > 0 and len(trace) < STEPS_MAX:
        trace.append(stub.register(pc_name))
        stub.ask("s")
        hits -= stub.register(pc_name) == address
    return trace


def places(arch, elf, addresses):
    """{address: [(function, file:line), ...]}, innermost first."""
    text = subprocess.run([tool(arch, "addr2line"), "-a", "-i", "-f", "-e", elf],
                          input="\n".join("%#x" % a for a in addresses), stdout=subprocess.PIPE, text=True).stdout
    found, frames, lines = {}, None, text.splitlines()
    number = 0
    while number < len(lines):
        if lines[number].startswith("0x"):
            frames = found[int(lines[number], 16)] = []
            number += 1
        else:
            where = lines[number + 1].split(" (")[0].split("/")
            frames.append((lines[number], "/".join(where[-2:])))
            number += 2
    return found


def disassembly(arch, elf):
    text = subprocess.check_output([tool(arch, "objdump"), "-d", "--no-show-raw-insn", elf], text=True)
    found = {}
    for line in text.splitlines():
        head, colon, rest = line.partition(":\t")
        if colon:
            found[int(head, 16)] = " ".join(rest.split())
    return found


def report(arch, trace, kernel, program, listing):
    split = 1 << 63
    where = {}
    for elf, part in ((kernel, [a for a in set(trace) if a >= split]), (program, [a for a in set(trace) if a < split])):
        where.update(places(arch, elf, part))
    if listing:
        code = {**disassembly(arch, kernel), **disassembly(arch, program)}
        for a in trace:
            print("%016x %-44s %s" % (a, code.get(a, "?"), " < ".join("%s %s" % f for f in where.get(a, [])[:3])))
    outer = collections.Counter(where[a][-1][0] if where.get(a) else "?" for a in trace)
    inner = collections.Counter("%s in %s" % (where[a][0][0], where[a][-1][0]) if where.get(a) else "?" for a in trace)
    print("%d instructions, %d of them in user mode" % (len(trace), sum(a < split for a in trace)))
    for title, counts in (("function", outer), ("with inlined ones apart", inner)):
        print("\n%s" % title)
        for name, count in counts.most_common():
            print("%6d  %s" % (count, name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("arch", choices=sorted(PC))
    parser.add_argument("symbol")
    parser.add_argument("--build", default="build")
    parser.add_argument("--skip", type=int, default=300)
    parser.add_argument("--hits", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--append", default="")
    args = parser.parse_args()
    folder = os.path.join(args.build, args.arch)
    kernel = os.path.join(folder, "kernel.elf")
    address = symbol_address(args.arch, kernel, args.symbol)
    with tempfile.TemporaryDirectory() as temp:
        path = os.path.join(temp, "gdb")
        argv = qemu.command(args.arch, os.path.join(folder, bench.KERNEL[args.arch]), os.path.join(folder, "boot.tar"),
                            append="init=boot/test/bench panic=off " + args.append, console="null",
                            extra=["-gdb", "unix:%s,server,nowait" % path, "-S"])
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as machine:
            try:
                trace = step(connect(path), PC[args.arch], address, args.skip, args.hits)
            finally:
                machine.kill()
    report(args.arch, trace, kernel, os.path.join(folder, "boottest", "bench"), args.list)


if __name__ == "__main__":
    main()
