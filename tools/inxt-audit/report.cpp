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
  json["blocks_bad_max"] = bound.blocks_bad_max;
  json["bytes_bad_max"] = client::bytes_bad_max(bound, bytes);
  json["fraction_bad_max"] = bound.fraction;
}

/// Rounded up: a bound must not look better than it is.
std::string percent(double fraction) {
  return fmt::format("{:.6g}", std::ceil(fraction * 1e5 - 1e-9) / 1e3);
}

std::string_view hosts_word(std::uint64_t count) {
  return count == 1 ? "Host" : "Hosts";
}

/// Why a challenge convinces nobody, or not those who were to be convinced.
std::string why_unanchored(const client::HostReport& report) {
  if (report.beacon == format::BeaconSource::local) return "no beacon was given";
  if (!report.beacon_unix_s) return "nothing says when the beacon became known";
  if (!report.commit_unix_s) return "nothing says when the commitment was fixed";
  return fmt::format("the beacon is not {} s younger than the commitment, by the word of those who count",
                     proof::kAnchorMarginS);
}

void add_anchor(format::Json& json, const client::HostReport& report) {
  json["anchored"] = report.anchor.anchored;
  json["anchored_by"] = format::Json::array();
  if (report.anchor.by_auditor) json["anchored_by"].push_back("auditor");
  for (const auto& witness : report.anchor.by_witnesses) json["anchored_by"].push_back(witness.hex());
  if (report.commit_unix_s) json["commit_time"] = *report.commit_unix_s;
  if (report.beacon_unix_s) json["beacon_time"] = *report.beacon_unix_s;
  if (report.rounds_passed_over) json["rounds_passed_over"] = *report.rounds_passed_over;
  if (report.asked_unix_s) json["asked_at"] = *report.asked_unix_s;
}

void add_counts(format::Json& json, const auto& report) {
  json["pieces"] = report.pieces;
  json["bytes"] = report.bytes;
  json["blocks"] = report.blocks;
  json["samples"] = report.samples;
  json["held"] = report.held;
  json["failed"] = report.failed;
  json["missing"] = report.missing;
  json["unanswered"] = report.unanswered;
  json["released"] = report.released;
  json["late"] = report.late;
  json["confidence"] = report.confidence;
}

}  // namespace

Result<void> print_line(cli::World& world, const Options& options, format::Json json) {
  for (const auto& [name, value] : options.subject.members.items()) json[name] = value;
  return world.print_json(json);
}

std::string about(const Options& options, std::string sentence) {
  if (options.subject.name.empty()) return sentence;
  return options.subject.name + ": " + std::move(sentence);
}

Result<void> print_host(cli::World& world, const Options& options, const client::HostReport& report) {
  const auto verdict = report.verdict();
  format::Json json;
  json["type"] = "host";
  json["host"] = report.host.hex();
  json["verdict"] = proof::verdict_name(verdict);
  json["kind"] = format::kind_name(report.kind);
  json["commitment"] = to_hex(report.commitment);
  add_anchor(json, report);
  add_counts(json, report);
  add_bound(json, report.bound(), report.bytes);
  for (const auto& [bridge, samples] : report.released_by)
    json["released_by"].push_back({{"bridge", to_hex(bridge)}, {"samples", samples}});
  if (report.latency_ms) json["latency_ms"] = *report.latency_ms;
  if (report.deadline) {
    json["deadline_ms"] = report.deadline->request_ms;
    json["rtt_ms"] = report.deadline->rtt_ms;
  }
  json["retries"] = report.retries;
  if (report.answered_unix_s) json["answered_at"] = *report.answered_unix_s;
  if (report.kind == format::AuditKind::chain) json["repeated"] = report.repeated;
  if (report.heads) json["heads"] = format::finding_name(*report.heads);
  for (const auto& failure : report.failures) {
    format::Json entry{{"piece", failure.piece.hex()},
                       {"block", failure.block},
                       {"outcome", proof::outcome_name(failure.outcome)}};
    if (failure.number) entry["number"] = *failure.number;
    json["failures"].push_back(std::move(entry));
  }
  std::string reason = cli::escape(report.reason);
  switch (verdict) {
    case proof::Verdict::failed: {
      if (report.failures.empty()) {
        reason = explain(*report.heads);
        world.warn(about(options, fmt::format("Host {} FAILED: {}", report.host.hex(), reason)));
        break;
      }
      const auto& first = report.failures.front();
      reason = fmt::format(
          "{} of {} blocks were not held, {} of them missing; the first is block {} of piece {}: {}",
          report.failed, report.held + report.failed, report.missing, first.block, first.piece.hex(),
          proof::outcome_name(first.outcome));
      world.warn(about(options, fmt::format("Host {} FAILED: {}", report.host.hex(), reason)));
      break;
    }
    case proof::Verdict::unreachable:
      if (report.heads) reason = explain(*report.heads);
      world.warn(about(options, fmt::format("Host {} is unreachable: {}", report.host.hex(), reason)));
      break;
    case proof::Verdict::late:
      reason = fmt::format("{} of {} blocks came after {} ms, the slowest answer after {} ms", report.late,
                           report.held + report.failed, report.deadline->request_ms,
                           report.latency_ms.value_or(0));
      world.warn(about(options, fmt::format("Host {} was late: {}", report.host.hex(), reason)));
      break;
    case proof::Verdict::unanchored:
      reason = why_unanchored(report);
      break;
    case proof::Verdict::passed:
      break;
  }
  if (verdict != proof::Verdict::passed) json["reason"] = reason;
  return print_line(world, options, std::move(json));
}

Result<cli::Exit> print_summary(cli::World& world, const Options& options, const client::AuditTotal& total,
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
  json["hosts_late"] = total.hosts_late;
  json["hosts_unanchored"] = total.hosts_unanchored;
  if (pieces_without_place) json["pieces_without_place"] = *pieces_without_place;
  add_counts(json, total);
  add_bound(json, bound, total.bytes);
  TRY(print_line(world, options, std::move(json)));

  if (pieces_without_place.value_or(0) > 0)
    world.warn(about(
        options, fmt::format("{} pieces have no place: nobody was asked about them", *pieces_without_place)));
  std::string said;
  if (verdict == proof::Verdict::passed)
    said = fmt::format("{} {} passed", total.hosts, hosts_word(total.hosts));
  else if (verdict == proof::Verdict::unanchored)
    said = fmt::format("{} {} held everything asked for", total.hosts, hosts_word(total.hosts));
  else
    said =
        fmt::format("of {} {}, {} failed, {} did not answer and {} came late", total.hosts,
                    hosts_word(total.hosts), total.hosts_failed, total.hosts_unreachable, total.hosts_late);
  if (total.blocks == 0)
    said += ": there was no block to ask for";
  else if (bound.blocks_bad_max == 0)
    said += fmt::format(": every block of {} was shown", cli::show_size(total.bytes));
  else if (total.samples - total.repeated == total.blocks)
    said += fmt::format(": {} of {} blocks were not shown, every one was asked for", bound.blocks_bad_max,
                        total.blocks);
  else
    said += fmt::format(": with {} % confidence at most {} of {} ({} %) is missing",
                        percent(total.confidence), cli::show_size(client::bytes_bad_max(bound, total.bytes)),
                        cli::show_size(total.bytes), percent(bound.fraction));
  if (!total.beacon_given)
    said += " (not anchored: no beacon was given, so this convinces nobody but you)";
  else if (!total.anchored)
    said += " (not anchored: nothing shows that the beacon is younger than the commitment)";
  world.say(about(options, std::move(said)));
  switch (verdict) {
    case proof::Verdict::failed:
      return cli::Exit::audit_failed;
    case proof::Verdict::unreachable:
    case proof::Verdict::late:
      return cli::Exit::try_again;
    case proof::Verdict::unanchored:
      return total.beacon_given ? cli::Exit::partial : cli::Exit::ok;
    case proof::Verdict::passed:
      break;
  }
  return cli::Exit::ok;
}

}  // namespace inxt::audit_tool
