// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/voucher.h"

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kVoucherType = "inxt-voucher";

}  // namespace

Result<std::string> sign_voucher(const Voucher& voucher, const crypto::SigningKey& bridge) {
  Json payload{{"iss", to_hex(voucher.bridge)}, {"account", voucher.account.hex()}};
  if (voucher.host) payload["aud"] = voucher.host->hex();
  if (voucher.bytes) payload["bytes"] = *voucher.bytes;
  payload["iat"] = voucher.issued_unix_s;
  payload["exp"] = voucher.expires_unix_s;
  return sign_token(kVoucherType, payload, bridge);
}

Result<Voucher> open_voucher(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open_token(kVoucherType, token));
  if (now_unix_s) TRY_IN(kVoucherType, check_times(opened.payload, *now_unix_s));
  const Fields fields(opened.payload, "voucher");
  Voucher out;
  out.bridge = opened.issuer;
  out.account = TRY(fields.id<AccountId>("account"));
  if (fields.has("aud")) out.host = TRY(fields.id<HostId>("aud"));
  if (fields.has("bytes")) out.bytes = TRY(fields.integer("bytes"));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<Voucher> open_voucher_for(std::string_view token, const AccountId& account, const HostId& host,
                                 std::int64_t now_unix_s) {
  auto voucher = TRY(open_voucher(token, now_unix_s));
  if (voucher.account != account) return fail(Code::denied, "voucher: it is for another account");
  if (voucher.host && *voucher.host != host) return fail(Code::denied, "voucher: it is for another Host");
  return voucher;
}

}  // namespace inxt::format
