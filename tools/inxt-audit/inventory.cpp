// SPDX-License-Identifier: AGPL-3.0-or-later
// Whole Hosts: what they show of their inventories, and whether a manifest's pieces are listed there.
#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "audit_tool.h"
#include "cli/disputes.h"
#include "cli/escape.h"
#include "client/inventory_heads.h"
#include "client/listing.h"
#include "sys/files.h"

namespace inxt::audit_tool {
namespace {

/// What cannot be remembered is a pity, and no reason to ask nobody.
Result<std::vector<client::ShownHead>> look(cli::World& world, client::Session& session, const Options& options,
                                            const std::vector<transfer::HostAddress>& hosts) {
  auto memory = TRY(client::HeadMemory::load(options.heads));
  auto shown =
      session.run(client::look_at_heads(session.network(), hosts, memory, options.chain, options.audit.jobs));
  if (world.stop().requested()) return fail(Code::failure, "stopped by a signal");
  if (const auto saved = memory.save(); !saved)
    world.warn(fmt::format("the heads that were shown cannot be remembered: {}", cli::escape(saved.error().what)));
  for (const auto& one : shown)
    if (one.not_followed)
      world.warn(fmt::format("Host {} has made more than {} heads since the last one seen: nobody looked whether they follow "
                             "from it (kHeadsFollowedMax)",
                             one.host.id.hex(), client::kHeadsFollowedMax));
  return shown;
}

/// Under the ids that they have now, by either file; each once.
Result<std::vector<transfer::HostAddress>> addresses_in(cli::World& world, const std::string& file,
                                                        const std::optional<std::string>& hosts_file) {
  const auto newer = client::addresses_of(TRY(client::read_hosts_file(hosts_file)));
  const auto known = TRY(client::read_hosts_file(file));
  cli::warn_of_disputes(world, known);
  std::vector<transfer::HostAddress> hosts;
  for (const auto& descriptor : known.for_new_pieces()) {
    auto host = client::newest_address(descriptor.host, descriptor.addresses, newer);
    const auto same = [&](const transfer::HostAddress& other) { return other.present_id() == host.present_id(); };
    if (std::ranges::none_of(hosts, same)) hosts.push_back(std::move(host));
  }
  if (hosts.empty()) return fail(Code::usage, fmt::format("{}: no Host's descriptor stands in it", cli::escape(file)));
  return hosts;
}

client::HostReport report_without_head(const client::ShownHead& shown, const Options& options) {
  client::HostReport report;
  report.host = shown.host.id;
  report.kind = options.chain ? format::AuditKind::chain : format::AuditKind::inventory;
  report.confidence = options.audit.confidence_ppm / double{format::kPartsPerMillion};
  report.samples = report.unanswered = 1;  // of its head
  report.reason = shown.reason;
  return report;
}

Result<void> print_listing(cli::World& world, const Options& options, const client::HostListing& listing) {
  format::Json json;
  json["type"] = "host";
  json["host"] = listing.host.hex();
  const auto verdict = listing.verdict();
  json["verdict"] = proof::verdict_name(verdict);
  if (listing.head) {
    json["head"] = to_hex(listing.head->hash);
    json["head_time"] = listing.head->head.time_unix_s;
  }
  if (listing.heads) json["heads"] = format::finding_name(*listing.heads);
  json["pieces"] = listing.pieces;
  json["listed"] = listing.listed;
  json["not_yet"] = listing.not_yet;
  json["not_listed"] = listing.not_listed;
  json["unanswered"] = listing.unanswered;
  for (const auto& failure : listing.failures)
    json["failures"].push_back({{"piece", failure.piece.hex()}, {"outcome", client::listing_name(failure.listing)}});
  std::string reason = cli::escape(listing.reason);
  if (listing.heads)
    reason = explain(*listing.heads);
  else if (listing.not_listed > 0)
    reason = fmt::format("{} of {} pieces are not in its inventory; the first is {}: {}", listing.not_listed, listing.pieces,
                         listing.failures.front().piece.hex(), client::listing_name(listing.failures.front().listing));
  else if (listing.unanswered == 0 && listing.not_yet > 0)
    reason = fmt::format("{} of {} pieces are younger than its inventory: ask again in an hour", listing.not_yet, listing.pieces);
  if (verdict != proof::Verdict::passed) {
    json["reason"] = reason;
    world.warn(about(options, fmt::format("Host {}: {}", listing.host.hex(), reason)));
  }
  return print_line(world, options, std::move(json));
}

}  // namespace

std::string explain(format::HeadFinding finding) {
  switch (finding) {
    case format::HeadFinding::equivocation:
      return "it signed two heads of its inventory that exclude each other";
    case format::HeadFinding::rollback:
      return "it shows an older head of its inventory than it showed before";
    case format::HeadFinding::broken:
      return "its heads do not lead on from the one that it showed before";
  }
  return "";
}

Result<client::AuditTargets> whole_hosts(cli::World& world, client::Session& session, const Options& options,
                                         std::vector<client::HostReport>& without_head) {
  const auto hosts = TRY(addresses_in(world, *options.host, options.hosts));
  client::AuditTargets targets;
  for (auto& shown : TRY(look(world, session, options, hosts))) {
    if (!shown.target) {
      without_head.push_back(report_without_head(shown, options));
      continue;
    }
    if (shown.target->evidence)
      world.warn(fmt::format("Host {}: {}", shown.host.id.hex(), explain(shown.target->evidence->finding)));
    targets.hosts.push_back(*std::move(shown.target));
  }
  std::ranges::sort(targets.hosts, {}, [](const client::AuditTarget& target) { return target.host.id; });
  return targets;
}

Result<cli::Exit> check_listed(cli::World& world, client::Session& session, const Options& options) {
  auto given = options.opened;
  if (!given) given = std::make_shared<cli::Input>(TRY(world.input(options.manifest, "a manifest")));
  const auto& input = *given;
  client::LineReader lines(input.fd, input.name);
  const auto manifest =
      TRY(client::ManifestTable::read(lines, input.name, format::any_writer(), client::ManifestTable::Seal::required,
                                      client::ManifestTable::Contracts::kept));
  auto listed = TRY(client::hosts_to_list(manifest, options.only_segments));
  // A file that was written after the head was made may name pieces that came after it.
  std::optional<std::int64_t> put_unix_s;
  const auto status = TRY(sys::status_of(input.fd, input.name));
  if (status.kind == sys::FileKind::regular) put_unix_s = status.modified_unix_s;

  const auto known = TRY(client::read_hosts_file(options.hosts));
  cli::warn_of_disputes(world, known);
  const auto newer = client::addresses_of(known);
  std::vector<transfer::HostAddress> hosts;
  for (auto& host : listed) hosts.push_back(client::newest_address(host.host.id, host.host.addresses, newer));
  const auto shown = TRY(look(world, session, options, hosts));

  proof::Tally tally;
  std::uint64_t pieces = 0, in = 0, not_yet = 0, not_listed = 0, unanswered = 0;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (world.stop().requested()) return fail(Code::failure, "stopped by a signal");
    const auto listing = session.run(client::check_listing(session.network(), listed[i], shown[i], put_unix_s));
    TRY(print_listing(world, options, listing));
    if (listing.verdict() == proof::Verdict::failed) ++tally.failed;
    if (listing.verdict() == proof::Verdict::unreachable) ++tally.unanswered;
    pieces += listing.pieces;
    in += listing.listed;
    not_yet += listing.not_yet;
    not_listed += listing.not_listed;
    unanswered += listing.unanswered;
  }
  const auto verdict = proof::verdict_of(tally);
  format::Json json;
  json["type"] = "summary";
  json["verdict"] = proof::verdict_name(verdict);
  json["hosts"] = listed.size();
  json["hosts_failed"] = tally.failed;
  json["hosts_unreachable"] = tally.unanswered;
  json["pieces"] = pieces;
  json["listed"] = in;
  json["not_yet"] = not_yet;
  json["not_listed"] = not_listed;
  json["unanswered"] = unanswered;
  TRY(print_line(world, options, std::move(json)));
  world.say(about(options, fmt::format("{} of {} places are listed in their Hosts' inventories; {} not yet, {} not, {} without an "
                                       "answer",
                                       in, pieces, not_yet, not_listed, unanswered)));
  if (verdict == proof::Verdict::failed) return cli::Exit::audit_failed;
  return verdict == proof::Verdict::passed ? cli::Exit::ok : cli::Exit::try_again;
}

}  // namespace inxt::audit_tool
