// SPDX-License-Identifier: LGPL-3.0-or-later
// AES-256-CTR as a stage of a stream.
#pragma once

#include "client/byte_stream.h"
#include "crypto/ctr.h"

namespace inxt::client {

/// Encrypts what it pulls.
class CtrSource final : public ByteSource {
 public:
  CtrSource(std::unique_ptr<ByteSource> plain, crypto::Ctr ctr)
      : plain_(std::move(plain)), ctr_(std::move(ctr)) {}
  Result<std::size_t> read(ByteSpan out) override;

 private:
  std::unique_ptr<ByteSource> plain_;
  crypto::Ctr ctr_;
};

/// Decrypts what it is given.  Memory: kScratchBytes, wiped at the end: plaintext stood there.
class CtrSink final : public ByteSink {
 public:
  static constexpr std::size_t kScratchBytes = 256 * 1024;  // fits the second-level cache

  CtrSink(std::unique_ptr<ByteSink> plain, crypto::Ctr ctr)
      : plain_(std::move(plain)), ctr_(std::move(ctr)) {}
  ~CtrSink() override;
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override { return plain_->finish(); }

 private:
  std::unique_ptr<ByteSink> plain_;
  crypto::Ctr ctr_;
  Bytes scratch_;
};

}  // namespace inxt::client
