// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/renewal.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kRenewalType = "inxt-renewal";
constexpr std::string_view kAcceptanceType = "inxt-renewal-acceptance";

Result<Token> open(std::string_view type, std::string_view token) {
  if (token.size() > kRenewalTokenBytesMax)
    return fail(Code::integrity, fmt::format("{} token: {} bytes are more than {} (kRenewalTokenBytesMax)",
                                             type, token.size(), kRenewalTokenBytesMax));
  return open_token(type, token);
}

}  // namespace

crypto::Hash renewal_hash(std::string_view token) {
  return crypto::labelled_hash(crypto::label::kRenewalHash, {view_of(token)});
}

Result<std::string> sign_renewal(const Renewal& renewal, const crypto::SigningKey& control) {
  return sign_token(kRenewalType,
                    {{"iss", to_hex(renewal.control)},
                     {"aud", renewal.host.hex()},
                     {"contract", to_hex(renewal.contract)},
                     {"piece", renewal.piece.hex()},
                     {"account", renewal.account.hex()},
                     {"from", renewal.from_unix_s},
                     {"until", renewal.until_unix_s},
                     {"price", renewal.price},
                     {"iat", renewal.issued_unix_s},
                     {"exp", renewal.expires_unix_s}},
                    control);
}

Result<std::string> sign_renewal_acceptance(const RenewalAcceptance& acceptance,
                                            const crypto::SigningKey& host) {
  return sign_token(kAcceptanceType,
                    {{"iss", acceptance.host.hex()},
                     {"renewal", to_hex(acceptance.renewal)},
                     {"account", acceptance.account.hex()},
                     {"piece", acceptance.piece.hex()},
                     {"size", acceptance.size},
                     {"until", acceptance.until_unix_s},
                     {"price", acceptance.price},
                     {"iat", acceptance.issued_unix_s}},
                    host);
}

Result<Renewal> open_renewal(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open(kRenewalType, token));
  if (now_unix_s) TRY_IN(kRenewalType, check_times(opened.payload, *now_unix_s));
  const Fields fields(opened.payload, "renewal");
  Renewal out;
  out.control = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  TRY(fields.hex("contract", out.contract));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.account = TRY(fields.id<AccountId>("account"));
  out.from_unix_s = TRY(fields.time("from"));
  out.until_unix_s = TRY(fields.time("until"));
  if (out.until_unix_s <= out.from_unix_s) return fields.bad("until", "not later than \"from\"");
  out.price = TRY(fields.integer("price", kPriceMax));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<RenewalAcceptance> open_renewal_acceptance(std::string_view token) {
  const auto opened = TRY(open(kAcceptanceType, token));
  const Fields fields(opened.payload, "renewal's acceptance");
  RenewalAcceptance out;
  out.host.bytes = opened.issuer;
  TRY(fields.hex("renewal", out.renewal));
  out.account = TRY(fields.id<AccountId>("account"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = static_cast<std::uint32_t>(TRY(fields.integer("size", kShardBytesMax)));
  if (out.size == 0) return fields.bad("size", "no piece is empty");
  out.until_unix_s = TRY(fields.time("until"));
  out.price = TRY(fields.integer("price", kPriceMax));
  out.issued_unix_s = TRY(fields.time("iat"));
  return out;
}

Result<void> check_renewal(const Offer& offer, const crypto::Hash& contract, const Renewal& renewal) {
  if (renewal.control != offer.control)
    return fail(Code::integrity, "renewal: it is signed by another key than the contract's control key");
  if (renewal.host != offer.host || renewal.piece != offer.piece || renewal.account != offer.account ||
      renewal.contract != contract)
    return fail(Code::integrity, "renewal: it is about another contract");
  return {};
}

Result<RenewalAcceptance> check_renewed(const Offer& offer, std::string_view contract_acceptance_token,
                                        std::string_view renewal_token,
                                        std::string_view renewal_acceptance_token,
                                        std::span<const HostId> successors) {
  const auto renewal = TRY(open_renewal(renewal_token, std::nullopt));
  TRY(check_renewal(offer, contract_hash(contract_acceptance_token), renewal));
  auto acceptance = TRY(open_renewal_acceptance(renewal_acceptance_token));
  const auto bad = [](std::string_view what) {
    return fail(Code::integrity, fmt::format("the renewal's acceptance: {}", what));
  };
  if (acceptance.host != offer.host && std::ranges::find(successors, acceptance.host) == successors.end())
    return bad("signed by another Host");
  if (acceptance.renewal != renewal_hash(renewal_token)) return bad("it names another renewal");
  if (acceptance.piece != offer.piece || acceptance.size != offer.size || acceptance.account != offer.account)
    return bad("it is about another piece");
  if (acceptance.until_unix_s < renewal.until_unix_s || acceptance.price > renewal.price)
    return bad("it changes term or price");
  return acceptance;
}

}  // namespace inxt::format
