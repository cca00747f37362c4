// SPDX-License-Identifier: AGPL-3.0-or-later
// A year of placements on made-up Hosts, from one seed: how evenly they are filled, and what survives.
// Manual: inxt-placement(7), "SIMULATION".
//
//   simulate-placement [--hosts N] [--pieces N] [--seed N] [--check yes]
//
// Tables in text on standard output.  With --check: exit 1 when what the rules promise does not hold.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "placement/year.h"

namespace inxt::placement {
namespace {

/// How many segments are lost with the group that takes the most with it, of all that `group_of` names (0:
/// none).  `only_complete`: of those that lack no piece before.
template <class GroupOf>
std::uint64_t lost_with_worst(const Year& year, const plan::PlacedLayout& layout, GroupOf group_of,
                              bool only_complete = false) {
  std::unordered_map<std::uint64_t, std::uint64_t> lost;
  std::vector<std::uint64_t> groups;
  for (std::uint64_t segment = 0; segment < year.segments(); ++segment) {
    if (year.is_lost(segment)) continue;
    groups.clear();
    std::uint32_t gone = 0;  // not repaired yet
    for (const std::uint32_t host : year.places(segment)) {
      if (year.is_gone(host)) {
        ++gone;
      } else if (const std::uint64_t group = group_of(year.host(host)); group != 0) {
        groups.push_back(group);
      }
    }
    if (only_complete && gone > 0) continue;
    std::ranges::sort(groups);
    for (auto at = groups.begin(); at != groups.end();) {
      const auto end = std::upper_bound(at, groups.end(), *at);
      if (gone + static_cast<std::uint32_t>(end - at) > layout.spare()) ++lost[*at];
      at = end;
    }
  }
  std::uint64_t worst = 0;
  for (const auto& [group, count] : lost) worst = std::max(worst, count);
  return worst;
}

std::uint64_t lost_with_random(const Year& year, const plan::PlacedLayout& layout, std::uint32_t percent,
                               std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<bool> is_gone(year.hosts());
  for (std::uint32_t i = 0; i < year.hosts(); ++i) is_gone[i] = year.is_gone(i) || random() % 100 < percent;
  std::uint64_t lost = 0;
  for (std::uint64_t segment = 0; segment < year.segments(); ++segment)
    lost += !year.is_lost(segment) && std::ranges::count_if(year.places(segment), [&](std::uint32_t host) {
                                        return is_gone[host];
                                      }) > layout.spare();
  return lost;
}

struct Survival {
  std::uint64_t in_year = 0, random = 0, of_operator = 0, domain = 0, wide_network = 0, region = 0;
};

Survival survival_of(const Year& year, const plan::PlacedLayout& layout, std::uint64_t seed) {
  using plan::Candidate;
  return {.in_year = year.lost(),
          .random = lost_with_random(year, layout, 5, seed),
          .of_operator = lost_with_worst(year, layout, [](const Candidate& c) { return c.operator_group; }),
          .domain = lost_with_worst(year, layout, [](const Candidate& c) { return c.domain; }),
          .wide_network = lost_with_worst(year, layout, [](const Candidate& c) { return c.wide_network; }),
          .region = lost_with_worst(year, layout, [](const Candidate& c) { return c.region; })};
}

struct Balance {
  std::size_t hosts = 0;
  double mean = 0;                               // share of the room that was filled
  double fullest = 0, p99 = 0, p50 = 0, p1 = 0;  // over the mean
};

template <class Counts>
Balance balance_of(const Year& year, Counts counts) {
  std::vector<double> filled;
  double sum = 0;
  for (std::uint32_t i = 0; i < year.hosts(); ++i) {
    if (year.is_gone(i) || year.is_identity(i) || year.joined_day(i) != 0 || !counts(year.host(i))) continue;
    filled.push_back(year.filled(i));
    sum += filled.back();
  }
  if (filled.empty()) return {};
  std::ranges::sort(filled);
  const double mean = sum / static_cast<double>(filled.size());
  const auto at = [&](double part) {
    return filled[static_cast<std::size_t>(part * static_cast<double>(filled.size() - 1))] / mean;
  };
  return {.hosts = filled.size(),
          .mean = mean,
          .fullest = at(1),
          .p99 = at(0.99),
          .p50 = at(0.5),
          .p1 = at(0.01)};
}

std::string name_of(const plan::PlacedLayout& layout) {
  return layout.mirrors > 1 ? fmt::format("{} mirrors", layout.mirrors)
                            : fmt::format("{}+{}", layout.k, layout.m);
}

void print_balance(const char* name, const Balance& balance) {
  fmt::print("{:<34}{:>7}{:>8.3f}{:>9.2f}{:>7.2f}{:>7.2f}{:>7.2f}\n", name, balance.hosts, balance.mean,
             balance.fullest, balance.p99, balance.p50, balance.p1);
}

std::unique_ptr<Year> run_year(const YearOptions& options) {
  auto year = std::make_unique<Year>(options);
  if (const auto ran = year->run(); !ran) {
    fmt::print(stderr, "simulate-placement: {}: {}\n", name_of(options.layout), ran.error().what);
    std::exit(1);
  }
  return year;
}

class Check {
 public:
  explicit Check(bool is_on) : is_on_(is_on) {}
  void that(bool holds, const char* promise) {
    if (!is_on_ || holds) return;
    fmt::print(stderr, "simulate-placement: does not hold: {}\n", promise);
    is_kept_ = false;
  }
  bool is_kept() const { return is_kept_; }

 private:
  bool is_on_;
  bool is_kept_ = true;
};

int simulate(YearOptions options, bool checks) {
  Check check(checks);
  fmt::print("{} Hosts, {} pieces of 1 GiB, seed {}\n\n", options.hosts, options.pieces, options.seed);
  std::string balances;
  fmt::print("{:<12}{:<7}{:>9}{:>9}{:>9}{:>10}{:>9}{:>9}{:>9}\n", "segments", "rules", "number", "a year",
             "5 %", "operator", "domain", "/16", "region");
  std::unique_ptr<Year> even;
  for (const plan::PlacedLayout layout : {plan::PlacedLayout{1, 0, 3}, {4, 2, 1}, {10, 4, 1}, {20, 10, 1}})
    for (const bool rules : {true, false}) {
      options.layout = layout;
      options.knows_groups = rules;
      auto year = run_year(options);
      const Survival lost = survival_of(*year, layout, options.seed + 9);
      fmt::print("{:<12}{:<7}{:>9}{:>9}{:>9}{:>10}{:>9}{:>9}{:>9}\n", name_of(layout), rules ? "yes" : "no",
                 year->segments(), lost.in_year, lost.random, lost.of_operator, lost.domain,
                 lost.wide_network, lost.region);
      std::fflush(stdout);
      if (!rules) {
        check.that(layout.spare() > 4 || lost.region > 0,
                   "without the rules a region takes segments with it");
        continue;
      }
      using plan::Candidate;
      check.that(lost_with_worst(
                     *year, layout, [](const Candidate& c) { return c.operator_group; }, true) == 0,
                 "no operator takes a complete segment with it");
      check.that(lost_with_worst(
                     *year, layout, [](const Candidate& c) { return c.domain; }, true) == 0,
                 "no domain takes a complete segment with it");
      check.that(lost_with_worst(
                     *year, layout, [](const Candidate& c) { return c.wide_network; }, true) == 0,
                 "no /16 takes a complete segment with it");
      check.that(lost_with_worst(
                     *year, layout, [](const Candidate& c) { return c.region; }, true) == 0,
                 "no region takes a complete segment with it");
      if (layout == plan::PlacedLayout{4, 2, 1}) even = std::move(year);
    }
  fmt::print("\n{:<34}{:>7}{:>8}{:>9}{:>7}{:>7}{:>7}\n", "share of the room filled (4+2)", "Hosts", "mean",
             "fullest", "99 %", "50 %", "1 %");
  const Balance all = balance_of(*even, [](const auto&) { return true; });
  const Balance alone = balance_of(*even, [](const auto& host) { return host.operator_group == 0; });
  print_balance("all", all);
  print_balance("without an operator", alone);
  print_balance("with an operator",
                balance_of(*even, [](const auto& host) { return host.operator_group != 0; }));
  // With fewer pieces a Host, chance alone makes some fuller.
  check.that(alone.fullest < 3 || options.pieces < 150 * options.hosts,
             "the fullest Host has less than three times the mean");
  fmt::print("\n{} Hosts left, {} pieces were repaired, {} of {} segments were spread by region\n",
             even->left(), even->repaired(), even->spread_by_region(), even->segments());
  even.reset();
  options.layout = {4, 2, 1};
  options.knows_groups = true;
  options.piece_bytes = kGiB / 32;  // less than each of a thousand gets of 64 GiB
  std::array<std::uint64_t, 2> given{};
  for (const std::size_t many : {0, 1}) {
    options.identities = many == 1 ? 1000 : 1;
    given[many] = run_year(options)->given_to_identities();
    fmt::print("given to {} and keep{} nothing: {:.1f} GiB\n",
               many == 1 ? "1000 identities in one /24 that claim 1 PiB each" : "one Host that claims 1 PiB",
               many == 1 ? "" : "s", static_cast<double>(given[many]) / 32);
  }
  check.that(given[1] <= 64 * 32, "a thousand identities are given 64 GiB at most");
  return check.is_kept() ? 0 : 1;
}

}  // namespace
}  // namespace inxt::placement

int main(int argc, char** argv) {
  using namespace inxt::placement;
  inxt::crypto::start();
  YearOptions options;
  bool checks = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (is("--hosts"))
      options.hosts = static_cast<std::uint32_t>(std::clamp<unsigned long long>(number, 100, 500'000));
    if (is("--pieces")) options.pieces = std::clamp<unsigned long long>(number, 1000, 1'000'000'000);
    if (is("--seed")) options.seed = number;
    if (is("--check")) checks = true;
  }
  return simulate(options, checks);
}
