#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What repairs take: by hand, beside a plain copy of as many bytes; and by a Bridge, from a Host's death to full redundancy.
Prints tables in Markdown.  Run by `scripts/bench repair`.

  scripts/bench repair [--size MIB] [--rounds N] [--lost N[,N...]] [--only hand|bridge] [--short] [--build DIR] [--folder DIR]

One inxt-bridge on SQLite and Hosts on the disk of --folder, on the same machine as the client.

By hand: a file of --size in 3 mirrors, 4+2 and 10+4, at one Host more than a segment has pieces.  One is killed, and inxt-repair
checks every piece and stores the lost ones anew.  It must read K pieces of each segment and write the lost ones; how long a copy
takes is what inxt-get takes for the bytes read and, after it, inxt-put for the bytes written, at the rates that both have with
the same file in the same round.

By a Bridge: one file of 4+2, pieces of 4 KiB, in its care, spread over 12 Hosts that have about --lost pieces each.  One is
killed and does not come back.  The grace is --repair-grace, 10 s here; the Bridge looks every second who answers.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time

from network import ROOT, Network

LAYOUTS = {"3 mirrors": (["-m", "3"], 1, 3), "4+2": (["-e", "4+2"], 4, 6), "10+4": (["-e", "10+4"], 10, 14)}
GRACE_S = 10
PIECE_BYTES = 4096
# What Hosts save up for audits by default ends within a few rounds of this, as it would after a few hours elsewhere.
HAND_HOSTS = ("--audit-rate", "10MiB/s", "--audit-rate-per-peer", "10MiB/s")
WAIT_S = 3600
MOVED_MAX = 1.25  # of the least


def lines_of(file):
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def pieces_at(manifest, host):
    """Bytes of a piece of each segment that `host` has a piece of, with how many pieces; and how many segments there are."""
    sizes, held = {}, {}
    for line in lines_of(manifest):
        if line["type"] == "piece":
            sizes[line["segment"]] = line["size"]
        elif line["type"] == "place" and line["host"] == host:
            held[line["segment"]] = held.get(line["segment"], 0) + 1
    return [(sizes[segment], count) for segment, count in held.items()], len(sizes)


def listens(address):
    name, port = address.rsplit(":", 1)
    try:
        socket.create_connection((name, int(port)), 1).close()
        return True
    except OSError:
        return False


def check_least(ratio):
    """A repair that reads more than it must is a defect, but where a Host is so slow that another is asked beside it."""
    if ratio > MOVED_MAX:
        sys.exit(f"bench: {ratio:.2f} times the least was moved")


class ByHand:
    def __init__(self, folder, tools, layouts, size_mib):
        hosts = max(LAYOUTS[layout][2] for layout in layouts) + 1
        self.network = Network(folder, tools, hosts, host_options=HAND_HOSTS)
        self.folder, self.bytes = folder, size_mib * 2**20
        with open(folder / "data", "wb") as data:
            for _ in range(size_mib):
                data.write(os.urandom(2**20))
        self.descriptors = {each: (folder / f"host{each}/descriptor.jsonl").read_text() for each in range(1, hosts + 1)}

    def round(self, layout, number):
        arguments, k, hosts = LAYOUTS[layout]
        network, folder = self.network, self.folder
        dead = 1 + number % (hosts + 1)
        descriptor = json.loads(self.descriptors[dead])
        (folder / "hosts").write_text("".join(self.descriptors[each] for each in range(1, hosts + 2)))
        put_s = network.timed("inxt-put", "-q", *arguments, "--hosts", "hosts", "-o", "m", "data")
        put_bytes = sum(line["size"] for line in lines_of(folder / "m") if line["type"] == "piece")
        get_s = network.timed("inxt-get", "-q", "-o", "back", "m")
        (folder / "back").unlink()
        lost, segments = pieces_at(folder / "m", descriptor["host"])
        least_read = sum(k * size for size, _ in lost)
        least_written = sum(size * count for size, count in lost)
        network.kill_host(dead)
        check_s = network.timed("inxt-repair", "-q", "-n", "--all", "m", statuses=(0, 11))
        started = time.monotonic()
        said = network.run("inxt-repair", "-q", "--json", "--all", "--hosts", "hosts", "-o", "m2", "m")
        took_s = time.monotonic() - started
        report = [json.loads(line) for line in said.splitlines()][-1]
        if report["repaired"] != len(lost) or report["stored"] != sum(count for _, count in lost):
            sys.exit(f"bench: not all was repaired: {report}")
        network.start_host(dead, descriptor["addresses"][0])
        network.wait(lambda: listens(descriptor["addresses"][0]))
        network.run("inxt-rm", "-q", "m2")
        check_least((report["read_bytes"] + report["written_bytes"]) / (least_read + least_written))
        return {"took_s": took_s, "check_s": check_s, "segments": segments, "repaired": len(lost),
                "moved": report["read_bytes"] + report["written_bytes"],
                "read": report["read_bytes"] / least_read, "written": report["written_bytes"] / least_written,
                "copy_s": least_read / (self.bytes / get_s) + least_written / (put_bytes / put_s)}


def by_hand(options, folder, tools):
    layouts = ["4+2"] if options.short else list(LAYOUTS)
    bench = ByHand(folder, tools, layouts, options.size)
    try:
        results = {layout: [] for layout in layouts}
        for number in range(options.rounds):
            for layout in layouts:
                print(f"bench: round {number + 1} of {options.rounds}: {layout}", file=sys.stderr)
                results[layout].append(bench.round(layout, number))
    finally:
        bench.network.stop()
    print(f"By hand, a file of {options.size} MiB, median of {options.rounds}:\n")
    print("| layout | segments repaired, of | s | of which checking | MiB/s moved | read, to the least | written, to the least | "
          "time, to a copy's | without the check |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for layout, runs in results.items():
        def median(of):
            return statistics.median(of(run) for run in runs)
        print(f"| {layout} | {median(lambda r: r['repaired']):.0f}, {runs[0]['segments']} | {median(lambda r: r['took_s']):.2f} | "
              f"{median(lambda r: r['check_s']):.2f} | {median(lambda r: r['moved'] / 2**20 / r['took_s']):.0f} | "
              f"{median(lambda r: r['read']):.3f} | {median(lambda r: r['written']):.3f} | "
              f"{median(lambda r: r['took_s'] / r['copy_s']):.2f} | "
              f"{median(lambda r: (r['took_s'] - r['check_s']) / r['copy_s']):.2f} |")
    print(flush=True)


def healer(network):
    return json.loads(network.run("inxt-bridge", "status", "bridge"))["healer"]


def by_bridge(lost, hosts, folder, tools):
    """One Host's death: seconds from there to the first repair and to the last, and what was moved."""
    network = Network(folder, tools, hosts, bridge_options=("--repair-grace", f"{GRACE_S}s"))
    try:
        segments = lost * hosts // 6
        with open(folder / "data", "wb") as data:
            for _ in range(segments):
                data.write(os.urandom(4 * PIECE_BYTES))
        took = {"put": network.timed("inxt-put", "-q", "-e", "4+2", "-s", "4KiB", "--hosts", "hosts", "-o", "m", "data")}
        took["entrust"] = network.timed("inxt-care", "add", "-q", "m")
        network.wait(lambda: healer(network)["segments"] >= segments, WAIT_S)
        segments = healer(network)["segments"]
        descriptor = json.loads((folder / "host1/descriptor.jsonl").read_text())
        held = sum(count for _, count in pieces_at(folder / "m", descriptor["host"])[0])
        print(f"bench: {held} pieces lost of {segments * 6}, put in {took['put']:.0f} s", file=sys.stderr)
        network.kill_host(1)
        started, first_s = time.monotonic(), None
        while True:
            now, at_s = healer(network), time.monotonic() - started
            if first_s is None and now["repairs"]["begun"] > 0:
                first_s = at_s
            if first_s is not None and now["repairs"]["pieces"] >= held and now["due"] + now["under_way"] + now["unreadable"] == 0:
                break
            if at_s > WAIT_S:
                sys.exit(f"bench: not repaired after {WAIT_S} s: {now}; {folder}/log")
            time.sleep(0.1)
        listed = json.loads(network.run("inxt-care", "list", "--json"))
        if listed["short_segments"] != 0:
            sys.exit(f"bench: some are short: {listed}")
        places = len(network.run("inxt-care", "places", "m").splitlines())
        if places != held:
            sys.exit(f"bench: {places} new places for {held} pieces")
        least = sum(size * (4 + count) for size, count in pieces_at(folder / "m", descriptor["host"])[0])
        moved = now["repairs"]["read_bytes"] + now["repairs"]["written_bytes"]
        check_least(moved / least)
        return {"held": held, "pieces": segments * 6, "first_s": first_s, "all_s": at_s, "failed": now["repairs"]["failed"],
                "moved": moved / least}
    finally:
        network.stop()


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench repair", description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512, metavar="MIB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lost", default="1000,10000", help="pieces that the Host has that dies (1000,10000)")
    parser.add_argument("--hosts", type=int, default=12)
    parser.add_argument("--only", choices=["hand", "bridge"])
    parser.add_argument("--short", action="store_true", help="once, with little: whether it works")
    parser.add_argument("--folder", default="/var/tmp", help="a folder on the disk to measure on (/var/tmp)")
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))
    if options.short:
        options.size, options.rounds, options.lost, options.hosts = 64, 1, "30", 8
    tools = options.build.resolve() / "tools"
    if not (tools / "inxt-repair").exists():
        sys.exit(f"bench: no inxt-repair in {tools}: build the release preset first (scripts/test does)")
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{os.cpu_count()} cores ({cpu}), load {os.getloadavg()[0]:.1f} before; Bridge, Hosts and client on the same machine.\n")

    def in_folder(measure):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-bench-repair-", dir=options.folder))
        try:
            return measure(folder)
        finally:
            shutil.rmtree(folder)

    if options.only != "bridge":
        in_folder(lambda folder: by_hand(options, folder, tools))
    if options.only == "hand":
        return
    print(f"By a Bridge, {options.hosts} Hosts, 4+2, pieces of {PIECE_BYTES} bytes, a grace of {GRACE_S} s, median of "
          f"{options.rounds}:\n")
    print("| pieces lost, of | s to full redundancy | of which until the first repair | repairs | pieces/s | bytes, to the least | "
          "failed |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for lost in (int(each) for each in options.lost.split(",")):
        runs = []
        for number in range(options.rounds):
            print(f"bench: round {number + 1} of {options.rounds}: {lost} pieces", file=sys.stderr)
            runs.append(in_folder(lambda folder: by_bridge(lost, options.hosts, folder, tools)))

        def median(of):
            return statistics.median(of(run) for run in runs)
        print(f"| {median(lambda r: r['held']):,.0f}, {runs[0]['pieces']:,} | {median(lambda r: r['all_s']):.1f} | "
              f"{median(lambda r: r['first_s']):.1f} | {median(lambda r: r['all_s'] - r['first_s']):.1f} | "
              f"{median(lambda r: r['held'] / (r['all_s'] - r['first_s'])):,.0f} | {median(lambda r: r['moved']):.3f} | "
              f"{sum(r['failed'] for r in runs)} |", flush=True)


if __name__ == "__main__":
    main()
