// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/log_rows.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "bridge/log_limits.h"
#include "support/bridge_rows.h"

using namespace inxt;
using namespace inxt::testing;
using database::Database;
using database::Transaction;

namespace {

Appended append(Database& database, const LogName& name, const LogAppend& what,
                const Authority& authority = owner_number(1)) {
  const auto done = try_append(database, name.log, what, authority);
  if (!done) FAIL(done.error().what);
  const auto* appended = std::get_if<Appended>(&*done);
  REQUIRE(appended != nullptr);
  return *appended;
}

format::LogHead head_told(Database& database, const LogName& name, const LogAppend& what) {
  const auto done = try_append(database, name.log, what, owner_number(1));
  if (!done) FAIL(done.error().what);
  const auto* differs = std::get_if<HeadDiffers>(&*done);
  REQUIRE(differs != nullptr);
  return differs->head;
}

std::optional<LogPage> page(Database& database, const LogName& name, std::uint64_t after, std::size_t limit) {
  const auto read =
      database.read([&](Transaction& transaction) { return page_of_log(transaction, name, after, limit); });
  if (!read) FAIL(read.error().what);
  return *read;
}

std::string joined(const FakeLog& log, std::size_t first, std::size_t last) {  // numbers of entries
  std::string out;
  for (std::size_t i = first; i <= last; ++i) (out += *log.lines[i - 1]) += '\n';
  return out;
}

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

CONTRACT(appends, "entries come back as they were appended, in pages") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  CHECK(!page(*database, log.name, 0, 10));
  for (int i = 0; i < 10; ++i) {
    const Appended done = append(*database, log.name, entries({log.next()}));
    CHECK(done.head == log.head);
    CHECK(done.entries == 1);
  }
  append(*database, log.name, entries({log.next("a"), log.next("b")}));
  CHECK(page(*database, log.name, 0, 100)->lines == joined(log, 1, 12));
  CHECK(page(*database, log.name, 0, 100)->head == log.head);
  CHECK(page(*database, log.name, 3, 2)->lines == joined(log, 4, 5));
  CHECK(page(*database, log.name, 11, 5)->lines == joined(log, 12, 12));
  CHECK(page(*database, log.name, 12, 5)->lines.empty());
  CHECK(page(*database, log.name, 1000, 5)->lines.empty());
  // A log of the same id of another owner is another log.
  CHECK(!page(*database, {.owner = id_number<AccountId>(9), .log = log.name.log}, 0, 10));
}

CONTRACT(page_bytes, "a page ends at its bytes") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  const std::string text(60'000, 'x');
  for (int i = 0; i < 80; ++i) append(*database, log.name, entries({log.next(text), log.next("y")}));
  std::string all;
  std::uint64_t after = 0;
  int pages = 0;
  while (after < 160) {
    const auto got = page(*database, log.name, after, kLogPageLinesMax);
    REQUIRE(!got->lines.empty());
    CHECK(got->lines.size() <= kLogPageBytesMax);
    after += lines_in(got->lines);
    all += got->lines;
    ++pages;
  }
  CHECK(all == joined(log, 1, 160));
  CHECK(pages == 2);
}

CONTRACT(conflicts, "what does not follow the head changes nothing and is told the head") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  // There is no log yet: only number 1 on zeros begins one.
  FakeLog ahead;
  ahead.next();
  CHECK(head_told(*database, log.name, entries({ahead.next()})) == format::LogHead{});
  FakeLog odd;
  odd.head.hash[0] = std::byte{1};
  CHECK(head_told(*database, log.name, entries({odd.next()})) == format::LogHead{});
  CHECK(!page(*database, log.name, 0, 1));

  append(*database, log.name, entries({log.next(), log.next()}));
  FakeLog fork = {.name = log.name, .head = log.head, .lines = {}};
  append(*database, log.name, entries({log.next("mine")}));
  LogAppend theirs = entries({fork.next("theirs"), fork.next("theirs")});
  theirs.records.push_back(fork.record("a record that comes with them"));
  CHECK(head_told(*database, log.name, theirs) == log.head);
  FakeLog gap = {.name = log.name, .head = log.head, .lines = {}};
  gap.next();
  CHECK(head_told(*database, log.name, entries({gap.next()})) == log.head);
  CHECK(page(*database, log.name, 0, 10)->lines == joined(log, 1, 3));
  const auto records = database->read(
      [&](Transaction& transaction) { return list_records(transaction, log.name, std::nullopt, 10); });
  CHECK((*records)->empty());
  CHECK(used_by(*database, owner_number(1)) ==
        static_cast<std::int64_t>(joined(log, 1, 3).size()) - 3 + 3 * kRowChargeBytes);
}

CONTRACT(repeats, "a repeat changes nothing, and is charged once") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  LogAppend first = entries({log.next(), log.next()});
  first.records.push_back({.id = id_number<format::RecordId>(7), .object = std::nullopt, .line = "a record"});
  append(*database, log.name, first);
  const std::int64_t paid = used_by(*database, owner_number(1));
  const Appended again = append(*database, log.name, first);
  CHECK(again.entries == 0);
  CHECK(again.records == 0);
  CHECK(again.head == log.head);
  CHECK(used_by(*database, owner_number(1)) == paid);
  // What is known at the front is passed over; the rest is appended.
  LogAppend more = first;
  more.entries.push_back(log.next());
  CHECK(append(*database, log.name, more).entries == 1);
  CHECK(append(*database, log.name, first).head == log.head);
  CHECK(page(*database, log.name, 0, 10)->head.seq == 3);
}

CONTRACT(records, "records are kept, found, listed, deleted, and their bytes go back to who paid") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  const auto object = id_number<format::ObjectId>(5);
  LogAppend what;
  what.records = {log.record("one"), log.record("two", object), log.record(std::string(1 << 20, 'r'))};
  const Appended done = append(*database, log.name, what);
  CHECK(done.records == 3);
  CHECK(done.head == format::LogHead{});  // no entry yet
  CHECK(page(*database, log.name, 0, 10)->lines.empty());

  const auto find = [&](const format::RecordId& id) {
    const auto found = database->read([&](Transaction& t) { return find_record(t, log.name, id); });
    REQUIRE(found);
    return *found;
  };
  CHECK(find(what.records[0].id)->line == "one");
  CHECK(!find(what.records[0].id)->object);
  CHECK(find(what.records[1].id)->object == object);
  CHECK(find(what.records[2].id)->line.size() == 1 << 20);
  CHECK(!find(id_number<format::RecordId>(99)));

  std::vector<format::RecordId> listed;
  for (;;) {
    const auto after = listed.empty() ? std::nullopt : std::optional(listed.back());
    const auto some = database->read([&](Transaction& t) { return list_records(t, log.name, after, 2); });
    if ((*some)->empty()) break;
    for (const RecordInfo& info : **some) listed.push_back(info.record);
  }
  CHECK(listed.size() == 3);
  CHECK(std::ranges::is_sorted(listed));

  const auto remove = [&](const format::RecordId& id) {
    const auto removed = database->write([&](Transaction& t) { return remove_record(t, log.name, id); });
    REQUIRE(removed);
    return *removed;
  };
  for (const AppendRecord& record : what.records) CHECK(remove(record.id));
  CHECK(!remove(what.records[0].id));
  CHECK(used_by(*database, owner_number(1)) == 0);
}

CONTRACT(quota, "over the quota nothing is stored") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  FakeLog log;
  const Authority poor = owner_number(1, {.quota_bytes = 2000});
  append(*database, log.name, entries({log.next()}), poor);
  LogAppend what = entries({log.next()});
  what.records = {log.record(std::string(1500, 'x'))};
  const auto refused = try_append(*database, log.name.log, what, poor);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::quota);
  CHECK(page(*database, log.name, 0, 10)->head.seq == 1);
  CHECK(!**database->read([&](Transaction& t) -> Result<std::optional<bool>> {
    return TRY(find_record(t, log.name, what.records[0].id)).has_value();
  }));
}

CONTRACT(logs_per_owner, "an owner has so many logs and no more") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  const Authority authority = owner_number(1);
  std::vector<FakeLog> logs(kLogsPerOwnerMax + 1);
  const auto made = database->write([&](Transaction& t) -> Result<void> {
    for (std::size_t i = 0; i < logs.size(); ++i) {
      logs[i].name.log = id_number<format::LogId>(1000 + i);
      const auto done = append_to_log(t, authority, logs[i].name.log, entries({logs[i].next()}), kNow);
      if (i + 1 == logs.size()) {
        REQUIRE(!done);
        CHECK(done.error().code == Code::quota);
        CHECK(done.error().what.contains("logs_per_owner_max"));
      } else if (!done) {
        return std::unexpected(done.error());
      }
    }
    return {};
  });
  CHECK(made);
}

CONTRACT(at_once, "of appends at once none is lost, doubled or forked") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  const LogName name = FakeLog().name;
  constexpr int kThreads = 4, kEach = 25;
  std::atomic<int> appended{0}, conflicts{0};
  std::vector<std::string> errors(kThreads);
  std::vector<std::vector<std::string>> lines(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        const Authority authority = owner_number(1);
        FakeLog mine;
        for (int i = 0; i < kEach;) {
          const AppendEntry entry = mine.next(fmt::format("by {}", thread));
          const auto done = try_append(*database, name.log, entries({entry}), authority);
          if (!done) {
            errors[static_cast<std::size_t>(thread)] = done.error().what;
            return;
          }
          if (std::holds_alternative<Appended>(*done)) {
            lines[static_cast<std::size_t>(thread)].emplace_back(entry.line);
            ++i;
            ++appended;
          } else {
            mine.head = std::get<HeadDiffers>(*done).head;
            ++conflicts;
          }
        }
      });
  }
  for (const std::string& error : errors) CHECK(error == "");
  CHECK(appended == kThreads * kEach);
  const auto all = page(*database, name, 0, kLogPageLinesMax);
  CHECK(all->head.seq == kThreads * kEach);
  std::string rest = all->lines;
  CHECK(lines_in(rest) == kThreads * kEach);
  crypto::Hash before{};
  std::size_t found = 0;
  for (std::size_t at = 0; at < rest.size();) {
    const std::string line = rest.substr(at, rest.find('\n', at) - at);
    CHECK(line.ends_with(to_hex(before)));
    before = crypto::sha256(view_of(line));
    for (const auto& of_thread : lines)
      found += static_cast<std::size_t>(std::ranges::count(of_thread, line));
    at += line.size() + 1;
  }
  CHECK(found == kThreads * kEach);
  CHECK(before == all->head.hash);
}
