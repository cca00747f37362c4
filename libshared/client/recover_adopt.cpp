// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_adopt.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "client/host_addresses.h"

namespace inxt::client {

using net::Awaitable;

namespace {

/// The records that an entry names, as far as they were found and not sent before.
Result<std::map<format::RecordId, std::string>> records_of(const RecoveredLog& log, std::string_view entry,
                                                           const std::set<format::RecordId>& sent) {
  std::map<format::RecordId, std::string> out;
  const auto opened = TRY(format::open_entry_head(entry));
  const auto ops = format::open_entry(opened, log.tree_key());
  if (!ops) return out;
  for (const auto& op : *ops) {
    const auto* put = std::get_if<format::PutOp>(&op);
    if (put == nullptr || !log.has_record(put->record) || sent.contains(put->record)) continue;
    out.emplace(put->record, TRY(log.record_line(put->record)));
  }
  return out;
}

std::size_t bytes_of(const std::map<format::RecordId, std::string>& records) {
  std::size_t bytes = 0;
  for (const auto& [id, line] : records) bytes += line.size() + 1;
  return bytes;
}

/// That the Bridge's log begins as this one does, or the other way round.
Awaitable<Result<void>> hold_against(transfer::BridgeLog& bridge, const RecoveredLog& log,
                                     format::LogHead head) {
  const auto known = std::min(head.seq, log.whole_until());
  if (known == 0) co_return Result<void>{};
  if (known < head.seq) {
    CO_TRY(const auto page, co_await bridge.entries(log.tree_key().log(), known - 1, 1));
    if (page.entries.empty()) co_return fail(Code::integrity, "the Bridge withholds entries of its log");
    CO_TRY(const auto opened, format::open_entry_head(page.entries.front()));
    head = {.seq = opened.head.seq, .hash = opened.hash};
  }
  if (head != log.head_at(known))
    co_return fail(Code::integrity,
                   fmt::format("the Bridge has another log of this owner: its entry {} is {}", head.seq,
                               to_hex(head.hash).substr(0, 16)),
                   "adopt it at a Bridge that has none");
  co_return Result<void>{};
}

}  // namespace

Awaitable<Result<AdoptReport>> adopt_log(transfer::BridgeLog& bridge, const RecoveredLog& log,
                                         std::function<bool()> stopped) {
  AdoptReport report;
  const auto& id = log.tree_key().log();
  const auto end = log.whole_until();
  CO_TRY(const auto page, co_await bridge.entries(id, 0, 1));
  report.had = page.head.seq;
  CO_CHECK(co_await hold_against(bridge, log, page.head));
  if (page.head.seq >= end) co_return report;
  std::set<format::RecordId> sent;
  auto seq = report.had + 1;
  while (seq <= end) {
    if (stopped && stopped()) co_return fail(Code::failure, "stopped", "the same command goes on");
    transfer::LogAppend append;
    std::size_t bytes = 0;
    for (; seq <= end && append.entries.size() < transfer::kLogAppendEntriesMax; ++seq) {
      CO_TRY(auto entry, log.entry_line(seq));
      CO_TRY(auto records, records_of(log, entry, sent));
      const auto more = bytes_of(records) + entry.size() + 1;
      const bool fits = bytes + more <= transfer::kLogAppendBytesMax &&
                        append.records.size() + records.size() <= transfer::kLogAppendRecordsMax;
      if (!fits && !append.entries.empty()) break;
      bytes += more;
      for (auto& [record, line] : records) {
        sent.insert(record);
        append.records.push_back(std::move(line));
      }
      append.entries.push_back(std::move(entry));
    }
    CO_TRY(const auto answer, co_await bridge.append(id, append));
    if (!answer.appended)
      co_return fail(Code::try_again, "another machine appended to the log meanwhile", "run it again");
    report.entries += append.entries.size();
    report.records += append.records.size();
  }
  co_return report;
}

Awaitable<Result<std::size_t>> take_over_pieces(transfer::BridgeAccounts& bridge, const keys::Key& key,
                                                const RecoverState& state,
                                                const std::vector<transfer::HostAddress>& hosts) {
  std::vector<format::VoucherWish> wishes;
  for (const auto& [where, listed] : state.listed()) {
    if (listed.file_bytes == 0) continue;
    const auto uploader = key.uploader(where.second);
    wishes.push_back({.host = newest_address(where.first, {}, hosts).present_id(),
                      .account = uploader->account_id(where.first),
                      .bytes = listed.file_bytes});
  }
  std::size_t taken = 0;
  for (std::size_t first = 0; first < wishes.size(); first += format::kVouchersMax) {
    const auto count = std::min(wishes.size() - first, format::kVouchersMax);
    const auto from = wishes.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<format::VoucherWish> some(from, from + static_cast<std::ptrdiff_t>(count));
    CO_TRY(const auto given, co_await bridge.vouchers_again(some));
    taken += given.vouchers.size();
  }
  co_return taken;
}

}  // namespace inxt::client
