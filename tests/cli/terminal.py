#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the tools do on a terminal: run on a pseudo-terminal, each as a session of its own.

usage: terminal.py FOLDER_OF_THE_TOOLS
"""
import ctypes
import os
import platform
import pty
import select
import signal
import sys
import tempfile
import termios
import time

signal.alarm(180)  # a question that nobody answers must not hang the tests
TOOLS = sys.argv[1]
KEY = os.path.join(TOOLS, "inxt-key")
HOST = "11" * 32
PROMPT = b"passphrase of the inxt key: "


class Session:
    """A shell command on a terminal of its own."""

    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve("/bin/sh", ["sh", "-c", command], environment)
        self.seen = b""

    def read_until(self, text, count=1, seconds=30):
        end = time.monotonic() + seconds
        while self.seen.count(text) < count:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"no {text!r} within {seconds} s in {self.seen!r}"
            try:
                self.seen += os.read(self.fd, 4096)
            except OSError:
                raise AssertionError(f"ended without {text!r}: {self.seen!r}")

    def echo(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def write(self, text):
        os.write(self.fd, text)

    def end(self):
        while True:
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                break
            if not data:
                break
            self.seen += data
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def keyring_works():
    """Whether this kernel lets us keep a key: containers often forbid it, and then each tool asks."""
    add_key, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    serial = libc.syscall(add_key, b"user", b"inxt-test", b"x", ctypes.c_size_t(1), -4)
    if serial < 0:
        return False
    libc.syscall(keyctl, 3, ctypes.c_long(serial))  # KEYCTL_REVOKE
    return True


def check(what, condition, *shown):
    if not condition:
        sys.exit(f"FAILED: {what} {shown}")
    print(f"ok: {what}")


with tempfile.TemporaryDirectory() as folder:
    environment = dict(os.environ, XDG_CONFIG_HOME=folder, PATH=TOOLS + ":" + os.environ["PATH"])
    key_path = os.path.join(folder, "inxt", "key")

    # new: the passphrase twice without echo, then the words once, on the terminal only.
    session = Session(f"{KEY} new >{folder}/out 2>{folder}/err", environment)
    session.read_until(b"new passphrase for the key file: ")
    check("echo is off at the question", not session.echo())
    session.write(b"open sesame\n")
    session.read_until(b"the same again: ")
    session.write(b"open sesame\n")
    check("new succeeds", session.end() == 0, session.seen)
    check("the passphrase is not shown", b"sesame" not in session.seen)
    check("24 words are shown", b"24. " in session.seen, session.seen)
    with open(f"{folder}/out", "rb") as out, open(f"{folder}/err", "rb") as err:
        out, err = out.read(), err.read()
        check("the words are neither in standard output nor in standard error", b"24." not in out + err)
    check("the key file has mode 0600", os.stat(key_path).st_mode & 0o7777 == 0o600)

    # Two passphrases that differ make nothing.
    session = Session(f"{KEY} new -o {folder}/other", environment)
    session.read_until(b"new passphrase for the key file: ")
    session.write(b"one\n")
    session.read_until(b"the same again: ")
    session.write(b"two\n")
    check("different passphrases are a usage error", session.end() == 2)
    check("and nothing was written", not os.path.exists(f"{folder}/other"))

    # A wrong passphrase is asked for again, three times in all.
    session = Session(f"{KEY} show --for-host {HOST}", environment)
    for count in (1, 2, 3):
        session.read_until(PROMPT, count)
        session.write(b"wrong\n")
    check("three wrong passphrases are a wrong key", session.end() == 12, session.seen)

    # SIGINT at the question: echo comes back, and the tool dies of it.
    session = Session(f"exec {KEY} show --for-host {HOST}", environment)
    session.read_until(PROMPT)
    check("echo is off", not session.echo())
    session.write(b"\x03")
    session.read_until(b"\n", 1)
    time.sleep(0.3)
    check("echo comes back after SIGINT", session.echo())
    check("the tool dies of SIGINT", session.end() == -signal.SIGINT, session.seen)

    # A pipeline of three asks once where the kernel has a keyring, else each in its turn.
    show = f"{KEY} show --for-host {HOST}"
    has_keyring = keyring_works()
    session = Session(f"{show} 2>{folder}/e1 | {show} | {show}", environment)
    asked = 0
    for count in range(1, 2 if has_keyring else 4):
        session.read_until(PROMPT, count)
        session.write(b"open sesame\n")
    check("a pipeline of three opens the key", session.end() == 0, session.seen)
    check(f"the passphrase was asked for {'once' if has_keyring else 'by each'} (keyring: {has_keyring})",
          session.seen.count(PROMPT) == (1 if has_keyring else 3), session.seen)

    # Input is not waited for on a terminal.
    session = Session(f"{KEY} restore -o {folder}/r", environment)
    check("restore on a terminal is a usage error", session.end() == 2)
    check("with a hint", b"hint:" in session.seen, session.seen)
    session = Session(f"{KEY} uploader 1", environment)
    check("a key file is not written to a terminal", session.end() == 2, session.seen)

    # --no-input forbids every question.
    session = Session(f"{KEY} show --no-input --for-host {HOST}", environment)
    check("--no-input forbids to ask", session.end() == 2 and PROMPT not in session.seen, session.seen)

    # Words are asked for where there is no key, and again after a mistake, with what was meant perhaps.
    WORDS = b"The 24 or 12 words on one line (they are not shown): "
    open(f"{folder}/none", "w").close()
    recover = f"inxt-recover --hosts {folder}/none -n"
    nobody = dict(environment, XDG_CONFIG_HOME=f"{folder}/nobody", XDG_STATE_HOME=f"{folder}/nobody")
    session = Session(recover, nobody)
    session.read_until(WORDS)
    check("echo is off at the words", not session.echo())
    session.write(b"abandom " * 11 + b"about\n")
    session.read_until(WORDS, 2)
    check("the nearest word is named", b"abandon" in session.seen, session.seen)
    session.write(b"abandon " * 12 + b"\n")
    session.read_until(WORDS, 3)
    session.write(b"abandon " * 11 + b"about\n")
    check("the right ones are taken", session.end() == 2 and b"no Hosts are known" in session.seen, session.seen)
    check("no word is shown", b"about" not in session.seen, session.seen)
    session = Session(f"{recover} --no-input", nobody)
    check("--no-input forbids to ask for words", session.end() == 2 and WORDS not in session.seen, session.seen)
