#!/usr/bin/env python3
"""make bench-files: what large files, large directories and pages from swap cost, beside the same C program on Linux in the same QEMU.

    bench_files.py [--build FOLDER] [--no-linux] [--wall] [--check] [--accept] [--part NAME,...] ARCH...

Runs user/test/bench_files.c on one CPU, here and on a Linux guest (conf/linux.py), each on its own copy of the tree's disk made large enough (ext2, 4 KB
blocks), each part in a machine started for it, so that nothing is cached that it did not read itself; prints instructions for each operation
(exact under -icount: what the CPU does, not what it waits for) and the ratio, ours to Linux's; --wall adds a run each without -icount. --check compares
with conf/bench_files_baseline.json, kept per compiler version: more than 10 % above it fails (pages to swap: 25 %); an unknown compiler only prints. --accept makes the
present numbers the baseline. Adds objects with arch, name, instructions, wall_ns, peer and ratio to FOLDER/bench.json. The last line is
`N passed, N failed`.
"""

import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import bench
import bench_posix
import linux
import mkdisk
import qemu

SOURCE = "user/test/bench_files.c"
BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench_files_baseline.json")
TOLERANCE = 1.10                # a disk of the host's answers when it likes: what is done meanwhile varies a little
LOOSE = {"swap_out_page": 1.25} # how many pages find the thread that evicts at work depends on the disk: runs differ by 20 %
MEMORY_MB, DISK_MB, SWAP_MB = 256, 256, 128
ROW = re.compile(r"(?m)^bench (\w+) (\d+) (\d+)\r?$")
COMMAND = "/test/bench_files /tmp %s; poweroff\r"

# Of a machine with 64 MB that is what the shell finds; Debian's kernel does not start in so little, so there the rest of a larger one is taken.
SWAPPING_FREE_MB = 50
# Part: its rows, and the machine it wants other than the usual one.
PARTS = {
    "write": (("write_seq_mb", "write_again_mb"), {}),
    "read": (("read_cold_mb", "read_again_mb", "read_random_4k", "read_1_cached"), {}),
    "random": (("read_random_cold",), {}),
    "names": (("create_of_10000", "lookup_in_10000", "unlink_of_10000", "names_all_of_10000"), {}),
    "swap": (("swap_out_page", "swap_in_page"), {"mem": "64M", "swap": "%dM" % SWAP_MB}),
}


def large_disk(build, arch, path):
    """The tree's disk with more room: sparse, so it costs what is written."""
    shutil.copyfile(os.path.join(build, arch, "disk.img"), path)
    os.truncate(path, DISK_MB << 20)
    mkdisk.tool("resize2fs", "-f", path)


def rows(text, arch, exact):
    """{name: instructions, or ns}"""
    scale = 2 ** bench_posix.SHIFT[arch]
    return {name: int(busy) / scale if exact else int(every) for name, busy, every in ROW.findall(text)}


def machine_of(part, scratch):
    """What the part wants other than the usual machine; makes the swap disk."""
    machine = dict({"mem": "%dM" % MEMORY_MB}, **PARTS[part][1])
    if "swap" in machine:
        path = os.path.join(scratch, "swap")
        qemu.make_swap(path, machine["swap"])
        machine["swap"] = path
    return machine


def run_here(build, arch, exact, parts):
    found = {}
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        disk = os.path.join(scratch, "disk")
        large_disk(build, arch, disk)
        for part in parts:
            text = bench_posix.boot(build, arch, exact, scratch, disk, COMMAND % part, sleep="on", **machine_of(part, scratch))
            found.update(rows(text, arch, exact))
    return found


def linux_swap(path):
    """The signature alone is enough for us; Linux reads version, last page and number of bad pages after the first KB."""
    with open(path, "r+b") as f:
        f.seek(1024)
        f.write(struct.pack("<III", 1, os.path.getsize(path) // 4096 - 1, 0))


def run_linux(build, arch, exact, parts):
    found = {}
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        disk = os.path.join(scratch, "disk")
        large_disk(build, arch, disk)
        for part in parts:
            machine, disks = machine_of(part, scratch), [disk]
            if "swap" in machine:
                linux_swap(machine["swap"])
                disks.append(machine["swap"])
            text = linux.run(build, arch, SOURCE, ["/mnt/tmp", part], disks, "%dM" % MEMORY_MB, SWAPPING_FREE_MB if "swap" in machine else 0,
                             bench_posix.counting(arch, exact, "on"))
            found.update(rows(text or "", arch, exact))
    return found


def measure(build, arch, parts, wall, peers):
    exact = run_here(build, arch, True, parts)
    clock = run_here(build, arch, False, parts) if wall else {}
    theirs = run_linux(build, arch, True, parts) if peers else {}
    their_clock = run_linux(build, arch, False, parts) if peers and wall else {}
    found = []
    for name in (name for part in parts for name in PARTS[part][0]):
        row = {"arch": arch, "name": name}
        for key, numbers in (("instructions", exact), ("wall_ns", clock), ("peer_instructions", theirs), ("peer_wall_ns", their_clock)):
            if name in numbers:
                row[key] = round(numbers[name])
        if name in theirs:
            row["peer"] = "linux"
            if name in exact and theirs[name]:
                row["ratio"] = round(exact[name] / theirs[name], 3)
        found.append(row)
    return found


def load_baseline():
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE) as f:
        return json.load(f)


def slower(found, base):
    """Prints which rows cost more than the baseline allows; returns their number."""
    failed = 0
    for row in found:
        old = base.get(row["name"])
        if old is not None and row.get("instructions", 0) > old * LOOSE.get(row["name"], TOLERANCE):
            print("%s %s: %d, %.2f of the baseline  TOO SLOW" % (row["arch"], row["name"], row["instructions"], row["instructions"] / old))
            failed += 1
    return failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(bench_posix.KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--no-linux", action="store_true")
    parser.add_argument("--wall", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--part", default=",".join(PARTS))
    args = parser.parse_args()
    args.parts = args.part.split(",")
    if not set(args.parts) <= set(PARTS):
        parser.error("parts are " + ", ".join(PARTS))
    if {"read", "random"} & set(args.parts) and "write" not in args.parts:
        parser.error("read and random read what write wrote")
    return args


def main():
    args, baseline, found, worse = arguments(), load_baseline(), [], 0
    for arch in args.archs:
        mine, key = measure(args.build, arch, args.parts, args.wall, not args.no_linux), bench.compiler(args.build, arch)
        if args.check and key not in baseline:
            print("no baseline for %s: the numbers are only shown" % key)
        if args.check:
            worse += slower(mine, baseline.get(key, {}))
        if args.accept:
            baseline.setdefault(key, {}).update((row["name"], row["instructions"]) for row in mine if "instructions" in row)
        found += mine
    bench_posix.show(found)
    bench_posix.save(args.build, found)
    if args.accept:
        with open(BASELINE, "w") as f:
            json.dump(baseline, f, indent=1, sort_keys=True)
            f.write("\n")
    missing = [row["name"] for row in found if "instructions" not in row or args.wall and "wall_ns" not in row]
    print("%d passed, %d failed" % (len(found) - len(missing) - worse, len(missing) + worse))
    return bool(missing or worse or not found)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as problem:
        sys.exit("bench_files: %s\n%s" % (problem, problem.stdout or ""))
