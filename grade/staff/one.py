"""Grading one submission: read it, lay it over what was handed out, build and run it in a box, make one JSON of what came."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from repo import Handout, NoHandout, Stranger, is_bare, known, origin      # noqa: F401
from lib import rubric, submission
from lib.submission import Refused
import box
import reach

SECONDS, BUILD_SECONDS = 1800, 300
TOLD = 20000            # bytes of the grader's own words that are kept
FORM = "%-12s%s"


class NoBox(Exception):
    """This system makes no box, and nobody said that it need not."""


def read(path, handout):
    """Purpose: a submission of any kind, with the hand-out commit it stands on if that can be known. Raises Refused."""
    if os.path.islink(path) or not os.path.exists(path):
        raise Refused("%s is not there, or a link" % os.path.basename(path))
    if not os.path.isdir(path):
        return submission.from_tar(path)
    if is_bare(path):
        with Stranger(path) as s:
            work = s.files()
            work.base = known(s, handout)
            return work
    path = inner_folder(path)
    if os.path.isfile(path):
        return submission.from_tar(path)
    work = submission.from_folder(path)
    work.base = origin(path, handout)
    return work


def inner_folder(path):
    """A folder that holds nothing but a tree's folder, or a hand-in, means what it holds."""
    names = [n for n in os.listdir(path) if not n.startswith((".", "__MACOSX"))]
    if len(names) == 1 and not os.path.islink(os.path.join(path, names[0])):
        inner = os.path.join(path, names[0])
        if os.path.isdir(os.path.join(inner, "labs")) or (os.path.isfile(inner) and names[0].endswith((".tar.gz", ".tgz", ".tar"))):
            return inner
    return path


def stand(work, handout, lab):
    """Purpose: the commit a submission is graded on. Raises Refused."""
    if work.base and work.base not in handout.commits:
        raise Refused("it stands on commit %s, which is not in this hand-out" % work.base[:12])
    if not work.base:
        return handout.nearest(work.files, work.lab or lab)
    return work.base


def run(tree, out, words, boxed):
    """Runs the grader on a tree; returns the end of what it said."""
    log = os.path.join(out, "log")
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": out, "LC_ALL": "C.UTF-8"}
    root = tempfile.mkdtemp(prefix="machr-box-")
    try:
        with open(log, "wb") as f:
            process = subprocess.Popen(box.command(root, tree, out, words) if boxed else words, cwd=tree, env=env,
                                       stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT, start_new_session=True,
                                       preexec_fn=None if boxed else box.limits)
            try:
                process.wait(SECONDS + BUILD_SECONDS)
            except BaseException as problem:
                os.killpg(process.pid, 9)
                process.wait()
                if not isinstance(problem, subprocess.TimeoutExpired):
                    raise
    finally:
        shutil.rmtree(root, ignore_errors=True)
    with open(log, "rb") as f:
        f.seek(max(0, os.path.getsize(log) - TOLD))
        return f.read().decode(errors="replace")


def grade_tree(files, lab, arch, jobs, boxed, seed=None, build_seconds=BUILD_SECONDS):
    """Purpose: builds and grades a tree. Returns the results, or raises Refused when the grader gave none."""
    folder = tempfile.mkdtemp(prefix="machr-one-")
    try:
        tree, out = os.path.join(folder, "tree"), os.path.join(folder, "out")
        os.mkdir(out)
        submission.write(tree, files)
        results = os.path.join(out, "results.json")
        words = ["python3", "grade/grade.py", "LAB=%d" % lab, "ARCH=" + arch, "JOBS=%d" % jobs, "HURRY=1", "SECONDS=%d" % SECONDS,
                 "BUILD_SECONDS=%d" % build_seconds, "RESULTS=" + ("/out/results.json" if boxed else results)]
        told = run(tree, out, words + (["SEED=%d" % seed] if seed is not None else []), boxed)
        if not boxed:
            strays = reach.dependencies(tree)
            if strays:
                raise Refused("its build reads files outside of the tree: " + " ".join(strays))
        try:
            with open(results) as f:
                return json.load(f), told
        except (OSError, ValueError):
            raise Refused("the grader gave no result; it ended with\n%s" % "\n".join(told.splitlines()[-15:]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def zero(lab, base, most, why):
    """The JSON of what was not graded."""
    return {"score": 0, "output": "not graded: " + why, "output_format": "text", "stdout_visibility": "visible",
            "tests": [{"name": "submission", "score": 0, "max_score": most, "status": "failed", "output": why, "output_format": "text",
                       "visibility": "visible", "extra_data": {"verdict": "refused", "test": "submission"}}],
            "extra_data": {"lab": lab, "base": base, "verdict": "refused", "why": why, "ignored": [], "reaches": []}}


def points_of(tree):
    """All points of the newest lab of a tree."""
    lab = submission.lab_of(tree)
    with tempfile.TemporaryDirectory() as folder:
        path = "labs/lab%d/rubric.ini" % lab
        submission.write(folder, {path: tree[path]})
        return rubric.read(os.path.join(folder, path)).points


def grade(path, handout, arch="aarch64", lab=0, jobs=1, boxed=True, **more):
    """Purpose: one submission, whatever it is. Returns the JSON's value; what is wrong with the submission is said in there.
    `lab`: for those that do not say which they are; `more`: seed, build_seconds."""
    newest = handout.heads["lab%d" % (lab or max(int(n[3:]) for n in handout.heads if n.startswith("lab")))]
    base = newest
    try:
        work = read(path, handout)
        base = stand(work, handout, lab)
        handed = handout.tree(base)
        tree, ignored = submission.lay_over(work, handed)
        reaches = reach.literals(work.files)
        if reaches and not boxed:
            raise Refused("outside of a box nothing is graded that names files outside of the tree:\n" + "\n".join(reaches))
        graded, _ = grade_tree(tree, lab or submission.lab_of(handed), arch, jobs, boxed, **more)
    except Refused as problem:
        handed = handout.tree(base)
        return zero(lab or submission.lab_of(handed), base, points_of(handed), str(problem))
    told = [FORM % ("stands on:", "%s, lab %d" % (base[:12], submission.lab_of(handed)))]
    if ignored:
        told.append(FORM % ("ignored:", "%d changed files of the protected part, which was restored: %s"
                            % (len(ignored), " ".join(ignored[:12]) + (" ..." if len(ignored) > 12 else ""))))
    told += [FORM % ("reaches:", row) for row in reaches]
    graded["output"] = "\n".join([graded.get("output", "")] + told)
    graded["extra_data"].update(base=base, ignored=ignored, reaches=reaches, boxed=boxed)
    return graded


def can_box(wanted):
    """Purpose: whether to use a box. Raises NoBox."""
    if not wanted:
        return False
    if not box.works():
        raise NoBox("this system lets nobody make a box (user namespaces, `unshare` of util-linux): without one a submission can read\n"
                    "every file of this account while it is built. Where that does not matter, as in a container made for it: --no-box")
    return True


def write(path, value):
    """The JSON, whole or not at all."""
    text = json.dumps(value, indent=1) + "\n"
    if path == "-":
        sys.stdout.write(text)
        return
    with open(path + ".part", "w") as f:
        f.write(text)
    os.replace(path + ".part", path)
