// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/stored_renewal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "format/json.h"
#include "store/framed_json.h"

namespace inxt::store {

static_assert(kRenewalJsonBytesMax == kRenewalFileBytes - kFrameBytes);

Result<void> encode_renewal(const RenewedContract& contract, const StoredRenewal& renewal, ByteSpan out) {
  CHECK_BUG(out.size() == kRenewalFileBytes);
  for (const std::string* token : {&renewal.renewal, &renewal.acceptance})
    if (!format::is_utf8(*token)) return fail(Code::usage, "renewal: a token is not text");
  format::Json json;
  json["type"] = "stored-renewal";
  json["version"] = kStoredPieceVersion;
  json["piece"] = contract.key.piece.hex();
  json["account"] = contract.key.account.hex();
  json["offer"] = to_hex(contract.offer);
  json["renewal"] = renewal.renewal;
  json["acceptance"] = renewal.acceptance;
  const std::string text = format::write_compact(json);
  if (text.size() > kRenewalJsonBytesMax)
    return fail(
        Code::usage,
        fmt::format("renewal: tokens of {} bytes make {} bytes, more than kRenewalJsonBytesMax ({})",
                    renewal.renewal.size() + renewal.acceptance.size(), text.size(), kRenewalJsonBytesMax));
  encode_framed(text, out);
  return {};
}

Result<DecodedRenewal> decode_renewal(ByteView bytes) {
  if (bytes.size() != kRenewalFileBytes)
    return fail(Code::integrity,
                fmt::format("renewal: {} bytes instead of {}", bytes.size(), kRenewalFileBytes));
  const std::string_view text = TRY(decode_framed(bytes, "renewal"));
  const format::Json json = TRY_IN("renewal", format::parse_object(text, kRenewalJsonBytesMax));
  const format::Fields fields(json, "renewal");
  TRY(fields.expect("type", "stored-renewal"));
  if (const std::uint64_t version = TRY(fields.integer("version")); version != kStoredPieceVersion)
    return fail(Code::integrity, fmt::format("renewal: version {} is unknown", version));
  DecodedRenewal decoded;
  decoded.contract.key.piece = TRY(fields.id<PieceId>("piece"));
  decoded.contract.key.account = TRY(fields.id<AccountId>("account"));
  TRY(fields.hex("offer", decoded.contract.offer));
  decoded.renewal.renewal = TRY(fields.text("renewal", kRenewalJsonBytesMax));
  decoded.renewal.acceptance = TRY(fields.text("acceptance", kRenewalJsonBytesMax));
  return decoded;
}

}  // namespace inxt::store
