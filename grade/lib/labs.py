"""Labs as graders see them: which one a tree is at, points from the rubric, the table at the end."""

import importlib
import os
import re
import subprocess

from . import registry, rubric, verdict
from .tree import GRADE, ROOT

RubricError = rubric.RubricError


def is_handed_out():
    """A tree made for students, where `make grade` means its lab; else the finished tree."""
    return os.path.exists(os.path.join(ROOT, "labs", "tree.mk"))


def current():
    """Purpose: the lab of this tree: the highest with a rubric that git tracks (without git: that is there), or None."""
    names = [os.path.join("labs", n, "rubric.ini") for n in os.listdir(os.path.join(ROOT, "labs"))
             if re.fullmatch(r"lab\d+", n)]
    names = [n for n in names if os.path.exists(os.path.join(ROOT, n))]
    try:
        done = subprocess.run(["git", "ls-files", "--"] + names, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode == 0 and done.stdout:
            names = done.stdout.decode().split()
    except OSError:
        pass
    return max((int(re.search(r"lab(\d+)", n).group(1)) for n in names), default=None)


def load(lab=None):
    """Purpose: imports the graders of one lab or of all, and gives their tests the rubric's points. Returns {lab: Rubric}.
    Raises RubricError."""
    rubrics = rubric.all_of(ROOT)
    if lab is not None:
        if lab not in rubrics:
            raise RubricError("there is no labs/lab%d/rubric.ini; labs here: %s"
                              % (lab, " ".join(map(str, rubrics)) or "none"))
        rubrics = {lab: rubrics[lab]}
    for n, r in rubrics.items():
        if os.path.exists(os.path.join(GRADE, "lab%d.py" % n)):
            importlib.import_module("lab%d" % n)
        _points(r, {t.name: t for t in registry.TESTS if t.lab == n})
    return rubrics


def _points(r, tests):
    lines = r.tests
    for name, line in lines.items():
        if name not in tests:
            raise RubricError("%s: no test %s in grade/lab%d.py" % (r.path, name, r.lab))
        if tests[name].exercise not in (None, line.exercise):
            raise RubricError("%s: %s stands at exercise %s, the grader says %s"
                              % (r.path, name, line.exercise, tests[name].exercise))
        tests[name].points, tests[name].exercise = line.points, line.exercise
        tests[name].files = tuple(r.exercises[line.exercise].files)
    for name in tests:
        if name not in lines:
            raise RubricError("%s: test %s of grade/lab%d.py is not in it" % (r.path, name, r.lab))


def files_of(number):
    """The files of an exercise of any lab in this tree."""
    r = rubric.all_of(ROOT).get(int(number.split(".")[0]))
    return r.exercises[number].files if r and number in r.exercises else []


def share(results):
    """{Result: (points got, points possible)}: a test that runs in several variants gives each an equal share."""
    names = [(r.variant.test.name, r.variant.arch) for r in results]
    got = {}
    for r, key in zip(results, names):
        most = r.variant.test.points / names.count(key)
        got[id(r)] = (most if r.passed else 0, most)
    return got


def answered(r):
    """How many of a lab's questions have an answer (`Q1:` and words after it, on that line or the next ones)."""
    try:
        with open(os.path.join(ROOT, "labs", "lab%d" % r.lab, "answers.txt"), encoding="utf-8", errors="replace") as f:
            text = f.read()
    except OSError:
        return 0
    parts = re.split(r"(?m)^Q(\d+):", text)[1:]
    return len({number for number, words in zip(parts[::2], parts[1::2]) if re.search(r"\w{2}", words)})


def standing(r):
    """What a report says about a lab beside its tests."""
    return {"lab": r.lab, "questions": r.questions, "answered": answered(r)}


def table(r, results):
    """The points of one lab on one architecture, exercise by exercise."""
    shares = share(results)
    rows, total, most = [], 0, 0
    for e in r.exercises.values():
        mine = [x for x in results if x.variant.test.exercise == e.number]
        got = sum(shares[id(x)][0] for x in mine)
        of = sum(shares[id(x)][1] for x in mine)
        total, most = total + got, most + of
        # One reason is enough, the most telling first: what was not even begun.
        bad = sorted({x.verdict for x in mine if not x.passed}, key=lambda v: v != verdict.TODO)
        bad = [v for v in bad if v != verdict.SKIPPED] or bad
        rows.append("  %-5s %-52s %5.4g / %-4.4g %s" % (e.number, e.title[:52], got, of, ", ".join(bad)))
    head = "lab %d: %s [%s]" % (r.lab, r.title, results[0].variant.arch if results else "")
    rows.append("  %-58s %5.4g / %-4.4g" % ("total", total, most))
    if r.questions:
        rows.append("  questions: %d of %d answered in labs/lab%d/answers.txt; %g points, given by the staff"
                    % (answered(r), r.questions, r.lab, r.question_points))
    return "\n".join([head] + rows)
