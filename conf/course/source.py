"""The finished tree, as committed or as it stands on disk, and the trees made from it."""

import fnmatch
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "grade")]
sys.dont_write_bytecode = True

import fence                            # noqa: E402
import git                              # noqa: E402
from lib import rubric                  # noqa: E402

# In no tree made for students. grade/*.py stays only for labs.
STAFF = ("conf/course/*", "conf/bench*", "conf/check.py", "conf/mutants.py", "conf/rules.py", "conf/sdk_test.py", "conf/stress.py",
         "conf/selftest.py", "conf/size.py", "conf/unit.py", ".ci/*", "user/test/mutants/*",
         "grade/self/*", "grade/unit/*", "grade/one", "grade/batch", "grade/staff/*", "grade/[a-km-z]*.py",
         "labs/README.md", "labs/student.md", "labs/*/bugs/*", "labs/*/given/*", "labs/*/answers-key.md", "README.md")
KEPT = ("grade/grade.py", "grade/handin.py", "grade/replay.py")
# What only trees of a higher layer need, beside what conf/kernel.mk says about the kernel.
USER = {2: ("lib/mach/*", "lib/virtio/*", "lib/libc/*", "inc/proto/*", "inc/libc/*", "user/test/*", "conf/mig*", "conf/user.ld"),
        3: ("fs/*", "net/*", "lib/posix/*", "user/*", "conf/disk/*", "conf/init/*", "conf/mkdisk.py")}
ALWAYS = ("lib/libc/string/mem*", "lib/libc/string/str*")
LAYERS = {1: 1, 2: 2}                   # of a lab; later ones have all three
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')


class Source:
    """Conditions: `commit` is anything git knows, or None for the files on disk (what git ignores left out)."""

    def __init__(self, root=ROOT, commit="HEAD"):
        self.root = root
        if commit:
            self.id = git.git(root, "rev-parse", "--verify", commit + "^{commit}").strip()
            tree = self.id
        else:
            self.id = tree = self._snapshot()
            commit = "HEAD"
        self.when = git.git(root, "log", "-1", "--format=%cd", "--date=raw", commit).strip()
        self.files = git.contents(root, tree)

    def _snapshot(self):
        """A tree object of what is on disk; the user's index stays as it is."""
        with tempfile.TemporaryDirectory() as folder:
            index = os.path.join(folder, "index")
            git.git(self.root, "read-tree", "HEAD", GIT_INDEX_FILE=index)
            git.git(self.root, "add", "-A", GIT_INDEX_FILE=index)
            return git.git(self.root, "write-tree", GIT_INDEX_FILE=index).strip()


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, p) for p in patterns)


class Course:
    """Every tree of a Source: course.tree("lab", 2) is {path: (mode, bytes)}."""

    def __init__(self, source):
        self.source = source
        self.files = source.files
        self.rubrics = self._rubrics()
        self.labs = sorted(self.rubrics)
        self.higher = self._higher_layers()
        self.regions = {p: fence.regions(p, self._text(p)) for p in self.files if fence.style(p) and self._may_mark(p)}
        self.kept = {}                  # lab -> paths

    @staticmethod
    def _may_mark(path):
        return not path.startswith(("labs/", "grade/", "conf/"))

    def _text(self, path):
        return self.files[path][1].decode(errors="surrogateescape")

    def _rubrics(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, (_, data) in self.files.items():
                if re.fullmatch(r"labs/lab\d+/rubric\.ini", path):
                    os.makedirs(os.path.dirname(os.path.join(folder, path)))
                    with open(os.path.join(folder, path), "wb") as f:
                        f.write(data)
            return rubric.all_of(folder)

    def _higher_layers(self):
        """{layer: patterns of what only it and those above need}, the kernel's from conf/kernel.mk."""
        text = self._text("conf/kernel.mk") if "conf/kernel.mk" in self.files else ""
        found = {n: list(USER[n]) for n in USER}
        for n, names in re.findall(r"(?m)^layer_(\d)_only := (.*)$", text):
            if int(n) in found:             # what only layer 1 is built from stays: its lab is graded in later trees too
                found[int(n)] += [name.replace("%", "*") for name in names.split()]
        return found

    # Which files.

    def layer(self, lab):
        return LAYERS.get(lab, 3)

    def paths(self, lab):
        """Purpose: what the tree of a lab is made of: its layers' files, headers those include, nothing of later labs."""
        if lab not in self.kept:
            later = [p for n in self.labs if n > lab for p in ("labs/lab%d/*" % n, "grade/lab%d.py" % n, "grade/lab%d_*.py" % n)]
            layer = self.layer(lab)
            above = [p for n, names in self.higher.items() if n > layer for p in names]
            below = [p for n, names in self.higher.items() if 1 < n <= layer for p in names]
            all_of = {p for p in self.files if (not matches(p, STAFF) or p in KEPT) and not matches(p, later)}
            here = {p for p in all_of if not matches(p, above) or matches(p, below) or matches(p, ALWAYS)}
            self.kept[lab] = self._with_readmes(self._with_headers(here, all_of, layer), all_of)
        return self.kept[lab]

    def _with_headers(self, here, all_of, layer):
        folders = ["kern", "inc", "lib", "inc/libc"] + ["kern/arch/" + a for a in ("aarch64", "x86_64")]
        left = [p for p in here if fence.style(p) == "block"]
        kept = set(here)
        while left:
            path = left.pop()
            for name in included(self._text(path), layer):
                for folder in [os.path.dirname(path)] + folders:
                    there = os.path.normpath(os.path.join(folder, name))
                    if there in all_of:
                        if there not in kept:
                            kept.add(there)
                            left.append(there)
                        break
        return kept

    @staticmethod
    def _with_readmes(here, all_of):
        """A folder's README comes with any other file of the folder itself."""
        folders = {os.path.dirname(p) for p in here if not p.endswith("README.md")}
        deep = {f[:i] for f in folders for i in [len(f)] + [i for i, c in enumerate(f) if c == "/"]}
        return {p for p in here if not p.endswith("/README.md")} | {
            p for p in all_of if p.endswith("/README.md") and os.path.dirname(p) in deep}

    # What is in them.

    def tree(self, kind, lab):
        """kind: lab (nothing solved), prep (earlier labs solved), sol (all solved)."""
        below = {"lab": 0, "prep": lab, "sol": lab + 1}[kind]
        return self.variant(lab, lambda exercise: int(exercise.split(".")[0]) < below)

    def variant(self, lab, solved):
        """The tree of a lab with the exercises that solved(exercise) says."""
        made = {}
        for path in self.paths(lab):
            mode, data = self.files[path]
            if self.regions.get(path):
                text = fence.cut(path, data.decode(errors="surrogateescape"), lab, solved, self.given)
                data = text.encode(errors="surrogateescape")
            made[path] = (mode, data)
        if "labs/student.md" in self.files:
            made["README.md"] = ("100644", self.files["labs/student.md"][1])
        made["labs/tree.mk"] = ("100644", TREE % (lab, self.layer(lab)))
        return made

    def given(self, lab, name):
        path = "labs/lab%d/given/%s" % (lab, name)
        if path not in self.files:
            raise fence.FenceError("there is no " + path)
        return self._text(path)


TREE = b"""# The tree of lab %d. Warnings are shown and go on.
LAYER  ?= %d
WERROR ?= 0
"""


def included(text, layer):
    """Names a file includes in a build of this layer: `#if LAYER >= N` is obeyed, other conditions count as true."""
    stack = []
    for row in text.split("\n"):
        word = re.match(r"\s*#\s*(if|ifdef|ifndef|else|elif|endif)\b(.*)", row)
        if word:
            what, rest = word.groups()
            test = re.fullmatch(r"\s*LAYER (>=|==|<) (\d)\s*(?:/\*.*)?", rest)
            if what.startswith("if"):
                stack.append(eval_layer(test, layer) if test else None)
            elif what == "else" and stack and stack[-1] is not None:
                stack[-1] = not stack[-1]
            elif what == "endif" and stack:
                stack.pop()
            continue
        name = INCLUDE.match(row)
        if name and False not in stack:
            yield name.group(1)


def eval_layer(test, layer):
    n = int(test.group(2))
    return {">=": layer >= n, "==": layer == n, "<": layer < n}[test.group(1)]


def write_tree(folder, files):
    """Purpose: puts a tree on disk. A file that is there with the same contents keeps its time, so that make builds only what
    differs; files not in the tree go, what is below build/ or .git stays."""
    for base, dirs, names in os.walk(folder):
        if base == folder:
            dirs[:] = [d for d in dirs if d not in ("build", ".git")]
        for name in names:
            path = os.path.join(base, name)
            if os.path.relpath(path, folder) not in files:
                os.unlink(path)
    for path, (mode, data) in files.items():
        there = os.path.join(folder, path)
        try:
            with open(there, "rb") as f:
                if f.read() == data:
                    continue
        except OSError:
            os.makedirs(os.path.dirname(there), exist_ok=True)
        with open(there, "wb") as f:
            f.write(data)
        os.chmod(there, 0o755 if mode == "100755" else 0o644)
