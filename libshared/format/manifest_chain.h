// SPDX-License-Identifier: LGPL-3.0-or-later
// What every signed line of one manifest hangs on: the header's hash, and the running hash that the seal
// ends. Format: inxt-manifest(5), "Signatures".
#pragma once

#include <optional>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "format/manifest_lines.h"

namespace inxt::format {

/// A line with its signature taken off.
struct SignedText {
  std::string_view body;  // the bytes that were signed
  crypto::Signature signature;
};

/// Errors: integrity when the line does not end with `,"sig":"..."}`.
Result<SignedText> split_signed(std::string_view line);

/// `json` as a line without newline, signed: label || 0 || context || body.
std::string sign_line(const Json& json, std::string_view label, ByteView context,
                      const crypto::SigningKey& key);
bool verify_line(const SignedText& text, std::string_view label, ByteView context,
                 const crypto::PublicKey& key);

/// Hash that binds every later line to this header line (given without newline).
crypto::Hash header_hash(std::string_view header_line);

/// Whether shard and mirror are in the layout, and `last` and `size` are what it makes them.
/// Errors: integrity, naming the member.
Result<void> check_fits(const Layout& layout, const PieceLine& piece);

/// How far a manifest has come.  A reader and a writer of the same manifest agree on it, so that a stage that
/// reads can hand over to one that appends.
struct Chain {
  std::string header_line;  // exact text, without newline
  std::string layout_line;  // empty before it
  std::optional<Header> header;
  std::optional<Layout> layout;
  std::vector<Stanza> stanzas;
  crypto::Hash header_hash{};
  crypto::Sha256 running;  // over header, layout and piece lines
  std::uint64_t pieces = 0;
  std::uint64_t ciphertext_bytes = 0;         // of segments whose pieces are all there
  std::optional<std::uint64_t> last_segment;  // its number, once a piece of it was seen

  /// Takes a piece line into account.  Errors: integrity when it is not the next piece that the layout asks
  /// for.
  Result<void> add_piece(const PieceLine& piece, std::string_view line);
  /// All pieces of the last segment are there.
  bool complete() const;
};

}  // namespace inxt::format
