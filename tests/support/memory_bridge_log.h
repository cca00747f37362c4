// SPDX-License-Identifier: AGPL-3.0-or-later
// A Bridge's logs in memory, and one that lies as it is told.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "transfer/bridge_log.h"

namespace inxt::testing {

/// Does what an honest Bridge does: compare-and-set on the head, records beside entries.
class MemoryBridgeLog : public transfer::BridgeLog {
 public:
  struct Log {
    std::vector<std::string> entries;
    std::map<format::RecordId, std::string> records;
    format::LogHead head() const {
      if (entries.empty()) return {};
      return {.seq = entries.size(), .hash = format::entry_hash(entries.back())};
    }
  };

  net::Awaitable<Result<transfer::LogPage>> entries(const format::LogId& id, std::uint64_t after,
                                                    std::uint32_t limit) override {
    ++asked;
    auto& log = logs[id];
    transfer::LogPage page{.head = log.head(), .entries = {}};
    for (auto at = after; at < log.entries.size() && page.entries.size() < limit; ++at)
      page.entries.push_back(log.entries[at]);
    if (on_page) on_page(page, after);
    co_return page;
  }

  net::Awaitable<Result<transfer::LogAppendAnswer>> append(const format::LogId& id,
                                                           const transfer::LogAppend& what) override {
    ++appends;
    auto& log = logs[id];
    if (before_append) before_append(log);
    for (const auto& late : std::exchange(late_, {})) add(log, late);
    if (takes_nothing) co_return fail(Code::try_again, "database or disk is full");
    if (appends_late > 0) {
      --appends_late;
      late_.push_back(what);
      co_return fail(Code::try_again, "the connection was lost");
    }
    transfer::LogAppendAnswer answer;
    answer.head = log.head();
    CO_TRY(const auto first, format::open_entry_head(what.entries.at(0)));
    answer.appended = first.head.seq == log.entries.size() + 1 && first.head.prev == log.head().hash;
    std::size_t bytes = 0;
    for (const auto& line : what.entries) bytes += line.size() + 1;
    for (const auto& line : what.records) bytes += line.size() + 1;
    if (what.entries.size() > transfer::kLogAppendEntriesMax ||
        what.records.size() > transfer::kLogAppendRecordsMax || bytes > transfer::kLogAppendBytesMax)
      co_return fail(Code::usage, "more than one request takes");
    if (answer.appended && !drops) add(log, what);
    if (answer.appended)
      answer.head = {.seq = first.head.seq + what.entries.size() - 1,
                     .hash = format::entry_hash(what.entries.back())};
    if (answers_lost > 0) {
      --answers_lost;
      co_return fail(Code::try_again, "the connection was lost");
    }
    if (on_answer) on_answer(answer);
    co_return answer;
  }

  net::Awaitable<Result<std::string>> record(const format::LogId& id,
                                             const format::RecordId& record) override {
    const auto& records = logs[id].records;
    const auto found = records.find(record);
    if (found == records.end()) co_return fail(Code::not_found, "no such record");
    auto line = found->second;
    if (on_record) on_record(line);
    co_return line;
  }

  net::Awaitable<Result<void>> remove_record(const format::LogId& id,
                                             const format::RecordId& record) override {
    logs[id].records.erase(record);
    co_return Result<void>{};
  }

  std::map<format::LogId, Log> logs;
  unsigned asked = 0, appends = 0;
  int answers_lost = 0;  // of so many appends, which are done
  int appends_late = 0;  // so many are done when the next one comes; their answers are lost
  bool takes_nothing = false;
  bool drops = false;  // says that it appended, and does not
  std::function<void(transfer::LogPage&, std::uint64_t after)> on_page;
  std::function<void(Log&)> before_append;
  std::function<void(transfer::LogAppendAnswer&)> on_answer;
  std::function<void(std::string&)> on_record;

 private:
  static void add(Log& log, const transfer::LogAppend& what) {
    for (const auto& line : what.records) log.records.emplace(format::record_id(line), line);
    log.entries.insert(log.entries.end(), what.entries.begin(), what.entries.end());
  }
  std::vector<transfer::LogAppend> late_;
};

}  // namespace inxt::testing
