// SPDX-License-Identifier: LGPL-3.0-or-later
// TreeView's writing side: operations become entries, entries go to the Bridge behind the head that was
// verified.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "client/tree.h"

namespace inxt::client {

using net::Awaitable;

/// The operations of one entry, and the records that they name.
struct TreeView::Step {
  std::vector<format::Op> ops;
  std::vector<format::SignedRecord> records;
};

/// What went, or goes, to the Bridge in one request.
struct TreeView::Sent {
  transfer::LogAppend request;
  std::vector<format::LogHead> heads;  // after each entry
  std::size_t steps = 0;               // so many of the front are in it
  std::int64_t time_unix_s = 0;
  std::optional<Error> unsure = {};  // why its answer was lost: it may come into the log later
};

/// A request whose answer was lost, and what it was to do: it can still come into the log, as long as no
/// other entry has its place.
struct TreeView::Unsure {
  Sent sent;
  std::vector<Step> steps;
};

namespace {

constexpr std::size_t kStepRecordBytesMax = transfer::kLogAppendBytesMax / 2;
constexpr std::size_t kStepRecordsMax = transfer::kLogAppendRecordsMax / 2;

std::size_t bytes_of(const format::SignedRecord& record) {
  return record.line.size() + 1;
}

/// The names that an operation is about.
std::vector<std::string> paths_of(const format::Op& op) {
  if (const auto* put = std::get_if<format::PutOp>(&op)) {
    if (!put->path) return {};
    return {*put->path};
  }
  if (const auto* made = std::get_if<format::MkdirOp>(&op)) return {made->path};
  if (const auto* moved = std::get_if<format::MvOp>(&op)) return {moved->from, moved->to};
  if (const auto* removed = std::get_if<format::RmOp>(&op)) return {removed->path};
  if (const auto* restored = std::get_if<format::RestoreOp>(&op)) return {restored->path};
  return {};
}

}  // namespace

Result<format::SignedRecord> TreeView::sign_record(const format::ObjectRecord& record) const {
  const auto& uploader = key_.uploader();
  const format::RecordHead head{
      .log = log(),
      .writer = uploader.writer_id(),
      .uploader = uploader.number(),
      .certificate = uploader.number() == 0 ? std::string() : uploader.certificate()};
  const auto sealer = tree_key_ ? format::BodySealer::of_owner(tree_key_->record_key())
                                : format::BodySealer::to_owner(key_.recipient());
  return format::sign_record(head, record, sealer, uploader.writer(), world_.random);
}

Result<Changes> TreeView::put_at(const tree::Tree& tree, const std::string& path,
                                 format::ObjectRecord record) const {
  format::PutOp put;
  put.path = path;
  put.base.saw = format::Base::Saw::nothing;
  const auto there = tree.find(path);
  if (there && there->version != nullptr) {
    record.object = there->version->object;
    record.previous = there->version->record;
    put.base = {.saw = format::Base::Saw::record, .record = there->version->record};
  } else {
    record.object.reset();
    record.previous.reset();
  }
  auto made = TRY(sign_record(record));
  put.record = made.id;
  put.object = record.object.value_or(format::ObjectId{made.id.bytes});
  put.bytes = record.bytes;
  put.mtime_unix_s = record.mtime_unix_s;
  put.mode = record.mode;
  put.metadata = std::move(record.metadata);
  Changes out;
  out.ops.emplace_back(std::move(put));
  out.records.push_back(std::move(made));
  return out;
}

/// Each op goes with the record that it names; no step passes what one entry and one request can take.
Result<std::vector<TreeView::Step>> TreeView::steps_of(Changes changes) const {
  std::unordered_map<format::RecordId, format::SignedRecord*> records;
  for (auto& record : changes.records) records.emplace(record.id, &record);
  std::vector<Step> steps;
  std::size_t json_bytes = 0, record_bytes = 0;
  for (auto& op : changes.ops) {
    TRY(format::check_op(op));
    format::SignedRecord* record = nullptr;
    if (const auto* put = std::get_if<format::PutOp>(&op))
      if (const auto named = records.find(put->record); named != records.end())
        record = std::exchange(named->second, nullptr);
    const auto op_bytes = format::op_json_bytes(op);
    const auto line_bytes = record != nullptr ? bytes_of(*record) : 0;
    const bool fits = !steps.empty() && steps.back().ops.size() < format::kOpsMax &&
                      json_bytes + op_bytes <= format::kEntryBodyBytesMax / 2 &&
                      record_bytes + line_bytes <= kStepRecordBytesMax &&
                      steps.back().records.size() < kStepRecordsMax;
    if (!fits) {
      steps.emplace_back();
      json_bytes = record_bytes = 0;
    }
    json_bytes += op_bytes;
    record_bytes += line_bytes;
    if (record != nullptr) steps.back().records.push_back(std::move(*record));
    steps.back().ops.push_back(std::move(op));
  }
  for (const auto& [id, left] : records)
    if (left != nullptr)
      return fail(Code::usage, fmt::format("record {} is named by no operation", id.hex()));
  return steps;
}

/// As many steps from the front as one request takes.  A step whose entry comes out too long is split.
Result<TreeView::Sent> TreeView::sign_steps(std::vector<Step>& steps, const format::LogHead& after) const {
  const auto& uploader = key_.uploader();
  const auto sealer = tree_key_ ? format::BodySealer::of_owner(tree_key_->entry_key())
                                : format::BodySealer::to_owner(key_.recipient());
  Sent out;
  out.time_unix_s = std::max<std::int64_t>(0, world_.clock.unix_s());
  auto at = after;
  std::size_t bytes = 0;
  while (out.steps < steps.size() && out.request.entries.size() < transfer::kLogAppendEntriesMax) {
    auto& step = steps[out.steps];
    std::size_t step_bytes = format::kEntryLineBytesMax + 1;
    for (const auto& record : step.records) step_bytes += bytes_of(record);
    if (out.steps > 0 && (bytes + step_bytes > transfer::kLogAppendBytesMax ||
                          out.request.records.size() + step.records.size() > transfer::kLogAppendRecordsMax))
      break;
    const format::EntryHead head{
        .log = log(),
        .seq = at.seq + 1,
        .prev = at.hash,
        .writer = uploader.writer_id(),
        .uploader = uploader.number(),
        .certificate = uploader.number() == 0 ? std::string() : uploader.certificate(),
        .time_unix_s = out.time_unix_s,
        .does = {}};
    auto line = format::sign_entry(head, step.ops, sealer, uploader.writer(), world_.random);
    if (!line) {
      if (line.error().code != Code::usage || step.ops.size() == 1)
        return std::unexpected(std::move(line).error());
      // The records stay with the first half: they must come no later than what names them.
      Step second;
      const auto half = static_cast<std::ptrdiff_t>(step.ops.size() / 2);
      std::move(step.ops.begin() + half, step.ops.end(), std::back_inserter(second.ops));
      step.ops.resize(static_cast<std::size_t>(half));
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(out.steps) + 1, std::move(second));
      continue;
    }
    at = {.seq = head.seq, .hash = format::entry_hash(*line)};
    bytes += step_bytes;
    for (const auto& record : step.records) out.request.records.push_back(record.line);
    out.request.entries.push_back(*std::move(line));
    out.heads.push_back(at);
    ++out.steps;
  }
  return out;
}

/// True: it stands in the log, and is folded where a refresh found it there.
Awaitable<Result<bool>> TreeView::send(Sent& sent) {
  auto answer = co_await world_.bridge.append(log(), sent.request);
  const auto& last = sent.heads.back();
  const bool said_done = answer && answer->appended;
  if (said_done && answer->head == last) co_return true;
  // Where an answer was lost and the lines were sent again, another machine may have appended meanwhile.
  if (said_done && answer->head.seq <= last.seq)
    co_return fail(Code::integrity,
                   "the Bridge says that it appended, and names another head of the log than what was sent");
  if (!answer && answer.error().code != Code::try_again) co_return std::unexpected(std::move(answer).error());
  if (!answer) sent.unsure = answer.error();
  // Another was faster, or the answer was lost: what the log has now tells.
  if (Result<void> refreshed = co_await refresh(); !refreshed) {
    if (!answer && refreshed.error().code == Code::try_again)
      co_return std::unexpected(
          std::move(refreshed).error().in("it is not known whether the change was appended"));
    co_return std::unexpected(std::move(refreshed).error());
  }
  const bool stands = hash_at(last.seq) == last.hash;
  if (said_done && !stands)
    co_return fail(Code::integrity,
                   "the Bridge says that it appended, and its log does not have what was sent");
  co_return stands;
}

Result<void> TreeView::appended(Sent& sent, AppendReport& report) {
  report.entries += sent.request.entries.size();
  for (auto& line : sent.request.records) {
    if (recent_records_bytes_ + line.size() > kRecentRecordsBytesMax) break;
    recent_records_bytes_ += line.size();
    const auto id = format::record_id(line);
    recent_records_.emplace(id, std::move(line));
  }
  if (head().seq < sent.heads.front().seq) {  // not yet by a refresh
    for (const auto& line : sent.request.entries) {
      const auto entry = TRY(read_entry(line, tree_key_ ? &*tree_key_ : nullptr));
      const auto accepted = TRY(chain_.accept(entry));
      TRY(apply(entry, accepted));
    }
  }
  TRY_IN("the change is in the log, but this machine could not note it", remember());
  for (const auto& note : tree_.notes())
    if (note.seq >= sent.heads.front().seq && note.seq <= sent.heads.back().seq) report.notes.push_back(note);
  return {};
}

void TreeView::note_changed(std::span<const Step> steps) {
  for (const auto& step : steps)
    for (const auto& op : step.ops)
      for (auto& path : paths_of(op)) changed_paths_.insert(std::move(path));
  if (changed_paths_.size() > kChangedPathsMax) changed_paths_ = {"/"};
}

std::vector<std::string> TreeView::take_changed_paths() {
  std::vector<std::string> out(changed_paths_.begin(), changed_paths_.end());
  changed_paths_.clear();
  return out;
}

Awaitable<Result<AppendReport>> TreeView::append(MakeChanges make) {
  AppendReport report;
  std::vector<Step> steps;
  std::vector<Unsure> unsure;
  bool begun = false;  // after the first request is through, the rest hangs on whatever came between
  while (true) {
    if (!begun) {
      CO_TRY(auto changes, make(tree_));
      CO_TRY(steps, steps_of(std::move(changes)));
    }
    if (steps.empty()) break;
    Result<Sent> sent = co_await world_.workers.run([&] { return sign_steps(steps, head()); });
    CO_CHECK(sent);
    CO_TRY(bool done, co_await send(*sent));
    std::optional<Error> why;
    if (!done && sent->unsure) {
      why = sent->unsure;
      unsure.push_back({.sent = *std::move(sent), .steps = begun ? std::vector<Step>() : std::move(steps)});
    }
    if (!done) {
      // One of those before may have come late: doing it again would do it twice.
      const auto late = std::ranges::find_if(unsure, [&](const Unsure& one) {
        return hash_at(one.sent.heads.back().seq) == one.sent.heads.back().hash;
      });
      if (late != unsure.end()) {
        done = true;
        sent = std::move(late->sent);
        if (!begun) steps = std::move(late->steps);
      }
    }
    if (done) {
      unsure.clear();
      Result<void> taken = co_await world_.workers.run([&] { return appended(*sent, report); });
      CO_CHECK(taken);
      note_changed(std::span(steps).first(sent->steps));
      steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(sent->steps));
      begun = true;
      continue;
    }
    ++report.tries;
    if (why && unsure.size() == kAppendUnsureMax)
      co_return std::unexpected(
          std::move(*why).in(fmt::format("the change was not appended in {} requests", unsure.size())));
    if (report.tries == kAppendTriesMax)
      co_return fail(
          Code::try_again,
          fmt::format("the change was not appended: {} times another entry came first (kAppendTriesMax)",
                      kAppendTriesMax),
          "run the tool again when the other machines are quieter");
    const auto most = std::clamp<std::int64_t>(std::int64_t{20} << report.tries, 1, append_wait_ms_max_);
    co_await net::sleep_for(std::chrono::milliseconds(world_.random.below(static_cast<std::uint64_t>(most))));
  }
  Result<void> saved = co_await world_.workers.run([&]() -> Result<void> {
    save_cache_if_due();
    return {};
  });
  CO_CHECK(saved);
  co_return report;
}

}  // namespace inxt::client
