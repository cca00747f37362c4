// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/challenge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "proof/tree.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::proof;

namespace {

PieceId id(std::string_view text) {
  return *PieceId::parse(text);
}

PieceId small_id(std::uint8_t n) {
  PieceId out;
  out.bytes[0] = std::byte{n};
  return out;
}

Beacon counting_beacon() {
  Beacon beacon;
  for (std::size_t i = 0; i < 32; ++i) beacon[i] = static_cast<std::byte>(i);
  return beacon;
}

HostId counting_host() {
  HostId host;
  for (std::size_t i = 0; i < 32; ++i) host.bytes[i] = static_cast<std::byte>(32 + i);
  return host;
}

// The pieces of tree_test's "piece ids are fixed", not in order.
std::vector<SetPiece> three_pieces() {
  return {{id("89168c752d7249379745c3de11f729fb07ddfa2c56f329d644ec82f3e77e7097"), 1},
          {id("b8807f2d7d204a310b0c99b126887cede4a9b4b9c2f94691644255835bbd9232"), 4097},
          {id("47af119ef16860d70d90f1a1f2f268ef19c97ca75c38662eec136dfc1ba2f0fe"), 300'000}};
}

}  // namespace

// Computed by an independent Python program from the format's text.
TEST_CASE("set hash, challenge and samples are fixed") {
  auto set = AuditSet::make(three_pieces());
  REQUIRE(set);
  CHECK(set->blocks() == 77);
  CHECK(set->bytes() == 304'098);
  CHECK(to_hex(set->hash()) == "f5f0f1f397d88aa7d01fa4a9ce89e2ecc53165285082e8a8d0d1f40e1e3ba6c3");

  auto challenge = derive_challenge(counting_beacon(), counting_host(), *set, 5);
  REQUIRE(challenge);
  CHECK(to_hex(challenge->hash) == "bddf5051145afb7b6780a2675bf13cfb109102a4f41745caa1221e90af26485f");
  CHECK(challenge->samples == std::vector<Sample>{{1, 0}, {0, 25}, {0, 5}, {0, 14}, {0, 32}});
}

TEST_CASE("samples are clipped to what there is: each block once") {
  const AuditSet set = *AuditSet::make(three_pieces());
  auto challenge = derive_challenge(counting_beacon(), counting_host(), set);
  REQUIRE(challenge);
  CHECK(to_hex(challenge->hash) == "0b1dee7ad88c803bdf01210655337a94d844da3cee38f48b06bbacbbf52b155f");
  REQUIRE(challenge->samples.size() == 77);
  CHECK(std::vector<Sample>(challenge->samples.end() - 3, challenge->samples.end()) ==
        std::vector<Sample>{{0, 2}, {0, 45}, {0, 34}});
  const std::set<Sample> distinct(challenge->samples.begin(), challenge->samples.end());
  CHECK(distinct.size() == 77);
  for (const Sample& sample : distinct) CHECK(sample.block < blocks_in(set.piece(sample).size_bytes));
}

TEST_CASE("the order and repetition of the pieces do not matter; everything else does") {
  const auto derive = [](const Beacon& beacon, const HostId& host, std::vector<SetPiece> pieces,
                         std::uint64_t asked) {
    return derive_challenge(beacon, host, *AuditSet::make(std::move(pieces)), asked)->hash;
  };
  const Hash expected = derive(counting_beacon(), counting_host(), three_pieces(), 5);
  auto pieces = three_pieces();
  std::ranges::reverse(pieces);
  pieces.push_back(pieces[0]);
  CHECK(derive(counting_beacon(), counting_host(), pieces, 5) == expected);
  CHECK(derive(counting_beacon(), counting_host(), three_pieces(), 6) != expected);
  CHECK(derive(Beacon{}, counting_host(), three_pieces(), 5) != expected);
  CHECK(derive(counting_beacon(), HostId{}, three_pieces(), 5) != expected);
  pieces = three_pieces();
  pieces[0].size_bytes = 2;
  CHECK(derive(counting_beacon(), counting_host(), pieces, 5) != expected);
  pieces.pop_back();
  CHECK(derive(counting_beacon(), counting_host(), pieces, 2) != expected);
}

TEST_CASE("blocks are counted over the sorted set") {
  const AuditSet set = *AuditSet::make({{small_id(3), 4096}, {small_id(1), 8193}, {small_id(2), 1}});
  CHECK(set.blocks() == 5);
  const Sample expected[] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}};
  for (std::uint64_t number = 0; number < 5; ++number) CHECK(set.at(number) == expected[number]);
  CHECK(set.piece({2, 0}).id == small_id(3));
}

TEST_CASE("blocks are drawn uniformly") {
  const AuditSet set = *AuditSet::make({{small_id(1), 3 * 4096}, {small_id(2), 4 * 4096}});
  std::vector<int> counts(7);
  for (std::uint32_t round = 0; round < 7000; ++round) {
    Beacon beacon{};
    const auto bytes = big_endian(round);
    std::ranges::copy(bytes, beacon.begin());
    const Challenge challenge = *derive_challenge(beacon, HostId{}, set, 2);
    REQUIRE(challenge.samples[0] != challenge.samples[1]);
    for (const Sample& sample : challenge.samples) ++counts[sample.piece * 3 + sample.block];
  }
  for (int count : counts) {
    CHECK(count > 1820);  // 2000, standard deviation 38
    CHECK(count < 2180);
  }
}

TEST_CASE("draws past the last whole multiple of the blocks are refused") {
  const std::uint64_t last = ~std::uint64_t{0};    // 2^64 - 1
  CHECK(block_of_draw(last, 10) == std::nullopt);  // 2^64 mod 10 is 6
  CHECK(block_of_draw(last - 5, 10) == std::nullopt);
  CHECK(block_of_draw(last - 6, 10) == 9);
  CHECK(block_of_draw(last - 1, 3) == 2);
  CHECK(block_of_draw(last, 3) == std::nullopt);
  CHECK(block_of_draw(last, 512) == 511);
  CHECK(block_of_draw(last, 1) == 0);
  CHECK(block_of_draw(0, 77) == 0);
  CHECK(block_of_draw(78, 77) == 1);
}

TEST_CASE("where the blocks divide 2^64, no draw is refused") {
  const AuditSet set = *AuditSet::make({{small_id(1), 2'097'152}});
  CHECK(derive_challenge(Beacon{}, HostId{}, set, 300)->samples.size() == 300);
  const AuditSet one = *AuditSet::make({{small_id(1), 1}});
  CHECK(derive_challenge(Beacon{}, HostId{}, one)->samples == std::vector<Sample>{{0, 0}});
}

TEST_CASE("sets and challenges past their limits are refused, by name") {
  CHECK(AuditSet::make({}).error().code == Code::usage);
  auto size = [](std::uint64_t bytes) { return AuditSet::make({{small_id(1), bytes}}); };
  CHECK(size(0).error().code == Code::integrity);
  CHECK(size(2'097'153).error().what.find("kPieceBytesMax") != std::string::npos);
  CHECK(size(~std::uint64_t{0}).error().code == Code::integrity);
  CHECK(size(2'097'152));
  CHECK(AuditSet::make({{small_id(1), 5}, {small_id(1), 6}}).error().code == Code::integrity);
  const AuditSet set = *size(5);
  CHECK(derive_challenge(Beacon{}, HostId{}, set, 0).error().code == Code::usage);
  CHECK(derive_challenge(Beacon{}, HostId{}, set, kSamplesMax + 1).error().what.find("kSamplesMax") !=
        std::string::npos);
}
