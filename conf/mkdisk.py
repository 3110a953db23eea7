#!/usr/bin/env python3
"""Makes the ext2 disk image and keeps its programs up to date; needs no root and no mounting.

    mkdisk.py --image IMG --list FILE [--new] [--mb N] [--put DEST=FILE]... [--tree FOLDER]... [--prog PATH]...

A new image has the same bytes for the same contents, whoever makes it: fixed UUID, times and owners, files
added in sorted order. An existing image keeps what the guest wrote; only what changed since it was put there
(FILE remembers that) is replaced. --tree copies a folder's contents to /, --prog puts a program into /bin or a
folder into /home. Graders call create() with their own entries.
"""

import argparse
import fcntl
import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections import namedtuple

TIME = "1735689600"                     # every time stamp: 2025-01-01 00:00 UTC
UUID = "4d414348-5f52-4000-8000-000000000001"
SEED = "4d414348-5f52-4000-8000-000000000002"

# kind: "file" (source: path outside), "dir", "link" (source: target)
Entry = namedtuple("Entry", "kind source mode uid gid")

SKELETON = {
    "/bin": Entry("dir", "", 0o755, 0, 0), "/etc": Entry("dir", "", 0o755, 0, 0),
    "/dev": Entry("dir", "", 0o755, 0, 0),
    "/home": Entry("dir", "", 0o755, 0, 0), "/home/user": Entry("dir", "", 0o755, 1000, 1000),
    "/root": Entry("dir", "", 0o700, 0, 0), "/test": Entry("dir", "", 0o755, 0, 0),
    "/tmp": Entry("dir", "", 0o1777, 0, 0),
}
MODE = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "link": stat.S_IFLNK}


class DiskError(Exception):
    """A tool refused; the text says which and why."""


def tool(*argv, ok=(0,), stdin=None):
    """Runs an e2fsprogs tool, which may live outside PATH, with the fixed clock and no local configuration."""
    env = dict(os.environ, E2FSPROGS_FAKE_TIME=TIME, MKE2FS_CONFIG=os.devnull, LC_ALL="C",
               PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
               ":/opt/homebrew/opt/e2fsprogs/sbin:/usr/local/opt/e2fsprogs/sbin")
    try:
        done = subprocess.run(argv, env=env, input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace")
    except FileNotFoundError:
        raise DiskError("not found: %s (`make setup` installs it)" % argv[0]) from None
    if done.returncode not in ok:
        raise DiskError("%s: status %d: %s" % (argv[0], done.returncode, (done.stdout + done.stderr).strip()))
    return done


def debugfs(image, commands, tolerate=()):
    """Runs debugfs commands; its exit status says nothing, so complaints on stderr are the errors."""
    with tempfile.NamedTemporaryFile("w", suffix=".debugfs") as script:
        script.write("\n".join(commands) + "\n")
        script.flush()
        done = tool("debugfs", "-w", "-f", script.name, image)
    bad = [line for line in done.stderr.splitlines()
           if line.strip() and not line.startswith("debugfs 1.") and not any(t in line for t in tolerate)]
    if bad:
        raise DiskError("debugfs: " + "; ".join(bad[:5]))


def quoted(text):
    if '"' in text or "\n" in text:
        raise DiskError("cannot put a name with quotes or line ends on the disk: %r" % text)
    return '"%s"' % text


def commands_for(dest, entry):
    """debugfs commands that create one entry, in the way that works for each kind."""
    folder, name = os.path.split(dest)
    out = ["cd " + quoted(folder)]
    if entry.kind == "dir":
        out.append("mkdir " + quoted(name))
    elif entry.kind == "link":
        out.append("symlink %s %s" % (quoted(name), quoted(entry.source)))
    else:
        out.append("write %s %s" % (quoted(os.path.abspath(entry.source)), quoted(name)))
    if entry.kind != "link":
        out.append("sif %s mode 0%o" % (quoted(name), MODE[entry.kind] | entry.mode))
    for field in ("uid", "gid"):
        if getattr(entry, field):
            out.append("sif %s %s %d" % (quoted(name), field, getattr(entry, field)))
    return out


def with_parents(entries):
    """The entries plus the folders they stand in."""
    full = dict(entries)
    for dest in entries:
        while os.path.dirname(dest) != "/":
            dest = os.path.dirname(dest)
            full.setdefault(dest, Entry("dir", "", 0o755, 0, 0))
    return full


# What mke2fs makes of the tree's own disk.
FORMAT = ("-t", "ext2", "-r", "1", "-I", "128", "-i", "8192", "-m", "1", "-O", "none,filetype,sparse_super,large_file")


def create(image, entries, megabytes=64, block_size=4096, form=FORMAT):
    """Makes a new image with {path inside: Entry}. Its bytes depend on nothing else. `form`: options of mke2fs."""
    part = image + ".part"
    try:
        with open(part, "wb") as f:
            f.truncate(megabytes << 20)
        tool("mke2fs", "-q", "-F", *form, "-b", str(block_size), "-L", "machr", "-U", UUID,
             "-E", "hash_seed=%s,root_owner=0:0,nodiscard" % SEED, part)
        full = with_parents(entries)
        debugfs(part, [c for dest in sorted(full) for c in commands_for(dest, full[dest])])
        tool("e2fsck", "-fn", part)
        os.replace(part, image)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def update(image, changed, removed):
    """Replaces and removes files in an image that a guest may have written to."""
    tool("e2fsck", "-p", image, ok=(0, 1))
    debugfs(image, ["rm " + quoted(d) for d in sorted(set(removed) | {
        d for d, e in changed.items() if e.kind != "dir"})], tolerate=("File not found",))
    full = with_parents(changed)
    folders = {d: e for d, e in full.items() if e.kind == "dir"}
    debugfs(image, ["mkdir " + quoted(d) for d in sorted(folders)], tolerate=("already exists",))
    debugfs(image, [c for d in sorted(full) if d not in folders for c in commands_for(d, full[d])])


def in_use(image):
    """True while QEMU has the image open: it locks bytes of it."""
    with open(image, "r+b") as f:
        try:
            fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def digest(entry):
    data = b""
    if entry.kind == "file":
        with open(entry.source, "rb") as f:
            data = f.read()
    elif entry.kind == "link":
        data = entry.source.encode()
    return hashlib.sha256(repr((entry.kind, entry.mode, entry.uid, entry.gid)).encode() + data).hexdigest()


def outside(path, executable=None):
    """The Entry for a file, folder or link of the host."""
    if os.path.islink(path):
        return Entry("link", os.readlink(path), 0o777, 0, 0)
    if os.path.isdir(path):
        return Entry("dir", "", 0o755, 0, 0)
    runs = os.access(path, os.X_OK) if executable is None else executable
    return Entry("file", path, 0o755 if runs else 0o644, 0, 0)


def tree(folder, dest):
    """Everything below a folder of the host, as entries below dest."""
    found = {}
    for here, folders, files in os.walk(folder):
        inside = os.path.normpath(os.path.join(dest, os.path.relpath(here, folder)))
        for name in folders + files:
            found[os.path.join(inside, name)] = outside(os.path.join(here, name))
    return found


def wanted(args):
    """(entries of the tree, entries of PROGS): the latter stay on the disk when they are no longer asked for."""
    entries, progs = dict(SKELETON), {}
    for folder in args.tree:
        entries.update(tree(folder, "/"))
    for dest, path in (p.split("=", 1) for p in args.put):
        entries[dest] = outside(path, True)
    for path in (p.rstrip("/") for p in args.prog):
        name = os.path.basename(path)
        if not os.path.exists(path):
            raise DiskError("PROGS: there is no %s (blanks separate names, so none may hold one)" % path)
        if os.path.isdir(path):
            progs["/home/" + name] = outside(path)
            progs.update(tree(path, "/home/" + name))
        else:
            progs["/bin/" + name] = outside(os.path.realpath(path), True)
    return entries, progs


def listed(path):
    """The entries of the tree that a list tells of: what is on a disk on which the guest wrote nothing."""
    with open(path) as f:
        return {d: Entry(*v[2:]) for d, v in json.load(f).items() if v[1] == "tree"}


def make(args):
    entries, progs = wanted(args)
    known = {}
    if os.path.exists(args.list) and os.path.exists(args.image) and not args.new:
        with open(args.list) as f:
            known = json.load(f)
    now = {d: [digest(e), "tree", *e] for d, e in entries.items()}
    now.update({d: [digest(e), "prog", *e] for d, e in progs.items()})
    entries.update(progs)
    changed = {d: e for d, e in entries.items() if known.get(d) != now[d]}
    removed = [d for d, v in known.items() if d not in now and v[1] == "tree"]
    if not changed and not removed:
        return
    if os.path.exists(args.image) and in_use(args.image):
        if args.new:
            raise DiskError("%s is in use by a running machine" % args.image)
        print("  %s is in use by a running machine: its programs stay as they are." % args.image)
        return
    if known:
        print("  DISK    %s: %d changed, %d removed" % (args.image, len(changed), len(removed)), flush=True)
        update(args.image, changed, removed)
        now.update({d: v for d, v in known.items() if d not in now and v[1] == "prog"})
    else:
        print("  DISK    %s" % args.image, flush=True)
        create(args.image, entries, args.mb)
    with open(args.list, "w") as f:
        json.dump(now, f, indent=0, sort_keys=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", required=True)
    parser.add_argument("--list", required=True)
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--mb", type=int, default=64)
    for name in ("--put", "--tree", "--prog"):
        parser.add_argument(name, action="append", default=[])
    args = parser.parse_args()
    try:
        make(args)
    except DiskError as error:
        sys.exit("disk: %s\n`make disk` makes %s anew (what the guest wrote is lost)." % (error, args.image))


if __name__ == "__main__":
    main()
