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

import hashlib
import os
import random
import shutil
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
VERSION = 3                             # of what stands below; part of the image's name

lock = threading.Lock()


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
    folder = os.path.join(cut.folder, "grade")
    with lock:
        with open(os.path.join(cut.folder, "disk.list"), "rb") as f:
            key = hashlib.sha256(b"%d " % VERSION + f.read()).hexdigest()[:12]
        image = os.path.join(folder, "disk-%s.img" % key)
        if not os.path.exists(image):
            os.makedirs(folder, exist_ok=True)
            for old in os.listdir(folder):
                if old.startswith("disk-") and old.endswith(".img"):
                    os.unlink(os.path.join(folder, old))
            _make(cut, image)
    return image


def _make(cut, image):
    work = image + ".tmp"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "base"))
    os.makedirs(os.path.join(work, "data"))
    try:
        mkdisk.tool("debugfs", "-R", "rdump / " + os.path.join(work, "base"), cut.disk)
        base = dict(mkdisk.SKELETON)
        base.update(mkdisk.tree(os.path.join(work, "base"), "/"))
        base.pop("/lost+found", None)
        mkdisk.create(image, _entries(os.path.join(work, "data"), base), 80, BLOCK)
    finally:
        shutil.rmtree(work, ignore_errors=True)


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
