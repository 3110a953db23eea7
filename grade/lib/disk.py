"""The graders' own ext2 disk: the tree's programs plus files whose contents the host knows.

    /grade/small /grade/empty           a few lines; nothing
    /grade/direct single double         files that just need direct, indirect, double-indirect blocks
    /grade/triple                       a sparse file with marks, the last beyond the double-indirect range
    /grade/big                          20 MB of lines
    /grade/many/                        5000 entries
    /grade/d0/d1/.../d9/leaf            a 10-deep path
    /grade/here -> d0/d1  /grade/abs -> /grade/small  /grade/chain5 -> chain4 ... -> small
    /grade/loop -> pool -> loop  /grade/self -> self  /grade/dangling -> nowhere

Blocks are 1 KB, so that the indirect ranges begin early. Everything follows from SEED.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import threading
from collections import namedtuple

from . import tree                      # noqa: F401  puts conf/ on the path

import mkdisk                           # noqa: E402  conf/mkdisk.py

SEED = 20250101
BLOCK = 1024
PER = BLOCK // 4                        # block numbers in one indirect block
DIRECT = 12 * BLOCK
SINGLE = DIRECT + PER * BLOCK
DOUBLE = SINGLE + PER * PER * BLOCK     # the first byte that needs a triple-indirect block
MARKS = (0, DIRECT - 8, SINGLE - 8, SINGLE + 3 * BLOCK, DOUBLE - 8, DOUBLE + 5 * BLOCK + 100)
MANY = 5000
DEEP = 10
BIG = 20 << 20
SECTOR = 512
EXT2_MAGIC_AT, EXT2_MAGIC = 1024 + 56, b"\x53\xef"
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/opt/homebrew/opt/util-linux/sbin:/usr/local/opt/util-linux/sbin"
VERSION = 5                             # of what stands below; part of the image's name

lock = threading.Lock()


@contextlib.contextmanager
def alone(folder):
    """Nobody else makes images there meanwhile, neither another test nor another run of the graders."""
    os.makedirs(folder, exist_ok=True)
    with lock, open(os.path.join(folder, "lock"), "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def lines(name, size):
    """Readable bytes without \\r and control characters, the same for the same name; ends in \\n."""
    source = random.Random("%d %s" % (SEED, name))
    rows, length = [], 0
    while length < size:
        row = b"%08x %s %0*x\n" % (length, name.encode(), source.randrange(1, 60), source.getrandbits(200))
        rows.append(row)
        length += len(row)
    return b"".join(rows)[:size - 1] + b"\n"


def mark(offset):
    return b"<%06d>" % (offset // 1000)


def triple_size():
    return MARKS[-1] + len(mark(0))


Content = namedtuple("Content", "files names links")


def content():
    """What stands on the disk: {name: bytes} of /grade, the names in /grade/many, {link: target}."""
    source = random.Random(SEED)
    files = {"small": lines("small", 200), "empty": b"", "direct": lines("direct", DIRECT),
             "single": lines("single", SINGLE), "double": lines("double", SINGLE + 40 * BLOCK + 17)}
    names = sorted("%s%04d" % ("".join(source.choice("abcdefghij") for _ in range(source.randrange(1, 30))), n)
                   for n in range(MANY))
    links = {"here": "d0/d1", "abs": "/grade/small", "loop": "pool", "pool": "loop", "self": "self",
             "dangling": "nowhere", "chain0": "small"}
    links.update({"chain%d" % n: "chain%d" % (n - 1) for n in range(1, 6)})
    return Content(files, names, links)


def deep_path():
    return "/grade/" + "/".join("d%d" % n for n in range(DEEP))


def _entries(folder, base):
    """The entries for mkdisk.create; file contents are written below `folder`."""
    made = content()
    entry = mkdisk.Entry

    def on_host(name, data):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(data)
        return entry("file", path, 0o644, 0, 0)

    found = dict(base)
    found.update({"/grade/" + n: on_host(n, data) for n, data in made.files.items()})
    found["/grade/big"] = on_host("big", lines("big", BIG))
    nothing = found["/grade/empty"]
    found.update({"/grade/many/" + n: nothing for n in made.names})
    found[deep_path() + "/leaf"] = on_host("leaf", b"at the bottom\n")
    found.update({"/grade/" + n: entry("link", target, 0o777, 0, 0) for n, target in made.links.items()})
    sparse = os.path.join(folder, "triple")
    with open(sparse, "wb") as f:
        for at in MARKS:
            f.seek(at)
            f.write(mark(at))
    found["/grade/triple"] = entry("file", sparse, 0o644, 0, 0)
    return found


def graded(cut):
    """Purpose: the test disk for one cut, made anew when the tree's own disk changed. Returns its path."""
    return _image(cut, "disk", _entries, 80, BLOCK)


# What mke2fs makes by default, said in full: no local configuration counts.
CHANGING = ("-I", "256", "-i", "4096", "-O", "none,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file")


def changing(kind, block, megabytes=0):
    """Purpose: a disk to be written to, as mke2fs makes it by default: "ext2" or "ext3". Returns a function as graded is one."""
    def made(cut):
        name = "%s-%d%s" % (kind, block, "-%dm" % megabytes if megabytes else "")
        return _image(cut, name, _given, megabytes or (32 if block > 2048 else 24), block, CHANGING + (("-j",) if kind == "ext3" else ()))
    return made


GIVEN = {"/given/small": (7, 100), "/given/big": (8, 1500000)}      # {path: (seed, size)}, made of byte_at


def byte_at(seed, start, end):
    """The bytes that user/test/change.c makes of a seed."""
    add = seed * 40503 + (1 << 32)
    return bytes([(i * 2654435761 + add & 0xffffffff) >> 13 & 255 for i in range(start, end)])


def _given(folder, base):
    found = dict(base)
    found["/w"] = mkdisk.Entry("dir", "", 0o755, 0, 0)
    for path, (seed, size) in GIVEN.items():
        source = os.path.join(folder, os.path.basename(path))
        with open(source, "wb") as f:
            f.write(byte_at(seed, 0, size))
        found[path] = mkdisk.Entry("file", source, 0o644, 0, 0)
    return found


def _image(cut, name, entries, megabytes, block, form=mkdisk.FORMAT):
    """
    An image with the tree's programs and what entries(folder, those) adds; kept until the programs change. What somebody wrote to the disk
    of `make qemu` is not on it.
    """
    folder = os.path.join(cut.folder, "grade")
    with alone(folder):
        with open(os.path.join(cut.folder, "disk.list"), "rb") as f:
            key = hashlib.sha256(b"%d " % VERSION + f.read()).hexdigest()[:12]
        image = os.path.join(folder, "%s-%s.img" % (name, key))
        if not os.path.exists(image):
            for old in os.listdir(folder):
                if re.fullmatch(re.escape(name) + "-[0-9a-f]{12}\\.img", old):
                    os.unlink(os.path.join(folder, old))
            _make(cut, image, entries, megabytes, block, form)
    return image


def _make(cut, image, entries, megabytes, block, form):
    work = image + ".tmp"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    try:
        base = mkdisk.listed(os.path.join(cut.folder, "disk.list"))
        mkdisk.create(image, entries(work, base), megabytes, block, form)
    finally:
        shutil.rmtree(work, ignore_errors=True)


# Words of the superblock: where, and of what form.
SUPER = 1024
SUPER_WORDS = {"magic": (56, "<H"), "compat": (92, "<I"), "incompat": (96, "<I"), "ro_compat": (100, "<I")}


def changed_super(image, word, change):
    """An image's bytes with another word in the superblock: change(old word)."""
    with open(image, "rb") as f:
        data = bytearray(f.read())
    at, form = SUPER_WORDS[word]
    struct.pack_into(form, data, SUPER + at, change(*struct.unpack_from(form, data, SUPER + at)))
    return bytes(data)


def check(image, *options):
    """What e2fsck says: (status, text)."""
    done = mkdisk.tool("e2fsck", *options, image, ok=range(256))
    return done.returncode, done.stdout + done.stderr


def partitions(image):
    """{number: (offset, size) in bytes} of an image, as sfdisk says; none where it has no table."""
    said = subprocess.run(["sfdisk", "-J", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ, PATH=PATH)).stdout
    found = json.loads(said)["partitiontable"].get("partitions", []) if said else []
    return {int(re.search(r"(\d+)$", p["node"]).group(1)): (p["start"] * SECTOR, p["size"] * SECTOR) for p in found}


def has_ext2(image, offset=0):
    with open(image, "rb") as f:
        f.seek(offset + EXT2_MAGIC_AT)
        return f.read(2) == EXT2_MAGIC


def check_all(image):
    """What `e2fsck -fn` says of each file system on a disk: (where, status, text)."""
    if has_ext2(image):
        return [("the disk", *check(image, "-fn"))]
    return [("partition %d" % number, *check("%s?offset=%d" % (image, offset), "-fn"))
            for number, (offset, _) in partitions(image).items() if has_ext2(image, offset)]


def journal_commits(image):
    """How many whole transactions debugfs finds in an image's journal."""
    return mkdisk.tool("debugfs", "-R", "logdump", image).stdout.count("(commit block)")


def host_view(image, folder, work):
    """What debugfs finds below a folder of an image: {path: (mode, links, uid, gid, bytes or target)}; folders have no bytes."""
    out = os.path.join(work, "dumped")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    mkdisk.tool("debugfs", "-R", "rdump %s %s" % (folder, out), image)
    top = os.path.join(out, os.path.basename(folder))
    paths = [folder] + sorted(mkdisk.tree(top, folder))
    script = os.path.join(work, "stats")
    with open(script, "w") as f:
        f.writelines("stat %s\n" % mkdisk.quoted(p) for p in paths)
    text = mkdisk.tool("debugfs", "-f", script, image).stdout
    stats = re.findall(r"Type: (\w+) +Mode: +(\d+).*?User: +(\d+) +Group: +(\d+).*?Links: (\d+)", text, re.S)
    if len(stats) != len(paths):
        raise mkdisk.DiskError("debugfs: %d of %d files described" % (len(stats), len(paths)))
    found = {}
    for path, (_, mode, uid, gid, links) in zip(paths, stats):
        here = os.path.join(out, os.path.relpath(path, os.path.dirname(folder)))
        content = None
        if os.path.islink(here):
            content = os.readlink(here)
        elif os.path.isfile(here):
            with open(here, "rb") as f:
                content = f.read()
        found[path] = (int(mode, 8), int(links), int(uid), int(gid), content)
    return found


def host_times(image, paths):
    """What debugfs says of files' times: {path: (atime, mtime, ctime)} in nanoseconds since 1970; inodes of 256 bytes."""
    found = {}
    for path in paths:
        text = mkdisk.tool("debugfs", "-R", "stat " + mkdisk.quoted(path), image).stdout
        words = {name: (int(low, 16), int(extra, 16)) for name, low, extra in re.findall(r"(?m)^ *(\w)time: 0x(\w{8}):(\w{8}) ", text)}
        found[path] = tuple(instant(*words[name]) for name in "amc")
    return found


def instant(low, extra):
    """The two words of a time in an ext2 inode: seconds with a sign; two more bits of them below the nanoseconds."""
    return ((low ^ 1 << 31) - (1 << 31) + ((extra & 3) << 32)) * 10**9 + (extra >> 2)


def sum_of(name):
    """(CRC, size) of a file as POSIX cksum prints them."""
    return cksum(lines("big", BIG) if name == "big" else content().files[name])


def _crc_table():
    table = []
    for n in range(256):
        c = n << 24
        for _ in range(8):
            c = (c << 1 ^ 0x04c11db7 if c & 0x80000000 else c << 1) & 0xffffffff
        table.append(c)
    return table


def cksum(data, table=_crc_table()):
    """POSIX cksum: CRC-32 with the polynomial 0x04c11db7, then the length, complemented."""
    c = 0
    for byte in data:
        c = c << 8 & 0xffffffff ^ table[c >> 24 ^ byte]
    length = len(data)
    while length:
        c = c << 8 & 0xffffffff ^ table[c >> 24 ^ length & 255]
        length >>= 8
    return ~c & 0xffffffff, len(data)
