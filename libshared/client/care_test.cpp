// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/care.h"

#include <sys/mman.h>
#include <unistd.h>

#include "client/care_end.h"
#include "client/later_places.h"
#include "format/certificate.h"
#include "net/event_loop.h"
#include "support/care_drafts.h"
#include "sys/files.h"

using namespace inxt;
using namespace inxt::client;
using namespace inxt::testing;
using net::Awaitable;

namespace {

/// As a Bridge takes bodies: each is read as it would be.
class MemoryCare final : public transfer::BridgeCare {
 public:
  Awaitable<Result<AccountId>> put_key(const format::CareKey&) override { co_return AccountId{}; }
  Awaitable<Result<void>> remove_key(const AccountId&) override { co_return Result<void>{}; }
  Awaitable<Result<format::CareTaken>> entrust(std::string body) override {
    ++bodies;
    const auto read = format::read_care_request(body);
    if (!read) co_return std::unexpected(read.error());
    readings += read->readings.size();
    format::CareTaken taken;
    taken.files = read->files.size();
    for (const format::CareFile& file : read->files)
      for (const format::CareSegment& segment : file.segments) {
        segments[{file.header.file, segment.number}] = segment.places.size();
        ++taken.segments;
      }
    co_return taken;
  }
  Awaitable<Result<std::vector<format::CareInfo>>> list(const std::optional<FileId>&,
                                                        std::uint32_t) override {
    co_return std::vector<format::CareInfo>();
  }
  Awaitable<Result<std::vector<format::CarePlace>>> places(const FileId&, std::uint64_t after,
                                                           std::optional<std::uint64_t>) override {
    std::vector<format::CarePlace> page;
    for (const format::CarePlace& place : made)
      if (place.number > after && page.size() < 2) page.push_back(place);
    co_return page;
  }
  Awaitable<Result<transfer::CareEnded>> end(const FileId&, std::uint64_t seen) override {
    ++ends;
    if (places_at_end > 0) {
      --places_at_end;
      add_place();
    }
    if (!made.empty() && made.back().number > seen) co_return transfer::CareEnded::more_places;
    co_return transfer::CareEnded::ended;
  }
  Awaitable<Result<transfer::CareEnded>> end_segments(const FileId& file, transfer::CareSegments run,
                                                      std::uint64_t seen) override {
    const auto ended = co_await end(file, seen);
    if (*ended == transfer::CareEnded::ended) runs.emplace_back(run.first, run.last);
    co_return ended;
  }
  Awaitable<Result<void>> report(const format::CareReport&) override { co_return Result<void>{}; }

  void add_place() {
    format::CarePlace place;
    place.number = made.size() + 1;
    made.push_back(place);
  }

  std::map<std::pair<FileId, std::uint64_t>, std::size_t> segments;
  std::vector<format::CarePlace> made;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> runs;  // whose care was ended
  std::size_t bodies = 0, readings = 0, ends = 0;
  int places_at_end = 0;
};

Result<CareText> text_of_manifest(const std::string& manifest) {
  const sys::Fd file(::memfd_create("care", MFD_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of(manifest), "a manifest"));
  REQUIRE(::lseek(file.number(), 0, SEEK_SET) == 0);
  LineReader lines(file.number(), "manifest");
  return CareText::read(lines, "manifest", format::any_writer());
}
/// As inxt-put writes it: places come when they come.
std::string manifest_of(const CareDraft& draft) {
  std::string text = draft.head;
  for (const std::string& pieces : draft.pieces) text += pieces;
  for (auto places = draft.places.rbegin(); places != draft.places.rend(); ++places) text += *places;
  return text + draft.seal;
}

struct CareWorld {
  CareWorld() { crypto::start(); }
  keys::Key key = [] {
    ByteArray<32> entropy{};
    return keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy));
  }();
  sys::ManualClock clock{1'800'000'000};
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  MemoryCare bridge;
  CareSender sender{bridge, key, crypto::SeededRandom(6).bytes<32>(), AccountId{}, clock, random};
};

}  // namespace

TEST_CASE("care: a manifest's lines are brought into their order, however its places came") {
  const CareDraft draft(1, 3);
  const auto text = text_of_manifest(manifest_of(draft));
  if (!text) FAIL(text.error().what);
  CHECK(text->begin() == draft.head + draft.seal);
  REQUIRE(text->segments() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(text->segment(i) == draft.pieces[i] + draft.places[i]);
  CHECK(text->accounts().size() == 3);
  CHECK(text->unplaced() == 0);
  const auto bare =
      text_of_manifest(draft.head + draft.pieces[0] + draft.pieces[1] + draft.pieces[2] + draft.seal);
  REQUIRE(bare);
  CHECK(bare->unplaced() == 9);
  // What was repaired under another number is read as that one's.
  const std::uint32_t repairer = format::kCaretakersBegin + 4;
  const auto repaired = text_of_manifest(manifest_of(draft) + CareDraft::place_line(0, 0, 7, repairer));
  REQUIRE(repaired);
  CHECK(repaired->accounts().back() == std::pair{repairer, host_number(7)});
  // Of many places the latest are told.
  std::string many = manifest_of(draft);
  for (std::uint64_t host = 20; host < 40; ++host) many += CareDraft::place_line(0, 0, host);
  const auto latest = text_of_manifest(many);
  REQUIRE(latest);
  CHECK(latest->segment(0).contains(host_number(39).hex()));
  CHECK(!latest->segment(0).contains(host_number(20).hex()));

  CHECK(!text_of_manifest(""));
  CHECK(!text_of_manifest(draft.head + draft.pieces[0]));
  CHECK(!text_of_manifest(manifest_of(draft).substr(5)));
}

TEST_CASE("care: many files go in one body, and one of many segments in several") {
  CareWorld world;
  std::vector<CareText> texts;
  for (std::uint64_t i = 1; i <= 20; ++i) texts.push_back(*text_of_manifest(manifest_of(CareDraft(i, 2))));
  for (const CareText& text : texts) REQUIRE(world.loop.run(world.sender.add(text)));
  CHECK(world.bridge.bodies == 0);
  REQUIRE(world.loop.run(world.sender.flush()));
  CHECK(world.bridge.bodies == 1);
  CHECK(world.bridge.segments.size() == 40);
  CHECK(world.sender.taken().files == 20);
  REQUIRE(world.loop.run(world.sender.flush()));
  CHECK(world.bridge.bodies == 1);
  CHECK(world.bridge.readings == 0);  // another owner's writer

  const CareDraft large(99, 3000, 4, 2);  // its lines have some 11 MiB
  const auto text = text_of_manifest(manifest_of(large));
  REQUIRE(text);
  REQUIRE(world.loop.run(world.sender.add(*text)));
  REQUIRE(world.loop.run(world.sender.flush()));
  CHECK(world.bridge.bodies >= 3);
  CHECK(world.bridge.segments.size() == 3040);
  CHECK(world.bridge.segments.at({large.file, 2999}) == 6);
}

TEST_CASE("care: it ends when all places have been seen, and not by a Bridge that never stops") {
  CareWorld world;
  for (int i = 0; i < 5; ++i) world.bridge.add_place();
  world.bridge.places_at_end = 1;
  auto places = world.loop.run(end_care(world.bridge, FileId{}));
  REQUIRE(places);
  CHECK(places->size() == 6);
  CHECK(world.bridge.ends == 2);
  world.bridge.places_at_end = 100;
  places = world.loop.run(end_care(world.bridge, FileId{}));
  REQUIRE(!places);
  CHECK(places.error().code == Code::try_again);
}

TEST_CASE("care: of what a Bridge tells a reader tries the latest, and no more than an honest one says") {
  std::vector<format::CarePlace> told;
  const auto tell = [&](std::uint64_t segment, std::uint32_t uploader, std::string address = "192.0.2.1:1") {
    format::CarePlace place;
    place.number = told.size() + 1;
    place.uploader = uploader;
    place.place.place.segment = segment;
    place.place.address = std::move(address);
    told.push_back(place);
  };
  const auto caretaker = format::kCaretakersBegin;
  std::set<std::uint32_t> caretakers;
  for (int i = 0; i < 3; ++i) tell(0, caretaker);
  tell(0, 0);  // the owner's own number, and no address
  tell(0, caretaker, "nowhere");
  const auto few = worth_reading(told, caretakers);
  REQUIRE(few.size() == 3);
  CHECK(few.front().number == 3);
  CHECK(few.back().number == 1);
  told.clear();
  for (std::uint32_t i = 0; i < 1000; ++i) tell(7, caretaker);
  CHECK(worth_reading(told, caretakers).size() == kPlacesAddedPerPieceMax);
  told.clear();
  for (std::uint32_t i = 0; i < 1000; ++i) tell(i, caretaker + i);
  CHECK(worth_reading(told, caretakers).size() == kCaretakersReadMax);
  CHECK(caretakers.size() == kCaretakersReadMax);
  for (auto& place : told) place.uploader += 5000;
  CHECK(worth_reading(told, caretakers).empty());
}

TEST_CASE("care: of some segments it ends run by run, each once, with all places seen") {
  CareWorld world;
  for (int i = 0; i < 5; ++i) world.bridge.add_place();
  world.bridge.places_at_end = 1;
  const std::vector<transfer::CareSegments> runs{{.first = 0, .last = 2}, {.first = 7, .last = 7}};
  const auto places = world.loop.run(end_care_segments(world.bridge, FileId{}, runs));
  REQUIRE(places);
  CHECK(places->size() == 6);
  CHECK(world.bridge.runs == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 2}, {7, 7}});
  world.bridge.places_at_end = 100;
  const auto never = world.loop.run(end_care_segments(world.bridge, FileId{}, runs));
  REQUIRE(!never);
  CHECK(never.error().code == Code::try_again);
}
