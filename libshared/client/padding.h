// SPDX-License-Identifier: LGPL-3.0-or-later
// Hides the exact length: data, 0x80, zeros, up to a Padme length.  Format: inxt-manifest(5), "Padding".
// Sources: ISO/IEC 7816-4 (the marker byte); Nikitin et al., "Reducing Metadata Leakage from Encrypted Files
// and Communication with PURBs", 2019, section 4 (Padme): at most 12 % more, less for larger files.
#pragma once

#include "client/byte_stream.h"

namespace inxt::client {

/// `length` rounded up so that only its log2(log2) highest bits tell anything.  padme(0) is 0.
/// REQUIRES: length <= 2^62.
std::uint64_t padme(std::uint64_t length);

/// What it pulls, padded to padme(bytes + 1).
class PadSource final : public ByteSource {
 public:
  explicit PadSource(std::unique_ptr<ByteSource> data) : data_(std::move(data)) {}
  Result<std::size_t> read(ByteSpan out) override;

 private:
  std::unique_ptr<ByteSource> data_;
  std::uint64_t data_bytes_ = 0;
  bool data_ended_ = false;
  bool marker_due_ = true;
  std::uint64_t zeros_due_ = 0;
};

/// Takes the padding off.  Holds back a marker and a count of zeros, and no bytes.
/// Errors: integrity, at finish(), when there is no padding or not as much as padme says.
class UnpadSink final : public ByteSink {
 public:
  explicit UnpadSink(std::unique_ptr<ByteSink> data) : data_(std::move(data)) {}
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override;

 private:
  Result<void> release_held();
  Result<void> pass(ByteView bytes);

  std::unique_ptr<ByteSink> data_;
  std::uint64_t data_bytes_ = 0;
  bool marker_held_ = false;
  std::uint64_t zeros_held_ = 0;
};

}  // namespace inxt::client
