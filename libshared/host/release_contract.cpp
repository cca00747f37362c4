// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/releases: while a Host retires, a Bridge that vouched for an account may end its contracts one by
// one, as other Hosts have proved the pieces.  Wire: inxt-wire(7).
//
// Killed at any instant, the Host has the piece or has kept why not: the reason is durable before the piece
// goes, and the same request again gives the same answer.
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/contract_release.h"
#include "host/exchange.h"
#include "host/inventory.h"
#include "host/letting_go.h"
#include "proof/inventory_contracts.h"

namespace inxt::host {

namespace {

using format::ContractRelease;
using format::ReleasedLine;

constexpr std::size_t kReleasedRememberedMax = 100'000;  // 80 bytes of memory each

/// Who holds an acceptance could say that the piece was lost: this shows that it was told to go.
std::string release_record(const ReleasedLine& line, const AccountId& account, std::int64_t now_s) {
  format::Json json;
  json["type"] = "release";
  json["time"] = now_s;
  json["piece"] = line.piece.hex();
  json["account"] = account.hex();
  json["offer"] = line.offer;
  json["acceptance"] = line.acceptance;
  json["release"] = *line.release;
  return format::write_compact(json) + '\n';
}

/// `is_repeated`: it may have been kept, and lost with the answer.  Whoever has seen the token can repeat it
/// as often as he likes: that must not push out what else is kept.
void keep_record(Exchange& exchange, const ReleasedLine& line, const ContractRelease& release,
                 bool is_repeated) {
  Host& host = exchange.host();
  if (host.options().records.transfer_bytes_max == 0) return;
  auto& released = host.released();
  const bool is_known = released.contains(release.contract);
  const bool is_full = released.size() >= kReleasedRememberedMax;
  if (is_repeated && (is_known || is_full)) return;
  if (!is_full) released.insert(release.contract);
  host.transfer_records().add(release_record(line, release.account, exchange.now_s()));
}

/// Whether this Bridge's word counts here.
std::expected<void, Refusal> check_bridge(const Options& options, const ContractRelease& release) {
  const bool is_accepted = options.accept.is_any() || options.accept.accepts_vouchers_of(release.bridge);
  if (!is_accepted || options.deny.has_bridge(release.bridge))
    return refuse(403, Code::denied, "release: this Host does not accept that Bridge");
  return {};
}

/// Whether it ends contracts of this account.
std::expected<void, Refusal> check_account(Host& host, const ContractRelease& release) {
  const std::vector<crypto::PublicKey> bridges = host.vouched().bridges_of(release.account);
  if (std::ranges::find(bridges, release.bridge) == bridges.end())
    return refuse(403, Code::denied, "release: that Bridge has not vouched for the account here");
  return {};
}

/// What that Bridge had let go before, where it did not hear the answer.
Result<std::optional<ReleasedLine>> released_before(Host& host, const ContractRelease& release) {
  if (host.inventory() == nullptr) return std::nullopt;
  std::optional<ReleasedLine> line =
      TRY(host.inventory()->releases().find(release.piece, proof::blinded_contract(release.contract)));
  if (!line || !line->release) return std::nullopt;
  const Result<ContractRelease> by = format::open_release(*line->release, std::nullopt);
  if (!by || by->bridge != release.bridge) return std::nullopt;
  return line;
}

net::Awaitable<Outcome> reply(Exchange& exchange, ReleasedLine line) {
  const Result<format::Offer> offer = format::open_offer(line.offer, std::nullopt);
  if (offer) line.succession = exchange.host().succession_from(offer->host);
  const std::string text = format::write_released(line);
  co_await exchange.reply(200, "application/jsonl", view_of(text));
  co_return Outcome{};
}

}  // namespace

net::Awaitable<Outcome> release_contract(Exchange& exchange) {
  Host& host = exchange.host();
  const Parts& parts = exchange.parts();
  if (auto client = exchange.client(); !client) co_return std::unexpected(std::move(client).error());
  const auto header = exchange.request().header("Inxt-Release");
  if (!header) co_return refuse(400, Code::usage, "Inxt-Release, a Bridge's release, is missing");
  if (!host.is_retiring())
    co_return refuse(403, Code::denied, "this Host does not retire: its contracts stay");
  const std::string token(*header);
  const std::int64_t now_s = exchange.now_s();
  const auto open = [&] { return format::open_release(token, now_s); };
  const Result<ContractRelease> opened = co_await parts.workers.run(open);
  if (!opened) co_return std::unexpected(Refusal(403, Error(opened.error()).in("Inxt-Release")));
  const ContractRelease release = *opened;
  if (!host.is_or_was(release.host)) co_return refuse(403, Code::denied, "release: it is for another Host");
  if (host.is_or_was(release.successor))
    co_return refuse(403, Code::denied, "release: the successor is this Host itself");
  CO_CHECK(check_bridge(host.options(), release));

  const auto read = [&] { return parts.store.read_trailer(release.piece, release.account); };
  const Result<store::Trailer> trailer = co_await parts.workers.run(read);
  if (!trailer && trailer.error().code != Code::not_found)
    co_return std::unexpected(from_disk(Error(trailer.error())));
  if (!trailer || format::contract_hash(trailer->acceptance) != release.contract) {
    const auto look = [&] { return released_before(host, release); };
    Result<std::optional<ReleasedLine>> before = co_await parts.workers.run(look);
    if (!before) co_return std::unexpected(from_disk(std::move(before).error()));
    if (*before) {
      keep_record(exchange, **before, release, true);
      co_return co_await reply(exchange, **std::move(before));
    }
    CO_CHECK(check_account(host, release));  // not above: with its last piece the account was forgotten
    co_return refuse(404, Code::not_found, "there is no such contract");
  }
  CO_CHECK(check_account(host, release));
  const auto remove = [&] { return remove_released(host, *trailer, token); };
  Result<void> removed = co_await parts.workers.run(remove);
  if (!removed) co_return std::unexpected(from_disk(std::move(removed).error()));
  ++host.counters().released_contracts;
  ReleasedLine line;
  line.piece = release.piece;
  line.offer = trailer->offer;
  line.acceptance = trailer->acceptance;
  line.release = token;
  keep_record(exchange, line, release, false);
  exchange.log(LogLevel::info, "released",
               {{"piece", release.piece.hex()},
                {"account", release.account.hex()},
                {"successor", release.successor.hex()}});
  co_return co_await reply(exchange, std::move(line));
}

}  // namespace inxt::host
