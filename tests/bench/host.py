#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Host against nginx, side by side in one run; prints a table in Markdown.  Run by `scripts/bench host`.

Both serve the same 64 pieces of 2 MiB over TLS 1.3 with the same cipher, an Ed25519 certificate, and client certificates
required, to the same client (inxt-attack get), which shares the cores with them.  Both read from the page
cache.  nginx has a worker for each core and compares certificates with a list; the Host has one thread for the network
and looks up the account.  Every round asks both, in turn; the table has medians.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNTS = 8  # a Host gives one account 16 requests at once
ADDRESSES = {"inxt-host": "127.0.44.1:4344", "nginx": "127.0.44.2:4344"}


class Servers:
    def __init__(self, folder, build):
        self.folder = folder
        self.attack = build / "tests/inxt-attack"
        self.running = []
        identities = [self.ask("identity", "--account", str(1 + number)).split("\n", 1) for number in range(ACCOUNTS)]
        (folder / "accounts").write_text("".join(account + "\n" for account, _ in identities))
        (folder / "clients.pem").write_text("".join(pem for _, pem in identities))
        env = {name: value for name, value in os.environ.items() if not name.startswith("INXT_")}
        with open(folder / "host.log", "wb") as log:
            self.host = subprocess.Popen(
                [build / "tools/inxt-host", "--store", folder / "store", "--capacity", "4GiB", "--accept", folder / "accounts",
                 "--listen", ADDRESSES["inxt-host"], "--connections", "16384", "-q"], env=dict(env, XDG_CONFIG_HOME=str(folder)), stderr=log)
        self.running.append(self.host)
        descriptor = folder / "store/descriptor.jsonl"
        for _ in range(200):
            if descriptor.exists():
                break
            time.sleep(0.05)
        self.id = json.loads(descriptor.read_text().splitlines()[0])["host"]
        (folder / "files").mkdir()
        self.paths = self.ask("store", "--address", ADDRESSES["inxt-host"], "--host", self.id, "--pieces", "64",
                              "--folder", str(folder / "files")).strip()
        health = self.ask("get", "--address", ADDRESSES["inxt-host"], "--paths", "/v1/health", "--seconds", "0.2")
        health = json.loads(health)
        (folder / "small").write_bytes(b"x" * (health["bytes"] // health["answers"]))
        self.start_nginx()

    def ask(self, *arguments):
        return subprocess.run([self.attack, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    def start_nginx(self):
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        here = self.folder / "nginx"
        here.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-keyout", here / "key",
                        "-out", here / "crt", "-subj", "/CN=nginx"], check=True, stderr=subprocess.DEVNULL)
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{name}_temp_path {here}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (here / "conf").write_text(f"""
            {user} worker_processes auto; worker_rlimit_nofile 65536; daemon off; pid {here}/pid; error_log {here}/error.log;
            events {{ worker_connections 16384; }}
            http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 600; sendfile on; output_buffers 2 128k;
              open_file_cache max=1000; {temporary}
              server {{ listen {ADDRESSES["nginx"]} ssl; ssl_certificate {here}/crt; ssl_certificate_key {here}/key;
                ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off; ssl_buffer_size 16k;
                ssl_client_certificate {self.folder}/clients.pem; ssl_verify_client on;
                location /v1/pieces/ {{ alias {self.folder}/files/; }}
                location = /v1/health {{ alias {self.folder}/small; }} }} }}""")
        self.running.append(subprocess.Popen([nginx, "-c", here / "conf"], stderr=subprocess.DEVNULL))
        self.nginx = self.running[-1]
        time.sleep(0.5)
        if self.nginx.poll() is not None:
            sys.exit(f"bench: nginx does not start: {(here / 'error.log').read_text()}")

    def get(self, name, paths, connections, seconds):
        text = self.ask("get", "--address", ADDRESSES[name], "--paths", paths, "--connections", str(connections),
                        "--accounts", str(ACCOUNTS), "--seconds", str(seconds))
        result = json.loads(text)
        if result["failed"]:
            print(f"bench: {name}: {result['failed']} of {result['answers']} requests failed", file=sys.stderr)
        return result

    def rss_kib(self, pid):
        return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS"))

    def idle_bytes(self, connections):
        name = "inxt-host"
        before = self.rss_kib(self.host.pid)
        holder = subprocess.Popen([self.attack, "idle", "--address", ADDRESSES[name], "--connections", str(connections),
                                   "--sources", str(connections // 200 + 1), "--seconds", str(4 + connections / 500)],
                                  stdout=subprocess.PIPE, text=True)
        time.sleep(3 + connections / 500)
        after = self.rss_kib(self.host.pid)
        held = json.loads(holder.communicate()[0]).get("connections", 0)
        if held != connections:
            print(f"bench: {name}: {held} connections instead of {connections}", file=sys.stderr)
        return (after - before) * 1024 / max(held, 1)

    def stop(self):
        for server in self.running:
            server.send_signal(signal.SIGTERM)
        for server in self.running:
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path)
    parser.add_argument("--idle", type=int, default=2000, help="idle connections, at most 16,000")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-bench-host-"))
    rows = []
    servers = None
    try:
        servers = Servers(folder, options.build.resolve())
        # First, because what a server has used and freed it uses again for connections.
        ours = servers.idle_bytes(options.idle) / 1024
        idle = f"| memory of an idle TLS connection ({options.idle:,} of them), KiB of user space | {ours:.1f} | | |"
        kinds = [(f"GET of 2 MiB, {count} connection{'s' * (count > 1)}, MB/s", servers.paths, count, "bytes", 1e6) for count in (1, 64)]
        kinds += [(f"tiny GET, {count} connection{'s' * (count > 1)}, requests/s", "/v1/health", count, "answers", 1) for count in (1, 64)]
        for title, paths, connections, unit, scale in kinds:
            rates = {name: [] for name in ADDRESSES}
            for number in range(options.rounds):
                print(f"bench: round {number + 1} of {options.rounds}: {title}", file=sys.stderr)
                for name in ADDRESSES:
                    result = servers.get(name, paths, connections, options.seconds)
                    rates[name].append(result[unit] / result["seconds"] / scale)
            ours, theirs = (statistics.median(rates[name]) for name in ADDRESSES)
            rows.append(f"| {title} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |")
        rows.append(idle)
    finally:
        if servers:
            servers.stop()
        shutil.rmtree(folder)
    print(f"{os.cpu_count()} cores, client and servers on the same machine, median of {options.rounds}.\n")
    print("| | inxt-host | nginx | ratio |\n| --- | ---: | ---: | ---: |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
