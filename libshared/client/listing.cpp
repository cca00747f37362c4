// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/listing.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "format/transcript_lines.h"
#include "proof/inventory_contracts.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// The better one: what a second contract shows makes good what the first one does not, but for a lie.
Listing better_of(Listing a, Listing b) {
  if (a == Listing::wrong || b == Listing::wrong) return Listing::wrong;
  return std::min(a, b);
}

void add(HostListing& out, const PieceId& piece, Listing listing, bool is_older) {
  if (listing == Listing::listed) {
    ++out.listed;
    return;
  }
  const bool is_absent = listing == Listing::piece_absent || listing == Listing::contract_absent;
  if (is_absent && is_older) {
    ++out.not_yet;
    return;
  }
  ++out.not_listed;
  if (out.failures.size() < kFailuresNamedMax) out.failures.push_back({piece, listing});
}

}  // namespace

proof::Verdict HostListing::verdict() const {
  const bool lied = heads == format::HeadFinding::equivocation;
  return proof::verdict_of({.failed = not_listed + (lied ? 1U : 0U),
                            .unanswered = unanswered + not_yet + (heads && !lied ? 1U : 0U),
                            .late = 0,
                            .unanchored = 0});
}

Result<std::vector<ListedHost>> hosts_to_list(const ManifestTable& manifest,
                                              const std::function<bool(std::uint64_t segment)>& only) {
  std::vector<ListedHost> out;
  out.reserve(manifest.hosts().size());
  for (const auto& host : manifest.hosts()) out.push_back({{host.id, host.addresses}, {}});
  for (const auto& place : manifest.contracts())
    if (!only || only(manifest.place_of(place.piece).segment))
      out[place.host].pieces.push_back({manifest.id(place.piece), proof::blinded_contract(place.contract)});
  std::erase_if(out, [](const ListedHost& host) { return host.pieces.empty(); });
  if (out.empty())
    return fail(Code::usage, "the manifest names no Host", "was it put? inxt-put adds the places");
  for (auto& host : out)
    std::ranges::sort(host.pieces, [](const format::LookupPiece& a, const format::LookupPiece& b) {
      return std::tie(a.piece, a.blinded) < std::tie(b.piece, b.blinded);
    });
  std::ranges::sort(out, {}, [](const ListedHost& host) { return host.host.id; });
  return out;
}

Awaitable<HostListing> check_listing(Network network, const ListedHost& listed, const ShownHead& shown,
                                     std::optional<std::int64_t> put_unix_s) {
  HostListing out;
  out.host = shown.host.id;
  std::map<PieceId, std::optional<Listing>> found;  // nothing where there was no answer
  for (const auto& asked : listed.pieces) found.try_emplace(asked.piece);
  out.pieces = found.size();
  out.reason = shown.reason;
  if (!shown.target) {
    out.unanswered = out.pieces;
    co_return out;
  }
  const format::SignedHead& head = std::get<AuditHead>(shown.target->what).head;
  out.head = head;
  if (shown.target->evidence) out.heads = shown.target->evidence->finding;
  for (std::size_t first = 0; first < listed.pieces.size(); first += format::kLookupPiecesMax) {
    const auto count = std::min(format::kLookupPiecesMax, listed.pieces.size() - first);
    const auto asked = std::span(listed.pieces).subspan(first, count);
    format::LookupRequest request;
    request.head = head.hash;
    request.pieces.assign(asked.begin(), asked.end());
    const std::string body = format::write_lookup(request);
    Result<std::string> answer = co_await network.service.look_up(shown.host, body);
    if (!answer) {
      out.reason = format::fit_reason(answer.error().what);
      break;
    }
    const auto check = [&] { return check_lookup_answer(head, asked, body, *answer); };
    Result<LookupAnswer> checked = co_await network.workers.run(check);
    if (!checked) {
      out.reason = format::fit_reason(checked.error().what);
      break;
    }
    for (std::size_t i = 0; i < count; ++i) {
      auto& best = found[asked[i].piece];
      best = best ? better_of(*best, checked->listings[i]) : checked->listings[i];
    }
  }
  const bool is_older = put_unix_s && head.head.time_unix_s <= *put_unix_s;
  for (const auto& [piece, listing] : found) {
    if (listing)
      add(out, piece, *listing, is_older);
    else
      ++out.unanswered;
  }
  co_return out;
}

}  // namespace inxt::client
