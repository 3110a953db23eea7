#!/usr/bin/env python3
"""The table of kern/RULES.md against the tests and the planted mistakes: `rules.py` checks.

A row is `| ID | rule | PROGRAM.test PROGRAM.test ... |`. Each test must be a RULE(test) of user/test/boot_PROGRAM.c; each
user/test/mutants/NAME.patch must apply, and name a row and one of that row's tests. Each row must have one on each machine (without an `Arch:`
line it is for both); `| ID | why |` excuses it.
The last line says `N passed, N failed`: rows and mistakes.
"""

import glob
import os
import re
import subprocess
import sys
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = os.path.join(ROOT, "kern", "RULES.md")
MUTANTS = os.path.join(ROOT, "user", "test", "mutants")
ARCHES = ("aarch64", "x86_64")
EXCUSE = re.compile(r"\| ([A-Z]\d+) \| ([^|]+) \|$")
ROW = re.compile(r"\| ([A-Z]\d+) \| (.*) \| ([^|]*) \|$")


@dataclass
class Mutant:
    path: str
    name: str
    rule: str           # a row's id
    program: str        # user/test/boot_PROGRAM.c
    test: str           # RULE(test) in it
    arches: tuple = ARCHES


def rows(path=TABLE):
    """{id: (rule, [test])}, in order."""
    found = {}
    with open(path) as f:
        for line in f:
            m = ROW.match(line.rstrip())
            if m:
                found[m.group(1)] = (m.group(2), m.group(3).split())
    return found


def excused(path=TABLE):
    """{id: why there is no mistake for it}"""
    with open(path) as f:
        return dict(m.groups() for m in map(EXCUSE.match, map(str.rstrip, f)) if m)


def mutants(folder=MUTANTS):
    """All of them. Raises ValueError for a head that lacks something."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "*.patch"))):
        with open(path) as f:
            head = dict(re.findall(r"(?m)^(Rule|Test|Arch): +(\S+)$", f.read().split("\n\n")[0]))
        name = os.path.basename(path)[:-len(".patch")]
        arches = (head.pop("Arch"),) if "Arch" in head else ARCHES
        if set(head) != {"Rule", "Test"} or "." not in head["Test"] or not set(arches) <= set(ARCHES):
            raise ValueError("%s: wants Rule: ROW and Test: PROGRAM.name, and an Arch: there is" % name)
        found.append(Mutant(path, name, head["Rule"], *head["Test"].split(".", 1), arches))
    return found


def tests_there_are(folder=os.path.join(ROOT, "user", "test")):
    found = set()
    for path in glob.glob(os.path.join(folder, "boot_*.c")):
        program = os.path.basename(path)[len("boot_"):-len(".c")]
        with open(path) as f:
            found |= {"%s.%s" % (program, test) for test in re.findall(r"\bRULE\((\w+)\)", f.read())}
    return found


def uncovered(table, planted, excuses):
    """What is said of rows without a mistake on some machine."""
    covered = {(m.rule, arch) for m in planted for arch in m.arches}
    return ["%s: no mistake in user/test/mutants for %s, and no excuse" % (row, arch)
            for row in table for arch in ARCHES if row not in excuses and (row, arch) not in covered]


def errors():
    """(number of things looked at, [what is wrong])"""
    table, there, said = rows(), tests_there_are(), []
    for row, (_, tests) in table.items():
        if not tests:
            said.append("%s: no test" % row)
        said += ["%s: there is no test %s" % (row, test) for test in tests if test not in there]
    planted = mutants()
    said += uncovered(table, planted, excused())
    for row in excused():
        if row not in table or row in {m.rule for m in planted}:
            said.append("%s: has a mistake, or is no row: no excuse is wanted" % row)
    for m in planted:
        if m.rule not in table:
            said.append("mutants/%s: there is no row %s" % (m.name, m.rule))
        elif "%s.%s" % (m.program, m.test) not in table[m.rule][1]:
            said.append("mutants/%s: %s.%s is not a test of row %s" % (m.name, m.program, m.test, m.rule))
        elif subprocess.run(["git", "apply", "--check", "--recount", m.path], cwd=ROOT, stderr=subprocess.DEVNULL).returncode != 0:
            said.append("mutants/%s: does not apply" % m.name)
    return len(table) + len(planted), said


def main():
    try:
        looked, said = errors()
    except ValueError as problem:
        looked, said = 1, [str(problem)]
    print("".join(line + "\n" for line in said) + "%d passed, %d failed" % (max(looked - len(said), 0), len(said)))
    return said != []


if __name__ == "__main__":
    sys.exit(main())
