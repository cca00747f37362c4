// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/care_requests.h"

#include "format/care_answers.h"
#include "support/care_lines.h"

using namespace inxt;
using namespace inxt::testing;

namespace {

const AccountId kCaretaker{crypto::SeededRandom(1).bytes<32>()};

std::string body_of(const std::string& lines) {
  return format::write_care_head(kCaretaker, {}) + lines;
}
void refused(const std::string& lines, std::string_view why) {
  const auto read = format::read_care_request(body_of(lines));
  REQUIRE(!read);
  CAPTURE(read.error().what);
  CHECK(read.error().code == Code::integrity);
  CHECK(read.error().what.contains(why));
}

}  // namespace

TEST_CASE("care: whole files and parts of them are read as they were written") {
  const CareDraft one(1, 3), two(2, 1, 1, 0);
  format::CareReading reading;
  reading.uploader = 3;
  reading.host = host_number(1);
  reading.capability = "a.b.c";
  const std::string body = format::write_care_head(kCaretaker, {reading}) + one.part(1, 3) + two.whole();
  const auto read = format::read_care_request(body);
  if (!read) FAIL(read.error().what);
  CHECK(read->caretaker == kCaretaker);
  REQUIRE(read->readings.size() == 1);
  CHECK(read->readings[0].uploader == 3);
  CHECK(read->readings[0].capability == "a.b.c");
  REQUIRE(read->files.size() == 2);
  const format::CareFile& file = read->files[0];
  CHECK(file.header.file == one.file);
  CHECK(std::string(file.header_line) + "\n" + std::string(file.stanza_line) + "\n" +
            std::string(file.layout_line) + "\n" ==
        one.head);
  CHECK(file.seal.segments == 3);
  REQUIRE(file.segments.size() == 2);
  CHECK(file.segments[0].number == 1);
  CHECK(file.segments[1].lines == one.pieces[2]);
  CHECK(file.segments[1].pieces.size() == 3);
  CHECK(file.segments[1].piece_bytes == 4096);
  REQUIRE(file.segments[1].places.size() == 3);
  CHECK(file.segments[1].places[2].host == host_number(2));
  CHECK(read->files[1].segments.size() == 1);
}

TEST_CASE("care: what is cut, in another order, or not signed by the header's writer is refused") {
  const CareDraft one(1, 2), other(2, 2);
  CHECK(!format::read_care_request(""));
  CHECK(!format::read_care_request("{}\n"));
  refused(one.head, "has no segment");
  refused(one.head + one.pieces[0], "before the seal");
  refused(one.head + one.seal + one.places[0], "behind the pieces");
  const std::string first_piece = one.pieces[0].substr(0, one.pieces[0].find('\n') + 1);
  refused(one.head + one.seal + first_piece, "lacks pieces");
  refused(one.head + one.seal + first_piece + one.pieces[1], "in their order");
  refused(one.part(1, 2) + one.pieces[0], "ascending");
  refused(one.whole() + one.pieces[1], "ascending");
  refused(one.head + one.seal + other.pieces[0], "signature is wrong");
  refused(one.head + other.seal + one.pieces[0], "signature is wrong");
  refused(one.head + one.head, "has no segment");
  refused(one.head + one.head.substr(one.head.find("\n") + 1), "one stanza");
  refused(one.whole() + "{\"type\":\"reading\"}\n", "before the first file");
  refused(one.whole().substr(0, one.whole().size() - 1), "no newline");
  const std::string of_caretaker = CareDraft(3, 1, 2, 1, format::kCaretakersBegin).whole();
  refused(of_caretaker, "signs no file");
  std::string many = one.head + one.seal + one.pieces[0];
  for (std::uint64_t i = 0; i <= format::kCarePlacesPerPieceMax; ++i) many += CareDraft::place_line(0, 0, i);
  refused(many, "kCarePlacesPerPieceMax");
}

TEST_CASE("care: each byte that is changed is noticed, or changes nothing that counts") {
  const CareDraft one(1, 1);
  const std::string body = body_of(one.head + one.seal + one.pieces[0]);
  const std::size_t begin = body.find('\n') + 1;
  for (std::size_t i = begin; i < body.size(); ++i) {
    std::string changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CAPTURE(i);
    CHECK(!format::read_care_request(changed));
  }
}

TEST_CASE("care: answers and short requests are read as they were written") {
  format::CareKey key;
  key.uploader = format::kCaretakersBegin + 5;
  key.uploader_key = crypto::Key(crypto::SeededRandom(2).bytes<32>());
  const auto text = format::write_care_key(key);
  const auto read = format::read_care_key(text.text());
  REQUIRE(read);
  CHECK(read->uploader == key.uploader);
  CHECK(std::ranges::equal(read->uploader_key.view(), key.uploader_key.view()));
  CHECK(!format::read_care_key(std::string(text.text()) + " "));
  key.uploader = 5;
  CHECK(!format::read_care_key(format::write_care_key(key).text()));

  format::CareInfo info{.file = CareDraft(1, 1).file,
                        .caretaker = kCaretaker,
                        .is_complete = true,
                        .segments = 3,
                        .pieces = 9,
                        .short_segments = 1,
                        .repaired = 2,
                        .added_unix_s = 1'800'000'000,
                        .audited_unix_s = {}};
  for (int i = 0; i < 2; ++i) {
    std::string line = format::write_care_info(info);
    line.pop_back();
    const auto back = format::read_care_info(line, "line 1");
    REQUIRE(back);
    CHECK(*back == info);
    info.audited_unix_s = 1'800'000'001;
  }
  const format::CareTaken taken{.files = 1, .complete = 2, .segments = 3, .places = 4};
  std::string line = format::write_care_taken(taken);
  line.pop_back();
  CHECK(*format::read_care_taken(line) == taken);

  const format::CareReport report{
      .file = info.file, .place = {.segment = 7, .shard = 2, .mirror = 1}, .host = host_number(3)};
  const auto again = format::read_care_report(format::write_care_report(report));
  REQUIRE(again);
  CHECK(again->file == report.file);
  CHECK(again->place == report.place);
  CHECK(again->host == report.host);
}
