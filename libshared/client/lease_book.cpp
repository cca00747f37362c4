// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/lease_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "client/manifest_table.h"
#include "format/lease.h"

namespace inxt::client {

using format::LeaseAnswer;
using format::LeaseRequest;
using net::Awaitable;

LeaseBook::LeaseBook(transfer::BridgeShares& bridge, const format::ShareKeys& keys,
                     const crypto::PublicKey& bridge_id, const std::vector<format::SharedAccount>& accounts,
                     const net::Executor& executor, const sys::Clock& clock)
    : bridge_(bridge),
      keys_(keys),
      bridge_id_(bridge_id),
      accounts_(accounts),
      clock_(clock),
      event_(executor) {}

void LeaseBook::add(const ManifestTable& manifest) {
  const auto& hosts = manifest.hosts();
  std::map<std::pair<std::uint32_t, std::uint32_t>, const AccountId*> account_at;  // Host, uploader
  for (std::uint32_t i = 0; i < hosts.size(); ++i)
    for (const auto& known : accounts_)
      if (known.host == hosts[i].id) account_at[{i, known.uploader}] = &known.account;
  for (std::uint64_t piece = 0; piece < manifest.pieces(); ++piece)
    for (const auto& place : manifest.places_of(piece)) {
      const auto account = account_at.find({place.host, place.uploader});
      if (account == account_at.end()) continue;
      AtHost& at = hosts_[hosts[place.host].id];
      if (at.index.try_emplace(manifest.id(piece), at.pieces.size()).second)
        at.pieces.push_back({manifest.id(piece), *account->second, nullptr});
    }
}

bool LeaseBook::is_good(const Held& held) const {
  return held.lease != nullptr && held.lease->expires_unix_s - clock_.unix_s() >= kLeaseLeftSMin;
}

Awaitable<Result<std::string>> LeaseBook::capability_for(HostId host, PieceId piece) {
  const auto known = hosts_.find(host);
  if (known == hosts_.end()) co_return fail(Code::not_found, "the share names no piece at this Host");
  AtHost& at = known->second;
  const auto index = at.index.find(piece);
  if (index == at.index.end()) co_return fail(Code::not_found, "this piece is not the share's");
  const std::size_t number = index->second;
  while (!is_good(at.pieces[number])) {
    if (at.is_asking) {
      co_await event_.wait();
      continue;
    }
    Result<void> asked = co_await ask(host, at, number);
    if (!asked) {
      trouble_ = std::move(asked).error();
      co_return std::unexpected(*trouble_);
    }
    // A lease shorter than kLeaseLeftSMin, because the share ends: it counts once.
    break;
  }
  const auto lease = at.pieces[number].lease;
  if (lease == nullptr) co_return fail(Code::integrity, "the Bridge gave a lease for other pieces");
  co_return lease->capability + "~" + lease->lease;
}

Awaitable<Result<void>> LeaseBook::ask(const HostId& host, AtHost& at, std::size_t first) {
  struct Asking {
    AtHost& at;
    net::Event& event;
    Asking(AtHost& of, net::Event& tell) : at(of), event(tell) { at.is_asking = true; }
    ~Asking() {
      at.is_asking = false;
      event.notify();
    }
  };
  const Asking asking(at, event_);
  LeaseRequest request;
  request.host = host;
  request.account = at.pieces[first].account;
  std::vector<std::size_t> numbers;
  for (std::size_t i = first; i < at.pieces.size() && numbers.size() < format::kLeasePiecesMax; ++i) {
    if (at.pieces[i].account != request.account || is_good(at.pieces[i])) continue;
    numbers.push_back(i);
    request.pieces.push_back(at.pieces[i].piece);
  }
  Result<LeaseAnswer> answer = co_await bridge_.lease(keys_.id(), request);
  if (!answer) co_return std::unexpected(ended_share(std::move(answer).error()));
  CO_CHECK(check(request, *answer));
  const auto shared = std::make_shared<const LeaseAnswer>(*std::move(answer));
  for (const auto number : numbers) at.pieces[number].lease = shared;
  co_return Result<void>{};
}

/// What does not fit would only be refused by the Host; but then the Host would be blamed for it.
Result<void> LeaseBook::check(const LeaseRequest& asked, const LeaseAnswer& answer) const {
  const auto now = clock_.unix_s();
  const auto capability =
      TRY_IN("the Bridge's answer", format::open_leasing_capability(answer.capability, now));
  const auto lease = TRY_IN("the Bridge's answer", format::open_lease(answer.lease, now));
  const bool has_all = std::ranges::all_of(asked.pieces, [&](const PieceId& piece) {
    return std::ranges::find(lease.pieces, piece) != lease.pieces.end();
  });
  if (capability.account != asked.account || capability.host != asked.host ||
      capability.bridge != bridge_id_ || lease.bridge != bridge_id_ || lease.host != asked.host ||
      lease.account != asked.account || lease.client != keys_.client().public_key() || !has_all)
    return fail(Code::integrity, "the Bridge gave a lease for something else than was asked for");
  return {};
}

Error ended_share(Error error) {
  if (error.code != Code::not_found) return error;
  return Error{.code = Code::denied,
               .what = "the Bridge knows no such share: it was revoked, or has ended",
               .hint = "ask whoever shared it for a new one"};
}

}  // namespace inxt::client
