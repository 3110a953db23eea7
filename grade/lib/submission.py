"""Work that somebody hands in: a folder or a tarball, read as plain bytes and laid over the hand-out commit it stands on.

What is read here may be hostile. Nothing of it is executed, no link is followed, and names, sizes and numbers are looked at before
contents are. The same code makes a hand-in (grade/handin.py) and reads it (grade/one).

A hand-in tarball:

    HANDIN              text: `mach-r hand-in 1`, `lab N`, `base COMMIT` (or `base unknown`), `deleted PATH`...
    files/PATH          every file that is new or changed since that commit; all files when the commit is unknown
"""

import gzip
import io
import os
import re
import stat
import tarfile
from dataclasses import dataclass, field

# The one list of what grading restores; spelled in any case, for file systems that do not care.
PROTECTED = re.compile(r"(grade|labs|conf|inc/mach|user/test)/|(GNU)?makefile$|kern/monitor/selftest", re.I)
THEIRS = re.compile(r"labs/lab\d+/answers\.txt$")               # protected folder, but written by students
DROPPED = re.compile(r"(build|\.git)(/|$)|compile_commands\.json$|(.*/)?__pycache__(/|$)|(.*/)?\.(DS_Store|gdb_history)$|.*~$", re.I)

# Names reach make, shells and linker command lines: letters that mean nothing to any of them.
PART = r"\.?[A-Za-z0-9_][A-Za-z0-9_.+-]*"
NAME = re.compile(r"%s(?:/%s)*" % (PART, PART))
NAME_LENGTH, FILES, FILE_SIZE, TOTAL_SIZE = 200, 5000, 4 << 20, 64 << 20

HEAD = "mach-r hand-in 1"


class Refused(Exception):
    """Why a submission is not graded."""


@dataclass
class Submission:
    files: dict = field(default_factory=dict)       # path -> bytes
    whole: bool = True                              # all files of a tree, or only what changed since `base`
    deleted: list = field(default_factory=list)     # only when not whole
    base: str = ""                                  # a commit, or "" when it does not say
    lab: int = 0                                    # what it says, 0 when it does not

    def add(self, path, size, read):
        """Takes a file whose name and size are in order; read() gives its bytes."""
        check_name(path)
        if size > FILE_SIZE:
            raise Refused("%s: %d bytes; a file may have %d" % (path, size, FILE_SIZE))
        if path in self.files:
            raise Refused("%s: is there twice" % path)
        if len(self.files) >= FILES:
            raise Refused("more than %d files" % FILES)
        data = read()
        if len(data) > FILE_SIZE:
            raise Refused("%s: grew while it was read" % path)
        self.total = getattr(self, "total", 0) + len(data)
        if self.total > TOTAL_SIZE:
            raise Refused("more than %d MB" % (TOTAL_SIZE >> 20))
        self.files[path] = data

    def checked(self):
        no_file_is_a_folder(self.files)
        if not self.files and not self.deleted:
            raise Refused("there is nothing in it")
        return self


def is_protected(path):
    return bool(PROTECTED.match(path)) and not THEIRS.match(path)


def no_file_is_a_folder(files):
    for path in files:
        for i, c in enumerate(path):
            if c == "/" and path[:i] in files:
                raise Refused("%s is a file and a folder" % path[:i])


def shown(path):
    """A name that is safe to print."""
    return path[:NAME_LENGTH].encode("unicode_escape").decode()


def check_name(path):
    if path.startswith("/"):
        raise Refused("%s: an absolute path" % shown(path))
    if ".." in path.split("/"):
        raise Refused("%s: leads out of the tree" % shown(path))
    if not NAME.fullmatch(path) or len(path) > NAME_LENGTH:
        raise Refused("%s: a name may have letters, digits and _ . + - and %d bytes" % (shown(path), NAME_LENGTH))


# Folders.

def from_folder(folder):
    """Purpose: a tree as it lies in a folder, committed or not. Raises Refused."""
    found = Submission()

    def walk(below):
        with os.scandir(os.path.join(folder, below)) as entries:
            for entry in sorted(entries, key=lambda e: e.name):
                path = os.path.join(below, entry.name)
                if not DROPPED.match(path):
                    take(path, entry.stat(follow_symlinks=False).st_mode)

    def take(path, mode):
        if stat.S_ISDIR(mode):
            check_name(path)
            return walk(path)
        if not stat.S_ISREG(mode):
            raise Refused("%s: a %s" % (shown(path), "link" if stat.S_ISLNK(mode) else "device, pipe or socket"))
        found.add(path, os.lstat(os.path.join(folder, path)).st_size, lambda: read_plain(os.path.join(folder, path)))

    try:
        walk("")
    except OSError as problem:
        raise Refused("%s: %s" % (problem.filename or folder, problem.strerror))
    return found.checked()


def read_plain(path):
    """Contents of a regular file; a link in its place is an error."""
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(fd, "rb") as f:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Refused("%s: not a plain file" % shown(path))
        return f.read(FILE_SIZE + 1)


# Tarballs.

class Limited(io.RawIOBase):
    """A stream that refuses to unpack into more than there may be."""

    def __init__(self, inner):
        self.inner, self.left = inner, TOTAL_SIZE + FILES * 1024 + (1 << 20)

    def readable(self):
        return True

    def read(self, size=-1):
        data = self.inner.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise Refused("unpacks into more than %d MB" % (TOTAL_SIZE >> 20))
        return data


def from_tar(path):
    """Purpose: a hand-in, or a tarball of a whole tree. Raises Refused."""
    try:
        with open(path, "rb") as f:
            packed = f.read(2) == b"\x1f\x8b"
            f.seek(0)
            stream = Limited(gzip.GzipFile(fileobj=f) if packed else f)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                return _members(tar).checked()
    except (tarfile.TarError, OSError, EOFError, ValueError, UnicodeError) as problem:
        raise Refused("not a tarball that can be read: %s" % shown(str(problem)))


def _members(tar):
    rows = []
    for n, member in enumerate(tar):
        name = member.name[2:] if member.name.startswith("./") else member.name
        if n > 4 * FILES:
            raise Refused("more than %d entries" % (4 * FILES))
        if name in ("", ".") or re.match(r"(?:[^/]+/)?\.git/", name + "/"):
            continue
        if not member.isdir() and not member.isreg():
            raise Refused("%s: a %s" % (shown(name), "link" if member.issym() or member.islnk() else "device or pipe"))
        check_name(name)
        if member.isreg():
            big = member.size > FILE_SIZE
            if big and not DROPPED.match(name) and not DROPPED.match(name.split("/", 1)[-1]):
                raise Refused("%s: %d bytes; a file may have %d" % (name, member.size, FILE_SIZE))
            rows.append((name, b"" if big else tar.extractfile(member).read()))
    if any(name == "HANDIN" for name, _ in rows):
        return _hand_in(rows)
    return _whole(rows)


def _whole(rows):
    """All files of a tree, perhaps below one folder."""
    tops = {name.split("/", 1)[0] for name, _ in rows}
    strip = len(tops) == 1 and all("/" in name for name, _ in rows)
    found = Submission()
    for name, data in rows:
        name = name.split("/", 1)[1] if strip else name
        if not DROPPED.match(name):
            found.add(name, len(data), lambda data=data: data)
    return found


def _hand_in(rows):
    found = Submission(whole=False)
    head = None
    for name, data in rows:
        if name == "HANDIN":
            if head is not None:
                raise Refused("two HANDIN files")
            head = data.decode("ascii", "replace").splitlines()
        elif name.startswith("files/"):
            path = name[len("files/"):]
            if not DROPPED.match(path):
                found.add(path, len(data), lambda data=data: data)
        else:
            raise Refused("%s: has no place in a hand-in" % name)
    if not head or head[0] != HEAD:
        raise Refused("HANDIN does not begin with \"%s\"" % HEAD)
    for row in head[1:]:
        word, _, rest = row.partition(" ")
        if word == "lab" and re.fullmatch(r"[1-9]\d?", rest):
            found.lab = int(rest)
        elif word == "base" and re.fullmatch(r"[0-9a-f]{40}|unknown", rest):
            found.base = "" if rest == "unknown" else rest
        elif word == "deleted":
            check_name(rest)
            found.deleted.append(rest)
        else:
            raise Refused("HANDIN: \"%s\"" % shown(row))
    found.whole = not found.base
    return found


def pack(path, work, lab):
    """Purpose: writes a hand-in of a Submission. The same work gives the same bytes."""
    head = [HEAD, "lab %d" % lab, "base %s" % (work.base or "unknown")] + ["deleted " + p for p in sorted(work.deleted)]
    rows = [("HANDIN", ("\n".join(head) + "\n").encode())] + [("files/" + p, work.files[p]) for p in sorted(work.files)]
    with open(path, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in rows:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


# Laying it over what was handed out.

def lay_over(work, base):
    """Purpose: the tree that is graded. `base`: {path: (mode, bytes)} of the hand-out commit.
    Returns (the tree, protected files that the submission has otherwise or lacks, which are restored)."""
    def mine(path):
        return not is_protected(path)

    kept = {p: f for p, f in base.items() if is_protected(p) or (not work.whole and p not in work.deleted)}
    kept.update({p: ("100644", data) for p, data in work.files.items() if mine(p)})
    no_file_is_a_folder(kept)
    changed = [p for p, data in work.files.items() if not mine(p) and (p not in base or base[p][1] != data)]
    changed += [p for p in (base if work.whole else work.deleted) if p in base and not mine(p) and p not in work.files]
    return kept, sorted(changed)


def lab_of(files):
    """The lab of a tree: the highest that has a rubric, or 0."""
    return max((int(m.group(1)) for m in (re.fullmatch(r"labs/lab(\d+)/rubric\.ini", p) for p in files) if m), default=0)


def as_it_lies(folder):
    """{path: (mode, bytes)} of a tree in a folder, for one that has no history."""
    return {p: ("100755" if os.access(os.path.join(folder, p), os.X_OK) else "100644", data)
            for p, data in from_folder(folder).files.items()}


def write(folder, files):
    """{path: (mode, bytes)} into an empty folder."""
    for path, (mode, data) in files.items():
        there = os.path.join(folder, path)
        os.makedirs(os.path.dirname(there), exist_ok=True)
        with open(there, "wb") as f:
            f.write(data)
        os.chmod(there, 0o755 if mode == "100755" else 0o644)
