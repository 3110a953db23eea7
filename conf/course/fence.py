"""Fences: the marks around exercises in the finished tree, read and emptied.

    /* LAB 1.3 begin [until then: return NULL]: split the smallest free block that fits.
     * Hint: the buddy of frame f at order k is f ^ (1 << k).
     */
    ...the solution...
    /* LAB 1.3 end */

    /* from LAB 2 begin */
    ...only in the trees of lab 2 and later...
    /* from LAB 2 end */

In files with `#` comments the marks are lines that begin with `#`; labs/README.md is the reference.
"""

import re
from dataclasses import dataclass

BLOCK = (".c", ".h", ".S", ".ld", ".defs", ".def")     # files with /* */ comments
HASH = (".py", ".sh", ".mk", ".unit", "Makefile", ".rc")
APART = 3               # lines that must stand between fences of different labs

BEGIN = re.compile(r"LAB (\d+)\.(\d+) begin(?:\s*\[until then:\s*(.*?)\s*\])?:\s*(\S.*)", re.S)
END = re.compile(r"LAB (\d+)\.(\d+) end")
FROM = re.compile(r"from LAB (\d+) (begin|end)")
# Anything that looks like a mark; what is not one exactly is an error, so that no typing mistake goes unnoticed.
LIKE = re.compile(r"\bLAB\s+\d+(?:\.\d+)?\s*(?:begin|end)\b", re.I)


class FenceError(Exception):
    """A wrong mark: `path:line: what is wrong`."""


@dataclass
class Region:
    """One pair of marks. Lines count from 0; `head` and `last` are the marks' own first and last lines."""
    kind: str                   # "exercise" or "from"
    lab: int
    exercise: str               # "1.3", or "" for `from LAB N`
    head: int                   # first line of the begin mark
    body: int                   # first line between the marks
    last: int                   # line of the end mark
    until: str = ""             # the stand-in: a statement, or `given FILE`
    text: str = ""              # what the begin mark says


def style(path):
    """"block", "hash" or None: no fences in this kind of file."""
    if path.endswith(BLOCK):
        return "block"
    return "hash" if path.endswith(HASH) else None


def _block_comments(lines):
    """(first line, last line, text, alone) of each /* */ comment; alone: nothing else stands on its lines."""
    found, at, n = [], 0, 0
    text = "\n".join(lines)
    token = re.compile(r"/\*|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\n")
    while True:
        m = token.search(text, at)
        if not m:
            return found
        at = m.end()
        if m.group() == "\n":
            n += 1
        elif m.group() == "/*":
            end = text.find("*/", at)
            end = len(text) if end < 0 else end
            body = text[at:end]
            first, n = n, n + body.count("\n")
            before = text[text.rfind("\n", 0, m.start()) + 1:m.start()]
            after = text[end + 2:text.find("\n", end + 2) if "\n" in text[end + 2:] else len(text)]
            plain = "\n".join(re.sub(r"^\s*\*? ?", "", row) if i else row for i, row in enumerate(body.split("\n")))
            found.append((first, n, plain.strip(), not before.strip() and not after.strip()))
            at = end + 2


def _hash_comments(lines):
    """The same for runs of lines that begin with #: a begin mark takes the rest of its run, other marks their line."""
    found, n = [], 0
    while n < len(lines):
        row = lines[n].strip()
        if not row.startswith("#"):
            n += 1
            continue
        first = n
        if re.search(r"\bLAB \d+\.\d+ begin\b", row):
            while n + 1 < len(lines) and lines[n + 1].strip().startswith("#") and not LIKE.search(lines[n + 1]):
                n += 1
        words = [lines[i].strip().lstrip("#").strip() for i in range(first, n + 1)]
        found.append((first, n, "\n".join(words), True))
        n += 1
    return found


def regions(path, text):
    """Purpose: every region of a file, in order. Raises FenceError."""
    kind = style(path)
    if not kind or not LIKE.search(text):
        return []
    lines = text.split("\n")

    def wrong(line, what):
        raise FenceError("%s:%d: %s" % (path, line + 1, what))

    marks = {}
    for first, last, words, alone in (_block_comments if kind == "block" else _hash_comments)(lines):
        if not LIKE.search(words):
            continue
        begin, end, from_lab = BEGIN.fullmatch(words), END.fullmatch(words), FROM.fullmatch(words)
        if not (begin or end or from_lab):
            wrong(first, "not a mark, and inside a comment marks are not allowed: \"%s\""
                  % LIKE.search(words).group())
        if len(LIKE.findall(words)) > 1:
            wrong(first, "a second mark inside the comment of the first")
        if not alone:
            wrong(first, "a mark stands on lines of its own")
        marks[first] = (last, begin, end, from_lab)
    covered = {i for first, mark in marks.items() for i in range(first, mark[0] + 1)}
    for i, row in enumerate(lines):
        if LIKE.search(row) and i not in covered:
            wrong(i, "a mark outside a comment: \"%s\"" % LIKE.search(row).group())
    found = _pair(marks, wrong)
    _distances(found, wrong)
    return found


def _pair(marks, wrong):
    found, open_region = [], None
    for first in sorted(marks):
        last, begin, end, from_lab = marks[first]
        opens = begin or (from_lab and from_lab.group(2) == "begin")
        name = "%s.%s" % (begin or end).group(1, 2) if begin or end else "from LAB " + from_lab.group(1)
        if opens:
            if open_region:
                wrong(first, "%s begins inside %s, which began in line %d"
                      % (name, _name(open_region), open_region.head + 1))
            lab = int((begin or from_lab).group(1))
            open_region = Region("exercise" if begin else "from", lab, name if begin else "", first, last + 1, -1)
            if begin:
                open_region.until = re.sub(r"\s*\n\s*", " ", begin.group(3) or "")
                open_region.text = begin.group(4)
        elif not open_region:
            wrong(first, "%s ends but never began" % name)
        elif _name(open_region) != name:
            wrong(first, "%s ends, but %s began in line %d" % (name, _name(open_region), open_region.head + 1))
        else:
            open_region.last = first
            found.append(open_region)
            open_region = None
    if open_region:
        wrong(open_region.head, "%s begins and never ends" % _name(open_region))
    return found


def _name(region):
    return region.exercise or "from LAB %d" % region.lab


def _distances(found, wrong):
    """Merges meet at the lines between regions: those of different labs need some."""
    for one, two in zip(found, found[1:]):
        if (one.lab, one.kind) != (two.lab, two.kind) and two.head - one.last - 1 < APART:
            wrong(two.head, "%s stands %d lines below %s; %d at least must lie between regions of different labs"
                  % (_name(two), two.head - one.last - 1, _name(one), APART))


# What a student sees.

def todo(path, exercise):
    """The line that stands in for a solution when the mark gives no other."""
    if path.endswith(".S"):
        return 'LAB_TODO "%s"' % exercise
    if path.endswith(".py"):
        return 'raise NotImplementedError("LAB %s")' % exercise
    return 'lab_todo("%s")%s' % (exercise, ";" if style(path) == "block" else "")


def stand_in(path, region, line, given):
    """The lines put where the solution was. given(lab, file) returns the text of a given function."""
    indent = line[:len(line) - len(line.lstrip())]
    if region.until.startswith("given "):
        return given(region.lab, region.until.split(None, 1)[1]).rstrip("\n").split("\n")
    text = region.until or todo(path, region.exercise)
    if path.endswith((".c", ".h")) and not text.endswith((";", "}", ":")):
        text += ";"
    return [indent + text]


def cut(path, text, lab, solved, given):
    """Purpose: a file as the tree of lab `lab` has it: exercises not in `solved` are empty, regions of later labs are an anchor.
    `solved`: (exercise) -> bool. Returns the text."""
    found = regions(path, text)
    if not found:
        return text
    lines, out, at = text.split("\n"), [], 0
    for r in found:
        out += lines[at:r.head]
        at = r.last + 1
        if r.kind == "from" and r.lab > lab:
            words = "LAB %d adds lines here" % r.lab
            indent = lines[r.head][:len(lines[r.head]) - len(lines[r.head].lstrip())]
            out.append(indent + ("/* %s */" % words if style(path) == "block" else "# " + words))
        elif r.kind == "from" or solved(r.exercise):
            out += lines[r.head:at]
        else:
            out += lines[r.head:r.body] + stand_in(path, r, lines[r.head], given) + [lines[r.last]]
    return "\n".join(out + lines[at:])
