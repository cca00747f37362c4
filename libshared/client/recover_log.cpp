// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "client/spool.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

constexpr std::string_view kRecordBegins = R"({"type":"object",)";
constexpr const char* kName = "the log's lines";

}  // namespace

Result<RecoveredLog> RecoveredLog::make(const keys::Key& key, const std::optional<std::string>& folder) {
  const auto secret = key.recipient_secret();
  if (!secret) return fail(Code::denied, "a delegated machine's key reads no log", "use the words");
  const auto spool = TRY(folder ? Spool::open(*folder) : Spool::of_user());
  sys::Fd fd(::open(spool.folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(errno, spool.folder());
  return RecoveredLog(key, format::TreeKey::of(*secret), std::move(fd));
}

Result<RecoveredLog::At> RecoveredLog::append(std::string_view line) {
  TRY(sys::write_all(fd_.number(), view_of(line), kName));
  const At at{.offset = end_, .bytes = static_cast<std::uint32_t>(line.size())};
  end_ += line.size();
  return at;
}

Result<std::string> RecoveredLog::line_at(const At& at) const {
  std::string line(at.bytes, '\0');
  const auto got =
      TRY(sys::read_full_at(fd_.number(), at.offset, std::as_writable_bytes(std::span(line)), kName));
  if (got != line.size()) return fail(Code::failure, "the log's lines: the file has become shorter");
  return line;
}

Result<void> RecoveredLog::take(std::string_view line) {
  taken_seq_ = 0;
  if (line.starts_with(kRecordBegins)) {
    const auto id = format::record_id(line);
    if (!records_.contains(id)) records_.emplace(id, TRY(append(line)));
    return {};
  }
  const auto opened = format::open_entry_head(line);
  if (!opened || opened->head.log != tree_key_.log()) return {};
  taken_seq_ = opened->head.seq;
  auto& known = entries_[opened->head.seq];
  if (std::ranges::find(known, opened->hash, &Entry::hash) != known.end()) return {};
  known.push_back({.at = TRY(append(line)), .hash = opened->hash, .prev = opened->head.prev});
  return {};
}

/// The entry that follows; of several, one that another hangs on.
const RecoveredLog::Entry* RecoveredLog::next(std::uint64_t seq, const crypto::Hash& prev,
                                              LogFold& fold) const {
  const auto found = entries_.find(seq);
  if (found == entries_.end()) return nullptr;
  const Entry* best = nullptr;
  const auto behind = entries_.find(seq + 1);
  const auto has_next = [&](const Entry& entry) {
    return behind != entries_.end() &&
           std::ranges::find(behind->second, entry.hash, &Entry::prev) != behind->second.end();
  };
  for (const auto& entry : found->second)
    if (entry.prev == prev && (best == nullptr || (!has_next(*best) && has_next(entry)))) best = &entry;
  if (best != nullptr) fold.other_branches += found->second.size() - 1;
  return best;
}

void RecoveredLog::apply(const Entry& entry, const std::string& line, LogChain& chain, LogFold& fold) {
  const auto seq = chain.head().seq + 1;
  const auto pass = [&](std::string why) {
    if (fold.passed.size() < kLogPassedMax)
      fold.passed.push_back(fmt::format("entry {}: {}", seq, std::move(why)));
    auto state = chain.state();
    state.head = {.seq = seq, .hash = entry.hash};
    chain.resume(state);
  };
  const auto read = read_entry(line, &tree_key_);
  if (!read) return pass(read.error().what);
  const auto accepted = chain.accept(*read);
  if (!accepted) return pass(accepted.error().what);
  const auto& said = read->opened.head;
  const tree::EntryStamp stamp{.seq = said.seq,
                               .time_unix_s = said.time_unix_s,
                               .uploader = said.uploader,
                               .owner_unix_s = accepted->owner_unix_s};
  if (accepted->refused) {
    tree_.note_refused(stamp, *accepted->refused);
    return;
  }
  for (const auto& op : *read->ops) tree_.apply(stamp, op);
}

Result<LogFold> RecoveredLog::fold() {
  LogFold fold;
  tree_ = tree::Tree();
  heads_.clear();
  taken_.clear();
  LogChain chain(tree_key_.log(), LogWriters(*key_));
  while (!entries_.empty() && chain.head().seq < entries_.rbegin()->first) {
    const auto seq = chain.head().seq + 1;
    const auto* entry = next(seq, chain.head().hash, fold);
    if (entry == nullptr) {
      // Nothing hangs on the entry before: on from the next one that there is.
      const auto on = entries_.lower_bound(seq);
      const auto& first = on->second.front();
      if (fold.gaps.empty()) whole_until_ = seq - 1;
      fold.gaps.push_back({.first = seq, .last = std::max(seq, on->first) - 1});
      auto state = chain.state();
      state.head = {.seq = on->first - 1, .hash = first.prev};
      chain.resume(state);
      continue;
    }
    apply(*entry, TRY(line_at(entry->at)), chain, fold);
    heads_[seq] = {.seq = seq, .hash = entry->hash};
    taken_[seq] = entry->at;
    ++fold.entries;
  }
  if (fold.gaps.empty()) whole_until_ = chain.head().seq;
  return fold;
}

Result<std::string> RecoveredLog::entry_line(std::uint64_t seq) const {
  const auto known = taken_.find(seq);
  if (known == taken_.end()) return fail(Code::not_found, fmt::format("entry {} was not found", seq));
  return line_at(known->second);
}

Result<std::string> RecoveredLog::record_line(const format::RecordId& id) const {
  const auto known = records_.find(id);
  if (known == records_.end())
    return fail(Code::not_found, fmt::format("record {} is in no segment of the log", id.hex()));
  return line_at(known->second);
}

Result<format::ObjectRecord> RecoveredLog::record(const tree::Version& version) const {
  const auto& id = version.record;
  const auto line = TRY(record_line(id));
  const auto opened = TRY(format::open_record_head(line));
  const auto& said = opened.head;
  LogWriters writers(*key_);
  if (const auto fault = writers.fault(said.uploader, said.writer, said.certificate, std::nullopt))
    return fail(Code::denied, fmt::format("record {}, by uploader {}: {}", id.hex(), said.uploader, *fault));
  auto record = TRY(format::open_record(opened, tree_key_));
  const bool is_own = said.uploader == version.uploader &&
                      record.object.value_or(format::ObjectId{id.bytes}) == version.object;
  if (version.uploader != 0 && !is_own)
    return fail(Code::denied, fmt::format("uploader {} put record {} there, which it did not write",
                                          version.uploader, id.hex()));
  return record;
}

Result<void> LogLinesSink::take(std::string_view line) {
  TRY(log_.take(line));
  if (segment_ == nullptr) return {};
  segment_->bytes += line.size() + 1;
  if (const auto seq = log_.taken_seq(); seq > 0) {
    if (segment_->first == 0) segment_->first = seq;
    segment_->last = seq;
  }
  return {};
}

Result<void> LogLinesSink::write(ByteView bytes) {
  auto text = text_of(bytes);
  while (true) {
    const auto end = text.find('\n');
    if (rest_.size() + std::min(end, text.size()) > format::kRecordLineBytesMax)
      return fail(Code::integrity, "a segment of the log has a line that is too long (kRecordLineBytesMax)");
    if (end == text.npos) {
      rest_ += text;
      return {};
    }
    if (rest_.empty()) {
      TRY(take(text.substr(0, end)));
    } else {
      rest_ += text.substr(0, end);
      TRY(take(rest_));
      rest_.clear();
    }
    text.remove_prefix(end + 1);
  }
}

Result<void> LogLinesSink::finish() {
  if (rest_.empty()) return {};
  return fail(Code::integrity, "a segment of the log ends within a line");
}

}  // namespace inxt::client
