"""What people and machines read: one line per test, the story of each failure, Gradescope's JSON."""

import json
import re
import textwrap

from . import labs, verdict
from .registry import again, label
from .tree import ARCHES

SHOWN = 12      # lines of a text shown on the terminal


def printable(text):
    """What a guest says must not steer the terminal it is shown on."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\\x%02x" % ord(c) for c in text)


def shorten(text, lines=SHOWN, width=160):
    rows = [row if len(row) <= width else row[:width] + "..." for row in printable(str(text).replace("\r\n", "\n")).split("\n")]
    rows = rows[:-1] if rows[-1] == "" else rows
    if len(rows) > lines:
        rows = rows[:lines - 1] + ["... (%d lines in all)" % len(rows)]
    return "\n".join(rows)


def of_machine(files, arch):
    """Without the other machines' files."""
    others = {a for a in ARCHES if a != arch}
    return [f for f in files if not others & set(f.split("/"))]


def earlier(result):
    """Where to look when the exercise that is missing is one of an earlier lab, or None."""
    found = re.match(r"exercise ((\d+)\.\d+)$", result.why[-1]) if result.verdict == verdict.TODO and result.why else None
    if not found or not int(found.group(2)) < result.variant.test.lab:
        return None
    files = of_machine(labs.files_of(found.group(1)), result.variant.arch)
    return ("exercise %s is one of lab %s, and this lab cannot do without: solve it, or take it from prep%d when that is published,\n"
            "            git fetch && git checkout origin/prep%d -- %s"
            % (found.group(1), found.group(2), result.variant.test.lab, result.variant.test.lab, " ".join(files)))


def story(result):
    """Everything needed to look into a failure."""
    test = result.variant.test
    out = ["verdict:    " + result.verdict]
    if test.lab:
        out.insert(0, "exercise:   %s in %s" % (test.exercise, " ".join(of_machine(test.files, result.variant.arch)) or "?"))
    if result.why:
        out.append("why:        " + shorten("\n".join(result.why), 40).replace("\n", "\n            "))
    for name, text in (("command", result.command), ("expected", result.expected), ("got", result.got)):
        if text:
            out.append(("%s:" % name).ljust(12) + shorten(text).replace("\n", "\n            "))
    if result.verdict in (verdict.BUILD, verdict.SKIPPED):
        return "\n".join(out + ["again:      " + again(result.variant, seed=result.seed)])
    look = earlier(result) or test.look
    if look:
        out.append("look at:    " + look)
    if result.transcript:
        out.append("transcript: " + result.transcript)
    out.append("again:      " + again(result.variant, seed=result.seed))
    out.append("under GDB:  " + again(result.variant, gdb=True, seed=result.seed))
    if result.variant.cpus == 1:
        out.append("replay:     " + again(result.variant, seed=result.seed, goal="replay"))
    return "\n".join(out)


def teller():
    """Purpose: a function that prints one result as soon as it is known; what does not build is shown once, however many tests it fails."""
    shown = set()

    def tell(result):
        mark = "pass" if result.passed else "skip" if result.verdict == verdict.SKIPPED else "FAIL"
        print("%s  %s  (%.1f s)%s" % (mark, label(result.variant), result.seconds,
                                      "".join("  " + note for note in result.notes)), flush=True)
        reason = (result.verdict, tuple(result.why))
        if result.verdict == verdict.BUILD and reason in shown:
            print("      does not build, as above", flush=True)
        elif not result.passed:
            shown.add(reason)
            print(textwrap.indent(story(result), "      "), flush=True)
    return tell


def gradescope(results, seconds, more=()):
    """The results as Gradescope's results.json wants them; `more` is for other readers."""
    shares = labs.share(results)
    return {
        "score": round(sum(shares[id(r)][0] for r in results), 3),
        "execution_time": round(seconds),
        "output": summary(results),
        "output_format": "text", "stdout_visibility": "visible",
        "extra_data": dict(more),
        "tests": [{
            "name": label(r.variant), "number": r.variant.test.exercise or "",
            "score": round(shares[id(r)][0], 3), "max_score": round(shares[id(r)][1], 3),
            "status": "passed" if r.passed else "failed",
            "output": "\n".join(r.notes) if r.passed else story(r),
            "output_format": "text", "visibility": "visible",
            "extra_data": {"verdict": r.verdict, "test": r.variant.test.name, "arch": r.variant.arch,
                           "cpus": r.variant.cpus, "layer": r.variant.layer, "seconds": round(r.seconds, 2)},
        } for r in results],
    }


def write_json(path, results, seconds, more=()):
    with open(path, "w") as f:
        json.dump(gradescope(results, seconds, more), f, indent=1)
        f.write("\n")


def summary(results):
    passed = sum(r.passed for r in results)
    return "%d passed, %d failed" % (passed, len(results) - passed)
