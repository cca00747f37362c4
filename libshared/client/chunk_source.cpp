// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/chunk_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "sys/files.h"

namespace inxt::client {

ChunkSource::ChunkSource(LineReader& lines, std::string name, format::WriterCheck check,
                         const LocalPaths& paths, const Spool* spool)
    : lines_(lines), name_(std::move(name)), reader_(std::move(check)), paths_(paths), spool_(spool) {}

Result<std::optional<format::Line>> ChunkSource::next_line() {
  if (pending_) return std::exchange(pending_, std::nullopt);
  for (;;) {
    const auto text = TRY(lines_.next());
    if (!text) {
      TRY_IN(name_, reader_.finish());
      return std::nullopt;
    }
    auto line = TRY_IN(name_, reader_.next(*text));
    if (const auto* error = std::get_if<format::ErrorLine>(&line)) {
      error_line_ = fmt::format("{}\n", *text);
      return fail(error->code, fmt::format("{} failed: {}", error->tool, error->message));
    }
    const bool goes_on = std::holds_alternative<format::Header>(line) ||
                         std::holds_alternative<format::Stanza>(line) ||
                         std::holds_alternative<format::UnknownLine>(line);
    if (!goes_on) {
      if (in_head_) return line;  // it may be given again to another reader, and is none of the head
      if (!std::holds_alternative<format::CiphertextChunk>(line) &&
          !std::holds_alternative<format::CiphertextEnd>(line))
        return fail(Code::integrity, fmt::format("{}: line {}: pieces and ciphertext stand in one manifest",
                                                 name_, reader_.line_number()));
      return line;
    }
    const auto whole = fmt::format("{}\n", *text);
    if (in_head_) head_lines_ += whole;
    if (forward_) TRY(forward_(whole));
  }
}

Result<ChunkSource::Kind> ChunkSource::read_head() {
  CHECK_BUG(in_head_);
  auto line = TRY(next_line());
  in_head_ = false;
  if (!line) return fail(Code::integrity, fmt::format("{}: the manifest is cut short", name_));
  const bool ciphertext = std::holds_alternative<format::CiphertextChunk>(*line) ||
                          std::holds_alternative<format::CiphertextEnd>(*line);
  if (!ciphertext && !chain().layout)
    return fail(Code::integrity,
                fmt::format("{}: line {}: neither ciphertext nor a layout follows the stanzas", name_,
                            reader_.line_number()));
  pending_ = std::move(line);
  if (!ciphertext) head_lines_ += chain().layout_line + '\n';
  return ciphertext ? Kind::ciphertext : Kind::pieces;
}

Result<void> ChunkSource::load(const format::CiphertextChunk& chunk) {
  const auto length = static_cast<std::size_t>(chunk.length);
  CHECK_BUG(chunk.length <= format::kChunkBytesMax);
  if (chunk_.size() < length) chunk_.resize(length);
  const auto bytes = ByteSpan(chunk_).first(length);
  std::size_t got = 0;
  if (ciphertext_ != nullptr) {
    got = TRY(ciphertext_->read(bytes));
  } else {
    const auto fd = paths_.open(chunk.path);
    if (!fd) {
      // A stage that fails takes its file away: what it says of that is the first cause.
      if (fd.error().code == Code::not_found)
        while (TRY(next_line())) continue;
      return std::unexpected(Error(fd.error()).in(fmt::format("{}: line {}", name_, reader_.line_number())));
    }
    got = TRY(sys::read_full_at(fd->number(), chunk.offset, bytes, chunk.path));
  }
  const auto differs = [&](std::string_view how) {
    return fail(Code::integrity,
                fmt::format("{}: line {}: ciphertext at byte {} of {} {}", name_, reader_.line_number(),
                            chunk.offset, ciphertext_ != nullptr ? "the given file" : chunk.path, how));
  };
  if (got < length) return differs("is cut short");
  if (crypto::sha256(bytes) != chunk.sha256) return differs("is not what was signed");
  if (ciphertext_ == nullptr && spool_ != nullptr && spool_->holds(chunk.path))
    TRY(paths_.remove(chunk.path));
  chunk_at_ = 0;
  chunk_end_ = length;
  return {};
}

Result<std::size_t> ChunkSource::read(ByteSpan out) {
  std::size_t done = 0;
  while (done < out.size() && !ended_) {
    if (chunk_at_ == chunk_end_) {
      const auto line = TRY(next_line());
      if (!line) {
        ended_ = true;
        if (ciphertext_ != nullptr) {
          std::byte more{};
          if (TRY(ciphertext_->read({&more, 1})) != 0)
            return fail(Code::integrity,
                        fmt::format("{}: the given ciphertext is longer than it says", name_));
        }
      } else if (const auto* chunk = std::get_if<format::CiphertextChunk>(&*line)) {
        TRY(load(*chunk));
      }
      continue;
    }
    const std::size_t count = std::min(out.size() - done, chunk_end_ - chunk_at_);
    std::copy_n(chunk_.begin() + static_cast<std::ptrdiff_t>(chunk_at_), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    chunk_at_ += count;
    done += count;
  }
  return done;
}

}  // namespace inxt::client
