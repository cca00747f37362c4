// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "support/candidates.h"

namespace inxt::plan {
namespace {

using testing::good_candidate;
using testing::good_candidates;
using testing::kGiB;
using testing::new_candidate;
using testing::seed_of;

constexpr PlacedLayout kFourAndTwo{4, 2, 1};

PlacementRequest request_of(std::uint64_t seed, std::uint64_t bytes = 8'000'000,
                            std::optional<PlacedLayout> layout = kFourAndTwo) {
  PlacementRequest request;
  request.seed = seed_of(seed);
  request.bytes = bytes;
  request.layout = layout;
  return request;
}

/// Like a network: some operators with many Hosts, shared networks and domains, new and poor Hosts.
std::vector<Candidate> mixed_candidates(std::uint32_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Candidate> candidates;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto candidate = random() % 6 == 0 ? new_candidate(i, random() % (4000 * kGiB)) : good_candidate(i);
    candidate.operator_group =
        static_cast<std::uint32_t>(random() % 3 == 0 ? random() % (count / 20 + 1) : 0);
    candidate.domain = static_cast<std::uint32_t>(random() % (count / 4 + 1));
    candidate.network = random() % (count / 2 + 1);
    candidate.rtt_ms = static_cast<std::uint32_t>(random() % 300);
    candidate.uptime_ppm = static_cast<std::uint32_t>(880'000 + random() % 120'001);
    candidate.takes_pieces = random() % 20 != 0;
    candidates.push_back(candidate);
  }
  return candidates;
}

bool shares(const Candidate& a, const Candidate& b) {
  return (a.operator_group != 0 && a.operator_group == b.operator_group) ||
         (a.network != 0 && a.network == b.network) || (a.domain != 0 && a.domain == b.domain);
}

void check_apart(const std::vector<Candidate>& candidates, const std::vector<std::uint32_t>& hosts) {
  for (std::size_t i = 0; i < hosts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      REQUIRE(hosts[i] != hosts[j]);
      REQUIRE_FALSE(shares(candidates[hosts[i]], candidates[hosts[j]]));
    }
}

TEST_CASE("no two pieces of a segment share a Host, an operator, a network or a domain") {
  int placed = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto candidates = mixed_candidates(static_cast<std::uint32_t>(10 + seed), seed);
    const auto pool = *PlacementPool::make(candidates);
    const auto placement = place(pool, request_of(seed));
    if (!placement) {
      ++refused;
      continue;
    }
    ++placed;
    REQUIRE(placement->groups.size() == 1);
    const auto& group = placement->groups[0];
    REQUIRE(group.primary.size() == 6);
    check_apart(candidates, group.primary);
    check_apart(candidates, group.secondary);
    REQUIRE(group.secondary.size() <= 6);
    int new_hosts = 0;
    for (const auto host : group.primary) {
      new_hosts += pool.is_new(host);
      REQUIRE(candidates[host].takes_pieces);
      REQUIRE(candidates[host].uptime_ppm > 900'000);
      REQUIRE(pool.room_bytes(host) >= group.host_bytes);
    }
    REQUIRE(new_hosts <= 1);
    bool is_apart = true;
    for (const auto host : group.secondary) {
      REQUIRE(std::ranges::find(group.primary, host) == group.primary.end());
      for (const auto other : group.primary)
        is_apart = is_apart && !shares(candidates[host], candidates[other]);
    }
    if (group.is_secondary_apart) REQUIRE(is_apart);
  }
  CHECK(placed > 200);
  CHECK(refused > 0);
}

TEST_CASE("the same inputs give the same placement, also beside an explanation; another seed another") {
  const auto candidates = mixed_candidates(500, 1);
  const auto pool = *PlacementPool::make(candidates);
  std::set<std::vector<std::uint32_t>> different;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto placement = place(pool, request_of(seed));
    REQUIRE(placement);
    different.insert(placement->groups[0].primary);
    PlacementExplanation explanation;
    CHECK(*place(pool, request_of(seed), &explanation) == *placement);
    CHECK(explanation.draws.size() >= 12);
  }
  CHECK(different.size() == 50);
}

// Whoever changes this changes every Bridge's placements; there are more in tests/vectors/placement.json.
TEST_CASE("a placement that does not change") {
  const auto pool = *PlacementPool::make(good_candidates(100));
  PlacementRequest request = request_of(0);
  request.seed.fill(std::byte{7});
  const auto placement = place(pool, request);
  REQUIRE(placement);
  std::string text;
  for (const auto host : placement->groups[0].primary) text += std::to_string(host) + " ";
  text += "/";
  for (const auto host : placement->groups[0].secondary) text += " " + std::to_string(host);
  CHECK(text == "63 20 28 83 62 91 / 29 74 40 59 27 50");
}

TEST_CASE("Hosts are drawn in proportion to their weights") {
  auto candidates = good_candidates(40);
  for (std::uint32_t i = 0; i < 40; ++i) candidates[i].free_bytes = (i % 4 + 1) * 100 * kGiB;
  const auto pool = *PlacementPool::make(candidates);
  std::array<double, 4> drawn{};
  constexpr int kRuns = 20'000;
  for (int i = 0; i < kRuns; ++i)
    ++drawn[place(pool, request_of(i, 1000, PlacedLayout{}))->groups[0].primary[0] % 4];
  for (std::size_t i = 0; i < 4; ++i) {
    const double expected = kRuns * (double(i) + 1) / 10;
    CHECK(std::abs(drawn[i] - expected) < 5 * std::sqrt(expected));
  }
}

TEST_CASE("a draw by scan has the chances of a draw by tries") {
  auto candidates = good_candidates(4000);  // 4 qualify of 4,000: tries do not find them
  for (auto& candidate : candidates) candidate.free_bytes = kGiB;
  for (std::uint32_t i = 0; i < 4; ++i) candidates[i * 1000].free_bytes = (i + 1) * 100 * kGiB;
  for (auto& candidate : candidates)
    candidate.uptime_ppm = candidate.free_bytes == kGiB ? 1'000'000 : 900'100;
  const auto pool = *PlacementPool::make(candidates);
  std::array<double, 4> drawn{};
  constexpr int kRuns = 1000;
  for (int i = 0; i < kRuns; ++i) {
    auto request = request_of(i, 10 * kGiB, PlacedLayout{});
    request.wants_secondary = false;
    const auto placement = place(pool, request);
    REQUIRE(placement);
    const std::uint32_t host = placement->groups[0].primary[0];
    REQUIRE(host % 1000 == 0);
    ++drawn[host / 1000];
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const double expected = kRuns * (double(i) + 1) / 10;
    CHECK(std::abs(drawn[i] - expected) < 5 * std::sqrt(expected));
  }
}

TEST_CASE("room that a Host only claims gains it nothing") {
  auto candidates = good_candidates(200);
  auto honest = new_candidate(300, 64 * kGiB), liar = new_candidate(301, UINT64_MAX);
  candidates.push_back(honest);
  candidates.push_back(liar);
  const auto pool = *PlacementPool::make(candidates);
  CHECK(pool.weight(200) == pool.weight(201));
}

TEST_CASE("new Hosts get their share and no more") {
  auto candidates = good_candidates(1000);
  for (std::uint32_t i = 0; i < 5000; ++i) candidates.push_back(new_candidate(2000 + i, UINT64_MAX));
  const auto pool = *PlacementPool::make(candidates);
  constexpr int kRuns = 5000;
  int of_new = 0;
  for (int i = 0; i < kRuns; ++i) {
    const auto placement = place(pool, request_of(i));
    REQUIRE(placement);
    int in_group = 0;
    const auto& primary = placement->groups[0].primary;
    for (std::size_t slot = 0; slot < primary.size(); ++slot)
      if (pool.is_new(primary[slot])) {
        ++in_group;
        CHECK(slot == 5);  // parity
      }
    REQUIRE(in_group <= 1);
    of_new += in_group;
  }
  const double share = double(of_new) / (6 * kRuns);
  CHECK(share > 0.045);
  CHECK(share < 0.055);
}

TEST_CASE("a few new Hosts get no more than their weight") {
  auto candidates = good_candidates(1000);
  candidates.push_back(new_candidate(2000, 64 * kGiB));  // an eighth of another's room
  const auto pool = *PlacementPool::make(candidates);
  int of_new = 0;
  for (int i = 0; i < 20'000; ++i) of_new += place(pool, request_of(i))->groups[0].primary[5] == 1000;
  CHECK(of_new < 60);  // 15 are expected
  CHECK(of_new > 0);
}

TEST_CASE("a network of new Hosts only: refused, or asked for by name") {
  std::vector<Candidate> candidates;
  for (std::uint32_t i = 0; i < 10; ++i) candidates.push_back(new_candidate(i, 100 * kGiB));
  const auto pool = *PlacementPool::make(candidates);
  auto request = request_of(1);
  const auto refused = place(pool, request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().found == 1);
  CHECK(refused.error().removed[std::size_t(PlacementRule::new_hosts)] == 9);
  CHECK(refused.error().error.what ==
        "4+2 of 2000000 bytes each: 6 Hosts are needed and 1 can be had of 10: 9 new beyond the share of new "
        "Hosts");
  CHECK(refused.error().error.hint ==
        "ask for less, or try again when there are more Hosts; what may be allowed by name: new");
  request.allow.new_hosts = true;
  CHECK(place(pool, request));
}

TEST_CASE("a refusal says which rule removed how many, and an exception takes it away") {
  auto candidates = good_candidates(30);
  for (std::uint32_t i = 0; i < 10; ++i) candidates[i].operator_group = 99;
  for (std::uint32_t i = 10; i < 15; ++i) candidates[i].network = 99;
  for (std::uint32_t i = 15; i < 20; ++i) candidates[i].domain = 99;
  for (std::uint32_t i = 20; i < 23; ++i) candidates[i].free_bytes = 1'000'000'000;
  candidates[23].takes_pieces = false;
  candidates[24].uptime_ppm = 899'999;
  candidates[25].standing_ppm = 0;
  candidates[26].audits_passed = 13;
  candidates[27].audits_passed = 0;
  auto request = request_of(1, 8 * kGiB);
  request.excluded = {29, 28};
  const auto refused = place(*PlacementPool::make(candidates), request);
  REQUIRE_FALSE(refused);
  const auto& refusal = refused.error();
  CHECK(refusal.error.code == Code::try_again);
  CHECK(refusal.needed == 6);
  CHECK(refusal.found == 4);
  CHECK(refusal.hosts == 30);
  CHECK(refusal.host_bytes == 2 * kGiB);
  const auto removed = [&](PlacementRule rule) { return refusal.removed[static_cast<std::size_t>(rule)]; };
  CHECK(removed(PlacementRule::operator_group) == 9);
  CHECK(removed(PlacementRule::network) == 4);
  CHECK(removed(PlacementRule::domain) == 4);
  CHECK(removed(PlacementRule::room) == 3);
  CHECK(removed(PlacementRule::away) == 1);
  CHECK(removed(PlacementRule::uptime) == 1);
  CHECK(removed(PlacementRule::standing) == 1);
  CHECK(removed(PlacementRule::new_hosts) == 1);
  CHECK(removed(PlacementRule::excluded) == 2);
  CHECK(refusal.error.hint.ends_with("by name: operator, network, domain, new"));

  request.allow.network = true;
  const auto placement = place(*PlacementPool::make(candidates), request);
  REQUIRE(placement);
  int in_network = 0;
  for (const auto host : placement->groups[0].primary) in_network += host >= 10 && host < 15;
  CHECK(in_network > 1);
}

TEST_CASE("a group is found where only one order of choosing finds it") {
  // Host 0 stands in everybody's way, and is by far the heaviest.
  auto candidates = good_candidates(7);
  for (std::uint32_t i = 1; i < 7; ++i) candidates[i].free_bytes = kGiB;
  candidates[0].operator_group = candidates[1].operator_group;
  candidates[0].network = candidates[2].network;
  candidates[0].domain = candidates[3].domain;
  const auto pool = *PlacementPool::make(candidates);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto placement = place(pool, request_of(seed, 1000));
    REQUIRE(placement);
    CHECK(std::ranges::find(placement->groups[0].primary, 0U) == placement->groups[0].primary.end());
  }
}

TEST_CASE("no Host has all data shards of a file that has several") {
  const auto pool = *PlacementPool::make(good_candidates(8));
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto placement = place(pool, request_of(seed, 10'000'000, PlacedLayout{1, 0, 3}));
    REQUIRE(placement);
    REQUIRE(placement->segments == 5);
    REQUIRE(placement->groups.size() == 2);
    CHECK(placement->groups[0].segments == 3);
    CHECK(placement->groups[0].host_bytes == 2 * 2'097'152 + 10'000'000 - 4 * 2'097'152);
    CHECK(placement->groups[1].host_bytes == 2 * 2'097'152);
    std::set<std::uint32_t> seen;
    for (const auto& group : placement->groups) {
      for (const auto host : group.primary) CHECK(seen.insert(host).second);
      for (const auto host : group.secondary) CHECK(seen.insert(host).second);
    }
  }
  const auto too_few = *PlacementPool::make(good_candidates(5));
  auto request = request_of(1, 10'000'000, PlacedLayout{1, 0, 3});
  request.wants_secondary = false;
  const auto refused = place(too_few, request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().removed[std::size_t(PlacementRule::all_data)] == 3);
  request.bytes = 2'097'152;  // one segment
  CHECK(place(too_few, request));
}

TEST_CASE("a region and a /16 hold no more pieces than may be lost, where that can be") {
  auto candidates = good_candidates(400);  // 8 regions, 25 /16
  for (std::uint32_t i = 0; i < 400; ++i)
    if (i % 8 != 0) candidates[i].free_bytes = 20 * kGiB;  // the first region has nearly all room
  auto pool = *PlacementPool::make(candidates);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto placement = place(pool, request_of(seed));
    REQUIRE(placement);
    const auto& group = placement->groups[0];
    CHECK(group.is_spread_by_region);
    CHECK(group.is_spread_by_wide_network);
    std::map<std::uint32_t, int> in_region;
    for (const auto host : group.primary) CHECK(++in_region[candidates[host].region] <= 2);
  }
  auto request = request_of(1);
  request.near_region = 1;
  int in_region = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    request.seed = seed_of(seed);
    const auto near = place(pool, request);
    REQUIRE(near);
    for (const auto host : near->groups[0].primary) in_region += candidates[host].region == 1;
  }
  CHECK(in_region > 900);
  for (auto& candidate : candidates) candidate.region = 1;
  pool = *PlacementPool::make(candidates);
  const auto placement = place(pool, request_of(1));
  REQUIRE(placement);
  CHECK_FALSE(placement->groups[0].is_spread_by_region);
  CHECK(placement->groups[0].is_spread_by_wide_network);
}

TEST_CASE("large files go to several groups, different ones where that can be") {
  const auto pool = *PlacementPool::make(good_candidates(500));
  const auto placement = place(pool, request_of(1, 100 * kGiB));
  REQUIRE(placement);
  REQUIRE(placement->groups.size() == 7);
  std::set<std::uint32_t> seen;
  std::uint64_t segments = 0, bytes = 0;
  for (const auto& group : placement->groups) {
    for (const auto host : group.primary) CHECK(seen.insert(host).second);
    CHECK(group.secondary.size() == 6);
    segments += group.segments;
    bytes += 4 * group.host_bytes;
  }
  CHECK(segments == placement->segments);
  CHECK(bytes == 100 * kGiB);
  const auto small = place(*PlacementPool::make(good_candidates(8)), request_of(1, 100 * kGiB));
  REQUIRE(small);
  CHECK(small->groups.size() == 7);
  CHECK(small->groups[0].secondary.size() == 2);
}

TEST_CASE("an automatic layout is the largest that finds its Hosts") {
  auto candidates = good_candidates(40);
  for (std::uint32_t i = 12; i < 40; ++i) candidates[i].free_bytes = kGiB / 20;
  const auto pool = *PlacementPool::make(candidates);
  auto request = request_of(1, kGiB, std::nullopt);
  const auto placement = place(pool, request);
  REQUIRE(placement);
  CHECK(placement->layout == PlacedLayout{4, 3, 1});  // 10+4 finds no room
  request.bytes = 5000;
  CHECK(place(pool, request)->layout == PlacedLayout{1, 0, 3});
  const auto refused = place(*PlacementPool::make(good_candidates(2)), request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().needed == 3);
  CHECK(refused.error().found == 2);
}

TEST_CASE("a repair keeps who is there and fills the gaps by the rules") {
  const auto candidates = mixed_candidates(300, 9);
  const auto pool = *PlacementPool::make(candidates);
  const auto placement = place(pool, request_of(3));
  REQUIRE(placement);
  auto request = request_of(4);
  const auto& before = placement->groups[0].primary;
  request.kept = {before[0], std::nullopt, before[2], before[3], std::nullopt, before[5]};
  request.excluded = {before[1], before[4]};
  const auto repaired = place(pool, request);
  REQUIRE(repaired);
  const auto& after = repaired->groups[0].primary;
  check_apart(candidates, after);
  for (const std::size_t slot : {0, 2, 3, 5}) CHECK(after[slot] == before[slot]);
  for (const std::size_t slot : {1, 4}) CHECK(std::ranges::find(before, after[slot]) == before.end());
}

TEST_CASE("whatever is asked for: rules hold, and a refusal accounts for every Host") {
  std::mt19937_64 random(11);
  int placed = 0, refused = 0;
  for (std::uint64_t round = 0; round < 1500; ++round) {
    const auto count = static_cast<std::uint32_t>(1 + random() % 120);
    const auto candidates = mixed_candidates(count, round);
    const auto pool = *PlacementPool::make(candidates);
    static constexpr std::array<PlacedLayout, 7> kLayouts{
        {{1, 0, 1}, {1, 0, 2}, {1, 0, 3}, {1, 2, 1}, {4, 2, 1}, {10, 4, 1}, {20, 10, 1}}};
    auto request = request_of(round, random() % 3 == 0 ? random() % (200 * kGiB) : random() % 10'000'000);
    request.layout.reset();
    if (random() % 4 != 0) request.layout = kLayouts[random() % kLayouts.size()];
    request.groups_min = static_cast<std::uint32_t>(random() % 4);
    request.wants_secondary = random() % 4 != 0;
    request.allow.operator_group = random() % 4 == 0;
    request.allow.network = random() % 4 == 0;
    request.allow.domain = random() % 4 == 0;
    request.allow.new_hosts = random() % 4 == 0;
    request.near_region = static_cast<std::uint32_t>(random() % 4);
    for (std::uint32_t host = 0; host < count; ++host)
      if (random() % 10 == 0) request.excluded.push_back(host);
    const auto result = place(pool, request);
    if (!result) {
      ++refused;
      const auto& refusal = result.error();
      REQUIRE(refusal.error.code == Code::try_again);
      REQUIRE(refusal.found < refusal.needed);
      std::size_t hosts = refusal.found;
      for (const auto removed : refusal.removed) hosts += removed;
      REQUIRE(hosts == count);
      continue;
    }
    ++placed;
    std::uint64_t segments = 0;
    std::map<std::uint32_t, std::uint32_t> groups_of;
    std::map<std::uint32_t, std::uint64_t> bytes_of;
    for (const auto& group : result->groups) {
      segments += group.segments;
      REQUIRE(group.primary.size() == result->layout.hosts());
      REQUIRE(group.secondary.size() <= (request.wants_secondary ? group.primary.size() : 0));
      std::set<std::uint32_t> all;
      for (const auto* hosts : {&group.primary, &group.secondary}) {
        std::uint32_t new_hosts = 0;
        for (std::size_t i = 0; i < hosts->size(); ++i) {
          const auto host = (*hosts)[i];
          REQUIRE(all.insert(host).second);
          REQUIRE(pool.weight(host) > 0);
          bytes_of[host] += group.host_bytes;
          REQUIRE(pool.room_bytes(host) >= bytes_of[host]);
          REQUIRE(std::ranges::find(request.excluded, host) == request.excluded.end());
          new_hosts += pool.is_new(host);
          ++groups_of[host];
          for (std::size_t j = 0; j < i; ++j) {
            const auto& a = candidates[host];
            const auto& b = candidates[(*hosts)[j]];
            const auto is_one = [](auto x, auto y, bool allowed) { return x != 0 && x == y && !allowed; };
            REQUIRE_FALSE(is_one(a.operator_group, b.operator_group, request.allow.operator_group));
            REQUIRE_FALSE(is_one(a.network, b.network, request.allow.network));
            REQUIRE_FALSE(is_one(a.domain, b.domain, request.allow.domain));
          }
        }
        if (!request.allow.new_hosts) REQUIRE(new_hosts <= (result->layout.spare() == 0 ? 0 : 1));
      }
    }
    REQUIRE(segments == result->segments);
    if (result->layout.k == 1 && result->segments > 1)
      for (const auto& [host, groups] : groups_of) REQUIRE(groups < result->groups.size());
  }
  CHECK(placed > 300);
  CHECK(refused > 300);
}

TEST_CASE("what a request may ask for has limits") {
  const auto pool = *PlacementPool::make(good_candidates(10));
  const auto why = [&](auto change) {
    auto request = request_of(1);
    change(request);
    const auto refused = place(pool, request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().error.code == Code::usage);
    return refused.error().error.what;
  };
  CHECK(why([](auto& r) { r.layout = PlacedLayout{65, 0, 1}; }).contains("kPlacedShardsMax"));
  CHECK(why([](auto& r) { r.layout = PlacedLayout{0, 0, 1}; }).contains("kPlacedShardsMax"));
  CHECK(why([](auto& r) { r.layout = PlacedLayout{1, 0, 17}; }).contains("kPlacedMirrorsMax"));
  CHECK(why([](auto& r) { r.layout = PlacedLayout{2, 1, 2}; }).contains("together"));
  CHECK(why([](auto& r) { r.nines = 13; }).contains("kNinesMax"));
  CHECK(why([](auto& r) { r.groups_min = 65; }).contains("kPlacedGroupsMax"));
  CHECK(why([](auto& r) { r.bytes = UINT64_MAX; }).contains("kPlacedSegmentsMax"));
  CHECK(why([](auto& r) { r.kept = {1}; }).contains("repair"));
  CHECK(why([](auto& r) { r.kept.assign(6, 77); }).contains("none of the pool"));
  const auto refused = place(PlacementPool{}, request_of(1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().found == 0);
}

TEST_CASE("an explanation can be followed by hand") {
  const auto candidates = mixed_candidates(60, 4);
  const auto pool = *PlacementPool::make(candidates);
  PlacementExplanation explanation;
  const auto placement = place(pool, request_of(5), &explanation);
  REQUIRE(placement);
  REQUIRE(explanation.hosts.size() == 60);
  const auto& primary = placement->groups[0].primary;
  std::vector<std::uint32_t> taken;
  for (const auto& draw : explanation.draws) {
    if (draw.is_secondary) break;
    // The value falls in the Host's weight, when those of its class lie one after another.
    std::uint64_t sum = 0;
    for (std::uint32_t host = 0; host < draw.host; ++host)
      if (explanation.hosts[host].is_new == explanation.hosts[draw.host].is_new)
        sum += explanation.hosts[host].weight;
    CHECK(draw.value >= sum);
    CHECK(draw.value < sum + explanation.hosts[draw.host].weight);
    if (!draw.rule) taken.push_back(draw.host);
  }
  CHECK(taken == primary);
  for (std::uint32_t host = 0; host < 60; ++host) {
    const auto& said = explanation.hosts[host];
    CHECK(said.weight == (said.rule == PlacementRule::away ? 0 : said.parts.weight()));
    if (!candidates[host].takes_pieces) CHECK(said.rule == PlacementRule::away);
    const bool is_primary = std::ranges::find(primary, host) != primary.end();
    CHECK((said.group && !said.is_secondary) == is_primary);
    if (is_primary) CHECK(primary[said.slot] == host);
  }
  const auto text =
      explanation_text(explanation, [](std::uint32_t host) { return "h" + std::to_string(host); });
  CHECK(text.contains(": away\n"));
  CHECK(text.contains("draw for number 0 of group 0: "));
  CHECK(text.contains(" is h" + std::to_string(primary[0]) + ": taken\n"));
}

}  // namespace
}  // namespace inxt::plan
