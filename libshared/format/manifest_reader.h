// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads a manifest line by line and lets nothing through that its writer did not sign.  Format:
// inxt-manifest(5).
#pragma once

#include <functional>

#include "format/manifest_chain.h"

namespace inxt::format {

/// Decides whether the writer of a manifest is one that the reader knows.  Errors: denied.
using WriterCheck = std::function<Result<void>(const Header&)>;

/// For those who hold no key (auditors, dispatchers): any writer will do, the manifest need only agree with
/// itself.
WriterCheck any_writer();

class ManifestReader {
 public:
  /// `check` is asked once, for the header.
  explicit ManifestReader(WriterCheck check) : check_(std::move(check)) {}

  /// One line without its newline.  The signature, the order and the sizes have been checked when it returns.
  /// Errors: integrity with the line's number and the member; denied for an unknown writer.  After an error
  /// the reader is dead.
  Result<Line> next(std::string_view line);

  /// The input has ended.  Errors: integrity when the manifest has no seal (`cut short`), or, between
  /// inxt-encrypt and inxt-shard, no ciphertext-end.
  Result<void> finish() const;

  const Chain& chain() const { return chain_; }
  Chain take_chain() && { return std::move(chain_); }
  bool sealed() const { return sealed_; }
  bool ciphertext_ended() const { return ciphertext_ended_; }
  std::uint64_t line_number() const { return line_number_; }

 private:
  Result<void> accept(Line& line, std::string_view text);
  Result<void> check_signature(std::string_view text) const;

  WriterCheck check_;
  Chain chain_;
  std::uint64_t line_number_ = 0;
  std::uint64_t chunk_bytes_ = 0;
  bool sealed_ = false;
  bool chunks_ = false;
  bool ciphertext_ended_ = false;
};

}  // namespace inxt::format
