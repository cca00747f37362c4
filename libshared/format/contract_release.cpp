// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/contract_release.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kType = "inxt-release";

}  // namespace

Result<std::string> sign_release(const ContractRelease& release, const crypto::SigningKey& bridge) {
  std::string token = TRY(sign_token(kType,
                                     {{"iss", to_hex(release.bridge)},
                                      {"aud", release.host.hex()},
                                      {"piece", release.piece.hex()},
                                      {"account", release.account.hex()},
                                      {"contract", to_hex(release.contract)},
                                      {"successor", release.successor.hex()},
                                      {"successor_contract", to_hex(release.successor_contract)},
                                      {"iat", release.issued_unix_s},
                                      {"exp", release.expires_unix_s}},
                                     bridge));
  if (auto read = open_release(token, std::nullopt); !read)
    return fail(Code::failure, std::move(read).error().what);
  return token;
}

Result<ContractRelease> open_release(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  if (token.size() > kReleaseTokenBytesMax)
    return fail(Code::integrity,
                fmt::format("release: more than {} letters (kReleaseTokenBytesMax)", kReleaseTokenBytesMax));
  const auto opened = TRY(open_token(kType, token));
  if (now_unix_s) TRY_IN(kType, check_times(opened.payload, *now_unix_s));
  const Fields fields(opened.payload, "release");
  ContractRelease out;
  out.bridge = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.account = TRY(fields.id<AccountId>("account"));
  TRY(fields.hex("contract", out.contract));
  out.successor = TRY(fields.id<HostId>("successor"));
  TRY(fields.hex("successor_contract", out.successor_contract));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  if (out.successor == out.host) return fields.bad("successor", "the Host itself");
  if (out.successor_contract == out.contract) return fields.bad("successor_contract", "the contract itself");
  return out;
}

}  // namespace inxt::format
