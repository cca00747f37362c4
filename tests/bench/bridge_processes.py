# SPDX-License-Identifier: AGPL-3.0-or-later
"""One Bridge of one or more processes, for a bench; and the PostgreSQL that they share."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
POSTGRESQL = ROOT / "tests/support/postgresql"


class BridgeProcesses:
    """Processes on one database, SQLite where `database` is None.  `load`: the program that asks them."""
    host = None   # an address of the bench's own
    options = []

    def __init__(self, folder, build, processes, database, load):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.load = build / "tests" / load
        self.running, self.addresses = [], []
        for number in range(processes):
            self.start(build / "tools/inxt-bridge", number, database)

    def start(self, program, number, database):
        data = self.folder / f"bridge{number}"
        if number > 0:
            data.mkdir(mode=0o700)
            shutil.copy2(self.folder / "bridge0/identity.key", data)
        command = [program, "--data", data, "--listen", f"{self.host}:0", "--announce", "192.0.2.1:4243", "-q", *self.options]
        env = {name: value for name, value in os.environ.items() if not name.startswith("INXT_")}
        with open(self.folder / "log", "ab") as log:
            self.running.append(subprocess.Popen(command + (["--database", database] if database else []), stderr=log,
                                                 stdout=log, env=dict(env, XDG_CONFIG_HOME=str(self.folder))))
        for _ in range(600):
            if (data / "run.json").exists():
                break
            time.sleep(0.05)
        run = json.loads((data / "run.json").read_text())
        self.id = run["bridge"]
        self.addresses.append(run["listening"][0])

    def memory_mib(self, what):
        """VmRSS (now) or VmHWM (at most so far) of the first process."""
        for line in open(f"/proc/{self.running[0].pid}/status"):
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait()
        shutil.rmtree(self.folder)


def start_cluster(folder):
    if subprocess.run([POSTGRESQL, "available"]).returncode != 0:
        return None, None
    cluster = folder / "cluster"
    cluster.mkdir()
    folder.chmod(0o755)
    subprocess.run([POSTGRESQL, "init", cluster], check=True)
    server = subprocess.Popen([POSTGRESQL, "serve", cluster], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([POSTGRESQL, "wait", cluster], check=True)
    address = subprocess.run([POSTGRESQL, "address", cluster], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return server, address
