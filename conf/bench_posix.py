#!/usr/bin/env python3
"""make bench-posix: what POSIX calls cost, beside the same C program on Linux in the same QEMU.

    bench_posix.py [--build FOLDER] [--no-linux] [--wall] ARCH...

Runs user/test/bench_posix.c here and on a Linux guest (conf/linux.py), one CPU, and prints instructions for each operation (exact under
-icount), address-space switches, the time it took on the host (the time between two lines of the same run, whatever stands between), and the ratio of
instructions; --wall adds a run each without -icount, for ratios of wall time. Adds objects with arch, name, instructions, switches, run_ns, wall_ns, peer and
ratio (ours to Linux's instructions) to FOLDER/bench.json. The last line is `N passed, N failed`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import linux
import qemu

SOURCE = "user/test/bench_posix.c"
SHIFT = {"aarch64": 4, "x86_64": 0}     # the counters' step, as in conf/bench.py
KERNEL = {"aarch64": "kernel.img", "x86_64": "kernel.elf"}
SECONDS = 600
COMMAND = "/test/bench_posix /tmp; poweroff\r"


def counting(arch, exact, sleep="off"):
    """With sleep=off an idle machine's clock leaps to its next timer, so a disk of the host's seems to take seconds: where it is read, "on"."""
    return ["-icount", "shift=%d,sleep=%s" % (SHIFT[arch], sleep)] if exact else []


def rows(text, arch, exact):
    """{name: ns, or instructions}"""
    scale = 2 ** SHIFT[arch] if exact else 1
    return {name: int(ns) / scale for name, ns in re.findall(r"(?m)^bench (\w+) (\d+)(?: .*)?\r?$", text) if name != "done"}


def more(text, arrivals):
    """What else the lines of one run say: {name: {switches and host time for one operation}}. arrivals: [(bytes of the text, when they were there)]"""
    found, before = {}, None
    for line in re.finditer(r"(?m)^bench (\w+) \d+ (\d+|-) (\d+)\r?$", text):
        when = next(t for size, t in arrivals if size >= line.end())
        row = found[line.group(1)] = {}
        if line.group(2) != "-":
            row["switches"] = int(line.group(2)) / 1000
        if before is not None:
            row["run_ns"] = round((when - before) * 1e9 / int(line.group(3)))
        before = when
    return found


def run_here(build, arch, exact, others=None):
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        # A copy: the image itself stays free for builds, and what they do to it does not show here.
        disk = os.path.join(scratch, "disk")
        shutil.copyfile(os.path.join(build, arch, "disk.img"), disk)
        arrivals = []
        text = boot(build, arch, exact, scratch, disk, COMMAND, arrivals)
        if others is not None:
            others.update(more(text, arrivals))
        return rows(text, arch, exact)


def boot(build, arch, exact, scratch, disk, command, arrivals=None, sleep="off", **machine):
    """Starts the machine with a disk, has the shell obey a command from the console like anybody's, which ends the machine. Returns what it printed."""
    folder = os.path.join(build, arch)
    argv = qemu.command(arch, os.path.join(folder, KERNEL[arch]), os.path.join(folder, "boot.tar"), disk,
                        console="pipe:" + os.path.join(scratch, "line"), append="panic=off", extra=counting(arch, exact, sleep),
                        **machine)
    for end in (".in", ".out"):
        os.mkfifo(os.path.join(scratch, "line" + end))
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    with open(os.path.join(scratch, "line.in"), "wb", buffering=0) as line, \
            open(os.path.join(scratch, "line.out"), "rb", buffering=0) as printed:
        text = converse(line, printed, command, arrivals if arrivals is not None else [])
    process.wait(SECONDS)
    for end in (".in", ".out"):
        os.unlink(os.path.join(scratch, "line" + end))
    return text


def converse(line, printed, command, arrivals):
    """Waits for the prompt, types the command, reads to the end. Notes when how much of the text had arrived."""
    text, typed = b"", False
    while True:
        part = printed.read(65536)
        if not part:
            return text.decode(errors="replace")
        text += part
        arrivals.append((len(text), time.monotonic()))
        if not typed and b"msh$ " in text:
            line.write(command.encode())
            typed = True


def run_linux(build, arch, exact):
    text = linux.run(build, arch, SOURCE, ["/"], extra=counting(arch, exact), seconds=SECONDS)
    return rows(text, arch, exact) if text else {}


def compare(arch, build, peers, wall):
    """[{arch, name, instructions, ...}]"""
    others = {}
    ours = run_here(build, arch, True, others)
    theirs = run_linux(build, arch, True) if peers else {}
    clock = run_here(build, arch, False) if wall else {}
    their_clock = run_linux(build, arch, False) if wall and peers else {}
    found = []
    for name in list(ours) + [n for n in theirs if n not in ours]:
        row = {"arch": arch, "name": name}
        if name in ours:
            row["instructions"] = round(ours[name])
            row.update(others.get(name, {}))
        if name in clock:
            row["wall_ns"] = round(clock[name])
        if name in theirs:
            row.update(peer="linux", peer_instructions=round(theirs[name]))
        if name in their_clock:
            row["peer_wall_ns"] = round(their_clock[name])
        if name in ours and theirs.get(name):
            row["ratio"] = round(ours[name] / theirs[name], 3)
        found.append(row)
    return found


def show(found):
    def cell(row, key):
        return str(row.get(key, "-"))
    print("%-8s %-16s %12s %9s %12s %12s %7s %12s %12s" % ("", "operation", "instructions", "switches", "run ns", "linux", "ratio", "wall ns", "linux"))
    for row in found:
        print("%-8s %-16s %12s %9s %12s %12s %7s %12s %12s" % (
            row["arch"], row["name"], cell(row, "instructions"), cell(row, "switches"), cell(row, "run_ns"), cell(row, "peer_instructions"),
            cell(row, "ratio"), cell(row, "wall_ns"), cell(row, "peer_wall_ns")))


def save(build, found):
    path, old = os.path.join(build, "bench.json"), []
    if os.path.exists(path):
        with open(path) as f:
            old = json.load(f)
    new = {(row["arch"], row["name"]) for row in found}
    with open(path, "w") as f:
        json.dump([row for row in old if (row["arch"], row["name"]) not in new] + found, f, indent=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--no-linux", action="store_true")
    parser.add_argument("--wall", action="store_true")
    args = parser.parse_args()
    found = []
    for arch in args.archs:
        found += compare(arch, args.build, not args.no_linux, args.wall)
    show(found)
    save(args.build, found)
    missing = [row["name"] for row in found if "instructions" not in row]
    print("%d passed, %d failed" % (len(found) - len(missing), len(missing)))
    return bool(missing or not found)


if __name__ == "__main__":
    sys.exit(main())
