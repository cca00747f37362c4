// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "client/host_addresses.h"
#include "format/descriptor.h"
#include "format/transcript_lines.h"

namespace inxt::client {
Result<proof::AuditSet> read_set_lines(LineReader& lines, const std::string& name, std::uint64_t& number,
                                       std::uint64_t count) {
  const auto first = number;
  std::vector<proof::SetPiece> pieces;
  while (pieces.size() < count) {
    const auto line = TRY_IN(name, lines.next());
    if (!line)
      return fail(Code::integrity, fmt::format("{}: cut short: {} of {} pieces", name, pieces.size(), count));
    const auto where = fmt::format("{}: line {}", name, ++number);
    const auto piece = TRY(format::read_set_line(*line, where));
    if (!pieces.empty() && piece.piece <= pieces.back().id) return fail(Code::integrity, where + ": out of order");
    pieces.push_back({piece.piece, piece.size});
  }
  return TRY_IN(fmt::format("{}: line {}", name, first), proof::AuditSet::make(std::move(pieces)));
}

namespace {

/// An extract, or several.
Result<AuditTargets> read_extracts(LineReader& lines, const std::string& name) {
  AuditTargets out;
  std::set<HostId> seen;
  std::uint64_t number = 0;
  while (const auto line = TRY_IN(name, lines.next())) {
    const auto where = fmt::format("{}: line {}", name, ++number);
    const auto extract = TRY(format::read_extract_line(*line, where));
    if (!seen.insert(extract.host).second)
      return fail(Code::integrity, where + ": a second extract for one Host");
    auto set = TRY(read_set_lines(lines, name, number, extract.pieces));
    if (set.hash() != extract.set_hash)
      return fail(Code::integrity, where + ": set_hash: not that of the lines behind it");
    out.hosts.push_back({{extract.host, extract.addresses}, std::move(set)});
  }
  std::ranges::sort(out.hosts, {}, [](const AuditTarget& target) { return target.host.id; });
  return out;
}

}  // namespace

format::AuditKind AuditTarget::kind() const {
  const auto* head = std::get_if<AuditHead>(&what);
  if (head == nullptr) return format::AuditKind::set;
  return head->chained ? format::AuditKind::chain : format::AuditKind::inventory;
}

const crypto::Hash& AuditTarget::commitment() const {
  const auto* head = std::get_if<AuditHead>(&what);
  return head != nullptr ? head->head.hash : set().hash();
}

std::uint64_t AuditTarget::pieces() const {
  const auto* head = std::get_if<AuditHead>(&what);
  return head != nullptr ? head->head.head.pieces : set().pieces().size();
}

std::uint64_t AuditTarget::blocks() const {
  const auto* head = std::get_if<AuditHead>(&what);
  return head != nullptr ? head->head.head.root.blocks : set().blocks();
}

std::uint64_t AuditTarget::bytes() const {
  const auto* head = std::get_if<AuditHead>(&what);
  return head != nullptr ? head->head.head.root.bytes : set().bytes();
}

Result<void> check_evidence(const HeadEvidence& evidence, const HostId& host) {
  const auto first = TRY(format::read_head(evidence.first, "first head"));
  const auto second = TRY(format::read_head(evidence.second, "second head"));
  const auto bad = [](std::string_view why) { return fail(Code::integrity, "evidence: " + std::string(why)); };
  if (first.head.host != host || second.head.host != host) return bad("a head of another Host");
  const auto behind = second.head.time_unix_s - first.head.time_unix_s;
  switch (evidence.finding) {
    case format::HeadFinding::equivocation:
      if (!format::heads_conflict(first, second)) return bad("the heads do not conflict");
      break;
    case format::HeadFinding::rollback:
      if (behind >= 0) return bad("the second head is not older");
      break;
    case format::HeadFinding::broken:
      if (behind <= 0 || format::check_follows(first, second)) return bad("the second head follows the first");
      break;
  }
  return {};
}

Result<AuditTargets> audit_targets(const ManifestTable& manifest,
                                   const std::function<bool(std::uint64_t segment)>& only) {
  AuditTargets out;
  std::vector<std::vector<proof::SetPiece>> sets(manifest.hosts().size());
  for (std::uint64_t piece = 0; piece < manifest.pieces(); ++piece) {
    if (only && !only(manifest.place_of(piece).segment)) continue;
    const auto hosts = manifest.hosts_of(piece);
    if (hosts.empty()) ++out.pieces_without_place;
    for (const auto host : hosts) sets[host].push_back({manifest.id(piece), manifest.size(piece)});
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].empty()) continue;
    const auto& host = manifest.hosts()[i];
    out.hosts.push_back({{host.id, host.addresses}, TRY(proof::AuditSet::make(std::move(sets[i])))});
  }
  if (out.hosts.empty())
    return fail(Code::usage, "the manifest names no Host", "was it put? inxt-put adds the places");
  std::ranges::sort(out.hosts, {}, [](const AuditTarget& target) { return target.host.id; });
  return out;
}

Result<AuditTargets> read_audit_targets(LineReader& lines, const std::string& name) {
  if (const auto first = TRY_IN(name, lines.peek()); first && format::type_of(*first) == "extract")
    return read_extracts(lines, name);
  const auto manifest = TRY(ManifestTable::read(lines, name, format::any_writer()));
  return audit_targets(manifest);
}

Result<void> add_addresses(AuditTargets& targets, const std::vector<transfer::HostAddress>& known) {
  for (auto& target : targets.hosts) {
    target.host = newest_address(target.host.id, target.host.addresses, known);
    if (target.kind() != format::AuditKind::set && target.host.present_id() != target.host.id)
      return fail(Code::usage, fmt::format("the head is of a key that Host {} has given up", target.host.id.hex()),
                  "it has another key since: fix the commitments again");
    target.host.id = target.host.present_id();
    target.host.successors.clear();
  }
  std::ranges::stable_sort(targets.hosts, {}, [](const AuditTarget& target) { return target.host.id; });
  std::vector<AuditTarget> merged;
  for (auto& target : targets.hosts) {
    if (merged.empty() || merged.back().host.id != target.host.id) {
      merged.push_back(std::move(target));
      continue;
    }
    auto& same = merged.back();
    if (same.commit || target.commit || same.kind() != format::AuditKind::set || target.kind() != format::AuditKind::set)
      return fail(Code::usage, fmt::format("two commitments are of one Host, {}", same.host.id.hex()),
                  "it has another key since: fix the commitments again");
    std::vector<proof::SetPiece> pieces(same.set().pieces().begin(), same.set().pieces().end());
    pieces.insert(pieces.end(), target.set().pieces().begin(), target.set().pieces().end());
    same.what = TRY(proof::AuditSet::make(std::move(pieces)));
    for (auto& address : target.host.addresses)
      if (std::ranges::find(same.host.addresses, address) == same.host.addresses.end())
        same.host.addresses.push_back(std::move(address));
  }
  targets.hosts = std::move(merged);
  return {};
}

Result<void> write_extract(const AuditTarget& target, const std::function<Result<void>(std::string_view)>& write) {
  auto addresses = target.host.addresses;
  addresses.resize(std::min(addresses.size(), format::kAddressesMax));
  TRY(write(format::write_extract_line({.host = target.host.id,
                                        .addresses = std::move(addresses),
                                        .pieces = target.set().pieces().size(),
                                        .set_hash = target.set().hash()})));
  for (const auto& piece : target.set().pieces())
    TRY(write(format::write_set_line({.piece = piece.id, .size = static_cast<std::uint32_t>(piece.size_bytes)})));
  return {};
}

}  // namespace inxt::client
