// SPDX-License-Identifier: LGPL-3.0-or-later
// Passphrases: from a file descriptor, or asked on the terminal with echo off.
#pragma once

#include "crypto/kdf.h"
#include "keys/key_file.h"

namespace inxt::keys {

/// The first line of `fd`, without its newline.  Errors: usage when it is empty or over kPassphraseBytesMax.
Result<crypto::SecretBytes> read_passphrase(int fd);

/// Asks on /dev/tty.  Echo comes back whatever happens: a signal that arrives meanwhile is held until then,
/// and then delivered.  Errors: usage when there is no terminal; failure when a signal ended the question.
Result<crypto::SecretBytes> ask_passphrase(std::string_view prompt);
/// Asks twice.  Errors: as above; usage when the two differ.
Result<crypto::SecretBytes> ask_new_passphrase();

/// Opens a sealed file by asking.  Tools that share a session and a process group (a pipeline) ask one after
/// the other under a lock on the terminal, and the first leaves the file's sealing key in the kernel's
/// keyring of the user for kShareSeconds, so that the others need not ask.  Where the kernel has no keyring,
/// each asks in its turn.
inline constexpr unsigned kShareSeconds = 20;
Result<Key> open_by_asking(const KeyFile& file);

}  // namespace inxt::keys
