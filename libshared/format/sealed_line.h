// SPDX-License-Identifier: LGPL-3.0-or-later
// A signed line whose last member before the signature is an encrypted body: what records and log entries
// share.  Format: inxt-tree(5), "The lines".
//
//   {clear members...,"key":"owner"|b64,"body":b64,"sig":b64}
//
// The body is zstd(JSON) under XChaCha20-Poly1305; its associated data are the line's bytes before ,"body".
#pragma once

#include <optional>

#include "crypto/box.h"
#include "crypto/sign.h"
#include "format/json.h"
#include "format/tree_key.h"

namespace inxt::format {

/// Under which key a writer puts a body: the owner's own, or a fresh one that is sealed to the owner.
class BodySealer {
 public:
  /// REQUIRES: `key` outlives this.
  static BodySealer of_owner(const crypto::Key& key) { return BodySealer(&key, {}); }
  /// What a delegated uploader does.  `recipient`: the owner's X25519 key.
  static BodySealer to_owner(const ByteArray<32>& recipient) { return BodySealer(nullptr, recipient); }

 private:
  friend Result<std::string> write_sealed_line(Json, std::string_view, const BodySealer&, std::string_view,
                                               const crypto::SigningKey&, std::size_t, crypto::Random&);
  BodySealer(const crypto::Key* key, const ByteArray<32>& recipient) : key_(key), recipient_(recipient) {}
  const crypto::Key* key_;
  ByteArray<32> recipient_;
};

/// `clear` with key, body and signature (under `label`) behind it; without newline.
/// Errors: usage when the line would take more than line_bytes_max bytes; integrity for a recipient of small
/// order.
Result<std::string> write_sealed_line(Json clear, std::string_view body, const BodySealer& sealer,
                                      std::string_view label, const crypto::SigningKey& writer,
                                      std::size_t line_bytes_max, crypto::Random& random);

/// The same line, read: its form is right, nothing is verified or opened.
struct SealedLine {
  std::string signed_text;           // the line's bytes before ,"sig"
  std::size_t associated_bytes = 0;  // so many of signed_text stand before ,"body"
  crypto::Signature signature{};
  std::optional<Bytes> sealed_key;  // nothing: the owner's own key
  Bytes body;                       // nonce, ciphertext, tag

  ByteView associated() const { return view_of(std::string_view(signed_text).substr(0, associated_bytes)); }
  bool verify(const crypto::PublicKey& writer, std::string_view label) const;
};

/// `clear` gets all members but the body.  Errors: integrity, with `where` and the member.
Result<SealedLine> read_sealed_line(std::string_view line, std::size_t line_bytes_max,
                                    const std::string& where, Json& clear);

/// The JSON text of the body.  `owner_key`: what opens it where the line says "owner".
/// Errors: integrity when it was not sealed so, is not zstd, or is longer than body_bytes_max; wrong_key when
/// a sealed key does not open.
Result<std::string> open_body(const SealedLine& line, const crypto::Key& owner_key, ByteView recipient_secret,
                              std::size_t body_bytes_max);

}  // namespace inxt::format
