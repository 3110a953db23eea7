"""A student's year: lab1 solved, lab2 merged and solved, and so on; a tidy one takes the staff's solution, a messy one
throws the marks away, reformats, adds helpers, an include, a field, prints and a file of his own."""

import os
import re
import shutil

import fence
import git
import handout

WHO = dict(GIT_AUTHOR_NAME="student", GIT_AUTHOR_EMAIL="s@x", GIT_COMMITTER_NAME="student", GIT_COMMITTER_EMAIL="s@x")


class Conflict(Exception):
    """What did not merge or build."""


def year(course, folder, is_messy, run):
    """Purpose: goes through all labs in a clone below `folder`. Raises Conflict."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    out, work = os.path.join(folder, "out"), os.path.join(folder, "work")
    handout.handout(out, course.source)
    git.git(folder, "clone", "-q", "-b", "lab%d" % course.labs[0], os.path.join(out, "student"), work)
    for lab in course.labs:
        if lab != course.labs[0]:
            take(work, "lab%d" % lab)
        solve(course, work, lab, is_messy)
        git.git(work, "add", "-A")
        git.git(work, "commit", "-qm", "lab %d" % lab, **WHO)
        text = run(["make", "-s", "-j2", "WERROR=0", "all"], work)
        if "error:" in text or "***" in text:
            raise Conflict("lab %d solved does not build:\n%s" % (lab, "\n".join(text.splitlines()[-12:])))


def take(work, branch):
    try:
        git.git(work, "merge", "-q", "--no-edit", "origin/" + branch, **WHO)
    except git.GitError:
        both = git.git(work, "diff", "--name-only", "--diff-filter=U").split()
        raise Conflict("merging %s: conflicts in %s" % (branch, " ".join(both)))


def solve(course, work, lab, is_messy):
    """Puts this lab's solution into the files, which already hold the earlier labs' as the student wrote them."""
    for path in sorted(course.paths(lab)):
        mine = [r for r in course.regions.get(path, ()) if r.kind == "exercise" and r.lab == lab]
        if not mine:
            continue
        solution = [course._text(path).split("\n")[r.head:r.last + 1] for r in mine]
        there = os.path.join(work, path)
        with open(there, encoding="utf-8", errors="surrogateescape") as f:
            text = f.read()
        here = [r for r in fence.regions(path, text) if r.kind == "exercise" and r.lab == lab]
        lines = text.split("\n")
        for r, full in reversed(list(zip(here, solution))):
            body = full[r.body - r.head:-1]
            lines[r.head:r.last + 1] = reformat(path, body) if is_messy else full
            if is_messy and path.endswith(".c"):
                add_helpers(lines, r.head, r.head + len(reformat(path, body)))
        with open(there, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write("\n".join(with_include(lines, path) if is_messy else lines))
    if is_messy:
        mess(work, lab)


def reformat(path, body):
    """Other indentation and an empty line: no line is as it was."""
    if not path.endswith((".c", ".h")):
        return body
    return [""] + [re.sub(r"^\t+", lambda m: "    " * len(m.group()), row) if not row.endswith("\\") else row for row in body] + [""]


helpers = [0]


def add_helpers(lines, first, last):
    """A function above the one that holds lines first..last, and one below it."""
    def helper():
        helpers[0] += 1
        return ["__attribute__((unused)) static int", "my_helper_%d(int x)" % helpers[0], "{", "    return x + 1;", "}", ""]
    below = next((i for i in range(last, len(lines)) if lines[i] == "}"), None)
    if below is not None:
        lines[below + 1:below + 1] = [""] + helper()[:-1]
    above = next((i for i in range(first, -1, -1) if lines[i] in ("{", "}")), None)
    if above is not None and lines[above] == "{":
        while above > 0 and lines[above - 1].strip() and not lines[above - 1].rstrip().endswith("*/"):
            above -= 1
        if above > 0 and not lines[above - 1].strip():
            lines[above:above] = helper()


def with_include(lines, path):
    last = max((i for i, row in enumerate(lines) if row.startswith("#include")), default=None)
    if last is None or not path.endswith(".c") or not path.startswith("kern/"):
        return lines
    return lines[:last + 1] + ['#include "init/printk.h"'] + lines[last + 1:]


def mess(work, lab):
    """Prints in main.c, a field in a struct, a file of his own."""
    path = os.path.join(work, "kern/init/main.c")
    with open(path) as f:
        text = f.read()
    text = re.sub(r"(\n\tbanner\(\);\n)", r'\1\tprintk("here %d\\n");\n' % lab, text, count=1)
    with open(path, "w") as f:
        f.write(text)
    with open(os.path.join(work, "kern/mm/mine%d.c" % lab), "w") as f:
        f.write("/* mine */\nint mine_%d = %d;\n" % (lab, lab))
    path = os.path.join(work, "kern/mm/buddy.h")
    if lab == 1 and os.path.exists(path):
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(r"\n};\n", "\n    unsigned mine;\n};\n", text, count=1))
