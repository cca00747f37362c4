// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/contracts/{id}: the holder of the control key makes a contract's term longer.  What is shown
// again, or after a later renewal, is answered with what there is: a term never becomes shorter.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "format/renewal.h"
#include "host/exchange.h"
#include "host/term.h"

namespace inxt::host {

namespace {

/// One renewal of a contract at a time: between reading its term and writing the new one no other may come.
class Turn {
 public:
  static std::optional<Turn> take(std::set<store::Key>& renewing, const store::Key& key) {
    if (!renewing.insert(key).second) return std::nullopt;
    return Turn(renewing, key);
  }
  Turn(Turn&& other) noexcept : renewing_(std::exchange(other.renewing_, nullptr)), key_(other.key_) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (renewing_ != nullptr) renewing_->erase(key_);
  }

 private:
  Turn(std::set<store::Key>& renewing, const store::Key& key) : renewing_(&renewing), key_(key) {}
  std::set<store::Key>* renewing_;
  store::Key key_;
};

/// The renewal as one for this piece of this account at this Host, now.
std::expected<format::Renewal, Refusal> check_token(Exchange& exchange, std::string_view token,
                                                    const AccountId& account, const PieceId& piece) {
  Result<format::Renewal> opened = format::open_renewal(token, exchange.now_s());
  if (!opened) return std::unexpected(Refusal(std::move(opened).error().in("Inxt-Renewal")));
  if (opened->account != account)
    return refuse(403, Code::denied, "renewal: it is for another account than the client certificate's");
  if (!exchange.host().is_or_was(opened->host))
    return refuse(403, Code::denied, "renewal: it is for another Host");
  if (opened->piece != piece) return refuse(403, Code::denied, "renewal: it is for another piece");
  return *std::move(opened);
}

/// What is stored, as far as a renewal needs it.
struct Contract {
  store::Trailer trailer;
  format::Offer offer;
  std::int64_t until_unix_s = 0;
};

Result<Contract> read_contract(store::Store& store, const PieceId& piece, const AccountId& account) {
  Contract contract{.trailer = TRY(store.read_trailer(piece, account)), .offer = {}, .until_unix_s = 0};
  contract.offer = TRY_IN("stored offer", format::open_offer(contract.trailer.offer, std::nullopt));
  contract.until_unix_s = TRY(end_of_term_unix_s(contract.trailer));
  return contract;
}

Result<store::StoredRenewal> sign(const format::Renewal& renewal, std::string_view token,
                                  const format::Offer& offer, const crypto::SigningKey& key,
                                  std::int64_t now_s) {
  // By the key that the Host has now: after a rotation it has no other.
  const format::RenewalAcceptance acceptance{.host = HostId{key.public_key()},
                                             .renewal = format::renewal_hash(token),
                                             .account = offer.account,
                                             .piece = offer.piece,
                                             .size = offer.size,
                                             .until_unix_s = renewal.until_unix_s,
                                             .price = renewal.price,
                                             .issued_unix_s = now_s};
  return store::StoredRenewal{.renewal = std::string(token),
                              .acceptance = TRY(format::sign_renewal_acceptance(acceptance, key))};
}

std::string answer_json(const store::Trailer& trailer, std::int64_t until_unix_s) {
  format::Json json;
  json["until"] = until_unix_s;
  add_renewal(json, trailer);
  return format::write_compact(json);
}

}  // namespace

net::Awaitable<Outcome> renew_contract(Exchange& exchange, PieceId piece) {
  const Parts& parts = exchange.parts();
  CO_TRY(const AccountId account, exchange.account());
  const auto header = exchange.request().header("Inxt-Renewal");
  if (!header) co_return refuse(400, Code::usage, "renewing needs the header Inxt-Renewal");
  const std::string token(*header);
  CO_TRY(const format::Renewal renewal, check_token(exchange, token, account, piece));
  const auto turn = Turn::take(exchange.host().renewing(), store::Key{piece, account});
  if (!turn) co_return refuse(503, Code::try_again, "the contract is being renewed now");

  Result<Contract> read =
      co_await parts.workers.run([&] { return read_contract(parts.store, piece, account); });
  if (!read) co_return std::unexpected(from_disk(std::move(read).error()));
  Contract contract = *std::move(read);
  const crypto::Hash contract_hash = format::contract_hash(contract.trailer.acceptance);
  if (auto good = format::check_renewal(contract.offer, contract_hash, renewal); !good)
    co_return refuse(403, Code::denied, std::move(good).error().what);

  if (renewal.until_unix_s > contract.until_unix_s) {
    if (renewal.from_unix_s != contract.until_unix_s)
      co_return refuse(409, Code::integrity,
                       fmt::format("renewal: the term ends at {}, not at its `from`", contract.until_unix_s),
                       "ask for the contract again, and sign a renewal from there");
    if (auto terms = check_terms(exchange.host().options(), "renewal", renewal.price, renewal.until_unix_s,
                                 exchange.now_s());
        !terms)
      co_return std::unexpected(std::move(terms).error());
    const std::int64_t now_s = exchange.now_s();
    const crypto::Hash offer_hash = format::offer_hash(contract.trailer.offer);
    Result<store::StoredRenewal> stored = co_await parts.workers.run([&]() -> Result<store::StoredRenewal> {
      store::StoredRenewal signed_renewal = TRY(sign(renewal, token, contract.offer, parts.key, now_s));
      TRY(parts.store.renew(piece, account, offer_hash, signed_renewal));
      return signed_renewal;
    });
    if (!stored) co_return std::unexpected(from_disk(std::move(stored).error()));
    contract.trailer.renewal = *std::move(stored);
    contract.until_unix_s = renewal.until_unix_s;
    ++exchange.host().counters().renewed_contracts;
    exchange.log(LogLevel::info, "renewed",
                 {{"piece", piece.hex()}, {"until", std::to_string(renewal.until_unix_s)}});
  }
  std::string json = answer_json(contract.trailer, contract.until_unix_s);
  co_await exchange.reply_json(200, std::move(json));
  co_return Outcome{};
}

}  // namespace inxt::host
