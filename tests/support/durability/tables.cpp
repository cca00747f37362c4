// SPDX-License-Identifier: AGPL-3.0-or-later
#include "durability/tables.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdio>

namespace inxt::durability {
namespace {

std::string scientific(double value) {
  if (value == 0) return "0";
  return std::isfinite(value) ? fmt::format("{:.1e}", value) : "-";
}

}  // namespace

std::string name_of(const plan::PlacedLayout& layout) {
  return layout.mirrors > 1 ? fmt::format("{} mirrors", layout.mirrors)
                            : fmt::format("{}+{}", layout.k, layout.m);
}

void print_losses_header(const std::string& title, const char* first) {
  fmt::print("\n{}\n{:<9}{:>9}{:>5}{:>19}{:>9}{:>7}{:>6}{:>9}\n", title, first, "segments", "lost",
             "seen a year, 95 %", "computed", "stored", "moved", "no read");
  std::fflush(stdout);
}

void print_losses(const std::string& name, const SimulationOptions& options, const SimulationResult& result) {
  const Interval seen = poisson_interval(result.lost);
  const double bytes = result.owners_bytes(options.layout), reads = static_cast<double>(result.reads);
  fmt::print("{:<9}{:>9}{:>5}{:>19}{:>9}{:>7.2f}{:>6.1f}{:>9}\n", name, result.segments, result.lost,
             fmt::format("{} to {}", scientific(seen.low / result.segment_years),
                         scientific(seen.high / result.segment_years)),
             scientific(loss_a_year(options.layout, result.chain) +
                        blows_a_year(options.layout, result.chain, options.years).loss_a_year),
             result.stored_bytes / bytes, result.moved_bytes / bytes / options.years,
             result.reads_failed == 0 ? "<" + scientific(3.7 / reads)
                                      : scientific(static_cast<double>(result.reads_failed) / reads));
  std::fflush(stdout);
}

void print_events_header() {
  fmt::print("\nWhat happened\n{:<9}{:>7}{:>6}{:>6}{:>8}{:>8}{:>7}{:>9}{:>7}{:>6}\n", "layout", "deaths",
             "blows", "% max", "repairs", "pieces", "failed", "released", "silent", "storm");
}

void print_events(const std::string& name, const SimulationOptions& options, const SimulationResult& result) {
  const Blows blows = blows_a_year(options.layout, result.chain, options.years);
  fmt::print("{:<9}{:>7.2f}{:>6}{:>6.1f}{:>8}{:>8}{:>7}{:>9}{:>7.1f}{:>6.1f}\n", name,
             result.chain.deaths_a_year(), blows.number, 100 * blows.largest, result.repairs,
             result.pieces_repaired, result.repairs_failed, result.pieces_released, 100 * result.silent_max,
             100 * result.in_storm);
}

void print_comparison_header() {
  fmt::print("\nChain\n{:<9}{:>6}{:>7}{:>8}{:>8}{:>5}{:>9}{:>6}{:>10}{:>6}\n", "layout", "extra", "deaths",
             "alone", "blows", "seen", "expected", "ratio", "95 %", "storm");
}

Interval print_comparison(const SimulationOptions& options, const SimulationResult& result) {
  const double alone = loss_a_year(options.layout, result.chain);
  const Blows blows = blows_a_year(options.layout, result.chain, options.years);
  const double expected = (blows.loss_a_year - std::log1p(-alone)) * result.segment_years;
  const Interval seen = poisson_interval(result.lost);
  const Interval ratio{.low = seen.low / expected, .high = seen.high / expected};
  fmt::print("{:<9}{:>6.0f}{:>7.2f}{:>8}{:>8}{:>5}{:>9.3g}{:>6}{:>10}{:>6.1f}\n", name_of(options.layout),
             options.extra_deaths_a_year, result.chain.deaths_a_year(), scientific(alone),
             scientific(blows.loss_a_year), result.lost, expected,
             expected >= 1 ? fmt::format("{:.2f}", static_cast<double>(result.lost) / expected) : "-",
             expected >= 1 ? fmt::format("{:.2f}-{:.2f}", ratio.low, ratio.high) : "-",
             100 * result.in_storm);
  std::fflush(stdout);
  return ratio;
}

}  // namespace inxt::durability
