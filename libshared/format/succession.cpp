// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/succession.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kSuccessionType = "inxt-succession";

}  // namespace

Result<std::string> sign_succession(const HostId& next, std::int64_t now_unix_s,
                                    const crypto::SigningKey& old_key) {
  return sign_token(kSuccessionType,
                    {{"iss", to_hex(old_key.public_key())}, {"sub", next.hex()}, {"iat", now_unix_s}},
                    old_key);
}

Result<Succession> open_succession(std::string_view token) {
  if (token.size() > kSuccessionBytesMax)
    return fail(Code::integrity, fmt::format("{} token: longer than {} bytes (kSuccessionBytesMax)",
                                             kSuccessionType, kSuccessionBytesMax));
  const auto opened = TRY(open_token(kSuccessionType, token));
  const Fields fields(opened.payload, "succession");
  Succession out;
  out.from.bytes = opened.issuer;
  out.to = TRY(fields.id<HostId>("sub"));
  if (out.to == out.from) return fields.bad("sub", "the key that signed");
  if (!crypto::is_valid_public_key(out.to.bytes)) return fields.bad("sub", "not a sound Ed25519 key");
  out.issued_unix_s = TRY(fields.time("iat"));
  return out;
}

Result<std::vector<Succession>> open_successions(std::span<const std::string> tokens, const HostId& present) {
  const auto bad = [](std::string why) { return fail(Code::integrity, "succession: " + std::move(why)); };
  if (tokens.size() > kSuccessionsMax)
    return bad(fmt::format("{} links are more than {} (kSuccessionsMax)", tokens.size(), kSuccessionsMax));
  std::vector<Succession> out;
  for (const auto& token : tokens) {
    const auto where = fmt::format("succession: link {}", out.size() + 1);
    auto link = TRY_IN(where, open_succession(token));
    if (!out.empty() && link.from != out.back().to)
      return bad(
          fmt::format("link {} is not signed by the key that the one before it names", out.size() + 1));
    if (std::ranges::find(out, link.to, &Succession::from) != out.end())
      return bad(fmt::format("link {} goes back to a key that was given up", out.size() + 1));
    out.push_back(link);
  }
  if (!out.empty() && out.back().to != present) return bad("it ends at another key than this Host's");
  return out;
}

}  // namespace inxt::format
