// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/content_stream.h"

#include <fmt/format.h>

#include "client/cipher_stream.h"
#include "client/padding.h"

namespace inxt::client {
namespace {

/// Passes bytes on, up to the length that was announced.
class LengthSink final : public ByteSink {
 public:
  LengthSink(std::unique_ptr<ByteSink> behind, std::uint64_t expected_bytes)
      : behind_(std::move(behind)), expected_bytes_(expected_bytes) {}

  Result<void> write(ByteView bytes) override {
    written_bytes_ += bytes.size();
    if (written_bytes_ > expected_bytes_) return differs();
    return behind_->write(bytes);
  }
  Result<void> finish() override {
    if (written_bytes_ != expected_bytes_) return differs();
    return behind_->finish();
  }

 private:
  std::unexpected<Error> differs() const {
    return fail(Code::integrity,
                fmt::format("the file is not {} bytes long, as its header says", expected_bytes_));
  }

  std::unique_ptr<ByteSink> behind_;
  std::uint64_t expected_bytes_;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> encrypting_source(std::unique_ptr<ByteSource> plain,
                                                      const format::Generation& generation,
                                                      const format::PrivatePart& part, int zstd_level) {
  if (part.zstd) plain = TRY(ZstdSource::make(std::move(plain), zstd_level));
  if (part.padded) plain = std::make_unique<PadSource>(std::move(plain));
  return std::make_unique<CtrSource>(std::move(plain), generation.ctr(0));
}

std::unique_ptr<ByteSink> decrypting_sink(std::unique_ptr<ByteSink> plain,
                                          const format::Generation& generation,
                                          const format::PrivatePart& part) {
  if (part.plain_bytes) plain = std::make_unique<LengthSink>(std::move(plain), *part.plain_bytes);
  if (part.zstd) plain = std::make_unique<ZstdSink>(std::move(plain));
  if (part.padded) plain = std::make_unique<UnpadSink>(std::move(plain));
  return std::make_unique<CtrSink>(std::move(plain), generation.ctr(0));
}

}  // namespace inxt::client
