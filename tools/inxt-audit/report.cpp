// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "audit_tool.h"
#include "cli/escape.h"
#include "cli/units.h"

namespace inxt::audit_tool {
namespace {

void add_bound(format::Json& json, const proof::Bound& bound, std::uint64_t bytes) {
  json["bad_blocks_max"] = bound.blocks_bad_max;
  json["bad_bytes_max"] = std::min(bytes, bound.blocks_bad_max * proof::kBlockBytes);
  json["bad_fraction_max"] = bound.fraction;
}

/// Rounded up: a bound must not look better than it is.
std::string percent(double fraction) {
  return fmt::format("{:.6g}", std::ceil(fraction * 1e5 - 1e-9) / 1e3);
}

std::string_view hosts_word(std::uint64_t count) { return count == 1 ? "Host" : "Hosts"; }

}  // namespace

Result<void> print_host(cli::World& world, const client::HostReport& report) {
  const auto verdict = report.verdict();
  format::Json json;
  json["type"] = "host";
  json["host"] = report.host.hex();
  json["verdict"] = proof::verdict_name(verdict);
  json["anchored"] = report.anchored;
  json["pieces"] = report.pieces;
  json["bytes"] = report.bytes;
  json["blocks"] = report.blocks;
  json["samples"] = report.samples;
  json["held"] = report.held;
  json["failed"] = report.failed;
  json["missing"] = report.missing;
  json["unanswered"] = report.unanswered;
  json["confidence"] = report.confidence;
  add_bound(json, report.bound(), report.bytes);
  if (report.latency_ms) json["latency_ms"] = *report.latency_ms;
  json["retries"] = report.retries;
  if (report.answered_unix_s) json["answered_at"] = *report.answered_unix_s;
  for (const auto& failure : report.failures)
    json["failures"].push_back({{"piece", failure.piece.hex()},
                                {"block", failure.block},
                                {"outcome", proof::outcome_name(failure.outcome)}});
  std::string reason = cli::escape(report.reason);
  if (verdict == proof::Verdict::failed) {
    const auto& first = report.failures.front();
    reason = fmt::format("{} of {} blocks were not held, {} of them missing; the first is block {} of piece {}: {}",
                         report.failed, report.held + report.failed, report.missing, first.block, first.piece.hex(),
                         proof::outcome_name(first.outcome));
    world.warn(fmt::format("Host {} FAILED: {}", report.host.hex(), reason));
  } else if (verdict == proof::Verdict::unreachable) {
    world.warn(fmt::format("Host {} is unreachable: {}", report.host.hex(), reason));
  }
  if (verdict != proof::Verdict::passed) json["reason"] = reason;
  return world.print_json(json);
}

Result<cli::Exit> print_summary(cli::World& world, const client::AuditTotal& total,
                                std::optional<std::uint64_t> pieces_without_place) {
  const auto verdict = total.verdict();
  const auto bound = total.bound();
  format::Json json;
  json["type"] = "summary";
  json["verdict"] = proof::verdict_name(verdict);
  json["anchored"] = total.anchored;
  json["hosts"] = total.hosts;
  json["hosts_passed"] = total.hosts_passed;
  json["hosts_failed"] = total.hosts_failed;
  json["hosts_unreachable"] = total.hosts_unreachable;
  json["pieces"] = total.pieces;
  if (pieces_without_place) json["pieces_without_place"] = *pieces_without_place;
  json["bytes"] = total.bytes;
  json["blocks"] = total.blocks;
  json["samples"] = total.samples;
  json["held"] = total.held;
  json["failed"] = total.failed;
  json["missing"] = total.missing;
  json["unanswered"] = total.unanswered;
  json["confidence"] = total.confidence;
  add_bound(json, bound, total.bytes);
  TRY(world.print_json(json));

  if (pieces_without_place.value_or(0) > 0)
    world.warn(fmt::format("{} pieces have no place: nobody was asked about them", *pieces_without_place));
  std::string said = verdict == proof::Verdict::passed
                         ? fmt::format("{} {} passed", total.hosts, hosts_word(total.hosts))
                         : fmt::format("of {} {}, {} failed and {} did not answer", total.hosts, hosts_word(total.hosts),
                                       total.hosts_failed, total.hosts_unreachable);
  if (bound.blocks_bad_max == 0)
    said += fmt::format(": every block of {} was shown", cli::show_size(total.bytes));
  else if (total.samples == total.blocks)
    said += fmt::format(": {} of {} blocks were not shown, every one was asked for", bound.blocks_bad_max, total.blocks);
  else
    said += fmt::format(": with {} % confidence at most {} % of {} is missing", percent(total.confidence),
                        percent(bound.fraction), cli::show_size(total.bytes));
  if (!total.anchored) said += " (not anchored: no beacon was given)";
  world.say(said);
  switch (verdict) {
    case proof::Verdict::failed: return cli::Exit::audit_failed;
    case proof::Verdict::unreachable: return cli::Exit::try_again;
    case proof::Verdict::passed: break;
  }
  return cli::Exit::ok;
}

}  // namespace inxt::audit_tool
