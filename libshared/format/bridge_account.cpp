// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/bridge_account.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::format {
namespace {

constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kNamesBytesMax = 64;

std::string_view without_newline(std::string_view text) {
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

Result<AccountLink> read_link(const Json& json) {
  if (!json.is_object()) return fail(Code::integrity, "the Bridge's account: a link is no object");
  const Fields fields(json, "the Bridge's account");
  AccountLink out;
  out.holder = TRY(fields.id<AccountId>("holder"));
  TRY(fields.base64("permit", out.permit));
  for (const auto& name : TRY(fields.texts("can", kAbilityNames.size(), kNamesBytesMax))) {
    const auto one = Abilities::parse(name);
    if (!one) return fields.bad("can", "names something that there is not");
    for (std::size_t i = 0; i < kAbilityNames.size(); ++i)
      if (one->has(static_cast<Ability>(i))) out.can.add(static_cast<Ability>(i));
  }
  if (fields.has("quota_bytes")) out.quota_bytes = TRY(fields.integer("quota_bytes"));
  out.used_bytes = TRY(fields.integer("used_bytes"));
  out.expires_unix_s = TRY(fields.time("expires"));
  return out;
}

}  // namespace

std::string write_bridge_account(const BridgeAccount& account) {
  Json out{{"account", account.account.hex()}};
  auto links = Json::array();
  for (const auto& link : account.links) {
    Json entry{
        {"holder", link.holder.hex()}, {"permit", to_base64url(link.permit)}, {"can", link.can.names()}};
    if (link.quota_bytes) entry["quota_bytes"] = *link.quota_bytes;
    entry["used_bytes"] = link.used_bytes;
    entry["expires"] = link.expires_unix_s;
    links.push_back(std::move(entry));
  }
  out["links"] = std::move(links);
  if (account.left_bytes) out["left_bytes"] = *account.left_bytes;
  out["placements"] = account.placements;
  return write_compact(out) + '\n';
}

Result<BridgeAccount> read_bridge_account(std::string_view line) {
  const auto json = TRY_IN("the Bridge's account", parse_object(without_newline(line), kBodyBytesMax));
  const Fields fields(json, "the Bridge's account");
  BridgeAccount out;
  out.account = TRY(fields.id<AccountId>("account"));
  if (!fields.has("links") || !json.at("links").is_array() || json.at("links").size() > kPermitChainMax)
    return fields.bad("links", "not a list, or too long");
  for (const auto& link : json.at("links")) out.links.push_back(TRY(read_link(link)));
  if (fields.has("left_bytes")) out.left_bytes = TRY(fields.integer("left_bytes"));
  out.placements = TRY(fields.integer("placements"));
  return out;
}

std::string write_revocation(const PermitId& permit) {
  return write_compact(Json{{"permit", to_base64url(permit)}}) + '\n';
}

Result<PermitId> read_revocation(std::string_view body) {
  const auto json = TRY(parse_object(without_newline(body), kBodyBytesMax));
  const Fields fields(json, "revocation");
  PermitId out{};
  TRY(fields.base64("permit", out));
  return out;
}

}  // namespace inxt::format
