// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/care_rows.h"

#include <algorithm>

#include "bridge/care_limits.h"
#include "bridge/care_packing.h"
#include "bridge/care_segments.h"
#include "bridge/log_limits.h"
#include "support/bridge_rows.h"
#include "support/care_drafts.h"

using namespace inxt;
using namespace inxt::testing;
using database::Database;
using database::Transaction;

namespace {

const Authority kOwner = owner_number(1), kOther = owner_number(2);
const AccountId kCaretaker = caretaker_id(caretaker_number(0), key_number(kBridgeNumber).public_key());

CareSeal bridge_seal() {
  return CareSeal(key_number(kBridgeNumber));
}

void give_key(Database& database, const Authority& owner) {
  crypto::SeededRandom random(5);
  const keys::UploaderKeys key = caretaker_number(0);
  const Bytes sealed = bridge_seal().seal(random, kCaretaker.view(), key.uploader_key());
  const auto done = database.write(
      [&](Transaction& t) { return put_care_key(t, owner.owner(), kCaretaker, key.number(), sealed, kNow); });
  if (!done) FAIL(done.error().what);
}

Result<format::CareTaken> try_entrust(Database& database, const Authority& owner, const std::string& lines,
                                      std::int64_t now_s = kNow) {
  const std::string body = format::write_care_head(kCaretaker, {}) + lines;
  const auto read = format::read_care_request(body);
  if (!read) FAIL(read.error().what);
  return database.write([&](Transaction& t) { return entrust(t, owner, *read, {}, now_s); });
}
format::CareTaken take(Database& database, const Authority& owner, const std::string& lines) {
  const auto taken = try_entrust(database, owner, lines);
  if (!taken) FAIL(taken.error().what);
  return *taken;
}

std::vector<CareRow> changes(Database& database, CarePosition& position, std::size_t limit = 1000) {
  std::vector<CareRow> all;
  for (;;) {
    auto page = database.read([&](Transaction& t) { return care_changes(t, position, limit); });
    if (!page) FAIL(page.error().what);
    if (page->rows.empty()) return all;
    CHECK(page->rows.size() <= limit);
    CHECK(page->position > position);
    position = page->position;
    all.insert(all.end(), page->rows.begin(), page->rows.end());
  }
}
std::vector<CareRow> all_rows(Database& database) {
  CarePosition position;
  return changes(database, position);
}

std::vector<format::CareInfo> list(Database& database, const Authority& owner,
                                   std::optional<FileId> after = {}) {
  const auto files = database.read([&](Transaction& t) { return list_care(t, owner.owner(), after, 2); });
  if (!files) FAIL(files.error().what);
  return *files;
}

CareEnd try_end(Database& database, const Authority& owner, const FileId& file, std::int64_t seen) {
  const auto ended =
      database.write([&](Transaction& t) { return end_care(t, owner.owner(), file, seen, kNow); });
  if (!ended) FAIL(ended.error().what);
  return *ended;
}
bool end(Database& database, const Authority& owner, const FileId& file) {
  return try_end(database, owner, file, INT64_MAX) == CareEnd::ended;
}

std::optional<std::vector<format::CarePlace>> places(Database& database, const Authority& owner,
                                                     const FileId& file, std::int64_t after = 0,
                                                     std::optional<std::uint64_t> segment = {}) {
  const auto found = database.read(
      [&](Transaction& t) { return list_care_places(t, owner.owner(), file, after, segment, 100); });
  if (!found) FAIL(found.error().what);
  return *found;
}

NewCarePlace repaired(std::uint16_t place, std::uint64_t host) {
  crypto::SeededRandom random(host);
  NewCarePlace made;
  made.place = place;
  made.host = host_number(host);
  made.address = "127.0.0.99:4251";
  made.account = caretaker_number(0).account_id(made.host);
  random.fill(made.contract);
  made.sealed_control_seed = bridge_seal().seal(random, made.contract, random.bytes<32>());
  made.until_unix_s = kNow + 86400;
  return made;
}

template <class Work>
auto write(Database& database, Work work) {
  auto done = database.write(work);
  if (!done) FAIL(done.error().what);
  return *done;
}

}  // namespace

CONTRACT(care_is_kept, "a file in care is listed, told to repairs with all its lines, and ends whole") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  const CareDraft draft(1, 3);
  const auto early = try_entrust(*database, kOwner, draft.whole());
  REQUIRE(!early);
  CHECK(early.error().code == Code::not_found);  // the caretaker's key comes first
  give_key(*database, kOwner);
  give_key(*database, kOwner);
  CHECK(take(*database, kOwner, draft.whole()) ==
        format::CareTaken{.files = 1, .complete = 1, .segments = 3, .places = 9});
  const std::int64_t paid = used_by(*database, kOwner);
  CHECK(paid > static_cast<std::int64_t>(draft.whole().size() / 2));
  // Again: nothing is new, and nothing is charged.
  CHECK(take(*database, kOwner, draft.whole()) ==
        format::CareTaken{.files = 1, .complete = 1, .segments = 0, .places = 0});
  CHECK(used_by(*database, kOwner) == paid);

  const auto files = list(*database, kOwner);
  REQUIRE(files.size() == 1);
  CHECK(files[0] == format::CareInfo{.file = draft.file,
                                     .caretaker = kCaretaker,
                                     .is_complete = true,
                                     .segments = 3,
                                     .pieces = 9,
                                     .short_segments = 0,
                                     .repaired = 0,
                                     .added_unix_s = kNow,
                                     .audited_unix_s = {}});
  CHECK(list(*database, kOther).empty());

  const auto rows = all_rows(*database);
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].layout == plan::PlacedLayout{.k = 2, .m = 1, .mirrors = 1});
  CHECK(rows[1].piece_bytes == 4096);
  REQUIRE(rows[1].places.size() == 3);
  const auto hosts = *database->read([&](Transaction& t) { return care_hosts(t, 0); });
  REQUIRE(hosts.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(rows[1].places[i].place == i);
    CHECK(rows[1].places[i].host == hosts[i].key);
    CHECK(hosts[i].host == host_number(i));
    CHECK(!bool{rows[1].places[i].is_proved});
  }
  const auto text = *database->read([&](Transaction& t) { return care_text(t, rows[1].key); });
  REQUIRE(text);
  CHECK(text->owner == kOwner.owner());
  CHECK(text->path == kOwner.path());
  CHECK(text->file == draft.file);
  CHECK(text->header_line + "\n" + text->stanza_line + "\n" + text->layout_line + "\n" == draft.head);
  REQUIRE(text->piece_lines.size() == 3);
  CHECK(text->piece_lines[0] + "\n" + text->piece_lines[1] + "\n" + text->piece_lines[2] + "\n" ==
        draft.pieces[rows[1].segment]);
  CHECK(text->contracts[2][0] == std::byte{2});

  const auto key = *database->read(
      [&](Transaction& t) { return find_caretaker(t, bridge_seal(), kOwner.owner(), kCaretaker); });
  REQUIRE(key);
  CHECK(key->number() == format::kCaretakersBegin);
  CHECK(key->account_id(host_number(1)) == caretaker_number(0).account_id(host_number(1)));
  const CareSeal another(key_number(kBridgeNumber + 1));
  CHECK(!database->read(
      [&](Transaction& t) { return find_caretaker(t, another, kOwner.owner(), kCaretaker); }));
  CHECK(!database->write([&](Transaction& t) { return remove_care_key(t, kOwner.owner(), kCaretaker); }));

  // Its end is seen by whoever follows, and the bytes come back.
  CarePosition position;
  CHECK(changes(*database, position).size() == 3);
  CHECK(!end(*database, kOther, draft.file));
  CHECK(end(*database, kOwner, draft.file));
  CHECK(!end(*database, kOwner, draft.file));
  CHECK(used_by(*database, kOwner) == 3 * kRowChargeBytes);  // Hosts that nobody had named stay
  const auto ended = changes(*database, position, 2);
  REQUIRE(ended.size() == 3);
  for (const CareRow& row : ended) {
    CHECK(row.is_removed);
    CHECK(row.places.empty());
    CHECK(!*database->read([&](Transaction& t) { return care_text(t, row.key); }));
    CHECK(!write(*database,
                 [&](Transaction& t) { return add_care_place(t, row.key, repaired(0, 9), true, kNow); }));
  }
  CHECK(list(*database, kOwner).empty());
  // It can come back at once; and what ended is gone for good later.
  CHECK(take(*database, kOwner, draft.whole()).complete == 1);
  CHECK(changes(*database, position).size() == 3);
  CHECK(write(*database, [&](Transaction& t) { return sweep_care(t, kNow + kCareRemovedKeptS); }) == 1);
  CHECK(all_rows(*database).size() == 3);
  CHECK(end(*database, kOwner, draft.file));
  CHECK(write(*database, [&](Transaction& t) { return remove_care_key(t, kOwner.owner(), kCaretaker); }));
}

CONTRACT(care_in_parts, "a file counts when all its segments are there, and parts without the rest go") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 4), left(2, 2);
  CHECK(take(*database, kOwner, draft.part(2, 4) + left.part(0, 1)) ==
        format::CareTaken{.files = 2, .complete = 0, .segments = 3, .places = 9});
  CHECK(all_rows(*database).empty());
  CHECK(!list(*database, kOwner)[0].is_complete);
  CHECK(take(*database, kOwner, draft.part(0, 3)) ==
        format::CareTaken{.files = 1, .complete = 1, .segments = 2, .places = 6});
  CHECK(all_rows(*database).size() == 4);
  const std::int64_t paid = used_by(*database, kOwner);
  CHECK(write(*database, [&](Transaction& t) { return sweep_care(t, kNow + kCarePartKeptS - 1); }) == 0);
  CHECK(write(*database, [&](Transaction& t) { return sweep_care(t, kNow + kCarePartKeptS); }) == 1);
  CHECK(used_by(*database, kOwner) < paid);
  CHECK(list(*database, kOwner).size() == 1);
  CHECK(all_rows(*database).size() == 4);
}

CONTRACT(care_of_others, "two owners have care of one file each for himself; ids are taken by nobody") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  give_key(*database, kOther);
  const CareDraft draft(1, 1);
  take(*database, kOwner, draft.whole());
  take(*database, kOther, draft.whole());
  CHECK(used_by(*database, kOwner) ==
        used_by(*database, kOther) + 3 * kRowChargeBytes);  // its Hosts were new
  CHECK(end(*database, kOther, draft.file));
  CHECK(list(*database, kOwner).size() == 1);
  CHECK(places(*database, kOther, draft.file)->empty());
  CHECK(!places(*database, owner_number(5), draft.file));
  CHECK(places(*database, kOwner, draft.file));

  // Another writer's manifest of the same file id.
  CareDraft forged(1, 1);
  forged.head = CareDraft(1, 1, 1, 1).head;
  const auto other_layout = CareDraft(1, 1, 1, 1);
  CHECK(other_layout.file == draft.file);
  const auto refused = try_entrust(*database, kOwner, other_layout.whole());
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::denied);

  // A stanza that names nobody, whom a repair could seal no tag to.
  const CareDraft for_nobody(7, 1, 2, 1, 0, "inxtr1" + std::string(58, 'q'));
  const auto unsealed = try_entrust(*database, kOwner, for_nobody.whole());
  REQUIRE(!unsealed);
  CHECK(unsealed.error().code == Code::denied);

  // A small quota.
  const Authority poor = owner_number(3, {.can = format::Abilities::all(), .quota_bytes = 500});
  give_key(*database, poor);
  const auto over = try_entrust(*database, poor, draft.whole());
  REQUIRE(!over);
  CHECK(over.error().code == Code::quota);
  CHECK(list(*database, poor).empty());
}

CONTRACT(care_repairs, "repairs add places, mark and remove them, and each change is seen once") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 2);
  take(*database, kOwner, draft.whole());
  CarePosition position;
  const auto rows = changes(*database, position);
  const CareRow& row = rows[0];
  const CareHostKey lost_at = row.places[1].host;

  const auto mark = [&](CareMark what) {
    return write(*database, [&](Transaction& t) { return mark_care_place(t, row.key, 1, lost_at, what); });
  };
  CHECK(mark(CareMark::proved));
  CHECK(changes(*database, position).size() == 1);
  CHECK(mark(CareMark::proved));
  CHECK(changes(*database, position).empty());  // nothing was new
  CHECK(mark(CareMark::lost));
  CHECK(list(*database, kOwner)[0].short_segments == 1);
  auto seen = changes(*database, position);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].key == row.key);
  CHECK(bool{seen[0].places[1].is_lost});
  CHECK(bool{seen[0].places[1].is_proved});
  CHECK(
      !write(*database, [&](Transaction& t) { return mark_care_place(t, row.key, 1, 77, CareMark::lost); }));

  const NewCarePlace made = repaired(1, 9);
  for (int twice = 0; twice < 2; ++twice)
    CHECK(write(*database, [&](Transaction& t) { return add_care_place(t, row.key, made, true, kNow); }));
  seen = changes(*database, position);
  REQUIRE(seen.size() == 1);
  REQUIRE(seen[0].places.size() == 4);
  CHECK(bool{seen[0].places[3].is_ours});
  CHECK(bool{seen[0].places[3].is_proved});
  CHECK(seen[0].places[3].place == 1);
  const auto info = list(*database, kOwner)[0];
  CHECK(info.short_segments == 0);
  CHECK(info.repaired == 1);

  const auto told = places(*database, kOwner, draft.file);
  REQUIRE(told);
  REQUIRE(told->size() == 1);
  CHECK((*told)[0].place.place == Place{.segment = row.segment, .shard = 1, .mirror = 0});
  CHECK((*told)[0].place.host == host_number(9));
  CHECK((*told)[0].place.contract == made.contract);
  CHECK((*told)[0].uploader == format::kCaretakersBegin);
  const auto number = static_cast<std::int64_t>((*told)[0].number);
  CHECK(places(*database, kOwner, draft.file, number)->empty());
  CHECK(try_end(*database, kOwner, draft.file, number - 1) == CareEnd::more_places);
  CHECK(places(*database, kOwner, draft.file)->size() == 1);
  CHECK(places(*database, kOwner, draft.file, 0, row.segment)->size() == 1);
  CHECK(places(*database, kOwner, draft.file, 0, row.segment + 1)->empty());
  const auto contract =
      *database->read([&](Transaction& t) { return care_contract(t, row.key, 1, host_number(9)); });
  REQUIRE(contract);
  CHECK(contract->account == made.account);
  CHECK(bridge_seal().open(contract->contract, contract->sealed_control_seed));

  // The owner's word about places does not undo what was found, and later ones are added.
  CHECK(take(*database, kOwner, draft.whole()).places == 0);
  const std::string more = draft.head + draft.seal + draft.pieces[0] + CareDraft::place_line(0, 2, 11);
  CHECK(take(*database, kOwner, more).places == 1);
  CHECK(changes(*database, position).size() == 1);

  const auto remove = [&](std::uint16_t place, CareHostKey host) {
    return write(*database, [&](Transaction& t) { return remove_care_place(t, row.key, place, host); });
  };
  CHECK(remove(1, lost_at));
  CHECK(!remove(1, lost_at));
  CHECK(remove(1, seen[0].places[3].host));
  CHECK(places(*database, kOwner, draft.file)->empty());
  CHECK(list(*database, kOwner)[0].short_segments == 1);
  write(*database, [&](Transaction& t) -> Result<bool> {
    const std::array files{row.file};
    TRY(note_care_audit(t, files, kNow + 5));
    return true;
  });
  CHECK(list(*database, kOwner)[0].audited_unix_s == kNow + 5);

  // Who deletes its pieces is told of those that lie elsewhere, also when he tries again.
  CHECK(write(*database,
              [&](Transaction& t) { return add_care_place(t, row.key, repaired(2, 12), false, kNow); }));
  CHECK(try_end(*database, kOwner, draft.file, 0) == CareEnd::more_places);
  const auto last = static_cast<std::int64_t>(places(*database, kOwner, draft.file)->back().number);
  CHECK(try_end(*database, kOwner, draft.file, last) == CareEnd::ended);
  CHECK(write(*database, [&](Transaction& t) { return remove_care_key(t, kOwner.owner(), kCaretaker); }));
  const auto later = places(*database, kOwner, draft.file);
  REQUIRE(later);
  REQUIRE(later->size() == 1);
  CHECK((*later)[0].uploader == format::kCaretakersBegin);
  CHECK(!places(*database, kOther, draft.file));
}

CONTRACT(care_doubts, "readers' reports are taken once, about places that are known, and not without end") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 400);
  take(*database, kOwner, draft.whole());
  const auto doubt = [&](const Authority& owner, std::uint64_t segment, std::uint32_t shard,
                         std::uint64_t host) {
    const format::CareReport report{.file = draft.file,
                                    .place = {.segment = segment, .shard = shard, .mirror = 0},
                                    .host = host_number(host)};
    return write(*database, [&](Transaction& t) { return add_care_doubt(t, owner.owner(), report); });
  };
  CHECK(doubt(kOwner, 1, 2, 2));
  CHECK(doubt(kOwner, 1, 2, 2));
  CHECK(!doubt(kOwner, 1, 2, 1));
  CHECK(!doubt(kOwner, 1, 9, 1));
  CHECK(!doubt(kOwner, 500, 0, 0));
  CHECK(!doubt(kOther, 1, 2, 2));
  const auto taken = [&] {
    return write(*database, [&](Transaction& t) { return take_care_doubts(t, 5000); });
  };
  REQUIRE(taken().size() == 1);
  CHECK(taken().empty());
  std::size_t noted = 0;
  for (std::uint64_t segment = 0; segment < 400; ++segment)
    for (std::uint32_t shard = 0; shard < 3; ++shard) noted += doubt(kOwner, segment, shard, shard) ? 1 : 0;
  CHECK(noted == kCareDoubtsPerOwnerMax);
  CHECK(end(*database, kOwner, draft.file));
  CHECK(taken().empty());
}

CONTRACT(care_places_bounded,
         "of one piece only so many places are kept, and none that was proved goes for a told one") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 1);
  take(*database, kOwner, draft.whole());
  const auto tell = [&](std::uint64_t host) {
    const std::string line = CareDraft::place_line(0, 0, host);
    return take(*database, kOwner, draft.head + draft.seal + draft.pieces[0] + line).places;
  };
  for (std::uint64_t host = 10; host < 40; ++host) CHECK(tell(host) == 1);
  const auto row = [&] {
    const auto rows = all_rows(*database);
    REQUIRE(rows.size() == 1);
    return rows[0];
  };
  CHECK(row().places.size() == kCarePlacesKeptMax + 2);
  const auto hosts = *database->read([&](Transaction& t) { return care_hosts(t, 0); });
  CHECK(hosts[row().places.back().host - 1].host == host_number(39));

  // Where the piece really lies is not pushed out by any number of Hosts that somebody names.
  write(*database, [&](Transaction& t) { return add_care_place(t, row().key, repaired(0, 9), true, kNow); });
  const auto ours = row().places.back();
  CHECK(bool{ours.is_proved});
  for (std::uint64_t host = 40; host < 80; ++host) tell(host);
  CHECK(std::ranges::count(row().places, ours) == 1);
  for (const auto& place : row().places)
    if (place.place == 0)
      write(*database,
            [&](Transaction& t) { return mark_care_place(t, row().key, 0, place.host, CareMark::proved); });
  const auto before = row().places;
  CHECK(tell(99) == 0);
  CHECK(row().places == before);
  // A place that is lost goes first.
  write(*database,
        [&](Transaction& t) { return mark_care_place(t, row().key, 0, ours.host, CareMark::lost); });
  CHECK(tell(99) == 1);
  CHECK(row().places.size() == before.size());
  CHECK(std::ranges::count(row().places, ours.host, &PlaceOfCare::host) == 0);
}

CONTRACT(care_put_again,
         "a piece that is put again where it was lost is there again, under its new contract") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 1);
  take(*database, kOwner, draft.whole());
  const auto segment = all_rows(*database)[0].key;
  const auto add = [&](const NewCarePlace& place) {
    return write(*database, [&](Transaction& t) { return add_care_place(t, segment, place, true, kNow); });
  };
  const auto contract = [&] {
    return *database->read([&](Transaction& t) { return care_contract(t, segment, 1, host_number(9)); });
  };
  CHECK(add(repaired(1, 9)));
  const auto first = contract();
  NewCarePlace again = repaired(1, 9);
  again.contract[0] ^= std::byte{1};
  again.sealed_control_seed = Bytes(8, std::byte{7});
  CHECK(add(again));
  CHECK(contract()->contract == again.contract);
  CHECK(contract()->sealed_control_seed == again.sealed_control_seed);
  CHECK(contract()->number > first->number);
  CHECK(places(*database, kOwner, draft.file)->size() == 1);

  // The same as the owner's word: with the contract that was lost, nothing changes.
  const auto at = [&] { return all_rows(*database)[0].places; };
  const auto host = at()[0].host;
  write(*database, [&](Transaction& t) { return mark_care_place(t, segment, 0, host, CareMark::lost); });
  CHECK(take(*database, kOwner, draft.whole()).places == 0);
  CHECK(list(*database, kOwner)[0].short_segments == 1);
  std::string line = CareDraft::place_line(0, 0, 0);
  const auto hash = line.find(R"("contract":")") + 12;
  line.replace(hash, 2, "ff");
  CHECK(take(*database, kOwner, draft.head + draft.seal + draft.pieces[0] + line).places == 1);
  CHECK(list(*database, kOwner)[0].short_segments == 0);
  CHECK(std::ranges::count(at(), host, &PlaceOfCare::host) == 1);
}

CONTRACT(care_of_repairers, "whose account has a contract is kept with its place, through all that happens") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 1);
  const std::uint32_t repairer = format::kCaretakersBegin + 9;
  take(*database, kOwner, draft.whole());
  const auto segment = all_rows(*database)[0].key;
  const auto text = [&] { return **database->read([&](Transaction& t) { return care_text(t, segment); }); };
  const auto uploader_at = [&](std::uint64_t host) {
    const auto hosts = *database->read([&](Transaction& t) { return care_hosts(t, 0); });
    const auto now = text();
    REQUIRE(now.uploaders.size() == now.row.places.size());
    for (std::size_t i = 0; i < now.row.places.size(); ++i)
      if (hosts[now.row.places[i].host - 1].host == host_number(host)) return now.uploaders[i];
    FAIL("no such place");
    return UINT32_MAX;
  };
  const auto tell = [&](const std::string& line) {
    return take(*database, kOwner, draft.head + draft.seal + draft.pieces[0] + line).places;
  };
  CHECK(text().uploaders == std::vector<std::uint32_t>(3, 0));
  CHECK(tell(CareDraft::place_line(0, 1, 7, repairer)) == 1);
  CHECK(uploader_at(7) == repairer);
  CHECK(uploader_at(1) == 0);
  // One that was kept before its number was: told again it is the repairer's, and stays so.
  CHECK(tell(CareDraft::place_line(0, 1, 8)) == 1);
  CHECK(uploader_at(8) == 0);
  CHECK(tell(CareDraft::place_line(0, 1, 8, repairer + 1)) == 0);
  CHECK(uploader_at(8) == repairer + 1);
  CHECK(tell(CareDraft::place_line(0, 1, 8)) == 0);
  CHECK(uploader_at(8) == repairer + 1);
  // Others come, are marked and go.
  CHECK(write(*database,
              [&](Transaction& t) { return add_care_place(t, segment, repaired(1, 9), true, kNow); }));
  const auto first = text().row.places.front();
  CHECK(write(*database, [&](Transaction& t) {
    return mark_care_place(t, segment, first.place, first.host, CareMark::proved);
  }));
  CHECK(write(*database,
              [&](Transaction& t) { return remove_care_place(t, segment, first.place, first.host); }));
  CHECK(uploader_at(7) == repairer);
  CHECK(uploader_at(8) == repairer + 1);
  // The first of too many goes, with its number.
  for (std::uint64_t host = 20; host < 20 + kCarePlacesKeptMax; ++host)
    tell(CareDraft::place_line(0, 1, host, repairer + static_cast<std::uint32_t>(host)));
  for (std::uint64_t host = 30; host < 20 + kCarePlacesKeptMax; ++host)
    CHECK(uploader_at(host) == repairer + static_cast<std::uint32_t>(host));
}

CONTRACT(care_of_segments_ends, "the care of some segments ends, is seen, and does not come back") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 5);
  take(*database, kOwner, draft.whole());
  const std::int64_t paid = used_by(*database, kOwner);
  CarePosition position;
  const auto rows = changes(*database, position);
  REQUIRE(rows.size() == 5);
  const auto add = [&](std::size_t segment, std::uint64_t host) {
    return write(*database, [&](Transaction& t) {
      return add_care_place(t, rows[segment].key, repaired(1, host), true, kNow);
    });
  };
  CHECK(add(1, 9));
  CHECK(add(4, 9));
  const auto last = static_cast<std::int64_t>(places(*database, kOwner, draft.file)->back().number);
  changes(*database, position);
  const auto end_some = [&](const Authority& owner, std::uint64_t first, std::uint64_t until,
                            std::int64_t seen) {
    return write(*database, [&](Transaction& t) {
      return end_care_segments(t, owner.owner(), draft.file, first, until, seen);
    });
  };
  CHECK(end_some(kOther, 1, 2, last) == CareEnd::not_in_care);
  CHECK(end_some(kOwner, 1, 2, 0) == CareEnd::more_places);
  CHECK(changes(*database, position).empty());
  CHECK(end_some(kOwner, 1, 2, last - 1) == CareEnd::ended);  // the last one is of another segment
  CHECK(end_some(kOwner, 1, 2, last) == CareEnd::ended);
  const auto ended = changes(*database, position);
  REQUIRE(ended.size() == 2);
  for (const CareRow& row : ended) {
    CHECK(row.is_removed);
    CHECK(row.places.empty());
    CHECK(!*database->read([&](Transaction& t) { return care_text(t, row.key); }));
  }
  CHECK(!add(1, 10));
  CHECK(add(0, 10));
  const std::int64_t left = used_by(*database, kOwner);
  CHECK(left < paid);
  CHECK(changes(*database, position).size() == 1);
  // Nothing of them is short, and told again they stay as they are.
  CHECK(list(*database, kOwner)[0].short_segments == 0);
  CHECK(list(*database, kOwner)[0].is_complete);
  CHECK(take(*database, kOwner, draft.whole()) ==
        format::CareTaken{.files = 1, .complete = 1, .segments = 0, .places = 0});
  CHECK(used_by(*database, kOwner) == left);
  CHECK(changes(*database, position).empty());
  // Where pieces of theirs lie elsewhere is told on: whoever could not delete them tries again.
  CHECK(places(*database, kOwner, draft.file)->size() == 3);
  CHECK(end(*database, kOwner, draft.file));
  CHECK(changes(*database, position).size() == 5);
  CHECK(used_by(*database, kOwner) == 3 * kRowChargeBytes);
}

CONTRACT(care_pages, "a file's places come in pages, in their order, with those of care that ended before") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  const CareDraft draft(1, 3), other(2, 1);
  take(*database, kOwner, other.whole());
  const auto add_to_all = [&](const FileId&, std::uint64_t host) {
    for (const CareRow& row : all_rows(*database))
      if (!row.is_removed)
        for (std::uint16_t place = 0; place < 3; ++place)
          CHECK(write(*database, [&](Transaction& t) {
            return add_care_place(t, row.key, repaired(place, host), true, kNow);
          }));
  };
  for (std::uint64_t round = 0; round < 3; ++round) {
    take(*database, kOwner, draft.whole());
    add_to_all(draft.file, 10 + 2 * round);
    add_to_all(draft.file, 11 + 2 * round);
    if (round < 2) CHECK(end(*database, kOwner, draft.file));
  }
  const auto page = [&](std::int64_t after, std::optional<std::uint64_t> segment = {}) {
    return **database->read(
        [&](Transaction& t) { return list_care_places(t, kOwner.owner(), draft.file, after, segment, 4); });
  };
  std::vector<format::CarePlace> all;
  for (;;) {
    const auto some = page(all.empty() ? 0 : static_cast<std::int64_t>(all.back().number));
    if (some.empty()) break;
    CHECK(some.size() <= 4);
    all.insert(all.end(), some.begin(), some.end());
  }
  CHECK(all.size() == 3 * 2 * 9);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].number < all[i].number);
  std::size_t of_segment = 0;
  for (std::int64_t after = 0;;) {
    const auto some = page(after, 1);
    if (some.empty()) break;
    for (const format::CarePlace& place : some) CHECK(place.place.place.segment == 1);
    of_segment += some.size();
    after = static_cast<std::int64_t>(some.back().number);
  }
  CHECK(of_segment == 3 * 2 * 3);
}

CONTRACT(care_of_version_7, "what an earlier version kept is told, and read as the header's") {
  const World world;
  const auto database = open(world);
  const sys::ManualClock clock(kNow);
  REQUIRE(database::migrate(*database, schema().first(7), clock));
  FileId file;
  file.bytes.fill(std::byte{1});
  const Bytes path(32, std::byte{2}), none;
  const PlaceOfCare at{.host = 1, .place = 2, .is_lost = false, .is_proved = true, .is_ours = false};
  write(*database, [&](Transaction& t) -> Result<void> {
    TRY(t.execute(
        "INSERT INTO care_files (owner, file, caretaker, uploader, k, m, mirrors, segments, there, repaired,"
        " added, charged_bytes, path, header, stanza, layout)"
        " VALUES ($1, $2, $3, 6, 2, 1, 1, 1, 1, 1, $4, 0, $3, '', '', '')",
        {kOwner.owner(), file, path, kNow}));
    TRY(t.execute(
        "INSERT INTO care_segments (file, segment, change, piece_bytes, lacking, charged_bytes, path,"
        " places, contracts, lines) VALUES (1, 0, 5, 16, 0, 0, $1, $2, $1, '')",
        {path, pack_places(std::array{at})}));
    TRY(t.execute(
        "INSERT INTO care_places (segment, place, host, account, uploader, contract, receipt, until,"
        " added, control_seed, address) VALUES (1, 1, $1, $1, 7, $1, $1, 0, 0, $2, 'h:1')",
        {path, none}));
    return {};
  });
  make_tables(*database);
  const auto told = places(*database, kOwner, file);
  CHECK(told->size() == 1);
  const auto text = *database->read([&](Transaction& t) { return care_text(t, 1); });
  REQUIRE(text);
  CHECK(text->uploaders == std::vector<std::uint32_t>{6});
}

CONTRACT(care_charges_stay_true,
         "entrusting and ending again and again leaves nothing behind that nobody pays") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  give_key(*database, kOwner);
  std::int64_t paid = 0;
  for (std::uint64_t round = 0; round < 3; ++round) {
    CareDraft draft(1, 1);
    draft.places[0] = CareDraft::place_line(0, 0, 1000 + round);
    take(*database, kOwner, draft.whole());
    CHECK(end(*database, kOwner, draft.file));
    CHECK(used_by(*database, kOwner) == paid + kRowChargeBytes);
    paid = used_by(*database, kOwner);
  }
  const auto left = *database->read([&](Transaction& t) -> Result<std::int64_t> {
    const auto rows =
        TRY(t.query("SELECT CAST(SUM(length(header) + length(stanza) + length(layout)) AS {int64}) "
                    "FROM care_files"));
    return rows[0].integer(0);
  });
  CHECK(left == 0);
}
