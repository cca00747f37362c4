// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/head_memory.h"

#include <fmt/format.h>

#include "client/line_reader.h"
#include "sys/files.h"
#include "sys/lock_file.h"
#include "sys/output_file.h"
#include "sys/xdg.h"

namespace inxt::client {
Result<HeadMemory::Heads> HeadMemory::read(const std::string& path) {
  Heads heads;
  const auto file = sys::open_file(path);
  if (!file && file.error().code == Code::not_found) return heads;
  if (!file) return std::unexpected(file.error());
  if (TRY(sys::status_of(file->number(), path)).size_bytes > kHeadMemoryBytesMax)
    return fail(Code::usage,
                fmt::format("{}: longer than {} bytes (kHeadMemoryBytesMax)", path, kHeadMemoryBytesMax));
  LineReader lines(file->number(), path);
  std::uint64_t number = 0;
  while (const auto line = TRY_IN(path, lines.next())) {
    SeenHead seen{.line = std::string(*line), .head = {}};
    seen.head = TRY(format::read_head(seen.line, fmt::format("{}: line {}", path, ++number)));
    const auto host = seen.head.head.host;
    heads.insert_or_assign(host, std::move(seen));
  }
  return heads;
}

Result<HeadMemory> HeadMemory::load(const std::optional<std::string>& path) {
  HeadMemory memory;
  memory.path_ = path ? *path : TRY(sys::xdg_folder(sys::Xdg::state)) + "/heads.jsonl";
  memory.heads_ = TRY(read(memory.path_));
  return memory;
}

const SeenHead* HeadMemory::find(const HostId& host) const {
  const auto found = heads_.find(host);
  return found == heads_.end() ? nullptr : &found->second;
}

void HeadMemory::remember(SeenHead head) {
  const auto host = head.head.head.host;
  new_.insert_or_assign(host, head);
  heads_.insert_or_assign(host, std::move(head));
}

Result<void> HeadMemory::save() {
  if (new_.empty()) return {};
  const auto locked = TRY(sys::lock_file(path_ + ".lock"));
  auto heads = TRY(read(path_));
  for (auto& [host, seen] : new_) {
    const auto known = heads.find(host);
    if (known != heads.end() && known->second.head.head.time_unix_s > seen.head.head.time_unix_s) continue;
    heads.insert_or_assign(host, std::move(seen));
  }
  new_.clear();
  auto file = TRY(sys::OutputFile::create(path_, 0600));
  for (const auto& [host, seen] : heads) TRY(file.write(view_of(seen.line + '\n')));
  return file.commit();
}

}  // namespace inxt::client
