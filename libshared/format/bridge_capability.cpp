// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/bridge_capability.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kPermitType = "inxt-permit";
constexpr std::size_t kAbilityNameBytesMax = 8;

std::optional<Ability> ability_of(std::string_view name) {
  const auto known = std::ranges::find(kAbilityNames, name);
  if (known == kAbilityNames.end()) return std::nullopt;
  return static_cast<Ability>(known - kAbilityNames.begin());
}

Result<Abilities> read_abilities(const Fields& fields) {
  Abilities out;
  std::string before;
  for (const auto& name : TRY(fields.texts("can", kAbilityNames.size(), kAbilityNameBytesMax))) {
    const auto ability = ability_of(name);
    if (!ability) return fields.bad("can", "names something that there is not");
    if (!before.empty() && name <= before) return fields.bad("can", "is not ascending");
    out.add(*ability);
    before = name;
  }
  if (out.empty()) return fields.bad("can", "is empty");
  return out;
}

/// Whether `child` gives no more than `parent`, of which `token` is the text, and whose own quota is
/// `quota_bytes`.
Result<void> check_link(const Permit& parent, std::string_view token,
                        std::optional<std::uint64_t> quota_bytes, const Permit& child) {
  const auto more = [](std::string_view what) {
    return fail(Code::denied, fmt::format("permit: {} than the one before it", what));
  };
  if (child.bridge != parent.bridge)
    return fail(Code::integrity, "permit: it is for another Bridge than the one before it");
  if (child.issuer != parent.holder.bytes)
    return fail(Code::integrity, "permit: it is not signed by the holder of the one before it");
  if (child.parent != permit_hash(token))
    return fail(Code::integrity, "permit: it does not name the one before it");
  if (!parent.can.covers(child.can)) return more("it allows more");
  if (child.expires_unix_s > parent.expires_unix_s) return more("it ends later");
  if (quota_bytes && child.quota_bytes.value_or(0) > *quota_bytes) return more("it has a larger quota");
  if (parent.object && child.object != parent.object) return more("it is for more");
  return {};
}

}  // namespace

std::string_view ability_name(Ability ability) {
  return kAbilityNames[static_cast<std::size_t>(ability)];
}

Result<Abilities> Abilities::parse(std::string_view names) {
  Abilities out;
  for (std::size_t begin = 0; begin <= names.size();) {
    const auto end = std::min(names.find(',', begin), names.size());
    const auto name = names.substr(begin, end - begin);
    const auto ability = ability_of(name);
    if (!ability)
      return fail(Code::usage, fmt::format("\"{}\" is nothing that a permit allows", name.substr(0, 32)),
                  fmt::format("there is {}", fmt::join(kAbilityNames, ", ")));
    out.add(*ability);
    begin = end + 1;
  }
  return out;
}

std::vector<std::string> Abilities::names() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kAbilityNames.size(); ++i)
    if (has(static_cast<Ability>(i))) out.emplace_back(kAbilityNames[i]);
  return out;
}

std::string Abilities::text() const {
  return fmt::format("{}", fmt::join(names(), ","));
}

Result<std::string> sign_permit(const Permit& permit, const crypto::SigningKey& issuer) {
  if (permit.can.empty()) return fail(Code::usage, "a permit allows something");
  Json payload{{"iss", to_hex(permit.issuer)},
               {"aud", to_hex(permit.bridge)},
               {"cnf", permit.holder.hex()},
               {"can", permit.can.names()}};
  if (permit.object) payload["object"] = permit.object->hex();
  if (permit.quota_bytes) payload["quota_bytes"] = *permit.quota_bytes;
  payload["iat"] = permit.issued_unix_s;
  payload["exp"] = permit.expires_unix_s;
  payload["jti"] = to_base64url(permit.id);
  if (permit.parent) payload["parent"] = to_hex(*permit.parent);
  auto token = TRY(sign_token(kPermitType, payload, issuer));
  if (token.size() > kPermitTokenBytesMax)
    return fail(Code::failure, fmt::format("a permit of {} bytes passes {} (kPermitTokenBytesMax)",
                                           token.size(), kPermitTokenBytesMax));
  return token;
}

Result<Permit> open_permit(std::string_view token) {
  if (token.size() > kPermitTokenBytesMax)
    return fail(Code::integrity, fmt::format("{} token: longer than {} bytes (kPermitTokenBytesMax)",
                                             kPermitType, kPermitTokenBytesMax));
  const auto opened = TRY(open_token(kPermitType, token));
  const Fields fields(opened.payload, "permit");
  Permit out;
  out.issuer = opened.issuer;
  TRY(fields.hex("aud", out.bridge));
  out.holder = TRY(fields.id<AccountId>("cnf"));
  if (!crypto::is_valid_public_key(out.holder.bytes)) return fields.bad("cnf", "is not a sound key");
  out.can = TRY(read_abilities(fields));
  if (fields.has("object")) out.object = TRY(fields.id<ObjectId>("object"));
  if (fields.has("quota_bytes")) out.quota_bytes = TRY(fields.integer("quota_bytes"));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  TRY(fields.base64("jti", out.id));
  if (fields.has("parent")) {
    crypto::Hash parent{};
    TRY(fields.hex("parent", parent));
    out.parent = parent;
  }
  return out;
}

crypto::Hash permit_hash(std::string_view token) {
  return crypto::sha256(view_of(token));
}

Result<PermitChain> PermitChain::open(std::string_view text) {
  PermitChain out;
  std::string_view before;
  for (std::size_t begin = 0; begin <= text.size();) {
    if (out.links_.size() == kPermitChainMax)
      return fail(Code::integrity,
                  fmt::format("more than {} permits in a chain (kPermitChainMax)", kPermitChainMax));
    const auto end = std::min(text.find(kPermitSeparator, begin), text.size());
    const auto token = text.substr(begin, end - begin);
    auto link = TRY(open_permit(token));
    if (out.links_.empty()) {
      if (link.parent) return fail(Code::integrity, "permit: the first of a chain names one before it");
      if (link.issuer != link.bridge)
        return fail(Code::integrity, "permit: the first of a chain is not by its Bridge");
    } else {
      TRY(check_link(out.links_.back(), before, out.quota_bytes(), link));
    }
    out.links_.push_back(std::move(link));
    before = token;
    begin = end + 1;
  }
  out.text_ = std::string(text);
  return out;
}

std::optional<std::uint64_t> PermitChain::quota_bytes() const {
  std::optional<std::uint64_t> least;
  for (const auto& link : links_)
    if (link.quota_bytes) least = std::min(least.value_or(*link.quota_bytes), *link.quota_bytes);
  return least;
}

Result<std::string> PermitChain::delegate(Permit more, const crypto::SigningKey& holder_key) const {
  if (links_.size() == kPermitChainMax)
    return fail(Code::denied,
                fmt::format("this permit is the last of a chain of {} (kPermitChainMax): nothing can be "
                            "handed on from it",
                            kPermitChainMax));
  if (holder_key.public_key() != last().holder.bytes)
    return fail(Code::usage, "these permits are another key's", "use the key that they were given to");
  const auto tokens_end = text_.rfind(kPermitSeparator);
  const auto token = std::string_view(text_).substr(tokens_end == text_.npos ? 0 : tokens_end + 1);
  more.issuer = holder_key.public_key();
  more.bridge = bridge();
  more.parent = permit_hash(token);
  TRY(check_link(last(), token, quota_bytes(), more));
  return text_ + kPermitSeparator + TRY(sign_permit(more, holder_key));
}

Result<void> check_permit(const PermitChain& chain, const crypto::PublicKey& bridge, const AccountId& client,
                          std::int64_t now_unix_s) {
  if (chain.bridge() != bridge) return fail(Code::denied, "permit: it is for another Bridge");
  if (chain.last().holder != client) return fail(Code::denied, "permit: it is another key's");
  for (const auto& link : chain.links()) {
    if (link.issued_unix_s > now_unix_s + kClockSkewS)
      return fail(Code::denied, "permit: it was issued in the future");
    if (link.expires_unix_s < now_unix_s - kClockSkewS) return fail(Code::denied, "permit: it has expired");
  }
  return {};
}

Result<void> check_ability(const PermitChain& chain, Ability ability, const std::optional<ObjectId>& object) {
  const auto& last = chain.last();
  if (!last.can.has(ability))
    return fail(Code::denied,
                fmt::format("the permit allows {}, not {}", last.can.text(), ability_name(ability)));
  if (last.object && last.object != object) return fail(Code::denied, "the permit is for another object");
  return {};
}

}  // namespace inxt::format
