# SPDX-License-Identifier: AGPL-3.0-or-later
"""A network of network namespaces, in a namespace that the drill has for itself: nothing leads out of it.

The owners are in the middle and forward what the machines say to each other; each machine has a link of its own to it, in a
network (/16 of 10.0.0.0) of its own, as Hosts of different people have.  `scripts/drill` has made the namespaces of the
process that uses this: a network, mounts, process ids, and users where it is not root.
"""

import pathlib
import subprocess

SPACES = pathlib.Path("/run/netns")


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")


def begin():
    run("mount", "-t", "tmpfs", "none", "/run")
    SPACES.mkdir()
    run("ip", "link", "set", "lo", "up")
    run("sysctl", "-qw", "net.ipv4.ip_forward=1")


class Link:
    """A machine's place in the network: `number` (1 to 254) is the second byte of its address."""

    def __init__(self, name, number):
        self.name, self.near = name, f"to-{name}"
        self.address, self.gateway = f"10.{number}.0.2", f"10.{number}.0.1"
        self.is_cut = None
        run("ip", "netns", "add", name)
        run("ip", "link", "add", self.near, "type", "veth", "peer", "name", "wan", "netns", name)
        run("ip", "address", "add", f"{self.gateway}/24", "dev", self.near)
        run("ip", "link", "set", self.near, "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "address", "add", f"{self.address}/24", "dev", "wan")
        run("ip", "-n", name, "link", "set", "wan", "up")
        run("ip", "-n", name, "route", "add", "default", "via", self.gateway)

    def inside(self):
        """What a command is begun with to be run there, with the same process id."""
        return ["nsenter", f"--net={SPACES / self.name}", "--"]

    def cut(self, silently):
        """Silently: what is sent there vanishes.  Else the router says that nobody is there."""
        self.is_cut = "wan" if silently else self.near
        if silently:
            run("ip", "-n", self.name, "link", "set", "wan", "down")
        else:
            run("ip", "link", "set", self.near, "down")

    def mend(self):
        if self.is_cut == "wan":
            run("ip", "-n", self.name, "link", "set", "wan", "up")
            run("ip", "-n", self.name, "route", "add", "default", "via", self.gateway)
        elif self.is_cut:
            run("ip", "link", "set", self.near, "up")
        self.is_cut = None
