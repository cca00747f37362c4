// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "format/descriptor.h"
#include "format/transcript_lines.h"

namespace inxt::client {
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
    std::vector<proof::SetPiece> pieces;
    while (pieces.size() < extract.pieces) {
      const auto set_line = TRY_IN(name, lines.next());
      if (!set_line)
        return fail(Code::integrity,
                    fmt::format("{}: cut short: {} of {} pieces", name, pieces.size(), extract.pieces));
      const auto set_where = fmt::format("{}: line {}", name, ++number);
      const auto piece = TRY(format::read_set_line(*set_line, set_where));
      if (!pieces.empty() && piece.piece <= pieces.back().id)
        return fail(Code::integrity, set_where + ": out of order");
      pieces.push_back({piece.piece, piece.size});
    }
    auto set = TRY_IN(where, proof::AuditSet::make(std::move(pieces)));
    if (set.hash() != extract.set_hash)
      return fail(Code::integrity, where + ": set_hash: not that of the lines behind it");
    out.hosts.push_back({{extract.host, extract.addresses}, std::move(set)});
  }
  std::ranges::sort(out.hosts, {}, [](const AuditTarget& target) { return target.host.id; });
  return out;
}

}  // namespace

Result<AuditTargets> audit_targets(const ManifestTable& manifest) {
  AuditTargets out;
  std::vector<std::vector<proof::SetPiece>> sets(manifest.hosts().size());
  for (std::uint64_t piece = 0; piece < manifest.pieces(); ++piece) {
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

void add_addresses(AuditTargets& targets, const std::vector<transfer::HostAddress>& known) {
  for (auto& target : targets.hosts) {
    const auto newer = std::ranges::find(known, target.host.id, &transfer::HostAddress::id);
    if (newer == known.end()) continue;
    auto addresses = newer->addresses;
    for (auto& old : target.host.addresses)
      if (std::ranges::find(addresses, old) == addresses.end()) addresses.push_back(std::move(old));
    target.host.addresses = std::move(addresses);
  }
}

Result<void> write_extract(const AuditTarget& target, const std::function<Result<void>(std::string_view)>& write) {
  auto addresses = target.host.addresses;
  addresses.resize(std::min(addresses.size(), format::kAddressesMax));
  TRY(write(format::write_extract_line({.host = target.host.id,
                                        .addresses = std::move(addresses),
                                        .pieces = target.set.pieces().size(),
                                        .set_hash = target.set.hash()})));
  for (const auto& piece : target.set.pieces())
    TRY(write(format::write_set_line({.piece = piece.id, .size = static_cast<std::uint32_t>(piece.size_bytes)})));
  return {};
}

}  // namespace inxt::client
