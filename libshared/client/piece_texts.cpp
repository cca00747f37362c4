// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/piece_texts.h"

#include <algorithm>

#include "format/json.h"
#include "format/transcript_lines.h"

namespace inxt::client {
namespace {

constexpr std::size_t kRunBytes = 256 * 1024;

}  // namespace

Result<PieceTexts> PieceTexts::open(const ManifestText& text) {
  PieceTexts out(TRY(text.source()));
  out.buffer_.resize(kRunBytes + format::kLineBytesMax);
  return out;
}

Result<std::optional<std::string_view>> PieceTexts::next() {
  while (true) {
    const auto rest = text_of(ByteView(buffer_).subspan(begin_, end_ - begin_));
    const auto newline = rest.find('\n');
    if (newline != rest.npos || (ended_ && !rest.empty())) {
      const auto line = rest.substr(0, newline);
      begin_ += line.size() + (newline != rest.npos);
      return line;
    }
    if (ended_) return std::nullopt;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
              buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) return fail(Code::integrity, "a line of the manifest is too long (kLineBytesMax)");
    const auto got = TRY(source_->read(ByteSpan(buffer_).subspan(end_)));
    ended_ = got == 0;
    end_ += got;
  }
}

Result<std::string> PieceTexts::line(std::uint64_t number) {
  while (const auto line = TRY(next())) {
    if (format::type_of(*line) != "piece") continue;
    if (pieces_++ == number) return std::string(*line);
  }
  return fail(Code::integrity, "the manifest has fewer pieces than when it was read");
}

}  // namespace inxt::client
