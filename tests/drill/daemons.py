# SPDX-License-Identifier: AGPL-3.0-or-later
"""The daemons of the drill: Hosts, the Bridge, PostgreSQL."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

from network import Link, run

READY_S = 120  # until a daemon serves, on a machine with other work
HOST_PORT, BRIDGE_PORT = 4242, 4243
BRIDGE_NUMBER = 250
HEARTBEAT_S = 5  # a Host that is silent for five times as long is not listed
# A month of Hosts that always answered (8,640 probes), so that the drill's seconds of absence count as a month's would.
PROBES_OF_A_MONTH = 8640


# What starts daemons lives as long as the drill: some ask to be told when the thread that started them ends.
STARTER = concurrent.futures.ThreadPoolExecutor(1)


class DaemonError(Exception):
    pass


def environment(**more):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("INXT_", "XDG_"))}
    for name in ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "STATE_DIRECTORY"):
        env.pop(name, None)
    return dict(env, **more)


class Daemon:
    """A program that is started, killed and started again; its log goes on.  `lock` is for whoever changes its state."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.log = folder / "log"
        self.process = None
        self.starts = 0
        self.lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)

    def launch(self, command, **env):
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = STARTER.submit(
                subprocess.Popen, [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=environment(XDG_CONFIG_HOME=str(self.folder), **env)).result()
        self.starts += 1

    def wait_for(self, text):
        for _ in range(READY_S * 20):
            with open(self.log, "rb") as log:
                log.seek(self.begin)
                if text in log.read():
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise DaemonError(f"{self.name} does not start: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return " | ".join(lines[-3:])

    def died(self):
        """How it ended when nobody asked it to, else None."""
        with self.lock:
            if self.process is None or self.process.poll() is None:
                return None
            status, self.process = self.process.returncode, None
            return f"{self.name} ended by itself with {status}: {self.last_words()}"

    def end(self, number=signal.SIGKILL):
        """Ends it; after SIGTERM it has a minute."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise DaemonError(f"{self.name} does not end within a minute of signal {number}")


class PostgreSQL(Daemon):
    def __init__(self, folder, script):
        super().__init__("PostgreSQL", folder)
        self.script = [script]
        if pathlib.Path("/proc/self/uid_map").read_text().split()[1:2] != ["0"]:
            # The server refuses root; the drill's user is called root in a namespace of its own: so it is called otherwise in
            # another one.
            self.script = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--", script]
        else:
            folder.chmod(0o755)
        self.cluster = folder / "cluster"
        self.cluster.mkdir()
        self.tell("init")

    def tell(self, command, *words):
        done = subprocess.run([*self.script, command, self.cluster, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=environment())
        if done.returncode != 0:
            raise DaemonError(f"postgresql {command}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self):
        self.launch([*self.script, "serve", self.cluster])
        self.tell("wait")

    def address(self):
        return self.tell("address")

    def sql(self, text):
        return self.tell("sql", text)


class Bridge(Daemon):
    def __init__(self, folder, tools, postgresql, options):
        super().__init__("Bridge", folder)
        self.options = options
        self.tools, self.database = tools, postgresql.address()
        self.link = Link("bridge", BRIDGE_NUMBER)
        self.data = folder / "data"

    def start(self):
        self.launch([*self.link.inside(), self.tools / "inxt-bridge", "--data", self.data, "--database", self.database,
                     "--listen", f"{self.link.address}:{BRIDGE_PORT}", "--allow-private-addresses", "--heartbeat",
                     f"{HEARTBEAT_S}s", "--probe-interval", "1s", "--new-audits", "0", *self.options])
        self.wait_for(b"event=ready")

    def tell(self, *words):
        done = subprocess.run([self.tools / "inxt-bridge", *words, self.data], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=environment(XDG_CONFIG_HOME=str(self.folder)))
        if done.returncode != 0:
            raise DaemonError(f"inxt-bridge {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def write_descriptor(self):
        """The file that Hosts are given, and the list that names whom they accept."""
        self.line, self.accept = self.folder / "line", self.folder / "accept"
        self.line.write_text(self.tell("descriptor"))
        self.id = json.loads(self.line.read_text())["bridge"]
        self.accept.write_text(f"bridge {self.id}\n")


class Host(Daemon):
    """A Host of its own machine.  `disk_bytes`: it has a disk of that size for itself; 0: the drill's."""

    def __init__(self, number, folder, tools, bridge, disk_bytes=0, reserve_bytes=0):
        super().__init__(f"Host {number}", folder)
        self.number, self.tools, self.bridge = number, tools, bridge
        self.disk_bytes, self.reserve_bytes = disk_bytes, reserve_bytes
        self.link = Link(f"host{number}", number)
        self.store = folder / "disk" / "store"
        self.store.parent.mkdir()
        self.ballast = folder / "disk" / "ballast"
        self.id = None
        if disk_bytes:
            run("mount", "-t", "tmpfs", "-o", f"size={disk_bytes},mode=0700", "none", str(self.store.parent))

    def start(self):
        self.begin_start()
        self.end_start()

    def begin_start(self):
        self.launch([*self.link.inside(), self.tools / "inxt-host", "--store", self.store, "--capacity",
                     str(self.disk_bytes or 1 << 40), "--accept", self.bridge.accept, "--bridge", self.bridge.line, "--listen",
                     f"{self.link.address}:{HOST_PORT}", "--reserve", str(self.reserve_bytes), "--operator",
                     f"operator {self.number}", "--audit-rate", "1GiB", "--audit-rate-per-peer", "1GiB"])

    def end_start(self):
        self.wait_for(b"listening on")
        self.id = json.loads((self.store / "descriptor.jsonl").read_text().splitlines()[0])["host"]

    def command(self, *words):
        """One of its operator's commands to the running Host."""
        done = subprocess.run([self.tools / "inxt-host", *words, self.store], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=environment(XDG_CONFIG_HOME=str(self.folder)))
        if done.returncode != 0:
            raise DaemonError(f"{self.name}: inxt-host {' '.join(words)}: {done.returncode}: {done.stdout.strip()}")

    def start_lying(self, program, mode):
        """Instead of the Host: one with its key and its store that cheats (tests/support/cheat), and reports to no Bridge."""
        self.launch([*self.link.inside(), program, "--mode", mode, "--lie", "zeros", "--store", self.store, "--listen",
                     f"{self.link.address}:{HOST_PORT}"])

    def pieces(self):
        """The files of the owners' pieces, in a fixed order; the Bridge's own are to measure with."""
        return sorted(path for path in self.store.glob("pieces/*/*-*") if f"-{self.bridge.id[:16]}" not in path.name)

    def free_bytes(self):
        return shutil.disk_usage(self.store.parent).free

    def fill_disk(self):
        """Nothing is free any more: not a byte of the ballast's last block either."""
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while file.write(b"\1" * (1 << 20)) == 1 << 20:
                    pass
                while file.write(b"\1" * 4096) == 4096:
                    pass
            except OSError:
                pass

    def empty_disk(self):
        self.ballast.unlink(missing_ok=True)
