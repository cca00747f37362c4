// SPDX-License-Identifier: AGPL-3.0-or-later
// A piece service whose Hosts keep pieces in memory, sign as real ones do, and fail as they are told.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "crypto/random.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "format/renewal.h"
#include "format/tag.h"
#include "keys/owner.h"
#include "support/acting_hosts.h"
#include "transfer/piece_service.h"

namespace inxt::testing {

struct StoringHost {
  enum class Mood { good, lost, refuses, full, lies, silent };
  struct Held {
    Bytes bytes;
    std::string offer, acceptance, receipt;
    std::optional<transfer::HeldRenewal> renewal = {};
    std::int64_t until_unix_s = 0;
  };

  crypto::SigningKey key;
  std::map<PieceId, Held> pieces = {};
  Mood mood = Mood::good;
  int failures_left = 0;  // try_again so often first
  int delay_ms = 0;
  bool stores_first = false;  // before the delay, not after it
  bool drops = false;         // acknowledges and keeps nothing
  bool loses_answers = false;  // keeps, and the answer does not arrive
  unsigned asked = 0;
  bool answers_health = false;
  unsigned removed = 0;
  unsigned stored = 0;
  unsigned renewed = 0;
  std::uint64_t price = 0;                    // of a renewal
  std::int64_t renewals_end_sooner_by_s = 0;  // a Host that signs for less than it was asked
  std::function<void()> on_asked = {};

  HostId id() const {
    HostId id;
    id.bytes = key.public_key();
    return id;
  }
  /// Whether the tag in the contract's offer is the owner's, about this piece of this file.
  static bool opens_tag(ByteView recipient_secret, const Held& held, const PieceId& piece, const FileId& file) {
    const auto offer = format::open_offer(held.offer, std::nullopt);
    const auto opened = format::open_tag(recipient_secret, offer->tag, piece);
    return opened && opened->piece.id == piece && opened->header.file == file;
  }
};

class StoringHosts final : public transfer::PieceService {
 public:
  explicit StoringHosts(const keys::UploaderKeys& account) : account_(account) {}

  void add(unsigned number) {
    ByteArray<32> seed;
    seed.fill(static_cast<std::byte>(number));
    hosts_.push_back(std::make_unique<StoringHost>(StoringHost{.key = crypto::SigningKey::from_seed(seed)}));
  }
  StoringHost& operator[](std::size_t i) { return *hosts_[i]; }
  std::vector<std::unique_ptr<StoringHost>>& all() { return hosts_; }
  std::vector<format::Descriptor> descriptors() const {
    std::vector<format::Descriptor> out;
    for (const auto& host : hosts_) {
      format::Descriptor descriptor;
      descriptor.host = host->id();
      descriptor.addresses = {"192.0.2.1:1"};
      descriptor.capacity_bytes = descriptor.free_bytes = std::uint64_t{1} << 40;
      descriptor.term_seconds_max = 400 * 86400;
      out.push_back(std::move(descriptor));
    }
    return out;
  }
  std::size_t pieces() const {
    std::size_t count = 0;
    for (const auto& host : hosts_) count += host->pieces.size();
    return count;
  }
  unsigned running() const { return running_; }
  unsigned at_once_max = 0;
  std::atomic<std::uint64_t> served_bytes = 0;

  net::Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress& address, std::string_view offer_token,
                                                    ByteView bytes) override {
    const Running running(*this);
    auto& host = of(address.id);
    const auto offer = format::open_offer(offer_token, std::nullopt);
    if (!offer) co_return std::unexpected(offer.error());
    if (offer->account != account_.account_id(address.id)) co_return fail(Code::denied, "an offer by another account");
    transfer::StoredPiece stored{.offer = std::string(offer_token), .acceptance = {}, .receipt = {}, .address = address.addresses.front()};
    if (host.stores_first) keep(host, *offer, stored, bytes);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return std::unexpected(std::move(moody).error());
    if (host.mood == StoringHost::Mood::full) co_return fail(Code::quota, "full");
    if (const auto held = host.pieces.find(offer->piece); held != host.pieces.end() && !held->second.offer.empty()) {
      stored.offer = held->second.offer;
      stored.acceptance = held->second.acceptance;
      stored.receipt = held->second.receipt;
      co_return stored;
    }
    keep(host, *offer, stored, bytes);
    ++host.stored;
    if (host.drops) host.pieces.erase(offer->piece);
    if (host.loses_answers) co_return fail(Code::try_again, "the connection ended");
    co_return stored;
  }

  net::Awaitable<Result<void>> get(const transfer::HostAddress& address, const PieceId& piece, std::uint64_t offset,
                                   ByteSpan into) override {
    const Running running(*this);
    auto& host = of(address.id);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return moody;
    const auto held = host.pieces.find(piece);
    if (held == host.pieces.end()) co_return fail(Code::not_found, "no such piece");
    std::ranges::copy(ByteView(held->second.bytes).subspan(offset, into.size()), into.begin());
    if (host.mood == StoringHost::Mood::lies) into.back() ^= std::byte{1};
    served_bytes += into.size();
    co_return Result<void>{};
  }

  net::Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress& address, const PieceId& piece) override {
    const Running running(*this);
    auto& host = of(address.id);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return std::unexpected(std::move(moody).error());
    const auto held = host.pieces.find(piece);
    if (held == host.pieces.end()) co_return fail(Code::not_found, "no such piece");
    transfer::HeldPiece out;
    out.piece = piece;
    out.size = static_cast<std::uint32_t>(held->second.bytes.size());
    out.offer = held->second.offer;
    out.acceptance = held->second.acceptance;
    out.receipt = held->second.receipt;
    out.renewal = held->second.renewal;
    co_return out;
  }

  net::Awaitable<Result<void>> remove(const transfer::HostAddress& address, const PieceId& piece,
                                      std::string_view deletion_token) override {
    const Running running(*this);
    auto& host = of(address.id);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return moody;
    const auto held = host.pieces.find(piece);
    if (held == host.pieces.end()) co_return fail(Code::not_found, "no such piece");
    const auto offer = format::open_offer(held->second.offer, std::nullopt);
    const auto deletion = format::open_deletion(deletion_token, std::nullopt);
    if (!deletion || deletion->control != offer->control || deletion->piece != piece || deletion->host != host.id())
      co_return fail(Code::denied, "not this contract's control key");
    host.pieces.erase(held);
    ++host.removed;
    co_return Result<void>{};
  }

  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress& address,
                                                                     const PieceId& piece,
                                                                     std::string_view renewal_token) override {
    const Running running(*this);
    auto& host = of(address.id);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return std::unexpected(std::move(moody).error());
    const auto found = host.pieces.find(piece);
    if (found == host.pieces.end()) co_return fail(Code::not_found, "no such piece");
    auto& held = found->second;
    const auto offer = format::open_offer(held.offer, std::nullopt);
    const auto renewal = format::open_renewal(renewal_token, std::nullopt);
    if (!renewal || !format::check_renewal(*offer, format::contract_hash(held.acceptance), *renewal))
      co_return fail(Code::denied, "not this contract's renewal");
    if (renewal->price < host.price) co_return fail(Code::denied, "too cheap");
    if (renewal->until_unix_s <= held.until_unix_s) co_return held.renewal;
    if (renewal->from_unix_s != held.until_unix_s) co_return fail(Code::integrity, "the term ends at another time");
    format::RenewalAcceptance acceptance;
    acceptance.host = host.id();
    acceptance.renewal = format::renewal_hash(renewal_token);
    acceptance.account = renewal->account;
    acceptance.piece = piece;
    acceptance.size = offer->size;
    acceptance.until_unix_s = held.until_unix_s = renewal->until_unix_s - host.renewals_end_sooner_by_s;
    acceptance.price = renewal->price;
    acceptance.issued_unix_s = renewal->issued_unix_s;
    held.renewal = transfer::HeldRenewal{.renewal = std::string(renewal_token),
                                         .acceptance = *format::sign_renewal_acceptance(acceptance, host.key)};
    ++host.renewed;
    co_return held.renewal;
  }

  net::Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress&, const std::optional<PieceId>&,
                                                                std::uint32_t) override {
    co_return fail(Code::denied, "nothing is listed here");
  }
  net::Awaitable<Result<std::chrono::nanoseconds>> round_trip(const transfer::HostAddress& address) override {
    if (!of(address.id).answers_health) co_return fail(Code::try_again, "no connection");
    co_return std::chrono::milliseconds(1);
  }
  net::Awaitable<Result<std::string>> audit(const transfer::HostAddress& address, std::string_view request) override {
    const Running running(*this);
    auto& host = of(address.id);
    Result<void> moody = co_await answer(host);
    if (!moody) co_return std::unexpected(std::move(moody).error());
    ActingHost prover{.key = host.key.clone(), .pieces = {}};
    for (const auto& sample : samples_asked(request)) {
      const auto held = host.pieces.find(sample.piece);
      if (held == host.pieces.end()) continue;
      auto& bytes = prover.pieces[sample.piece] = copy_of(ByteView(held->second.bytes));
      if (host.mood == StoringHost::Mood::lies) bytes.back() ^= std::byte{1};
    }
    co_return prover.honest(request);
  }

 private:
  struct Running {
    explicit Running(StoringHosts& all) : hosts(all) { hosts.at_once_max = std::max(hosts.at_once_max, ++hosts.running_); }
    ~Running() { --hosts.running_; }
    StoringHosts& hosts;
  };

  StoringHost& of(const HostId& id) {
    return **std::ranges::find_if(hosts_, [&](const auto& host) { return host->id() == id; });
  }

  net::Awaitable<Result<void>> answer(StoringHost& host) {
    ++host.asked;
    if (host.on_asked) host.on_asked();
    co_await net::sleep_for(std::chrono::milliseconds(host.mood == StoringHost::Mood::silent ? 3'600'000 : host.delay_ms));
    if (host.failures_left > 0) {
      --host.failures_left;
      co_return fail(Code::try_again, "busy");
    }
    if (host.mood == StoringHost::Mood::lost) co_return fail(Code::not_found, "lost");
    if (host.mood == StoringHost::Mood::refuses) co_return fail(Code::denied, "not for you");
    co_return Result<void>{};
  }

  void keep(StoringHost& host, const format::Offer& offer, transfer::StoredPiece& stored, ByteView bytes) {
    format::Acceptance acceptance;
    acceptance.host = host.id();
    acceptance.offer = format::offer_hash(stored.offer);
    acceptance.account = offer.account;
    acceptance.piece = offer.piece;
    acceptance.size = offer.size;
    acceptance.until_unix_s = offer.until_unix_s;
    acceptance.issued_unix_s = offer.issued_unix_s;
    stored.acceptance = *format::sign_acceptance(acceptance, host.key);
    format::Receipt receipt;
    receipt.host = host.id();
    receipt.contract = format::contract_hash(stored.acceptance);
    receipt.piece = offer.piece;
    receipt.size = offer.size;
    receipt.issued_unix_s = offer.issued_unix_s;
    stored.receipt = *format::sign_receipt(receipt, host.key);
    host.pieces[offer.piece] = {.bytes = copy_of(bytes), .offer = stored.offer, .acceptance = stored.acceptance, .receipt = stored.receipt, .renewal = {}, .until_unix_s = offer.until_unix_s};
  }

  const keys::UploaderKeys& account_;
  std::vector<std::unique_ptr<StoringHost>> hosts_;
  unsigned running_ = 0;
};

}  // namespace inxt::testing
