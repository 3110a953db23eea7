"""Git as graders need it: the hand-out's repository, which is ours, and a submission's, which nobody may trust.

git obeys the configuration, hooks and links of the repository it works in, and some of that is commands. So a submission's repository is
never worked in: its objects are copied as plain bytes into a fresh one, packs are indexed anew, and only that is asked.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "conf", "course"), os.path.dirname(HERE)]
sys.dont_write_bytecode = True

import git                              # noqa: E402  conf/course/git.py
from lib import submission              # noqa: E402
from lib.submission import Refused      # noqa: E402

import box                              # noqa: E402

COMMIT = re.compile(r"[0-9a-f]{40}")
REF = re.compile(r"refs/heads/[A-Za-z0-9][A-Za-z0-9_./-]*")
OBJECTS_SIZE, OBJECTS, SECONDS = 512 << 20, 200000, 120


class NoHandout(Exception):
    """Why there is nothing to grade against."""


class Handout:
    """What students were given: OUT/student of `make handout OUT=...`, or OUT."""

    def __init__(self, path):
        inner = os.path.join(path, "student")
        self.path = os.path.abspath(inner if os.path.isdir(inner) else path)
        try:
            heads = git.heads(self.path)
        except (git.GitError, OSError) as problem:
            raise NoHandout("%s is no hand-out (make handout OUT=...): %s" % (path, problem))
        self.heads = {n: c for n, c in heads.items() if re.fullmatch(r"(lab|prep)\d+", n)}
        if not self.heads:
            raise NoHandout("%s: no branch lab1, so no hand-out" % path)
        self.commits = git.git(self.path, "rev-list", "--topo-order", *sorted(self.heads.values())).split()

    def tree(self, commit):
        """{path: (mode, bytes)}"""
        return git.contents(self.path, commit)

    def lab(self, commit):
        return submission.lab_of(git.listing(self.path, commit))

    def nearest(self, files, lab=0):
        """Purpose: the commit whose protected part is most like that of a tree that does not say where it comes from.
        The newest of those that are equally near."""
        ids = {p: git.blob_id(data) for p, data in files.items() if submission.is_protected(p)}
        best = None
        for commit in self.commits:
            theirs = {p: blob for p, (_, blob) in git.listing(self.path, commit).items() if submission.is_protected(p)}
            if lab and submission.lab_of(theirs) != lab:
                continue
            same = sum(theirs.get(p) == blob for p, blob in ids.items())
            apart = len(theirs) + len(ids) - 2 * same
            if best is None or apart < best[0]:
                best = (apart, commit)
        if best is None:
            raise Refused("there is no lab %d in this hand-out" % lab)
        return best[1]


def is_bare(path):
    return all(os.path.exists(os.path.join(path, n)) for n in ("HEAD", "objects", "refs"))


class Stranger:
    """A submission's repository, at arm's length. `with Stranger(path) as s`: s.head, s.history(), s.files()."""

    def __init__(self, path):
        self.path = path
        self.folder = tempfile.mkdtemp(prefix="machr-repo-")

    def __enter__(self):
        try:
            self._copy()
            self.head = self._head()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _git(self, *words, text=True, stdin=None):
        """Runs git in our own repository, with limits: objects may be made to be expensive."""
        try:
            done = subprocess.run(("git", "-C", self.folder) + words, env=git.environment(), stdin=stdin or subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, preexec_fn=box.limits)
        except subprocess.TimeoutExpired:
            raise Refused("its git repository takes too long to read")
        if done.returncode:
            raise Refused("its git repository is damaged")
        return done.stdout.decode(errors="replace") if text else done.stdout

    def _copy(self):
        git.git(self.folder, "init", "-q", "--bare", "--template=", ".")
        left, count = OBJECTS_SIZE, 0
        objects = os.path.join(self.path, "objects")
        for below in sorted(os.listdir(objects)) if os.path.isdir(objects) and not os.path.islink(objects) else ():
            if not re.fullmatch(r"[0-9a-f]{2}|pack", below) or os.path.islink(os.path.join(objects, below)):
                continue
            for name in sorted(os.listdir(os.path.join(objects, below))):
                if not re.fullmatch(r"[0-9a-f]{38}" if below != "pack" else r"pack-[0-9a-f]{40}\.pack", name):
                    continue
                data = self._plain(os.path.join(objects, below, name), left)
                left, count = left - len(data), count + 1
                if count > OBJECTS:
                    raise Refused("its git repository has more than %d files" % OBJECTS)
                self._put(below, name, data)
        shallow = self._plain(os.path.join(self.path, "shallow"), 1 << 20, missing=b"")
        rows = [row for row in shallow.decode("ascii", "replace").split() if COMMIT.fullmatch(row)]
        if rows:
            with open(os.path.join(self.folder, "shallow"), "w") as f:
                f.write("".join(row + "\n" for row in rows))

    def _put(self, below, name, data):
        if below == "pack":
            with tempfile.TemporaryFile() as f:
                f.write(data)
                f.seek(0)
                self._git("index-pack", "--stdin", stdin=f)
            return
        folder = os.path.join(self.folder, "objects", below)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    def _plain(self, path, most, missing=None):
        try:
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            if missing is None:
                raise Refused("its git repository has links or cannot be read")
            return missing
        with os.fdopen(fd, "rb") as f:
            if os.path.isdir("/dev/fd/%d" % fd):
                return missing or b""
            data = f.read(most + 1)
        if len(data) > most:
            raise Refused("its git repository has more than %d MB" % (OBJECTS_SIZE >> 20))
        return data

    def _head(self):
        """The commit HEAD names, read as text."""
        text = self._plain(os.path.join(self.path, "HEAD"), 4096, b"").decode("ascii", "replace").strip()
        if text.startswith("ref: "):
            ref = text[5:]
            if not REF.fullmatch(ref) or ".." in ref:
                raise Refused("its HEAD is no branch")
            text = self._plain(os.path.join(self.path, ref), 4096, b"").decode("ascii", "replace").strip() or self._packed(ref)
        if not COMMIT.fullmatch(text):
            raise Refused("its git repository has no commit at HEAD")
        return text

    def _packed(self, ref):
        for row in self._plain(os.path.join(self.path, "packed-refs"), 4 << 20, b"").decode("ascii", "replace").splitlines():
            if row[41:] == ref:
                return row[:40]
        return ""

    def history(self):
        """Its commits, newest first."""
        return self._git("rev-list", "--topo-order", "--max-count=20000", self.head).split()

    def files(self):
        """Purpose: the Submission at HEAD. Raises Refused."""
        found = submission.Submission()
        for row in self._git("ls-tree", "-r", "-z", "--long", self.head, text=False).split(b"\0"):
            if not row:
                continue
            head, path = row.split(b"\t", 1)
            mode, kind, blob, size = head.decode().split()
            path = path.decode(errors="surrogateescape")
            if submission.DROPPED.match(path):
                continue
            if mode not in ("100644", "100755") or kind != "blob":
                raise Refused("%s: a %s" % (submission.shown(path), "link" if mode == "120000" else "submodule"))
            found.add(path, int(size), lambda blob=blob: self._git("cat-file", "blob", blob, text=False))
        return found.checked()


def origin(work_folder, handout):
    """Purpose: the hand-out commit that the repository of a work folder stands on, "" if it has none."""
    inner = os.path.join(work_folder, ".git")
    if not os.path.isdir(inner) or os.path.islink(inner):
        return ""
    try:
        with Stranger(inner) as s:
            return known(s, handout)
    except Refused:
        return ""


def known(stranger, handout):
    ours = set(handout.commits)
    return next((c for c in stranger.history() if c in ours), "")
