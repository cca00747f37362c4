// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/zstd_table.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::client {
namespace {

constexpr std::uint32_t kSkippableMagic = 0x184D2A5E;
constexpr std::uint32_t kSeekableMagic = 0x8F92EAB1;
constexpr std::uint64_t kEntryBytes = 8;

// zstd's own format is little-endian.
std::uint64_t u32_at(ByteView bytes, std::uint64_t at) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

std::unexpected<Error> no_table() {
  return fail(Code::integrity, "compressed stream: it does not end with a seek table as inxt writes it");
}

}  // namespace

Result<std::uint64_t> ZstdTable::bytes_from(ByteView footer) {
  CHECK_BUG(footer.size() == kZstdFooterBytes);
  if (footer[4] != std::byte{0} || u32_at(footer, 5) != kSeekableMagic) return no_table();
  return kEntryBytes * u32_at(footer, 0) + kZstdTableFixedBytes;
}

Result<ZstdTable> ZstdTable::read(ByteView tail, std::uint64_t stream_bytes) {
  CHECK_BUG(tail.size() <= stream_bytes);
  if (tail.size() < kZstdTableFixedBytes) return no_table();
  const auto table_bytes = TRY(bytes_from(tail.last(kZstdFooterBytes)));
  if (table_bytes > tail.size()) return no_table();
  const auto table = tail.last(table_bytes);
  if (u32_at(table, 0) != kSkippableMagic || u32_at(table, 4) != table_bytes - 8) return no_table();

  ZstdTable out;
  Start start;
  out.starts_.push_back(start);
  for (std::uint64_t at = 8; at + kZstdFooterBytes < table_bytes; at += kEntryBytes) {
    start.stream += u32_at(table, at);
    start.plain += u32_at(table, at + 4);
    out.starts_.push_back(start);
  }
  if (start.stream != stream_bytes - table_bytes) return no_table();
  return out;
}

ZstdRun ZstdTable::run_of(std::uint64_t first, std::uint64_t end) const {
  CHECK_BUG(first < end);
  // The last frame that begins at or before `first`, and the first that begins at or behind `end`.
  const auto from = std::ranges::upper_bound(starts_, first, {}, &Start::plain) - 1;
  auto to = std::ranges::lower_bound(starts_, end, {}, &Start::plain);
  if (to == starts_.end()) --to;
  return {from->stream, to->stream, from->plain};
}

}  // namespace inxt::client
