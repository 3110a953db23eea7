"""Grading many submissions: JOBS of grade/one at a time, each its own process; what is graded stays graded."""

import concurrent.futures
import json
import os
import signal
import subprocess
import sys

import table

ONE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "one")
NOT_HERE = 2            # grade/one's status when nothing can be graded on this machine


running = set()         # processes


class Stopped(Exception):
    """Why the batch did not go on."""


def submissions(folder):
    """[(name, path)] of a folder's entries."""
    return [(n, os.path.join(folder, n)) for n in sorted(os.listdir(folder)) if not n.startswith(".")]


def result_of(results, name):
    """The JSON that is there, or None."""
    try:
        with open(os.path.join(results, name + ".json"), encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def grade(name, path, results, options):
    """One submission in a process of its own. Returns its Row; raises Stopped when the machine cannot grade."""
    if "--again" in options or result_of(results, name) is None:
        words = [sys.executable, ONE, path, "--out", os.path.join(results, name + ".json")] + [o for o in options if o != "--again"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        running.add(process)
        told = process.communicate()[1]
        running.discard(process)
        if process.returncode == NOT_HERE:
            raise Stopped(told.decode(errors="replace").strip())
    return table.row(name, result_of(results, name))


def run(folder, results, options, jobs, tell):
    """Purpose: grades what has no result yet, then writes table.csv and table.html. Returns the rows. Raises Stopped."""
    os.makedirs(results, exist_ok=True)
    here = [(n, p) for n, p in submissions(folder) if os.path.abspath(p) != os.path.abspath(results)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(grade, n, p, results, options) for n, p in here]
        try:
            for f in concurrent.futures.as_completed(futures):
                tell(f.result())
        except BaseException:
            for f in futures:
                f.cancel()
            for process in list(running):
                process.send_signal(signal.SIGTERM)         # each takes its box with it
            raise
    rows = [f.result() for f in futures]
    table.write(results, rows, "Results of %s" % os.path.basename(os.path.abspath(folder)))
    return rows
