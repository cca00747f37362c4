// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/key_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "keys/passphrase.h"
#include "sys/files.h"

namespace inxt::keys {
namespace {

/// Runs the command with nothing on its standard input, which may be a manifest, and reads the key file that
/// it prints.
Result<KeyFile> from_command(const std::string& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno(errno, "--key-command");
  sys::Fd ours(ends[0]), theirs(ends[1]);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, theirs.number(), 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;  // a shell expects SIGPIPE to end it
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const char* arguments[] = {"sh", "-c", command.c_str(), nullptr};
  pid_t child = -1;
  const int error =
      posix_spawn(&child, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_errno(error, "--key-command");
  theirs.close();

  auto file = read_key_file(ours.number(), "--key-command");
  ours.close();  // a command that still writes ends by SIGPIPE
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return file;
  const bool said_too_much =
      (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
      (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);  // as a shell says it
  if (!file && said_too_much) return file;
  return fail(Code::failure, WIFEXITED(status)
                                 ? fmt::format("--key-command ended with status {}", WEXITSTATUS(status))
                                 : fmt::format("--key-command was ended by signal {}", WTERMSIG(status)));
}

bool is_there(const std::filesystem::path& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

std::filesystem::path default_key_path(const KeySource& source) {
  return source.config_folder / "key";
}

Result<KeyFile> find_key_file(const KeySource& source) {
  if (source.key_file) return read_key_file(*source.key_file);
  if (source.key_fd) return read_key_file(*source.key_fd, fmt::format("--key-fd {}", *source.key_fd));
  if (source.key_command) return from_command(*source.key_command);
  if (!source.credentials_directory.empty())
    if (auto path = source.credentials_directory / "inxt-key"; is_there(path))
      return read_key_file(path, Readers::user_and_group);
  if (!source.key_file_variable.empty())
    return TRY_IN("INXT_KEY_FILE", read_key_file(source.key_file_variable));
  if (source.config_folder.empty())
    return fail(Code::not_found, "there is no key: neither --key-file nor INXT_KEY_FILE nor HOME is set",
                "make one with `inxt-key new`");
  const std::filesystem::path path = default_key_path(source);
  if (!is_there(path))
    return fail(Code::not_found, fmt::format("there is no key: {} does not exist", path.string()),
                "make one with `inxt-key new`, or name one with --key-file");
  return read_key_file(path);
}

Result<Key> open_key(const KeySource& source) {
  KeyFile file = TRY(find_key_file(source));
  if (!file.sealed()) return file.open();
  if (source.passphrase_fd) {
    crypto::SecretBytes passphrase = TRY(read_passphrase(*source.passphrase_fd));
    return file.open(passphrase.view());
  }
  if (source.no_input)
    return fail(Code::usage, "the key file is sealed, and --no-input forbids to ask for its passphrase",
                "give it with --passphrase-fd N");
  return open_by_asking(file);
}

}  // namespace inxt::keys
