"""QEMU's machine protocol: commands, and the events that say why a machine stopped."""

import json
import queue
import socket
import threading
import time


class Qmp:
    """Listens first; QEMU (started with -qmp unix:PATH) then connects, so no event is missed."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        self.listener.settimeout(0.2)
        self.socket = self.reader = None
        self.answers = queue.Queue()
        self.asked = 0                  # commands; the number of the last is its id
        self.events = []

    def connect(self, process, seconds=20):
        """Waits for QEMU and negotiates. Returns False when QEMU ended instead."""
        end = time.monotonic() + seconds
        while self.socket is None:
            try:
                self.socket, _ = self.listener.accept()
            except socket.timeout:
                if process.poll() is not None or time.monotonic() > end:
                    return False
        self.socket.settimeout(None)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self.answers.get() is not None and self.command("qmp_capabilities") is not None

    def _read(self):
        try:
            for line in self.socket.makefile("rb"):
                message = json.loads(line)
                if "event" in message:
                    self.events.append(message)
                else:
                    self.answers.put(message)
        except (OSError, ValueError):
            pass
        self.answers.put(None)

    def command(self, name, **arguments):
        """Returns the answer's value ({} for none), or None when QEMU is gone or refuses. An answer that came too late is nobody's."""
        self.asked += 1
        request = {"execute": name, "id": self.asked}
        if arguments:
            request["arguments"] = arguments
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
            answer = self.answers.get(timeout=10)
            while answer is not None and answer.get("id") != self.asked:
                answer = self.answers.get(timeout=10)
        except (OSError, queue.Empty):
            return None
        if answer is None:
            self.answers.put(None)
            return None
        return answer.get("return")

    def human(self, line):
        """A command of QEMU's human monitor; its text, "" if it cannot be had."""
        return self.command("human-monitor-command", **{"command-line": line}) or ""

    def shutdown_reason(self):
        """Why QEMU shut down ("guest-reset", "guest-shutdown", ...), or None. Call when QEMU has ended."""
        if self.reader:
            self.reader.join(5)
        reasons = [e["data"].get("reason") for e in self.events if e["event"] == "SHUTDOWN"]
        return reasons[-1] if reasons else None

    def close(self):
        for s in (self.socket, self.listener):
            if s:
                s.close()
