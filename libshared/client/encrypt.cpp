// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/encrypt.h"

#include "client/content_stream.h"

namespace inxt::client {
namespace {

constexpr std::size_t kPageBytes = 4096;

}  // namespace

Result<EncryptReport> encrypt(const keys::Key& key, std::unique_ptr<ByteSource> plain,
                              const SourceFacts& facts, const Content& content,
                              const std::vector<keys::Recipient>& recipients, crypto::Random& random,
                              ChunkFiles& files, const StageCallbacks& callbacks) {
  auto head = TRY(begin_manifest(key, facts, content, recipients, random));
  auto ciphertext = TRY(encrypting_source(std::move(plain), head.generation, head.part,
                                          content.zstd_level.value_or(kZstdLevelDefault)));
  EncryptReport report{.ciphertext_bytes = 0, .name_left_out = head.name_left_out};
  TRY(callbacks.write(head.lines));

  // On a page, so that files can be written past the page cache.
  Bytes memory(format::kChunkBytesMax + kPageBytes);
  const auto skip = (kPageBytes - reinterpret_cast<std::uintptr_t>(memory.data()) % kPageBytes) % kPageBytes;
  const auto buffer = ByteSpan(memory).subspan(skip, format::kChunkBytesMax);
  for (;;) {
    if (callbacks.stopped && callbacks.stopped()) return fail(Code::failure, "stopped");
    const std::size_t got = TRY(ciphertext->read(buffer));
    if (got > 0) {
      const auto bytes = ByteView(buffer.first(got));
      auto chunk = TRY(files.put(bytes));
      chunk.sha256 = crypto::sha256(bytes);
      TRY(callbacks.write(head.writer.chunk(chunk)));
      report.ciphertext_bytes += got;
      if (callbacks.on_progress) callbacks.on_progress(got);
    }
    if (got < buffer.size()) break;
  }
  TRY(files.finish());
  TRY(callbacks.write(head.writer.end({.bytes = report.ciphertext_bytes})));
  return report;
}

}  // namespace inxt::client
