// SPDX-License-Identifier: LGPL-3.0-or-later
// A JSON object that holds one secret, under a passphrase or in the clear: what key files and backups of a
// Host's identity have in common.  Format: inxt-key(5).
//
//   {"type":...,"version":1,...,"sealed":...,"public":{...},"argon2id":{...},"secret":...}
#pragma once

#include <optional>
#include <span>

#include "crypto/kdf.h"
#include "crypto/random.h"
#include "format/json.h"

namespace inxt::keys {

inline constexpr std::size_t kKeyFileBytesMax = 16384;
inline constexpr std::size_t kPassphraseBytesMax = 1024;
inline constexpr std::uint32_t kSealMemoryKib = 65536;  // Argon2id, 64 MiB
inline constexpr std::uint32_t kSealPasses = 3;

struct SealCost {
  std::uint32_t memory_kib = kSealMemoryKib;
  std::uint32_t passes = kSealPasses;
};

/// What kind of file it is.  The texts live as long as what is made with it.
struct SealedKind {
  std::string_view type;  // of the member "type", and the first part of what is authenticated
  std::string_view what;  // in errors: "key file"
  std::span<const std::string_view> members;  // all that version 1 has
  std::string_view damaged_hint;              // what to try when it does not open
};

/// Errors: integrity when the object has a member that is not in `known`.
Result<void> check_members(const format::Json& object, std::span<const std::string_view> known,
                           std::string_view what);

class SealedJson {
 public:
  /// Checks everything but the members that only this kind has, and "public".  `json` becomes the whole
  /// object, with letters A in the secret's place. Errors: integrity, naming the member that is wrong.
  /// Limits: kKeyFileBytesMax.
  static Result<SealedJson> parse(std::string_view text, const SealedKind& kind, format::Json& json);

  bool sealed() const { return sealed_; }

  /// REQUIRES: !sealed().
  std::string_view clear_text() const;
  /// REQUIRES: sealed().  Cost: Argon2id with the file's parameters: about 0.2 s and 64 MiB.
  Result<crypto::Key> sealing_key(ByteView passphrase) const;
  /// `public_json` is the object "public" as its writer had it.  REQUIRES: sealed().
  /// Errors: wrong_key when key, secret or public part differ from what was sealed.
  Result<crypto::SecretBytes> open_with(const crypto::Key& sealing_key,
                                        const format::Json& public_json) const;
  /// SHA-256 over the sealed parts: names this file among others.
  ByteArray<32> fingerprint() const;

 private:
  std::string_view type_, what_, damaged_hint_;
  bool sealed_ = false;
  SealCost cost_;
  ByteArray<16> salt_{};
  crypto::SecretBytes secret_;
};

/// The text of such a file, with its newline.  `head` has the members before "sealed".
/// Errors: usage for an empty passphrase or one over kPassphraseBytesMax.
Result<crypto::SecretBytes> write_sealed_json(std::string_view type, const format::Json& head,
                                              const format::Json& public_json, ByteView secret,
                                              std::optional<ByteView> passphrase, crypto::Random& random,
                                              SealCost cost = {});

/// base64url without a copy that is not wiped.
void append_base64(crypto::SecretBytes& to, ByteView bytes);

}  // namespace inxt::keys
