// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/renew.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/host_addresses.h"
#include "format/renewal.h"
#include "net/event.h"
#include "transfer/offer_maker.h"

namespace inxt::client {
namespace {

using net::Awaitable;

constexpr int kTriesMax = 3;
constexpr int kRacesMax = 2;  // how often another renewal of the same contract may come between
constexpr std::chrono::milliseconds kLookAgain{200};

/// Whom to ask, and what it takes.
struct RenewingHost {
  transfer::HostAddress address;
  std::uint64_t price = 0;
  std::int64_t term_s = 0;
  int silent = 0;  // tries in a row without an answer
};

/// A contract as its Host shows it, checked.
struct Contract {
  format::Offer offer;
  std::string acceptance;
  std::int64_t until_unix_s = 0;
};

Result<Contract> check_contract(const transfer::HeldPiece& held, const PieceId& piece,
                                const transfer::HostAddress& host, const AccountId& account) {
  Contract out{.offer = TRY(format::open_offer(held.offer, std::nullopt)),
               .acceptance = held.acceptance,
               .until_unix_s = 0};
  if (out.offer.piece != piece || out.offer.host != host.id || out.offer.account != account)
    return fail(Code::integrity, "the Host's answer: a contract about something else");
  TRY(format::check_answer(held.offer, out.offer, held.acceptance, held.receipt));
  out.until_unix_s = TRY(format::open_acceptance(held.acceptance)).until_unix_s;
  if (held.renewal)
    out.until_unix_s = TRY(format::check_renewed(out.offer, held.acceptance, held.renewal->renewal,
                                                 held.renewal->acceptance, host.successors))
                           .until_unix_s;
  return out;
}

/// What was done about one place.
struct Done {
  std::int64_t until_unix_s = 0;
  std::optional<transfer::HeldRenewal> renewed =
      {};  // none: it ran long enough already, or this is a dry run
  bool would_renew = false;
};

class Renew {
 public:
  Renew(Network network, const ManifestTable& manifest, ByteView recipient_secret,
        const keys::UploaderKeys& uploader, const format::KnownHosts& known, RenewOptions options,
        RenewCallbacks callbacks)
      : net_(network),
        manifest_(manifest),
        recipient_secret_(recipient_secret),
        uploader_(uploader),
        options_(options),
        callbacks_(std::move(callbacks)),
        event_(network.executor) {
    const auto addresses = addresses_of(known);
    for (const auto& host : manifest.hosts()) {
      RenewingHost renewing{.address = newest_address(host.id, host.addresses, addresses),
                            .price = options.price_max,
                            .term_s = options.term_s,
                            .silent = 0};
      if (const auto* descriptor = known.find(host.id)) {
        renewing.price = descriptor->price;
        renewing.term_s = std::min(options.term_s, static_cast<std::int64_t>(descriptor->term_seconds_max));
      }
      hosts_.push_back(std::move(renewing));
    }
  }

  Awaitable<Result<RenewReport>> run() {
    for (std::uint64_t piece = 0; piece < manifest_.pieces(); ++piece) {
      if (options_.only_segments && !options_.only_segments(manifest_.place_of(piece).segment)) continue;
      const auto places = manifest_.places_of(piece);
      if (places.empty() && is_asked_for(manifest_.header().uploader)) ++report_.unplaced;
      for (std::size_t rank = 0; rank < places.size(); ++rank) {
        const auto at = places[rank];
        if (!is_asked_for(at.uploader)) continue;
        while (under_way_ >= options_.jobs && !stopped()) co_await event_.wait_for(kLookAgain);
        if (stopped()) {
          ++report_.failed;
          continue;
        }
        ++under_way_;
        net::spawn(net_.executor, renew_one(piece, at, rank));
      }
    }
    while (under_way_ > 0) co_await event_.wait_for(kLookAgain);
    co_return std::move(report_);
  }

 private:
  bool is_asked_for(std::uint32_t uploader) const {
    return !options_.only_uploaders || options_.only_uploaders(uploader);
  }
  bool stopped() {
    report_.stopped = report_.stopped || (callbacks_.stopped && callbacks_.stopped());
    return report_.stopped;
  }

  Awaitable<void> renew_one(std::uint64_t piece, ManifestTable::PlacedAt at, std::size_t rank) {
    auto& host = hosts_[at.host];
    std::optional<std::uint32_t> uploader;
    if (at.uploader != uploader_.number()) uploader = at.uploader;
    std::optional<std::int64_t> known_until;
    Result<Done> done = fail(Code::try_again, "it did not answer for other pieces and was not asked again");
    for (int i = 0; i < kTriesMax; ++i) {
      if (host.silent >= kTriesMax || stopped()) break;
      done = co_await attempt(manifest_.id(piece), host, uploader, known_until);
      if (done || done.error().code != Code::try_again) {
        host.silent = 0;
        break;
      }
      ++host.silent;
      co_await net::sleep_for(std::chrono::milliseconds(200 << i));
    }
    if (done) {
      ++(done->renewed || done->would_renew ? report_.renewed : report_.kept);
      report_.until_unix_s = std::min(report_.until_unix_s.value_or(done->until_unix_s), done->until_unix_s);
      if (done->renewed && callbacks_.on_renewed) callbacks_.on_renewed(*done->renewed);
      if (callbacks_.on_kept) callbacks_.on_kept(manifest_.place_of(piece), rank);
    } else {
      const RenewTrouble trouble{.place = manifest_.place_of(piece),
                                 .piece = manifest_.id(piece),
                                 .host = host.address.id,
                                 .error = done.error(),
                                 .until_unix_s = known_until,
                                 .rank = rank};
      if (++report_.failed == 1 || trouble.error.code != Code::try_again) report_.worst = trouble.error.code;
      if (callbacks_.on_trouble) callbacks_.on_trouble(trouble);
    }
    if (callbacks_.on_piece) callbacks_.on_piece();
    --under_way_;
    event_.notify();
  }

  Awaitable<Result<Done>> attempt(PieceId piece, const RenewingHost& host,
                                  std::optional<std::uint32_t> uploader,
                                  std::optional<std::int64_t>& known_until) {
    transfer::HostAddress address = host.address;
    address.uploader = uploader;
    for (int race = 0;; ++race) {
      Result<transfer::HeldPiece> held = co_await net_.service.contract(address, piece);
      if (!held) co_return std::unexpected(std::move(held).error());
      const AccountId account = account_at(address, *held);
      Result<Contract> checked =
          co_await net_.workers.run([&] { return check_contract(*held, piece, host.address, account); });
      if (!checked) co_return std::unexpected(std::move(checked).error());
      const Contract contract = *std::move(checked);
      known_until = contract.until_unix_s;

      const std::int64_t now_s = net_.clock.unix_s();
      const std::int64_t wanted_s = now_s + host.term_s;
      const std::int64_t enough_s =
          options_.if_less_s ? now_s + *options_.if_less_s : wanted_s - renew_slack_s(host.term_s);
      Done done{.until_unix_s = contract.until_unix_s};
      if (contract.until_unix_s >= std::min(enough_s, wanted_s)) co_return done;
      if (host.price > options_.price_max)
        co_return fail(Code::denied, fmt::format("it asks for {}, more than the {} of --price", host.price,
                                                 options_.price_max));

      Result<std::string> token =
          co_await net_.workers.run([&] { return sign(contract, held->acceptance, host, wanted_s, now_s); });
      if (!token) co_return std::unexpected(std::move(token).error());
      done.until_unix_s = wanted_s;
      if (options_.dry_run) {
        done.would_renew = true;
        co_return done;
      }
      auto answer = co_await net_.service.renew(address, piece, *token);
      if (!answer) {
        if (answer.error().code == Code::integrity && race < kRacesMax)
          continue;  // the term was made longer meanwhile
        co_return std::unexpected(std::move(answer).error());
      }
      if (!*answer) co_return fail(Code::integrity, "the Host's answer: it shows no renewal");
      done.renewed = **std::move(answer);
      const auto renewed = co_await net_.workers.run([&] {
        return format::check_renewed(contract.offer, contract.acceptance, done.renewed->renewal,
                                     done.renewed->acceptance, host.address.successors);
      });
      if (!renewed) co_return std::unexpected(renewed.error());
      if (renewed->until_unix_s < wanted_s)
        co_return fail(Code::integrity,
                       "the Host's answer: a renewal that ends earlier than the one it was given");
      known_until = done.until_unix_s = renewed->until_unix_s;
      co_return done;
    }
  }

  /// A repairer's contract is under an account of its own; its tag says that it is the owner's.
  AccountId account_at(const transfer::HostAddress& address, const transfer::HeldPiece& held) const {
    if (address.uploader)
      if (const auto offer = format::open_offer(held.offer, std::nullopt)) return offer->account;
    return uploader_.account_id(address.id);
  }

  Result<std::string> sign(const Contract& contract, const std::string& acceptance, const RenewingHost& host,
                           std::int64_t until_unix_s, std::int64_t now_unix_s) const {
    auto opened =
        TRY_IN("tag", format::open_tag(recipient_secret_, contract.offer.tag, contract.offer.piece));
    if (opened.tag.header_line != manifest_.chain().header_line)
      return fail(Code::integrity, "the contract there is another file's");
    const auto control = crypto::SigningKey::from_seed(opened.tag.control_seed.view());
    const format::Renewal renewal{.control = control.public_key(),
                                  .host = contract.offer.host,
                                  .contract = format::contract_hash(acceptance),
                                  .piece = contract.offer.piece,
                                  .account = contract.offer.account,
                                  .from_unix_s = contract.until_unix_s,
                                  .until_unix_s = until_unix_s,
                                  .price = host.price,
                                  .issued_unix_s = now_unix_s,
                                  .expires_unix_s = now_unix_s + transfer::kOfferLifeS};
    TRY(format::check_renewal(contract.offer, renewal.contract, renewal));
    return format::sign_renewal(renewal, control);
  }

  Network net_;
  const ManifestTable& manifest_;
  ByteView recipient_secret_;
  const keys::UploaderKeys& uploader_;
  const RenewOptions options_;
  RenewCallbacks callbacks_;
  net::Event event_;
  std::vector<RenewingHost> hosts_;
  RenewReport report_;
  unsigned under_way_ = 0;
};

}  // namespace

std::vector<std::uint32_t> uploaders_of(const ManifestTable& manifest) {
  std::vector<std::uint32_t> out{manifest.header().uploader};
  for (std::uint64_t piece = 0; piece < manifest.pieces(); ++piece)
    for (const auto& at : manifest.places_of(piece))
      if (std::ranges::find(out, at.uploader) == out.end() && out.size() < kRenewUploadersMax)
        out.push_back(at.uploader);
  return out;
}

Awaitable<Result<RenewReport>> renew_contracts(Network network, const ManifestTable& manifest,
                                               ByteView recipient_secret, const keys::UploaderKeys& uploader,
                                               const format::KnownHosts& hosts, RenewOptions options,
                                               RenewCallbacks callbacks) {
  Renew engine(network, manifest, recipient_secret, uploader, hosts, options, std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
