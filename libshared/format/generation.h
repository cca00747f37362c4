// SPDX-License-Identifier: LGPL-3.0-or-later
// One ciphertext of one file: its secret S, and what is derived from it.  Format: inxt-manifest(5), "header".
#pragma once

#include "crypto/box.h"
#include "crypto/ctr.h"
#include "format/manifest_lines.h"

namespace inxt::format {

/// What the header's private part says; all of it optional.
struct PrivatePart {
  std::string name;  // the file's name without folders, any bytes; empty where unknown
  std::optional<std::int64_t> mtime_unix_s;
  std::optional<std::uint32_t> mode;  // permission bits, 0 to 07777
  std::optional<std::uint64_t> plain_bytes;
  bool zstd = false;    // plaintext was compressed in zstd's seekable format
  bool padded = false;  // a length trailer and padding stand behind the plaintext; padding.h
};

/// F and S, and the keys they give.
class Generation {
 public:
  static Generation fresh(crypto::Random& random);
  /// Errors: wrong_key when S is not the secret that the header commits to.
  static Result<Generation> open(const Header& header, ByteView secret);

  const FileId& file() const { return file_; }
  crypto::Hash commitment() const;
  /// The key stream of the ciphertext from `offset_bytes` on.
  crypto::Ctr ctr(std::uint64_t offset_bytes) const;
  crypto::Key data_key() const;

  /// Errors: failure when the name is longer than the header has room for.
  Result<Bytes> seal_private(crypto::Random& random, const PrivatePart& part) const;
  Result<PrivatePart> open_private(const Header& header) const;
  /// `recipient_public` is the X25519 key, `recipient_name` its inxtr1... form.
  Result<Stanza> stanza_for(const ByteArray<32>& recipient_public, std::string recipient_name) const;

 private:
  Generation(FileId file, crypto::Key secret) : file_(file), secret_(std::move(secret)) {}

  FileId file_;
  crypto::Key secret_;
};

/// S out of the first stanza that this recipient key opens.
/// Errors: wrong_key when there is none.
Result<crypto::SecretBytes> open_stanzas(const std::vector<Stanza>& stanzas, ByteView recipient_secret);

}  // namespace inxt::format
