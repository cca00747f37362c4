// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/verdict.h"

#include <doctest/doctest.h>

#include <cmath>

#include "crypto/random.h"

using namespace inxt;
using namespace inxt::proof;

namespace {

struct Stored {
  explicit Stored(std::size_t bytes) : piece(bytes) {
    crypto::SeededRandom random(bytes);
    random.fill(piece);
    tree.emplace(piece);
  }
  Proof prove(std::uint64_t block) const {
    const ByteView data = ByteView(piece).subspan(block * kBlockBytes, block_bytes(piece.size(), block));
    return {.piece = tree->id(),
            .block = block,
            .missing = false,
            .size_bytes = piece.size(),
            .data = copy_of(data),
            .path = tree->path(block)};
  }
  Outcome check(std::uint64_t block, const Proof& proof) const {
    return verify(tree->id(), piece.size(), block, proof);
  }
  Bytes piece;
  std::optional<Tree> tree;
};

std::uint64_t choose(std::uint64_t n, std::uint64_t k) {
  if (k > n) return 0;
  std::uint64_t out = 1;
  for (std::uint64_t i = 1; i <= k; ++i) out = out * (n - k + i) / i;
  return out;
}

// By counting: whole numbers up to C(30, 15).
std::uint64_t bound_by_counting(std::uint64_t b, std::uint64_t n, std::uint64_t f, double confidence) {
  std::uint64_t largest = 0;
  for (std::uint64_t d = 0; d <= b; ++d) {
    std::uint64_t ways = 0;
    for (std::uint64_t x = 0; x <= f; ++x) ways += choose(d, x) * choose(b - d, n - x);
    if (static_cast<double>(ways) >= (1 - confidence) * static_cast<double>(choose(b, n))) largest = d;
  }
  return largest;
}

}  // namespace

TEST_CASE("an honest proof of every block is held, of one block and many, whole and short") {
  for (std::size_t bytes : {1, 4095, 4096, 4097, 100'000, 2'097'152}) {
    const Stored stored(bytes);
    for (std::uint64_t block = 0; block < blocks_in(bytes); block += 1 + blocks_in(bytes) / 50)
      CHECK(stored.check(block, stored.prove(block)) == Outcome::held);
  }
}

TEST_CASE("everything else is told apart") {
  const Stored stored(5 * kBlockBytes + 10);
  const Stored other(5 * kBlockBytes + 11);
  const Proof good = stored.prove(2);
  auto with = [&](auto change) {
    Proof proof = good;
    change(proof);
    return stored.check(2, proof);
  };
  CHECK(with([](Proof&) {}) == Outcome::held);
  CHECK(with([](Proof& p) {
          p = {.piece = p.piece, .block = 2, .missing = true, .size_bytes = 0, .data = {}, .path = {}};
        }) == Outcome::missing);
  CHECK(with([&](Proof& p) { p = stored.prove(1); }) == Outcome::other_block);
  CHECK(with([&](Proof& p) { p = other.prove(2); }) == Outcome::other_block);
  CHECK(with([&](Proof& p) { p.missing = true, p.block = 1; }) == Outcome::other_block);
  CHECK(with([](Proof& p) { ++p.size_bytes; }) == Outcome::wrong_size);
  CHECK(with([](Proof& p) { p.size_bytes = 3 * kBlockBytes; }) == Outcome::wrong_size);
  CHECK(with([](Proof& p) { p.data.pop_back(); }) == Outcome::wrong_length);
  CHECK(with([](Proof& p) { p.data.clear(); }) == Outcome::wrong_length);
  CHECK(with([](Proof& p) { p.data.push_back({}); }) == Outcome::wrong_length);
  CHECK(with([](Proof& p) { p.path.pop_back(); }) == Outcome::wrong_path);
  CHECK(with([](Proof& p) { p.path.push_back({}); }) == Outcome::wrong_path);
  CHECK(with([](Proof& p) { p.path.clear(); }) == Outcome::wrong_path);
  CHECK(with([](Proof& p) { p.data[77] ^= std::byte{1}; }) == Outcome::wrong_data);
  CHECK(with([](Proof& p) { p.path[1][0] ^= std::byte{1}; }) == Outcome::wrong_data);
  CHECK(with([&](Proof& p) { p.data = stored.prove(1).data; }) == Outcome::wrong_data);
  CHECK(with([&](Proof& p) { p = stored.prove(3), p.block = 2; }) == Outcome::wrong_data);
  // Another piece's proof under this piece's name.
  CHECK(with([&](Proof& p) { p = other.prove(2), p.piece = good.piece, p.size_bytes = good.size_bytes; }) ==
        Outcome::wrong_data);
}

// The ancestor's hole: a padding leaf could be claimed with no data.  Here no leaf stands for nothing.
TEST_CASE("the block past the last cannot be claimed") {
  const Stored stored(3 * kBlockBytes);
  Proof claimed = stored.prove(2);
  claimed.block = 3;
  CHECK(stored.check(2, claimed) == Outcome::other_block);
  CHECK_FALSE(head_from_path(leaf_hash({}), 3, 3, claimed.path));
}

TEST_CASE("a verdict is failed by evidence first, then unreachable, then passed") {
  CHECK(verdict_of({}) == Verdict::passed);
  CHECK(verdict_of({.failed = 1, .unanswered = 1, .late = 1, .unanchored = 1}) == Verdict::failed);
  CHECK(verdict_of({.failed = 0, .unanswered = 1, .late = 1, .unanchored = 1}) == Verdict::unreachable);
  CHECK(verdict_of({.failed = 0, .unanswered = 0, .late = 1, .unanchored = 1}) == Verdict::late);
  CHECK(verdict_of({.failed = 0, .unanswered = 0, .late = 0, .unanchored = 1}) == Verdict::unanchored);
  CHECK(verdict_name(Verdict::unreachable) == "unreachable");
  CHECK(outcome_name(Outcome::wrong_data) == "wrong_data");
}

TEST_CASE("the bound is exact where it can be counted") {
  for (std::uint64_t b = 1; b <= 30; b += 1 + b / 5)
    for (std::uint64_t n = 0; n <= b; ++n)
      for (std::uint64_t f = 0; f <= n; ++f)
        for (double confidence :
             {0.503, 0.9003, 0.9901, 0.999017}) {  // not on a fraction, where rounding decides
          CAPTURE(b);
          CAPTURE(n);
          CAPTURE(f);
          CAPTURE(confidence);
          REQUIRE(bad_blocks_bound(b, n, f, confidence).blocks_bad_max ==
                  bound_by_counting(b, n, f, confidence));
        }
}

// 1 - 0.01^(1/460), and Clopper-Pearson's one-sided upper limits, by an independent Python program (binomial
// sums in exact whole numbers of ways): what the exact bound comes to when blocks are many.
TEST_CASE("the bound is Clopper-Pearson's for many blocks, up to 2^40") {
  for (std::uint64_t b : {std::uint64_t{1} << 30, std::uint64_t{800'000'000'000}, std::uint64_t{1} << 40}) {
    CAPTURE(b);
    auto fraction = [&](std::uint64_t n, std::uint64_t f, double confidence) {
      return doctest::Approx(bad_blocks_bound(b, n, f, confidence).fraction).epsilon(1e-6);
    };
    CHECK(0.009961293887814358 == fraction(460, 0, 0.99));
    CHECK(0.029513049607039873 == fraction(100, 0, 0.95));
    CHECK(0.046559811453538984 == fraction(100, 1, 0.95));
    CHECK(0.10225337764327451 == fraction(100, 5, 0.95));
    CHECK(0.02167059354941353 == fraction(460, 3, 0.99));
    CHECK(bad_blocks_bound(b, 460, 0, kConfidenceDefault).fraction < 0.01);
    CHECK(bad_blocks_bound(b, 459, 0, kConfidenceDefault).fraction < 0.01);
    CHECK(bad_blocks_bound(b, 458, 0, kConfidenceDefault).fraction > 0.01);
  }
}

TEST_CASE("the bound at its edges") {
  const std::uint64_t b = std::uint64_t{1} << 40;
  CHECK(bad_blocks_bound(b, 0, 0, 0.99).blocks_bad_max == b);        // nothing asked, nothing known
  CHECK(bad_blocks_bound(b, 460, 460, 0.99).blocks_bad_max == b);    // nothing was held
  CHECK(bad_blocks_bound(b, 460, 459, 0.99).blocks_bad_max < b);     // one was
  CHECK(bad_blocks_bound(1000, 1000, 0, 0.99).blocks_bad_max == 0);  // everything was seen
  CHECK(bad_blocks_bound(1000, 1000, 7, 0.99).blocks_bad_max == 7);
  CHECK(bad_blocks_bound(1, 1, 0, 0.99).fraction == 0);
  CHECK(bad_blocks_bound(1, 1, 1, 0.99).fraction == 1);
  // More failures never lower it, and more samples without failure never raise it.
  std::uint64_t last = 0;
  for (std::uint64_t f = 0; f <= 460; f += 20) {
    const std::uint64_t bad = bad_blocks_bound(b, 460, f, 0.99).blocks_bad_max;
    CHECK(bad >= last);
    last = bad;
  }
  last = b;
  for (std::uint64_t n = 0; n <= 65'536; n = 2 * n + 1) {
    const std::uint64_t bad = bad_blocks_bound(b, n, 0, 0.99).blocks_bad_max;
    CHECK(bad <= last);
    last = bad;
  }
  CHECK(last > 0);
  CHECK(bad_blocks_bound(b, 65'536, 30'000, 0.99).fraction == doctest::Approx(0.4623).epsilon(1e-3));
}
