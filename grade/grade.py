#!/usr/bin/env python3
"""Runs the graders: `make grade [LAB=N] [ARCH=] [TEST=] [CPUS=] [LAYER=] [JOBS=2] [RESULTS=out.json] [SLOW=1|only] [GDB=1]`.

In a student's tree this is the lab of that tree on aarch64, unless LAB= or ARCH= say otherwise; in the finished tree it is
everything. Options are words NAME=VALUE, as make passes them. ARCH, TEST, CPUS and LAYER take a comma-separated
list and narrow what runs; TEST takes patterns (monitor-*). APPEND= are words for the kernel, before the test's own
(of two the first counts). The last line says `N passed, N failed`;
the exit status is 0 only if everything passed.
"""

import argparse
import importlib
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from lib import labs, registry, report                  # noqa: E402
from lib.runner import Options, Runner                  # noqa: E402
from lib.tree import ARCHES, Tree                       # noqa: E402

GRADERS = (
    "monitor",
    "selftest",
    "programs",
    "jitter",
    "shell",
    "libraries",
    "files",
    "examples",
    "cuts",
    "mapped",
    "torn",
    "plain",
    "swap",
    "driver",
    "devices",
    "partitions",
    "rescue",
    "tmpfs",
    "damaged",
    "gdb",
)
KNOWN = {"LAB", "ARCH", "TEST", "CPUS", "LAYER", "JOBS", "RESULTS", "SLOW", "GDB", "SEED", "BUILD", "DEBUG", "APPEND",
         "MAKE_FIRST", "HURRY", "SECONDS", "BUILD_SECONDS"}


def settings(words, known=KNOWN):
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            sys.exit("%s: not an option; there are %s" % (word, " ".join(sorted(known))))
        if value:
            found[name] = value
    return found


def numbers(text):
    try:
        return [int(n) for n in text.split(",")] if text else None
    except ValueError:
        sys.exit("%s: not a list of numbers" % text)


def check_numbers(given, names=("JOBS", "SECONDS", "BUILD_SECONDS")):
    for name in names:
        if not given.get(name, "1").isdigit() or int(given.get(name, "1")) == 0:
            sys.exit("%s=%s: a number from 1 on" % (name, given[name]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--list", action="store_true", help="say what would run")
    args = parser.parse_args()
    given = settings(args.words)
    check_numbers(given)
    try:
        rubrics = load(given)
    except labs.RubricError as problem:
        sys.exit("grade: %s" % problem)
    chosen = registry.variants(registry.TESTS, machines(given), numbers(given.get("CPUS")), numbers(given.get("LAYER")),
                               given["TEST"].split(",") if "TEST" in given else None, given.get("SLOW", ""))
    if args.list:
        print("\n".join(registry.label(v) for v in chosen))
        return 0
    return grade(chosen, given, rubrics)


def machines(given):
    """The architectures to run on: those asked for, a lab's first one, all."""
    archs = given["ARCH"].split(",") if "ARCH" in given else list(ARCHES[:1] if "LAB" in given else ARCHES)
    if not set(archs) <= set(ARCHES):
        sys.exit("ARCH=%s: there are %s" % (given["ARCH"], " ".join(ARCHES)))
    return archs


def seed_of(given):
    try:
        return int(given.get("SEED", int(time.time()) & 0xffffff))
    except ValueError:
        sys.exit("SEED=%s: a number" % given["SEED"])


def load(given):
    """Imports what is to run: one lab's grader, or all there are. Returns {lab: Rubric}."""
    if labs.is_handed_out() and "LAB" not in given:
        given["LAB"] = str(labs.current())
    if "LAB" in given:
        if not given["LAB"].isdigit():
            sys.exit("LAB=%s: a number" % given["LAB"])
        return labs.load(int(given["LAB"]))
    here = os.path.dirname(os.path.abspath(__file__))
    for name in GRADERS:
        if os.path.exists(os.path.join(here, name + ".py")):
            importlib.import_module(name)
    return labs.load()


def grade(chosen, given, rubrics):
    """Runs the chosen variants and reports. Returns the exit status."""
    gdb = "GDB" in given
    if not chosen or (gdb and len(chosen) != 1):
        print("%d tests fit; GDB=1 wants exactly one" % len(chosen) if gdb else
              "no test fits; `grade/grade.py%s --list` lists them" % (" LAB=" + given["LAB"] if "LAB" in given else ""))
        print("0 passed, 0 failed")
        return 1
    if "RESULTS" in given:          # not after an hour of tests
        try:
            open(given["RESULTS"], "a").close()
        except OSError as e:
            sys.exit("RESULTS=%s: %s" % (given["RESULTS"], e.strerror))
    # Being told to stop ends as ^C does: every machine is switched off.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(int(given.get("SECONDS", 0)))
    tree = Tree(given.get("BUILD", "build"), given.get("DEBUG") == "1", given.get("MAKE_FIRST") != "0",
                int(given["BUILD_SECONDS"]) if "BUILD_SECONDS" in given else None)
    options = Options(jobs=1 if gdb else int(given.get("JOBS", 2)), gdb=gdb,
                      seed=seed_of(given), append=given.get("APPEND", ""))
    if "HURRY" in given:            # lost once is enough
        options.attempts, options.hurry = 1, 15
    print("%d tests, SEED=%d" % (len(chosen), options.seed), flush=True)
    began = time.monotonic()
    results = Runner(tree, options, report.teller()).run(chosen)
    signal.alarm(0)
    if "RESULTS" in given:
        more = labs.standing(rubrics[int(given["LAB"])]) if "LAB" in given else {}
        report.write_json(given["RESULTS"], results, time.monotonic() - began, more)
    for lab, r in rubrics.items() if "LAB" in given and "TEST" not in given else ():
        for arch in ARCHES:
            mine = [x for x in results if x.variant.test.lab == lab and x.variant.arch == arch]
            print("\n" + labs.table(r, mine) + "\n" if mine else "", end="")
    print(report.summary(results))
    return 0 if all(r.passed for r in results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:             # `make grade | head`: nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
