#!/usr/bin/env python3
"""make bench: what the kernel's basic operations cost: instructions, exact under -icount; address-space switches; time.

    bench.py [--build FOLDER] [--quick] [--seed N] [--check] [--accept] ARCH...

Runs the boot program `bench` (user/test/boot_bench.c) as task 1 and reads its lines: once counted, once with two CPUs
for the row that needs them, once on the general path of mach_msg, whose log of results must be the same, once when the
record of events (kern/trace) has been on and off, where FREE must cost what they cost before, and once on the wall clock (not with --quick);
and `bench_irq`, which has the row of interrupts. Writes FOLDER/bench.json, a list of objects with arch, name, instructions, switches, wall_ns (null: not
measured). --check compares instructions with conf/bench_baseline.json, kept per compiler version: more than 5 % above
it, or more than a target, fails; an unknown compiler only prints. --accept makes the present numbers the baseline. Sizes, ids and dispositions
of the messages in rpc_drawn, of header and body, come from the seed. The last line is `N passed, N failed`.
"""

import argparse
import json
import os
import re
import subprocess
import sys

import qemu

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench_baseline.json")
TOLERANCE = 1.05
TARGETS = {("aarch64", "trap_null"): 90, ("aarch64", "rpc_null"): 700, ("aarch64", "fault_zero"): 1200,
           ("x86_64", "trap_null"): 90, ("x86_64", "rpc_null"): 800, ("x86_64", "fault_zero"): 1200}
# One counter step per instruction: QEMU's virtual clock runs at 2^shift ns an instruction, CNTVCT at 16 ns, the TSC at 1 ns.
SHIFT = {"aarch64": 4, "x86_64": 0}
KERNEL = {"aarch64": "kernel.img", "x86_64": "kernel.elf"}
FREE = ("trap_null", "trap_port_type", "rpc_null", "rpc_1k")      # calls that cost nothing more for having been recorded
SECONDS = 120
SEED = 1                        # of the baseline
ROW = re.compile(r"(?m)^bench (\w+) (\d+) (\d+) (\d+) (\d+)\r?$")
LOG = re.compile(r"(?m)^log .*$")


class Run:
    """One boot of the program: rows of (rounds, counter, switches, ns) by name, and its log. Empty if it did not end well."""

    def __init__(self, build, arch, words, cpus=1, counted=True, program="bench"):
        folder = os.path.join(build, arch)
        extra = ["-icount", "shift=%d,sleep=off" % SHIFT[arch]] if counted else []
        argv = qemu.command(arch, os.path.join(folder, KERNEL[arch]), os.path.join(folder, "boot.tar"), cpus=cpus,
                            append="init=boot/test/%s panic=off %s" % (program, words), extra=extra + qemu.bell_args())
        self.rows, self.log, self.done = {}, [], False
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return
        text = done.stdout.decode(errors="replace")
        rows = {row[0]: tuple(map(int, row[1:])) for row in ROW.findall(text)}
        self.done = rows.pop("done", None) is not None
        if self.done:
            self.rows, self.log = rows, [line.rstrip("\r") for line in LOG.findall(text)]


def still_free(arch, counted, traced):
    """Whether FREE cost the same in both runs, and more while events were recorded. Says what does not."""
    each = [{name: row[1] // row[0] for name, row in run.rows.items()} for run in (counted, traced)]
    dear = ["%s: %d instructions, %d after events were recorded" % (name, each[0][name], each[1][name])
            for name in FREE if each[0][name] != each[1][name]]
    if not each[1]["trap_traced"] > each[0]["trap_null"]:
        dear.append("a call that is recorded costs no more: nothing was recorded")
    for line in dear:
        print("%s: %s" % (arch, line))
    return not dear


def wrong_results(log):
    """What the log of drawn calls says that should not be: a call that failed, rights that were moved and are still there."""
    rights = [line.split(": ")[1] for line in log if line.startswith("log rights")]
    return [line for line in log if not line.startswith("log rights") and ": 0, bits " not in line] + rights * (len(set(rights)) != 1)


def measure(build, arch, seed, quick):
    """(rows for bench.json, number of failures)."""
    words = "seed=%d" % seed
    counted, across = Run(build, arch, words), Run(build, arch, "bench=cross", cpus=2)
    slow = Run(build, arch, words + " slowipc")
    irq = Run(build, arch, "", program="bench_irq")
    traced = Run(build, arch, words + " bench=traced")
    if not all(run.rows for run in (counted, across, slow, irq, traced)):
        print("%s: the benchmark program did not end well" % arch)
        return [], 1
    failed = 0
    if not counted.log or counted.log != slow.log:
        differing = [pair for pair in zip(counted.log, slow.log) if pair[0] != pair[1]]
        print("%s: the results of the fast and the general path of mach_msg differ: %s" % (arch, differing[:1]))
        failed = 1
    wrong = wrong_results(counted.log)
    if wrong:
        print("%s: drawn calls have wrong results: %s" % (arch, wrong[:2]))
        failed += 1
    failed += not still_free(arch, counted, traced)
    wall = {}
    if not quick:
        wall = dict(Run(build, arch, words, counted=False).rows, **Run(build, arch, "bench=cross", 2, False).rows,
                    **Run(build, arch, "", counted=False, program="bench_irq").rows)
    rows = []
    for name, (rounds, counter, switches, _) in {**counted.rows, **across.rows, **irq.rows}.items():
        rows.append({"arch": arch, "name": name, "instructions": counter // rounds, "switches": round(switches / rounds, 2),
                     "wall_ns": wall[name][3] // wall[name][0] if name in wall else None})
    return rows, failed


def compiler(build, arch):
    """What compiled the kernel, with the architecture: the build's flags file begins with the version."""
    with open(os.path.join(build, arch, "flags")) as f:
        return "gcc %s %s" % (f.read().split()[0], arch)


def load_baseline():
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE) as f:
        return json.load(f)


def compare(rows, base):
    """Prints the table; returns (passed, failed)."""
    passed = failed = 0
    for row in rows:
        old = base.get(row["name"])
        target = TARGETS.get((row["arch"], row["name"]), sys.maxsize)
        worse = old is not None and row["instructions"] > min(old * TOLERANCE, target)
        remark = "" if old is None else "%6.2f of the baseline%s" % (row["instructions"] / old, "  TOO SLOW" if worse else "")
        if worse and row["instructions"] > target:
            remark += ", the target is %d" % target
        wall = "" if row["wall_ns"] is None else "%d" % row["wall_ns"]
        print("%-8s %-24s %9d %7.2f %9s  %s" % (row["arch"], row["name"], row["instructions"], row["switches"], wall, remark))
        passed, failed = (passed, failed + 1) if worse else (passed + 1, failed)
    for name in sorted(set(base) - {row["name"] for row in rows}):
        print("%-24s   missing" % name)
        failed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--accept", action="store_true")
    args = parser.parse_args()
    baseline, table, passed, failed = load_baseline(), [], 0, 0
    print("seed %d\n%-8s %-24s %9s %7s %9s" % (args.seed, "", "each operation", "instr.", "spaces", "ns"))
    for arch in args.archs:
        rows, bad = measure(args.build, arch, args.seed, args.quick)
        key = compiler(args.build, arch)
        base = dict(baseline.get(key, {}))
        if args.seed != SEED:
            base.pop("rpc_drawn", None)
        if args.check and not base:
            print("no baseline for %s: the numbers are only shown" % key)
        p, f = compare(rows, base if args.check and rows else {})
        passed, failed = passed + p + (bad == 0), failed + f + bad
        table += rows
        if args.accept and rows:
            baseline[key] = {row["name"]: row["instructions"] for row in rows}
    os.makedirs(args.build, exist_ok=True)
    with open(os.path.join(args.build, "bench.json"), "w") as f:
        json.dump(table, f, indent=1)
    if args.accept:
        with open(BASELINE, "w") as f:
            json.dump(baseline, f, indent=1, sort_keys=True)
            f.write("\n")
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
