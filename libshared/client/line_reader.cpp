// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/line_reader.h"

#include <fmt/format.h>

#include "client/wait_readable.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

constexpr std::size_t kReadBytes = 65536;

}  // namespace

Result<std::optional<std::string_view>> LineReader::next() {
  const auto too_long = [&] {
    const bool of_manifest = line_bytes_max_ == format::kLineBytesMax;
    return fail(Code::integrity,
                fmt::format("{}: a line is longer than {} bytes ({})", name_, line_bytes_max_,
                            of_manifest ? "kLineBytesMax" : "line_bytes_max"),
                of_manifest ? "is this a manifest?" : "");
  };
  std::size_t searched = begin_;
  while (true) {
    if (const auto end = buffer_.find('\n', searched); end != std::string::npos) {
      const auto line = std::string_view(buffer_).substr(begin_, end - begin_);
      if (line.size() >= line_bytes_max_) return too_long();
      begin_ = end + 1;
      return line;
    }
    searched = buffer_.size();
    if (ended_) {
      if (begin_ == buffer_.size()) return std::nullopt;
      const auto line = std::string_view(buffer_).substr(begin_);
      if (line.size() >= line_bytes_max_) return too_long();
      begin_ = buffer_.size();
      without_newline_ = true;
      return line;
    }
    if (buffer_.size() - begin_ >= line_bytes_max_) return too_long();
    if (stop_fd_ >= 0) TRY(wait_readable(fd_, stop_fd_, name_));
    buffer_.erase(0, begin_);
    searched -= begin_;
    begin_ = 0;
    const auto have = buffer_.size();
    buffer_.resize(have + kReadBytes);
    const auto got = sys::read_some(fd_, ByteSpan(reinterpret_cast<std::byte*>(buffer_.data() + have), kReadBytes), name_);
    if (!got) {
      buffer_.resize(have);
      return std::unexpected(got.error());
    }
    buffer_.resize(have + *got);
    ended_ = *got == 0;
  }
}

Result<std::optional<std::string_view>> LineReader::peek() {
  const auto line = TRY(next());
  if (line) begin_ = static_cast<std::size_t>(line->data() - buffer_.data());
  return line;
}

}  // namespace inxt::client
