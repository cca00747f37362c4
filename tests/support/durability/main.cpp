// SPDX-License-Identifier: AGPL-3.0-or-later
// How probably a segment is lost in a year, what repairs move, and what is stored, by the code that a Bridge
// places and repairs with.  Manual: inxt-durability(7), "SIMULATION".
//
//   simulate-durability --traces DIR [--layout 4+2] [--hosts N] [--pieces N] [--years N] [--seed N]
//       [--disks N] [--grace-hours N,N] [--extra-deaths N,N] [--check yes]
//
// Tables in text on standard output.  With --check: exit 1 when what the manual promises does not hold.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "durability/simulation.h"
#include "durability/tables.h"

namespace inxt::durability {
namespace {

struct Arguments {
  std::string traces;
  std::vector<plan::PlacedLayout> layouts{{1, 0, 3}, {4, 2, 1}, {10, 4, 1}, {20, 10, 1}};
  SimulationOptions options;
  double disks = 32'494;
  std::vector<double> extra_deaths;  // a year: of runs that the chain is compared with; empty: by the layout
  std::vector<std::int64_t> graces_s{12 * 3600, 24 * 3600, 48 * 3600};  // the others: of kOfGraces only
  bool checks = false;
};

constexpr plan::PlacedLayout kOfGraces{4, 2, 1};

class Check {
 public:
  explicit Check(bool is_on) : is_on_(is_on) {}
  void that(bool holds, const std::string& promise) {
    if (!is_on_ || holds) return;
    fmt::print(stderr, "simulate-durability: does not hold: {}\n", promise);
    is_kept_ = false;
  }
  bool is_kept() const { return is_kept_; }

 private:
  bool is_on_;
  bool is_kept_ = true;
};

struct Traces {
  AvailabilityTrace availability;
  DiskFailures disks;
};

SimulationResult run(const Traces& traces, const SimulationOptions& options) {
  auto result = Simulation(traces.availability, traces.disks, options).run();
  if (result) return *result;
  fmt::print(stderr, "simulate-durability: {}: {}\n", name_of(options.layout), result.error().what);
  std::exit(1);
}

/// With which segments of the layout are lost often enough to be counted.
std::vector<double> extra_deaths_of(const plan::PlacedLayout& layout) {
  if (layout.spare() <= 2) return {2, 6};
  return layout.spare() <= 4 ? std::vector<double>{6, 12} : std::vector<double>{20, 24};
}

/// What holds of the program itself.
void check_whole(const Traces& traces, SimulationOptions options, Check& check) {
  const Interval of_ten = poisson_interval(10);
  check.that(std::abs(of_ten.low - 4.795) < 0.02 && std::abs(of_ten.high - 18.39) < 0.02,
             "the interval of 10 is from 4.80 to 18.39");
  // Two mirrors, with no time between loss and notice that counts: 2 a (a / (a + b)), nearly.
  ChainCounts counts;
  counts.piece_years = 1000, counts.deaths = 100;
  counts.unnoticed_years = 1, counts.noticed = 1'000'000;
  counts.years[1][0] = 1, counts.repairs[1][0] = 50;
  const double expected = 1 - std::exp(-2 * 0.1 * 0.1 / 50.3);
  check.that(std::abs(loss_a_year({.k = 1, .m = 0, .mirrors = 2}, counts) / expected - 1) < 1e-3,
             "the chain of two mirrors is the formula's");
  // A blow of 100 deaths, where 50 are usual: it is no part of the chain.
  counts.deaths += 100, counts.years[0][0] = 1000;
  counts.deaths_in.assign(20, 50), counts.hosts_in.assign(20, 5);
  counts.deaths_in[7] = 150, counts.hosts_in[7] = 100;
  check.that(std::abs(loss_a_year({.k = 1, .m = 0, .mirrors = 2}, counts) / expected - 1) < 1e-3,
             "a blow's deaths are no part of the chain");
  const Blows blows = blows_a_year({.k = 1, .m = 0, .mirrors = 2}, counts, 1);
  check.that(blows.number == 1 && std::abs(blows.loss_a_year - (0.1 * 0.1 * 1000 + 0.1) / 1001) < 1e-9,
             "a blow takes each piece with the same probability");

  options.layout = {4, 2, 1};
  options.pieces /= 4;
  const SimulationResult one = run(traces, options), two = run(traces, options);
  check.that(one.lost == two.lost && one.repairs == two.repairs &&
                 one.pieces_released == two.pieces_released && one.chain.deaths == two.chain.deaths,
             "the same seed gives the same year");
  check.that(one.pieces_released > 0, "surplus pieces are let go");
  options.repairs = false;
  const SimulationResult without = run(traces, options);
  fmt::print("4+2 without repairs: {} of {} segments lost\n", without.lost, without.segments);
  check.that(static_cast<double>(without.lost) > 0.05 * static_cast<double>(without.segments),
             "without repairs more than 5 of 100 segments are lost");
}

/// What holds of each layout.
void check_layout(const SimulationOptions& options, const SimulationResult& result, Check& check) {
  const auto& layout = options.layout;
  const double owners_bytes = result.owners_bytes(layout);
  const double least = static_cast<double>(layout.hosts()) / layout.k,
               stored = result.stored_bytes / owners_bytes;
  check.that(stored >= least && stored < 1.25 * least,
             name_of(layout) + ": at most a quarter more is stored");
  const double moved = result.moved_bytes / owners_bytes / options.years;
  check.that(moved > 0 && moved < 0.9 * options.budget_a_day * 365,
             name_of(layout) + ": the budget is enough");
  check.that(static_cast<double>(result.reads_failed) < 1e-2 * static_cast<double>(result.reads),
             name_of(layout) + ": 99 of 100 reads succeed");
  check.that(
      loss_a_year(layout, result.chain) + blows_a_year(layout, result.chain, options.years).loss_a_year <
          1e-2,
      name_of(layout) + ": little is lost");
}

/// `first`: with the first of the graces.
void compare_graces(const Arguments& arguments, const Traces& traces, SimulationOptions options,
                    const SimulationResult& first) {
  print_losses_header(name_of(kOfGraces), "grace");
  options.layout = kOfGraces;
  for (const std::int64_t grace_s : arguments.graces_s) {
    options.grace_s = grace_s;
    print_losses(fmt::format("{} h", grace_s / 3600), options,
                 grace_s == arguments.graces_s.front() ? first : run(traces, options));
  }
}

int simulate(const Arguments& arguments) {
  Check check(arguments.checks);
  auto availability = AvailabilityTrace::read(arguments.traces + "/availability");
  auto disks = DiskFailures::read(arguments.traces + "/disk-failures/alpine_disk_failures.csv");
  for (const auto* error : {availability ? nullptr : &availability.error(), disks ? nullptr : &disks.error()})
    if (error != nullptr) {
      fmt::print(stderr, "simulate-durability: {}\n", error->what);
      return static_cast<int>(error->code);
    }
  const Traces traces{.availability = std::move(*availability), .disks = std::move(*disks)};
  SimulationOptions options = arguments.options;
  options.disk_failures_a_year =
      static_cast<double>(traces.disks.events) / traces.disks.years / arguments.disks;
  fmt::print("{} Hosts, {} pieces of 1 GiB, {:g} years, grace {} h, seed {}\n", options.hosts, options.pieces,
             options.years, options.grace_s / 3600, options.seed);
  fmt::print("machines: {} in {:.1f} days, {:.0f} at a time\n", traces.availability.nodes,
             static_cast<double>(traces.availability.length_s) / kDayS, traces.availability.live_mean);
  fmt::print("disks: {:.4f} failures a year, {:.0f} % with others\n", options.disk_failures_a_year,
             100 * traces.disks.in_bursts());

  print_losses_header("What is lost", "layout");
  std::vector<SimulationResult> results;
  for (const auto& layout : arguments.layouts) {
    options.layout = layout;
    results.push_back(run(traces, options));
    print_losses(name_of(layout), options, results.back());
    check_layout(options, results.back(), check);
  }
  print_events_header();
  for (std::size_t i = 0; i < results.size(); ++i) {
    options.layout = arguments.layouts[i];
    print_events(name_of(options.layout), options, results[i]);
  }

  const auto of_graces = std::ranges::find(arguments.layouts, kOfGraces);
  if (arguments.graces_s.size() > 1 && of_graces != arguments.layouts.end())
    compare_graces(arguments, traces, options,
                   results[static_cast<std::size_t>(of_graces - arguments.layouts.begin())]);

  print_comparison_header();
  for (std::size_t i = 0; i < results.size(); ++i) {
    auto fewer = options;
    fewer.layout = arguments.layouts[i];
    print_comparison(fewer, results[i]);
    fewer.pieces = std::max<std::uint64_t>(options.pieces / 4, 2000);
    for (const double extra :
         arguments.extra_deaths.empty() ? extra_deaths_of(fewer.layout) : arguments.extra_deaths) {
      fewer.extra_deaths_a_year = extra;
      const SimulationResult other = run(traces, fewer);
      const Interval ratio = print_comparison(fewer, other);
      check.that(
          ratio.low < 3 && ratio.high > 1.0 / 3,
          fmt::format("{}, {} extra deaths: the chain is right within 3", name_of(fewer.layout), extra));
    }
  }
  if (arguments.checks) check_whole(traces, options, check);
  return check.is_kept() ? 0 : 1;
}

std::optional<plan::PlacedLayout> layout_of(const char* text) {
  unsigned k = 0, m = 0;
  if (std::sscanf(text, "%u+%u", &k, &m) == 2 && k > 0 && k <= 64 && m <= kSpareMax)
    return plan::PlacedLayout{.k = k, .m = m, .mirrors = 1};
  if (std::sscanf(text, "%u", &k) == 1 && k > 1 && k <= plan::kPlacedMirrorsMax)
    return plan::PlacedLayout{.k = 1, .m = 0, .mirrors = k};
  return std::nullopt;
}

/// Separated by commas; up to the first that is none.
std::vector<double> numbers_of(const char* text) {
  std::vector<double> numbers;
  for (char* end = nullptr;; text = end + 1) {
    const double number = std::strtod(text, &end);
    if (end == text) return numbers;
    numbers.push_back(number);
    if (*end != ',') return numbers;
  }
}

}  // namespace
}  // namespace inxt::durability

int main(int argc, char** argv) {
  using namespace inxt::durability;
  inxt::crypto::start();
  Arguments arguments;
  auto& options = arguments.options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (is("--traces")) arguments.traces = argv[i + 1];
    if (is("--hosts"))
      options.hosts = static_cast<std::uint32_t>(std::clamp<unsigned long long>(number, 100, 100'000));
    if (is("--pieces")) options.pieces = std::clamp<unsigned long long>(number, 8000, 1'000'000'000);
    if (is("--years")) options.years = std::clamp(std::strtod(argv[i + 1], nullptr), 0.05, 20.0);
    if (is("--seed")) options.seed = number;
    if (is("--disks")) arguments.disks = std::max(1.0, std::strtod(argv[i + 1], nullptr));
    if (is("--check")) arguments.checks = true;
    if (is("--extra-deaths")) arguments.extra_deaths = numbers_of(argv[i + 1]);
    if (is("--grace-hours")) {
      arguments.graces_s.clear();
      for (const double hours : numbers_of(argv[i + 1]))
        arguments.graces_s.push_back(static_cast<std::int64_t>(3600 * std::clamp(hours, 1.0, 10'000.0)));
    }
    if (is("--layout")) {
      const auto layout = layout_of(argv[i + 1]);
      if (!layout) {
        fmt::print(stderr, "simulate-durability: no layout: {}\n", argv[i + 1]);
        return 2;
      }
      arguments.layouts = {*layout};
    }
  }
  if (arguments.traces.empty() || arguments.graces_s.empty()) {
    fmt::print(stderr,
               "usage: simulate-durability --traces DIR [--layout K+M] [--hosts N] [--pieces N] [--years N] "
               "[--seed N]\n"
               "           [--disks N] [--grace-hours N,N] [--extra-deaths N,N] [--check yes]\n");
    return 2;
  }
  options.grace_s = arguments.graces_s.front();
  return simulate(arguments);
}
