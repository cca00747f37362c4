// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/contract.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kOfferType = "inxt-offer";
constexpr std::string_view kAcceptanceType = "inxt-acceptance";
constexpr std::string_view kReceiptType = "inxt-receipt";
constexpr std::string_view kDeletionType = "inxt-deletion";
constexpr std::string_view kCapabilityType = "inxt-capability";

Result<std::uint32_t> read_size(const Fields& fields) {
  const auto size = TRY(fields.integer("size", kShardBytesMax));
  if (size == 0) return fields.bad("size", "no piece is empty");
  return static_cast<std::uint32_t>(size);
}

Result<Token> open(std::string_view type, std::string_view token, std::optional<std::int64_t> now_unix_s) {
  auto opened = TRY(open_token(type, token));
  if (now_unix_s) TRY_IN(type, check_times(opened.payload, *now_unix_s));
  return opened;
}

}  // namespace

crypto::Hash offer_hash(std::string_view token) {
  return crypto::labelled_hash(crypto::label::kOfferHash, {view_of(token)});
}
crypto::Hash contract_hash(std::string_view token) {
  return crypto::labelled_hash(crypto::label::kContractHash, {view_of(token)});
}
crypto::Hash receipt_hash(std::string_view token) {
  return crypto::labelled_hash(crypto::label::kReceiptHash, {view_of(token)});
}

Result<std::string> sign_offer(const Offer& offer, const crypto::SigningKey& account) {
  return sign_token(kOfferType,
                    {{"iss", offer.account.hex()},
                     {"aud", offer.host.hex()},
                     {"piece", offer.piece.hex()},
                     {"size", offer.size},
                     {"until", offer.until_unix_s},
                     {"price", offer.price},
                     {"control", to_hex(offer.control)},
                     {"tag", to_base64url(offer.tag)},
                     {"jti", to_base64url(offer.jti)},
                     {"iat", offer.issued_unix_s},
                     {"exp", offer.expires_unix_s}},
                    account);
}

Result<std::string> sign_acceptance(const Acceptance& acceptance, const crypto::SigningKey& host) {
  return sign_token(kAcceptanceType,
                    {{"iss", acceptance.host.hex()},
                     {"offer", to_hex(acceptance.offer)},
                     {"account", acceptance.account.hex()},
                     {"piece", acceptance.piece.hex()},
                     {"size", acceptance.size},
                     {"until", acceptance.until_unix_s},
                     {"price", acceptance.price},
                     {"iat", acceptance.issued_unix_s}},
                    host);
}

Result<std::string> sign_receipt(const Receipt& receipt, const crypto::SigningKey& host) {
  return sign_token(kReceiptType,
                    {{"iss", receipt.host.hex()},
                     {"kind", receipt.kind},
                     {"contract", to_hex(receipt.contract)},
                     {"piece", receipt.piece.hex()},
                     {"size", receipt.size},
                     {"iat", receipt.issued_unix_s}},
                    host);
}

Result<std::string> sign_deletion(const Deletion& deletion, const crypto::SigningKey& control) {
  return sign_token(kDeletionType,
                    {{"iss", to_hex(deletion.control)},
                     {"aud", deletion.host.hex()},
                     {"piece", deletion.piece.hex()},
                     {"account", deletion.account.hex()},
                     {"iat", deletion.issued_unix_s},
                     {"exp", deletion.expires_unix_s}},
                    control);
}

Result<std::string> sign_capability(const Capability& capability, const crypto::SigningKey& account) {
  return sign_token(kCapabilityType,
                    {{"iss", capability.account.hex()},
                     {"aud", capability.host.hex()},
                     {"cnf", to_hex(capability.client)},
                     {"can", "read"},
                     {"piece", capability.piece.hex()},
                     {"jti", to_base64url(capability.jti)},
                     {"iat", capability.issued_unix_s},
                     {"exp", capability.expires_unix_s}},
                    account);
}

Result<Offer> open_offer(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open(kOfferType, token, now_unix_s));
  const Fields fields(opened.payload, "offer");
  Offer out;
  out.account.bytes = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = TRY(read_size(fields));
  out.until_unix_s = TRY(fields.time("until"));
  out.price = TRY(fields.integer("price", kPriceMax));
  TRY(fields.hex("control", out.control));
  if (!crypto::is_valid_public_key(out.control)) return fields.bad("control", "not a sound Ed25519 key");
  out.tag.resize(kTagBytes);
  TRY(fields.base64("tag", ByteSpan(out.tag)));
  TRY(fields.base64("jti", out.jti));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<Acceptance> open_acceptance(std::string_view token) {
  const auto opened = TRY(open(kAcceptanceType, token, std::nullopt));
  const Fields fields(opened.payload, "acceptance");
  Acceptance out;
  out.host.bytes = opened.issuer;
  TRY(fields.hex("offer", out.offer));
  out.account = TRY(fields.id<AccountId>("account"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = TRY(read_size(fields));
  out.until_unix_s = TRY(fields.time("until"));
  out.price = TRY(fields.integer("price", kPriceMax));
  out.issued_unix_s = TRY(fields.time("iat"));
  return out;
}

Result<Receipt> open_receipt(std::string_view token) {
  const auto opened = TRY(open(kReceiptType, token, std::nullopt));
  const Fields fields(opened.payload, "receipt");
  Receipt out;
  out.host.bytes = opened.issuer;
  out.kind = TRY(fields.text("kind", 32));
  TRY(fields.hex("contract", out.contract));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = TRY(read_size(fields));
  out.issued_unix_s = TRY(fields.time("iat"));
  return out;
}

Result<Deletion> open_deletion(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open(kDeletionType, token, now_unix_s));
  const Fields fields(opened.payload, "deletion");
  Deletion out;
  out.control = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.account = TRY(fields.id<AccountId>("account"));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<Capability> open_capability(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open(kCapabilityType, token, now_unix_s));
  const Fields fields(opened.payload, "capability");
  Capability out;
  out.account.bytes = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  TRY(fields.hex("cnf", out.client));
  TRY(fields.expect("can", "read"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  TRY(fields.base64("jti", out.jti));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<void> check_answer(std::string_view offer_token, const Offer& offer, std::string_view acceptance_token,
                          std::string_view receipt_token) {
  const auto acceptance = TRY(open_acceptance(acceptance_token));
  const auto receipt = TRY(open_receipt(receipt_token));
  const auto bad = [](std::string_view what) {
    return fail(Code::integrity, fmt::format("the Host's answer: {}", what));
  };
  if (acceptance.host != offer.host || receipt.host != offer.host) return bad("signed by another Host");
  if (acceptance.offer != offer_hash(offer_token)) return bad("the acceptance names another offer");
  if (acceptance.piece != offer.piece || acceptance.size != offer.size || acceptance.account != offer.account)
    return bad("the acceptance is about another piece");
  if (acceptance.until_unix_s < offer.until_unix_s || acceptance.price > offer.price)
    return bad("the acceptance changes term or price");
  if (receipt.kind != "stored" || receipt.contract != contract_hash(acceptance_token) ||
      receipt.piece != offer.piece || receipt.size != offer.size)
    return bad("the receipt is about another contract");
  return {};
}

}  // namespace inxt::format
