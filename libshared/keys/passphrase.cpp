// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/passphrase.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "sys/files.h"

namespace inxt::keys {
namespace {

constexpr int kTriesMax = 3;

// Signals while echo is off.  Written to by the handler, so it is process-wide; one question is asked at a
// time.
int signal_pipe[2] = {-1, -1};

void note_signal(int number) {
  const int saved = errno;
  const char byte = static_cast<char>(number);
  [[maybe_unused]] auto written = write(signal_pipe[1], &byte, 1);
  errno = saved;
}

/// Echo is off, and signals are noted, as long as this lives.
class SilentTerminal {
 public:
  explicit SilentTerminal(int tty) : tty_(tty) {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigfillset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &old_actions_[i]);
      if (old_actions_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
    }
    changed_ = tcgetattr(tty_, &old_) == 0;
    if (!changed_) return;
    termios silent = old_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    tcsetattr(tty_, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (changed_) tcsetattr(tty_, TCSAFLUSH, &old_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &old_actions_[i], nullptr);
  }

 private:
  static constexpr std::array<int, 5> kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  int tty_;
  bool changed_ = false;
  termios old_{};
  std::array<struct sigaction, kSignals.size()> old_actions_{};
};

/// A line into `buffer`; the signal that came instead, or 0.
Result<int> read_line(int tty, crypto::Secret<kPassphraseBytesMax + 1>& buffer, std::size_t& length) {
  length = 0;
  for (;;) {
    std::array<pollfd, 2> waits{{{tty, POLLIN, 0}, {signal_pipe[0], POLLIN, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return fail_errno(errno, "/dev/tty");
    char number = 0;
    if (read(signal_pipe[0], &number, 1) == 1) return number;
    if (waits[0].revents == 0) continue;
    std::byte byte{};
    const ssize_t got = read(tty, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail_errno(errno, "/dev/tty");
    if (got == 0 && length == 0) return fail(Code::usage, "no passphrase was given");
    if (got == 0 || byte == std::byte{'\n'}) return 0;
    if (length <= kPassphraseBytesMax) buffer.span()[length++] = byte;
  }
}

Result<crypto::SecretBytes> checked(ByteView passphrase) {
  if (passphrase.empty()) return fail(Code::usage, "the passphrase is empty");
  if (passphrase.size() > kPassphraseBytesMax)
    return fail(Code::usage, fmt::format("the passphrase is longer than {} bytes (kPassphraseBytesMax)",
                                         kPassphraseBytesMax));
  return crypto::SecretBytes(passphrase);
}

/// Held while one tool of a pipeline asks.  Locks the terminal itself, not /dev/tty, which all terminals
/// share.
Result<sys::Fd> lock_terminal() {
  std::array<char, 256> name{};
  sys::Fd tty;
  for (int fd : {2, 0, 1})
    if (!tty && ttyname_r(fd, name.data(), name.size()) == 0)
      tty = sys::Fd(open(name.data(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (!tty) tty = sys::Fd(open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (!tty) return tty;  // asking says what is wrong
  if (flock(tty.number(), LOCK_EX) != 0) {
    if (errno == EINTR) return fail(Code::failure, "stopped while another tool asked for the passphrase");
    return fail_errno(errno, "locking the terminal");
  }
  return tty;
}

// The kernel's keyring of this user (user-keyring(7)) by its system calls: libkeyutils would be a dependency
// for four of them.  Not the session's keyring: where a login made none, the kernel makes a new one for each
// process that asks.  The entry is readable by this user's processes, which could read the tool's memory as
// well, until its timeout.

std::string shared_name(const KeyFile& file) {
  return fmt::format("inxt:{}:{}:{}", getsid(0), getpgrp(), to_hex(file.fingerprint()));
}

void share(const KeyFile& file, const crypto::Key& key) {
  constexpr unsigned kUserFindsAndReads = 0x3f0b0000;  // the possessor everything
  const long serial = syscall(SYS_add_key, "user", shared_name(file).c_str(), key.view().data(),
                              key.view().size(), KEY_SPEC_USER_KEYRING);
  if (serial < 0) return;  // no keyring here: each tool asks
  if (syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, serial, kShareSeconds) != 0 ||
      syscall(SYS_keyctl, KEYCTL_SETPERM, serial, kUserFindsAndReads) != 0)
    syscall(SYS_keyctl, KEYCTL_REVOKE, serial);
}

std::optional<Key> open_shared(const KeyFile& file) {
  const long serial =
      syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", shared_name(file).c_str(), 0);
  if (serial < 0) return std::nullopt;
  crypto::Key key;
  if (syscall(SYS_keyctl, KEYCTL_READ, serial, key.span().data(), key.span().size()) != 32)
    return std::nullopt;
  auto opened = file.open_with(key);
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

}  // namespace

Result<crypto::SecretBytes> read_passphrase(int fd) {
  // Byte by byte, so that what follows the line stays for others.
  crypto::Secret<kPassphraseBytesMax + 1> buffer;
  std::size_t length = 0;
  while (length < buffer.view().size()) {
    ByteSpan next = buffer.span().subspan(length, 1);
    if (TRY(sys::read_some(fd, next, "--passphrase-fd")) == 0 || next[0] == std::byte{'\n'}) break;
    ++length;
  }
  return checked(buffer.view().first(length));
}

Result<crypto::SecretBytes> ask_passphrase(std::string_view prompt) {
  sys::Fd tty(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!tty)
    return fail(Code::usage, "a passphrase is needed, and there is no terminal to ask on",
                "give it with --passphrase-fd N");
  if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno(errno, "pipe");
  sys::Fd ends[2] = {sys::Fd(signal_pipe[0]), sys::Fd(signal_pipe[1])};

  crypto::Secret<kPassphraseBytesMax + 1> buffer;
  std::size_t length = 0;
  for (;;) {
    Result<int> number = 0;
    {
      SilentTerminal silent(tty.number());
      TRY(sys::write_all(tty.number(), view_of(prompt), "/dev/tty"));
      number = read_line(tty.number(), buffer, length);
    }
    TRY(sys::write_all(tty.number(), view_of("\n"), "/dev/tty"));
    const int signal_number = TRY(std::move(number));
    if (signal_number == 0) break;
    kill(getpid(), signal_number);
    if (signal_number != SIGTSTP) return fail(Code::failure, "stopped at the question for the passphrase");
  }
  return checked(buffer.view().first(length));
}

Result<crypto::SecretBytes> ask_new_passphrase() {
  crypto::SecretBytes first = TRY(ask_passphrase("new passphrase for the key file: "));
  crypto::SecretBytes second = TRY(ask_passphrase("the same again: "));
  if (first.text() != second.text())
    return fail(Code::usage, "the two passphrases differ; nothing was written");
  return first;
}

Result<Key> open_by_asking(const KeyFile& file) {
  if (auto key = open_shared(file)) return std::move(*key);
  sys::Fd lock = TRY(lock_terminal());
  if (auto key = open_shared(file)) return std::move(*key);  // a sibling asked meanwhile
  for (int tries = 1;; ++tries) {
    crypto::SecretBytes passphrase = TRY(ask_passphrase("passphrase of the inxt key: "));
    crypto::Key sealing_key = TRY(file.sealing_key(passphrase.view()));
    auto key = file.open_with(sealing_key);
    if (!key && key.error().code == Code::wrong_key && tries < kTriesMax) continue;
    if (key) share(file, sealing_key);
    return key;
  }
}

}  // namespace inxt::keys
