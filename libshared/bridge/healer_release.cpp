// SPDX-License-Identifier: LGPL-3.0-or-later
// Letting go: of two pieces the one that need not be, and all that a Host has which retires.
#include <algorithm>

#include "bridge/healer_repair.h"
#include "format/contract_release.h"
#include "net/race.h"
#include "transfer/offer_maker.h"

namespace inxt::bridge {

using database::Transaction;
using net::Awaitable;
using net::operator||;  // race.h

namespace {

constexpr std::int64_t kReleaseS = 3600;
constexpr std::int64_t kReleasePart = 24;  // of the wait between audits, after which a release is tried again

}  // namespace

template <class T>
Awaitable<Result<T>> Healer::unless_stopping(Awaitable<Result<T>> asked) {
  Awaitable<void> end = stopping();
  auto first = co_await (std::move(asked) || std::move(end));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, "the Bridge ends");
}

Awaitable<void> Healer::stopping() {
  while (!is_stopping_) co_await changed_.wait();
}

/// What a repair of ours stored is deleted with its control key; what the owner's own contracts keep is the
/// owner's, until its term ends: then the other one goes, where it can.
Awaitable<Result<void>> Healer::release(std::shared_ptr<Work> work, plan::ReleasePiece order,
                                        CareSegmentKey key) {
  const auto is_cared_for = [&] { return work->mind.find_segment(key) == order.segment; };
  const auto place = static_cast<std::uint16_t>(order.place);
  // One that is tried again later may be the piece that counts by now.
  if (!is_cared_for() || work->mind.plan().segments().pieces(order.segment)[place].host == order.host) {
    work->mind.plan().released(order);
    co_return Result<void>{};
  }
  if (work->mind.plan().hosts().is_leaving(order.host)) {
    const Result<void> done = co_await release_retiring(work, order, key);
    work->mind.plan().released(order);
    co_return done;
  }
  CO_TRY(Releasable found, co_await find_releasable(*work, order, key));
  if (!is_cared_for()) {
    work->mind.plan().released(order);
    co_return Result<void>{};
  }
  if (!found.contract) {
    const auto other = work->mind.plan().release_other(order, parts_.clock.unix_s());
    work->mind.plan().released(order);
    if (!other) co_return Result<void>{};
    order = *other;
    auto of_other = co_await find_releasable(*work, order, key);
    const bool is_there = of_other && of_other->contract && is_cared_for();
    if (!is_there) work->mind.plan().released(order);
    if (!of_other) co_return std::unexpected(std::move(of_other).error());
    if (!is_there) co_return Result<void>{};
    found = *std::move(of_other);
  }
  const Result<void> removed = co_await remove_ours(work->mind.host_id(order.host), place, found);
  work->mind.plan().released(order);
  if (!removed) co_return removed;
  std::vector<CareHostKey> ours;  // names of the Host
  for (const PlaceOfCare& each : found.text->row.places)
    if (each.place == place && each.is_ours && work->mind.find_host(each.host) == order.host)
      ours.push_back(each.host);
  const auto forget = [&] {
    return parts_.database.write([&](Transaction& transaction) -> Result<void> {
      for (const CareHostKey host : ours) TRY(remove_care_place(transaction, key, place, host));
      return {};
    });
  };
  CO_CHECK(co_await parts_.workers.run(forget));
  ++counts_.released;
  co_return Result<void>{};
}

/// A Host that retires takes the Bridge's word that another has proved the piece, whoever's contract it was.
Awaitable<Result<void>> Healer::release_retiring(std::shared_ptr<Work> work, plan::ReleasePiece order,
                                                 CareSegmentKey key) {
  const HealerMind& mind = work->mind;
  const HostId host = mind.host_id(order.host);
  const auto address = address_of(host);
  if (!address) {
    release_later(*work, order, key);
    co_return Result<void>{};
  }
  const auto read = [&] {
    return parts_.database.read([&](Transaction& transaction) { return care_text(transaction, key); });
  };
  CO_TRY(const std::optional<CareText> text, co_await parts_.workers.run(read));
  if (!text) co_return Result<void>{};
  CO_TRY(const SegmentOfCare care, read_care(*text));
  const auto& places = text->row.places;
  const auto before = handover(*work, order, key, places);
  if (!before || order.place >= care.pieces.size() || text->contracts.size() != places.size())
    co_return Result<void>{};
  const PlaceOfCare& leaves = places[before->former];
  const std::int64_t now = parts_.clock.unix_s();
  format::ContractRelease release;
  release.bridge = parts_.key.public_key();
  release.host = host;
  release.piece = care.pieces[order.place].id;
  release.contract = text->contracts[before->former];
  release.issued_unix_s = now;
  release.expires_unix_s = now + kReleaseS;
  const auto find_account = [&] {
    return parts_.database.read([&](Transaction& transaction) -> Result<std::optional<AccountId>> {
      const auto caretaker = TRY(find_caretaker(transaction, seal_, text->owner, text->caretaker));
      const std::uint32_t uploader = text->uploaders.at(before->former);
      if (caretaker && (leaves.is_ours || uploader == caretaker->number()))
        return caretaker->account_id(host);
      if (leaves.is_ours) return std::nullopt;
      const auto account = TRY(care_account(transaction, text->caretaker, text->owner, uploader, host));
      return account ? std::optional(account->account) : std::nullopt;
    });
  };
  CO_TRY(const std::optional<AccountId> account, co_await parts_.workers.run(find_account));
  if (!account) co_return Result<void>{};
  release.account = *account;
  // As the plan stands now: it may have changed while this was read.
  const auto stands = handover(*work, order, key, places);
  if (!stands) co_return Result<void>{};
  if (!stands->successor) {
    release_later(*work, order, key);
    co_return Result<void>{};
  }
  const PlaceOfCare& stays = places[*stands->successor];
  release.successor = mind.host_id(*mind.find_host(stays.host));
  release.successor_contract = text->contracts[*stands->successor];
  CO_TRY(const std::string token, format::sign_release(release, parts_.key));
  const Result<std::string> released = co_await unless_stopping(asking_.release(*address, token));
  if (!released && released.error().code == Code::try_again) release_later(*work, order, key);
  if (!released && released.error().code != Code::not_found) co_return std::unexpected(released.error());
  const auto forget = [&] {
    return parts_.database.write([&](Transaction& transaction) {
      const auto place = static_cast<std::uint16_t>(order.place);
      if (leaves.is_ours) return remove_care_place(transaction, key, place, leaves.host);
      // Kept, or the owner's manifest would bring it back when it is entrusted again.
      return mark_care_place(transaction, key, place, leaves.host, CareMark::lost);
    });
  };
  CO_CHECK(co_await parts_.workers.run(forget));
  ++counts_.released;
  co_return Result<void>{};
}

std::optional<Handover> Healer::handover(const Work& work, plan::ReleasePiece order, CareSegmentKey key,
                                         std::span<const PlaceOfCare> places) {
  if (work.mind.find_segment(key) != order.segment) return std::nullopt;
  return find_handover(work.mind, order, places);
}

/// What stands against it may be over then; it is looked at anew.
void Healer::release_later(Work& work, plan::ReleasePiece order, CareSegmentKey key) {
  const Work::Later later{.key = key, .order = order};
  const std::int64_t wait_s = std::max<std::int64_t>(options_.audit_s / kReleasePart, 1);
  work.releases_later.emplace(parts_.clock.unix_s() + wait_s, later);
}

/// The contract is there only where it can be let go now.
Awaitable<Result<Healer::Releasable>> Healer::find_releasable(const Work& work, plan::ReleasePiece order,
                                                              CareSegmentKey key) {
  const HostId host = work.mind.host_id(order.host);
  const auto read = [&] {
    return parts_.database.read([&](Transaction& transaction) -> Result<Releasable> {
      Releasable found;
      found.contract = TRY(care_contract(transaction, key, static_cast<std::uint16_t>(order.place), host));
      if (found.contract) found.text = TRY(care_text(transaction, key));
      if (!found.text || found.contract->sealed_control_seed.empty()) found.contract.reset();
      return found;
    });
  };
  CO_TRY(Releasable found, co_await parts_.workers.run(read));
  if (!address_of(host)) found.contract.reset();
  co_return found;
}

Awaitable<Result<void>> Healer::remove_ours(HostId host, std::uint16_t place, const Releasable& found) {
  const auto address = address_of(host);
  if (!address) co_return fail(Code::try_again, "the Host is not reached now");
  CO_TRY(const SegmentOfCare care, read_care(*found.text));
  CO_TRY(const crypto::SecretBytes seed,
         seal_.open(found.contract->contract, found.contract->sealed_control_seed));
  const crypto::SigningKey control = crypto::SigningKey::from_seed(seed.view());
  const PieceId piece = care.pieces.at(place).id;
  CO_TRY(const std::string token,
         transfer::make_deletion(control, host, piece, found.contract->account, parts_.clock.unix_s()));
  const Result<void> removed = co_await unless_stopping(asking_.remove(*address, piece, token));
  if (!removed && removed.error().code != Code::not_found) co_return std::unexpected(removed.error());
  co_return Result<void>{};
}

/// What was stored while the care ended would be found by nobody.  Best effort: else it stays until its term
/// ends.
Awaitable<void> Healer::take_back(const transfer::RebuildReport& report, const Repair& repair) {
  for (const transfer::RemadePiece& piece : report.remade) {
    const auto address = address_of(piece.place.host);
    const auto number = static_cast<std::size_t>(piece.place.place.shard * repair.care.chain.layout->mirrors +
                                                 piece.place.place.mirror);
    if (!piece.control || !address) continue;
    const auto token =
        transfer::make_deletion(*piece.control, piece.place.host, repair.care.pieces.at(number).id,
                                repair.caretaker->account_id(piece.place.host), parts_.clock.unix_s());
    if (!token) continue;
    const Result<void> removed =
        co_await unless_stopping(asking_.remove(*address, repair.care.pieces.at(number).id, *token));
    if (!removed) say("release", removed.error());
  }
}

}  // namespace inxt::bridge
