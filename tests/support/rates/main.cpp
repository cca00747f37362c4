// SPDX-License-Identifier: AGPL-3.0-or-later
// How often audits find a Host that keeps a part, over thousands of beacons, against what the formula says;
// and how many variants a Host must try that may choose what it commits to after the beacon is known.
//
//   cheat-rates [--seeds N] [--pieces N]      N beacons a row (2000), pieces of 2 MiB (40)
//   cheat-rates believe RUNS HITS P           exit 1 unless so many hits are believable where each has
//   probability P cheat-rates found BLOCKS BAD SAMPLES      that probability, without replacement
//
// One JSON line for each row on standard output; exit 1 when a row is not believable.
#include <fmt/core.h>

#include <cstdlib>
#include <cstring>

#include "crypto/random.h"
#include "format/inventory_lines.h"
#include "rates/damaged_host.h"
#include "rates/statistics.h"

namespace inxt::rates {

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

proof::Beacon beacon_number(std::uint64_t number) {
  return crypto::SeededRandom(number).bytes<32>();
}

HostId host_number(std::uint64_t number) {
  HostId id;
  id.bytes = crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>()).public_key();
  return id;
}

struct Table {
  bool is_good = true;

  void row(std::string_view draw, double keep, const DamagedHost& host, std::uint64_t samples,
           std::uint64_t runs, std::uint64_t hits, double computed) {
    const bool good = is_believable(runs, hits, computed);
    is_good = is_good && good;
    fmt::print(
        "{{\"draw\":\"{}\",\"keep\":{},\"blocks\":{},\"bad\":{},\"samples\":{},\"audits\":{},\"found\":{},"
        "\"measured\":{:.4f},\"from\":{:.4f},\"to\":{:.4f},\"computed\":{:.4f},\"believable\":{}}}\n",
        draw, keep, host.blocks(), host.bad(), samples, runs, hits, double(hits) / double(runs),
        bound_of(runs, hits, 0.01, false), bound_of(runs, hits, 0.01, true), computed, good);
    std::fflush(stdout);
  }
};

void rates_of(Table& table, Draw draw, std::string_view name, double keep, const DamagedHost& host,
              std::uint64_t samples, std::uint64_t runs) {
  std::uint64_t hits = 0;
  const proof::Hash commitment =
      draw == Draw::set ? host.set_hash() : crypto::sha256(view_of(name));  // a head's
  for (std::uint64_t i = 0; i < runs; ++i)
    hits += host.is_found(draw, host_number(1), commitment, beacon_number(i + samples * 1'000'003), samples);
  const double computed = draw == Draw::chain ? found_with_replacement(host.blocks(), host.bad(), samples)
                                              : found_without_replacement(host.blocks(), host.bad(), samples);
  table.row(name, keep, host, samples, runs, hits, computed);
}

/// The variants that a Host had to try with a beacon that it knew already, until no bad block was asked for.
/// `make`: what variant number `i` commits to.
template <class Make>
void grinding(Table& table, std::string_view name, const DamagedHost& host, std::uint64_t samples,
              std::uint64_t runs, Make make) {
  std::uint64_t tries = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const proof::Beacon beacon = beacon_number(run + 77'000'000);
    for (std::uint64_t i = 0;; ++i) {
      ++tries;
      const auto [id, commitment] = make(run, i);
      if (!host.is_found(Draw::inventory, id, commitment, beacon, samples)) break;
    }
  }
  // So many successes in so many tries, each with the probability that an honest draw misses.
  const double missed = 1 - found_without_replacement(host.blocks(), host.bad(), samples);
  const bool good = is_believable(tries, runs, missed);
  table.is_good = table.is_good && good;
  fmt::print(
      "{{\"draw\":\"{}\",\"blocks\":{},\"bad\":{},\"samples\":{},\"runs\":{},\"variants_measured\":{:.1f},"
      "\"variants_computed\":{:.1f},\"believable\":{}}}\n",
      name, host.blocks(), host.bad(), samples, runs, double(tries) / double(runs), 1 / missed, good);
  std::fflush(stdout);
}

int run(std::uint64_t seeds, std::size_t pieces) {
  Table table;
  struct Kind {
    double keep;
    std::vector<std::uint64_t> samples;
  };
  for (const Kind& kind :
       {Kind{1.0, {460}}, Kind{0.999, {460, 2000}}, Kind{0.99, {70, 460}}, Kind{0.95, {14, 460}}}) {
    const DamagedHost host(kind.keep, pieces, 5);
    for (const std::uint64_t samples : kind.samples) {
      rates_of(table, Draw::set, "set", kind.keep, host, samples, seeds);
      rates_of(table, Draw::inventory, "inventory", kind.keep, host, samples, seeds);
      rates_of(table, Draw::chain, "chain", kind.keep, host, samples, seeds);
    }
    if (kind.keep != 0.99) continue;
    const std::uint64_t runs = std::max<std::uint64_t>(seeds / 40, 10);
    const auto key = crypto::SigningKey::from_seed(crypto::SeededRandom(1).bytes<32>());
    // The free inputs of a Host that knows the beacon: a new key, and the time in a head.
    grinding(table, "grind-key", host, 460, runs, [&](std::uint64_t run, std::uint64_t i) {
      return std::pair(host_number(run * 1'000'003 + i), host.set_hash());
    });
    grinding(table, "grind-head", host, 460, runs, [&](std::uint64_t run, std::uint64_t i) {
      format::InventoryHead head;
      head.host.bytes = key.public_key();
      head.time_unix_s = kNow + static_cast<std::int64_t>(run * 100'000 + i);
      head.pieces = pieces;
      head.root = {host.set_hash(), host.blocks(), host.blocks() * proof::kBlockBytes};
      std::string line = format::sign_head(head, key);
      line.pop_back();
      return std::pair(head.host, format::read_head(line, "head")->hash);
    });
    // The same Host whose head was fixed before the beacon: whatever it tried before, it meets the beacon
    // once.
    std::uint64_t hits = 0;
    for (std::uint64_t i = 0; i < seeds; ++i) {
      // Ground until it passes under a guess of the beacon.
      std::uint64_t variant = 0;
      if (i < runs)
        while (host.is_found(Draw::inventory, host_number(variant), host.set_hash(), beacon_number(i), 460))
          ++variant;
      hits += host.is_found(Draw::inventory, host_number(variant), host.set_hash(),
                            beacon_number(i + 1'000'000), 460);
    }
    table.row("ground-before", 0.99, host, 460, seeds, hits,
              found_without_replacement(host.blocks(), host.bad(), 460));
  }
  return table.is_good ? 0 : 1;
}

}  // namespace

}  // namespace inxt::rates

int main(int argc, char** argv) {
  using namespace inxt::rates;
  inxt::crypto::start();
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  if (argc == 5 && std::strcmp(argv[1], "believe") == 0)
    return is_believable(number(2), number(3), std::strtod(argv[4], nullptr)) ? 0 : 1;
  if (argc == 5 && std::strcmp(argv[1], "found") == 0) {
    fmt::print("{:.6f}\n", found_without_replacement(number(2), number(3), number(4)));
    return 0;
  }
  if (argc == 5 && std::strcmp(argv[1], "found-chained") == 0) {
    fmt::print("{:.6f}\n", found_with_replacement(number(2), number(3), number(4)));
    return 0;
  }
  std::uint64_t seeds = 2000;
  std::size_t pieces = 40;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seeds") == 0) seeds = number(i + 1);
    if (std::strcmp(argv[i], "--pieces") == 0) pieces = number(i + 1);
  }
  return run(seeds, pieces);
}
