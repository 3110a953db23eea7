"""A class's results in one table: CSV for the spreadsheet, HTML for the eyes. Everything in it may come from a stranger: it is escaped."""

import csv
import html
import os
from dataclasses import dataclass, field


@dataclass
class Row:
    """One submission's JSON, by exercise."""
    name: str
    points: float = 0
    most: float = 0
    lab: int = 0
    answered: str = ""
    remarks: list = field(default_factory=list)
    exercises: dict = field(default_factory=dict)       # "1.3" -> [points, most, [(test, story)]]


def row(name, result):
    """Purpose: what a JSON of grade/one says; `result` None: there is none."""
    if result is None:
        return Row(name, remarks=["no result: grade it again"])
    more = result.get("extra_data", {})
    made = Row(name, lab=more.get("lab", 0))
    if "questions" in more:
        made.answered = "%d of %d" % (more["answered"], more["questions"])
    for t in result["tests"]:
        made.points, made.most = made.points + t["score"], made.most + t["max_score"]
        if t.get("number"):
            e = made.exercises.setdefault(t["number"], [0, 0, []])
            e[0], e[1] = e[0] + t["score"], e[1] + t["max_score"]
            if t["status"] != "passed":
                e[2].append((t["extra_data"]["test"], t["output"]))
    kinds = {t["extra_data"]["verdict"] for t in result["tests"] if t["status"] != "passed"}
    made.remarks += ["not graded: " + more["why"]] if "why" in more else []
    made.remarks += sorted(kinds & {"does not build", "no boot", "no verdict, rerun", "grader error", "interrupted"})
    if more.get("ignored"):
        made.remarks.append("protected files changed, ignored: " + " ".join(more["ignored"][:8]) + (" ..." if more["ignored"][8:] else ""))
    made.remarks += ["reaches for " + r for r in more.get("reaches", ())[:4]]
    made.points, made.most = round(made.points, 3), round(made.most, 3)
    return made


def numbers(rows):
    """Every exercise that somebody has, in order."""
    return sorted({n for r in rows for n in r.exercises}, key=lambda n: tuple(map(int, n.split("."))))


def plain(text):
    """A cell that no spreadsheet takes for a formula."""
    text = " ".join(str(text).split())
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text


def write_csv(path, rows):
    names = numbers(rows)
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["submission", "lab", "points", "of"] + names + ["questions answered", "remarks"])
        for r in rows:
            out.writerow([plain(r.name), r.lab, "%g" % r.points, "%g" % r.most] +
                         ["%g" % r.exercises[n][0] if n in r.exercises else "" for n in names] +
                         [r.answered, plain("; ".join(r.remarks))])


STYLE = """body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; }
th, td { padding: .3em .6em; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; vertical-align: top; }
th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #888; }
th:first-child, td:first-child, td.text, th.text { text-align: left; white-space: normal; }
td.name { white-space: nowrap; font-weight: 600; }
td.all { background: #cfe8cf; } td.some { background: #fdf0c4; } td.none { background: #f6d2cf; }
td small { color: #666; } td.text { max-width: 34em; overflow-wrap: anywhere; }
details { margin: .4em 0; } summary { cursor: pointer; } pre { background: #f6f6f6; padding: .8em; overflow-x: auto; font-size: 13px; }
@media print { th { position: static; } details { display: none; } }
"""


def cell(got, most):
    kind = "all" if got >= most else "some" if got else "none"
    return "<td class=%s>%g<small>/%g</small></td>" % (kind, round(got, 3), round(most, 3))


def html_row(r, names):
    cells = "".join(cell(*r.exercises[n][:2]) if n in r.exercises else "<td></td>" for n in names)
    return "<tr><td class=name>%s</td><td>%s</td>%s%s<td>%s</td><td class=text>%s</td></tr>" % (
        html.escape(r.name), r.lab or "", cell(r.points, r.most) if r.most else "<td></td>", cells, r.answered,
        "<br>".join(html.escape(x[:300]) for x in r.remarks))


def details(r):
    lost = ["<pre>%s\n\n%s</pre>" % (html.escape(test), html.escape(story)) for e in r.exercises.values() for test, story in e[2]]
    return "<details><summary>%s: %d tests lost</summary>\n%s</details>" % (html.escape(r.name), len(lost), "\n".join(lost)) if lost else ""


def write_html(path, rows, title):
    names = numbers(rows)
    counted = sorted(r.points for r in rows if r.most)
    middle = counted[len(counted) // 2] if counted else 0
    full = sum(r.points >= r.most for r in rows if r.most)
    heads = "".join("<th>%s</th>" % n for n in ["lab", "points"] + names + ["questions"])
    with open(path, "w", encoding="utf-8") as f:
        f.write("<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><title>%s</title>\n<style>\n%s</style>\n<h1>%s</h1>\n"
                "<p>%d submissions, %d with full points, median %g.</p>\n<table>\n<tr><th>submission</th>%s<th class=text>remarks</th></tr>\n"
                % (html.escape(title), STYLE, html.escape(title), len(rows), full, middle, heads))
        f.write("\n".join(html_row(r, names) for r in rows))
        f.write("\n</table>\n<h2>What was lost</h2>\n%s\n</html>\n" % "\n".join(filter(None, map(details, rows))))


def write(folder, rows, title):
    """Purpose: table.csv and table.html in a folder."""
    write_csv(os.path.join(folder, "table.csv"), rows)
    write_html(os.path.join(folder, "table.html"), rows, title)
