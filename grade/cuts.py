"""Power cuts: QEMU notes every write and flush of the guest's disk; the image that a cut after the n-th leaves is repaired by the host, or by
the guest's own replay, and must hold everything that was synced before.

The guest changes files a few at a time and then syncs; the grader notes how many writes there were when the prompt came back. A
cut between two prompts may have lost only what the command between them changed.
"""

import os
import random

from files import DIRECTORY, FOLDER, LINE, REGULAR, Model, some_of_everything, stored
from lib import disk
from lib.api import test
from lib.powercut import Log

BOTH = (1, 4)
ROUNDS = 14                     # commands, each of which syncs
CUTS, MANY_CUTS = 24, 300
REPAIRS = ("-fp",)              # e2fsck asks nothing


def within(path, folder):
    return (path + "/").startswith(folder + "/")


def change(model, source, number, n):
    """A change of any file."""
    files, folders = model.of(REGULAR), model.of(DIRECTORY)
    file, new = source.choice(files), "%s/c%d-%d" % (source.choice(folders), number, n)
    seed = number * 16 + n + 1
    model.do(*source.choice((
        ("fill", new, seed, source.randrange(2) * 9000, source.randrange(30000)),
        ("fill", file, seed, source.randrange(40000), source.randrange(1, 15000)),
        ("append", file, seed, source.randrange(9000)), stored(model, source, file, seed), ("cut", file, source.randrange(20000)),
        ("mkdir", new), ("mv", file, new), ("ln", file, new), ("symlink", file, new),
        ("rm", file) if len(files) > 5 else ("fsync", file))))


def change_names(model, source, number, n, moves):
    """A change that takes away what others may hold: a taken name, an open file, an empty folder; `moves`: folders move too."""
    files, folders = model.of(REGULAR), model.of(DIRECTORY)
    file, other, folder = *source.sample(files, 2), source.choice(folders[1:])
    empty = [d for d in folders[1:] if not any(p != d and within(p, d) for p in model.files)]
    outside, over = [d for d in folders if not within(d, folder)], [d for d in empty if not within(d, folder)]
    found = [("rmdir", source.choice(empty)) if empty else ("mkdir", "%s/c%d-%d" % (source.choice(folders), number, n))]
    if model.files[file] is not model.files[other]:
        found.append(("mv", file, other))
    if model.links(file) == 1 and len(files) > 5:
        found.append(("orphan", file, source.randrange(90000)))
    if moves:
        found.append(("mv", folder, "%s/c%d-%d" % (source.choice(outside), number, n)))
        found += [("mv", folder, source.choice(over))] if over else []
    model.do(*source.choice(found))


def change_some(model, source, number, moves):
    """A few changes, the last of which puts all of them on the disk. Returns all the names there were meanwhile, and those there were all the time."""
    names, always = set(model.files), set(model.files)
    for n in range(source.randrange(4, 9)):
        if n % 2:
            change_names(model, source, number, n, moves)
        else:
            change(model, source, number, n)
        names |= set(model.files)
        always &= set(model.files)
    model.do(*source.choice((("sync",), ("fsync", source.choice(model.of(REGULAR))),
                             ("through", source.choice(model.of(REGULAR)), number, source.randrange(20000), source.randrange(1, 9000)))))
    return names, always


class History:
    """What the model was like, and how many writes there had been, at each prompt."""

    def __init__(self, s):
        self.log = Log(s.machine.write_log)
        self.base = s.machine.boot.disk
        self.moments = []
        self.open = []                  # of those counts of writes the ones after which a removed file was still open on the disk

    def note(self, model, names, always, held):
        """`names`: all there were since the prompt before; `always`: those there were all the time, of whatever file; `held`: the program had a
        removed file open when it synced."""
        self.moments.append((self.log.read(), model.expected(), names, always))
        self.open += self.moments[-1][:1] if held else ()

    def last(self, count):
        """The number of the last prompt before a cut at `count`."""
        return max(i for i, (at, *_) in enumerate(self.moments) if at <= count)

    def kept(self, count):
        """What must be there after the cut: {path: ...} that did not change between the prompts around it."""
        n = self.last(count)
        after = self.moments[min(n + 1, len(self.moments) - 1)][1]
        return {p: v for p, v in self.moments[n][1].items() if after.get(p) == v}

    def always(self, count):
        """Names that must be there, of this file or that: a file that takes another's name does so without it being gone."""
        n = self.last(count)
        return self.moments[n + 1][3] if n + 1 < len(self.moments) else set(self.moments[n][1])

    def gone(self, count):
        """Names that must not be there: removed before the prompt in front of the cut, and not used again up to the one behind it."""
        n = self.last(count)
        names = set().union(*(each for _, _, each, _ in self.moments[:n + 1]))
        return names - set(self.moments[n][1]) - (self.moments[n + 1][2] if n + 1 < len(self.moments) else set())


def make_history(s, moves):
    """Has the guest change files. Returns the History, at its first moment everything begun with is on the disk."""
    model, history = Model(), History(s)
    some_of_everything(model, s.random)
    model.do("sync")
    tell_all(s, model)
    history.note(model, set(model.files), set(), False)
    for number in range(1, ROUNDS):
        names, always = change_some(model, s.random, number, moves)
        held = any(command.startswith("orphan") for command in model.commands)
        tell_all(s, model)
        history.note(model, names, always, held)
    return history


def tell_all(s, model):
    """All in one command if it is short enough, so that the sync at its end is for all of it."""
    words = []
    for command in model.commands:
        words += [command] if not words or len(" , ".join(words + [command])) < LINE else [None, command]
    line = []
    for command in words + [None]:
        if command is not None:
            line.append(command)
            continue
        text = "/test/change " + " , ".join(line)
        s.must(s.keys(text.encode() + b"\r", text))
        line = []
    model.commands = []


def holds(s, history, image, count, what):
    """The image is clean and has what was synced before the cut."""
    where = "%s, cut after write %d of %d" % (what, count, len(history.log.requests))
    status, text = disk.check(image, "-fn")
    s.check(status == 0, "%s: e2fsck -fn finds a clean file system" % where, "status 0", "status %d\n%s" % (status, text))
    found = disk.host_view(image, FOLDER, s.machine.folder)
    # Links and entries of folders may count what is new; the content of files may not differ.
    lost = [p for p, v in history.kept(count).items() if p not in found or found[p][4] != v[4] or found[p][0] != v[0]]
    s.check(not lost, "%s: what was synced is there" % where, "nothing lost", ", ".join(lost[:10]))
    lost = sorted(history.always(count) - set(found))
    s.check(not lost, "%s: a name that there was all the time is there" % where, "nothing lost", ", ".join(lost[:10]))
    back = sorted(history.gone(count) & set(found))
    s.check(not back, "%s: what was removed or renamed, and synced, is gone" % where, "no such name", ", ".join(back[:10]))


def host_repairs(s, image, where):
    status, text = disk.check(image, *REPAIRS)
    s.check(status in (0, 1), "%s: e2fsck %s repairs without asking" % (where, REPAIRS[0]), "status 0 or 1",
            "status %d\n%s" % (status, text))


def cut_by_host(s, history, cuts):
    """The host replays or repairs, at places all over the log. Returns how many commit blocks debugfs saw in the journals."""
    image, commits = os.path.join(s.machine.folder, "cut"), 0
    first, last = history.moments[0][0], len(history.log.requests)
    for n in range(cuts):
        count = first + (last - first) * n // (cuts - 1)
        history.log.cut(history.base, count, s.seed + n, image)
        commits += disk.journal_commits(image)
        host_repairs(s, image, "cut after write %d" % count)
        holds(s, history, image, count, "repaired by the host")
    return commits


def cut_and_boot(s, history, boots):
    """The guest itself replays, and frees removed files that were open; then power is cut during that replay, and the host has to cope."""
    image, again = os.path.join(s.machine.folder, "cut"), os.path.join(s.machine.folder, "again")
    first, last = history.moments[0][0], len(history.log.requests)
    for n in range(boots):
        count = s.random.choice(history.open) if history.open and n % 2 == 0 else s.random.randrange(first, last + 1)
        history.log.cut(history.base, count, s.seed + n, image)
        with s.another(image, log_writes=True) as other:
            other.ok("ls -l " + FOLDER)
            other.power_off("poweroff", 0)
            holds(s, history, other.disk_image(), count, "replayed by the guest")
            replay = Log(other.machine.write_log)
            writes = replay.read()
            for part in range(4):
                replay.cut(image, random.Random(s.seed + part).randrange(writes + 1), s.seed + part, again)
                host_repairs(s, again, "cut after write %d, and again in the replay" % count)
                holds(s, history, again, count, "cut again in the replay")


def power_cut(kind, block, cuts, slow):
    name = "cut-%s-%dk" % (kind, block // 1024) + ("-many" if slow else "")

    @test(name, cpus=(4,) if slow else BOTH, disk=disk.changing(kind, block), budget=240, points=3, needs="shell-boot",
          log_writes=True, slow=slow, icount=None)        # bulk data
    def cut(s):
        # Without a journal a folder that was on its way to another has two names, and e2fsck asks which.
        history = make_history(s, moves=kind == "ext3")
        s.power_off("poweroff", 0)
        history.log.read()
        commits = cut_by_host(s, history, cuts)
        if kind == "ext3":
            s.check(commits > 0, "debugfs logdump shows transactions", "commit blocks", commits)
            cut_and_boot(s, history, 6 if slow else 2)


for a_kind, a_block in (("ext2", 1024), ("ext2", 4096), ("ext3", 1024), ("ext3", 4096)):
    power_cut(a_kind, a_block, CUTS, False)
    power_cut(a_kind, a_block, MANY_CUTS, True)
