// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/repair_rows.h"

#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

constexpr std::int64_t kLease = 60, kGap = 900;

HealerId healer(int number) {
  HealerId id{};
  id[0] = static_cast<std::byte>(number);
  return id;
}

template <class World>
struct Rows {
  template <class Work>
  auto write(Work work) {
    auto done = world.database().write(work);
    if (!done) FAIL(done.error().what);
    if constexpr (!std::is_same_v<decltype(done), Result<void>>) return *std::move(done);
  }
  std::optional<std::int64_t> lead(int number, std::int64_t now) {
    return write([&](Transaction& t) { return take_healer_lease(t, healer(number), now, kLease, kGap); });
  }
  std::optional<std::int64_t> begin(int number, std::int64_t now, CareSegmentKey segment = 7) {
    NewRepair repair{.segment_key = segment, .file = {}, .segment = 3, .pieces = {}};
    repair.pieces.push_back({.place = 2, .former = host_id(1), .host = host_id(2)});
    return write([&](Transaction& t) { return begin_repair(t, healer(number), repair, now, kLease); });
  }
  bool keeps(int number, std::int64_t now, CareSegmentKey segment = 7) {
    return write([&](Transaction& t) { return keep_repair(t, healer(number), segment, now, now + kLease); });
  }
  void end(std::int64_t key, std::vector<std::uint16_t> proved, bool is_whole, std::int64_t now) {
    const RepairEnd ended{.key = key,
                          .segment_key = 7,
                          .proved = std::move(proved),
                          .is_whole = is_whole,
                          .moved_bytes = 5000,
                          .note = is_whole ? "" : std::string(1000, 'n')};
    write([&](Transaction& t) { return end_repair(t, ended, now); });
  }
  std::vector<RepairRecord> list(std::int64_t after = 0) {
    return world.database().read([&](Transaction& t) { return list_repairs(t, after, 100); }).value();
  }
  std::vector<RepairedPiece> planned() {
    return world.database().read([](Transaction& t) { return planned_pieces(t, 7); }).value();
  }

  HostsWorld<World> world;
};

}  // namespace

CONTRACT(unplaced, "a repair that cannot begin says why, counts no attempt, and leaves what was planned") {
  Rows<World> rows;
  const NewRepair repair{.segment_key = 7, .file = {}, .segment = 3, .pieces = {}};
  const auto note = [&](std::string_view why, std::int64_t now) {
    rows.write([&](Transaction& t) { return note_unplaced(t, repair, why, now); });
  };
  note("too dear", kHostsNow);
  note(std::string(1000, 'n'), kHostsNow + 1);
  REQUIRE(rows.list().size() == 1);
  CHECK(rows.list()[0].attempts == 0);
  CHECK(rows.list()[0].note == std::string(kRepairNoteBytesMax, 'n'));
  CHECK(rows.list()[0].planned_unix_s == kHostsNow);
  CHECK(rows.list()[0].changed_unix_s == kHostsNow + 1);
  const auto key = rows.begin(1, kHostsNow + 2);
  CHECK(key == rows.list()[0].key);
  note("too dear", kHostsNow + 3);
  REQUIRE(rows.list().size() == 1);
  CHECK(rows.list()[0].attempts == 1);
  CHECK(rows.planned().size() == 1);
  rows.end(*key, {2}, true, kHostsNow + 4);
  note("too dear", kHostsNow + 5);  // a later repair of the same segment
  REQUIRE(rows.list().size() == 2);
  CHECK(rows.list()[0].state == "proved");
}

CONTRACT(decides, "of the processes of a Bridge one decides; another does when that one is gone") {
  Rows<World> rows;
  CHECK(rows.lead(1, kHostsNow) == kHostsNow);
  CHECK_FALSE(rows.lead(2, kHostsNow + 1));
  CHECK(rows.lead(1, kHostsNow + 30) == kHostsNow);
  CHECK_FALSE(rows.lead(2, kHostsNow + 30 + kLease - 1));
  CHECK(rows.lead(2, kHostsNow + 30 + kLease) == kHostsNow);  // Hosts were watched all the time
  CHECK_FALSE(rows.lead(1, kHostsNow + 91));
  const std::int64_t later = kHostsNow + 90 + kLease + kGap + 1;
  CHECK(rows.lead(1, later) == later);  // nobody knows who was silent meanwhile
  rows.write([&](Transaction& t) { return give_up_healer_lease(t, healer(2), later); });  // not its own
  CHECK_FALSE(rows.lead(2, later + 1));
  rows.write([&](Transaction& t) { return give_up_healer_lease(t, healer(1), later + 2); });
  CHECK(rows.lead(2, later + 2) == later);
}

CONTRACT(repairs_once,
         "a segment is repaired by one process at a time, and one that was killed is followed") {
  Rows<World> rows;
  const auto first = rows.begin(1, kHostsNow);
  REQUIRE(first);
  CHECK_FALSE(rows.begin(2, kHostsNow + 1));
  CHECK(rows.begin(2, kHostsNow + 1, 8));  // another segment
  CHECK(rows.keeps(1, kHostsNow + 30));
  CHECK_FALSE(rows.keeps(2, kHostsNow + 30));
  CHECK_FALSE(rows.begin(2, kHostsNow + 30 + kLease - 1));
  REQUIRE(rows.planned().size() == 1);
  CHECK(rows.planned()[0].host == host_id(2));
  // The first is killed: the other goes on with the same record.
  CHECK(rows.begin(2, kHostsNow + 30 + kLease) == first);
  CHECK_FALSE(rows.keeps(1, kHostsNow + 30 + kLease));  // what it found out meanwhile is not written down
  // A lease that is over was not taken: it is not kept either, somebody may have looked meanwhile.
  CHECK_FALSE(rows.keeps(2, kHostsNow + 30 + 2 * kLease));
  rows.write([&](Transaction& t) {
    return extend_repairs(t, healer(2), kHostsNow + 31 + kLease, kHostsNow + 1000);
  });
  CHECK(rows.keeps(2, kHostsNow + 900));
}

CONTRACT(recorded,
         "each repair is a record: where its pieces were and went, how often it was tried, what it moved") {
  Rows<World> rows;
  const auto key = rows.begin(1, kHostsNow);
  REQUIRE(key);
  rows.end(*key, {}, false, kHostsNow + 10);
  auto records = rows.list();
  REQUIRE(records.size() == 1);
  CHECK(records[0].state == "planned");  // the next attempt goes on with it
  CHECK(records[0].note.size() == kRepairNoteBytesMax);
  REQUIRE(rows.begin(2, kHostsNow + 11) == key);  // its lease has ended
  rows.end(*key, {2}, true, kHostsNow + 20);
  records = rows.list();
  REQUIRE(records.size() == 1);
  CHECK(records[0].key == *key);
  CHECK(records[0].segment == 3);
  CHECK(records[0].state == "proved");
  CHECK(records[0].attempts == 2);
  CHECK(records[0].moved_bytes == 10'000);
  CHECK(records[0].planned_unix_s == kHostsNow);
  CHECK(records[0].changed_unix_s == kHostsNow + 20);
  CHECK(records[0].note.empty());
  REQUIRE(records[0].pieces.size() == 1);
  CHECK(records[0].pieces[0].place == 2);
  CHECK(records[0].pieces[0].former == host_id(1));
  CHECK(records[0].pieces[0].host == host_id(2));
  CHECK(records[0].pieces[0].state == "proved");
  CHECK(rows.planned().empty());
  const auto next = rows.begin(1, kHostsNow + 30);
  CHECK(next != key);
  CHECK(rows.list(*key).size() == 1);
  const auto forget = [&](std::int64_t now) {
    return rows.write([&](Transaction& t) { return forget_repairs(t, now); });
  };
  CHECK(forget(kHostsNow + 20 + kRepairDays * 86400) == 0);
  CHECK(forget(kHostsNow + 21 + kRepairDays * 86400) == 1);
  CHECK(rows.list().size() == 1);
}

CONTRACT(audited, "when a Host's entrusted pieces are audited next is known to whoever comes") {
  Rows<World> rows;
  const auto next = [&] {
    return rows.world.database().read([](Transaction& t) { return next_care_audits(t); }).value()[host_id(1)];
  };
  CHECK(next() == 0);
  rows.write([](Transaction& t) { return save_care_audit(t, host_id(1), true, kHostsNow, kHostsNow + 100); });
  CHECK(next() == kHostsNow + 100);
  rows.write(
      [](Transaction& t) { return save_care_audit(t, host_id(1), false, kHostsNow + 100, kHostsNow + 200); });
  CHECK(next() == kHostsNow + 200);
}

}  // namespace inxt::bridge
