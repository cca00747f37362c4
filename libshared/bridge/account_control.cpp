// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/account_control.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bridge/care_limits.h"
#include "bridge/care_rows.h"
#include "bridge/charges.h"
#include "bridge/grants.h"
#include "bridge/log_limits.h"
#include "bridge/placement_rows.h"
#include "bridge/share_rows.h"
#include "format/bridge_account.h"
#include "format/json.h"

namespace inxt::bridge {
namespace {

using database::Transaction;
using net::Awaitable;

std::string_view or_empty_object(std::string_view body) {
  while (body.ends_with('\n')) body.remove_suffix(1);
  return body.empty() ? "{}" : body;
}

Result<Grant> read_grant(std::string_view body, const Parts& parts) {
  const auto json = TRY(format::parse_object(or_empty_object(body), serve::kCommandBytesMax));
  const format::Fields fields(json, "grant");
  Grant out;
  out.holder = TRY(fields.id<AccountId>("holder"));
  if (!crypto::is_valid_public_key(out.holder.bytes))
    return fail(Code::usage, "grant: the holder is no sound key");
  out.quota_bytes = static_cast<std::int64_t>(TRY(fields.integer("quota_bytes")));
  const auto term_s = static_cast<std::int64_t>(TRY(fields.integer("term_s", kGrantTermSMax)));
  out.can = format::Abilities::all();
  if (fields.has("can")) {
    std::string names;
    for (const auto& name : TRY(fields.texts("can", format::kAbilityNames.size(), 16)))
      names += (names.empty() ? "" : ",") + name;
    out.can = TRY(format::Abilities::parse(names));
  }
  if (fields.has("note")) out.note = TRY(fields.text("note", kGrantNoteBytesMax));
  out.granted_unix_s = parts.clock.unix_s();
  out.expires_unix_s = out.granted_unix_s + term_s;
  parts.random.fill(out.id);
  return out;
}

Result<std::string> permit_of(const Grant& grant, const crypto::SigningKey& key) {
  format::Permit permit;
  permit.issuer = permit.bridge = key.public_key();
  permit.holder = grant.holder;
  permit.can = grant.can;
  permit.quota_bytes = static_cast<std::uint64_t>(grant.quota_bytes);
  permit.issued_unix_s = grant.granted_unix_s;
  permit.expires_unix_s = grant.expires_unix_s;
  permit.id = grant.id;
  return format::sign_permit(permit, key);
}

format::Json json_of(const Grant& grant) {
  return {
      {"permit", to_base64url(grant.id)}, {"holder", grant.holder.hex()},   {"can", grant.can.names()},
      {"quota_bytes", grant.quota_bytes}, {"used_bytes", grant.used_bytes}, {"granted", grant.granted_unix_s},
      {"expires", grant.expires_unix_s},  {"revoked", grant.is_revoked},    {"note", grant.note}};
}

std::string without_newline(std::string line) {
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

}  // namespace

Result<format::Json> read_command(std::string_view body) {
  return format::parse_object(or_empty_object(body), serve::kCommandBytesMax);
}

Awaitable<Result<std::string>> grant(Bridge& bridge, std::string_view body) {
  const Parts& parts = bridge.parts();
  Result<Grant> read = read_grant(body, parts);
  if (!read) co_return std::unexpected(std::move(read).error());
  const Grant given = *std::move(read);
  Result<std::string> token = permit_of(given, parts.key);
  if (!token) co_return token;
  Result<std::string> line = bridge.descriptor_line();
  if (!line) co_return line;
  const auto job = [&] {
    return parts.database.write([&](Transaction& transaction) { return add_grant(transaction, given); });
  };
  Result<void> kept = co_await parts.workers.run(job);
  if (!kept) co_return std::unexpected(std::move(kept).error());
  parts.log.write(serve::LogLevel::info, "granted",
                  {{"permit", to_base64url(given.id)},
                   {"holder", given.holder.hex()},
                   {"quota_bytes", std::to_string(given.quota_bytes)}});
  const format::Json capability{{"type", "capability"}, {"token", *token}};
  format::Json answer;
  answer["lines"] =
      format::Json::array({without_newline(*std::move(line)), format::write_compact(capability)});
  co_return format::write_compact(answer);
}

Awaitable<Result<std::string>> list_accounts(Bridge& bridge, std::string_view body) {
  const Parts& parts = bridge.parts();
  auto json = read_command(body);
  if (!json) co_return std::unexpected(std::move(json).error());
  std::optional<format::PermitId> after;
  if (const format::Fields fields(*json, "accounts"); fields.has("after")) {
    after.emplace();
    if (Result<void> told = fields.base64("after", *after); !told)
      co_return std::unexpected(std::move(told).error());
  }
  const auto job = [&] {
    return parts.database.read([&](Transaction& transaction) {
      return list_grants(transaction, parts.key.public_key(), after,
                         static_cast<std::int64_t>(kGrantsPerAnswerMax));
    });
  };
  Result<std::vector<Grant>> grants = co_await parts.workers.run(job);
  if (!grants) co_return std::unexpected(std::move(grants).error());
  auto list = format::Json::array();
  for (const Grant& each : *grants) list.push_back(json_of(each));
  format::Json answer;
  answer["accounts"] = std::move(list);
  co_return format::write_compact(answer);
}

Awaitable<Result<std::string>> revoke(Bridge& bridge, std::string_view body) {
  const Parts& parts = bridge.parts();
  Result<format::PermitId> permit = format::read_revocation(or_empty_object(body));
  if (!permit) co_return std::unexpected(std::move(permit).error());
  const std::int64_t now = parts.clock.unix_s();
  const auto job = [&] {
    return parts.database.write([&](Transaction& transaction) {
      return revoke_permit(transaction, *permit, parts.key.public_key(), AccountId{parts.key.public_key()},
                           now, INT64_MAX);
    });
  };
  Result<void> done = co_await parts.workers.run(job);
  if (!done) co_return std::unexpected(std::move(done).error());
  parts.log.write(serve::LogLevel::info, "revoked", {{"permit", to_base64url(*permit)}, {"by", "operator"}});
  co_return without_newline(format::write_revocation(*permit));
}

Awaitable<void> run_accounts(Bridge& bridge) {
  const Parts& parts = bridge.parts();
  bool is_more = false;  // than one turn takes: so that nobody makes them faster than they go
  for (;;) {
    co_await net::sleep_for(std::chrono::milliseconds(is_more ? kAccountsNextTurnMs : kAccountsTurnMs));
    const auto turn = [&]() -> Result<bool> {
      const std::int64_t now = parts.clock.unix_s();
      const auto settled = TRY(
          parts.database.write([&](Transaction& transaction) { return settle_charges(transaction, now); }));
      const auto ended = TRY(parts.database.write(
          [&](Transaction& transaction) { return end_old_placements(transaction, now); }));
      const auto expired = TRY(parts.database.write(
          [&](Transaction& transaction) { return remove_expired_shares(transaction, now); }));
      const auto swept = TRY(
          parts.database.write([&](Transaction& transaction) { return sweep_care(transaction, now); }));
      return settled >= kSettledAtOnceMax || ended >= kPlacementsEndedAtOnceMax ||
             expired >= kSharesRemovedAtOnceMax || swept >= kCareSweptAtOnceMax;
    };
    Result<bool> done = co_await parts.workers.run(turn);
    is_more = done && *done;
    if (!done)
      parts.log.write(serve::LogLevel::error, "accounts-not-settled", {{"reason", done.error().what}});
  }
}

}  // namespace inxt::bridge
