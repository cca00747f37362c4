# SPDX-License-Identifier: AGPL-3.0-or-later
"""The owners' tools, run as their users run them, on a machine of an owner: state, cache and settings are its own."""

import collections
import subprocess
import threading
import time

from daemons import environment

HUNG_S = 300  # no command takes so long, whatever dies meanwhile
# What an owner has to reckon with while Hosts, Bridge and network fail: partly done, not found, try again, no room, too few
# pieces, below redundancy.
USUAL = {0, 3, 4, 5, 7, 10, 11}
# And a read, where a piece is damaged for good and another out of reach.
DAMAGED = 8
KILLED = "killed"  # by the drill


class Findings:
    """What must not happen; the drill fails for each."""

    def __init__(self, say):
        self.say, self.lock, self.all = say, threading.Lock(), []

    def add(self, text):
        with self.lock:
            self.all.append(text)
        self.say(f"WRONG: {text}")


class Tally:
    """How owners' operations ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.defaultdict(collections.Counter)
        self.seconds = collections.Counter()

    def add(self, operation, status, seconds):
        with self.lock:
            self.counts[operation][status] += 1
            self.seconds[operation] += seconds


class Machine:
    """`drill` has folder (of tools), tally, findings, and log, a function that takes a line."""

    def __init__(self, name, folder, key, bridge_file, drill):
        self.name, self.folder, self.drill = name, folder, drill
        folder.mkdir()
        self.env = environment(HOME=str(folder), XDG_CONFIG_HOME=str(folder / "config"), XDG_STATE_HOME=str(folder / "state"),
                               XDG_CACHE_HOME=str(folder / "cache"), INXT_KEY_FILE=str(key), INXT_BRIDGE=str(bridge_file),
                               INXT_ALLOW_SAME="new", INXT_KEEP_VERSIONS="60s")
        self.running, self.is_killed = None, False
        self.lock = threading.Lock()

    def run(self, operation, tool, *words, output=None):
        """The exit status, or KILLED; standard output goes to the file `output`."""
        begin = time.monotonic()
        errors = self.folder / "errors"  # of the last command
        command = [str(word) for word in (self.drill.tools / tool, "--no-input", *words)]
        with open(output or "/dev/null", "wb") as out, open(errors, "wb") as err:
            with self.lock:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.env,
                                           cwd=self.folder)
                self.running, self.is_killed = process, False
            try:
                status = process.wait(HUNG_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = "hung"
            with self.lock:
                self.running = None
                if self.is_killed and status == -9:
                    status = KILLED
        self.drill.tally.add(operation, status, time.monotonic() - begin)
        self.said = " | ".join(errors.read_text(errors="replace").split("\n")[-6:]).strip(" |")
        if status not in (0, KILLED):
            self.drill.log(f"{self.name}: {status}: {tool} {' '.join(map(str, words))}: {self.said}")
        is_damage = status == DAMAGED and tool == "inxt-get" and self.drill.model.losses > 0
        if status != KILLED and status not in USUAL and not is_damage:
            self.drill.findings.add(f"{self.name}: {tool} {' '.join(map(str, words))} ended with {status}: {self.said}")
        return status

    def errors(self):
        """What the last command said to its user."""
        return (self.folder / "errors").read_text(errors="replace").splitlines()

    def kill(self):
        """Ends the command that runs now, if any, as a power cut would; says which."""
        with self.lock:
            if self.running is None:
                return None
            self.is_killed = True
            self.running.kill()
            return " ".join(self.running.args[0].rsplit("/", 1)[-1:])
