// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/zstd_text.h"

#include <fmt/format.h>
#include <zstd.h>

#include "base/check.h"

namespace inxt::format {
namespace {

constexpr int kZstdLevel = 9;  // such texts are read more often than written

}  // namespace

Bytes compress_text(std::string_view text) {
  Bytes out(ZSTD_compressBound(text.size()));
  const auto bytes = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), kZstdLevel);
  CHECK_BUG(!ZSTD_isError(bytes));
  out.resize(bytes);
  return out;
}

Result<std::string> decompress_text(ByteView frame, std::size_t bytes_max, std::string_view limit) {
  const auto bytes = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (bytes == ZSTD_CONTENTSIZE_ERROR || bytes == ZSTD_CONTENTSIZE_UNKNOWN)
    return fail(Code::integrity, "not a zstd frame that says its length");
  if (bytes > bytes_max)
    return fail(Code::integrity, fmt::format("{} bytes, more than {} ({})", bytes, bytes_max, limit));
  std::string out(bytes, '\0');
  // Several frames, or bytes behind the frame, do not fit the room and are an error too.
  const auto got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) || got != bytes)
    return fail(Code::integrity, ZSTD_isError(got) ? ZSTD_getErrorName(got) : "cut short");
  return out;
}

}  // namespace inxt::format
