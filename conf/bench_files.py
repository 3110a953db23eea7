#!/usr/bin/env python3
"""make bench-files: what large files, large directories and pages from swap cost.

    bench_files.py [--build FOLDER] [--wall] [--part NAME,...] ARCH...

Runs user/test/bench_files.c on one CPU, on a copy of the tree's disk made large enough, each part in a machine started for it, so that nothing is
cached that it did not read itself; prints instructions for each operation (exact under -icount: what the CPU does, not what it waits for); --wall
adds a run each without -icount. Adds objects with arch, name, instructions, wall_ns to FOLDER/bench.json. The last line is `N passed, N failed`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import bench_posix
import mkdisk
import qemu

MEMORY_MB, DISK_MB, SWAP_MB = 256, 256, 128
ROW = re.compile(r"(?m)^bench (\w+) (\d+) (\d+)\r?$")
COMMAND = "/test/bench_files /tmp %s; poweroff\r"

# Part: its rows, and the machine it wants other than the usual one.
PARTS = {
    "write": (("write_seq_mb",), {}),
    "read": (("read_cold_mb", "read_again_mb", "read_random_4k", "read_1_cached"), {}),
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


def run(build, arch, exact, parts):
    found = {}
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        disk, swap = os.path.join(scratch, "disk"), os.path.join(scratch, "swap")
        large_disk(build, arch, disk)
        for part in parts:
            machine = dict({"mem": "%dM" % MEMORY_MB}, **PARTS[part][1])
            if "swap" in machine:
                qemu.make_swap(swap, machine["swap"])
                machine["swap"] = swap
            text = bench_posix.boot(build, arch, exact, scratch, disk, COMMAND % part, sleep="on", **machine)
            found.update(rows(text, arch, exact))
    return found


def measure(build, arch, parts, wall):
    exact = run(build, arch, True, parts)
    clock = run(build, arch, False, parts) if wall else {}
    found = []
    for name in (name for part in parts for name in PARTS[part][0]):
        row = {"arch": arch, "name": name}
        if name in exact:
            row["instructions"] = round(exact[name])
        if name in clock:
            row["wall_ns"] = round(clock[name])
        found.append(row)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(bench_posix.KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--wall", action="store_true")
    parser.add_argument("--part", default=",".join(PARTS))
    args = parser.parse_args()
    parts = args.part.split(",")
    if not set(parts) <= set(PARTS):
        parser.error("parts are " + ", ".join(PARTS))
    if "read" in parts and "write" not in parts:
        parser.error("read reads what write wrote")
    found = []
    for arch in args.archs:
        found += measure(args.build, arch, parts, args.wall)
    bench_posix.show(found)
    bench_posix.save(args.build, found)
    missing = [row["name"] for row in found if "instructions" not in row or args.wall and "wall_ns" not in row]
    print("%d passed, %d failed" % (len(found) - len(missing), len(missing)))
    return bool(missing or not found)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as problem:
        sys.exit("bench_files: %s\n%s" % (problem, problem.stdout or ""))
