// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/token.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"

namespace inxt::format {

Result<std::string> sign_token(std::string_view type, const Json& payload, const crypto::SigningKey& key) {
  CHECK_BUG(payload.at("iss") == to_hex(key.public_key()));
  const std::string header = fmt::format(R"({{"alg":"Ed25519","typ":"{}"}})", type);
  std::string token = to_base64url(view_of(header)) + "." + to_base64url(view_of(write_compact(payload)));
  token += "." + to_base64url(key.sign_raw(view_of(token)));
  if (token.size() > kTokenBytesMax)
    return fail(Code::failure, fmt::format("{} token of {} bytes passes {} (kTokenBytesMax)", type,
                                           token.size(), kTokenBytesMax));
  return token;
}

Result<Token> open_token(std::string_view type, std::string_view token) {
  const auto bad = [&](std::string_view why) {
    return fail(Code::integrity, fmt::format("{} token: {}", type, why));
  };
  if (token.size() > kTokenBytesMax)
    return bad(fmt::format("longer than {} bytes (kTokenBytesMax)", kTokenBytesMax));
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return bad("not three parts");

  const auto where = fmt::format("{} token", type);
  const auto header_text = TRY_IN(where, from_base64url(token.substr(0, first)));
  const auto header = TRY_IN(where + " header", parse_object(text_of(header_text)));
  for (const auto& [key, value] : header.items())
    if (key != "alg" && key != "typ") return bad(fmt::format("header has \"{}\"", key.substr(0, 32)));
  const Fields header_fields(header, where + " header");
  TRY(header_fields.expect("alg", "Ed25519"));
  TRY(header_fields.expect("typ", type));

  const auto payload_text = TRY_IN(where, from_base64url(token.substr(first + 1, second - first - 1)));
  Token out{.issuer = {}, .payload = TRY_IN(where, parse_object(text_of(payload_text)))};
  const Fields fields(out.payload, where);
  TRY(fields.hex("iss", out.issuer));
  TRY(fields.check_crit({}));
  crypto::Signature signature;
  TRY_IN(where, from_base64url(token.substr(second + 1), signature));
  if (!crypto::verify_raw(out.issuer, view_of(token.substr(0, second)), signature))
    return bad("the signature is wrong");
  return out;
}

Result<void> check_times(const Json& payload, std::int64_t now_unix_s) {
  const Fields fields(payload, "token");
  if (TRY(fields.time("iat")) > now_unix_s + kClockSkewS)
    return fail(Code::denied, "the token was issued in the future");
  if (fields.has("exp") && TRY(fields.time("exp")) < now_unix_s - kClockSkewS)
    return fail(Code::denied, "the token has expired");
  return {};
}

}  // namespace inxt::format
