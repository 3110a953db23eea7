#!/usr/bin/env python3
"""make check: runs every suite, shows its progress, and ends with the sum, `N passed, N failed`.

    check.py [--make MAKE] [--build FOLDER] [--jobs N] [SUITE ...]      (default: all of SUITES)

A suite is any command. If its last line is `N passed, N failed`, that counts; otherwise it counts as one test,
passed when it exits with 0. A build also fails when it prints a warning. Output is kept in FOLDER/check/NAME.log.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\b")
WARNING = re.compile(r"\bwarning:", re.I)
ARCHES = ("aarch64", "x86_64")


def suites(make, build_root, jobs):
    """(name, command, seconds it may take, is it a build) in the order they run: cheap and telling ones first."""
    make = [make, "BUILD=" + build_root]
    build = make + ["-j%d" % jobs]
    table = []
    for arch in ARCHES:
        table.append(("build-" + arch, build + ["ARCH=" + arch, "all"], 900, True))
        table.append(("debug-" + arch, build + ["ARCH=" + arch, "DEBUG=1", "all"], 900, True))
        for layer in "12":
            table.append(("layer%s-%s" % (layer, arch),
                          build + ["ARCH=" + arch, "LAYER=" + layer, "all"], 300, True))
    table.append(("size", make + ["size"], 300, False))
    table.append(("bench", make + ["bench", "QUICK=1", "BENCH=--check"], 300, False))
    table.append(("unit", make + ["test-unit", "JOBS=%d" % jobs], 600, False))
    table.append(("surface", [sys.executable, "conf/libc_surface.py", "--build", build_root, "--jobs", "%d" % jobs], 300, False))
    table.append(("rules", [sys.executable, "conf/rules.py"], 60, False))
    table.append(("conf", [sys.executable, "conf/selftest.py"], 300, False))
    table.append(("course", [sys.executable, "conf/course/selftest.py"], 300, False))
    table.append(("submissions", [sys.executable, "grade/staff/submission_test.py"], 300, False))
    table.append(("replay", [sys.executable, "grade/staff/replay_test.py", build_root], 300, False))
    table.append(("labs", [sys.executable, "conf/course/labs_check.py", "--quick", "--build", build_root, "--jobs", "%d" % jobs], 900, False))
    for arch in ARCHES:
        table.append(("mutants-" + arch, [sys.executable, "conf/mutants.py", "--arch", arch, "--build", build_root, "--jobs", "%d" % jobs,
                                          "--sample", "6"], 600, False))
    table.extend(grade_suites(build_root, jobs))
    return table


def grade_suites(build, jobs):
    """The grading library's own tests, and the graders, which choose the numbers of processors themselves."""
    options = ["BUILD=" + build, "JOBS=%d" % jobs]
    table = [("grade-" + arch, [sys.executable, "grade/grade.py", "ARCH=" + arch] + options, 1200, False)
             for arch in ARCHES]
    # Kernels that check lock order, owners and undefined behaviour.
    table += [("grade-debug-" + arch, [sys.executable, "grade/grade.py", "ARCH=" + arch, "DEBUG=1", "LAYER=3", "CPUS=4", "TEST=boot-*"] + options,
               900, False) for arch in ARCHES]
    table.insert(0, ("grade-self", [sys.executable, "grade/self/run.py"], 600, False))
    return table if os.path.exists("grade/grade.py") else []


def stream(command, log, seconds):
    """Runs a command, showing and keeping its output. Returns (status, lines); status None: it took too long."""
    lines = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", stdin=subprocess.DEVNULL, start_new_session=True)
    expired = []

    def stop(*_):
        expired.append(True)
        os.killpg(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        with open(log, "w") as out:
            for line in process.stdout:
                out.write(line)
                lines.append(line.rstrip("\n"))
                print("    " + lines[-1], flush=True)
        status = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGTERM)
        raise
    finally:
        signal.alarm(0)
    return (None if expired else status), lines


def judge(status, lines, is_build):
    """(passed, failed, remark) of a suite that has ended."""
    text = [line for line in lines if line.strip()]
    match = SUMMARY.match(text[-1].strip()) if text else None
    if status is None:
        return 0, 1, "took too long"
    if is_build and any(WARNING.search(line) for line in lines):
        return 0, 1, "warnings"
    if not match:
        return (1, 0, "") if status == 0 else (0, 1, "status %d" % status)
    passed, failed = int(match.group(1)), int(match.group(2))
    if status and not failed:
        return passed, 1, "status %d" % status
    return passed, failed, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--make", default="make")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    # The suites start their own make with their own settings; ours must not leak into it.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARCH", "LAYER", "DEBUG", "TEST", "PROGS"):
        os.environ.pop(name, None)
    table = suites(args.make, args.build, args.jobs)
    unknown = set(args.names) - {row[0] for row in table}
    if unknown:
        sys.exit("no suite %s; there are: %s" % (" ".join(unknown), " ".join(row[0] for row in table)))
    os.makedirs(os.path.join(args.build, "check"), exist_ok=True)
    table = [row for row in table if not args.names or row[0] in args.names]
    total, broken, began = [0, 0], [], time.monotonic()
    for number, (name, command, seconds, is_build) in enumerate(table, 1):
        print("== %d/%d %s: %s" % (number, len(table), name, " ".join(command)), flush=True)
        start = time.monotonic()
        log = os.path.join(args.build, "check", name + ".log")
        passed, failed, remark = judge(*stream(command, log, seconds), is_build)
        total[0], total[1] = total[0] + passed, total[1] + failed
        if failed:
            broken.append("%s (%s)" % (name, remark or "%d failed" % failed))
        print("== %s: %d passed, %d failed%s, %.0f s" % (
            name, passed, failed, ": " + remark if remark else "", time.monotonic() - start), flush=True)
    print("%.0f s in all%s" % (time.monotonic() - began, "; failed: " + ", ".join(broken) if broken else ""))
    print("%d passed, %d failed" % tuple(total))
    return total[1] != 0


if __name__ == "__main__":
    sys.exit(main())
