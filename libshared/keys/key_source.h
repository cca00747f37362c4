// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a tool's key comes from, first that is set: --key-file, --key-fd, --key-command,
// $CREDENTIALS_DIRECTORY/inxt-key, $INXT_KEY_FILE, $XDG_CONFIG_HOME/inxt/key.  Never from argv or an
// environment value.
#pragma once

#include "keys/key_file.h"

namespace inxt::keys {

struct KeySource {
  // What the command line says.
  std::optional<std::filesystem::path> key_file;
  std::optional<int> key_fd;
  std::optional<std::string> key_command;  // run by /bin/sh -c; its standard output is the key file
  std::optional<int> passphrase_fd;        // the first line, without its newline
  bool no_input = false;                   // never ask
  // What the environment says; empty where it is not set.
  std::filesystem::path credentials_directory;  // $CREDENTIALS_DIRECTORY
  std::filesystem::path key_file_variable;      // $INXT_KEY_FILE
  std::filesystem::path config_folder;          // $XDG_CONFIG_HOME/inxt, else $HOME/.config/inxt
};

/// The key file, unopened.
/// Errors: not_found, saying where it was looked for (hint: inxt-key new); denied; integrity; failure of the
/// command. Limits: kKeyFileBytesMax.
Result<KeyFile> find_key_file(const KeySource& source);

/// The key, opened: asks for the passphrase on /dev/tty where the file is sealed and no passphrase_fd is
/// given.  Tools of one pipeline ask once (keys/passphrase.h). Errors: those of find_key_file; wrong_key;
/// usage when a passphrase is needed and there is nobody to ask.
Result<Key> open_key(const KeySource& source);

/// Where a new key goes when no name is given: $XDG_CONFIG_HOME/inxt/key.
std::filesystem::path default_key_path(const KeySource& source);

}  // namespace inxt::keys
