"""labs/labN/rubric.ini: what a lab's exercises are, which tests observe them, points, dependencies.

    [lab]
    number = 1
    title = Boot and physical memory
    hours = 14

    [exercise 1.3]
    title = Buddy allocator: allocate and split
    files = kern/mm/buddy.c
    needs = 1.2
    tests =
        lab1-buddy-split   6
        lab1-buddy-order   4   needs 1.4
        lab1-buddy-empty   1   given

    [questions]
    count = 6
    points = 6

A test's line: its name, its points, then `given` (the skeleton passes it) and `needs EX ...` (it cannot pass without those exercises,
besides its own). `needs` of an exercise counts for all its tests. [questions] is optional: staff enters those points.
"""

import configparser
import glob
import os
import re
from dataclasses import dataclass, field


class RubricError(Exception):
    """`path: what is wrong`"""


@dataclass
class Line:
    """A test in the rubric."""
    name: str
    points: float
    exercise: str
    given: bool = False
    needs: tuple = ()           # exercises, its own first, with those of its exercise


@dataclass
class Exercise:
    number: str
    title: str
    files: list
    needs: list
    tests: list = field(default_factory=list)

    @property
    def points(self):
        return sum(t.points for t in self.tests)


@dataclass
class Rubric:
    path: str
    lab: int
    title: str
    hours: str
    exercises: dict             # number -> Exercise, in the order of the file
    questions: int = 0
    question_points: float = 0

    @property
    def tests(self):
        """{name: Line}"""
        return {t.name: t for e in self.exercises.values() for t in e.tests}

    @property
    def points(self):
        return sum(e.points for e in self.exercises.values())

    @property
    def given(self):
        return sum(t.points for t in self.tests.values() if t.given)

    def depends(self, test, on):
        """Whether a test cannot pass while exercise `on` is empty."""
        seen, left = set(), [] if self.tests[test].given else list(self.tests[test].needs)
        while left:
            number = left.pop()
            if number not in seen:
                seen.add(number)
                left += self.exercises[number].needs if number in self.exercises else []
        return on in seen

    def depth(self, number):
        """How long the longest chain of needs below an exercise is."""
        below = [n for n in self.exercises[number].needs if n in self.exercises]
        return 1 + max(map(self.depth, below)) if below else 0


KEYS = {"lab": {"number", "title", "hours"}, "exercise": {"title", "files", "needs", "tests"},
        "questions": {"count", "points"}}


def _line(text, exercise, needs, wrong):
    m = re.fullmatch(r"(\S+)\s+(\d+(?:\.\d+)?)((?:\s+given)?)((?:\s+needs(?:\s+\d+\.\d+)+)?)", text.strip())
    if not m:
        wrong("\"%s\": a test's line is `NAME POINTS [given] [needs EX ...]`" % text.strip())
    more = m.group(4).split()[1:]
    return Line(m.group(1), float(m.group(2)), exercise, bool(m.group(3).strip()), (exercise, *needs, *more))


def read(path):
    """Purpose: one rubric. Raises RubricError."""
    def wrong(what):
        raise RubricError("%s: %s" % (path, what))

    ini = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=("#",))
    try:
        with open(path, encoding="utf-8") as f:
            ini.read_file(f)
    except (OSError, configparser.Error, UnicodeDecodeError) as problem:
        wrong(problem)
    for name in ini.sections():
        known = KEYS.get(name.split()[0])
        if known is None or set(ini[name]) - known:
            wrong("[%s]: unknown section or key; keys are %s" % (name, " ".join(sorted(known or ()))))
    if "lab" not in ini or not ini["lab"].get("number", "").isdigit():
        wrong("[lab] number = N is missing")
    rubric = Rubric(path, int(ini["lab"]["number"]), ini["lab"].get("title", ""), ini["lab"].get("hours", ""), {})
    for name in ini.sections():
        if name.startswith("exercise "):
            _exercise(rubric, name.split()[1], ini[name], wrong)
    if "questions" in ini:
        rubric.questions = ini["questions"].getint("count", 0)
        rubric.question_points = ini["questions"].getfloat("points", 0)
    _whole(rubric, wrong)
    return rubric


def _exercise(rubric, number, section, wrong):
    if not re.fullmatch(r"%d\.\d+" % rubric.lab, number):
        wrong("[exercise %s] is not one of lab %d" % (number, rubric.lab))
    made = Exercise(number, section.get("title", ""), section.get("files", "").split(), section.get("needs", "").split())
    for text in filter(str.strip, section.get("tests", "").splitlines()):
        made.tests.append(_line(text, number, made.needs, wrong))
    if not made.title or not made.tests:
        wrong("[exercise %s] wants a title and tests" % number)
    rubric.exercises[number] = made


def _whole(rubric, wrong):
    """What must hold between exercises."""
    names = [t.name for e in rubric.exercises.values() for t in e.tests]
    for name in names:
        if names.count(name) > 1:
            wrong("test %s stands there twice" % name)
    for t in rubric.tests.values():
        for n in t.needs:
            if n not in rubric.exercises:
                wrong("%s needs exercise %s, which is not there" % (t.name, n))
    order = list(rubric.exercises)
    for e in rubric.exercises.values():
        for n in e.needs:
            if order.index(n) >= order.index(e.number):
                wrong("%s needs %s, which does not come before it" % (e.number, n))
        if rubric.depth(e.number) > 2:
            wrong("%s: the chain of needs is %d deep; at most two" % (e.number, rubric.depth(e.number)))
    if order:
        free = sum(t.points for t in rubric.tests.values() if not rubric.depends(t.name, order[0]))
        if 2 * free < rubric.points:
            wrong("only %g of %g points do not depend on %s; at least half must" % (free, rubric.points, order[0]))


def all_of(root):
    """{lab: Rubric} of a tree."""
    found = [read(path) for path in sorted(glob.glob(os.path.join(root, "labs", "lab*", "rubric.ini")))]
    return {r.lab: r for r in found}
