#!/usr/bin/env python3
"""A box for what strangers wrote: compilers and QEMU run in it and see their tools, one copy of the tree, and nothing else.

    box.py ROOT TREE OUT COMMAND...     (inside the namespaces that command() makes; ROOT is an empty folder)

A hostile file can make a compiler, assembler or linker read any file (`#include "/etc/passwd"`, `.incbin`, INPUT in a linker script),
fill the disk, or run for ever. In the box there is no such file, no network, no other process; the tree lies in memory of limited size;
nothing can be written but the tree and OUT; each process has its limits.
"""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile

TOOLS = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "nix", "etc/alternatives", "etc/ld.so.cache")
DEVICES = ("null", "zero", "full", "random", "urandom")
TREE_BYTES, TEMP_BYTES = 1536 << 20, 1024 << 20
LIMITS = ((resource.RLIMIT_FSIZE, 512 << 20), (resource.RLIMIT_AS, 6 << 30), (resource.RLIMIT_CPU, 900), (resource.RLIMIT_CORE, 0))
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE, DETACH = 1, 2, 4, 32, 4096, 16384, 1 << 18, 2
KEPT_FLAGS = 8 | 1024           # noexec and noatime of a mount may not be taken away
NO_NEW_PRIVS, DROP_CAPABILITY = 38, 24


def limits():
    """Limits of this process and of those it starts."""
    for what, most in LIMITS:
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def command(root, tree, out, words):
    """The command line that runs `words` in a box, in /tree, with OUT at /out."""
    return ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child",
            sys.executable, os.path.abspath(__file__), root, tree, out] + list(words)


def works(_known=[]):
    """Whether this system lets us make one. Tried once."""
    if not _known:
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, n) for n in ("root", "tree", "out")]
            for name in names:
                os.mkdir(name)
            try:
                done = subprocess.run(command(*names, ["/bin/sh", "-c", "test ! -e %s && echo box" % folder]), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
                _known.append(done.returncode == 0 and done.stdout == b"box\n")
            except (OSError, subprocess.TimeoutExpired):
                _known.append(False)
    return _known[0]


class Libc:
    """System calls that Python has no names for."""

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __getattr__(self, name):
        def call(*arguments):
            if getattr(self.libc, name)(*arguments):
                number = ctypes.get_errno()
                raise OSError(number, "%s%r: %s" % (name, arguments, os.strerror(number)))
        return call


def mount(libc, source, target, kind, flags, words=""):
    libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), words.encode())


def memory(libc, target, size):
    os.makedirs(target, exist_ok=True)
    mount(libc, "box", target, "tmpfs", NOSUID | NODEV, "mode=755,size=%d" % size)


def show(libc, name, root):
    """A file or folder of the host, to be read only."""
    there, here = os.path.join("/", name), os.path.join(root, name)
    if os.path.islink(there):
        os.symlink(os.readlink(there), here)
    elif os.path.isdir(there):
        os.makedirs(here)
        mount(libc, there, here, "", BIND)
        mount(libc, "", here, "", REMOUNT | BIND | RDONLY | NOSUID | NODEV | os.statvfs(here).f_flag & KEPT_FLAGS)
    elif os.path.isfile(there):
        os.makedirs(os.path.dirname(here), exist_ok=True)
        shutil.copyfile(there, here)


def build(root, tree, out):
    """The box's file system; afterwards it is all there is."""
    libc = Libc()
    mount(libc, "", "/", "", REC | PRIVATE)
    memory(libc, root, 1 << 20)
    for name in TOOLS:
        show(libc, name, root)
    for name in ("dev", "out", "old"):
        os.mkdir(os.path.join(root, name))
    for name in DEVICES:
        here = os.path.join(root, "dev", name)
        open(here, "w").close()
        mount(libc, os.path.join("/dev", name), here, "", BIND)
    memory(libc, os.path.join(root, "tmp"), TEMP_BYTES)
    memory(libc, os.path.join(root, "tree"), TREE_BYTES)
    shutil.copytree(tree, os.path.join(root, "tree"), dirs_exist_ok=True)
    mount(libc, out, os.path.join(root, "out"), "", BIND)
    libc.pivot_root(root.encode(), os.path.join(root, "old").encode())
    os.chdir("/tree")
    libc.umount2(b"/old", DETACH)
    os.rmdir("/old")
    mount(libc, "", "/", "", REMOUNT | BIND | RDONLY | NOSUID)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        try:
            libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
        except OSError:
            break


def main():
    if os.getpid() > 2:
        sys.exit("box.py runs in the namespaces that grade/one makes")
    build(*sys.argv[1:4])
    limits()
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"}
    os.execvpe(sys.argv[4], sys.argv[4:], environment)


if __name__ == "__main__":
    main()
