#!/usr/bin/env python3
"""Runs the graders: `make grade [ARCH=] [TEST=] [CPUS=] [LAYER=] [JOBS=2] [RESULTS=out.json] [SLOW=1] [GDB=1]`.

Options are words NAME=VALUE, as make passes them. ARCH, TEST, CPUS and LAYER take a comma-separated
list and narrow what runs; TEST takes patterns (monitor-*). The last line says `N passed, N failed`;
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

from lib import registry, report                        # noqa: E402
from lib.runner import Options, Runner                  # noqa: E402
from lib.tree import ARCHES, Tree                       # noqa: E402

GRADERS = (
    "monitor",
    "selftest",
    "programs",
    "shell",
    "libraries",
    "gdb",
    "lab1",
)
KNOWN = {"ARCH", "TEST", "CPUS", "LAYER", "JOBS", "RESULTS", "SLOW", "GDB", "SEED", "BUILD", "DEBUG",
         "MAKE_FIRST"}


def settings(words):
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in KNOWN:
            sys.exit("%s: not an option; there are %s" % (word, " ".join(sorted(KNOWN))))
        if value:
            found[name] = value
    return found


def numbers(text):
    try:
        return [int(n) for n in text.split(",")] if text else None
    except ValueError:
        sys.exit("%s: not a list of numbers" % text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--list", action="store_true", help="say what would run")
    args = parser.parse_args()
    given = settings(args.words)
    archs = given["ARCH"].split(",") if "ARCH" in given else None
    if archs and not set(archs) <= set(ARCHES):
        sys.exit("ARCH=%s: there are %s" % (given["ARCH"], " ".join(ARCHES)))
    for name in GRADERS:
        importlib.import_module(name)
    chosen = registry.variants(registry.TESTS, archs, numbers(given.get("CPUS")), numbers(given.get("LAYER")),
                               given["TEST"].split(",") if "TEST" in given else None, "SLOW" in given)
    if args.list:
        print("\n".join(registry.label(v) for v in chosen))
        return 0
    return grade(chosen, given)


def grade(chosen, given):
    """Runs the chosen variants and reports. Returns the exit status."""
    gdb = "GDB" in given
    if not chosen or (gdb and len(chosen) != 1):
        print("%d tests fit; GDB=1 wants exactly one" % len(chosen) if gdb else "no test fits")
        print("0 passed, 0 failed")
        return 1
    # Being told to stop ends as ^C does: every machine is switched off.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tree = Tree(given.get("BUILD", "build"), given.get("DEBUG") == "1", given.get("MAKE_FIRST") != "0")
    options = Options(jobs=1 if gdb else int(given.get("JOBS", 2)), gdb=gdb,
                      seed=int(given.get("SEED", int(time.time()) & 0xffffff)))
    print("%d tests, SEED=%d" % (len(chosen), options.seed), flush=True)
    began = time.monotonic()
    results = Runner(tree, options, report.tell).run(chosen)
    if "RESULTS" in given:
        report.write_json(given["RESULTS"], results, time.monotonic() - began)
    print(report.summary(results))
    return 0 if all(r.passed for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
