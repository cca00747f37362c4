// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <algorithm>

#include "transfer/segment_joiner.h"
#include "client/segment_maker.h"
#include "proof/tree.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

using test::MemorySource;
using test::random_bytes;

const FileId kFile = *FileId::parse("000102030405060708090a0b0c0d0e0f");

format::Layout layout_of(std::uint32_t k, std::uint32_t m, std::uint32_t mirrors,
                         std::uint32_t shard_bytes = 4096) {
  format::Layout layout{.k = k, .m = m, .mirrors = mirrors, .shard_bytes = shard_bytes};
  layout.seal_key.fill(std::byte{7});
  return layout;
}

struct Stored {
  std::vector<format::PieceLine> lines;
  std::vector<Bytes> bytes;
  std::vector<std::uint64_t> segment_bytes;
};

Stored make_pieces(const Bytes& data, const format::Layout& layout) {
  auto maker = SegmentMaker::make(std::make_unique<MemorySource>(data), layout, kFile);
  REQUIRE(maker);
  Stored stored;
  std::unique_ptr<Segment> segment;
  for (;;) {
    auto next = maker->next(std::move(segment));
    REQUIRE(next);
    segment = *std::move(next);
    if (!segment) break;
    CHECK(segment->number == stored.segment_bytes.size());
    CHECK(segment->pieces.size() == layout.pieces_per_segment());
    stored.segment_bytes.push_back(segment->ciphertext_bytes);
    for (const auto& piece : segment->pieces) {
      CHECK(piece.line.last.has_value() == segment->last);
      CHECK(piece.line.id == proof::piece_id_of(piece.bytes));
      stored.lines.push_back(piece.line);
      stored.bytes.push_back(copy_of(piece.bytes));
    }
  }
  return stored;
}

/// Joins with the pieces for which `keep` is true.
Result<Bytes> join(Stored stored, const format::Layout& layout, auto keep) {
  const auto joiner = TRY(transfer::SegmentJoiner::make(layout, kFile));
  Bytes all;
  Bytes room;
  for (std::uint64_t number = 0; number < stored.segment_bytes.size(); ++number) {
    std::vector<transfer::PieceInHand> pieces;
    for (std::size_t i = 0; i < stored.lines.size(); ++i)
      if (stored.lines[i].place.segment == number && keep(stored.lines[i].place))
        pieces.push_back({stored.lines[i].place, stored.bytes[i]});
    for (const auto& view : TRY(joiner.join(number, stored.segment_bytes[number], pieces, room)))
      append(all, view);
  }
  return all;
}

TEST_CASE("what is cut is joined again, at every edge") {
  for (const auto& layout :
       {layout_of(4, 2, 1), layout_of(1, 0, 1), layout_of(1, 0, 3), layout_of(3, 1, 1), layout_of(2, 5, 1)}) {
    const auto segment = layout.segment_bytes();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{17},
          std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, segment - 1, segment, segment + 1,
          3 * segment - 1, 3 * segment, 3 * segment + 1}) {
      CAPTURE(layout.k);
      CAPTURE(layout.m);
      CAPTURE(size);
      const auto data = random_bytes(size, size);
      const auto stored = make_pieces(data, layout);
      CHECK(stored.segment_bytes.size() == layout.segments(size));
      const auto all = join(stored, layout, [](const Place&) { return true; });
      REQUIRE(all);
      CHECK(*all == data);
      // Without any data shard that parity can stand in for; or with the last mirror alone.
      const auto rebuilt = join(stored, layout, [&](const Place& place) {
        return place.shard >= layout.m && place.mirror == layout.mirrors - 1;
      });
      REQUIRE(rebuilt);
      CHECK(*rebuilt == data);
    }
  }
}

TEST_CASE("any K shards are enough, and K-1 are not") {
  for (const auto& [k, m] : {std::pair{1U, 1U}, {2U, 1U}, {4U, 2U}, {3U, 3U}, {5U, 2U}}) {
    const auto layout = layout_of(k, m, 1);
    const auto data = random_bytes(layout.segment_bytes() + 777, k);
    const auto stored = make_pieces(data, layout);
    for (std::uint32_t kept = 0; kept < 1U << (k + m); ++kept) {
      const auto count = static_cast<std::uint32_t>(std::popcount(kept));
      if (count != k && count != k - 1) continue;
      CAPTURE(k);
      CAPTURE(kept);
      const auto joined =
          join(stored, layout, [&](const Place& place) { return (kept >> place.shard & 1) != 0; });
      CHECK(joined.has_value() == (count == k));
      if (joined) CHECK(*joined == data);
      if (!joined) CHECK(joined.error().code == Code::too_few_pieces);
    }
  }
}

TEST_CASE("large codes, sampled") {
  crypto::SeededRandom random(9);
  for (const auto& [k, m] : {std::pair{10U, 10U}, {29U, 51U}, {64U, 64U}}) {
    const auto layout = layout_of(k, m, 1);
    const auto data = random_bytes(layout.segment_bytes() + 100'001, k);
    const auto stored = make_pieces(data, layout);
    for (int sample = 0; sample < 3; ++sample) {
      std::vector<bool> lost(k + m);
      for (std::uint32_t count = 0; count < m;) {
        const auto shard = random.below(k + m);
        if (!lost[shard]) ++count;
        lost[shard] = true;
      }
      const auto joined = join(stored, layout, [&](const Place& place) { return !lost[place.shard]; });
      REQUIRE(joined);
      CHECK(*joined == data);
    }
  }
}

TEST_CASE("no two pieces of a file have the same bytes") {
  const auto stored = make_pieces(Bytes(3 * 4096), layout_of(1, 0, 4));
  for (std::size_t i = 0; i < stored.bytes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(stored.bytes[i] != stored.bytes[j]);
}

TEST_CASE("a piece is remade byte for byte") {
  const auto layout = layout_of(4, 2, 1);
  auto stored = make_pieces(random_bytes(10'000), layout);
  const auto joiner = *transfer::SegmentJoiner::make(layout, kFile);
  for (std::uint32_t lost = 0; lost < 6; ++lost) {
    auto copy = stored;
    std::vector<transfer::PieceInHand> pieces;
    for (std::size_t i = 0; i < 6; ++i)
      if (i != lost && i != (lost + 1) % 6) pieces.push_back({copy.lines[i].place, copy.bytes[i]});
    const Place wanted[] = {stored.lines[lost].place, stored.lines[(lost + 3) % 6].place};
    const auto made = joiner.remake(0, 10'000, pieces, wanted);
    REQUIRE(made);
    CHECK((*made)[0] == stored.bytes[lost]);
    CHECK((*made)[1] == stored.bytes[(lost + 3) % 6]);
  }
}

TEST_CASE("a changed piece, or one of another size, is told") {
  const auto layout = layout_of(4, 2, 1);
  auto stored = make_pieces(random_bytes(10'000), layout);
  CHECK(transfer::check_piece(stored.lines[2], stored.bytes[2]));
  for (const std::size_t at : {std::size_t{0}, stored.bytes[2].size() - 1}) {
    auto changed = stored.bytes[2];
    changed[at] ^= std::byte{1};
    CHECK(transfer::check_piece(stored.lines[2], changed).error().code == Code::integrity);
  }
  CHECK_FALSE(transfer::check_piece(stored.lines[2], ByteView(stored.bytes[2]).first(100)));
  CHECK_FALSE(transfer::check_piece(stored.lines[2], stored.bytes[3]));
}

TEST_CASE("the source's failure is the maker's") {
  auto maker = *SegmentMaker::make(std::make_unique<test::BrokenSource>(20'000), layout_of(4, 2, 1), kFile);
  REQUIRE(maker.next());
  CHECK(maker.next().error().what == "broken source");
}

}  // namespace
}  // namespace inxt::client
