#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-host as systemd runs it, with this script in systemd's place: the notify socket, the watchdog, reloading,
sockets that were bound before, credentials, the check before a start.

usage: systemd.py FOLDER_OF_THE_TOOLS [JOURNAL]    JOURNAL: only the part that wants a running journald (systemd.sh)
"""
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HOST = str(pathlib.Path(sys.argv[1]).resolve() / "inxt-host")
WAIT_S = 30
work = pathlib.Path(tempfile.mkdtemp(prefix="inxt-systemd-"))
os.chdir(work)
for name in list(os.environ):
    if name.startswith("INXT_") or name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "STATE_DIRECTORY", "JOURNAL_STREAM",
                                            "CREDENTIALS_DIRECTORY", "LISTEN_FDS"):
        del os.environ[name]
os.environ["XDG_CONFIG_HOME"] = str(work / "none")


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Notify:
    """The service manager's end of $NOTIFY_SOCKET."""

    def __init__(self, name):
        self.path = str(work / name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Like a service manager, all the time: the kernel keeps only ten datagrams."""
        while True:
            self.messages.put(self.socket.recv(8192).decode())

    def next(self, timeout_s=WAIT_S):
        try:
            return self.messages.get(timeout=max(timeout_s, 0.001))
        except queue.Empty:
            return None

    def wait_for(self, wanted, seen=None):
        """The first message with a line that begins so; others on the way go to `seen`."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            message = self.next(end - time.monotonic()) or ""
            if any(line.startswith(wanted) for line in message.splitlines()):
                return message
            if seen is not None:
                seen.append(message)
        raise AssertionError(f"{wanted} never came")

    def drain(self):
        while self.next(0):
            pass


class Daemon:
    def __init__(self, arguments, name="log", variables=None, socket_to_hand=None, stderr=None):
        self.log_path = work / name
        self.log_file = open(self.log_path, "w+b")
        environment = dict(os.environ, **(variables or {}))
        command = [HOST, *arguments]
        passed = ()
        if socket_to_hand is not None:  # as descriptor 3, which Popen keeps when it has that number here, too
            saved = os.dup(3) if socket_to_hand.fileno() != 3 and fd_is_open(3) else None
            os.dup2(socket_to_hand.fileno(), 3)
            passed = (3,)
            command = ["/bin/sh", "-c", 'LISTEN_PID=${FOREIGN_PID:-$$} exec "$@"', "sh", *command]
        self.process = subprocess.Popen(command, stderr=stderr or self.log_file, env=environment, pass_fds=passed,
                                        stdin=subprocess.DEVNULL)
        if socket_to_hand is not None and socket_to_hand.fileno() != 3:
            os.close(3)
            if saved is not None:
                os.dup2(saved, 3)
                os.close(saved)
        running.append(self)

    def log(self):
        return self.log_path.read_text()

    def wait_for_log(self, pattern):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            found = re.search(pattern, self.log())
            if found:
                return found
            expect(self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log()}")
            time.sleep(0.02)
        raise AssertionError(f"the log never said {pattern}: {self.log()}")

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)


running = []


def fd_is_open(number):
    try:
        os.fstat(number)
        return True
    except OSError:
        return False


def write_config(name="host.json", **members):
    settings = {"store": "store", "capacity": "1MB", "accept": "any", "listen": ["127.0.0.1:0"], "workers": 2}
    settings.update(members)
    (work / name).write_text(json.dumps({k: v for k, v in settings.items() if v is not None}))
    return ["--config", name]


def run(*arguments, variables=None):
    return subprocess.run([HOST, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, **(variables or {})), timeout=WAIT_S)


def get(address, path):
    """What a Host answers to anybody."""
    host, port = address.rsplit(":", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as plain, context.wrap_socket(plain) as tls:
        tls.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := tls.recv(65536):
            answer += chunk
    head, body = answer.split(b"\r\n\r\n", 1)
    expect(head.startswith(b"HTTP/1.1 200 "), head)
    return json.loads(body)


def descriptor(address):
    import base64
    payload = get(address, "/v1/descriptor")["token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def notify_and_reload():
    notify = Notify("notify")
    arguments = write_config(price=3)
    daemon = Daemon(arguments, variables={"NOTIFY_SOCKET": notify.path, "WATCHDOG_USEC": "1500000"})
    ready = notify.wait_for("READY=1")
    expect(re.search(r"^STATUS=.*0 pieces, 0 B of 1.00 MB; 0 connections$", ready, re.M), ready)
    address = daemon.wait_for_log(r"event=ready .*listening=([0-9.:]+)").group(1)
    expect(descriptor(address)["price"] == 3, "the price is not the configuration's")

    # Signs of life, and none from a process that hangs.
    for _ in range(3):
        notify.wait_for("WATCHDOG=1")
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(0.2)
    notify.drain()
    expect(notify.next(1.5) is None, "a process that hangs told something")
    daemon.process.send_signal(signal.SIGCONT)
    notify.wait_for("WATCHDOG=1")

    # Settings that take effect, and one that needs a restart.
    before = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
    write_config(price=5, capacity="2MB", workers=3)
    daemon.process.send_signal(signal.SIGHUP)
    message = notify.wait_for("RELOADING=1")
    told = int(re.search(r"^MONOTONIC_USEC=(\d+)$", message, re.M).group(1))
    expect(before <= told <= time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6, "MONOTONIC_USEC is not now")
    notify.wait_for("READY=1")
    daemon.wait_for_log(r"event=restart-needed setting=workers")
    daemon.wait_for_log(r"event=reloaded")
    end = time.monotonic() + WAIT_S  # a descriptor is signed anew now and then
    while (told := descriptor(address))["price"] != 5 or told["capacity_bytes"] != 2_000_000:
        expect(time.monotonic() < end, f"the settings did not change: {told}")
        time.sleep(0.2)

    # Whatever is wrong: file and key are named, and everything stays as it was.
    wrong = [
        ({"price": 6, "capacity": "lots"}, r'host.json: \\"capacity\\"|host.json: ..22capacity'),
        ({"price": 6, "capactiy": "3MB"}, r'capactiy'),
        ({"price": 6, "accept": "absent"}, r"absent"),
        ({"price": 6, "announce": ["nowhere"]}, r"nowhere"),
        ({"price": 6, "price ": 7}, r"is no setting"),
        ({"price": -1}, r"price"),
    ]
    for number, (members, named) in enumerate(wrong, 1):
        write_config(**members)
        daemon.process.send_signal(signal.SIGHUP)
        notify.wait_for("RELOADING=1")
        message = notify.wait_for("READY=1")
        expect("STATUS=settings kept: " in message, message)
        kept = daemon.log().split("event=settings-kept")[1:]
        expect(len(kept) == number and re.search(named, kept[-1]), f"{named}: {kept[-1:]}")
    (work / "host.json").write_text('{"capacity": "3MB",\n "price": 6,\n oops}')
    daemon.process.send_signal(signal.SIGHUP)
    message = notify.wait_for("STATUS=settings kept")
    expect("line 3" in message, message)
    (work / "host.json").unlink()
    daemon.process.send_signal(signal.SIGHUP)
    notify.wait_for("STATUS=settings kept")
    time.sleep(0.1)
    status = descriptor(address)
    expect(status["price"] == 5 and status["capacity_bytes"] == 2_000_000, f"something was taken: {status}")

    # Many at once: none is the process's end, and the last one counts.
    write_config(price=7)
    for _ in range(50):
        daemon.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + WAIT_S
    while descriptor(address)["price"] != 7:
        expect(time.monotonic() < end, "the last settings were not read")
        time.sleep(0.2)

    notify.drain()
    expect(daemon.stop() == 0, daemon.log())
    notify.wait_for("STOPPING=1")


def sockets_from_before():
    # The socket outlives the Host: who connects while it is started again waits, and is served.
    listening = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % listening.getsockname()[1]
    arguments = write_config(listen=["192.0.2.1:1"])  # which it could not bind, and need not
    handed = {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "inxt-host.socket"}
    first = Daemon(arguments, "log1", handed, listening)
    first.wait_for_log(r"event=ready .*listening=" + re.escape(address))
    expect(get(address, "/v1/health")["status"] == "ok", "health")
    expect(descriptor(address)["addresses"] == [address], "the inherited address is not announced")
    expect(first.stop() == 0, first.log())
    early = socket.create_connection(("127.0.0.1", listening.getsockname()[1]))  # in the backlog
    second = Daemon(arguments, "log2", handed, listening)
    expect(get(address, "/v1/health")["status"] == "ok", "health after a restart")
    early.close()
    expect(second.stop() == 0, second.log())

    # Sockets that are meant for another process are not touched.
    arguments = write_config(listen=["127.0.0.1:0"])
    third = Daemon(arguments, "log3", {**handed, "FOREIGN_PID": "1"}, listening)
    own = third.wait_for_log(r"event=ready .*listening=([0-9.:]+)").group(1)
    expect(own != address, "it took a socket of another process")
    expect(third.stop() == 0, third.log())

    # What is no listening socket is refused.
    unbound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fourth = Daemon(arguments, "log4", handed, unbound)
    expect(fourth.process.wait(WAIT_S) != 0, "it listens on a datagram socket")


def credentials():
    credentials_folder = work / "credentials"
    credentials_folder.mkdir()
    shutil.copy(work / "store/identity.key", credentials_folder / "identity.key")
    (credentials_folder / "identity.key").chmod(0o440)  # as systemd does, with an access list
    variables = {"CREDENTIALS_DIRECTORY": str(credentials_folder)}
    first = Daemon(write_config(), "log5")
    host = first.wait_for_log(r"event=ready host=([0-9a-f]{64})").group(1)
    first.stop()

    (work / "store/identity.key").rename(work / "taken.key")
    second = Daemon(write_config(), "log6", variables)
    expect(second.wait_for_log(r"event=ready host=([0-9a-f]{64})").group(1) == host, "the credential is not its name")
    expect(not (work / "store/identity.key").exists(), "it made a key beside the credential")
    expect(run("check", "store").returncode == 0, "check does not know whose store it is")
    second.stop()

    other = Daemon(write_config(store="other"), "log-other")  # another Host's key
    other.wait_for_log("event=ready ")
    other.stop()
    shutil.copy(work / "other/identity.key", work / "store/identity.key")
    refused = run(*write_config(), variables=variables)
    expect(refused.returncode == 2 and "another Host's key" in refused.stderr, refused.stderr)
    refused = run("check", "--quick", *write_config(), variables=variables)
    expect(refused.returncode == 2 and "another Host's key" in refused.stderr, refused.stderr)
    (work / "store/identity.key").unlink()
    (credentials_folder / "identity.key").chmod(0o444)
    refused = run(*write_config(), variables=variables)
    expect(refused.returncode == 6 and "everybody" in refused.stderr, refused.stderr)
    (work / "taken.key").rename(work / "store/identity.key")


def check_before_a_start():
    good = run("check", "--quick", *write_config())
    expect(good.returncode == 0 and '"quick":true' in good.stdout, good.stderr)
    good = run(*write_config(), "check", "--quick")
    expect(good.returncode == 0, good.stderr)
    good = run("check", "--quick", *write_config(store=None), variables={"STATE_DIRECTORY": str(work / "store")})
    expect(good.returncode == 0 and "store" in good.stdout, good.stderr)
    both = run("check", "--quick", *write_config(store=None), variables={"STATE_DIRECTORY": "/a:/b"})
    expect(both.returncode == 2, both.stderr)
    new = run("check", "--quick", *write_config(store="new"))
    expect(new.returncode == 0 and not (work / "new").exists(), "it wrote")
    large = run("check", "--quick", *write_config(capacity="8000000TB"))
    expect(large.returncode == 0 and "more than the file system" in large.stderr, large.stderr)

    for members, status, said in [
        ({"capactiy": "1MB"}, 2, 'did you mean "capacity"?'),
        ({"capacity": "1 parsec"}, 2, 'host.json: "capacity"'),
        ({"capacity": None}, 2, "no capacity"),
        ({"accept": None}, 2, "nobody is accepted"),
        ({"accept": "absent"}, 4, "absent"),
        ({"workers": 1000}, 2, 'host.json: "workers"'),
        ({"listen": ["here"]}, 2, "--listen here"),
        ({"announce": ["a:b"]}, 2, "--announce a:b"),
        ({"store": "no/where"}, 4, "no"),
        ({"store": "host.json"}, 2, "not a folder"),
        ({"store": "strange"}, 2, "strange"),
        ({"store": "later"}, 1, "inxt-store 99"),
    ]:
        (work / "strange").mkdir(exist_ok=True)
        (work / "strange/file").touch()
        (work / "later").mkdir(exist_ok=True)
        (work / "later/version").write_text("inxt-store 99\n")
        for command in (["check", "--quick"], ["check"]):
            wrong = run(*command, *write_config(**members))
            expect(wrong.returncode == status and said in wrong.stderr,
                   f"{command} {members}: {wrong.returncode} {wrong.stderr}")
    (work / "strange/file").unlink()
    (work / "bad").write_text("0" * 64 + "\nnot an id\n")
    wrong = run("check", "--quick", *write_config(accept="bad"))
    expect(wrong.returncode == 2 and "line 2" in wrong.stderr, wrong.stderr)

    # The quick one looks at no piece; the other does.
    name = "ab" * 32 + "-" + "cd" * 32
    (work / "store/pieces/aba").mkdir(exist_ok=True, parents=True)
    (work / "store/pieces/aba" / name).write_text("x")
    expect(run("check", "--quick", *write_config()).returncode == 0, "the quick check reads pieces")
    expect(run("check", *write_config()).returncode == 8, "the check does not read pieces")
    (work / "store/pieces/aba" / name).unlink()
    expect(run("check", "--quick", "--deep", *write_config()).returncode == 2, "--quick and --deep")

    # The store of the service manager, without any --store.
    state = work / "state"
    daemon = Daemon(write_config(store=None), "log7", {"STATE_DIRECTORY": str(state)})
    daemon.wait_for_log("event=ready ")
    expect((state / "identity.key").exists(), "the state directory is not the store")
    daemon.stop()


def journal():
    """With a journald of one's own at /run/systemd/journal: what arrives there."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect("/run/systemd/journal/stdout")
    stream.sendall(b"inxt-host\n\n6\n1\n0\n0\n0\n")  # as systemd opens a service's standard error
    status = os.fstat(stream.fileno())
    daemon = Daemon(write_config(), "log8", {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, stderr=stream)

    def entries(match):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            out = subprocess.run(["journalctl", "--no-pager", "-o", "json", "--directory=/run/log/journal", match],
                                 capture_output=True, text=True).stdout
            found = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{match} never came to the journal")

    ready = entries("INXT_EVENT=ready")[0]
    expect(ready["PRIORITY"] == "6" and ready["SYSLOG_IDENTIFIER"] == "inxt-host", ready)
    expect(re.fullmatch("[0-9a-f]{64}", ready["INXT_HOST"]) and ready["INXT_CAPACITY_BYTES"] == "1000000", ready)
    expect(ready["MESSAGE"].startswith("ready host=" + ready["INXT_HOST"]), ready)
    expect(re.fullmatch("[0-9a-f]{32}", ready["MESSAGE_ID"]), ready)
    expect(ready["_PID"] == str(daemon.process.pid), ready)
    write_config(prcie=1)
    daemon.process.send_signal(signal.SIGHUP)
    kept = entries("INXT_EVENT=settings-kept")[0]
    expect(kept["PRIORITY"] == "3" and "prcie" in kept["INXT_REASON"] and "price" in kept["INXT_HINT"], kept)
    expect(daemon.stop() == 0, "it did not end well")
    entries("INXT_EVENT=stopped")


def main():
    parts = [journal] if sys.argv[2:] == ["JOURNAL"] else [notify_and_reload, sockets_from_before, credentials,
                                                           check_before_a_start]
    try:
        for part in parts:
            part()
            print(f"systemd: {part.__name__}: ok")
    finally:
        for daemon in running:
            if daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
        os.chdir("/")
        shutil.rmtree(work)


main()
