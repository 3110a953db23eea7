#!/usr/bin/env python3
"""make bench-posix: what POSIX calls cost, beside the same C program on Linux in the same QEMU.

    bench_posix.py [--build FOLDER] [--no-linux] [--wall] ARCH...

Runs user/test/bench_posix.c here and as /init of a Linux guest (conf/linux.py), one CPU, and prints instructions for each operation (exact under
-icount) and the ratio; --wall adds a run each without -icount, for ratios of wall time. Adds objects with arch, name, instructions, wall_ns, peer and
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

import linux
import qemu

SOURCE = "user/test/bench_posix.c"
SHIFT = {"aarch64": 4, "x86_64": 0}     # the counters' step, as in conf/bench.py
KERNEL = {"aarch64": "kernel.img", "x86_64": "kernel.elf"}
SECONDS = 600
COMMAND = "/test/bench_posix /tmp; poweroff\r"


def counting(arch, exact):
    return ["-icount", "shift=%d,sleep=off" % SHIFT[arch]] if exact else []


def rows(text, arch, exact):
    """{name: ns, or instructions}"""
    scale = 2 ** SHIFT[arch] if exact else 1
    return {name: int(ns) / scale for name, ns in re.findall(r"(?m)^bench (\w+) (\d+)\r?$", text) if name != "done"}


def run_here(build, arch, exact):
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        # A copy: the image itself stays free for builds, and what they do to it does not show here.
        disk = os.path.join(scratch, "disk")
        shutil.copyfile(os.path.join(build, arch, "disk.img"), disk)
        return rows(boot(build, arch, exact, scratch, disk, COMMAND), arch, exact)


def boot(build, arch, exact, scratch, disk, command, **machine):
    """Starts the machine with a disk, has the shell obey a command from the console like anybody's, which ends the machine. Returns what it printed."""
    folder = os.path.join(build, arch)
    argv = qemu.command(arch, os.path.join(folder, KERNEL[arch]), os.path.join(folder, "boot.tar"), disk,
                        console="pipe:" + os.path.join(scratch, "line"), append="panic=off", extra=counting(arch, exact), **machine)
    for end in (".in", ".out"):
        os.mkfifo(os.path.join(scratch, "line" + end))
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    with open(os.path.join(scratch, "line.in"), "wb", buffering=0) as line, \
            open(os.path.join(scratch, "line.out"), "rb", buffering=0) as printed:
        text = converse(line, printed, command)
    process.wait(SECONDS)
    for end in (".in", ".out"):
        os.unlink(os.path.join(scratch, "line" + end))
    return text


def converse(line, printed, command):
    """Waits for the prompt, types the command, reads to the end."""
    text, typed = b"", False
    while True:
        part = printed.read(65536)
        if not part:
            return text.decode(errors="replace")
        text += part
        if not typed and b"msh$ " in text:
            line.write(command.encode())
            typed = True


def run_linux(build, arch, exact):
    found = linux.fetch(os.path.join(build, "linux"), arch)
    if not found:
        return {}
    kernel, root = found
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        program, archive = os.path.join(scratch, "init"), os.path.join(scratch, "initrd")
        linux.compile_static(arch, root, SOURCE, program)
        linux.initramfs(archive, program)
        done = subprocess.run(linux.command(arch, kernel, archive, counting(arch, exact)), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=SECONDS)
    return rows(done.stdout.decode(errors="replace"), arch, exact)


def compare(arch, build, peers, wall):
    """[{arch, name, instructions, ...}]"""
    ours = run_here(build, arch, True)
    theirs = run_linux(build, arch, True) if peers else {}
    clock = run_here(build, arch, False) if wall else {}
    their_clock = run_linux(build, arch, False) if wall and peers else {}
    found = []
    for name in list(ours) + [n for n in theirs if n not in ours]:
        row = {"arch": arch, "name": name}
        if name in ours:
            row["instructions"] = round(ours[name])
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
    print("%-8s %-16s %12s %12s %7s %12s %12s" % ("", "operation", "instructions", "linux", "ratio", "wall ns", "linux"))
    for row in found:
        print("%-8s %-16s %12s %12s %7s %12s %12s" % (row["arch"], row["name"], cell(row, "instructions"), cell(row, "peer_instructions"),
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
