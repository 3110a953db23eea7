"""The writable file system: what a guest changes, the host's tools find, byte for byte, and e2fsck has nothing to say.

Each test works on a disk as mke2fs makes it by default, ext2 or ext3, with blocks of 1, 2 or 4 KB. The program
user/test/change.c changes files at the grader's word; `Model` does the same on the host.
"""

import os
import re

from lib import disk
from lib.api import test

BOTH = (1, 4)
KINDS = ("ext2", "ext3")
BLOCKS = (1024, 2048, 4096)
FOLDER = "/w"
REGULAR, LINK, DIRECTORY = 0o100000, 0o120000, 0o040000


class File:
    """What debugfs ought to say about a file."""

    def __init__(self, kind, mode, content=None):
        self.kind, self.mode, self.content = kind, mode, content
        self.uid = self.gid = 0


class Model:
    """The tree below FOLDER, and the commands that made it as it is."""

    def __init__(self):
        self.files = {FOLDER: File(DIRECTORY, 0o755)}
        self.commands = []

    def do(self, name, *words):
        """Changes the model, and notes the command for the guest."""
        getattr(self, name)(*words)
        self.commands.append(" ".join([name] + [str(w) for w in words]))

    def fill(self, path, seed, offset, length):
        file = self.files.setdefault(path, File(REGULAR, 0o644, bytearray()))
        file.content.extend(bytes(max(0, offset - len(file.content))))
        file.content[offset:offset + length] = disk.byte_at(seed, offset, offset + length)

    def through(self, path, seed, offset, length):
        """With O_SYNC."""
        self.fill(path, seed, offset, length)

    def store(self, path, seed, offset, length):
        """Through a mapping: within the file only."""
        self.fill(path, seed, offset, min(length, len(self.files[path].content) - offset))

    def log(self, path, seed, count, size):
        self.fill(path, seed, 0, count * size)

    def append(self, path, seed, length):
        self.fill(path, seed, len(self.files[path].content) if path in self.files else 0, length)

    def cut(self, path, size):
        content = self.files[path].content
        content.extend(bytes(max(0, size - len(content))))
        del content[size:]

    def many(self, folder, first, count, size):
        for i in range(first, first + count):
            self.fill("%s/f%d" % (folder, i), i + 1, 0, size)

    def few(self, folder, first, count):
        for i in range(first, first + count):
            del self.files["%s/f%d" % (folder, i)]

    def mkdir(self, path):
        self.files[path] = File(DIRECTORY, 0o755)

    def rmdir(self, path):
        del self.files[path]

    rm = rmdir

    def orphan(self, path, offset):
        del self.files[path]

    def mv(self, old, new):
        for path in [p for p in self.files if p == old or p.startswith(old + "/")]:
            self.files[new + path[len(old):]] = self.files.pop(path)

    def ln(self, old, new):
        self.files[new] = self.files[old]

    def symlink(self, target, new):
        self.files[new] = File(LINK, 0o777, target)

    def chmod(self, mode, path):
        self.files[path].mode = mode

    def chown(self, uid, gid, path):
        self.files[path].uid, self.files[path].gid = uid, gid

    def fsync(self, path):
        pass

    def sync(self):
        pass

    def of(self, kind):
        return sorted(p for p, f in self.files.items() if f.kind == kind)

    def links(self, path):
        file = self.files[path]
        if file.kind != DIRECTORY:
            return sum(1 for f in self.files.values() if f is file)
        return 2 + sum(1 for p, f in self.files.items() if f.kind == DIRECTORY and p != path and os.path.dirname(p) == path)

    def expected(self):
        """As disk.host_view gives it."""
        return {p: (f.mode, self.links(p), f.uid, f.gid, bytes(f.content) if f.kind == REGULAR else f.content)
                for p, f in self.files.items()}


LINE = 1500                     # letters of a command line, at most


def tell(s, model):
    """Has the guest do what the model did."""
    line = []
    for command in model.commands + [None]:
        if line and (command is None or len(" , ".join(line + [command])) > LINE):
            text = "/test/change " + " , ".join(line)
            s.must(s.keys(text.encode() + b"\r", text))        # pasted: typing takes its time
            line = []
        line.append(command)
    model.commands = []


def differences(expected, found):
    """Lines that tell where the host's view is not the model's."""
    out = ["%s is missing" % p for p in sorted(set(expected) - set(found))]
    out += ["%s should not be there" % p for p in sorted(set(found) - set(expected))]
    for path in sorted(set(expected) & set(found)):
        want, got = expected[path], found[path]
        if want[:4] != got[:4]:
            out.append("%s: mode, links, uid, gid %s, not %s" % (path, got[:4], want[:4]))
        elif want[4] != got[4]:
            out.append("%s: %s bytes, not the %s wanted" % (path, len(got[4] or ""), len(want[4] or "")))
    return out


def host_agrees(s, model, image):
    """e2fsck is content, and debugfs sees what the model says."""
    status, text = disk.check(image, "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))
    wrong = differences(model.expected(), disk.host_view(image, FOLDER, s.machine.folder))
    s.check(not wrong, "debugfs reads back what was written", "no difference", "\n".join(wrong[:20]))


def some_of_everything(model, random):
    """One of each kind of change, of sizes around the borders of the block map."""
    do, w = model.do, FOLDER
    do("mkdir", w + "/d")
    do("mkdir", w + "/d/e")
    do("fill", w + "/empty", 1, 0, 0)
    do("fill", w + "/one", 2, 0, 1)
    for n, size in enumerate((11 * 1024, 12 * 1024 + 1, 12 * 4096 + 5, 268 * 1024 + 1, 900000)):
        do("fill", "%s/d/size%d" % (w, n), 10 + n, 0, size + random.randrange(3))
    do("fill", w + "/sparse", 3, 700000, 5000)
    do("append", w + "/one", 2, 70000)
    do("fill", w + "/d/size4", 30, 123456, 4321)
    do("store", w + "/d/size4", 31, 400000, 70000)
    do("store", w + "/sparse", 32, 300000, 9000)
    do("fill", w + "/d/size4", 33, 410000, 10)
    do("cut", w + "/d/size3", 100001)
    do("cut", w + "/d/size2", 200000)
    do("ln", w + "/one", w + "/d/e/two")
    do("symlink", "one", w + "/short")
    do("symlink", "t" * 200, w + "/long")
    do("chmod", 0o4711, w + "/d/size0")
    do("chown", 1000, 70000, w + "/d/size1")
    do("mv", w + "/d/e", w + "/moved")
    do("mv", w + "/d/size1", w + "/sparse")
    do("mkdir", w + "/many")
    do("many", w + "/many", 0, 200, 100)
    do("few", w + "/many", 50, 100)
    do("fill", w + "/doomed", 5, 0, 60000)
    do("fsync", w + "/doomed")
    do("orphan", w + "/doomed", 90000)
    do("mkdir", w + "/gone")
    do("rmdir", w + "/gone")


def stored(model, random, file, seed):
    """A change through a mapping somewhere in a file; an empty one can only be synced."""
    size = len(model.files[file].content)
    if size == 0:
        return ("fsync", file)
    offset = random.randrange(size)
    return ("store", file, seed, offset, random.randrange(1, min(20000, size - offset) + 1))


def change_at_random(model, random, count):
    """Changes that the seed chooses among what can be done."""
    for n in range(count):
        files, folders = model.of(REGULAR), model.of(DIRECTORY)
        file, new = random.choice(files), "%s/r%d" % (random.choice(folders), n)
        model.do(*random.choice((
            ("fill", new, n + 100, random.randrange(3) * 5000, random.randrange(40000)),
            ("fill", file, n + 100, random.randrange(60000), random.randrange(1, 20000)),
            ("append", file, n + 100, random.randrange(9000)),
            stored(model, random, file, n + 100),
            ("cut", file, random.randrange(30000)),
            ("mkdir", new), ("rm", file), ("mv", file, new), ("ln", file, new),
            ("mv", file, random.choice(files)) if len({id(model.files[f]) for f in files}) > 1 else ("fsync", file),
            ("fsync", file), ("sync",), ("symlink", file, new))))
        if not model.of(REGULAR):
            model.do("fill", FOLDER + "/again", n, 0, 100)


def changed(kind, block):
    @test("files-%s-%dk" % (kind, block // 1024), cpus=BOTH, disk=disk.changing(kind, block), budget=240, points=2,
          needs="shell-boot", icount=None)      # bulk data
    def files_changed(s):
        """What the guest changed the host finds; what the host wrote the guest reads."""
        for path, (seed, size) in disk.GIVEN.items():
            s.ok("/test/change compare %s %d 0 %d" % (path, seed, size))
        model = Model()
        some_of_everything(model, s.random)
        change_at_random(model, s.random, 60)
        tell(s, model)
        s.ok("echo typed by hand > /w/typed")
        s.equal("the shell reads what it wrote", "typed by hand\n", s.ok("cat /w/typed").text)
        model.files["/w/typed"] = File(REGULAR, 0o644, b"typed by hand\n")
        s.power_off("poweroff", 0)
        host_agrees(s, model, s.disk_image())


for a_kind in KINDS:
    for a_block in BLOCKS:
        changed(a_kind, a_block)


def times(kind):
    @test("files-times-" + kind, cpus=BOTH, disk=disk.changing(kind, 1024), budget=120, points=2, needs="shell-boot")
    def files_times(s):
        """Times that were set, from before 1970 to past 2038, and those of changes: the host finds those that the guest's stat tells."""
        words = ["mkdir /w/d", "fill /w/d/f 1 0 5000", "fill /w/linked 2 0 100", "ln /w/linked /w/d/second", "mkdir /w/gone",
                 "rmdir /w/gone", "symlink f /w/d/l", "fill /w/cut 3 0 9000", "cut /w/cut 10", "chmod 0600 /w/linked", "mv /w/cut /w/moved"]
        given = {"/w/set%d" % n: tuple(s.random.randrange(first * 10**9, last * 10**9) for _ in "am")
                 for n, (first, last) in enumerate(((-1 << 31, 0), (0, 1 << 31), (1 << 31, 1 << 32), (1 << 32, 8 << 30)))}
        for path, (atime, mtime) in given.items():
            words += ["fill %s 4 0 10" % path, "touch %d %d %s" % (atime, mtime, path)]
        paths = ["/w", "/w/d", "/w/d/f", "/w/linked", "/w/d/second", "/w/d/l", "/w/moved", *given]
        s.ok("/test/change " + " , ".join(words))
        text = s.ok("/test/change " + " , ".join("times " + p for p in paths)).text
        told = {path: tuple(map(int, numbers)) for path, *numbers in re.findall(r"(?m)^(/\S+) (-?\d+) (-?\d+) (-?\d+)\r?$", text)}
        s.equal("times that were set", given, {path: told.get(path, ())[:2] for path in given})
        s.power_off("poweroff", 0)
        s.equal("the host's view of the times", told, disk.host_times(s.disk_image(), paths))


for a_kind in KINDS:
    times(a_kind)


NAMES = 10000


@test("files-ten-thousand", cpus=BOTH, disk=disk.changing("ext3", 1024, 96), budget=240, least=300, points=2, needs="shell-boot", icount=None,
      long=8)
def files_ten_thousand(s):
    """Ten thousand files in one directory cost at most three written blocks each, the journal's too, as QEMU counts; the host finds them all."""
    def written():
        return sum(d["stats"]["wr_bytes"] for d in s.machine.qmp.command("query-blockstats"))

    model = Model()
    model.do("mkdir", FOLDER + "/many")
    model.do("sync")
    tell(s, model)
    before = written()
    model.do("many", FOLDER + "/many", 0, NAMES, 100)
    model.do("sync")
    tell(s, model)
    blocks = (written() - before) / 1024
    s.notes.append("%.2f blocks a file" % (blocks / NAMES))
    s.check(NAMES <= blocks <= 3 * NAMES, "blocks written", "from %d to %d" % (NAMES, 3 * NAMES), blocks)
    s.power_off("poweroff", 0)
    host_agrees(s, model, s.disk_image())


LARGE = 64 << 20               # bytes of a file, on a machine with less memory


@test("files-pressure", cpus=BOTH, disk=disk.changing("ext2", 4096, 96), mem="32M", budget=600, least=600, points=3, needs="shell-boot",
      icount=None)
def files_pressure(s):
    """64 MB are written, three times, with 32 MB of memory: meanwhile programs start, have memory and read files; every byte is on the disk."""
    seed = s.random.randrange(1, 1000)
    once = "fill /w/large %d 0 %d , fsync /w/large" % (seed, LARGE)
    s.ok("/test/change %s , %s , %s &" % (once, once, once))
    rounds, size = 0, 0
    while (size < LARGE or rounds < 3) and rounds < 500:       # with one CPU a round may take as long as one time
        rounds += 1
        s.check("%d" % rounds in s.ok("/bin/echo %d" % rounds).lines, "a program runs", "%d" % rounds)     # the shell may tell of the other's end
        s.ok("/test/change compare /given/small %d 0 %d" % disk.GIVEN["/given/small"])
        reply = s.run("/test/paging 1 3 50 %d" % (seed + rounds))
        s.check(reply.rc == 0, "a program has its memory", "status 0", reply.text)
        found = re.search(r" (\d+) \d{4}-\d\d-\d\d [^\n]*large", s.run("ls -l /w").text)
        size = int(found.group(1)) if found else 0
    s.notes.append("%d rounds meanwhile" % rounds)
    s.equal("the file's size", LARGE, size)
    s.ok("wait")
    for _ in range(10):
        at = s.random.randrange(LARGE - 100000)
        s.ok("/test/change compare /w/large %d %d 100000" % (seed, at))
    s.power_off("poweroff", 0)
    image, out = s.disk_image(), os.path.join(s.machine.folder, "large")
    status, text = disk.check(image, "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))
    disk.mkdisk.tool("debugfs", "-R", "dump /w/large " + out, image)
    with open(out, "rb") as f:
        s.equal("the host's size", LARGE, os.fstat(f.fileno()).st_size)
        for _ in range(300):
            at = s.random.randrange(LARGE // 4096) * 4096
            f.seek(at)
            s.check(f.read(4096) == disk.byte_at(seed, at, at + 4096), "the host reads what was written", "page %d" % (at // 4096))
