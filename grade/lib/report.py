"""What people and machines read: one line per test, the story of each failure, Gradescope's JSON."""

import json
import textwrap

from . import verdict
from .registry import again, label

SHOWN = 12      # lines of a text shown on the terminal


def shorten(text, lines=SHOWN, width=160):
    rows = [row if len(row) <= width else row[:width] + "..." for row in str(text).splitlines()]
    if len(rows) > lines:
        rows = rows[:lines - 1] + ["... (%d lines in all)" % len(rows)]
    return "\n".join(rows)


def story(result):
    """Everything needed to look into a failure."""
    out = ["verdict:    " + result.verdict]
    if result.why:
        out.append("why:        " + shorten("\n".join(result.why), 40).replace("\n", "\n            "))
    for name, text in (("command", result.command), ("expected", result.expected), ("got", result.got)):
        if text:
            out.append(("%s:" % name).ljust(12) + shorten(text).replace("\n", "\n            "))
    if result.transcript:
        out.append("transcript: " + result.transcript)
    out.append("again:      " + again(result.variant))
    out.append("under GDB:  " + again(result.variant, gdb=True))
    return "\n".join(out)


def tell(result):
    """Prints one result as soon as it is known."""
    mark = "pass" if result.passed else "skip" if result.verdict == verdict.SKIPPED else "FAIL"
    print("%s  %s  (%.1f s)%s" % (mark, label(result.variant), result.seconds,
                                  "".join("  " + note for note in result.notes)), flush=True)
    if not result.passed:
        print(textwrap.indent(story(result), "      "), flush=True)


def gradescope(results, seconds):
    """The results as Gradescope's results.json wants them."""
    def points(r):
        return r.variant.test.points
    return {
        "score": sum(points(r) for r in results if r.passed),
        "execution_time": round(seconds),
        "output": summary(results),
        "stdout_visibility": "visible",
        "tests": [{
            "name": label(r.variant), "score": points(r) if r.passed else 0, "max_score": points(r),
            "status": "passed" if r.passed else "failed",
            "output": "\n".join(r.notes) if r.passed else story(r),
            "visibility": "visible",
            "extra_data": {"verdict": r.verdict, "arch": r.variant.arch, "cpus": r.variant.cpus,
                           "layer": r.variant.layer, "seconds": round(r.seconds, 2)},
        } for r in results],
    }


def write_json(path, results, seconds):
    with open(path, "w") as f:
        json.dump(gradescope(results, seconds), f, indent=1)
        f.write("\n")


def summary(results):
    passed = sum(r.passed for r in results)
    return "%d passed, %d failed" % (passed, len(results) - passed)
