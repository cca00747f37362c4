// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads the logs whole: they are chains, what was acknowledged stands where it was said to stand, and each
// entry's record is there, once.
#include <fmt/core.h>

#include <fstream>
#include <map>
#include <set>

#include "crypto/random.h"
#include "log_load/options.h"
#include "support/log_writer.h"
#include "sys/clock.h"
#include "transfer/http_bridge_log.h"

namespace inxt::log_load {
namespace {

struct Reading {
  std::map<std::uint64_t, std::string> hashes;  // by seq
  std::set<format::RecordId> records;
  std::uint64_t entries = 0, bytes = 0;
};

Result<void> read_entry(Reading& reading, const testing::LogWriter& writer, format::LogHead& before,
                        std::string_view line, bool with_records) {
  const auto opened = TRY(format::open_entry_head(line));
  if (opened.head.seq != before.seq + 1 || opened.head.prev != before.hash)
    return fail(Code::integrity,
                fmt::format("entry {} does not follow entry {}", opened.head.seq, before.seq));
  before = {.seq = opened.head.seq, .hash = opened.hash};
  reading.hashes[before.seq] = to_hex(opened.hash);
  ++reading.entries;
  reading.bytes += line.size() + 1;
  if (!with_records) return {};
  for (const auto& op : TRY(format::open_entry(opened, writer.tree())))
    if (const auto* put = std::get_if<format::PutOp>(&op); put && !reading.records.insert(put->record).second)
      return fail(Code::integrity, fmt::format("the record of entry {} is that of another", before.seq));
  return {};
}

net::Awaitable<Result<Reading>> read_log(const Options& options, net::HttpClient& http,
                                         crypto::Random& random, std::uint64_t number) {
  const testing::LogWriter writer(1, tree_number(options, number));
  transfer::BridgeClient client = client_at(options, http, random, number);
  transfer::HttpBridgeLog log(client);
  Reading reading;
  format::LogHead before;
  while (true) {
    auto page = co_await log.entries(writer.log(), before.seq, options.page);
    if (!page) co_return std::unexpected(std::move(page).error());
    for (const std::string& line : page->entries)
      CO_CHECK(read_entry(reading, writer, before, line, options.record_bytes > 0));
    if (page->head == before) break;
    if (page->entries.empty()) co_return fail(Code::integrity, "the head is no entry's");
  }
  for (const format::RecordId& id : reading.records) {
    auto line = co_await log.record(writer.log(), id);
    if (!line) co_return std::unexpected(std::move(line).error());
    if (format::record_id(*line) != id) co_return fail(Code::integrity, "another record than was asked for");
    reading.bytes += line->size() + 1;
  }
  co_return reading;
}

/// How many acknowledged entries are not where they were acknowledged.
std::uint64_t missing(const Options& options, std::vector<Reading>& readings, std::uint64_t& acked) {
  std::uint64_t count = 0, log = 0, seq = 0;
  std::ifstream file(options.acks);
  for (std::string hash; file >> log >> seq >> hash; ++acked) {
    if (readings[log].hashes[seq] == hash) continue;
    fmt::print(stderr, "log {}: entry {} was acknowledged as {} and is {}\n", log, seq, hash,
               readings[log].hashes[seq]);
    ++count;
  }
  return count;
}

}  // namespace

bool check(const Options& options) {
  net::EventLoop loop;
  net::HttpClient http(loop.executor());
  crypto::SystemRandom random;
  const std::int64_t begun_ms = sys::SystemClock().steady_ms();
  std::vector<Reading> readings;
  std::uint64_t entries = 0, bytes = 0, acked = 0;
  for (std::uint64_t log = 0; log < options.logs; ++log) {
    auto reading = loop.run(read_log(options, http, random, log));
    if (!reading) {
      fmt::print(stderr, "log {}: {}\n", log, reading.error().what);
      return false;
    }
    entries += reading->entries;
    bytes += reading->bytes;
    readings.push_back(*std::move(reading));
  }
  const double seconds = static_cast<double>(sys::SystemClock().steady_ms() - begun_ms) / 1000;
  const std::uint64_t lost = missing(options, readings, acked);
  fmt::print(R"({{"entries":{},"acknowledged":{},"lost":{},"bytes":{},"seconds":{:.3f}}})"
             "\n",
             entries, acked, lost, bytes, seconds);
  return lost == 0;
}

}  // namespace inxt::log_load
