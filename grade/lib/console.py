"""The Python side of console.exp: one expect process per machine, fed JSON lines."""

import json
import os
import select
import subprocess
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))

# What console.exp answers: the event's name, the guest's bytes, and the status of a prompt. One
# more name comes from here: interrupt.
Event = namedtuple("Event", "name text rc")


class ConsoleError(Exception):
    """expect itself failed; a matter of the grading machine, never of the guest."""


class Console:
    def __init__(self, path, stop=None):
        """Makes the FIFOs PATH.in and PATH.out and starts expect on them. When the (threading) event
        `stop` is set, every call returns the event "interrupt"."""
        for end in (".in", ".out"):
            os.mkfifo(path + end)
        self.path = path
        self.stop = stop
        self.chunk = 64
        try:
            self.expect = subprocess.Popen(["expect", "-f", os.path.join(HERE, "console.exp")],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as problem:
            raise ConsoleError("expect cannot be started: %s" % problem)
        self.pending = b""
        self._send({"op": "open", "path": path})

    def _send(self, request):
        try:
            self.expect.stdin.write(json.dumps(request).encode() + b"\n")
            self.expect.stdin.flush()
        except OSError:
            raise ConsoleError("expect is gone")

    def _answer(self, seconds):
        pipe = self.expect.stdout.fileno()
        end = time.monotonic() + seconds
        while b"\n" not in self.pending:
            if self.stop and self.stop.is_set():
                return Event("interrupt", b"", None)
            if not select.select([pipe], [], [], 0.2)[0]:
                if time.monotonic() > end:
                    raise ConsoleError("expect does not answer")
                continue
            data = os.read(pipe, 1 << 20)
            if not data:
                raise ConsoleError("expect is gone")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        answer = json.loads(line)
        if answer["event"] == "error":
            raise ConsoleError("expect: " + answer.get("why", "?"))
        rc = answer.get("rc")
        return Event(answer["event"], bytes.fromhex(answer["text"]), int(rc) if rc else None)

    def opened(self):
        """Waits until QEMU holds the other end of the line."""
        return self._answer(20)

    def send(self, data):
        """Bytes to the guest at once, like a paste."""
        self._send({"op": "send", "data": data.hex()})
        return self._answer(30)

    def type(self, data):
        """Bytes to the guest, each chunk after the echo of the one before."""
        chunk = self.chunk
        self._send({"op": "type", "data": data.hex(), "chunk": chunk})
        return self._answer(30 + 2 * len(data) // chunk)

    def prompt(self, nonce, tail, seconds=1):
        """Waits some seconds for the nonce prompt; `timeout` carries what came meanwhile."""
        self._send({"op": "prompt", "mark": nonce.encode().hex(), "tail": tail.encode().hex(),
                    "seconds": int(seconds)})
        return self._answer(seconds + 30)

    def match(self, pattern, seconds=1):
        """Waits for a (Tcl) regular expression; a `timeout` leaves the text for the next call."""
        self._send({"op": "match", "pattern": pattern.encode().hex(), "seconds": int(seconds)})
        return self._answer(seconds + 30)

    def close(self):
        self.expect.kill()
        self.expect.wait()
        self.expect.stdin.close()
        self.expect.stdout.close()
        for end in (".in", ".out"):
            os.unlink(self.path + end)
