# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Bridge and Hosts on this machine's disk, for a bench, and what its command line has in common."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTS = 6
FILE_BYTES = 4096


class Network:
    """A Bridge, Hosts in a /24 each, and an owner with a permit."""

    def __init__(self, folder, tools, hosts=HOSTS, bridge_options=(), host_options=()):
        self.folder, self.running, self.hosts, self.host_options = folder, [], {}, host_options
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("INXT_")}
        self.env.update(HOME=str(folder), PATH=f"{tools}:{self.env['PATH']}", XDG_CONFIG_HOME=f"{folder}/config",
                        XDG_STATE_HOME=f"{folder}/state", XDG_CACHE_HOME=f"{folder}/cache")
        self.start("inxt-bridge", "--data", "bridge", "--listen", "127.0.160.1:0", "--allow-private-addresses", "--new-audits", "0",
                   "--heartbeat", "5s", "--probe-interval", "1s", *bridge_options)
        self.wait(lambda: (folder / "bridge/descriptor.jsonl").exists())
        bridge = json.loads((folder / "bridge/descriptor.jsonl").read_text())["bridge"]
        (folder / "accept").write_text(f"bridge {bridge}\n")
        self.run("inxt-key", "new", "--no-passphrase", "--words-out", "words")
        account = self.run("inxt-key", "show", "--for-host", bridge).strip()
        for number in range(1, hosts + 1):
            self.start_host(number, f"127.0.{160 + number}.1:0")
        permit = self.run("inxt-bridge", "grant", account, "bridge", "--quota", "64GiB", "--term", "30d")
        (folder / "mine").write_text(permit)
        self.env["INXT_BRIDGE"] = str(folder / "mine")
        self.wait(lambda: len(self.run("inxt-hosts").splitlines()) == hosts)
        (folder / "hosts").write_text(self.run("inxt-hosts"))

    def start(self, *command):
        with open(self.folder / "log", "ab") as log:
            self.running.append(subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=log, stderr=log,
                                                 executable=shutil.which(command[0], path=self.env["PATH"])))
        return self.running[-1]

    def start_host(self, number, address):
        self.hosts[number] = self.start("inxt-host", "--store", f"host{number}", "--capacity", "16GiB", "--listen", address,
                                        "--accept", "any", "--bridge", "bridge/descriptor.jsonl", *self.host_options)

    def kill_host(self, number):
        host = self.hosts.pop(number)
        self.running.remove(host)
        host.kill()
        host.wait()

    def run(self, *command, statuses=(0,)):
        done = subprocess.run(command, env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode not in statuses:
            sys.exit(f"bench: {' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def wait(self, condition, for_s=60):
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.1)
        sys.exit(f"bench: waited in vain; {self.folder}/log says why")

    def timed(self, *command, statuses=(0,)):
        os.sync()
        started = time.monotonic()
        self.run(*command, statuses=statuses)
        return time.monotonic() - started

    def stop(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait()


def parser_of(name, what, files, rounds=3):
    parser = argparse.ArgumentParser(prog=f"scripts/bench {name}", description=what)
    parser.add_argument("--files", type=int, default=files)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--folder", default="/var/tmp", help="a folder on the disk to measure on (/var/tmp)")
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    return parser


def tools_of(options):
    tools = options.build.resolve() / "tools"
    if not (tools / "inxt-bridge").exists():
        sys.exit(f"bench: no inxt-bridge in {tools}: build the release preset first (scripts/test does)")
    return tools


def folder_of_files(options, name):
    """A new folder, with `many` in it: options.files random files."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"inxt-bench-{name}-", dir=options.folder))
    (folder / "many").mkdir()
    for number in range(options.files):
        (folder / "many" / f"file {number:06}").write_bytes(os.urandom(FILE_BYTES))
    return folder
