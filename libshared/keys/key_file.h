// SPDX-License-Identifier: LGPL-3.0-or-later
// The key file: an owner's entropy, or a delegated machine's or a caretaker's uploader key, under a passphrase or in
// the clear with mode 0600.  Format: inxt-key(5).
#pragma once

#include <filesystem>

#include "crypto/random.h"
#include "keys/owner.h"
#include "keys/sealed_json.h"

namespace inxt::keys {

/// What may be seen of a key without its passphrase.
struct PublicKeys {
  OwnerId owner;
  Recipient recipient{};
  std::optional<std::uint32_t> uploader;  // set in a delegated machine's file, and a caretaker's

  bool is_caretaker() const { return uploader.value_or(0) >= format::kCaretakersBegin; }
  std::string_view kind() const { return is_caretaker() ? "caretaker" : uploader ? "uploader" : "owner"; }
};

/// A key file that has been read but not opened.
class KeyFile {
 public:
  /// Errors: integrity, naming the member that is wrong.  Limits: kKeyFileBytesMax.
  static Result<KeyFile> parse(std::string_view text);

  bool sealed() const { return file_.sealed(); }
  const PublicKeys& public_keys() const { return public_; }

  /// The key of a file that is not sealed.  REQUIRES: !sealed().
  /// Errors: integrity when the secret does not make the public keys that stand beside it.
  Result<Key> open() const;
  /// The key of a sealed file.  REQUIRES: sealed().
  /// Errors: wrong_key when passphrase, secret or public part differ from what was sealed.
  /// Cost: Argon2id with the file's parameters: about 0.2 s and 64 MiB.
  Result<Key> open(ByteView passphrase) const;

  /// The two halves of open(passphrase), so that a pipeline can share the costly one.
  Result<crypto::Key> sealing_key(ByteView passphrase) const;
  Result<Key> open_with(const crypto::Key& sealing_key) const;
  /// SHA-256 over the sealed parts: names this file among others.
  ByteArray<32> fingerprint() const { return file_.fingerprint(); }

 private:
  Result<Key> read_secret(std::string_view secret_json) const;

  SealedJson file_;
  PublicKeys public_;
};

/// The text of a key file, with its newline.
/// Errors: usage for an empty passphrase or one over kPassphraseBytesMax.
Result<crypto::SecretBytes> write_key(const Key& key, std::optional<ByteView> passphrase,
                                      crypto::Random& random, SealCost cost = {});

/// Who may be able to read a key file.  systemd gives a credential to a service's user by an access list,
/// which shows as group permission; its folder is what keeps others out.
enum class Readers { user_only, user_and_group };

/// What is not a regular file (a pipe, /dev/fd/N) has no mode that matters.
/// Errors: denied when others may read the file (hint: chmod 600); not_found; integrity.  Limits:
/// kKeyFileBytesMax.
Result<KeyFile> read_key_file(const std::filesystem::path& path, Readers readers = Readers::user_only);
/// The same from a descriptor, to its end; `what` names it in errors.
Result<KeyFile> read_key_file(int fd, std::string_view what);

/// Creates `path` with mode 0600, whole or not at all, durably.
/// Errors: usage when something is there already (never overwritten); not_found, denied, quota.
Result<void> create_secret_file(const std::filesystem::path& path, ByteView text);

}  // namespace inxt::keys
