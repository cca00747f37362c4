// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "client/session.h"
#include "permit_tool.h"
#include "transfer/bridge_accounts.h"

namespace inxt::permit_tool {
namespace {

/// What a line says of one permit; what is used is known only where the Bridge was asked.
format::Json line_of(const format::Permit& permit, const format::AccountLink* now) {
  format::Json out{
      {"permit", to_base64url(permit.id)}, {"holder", permit.holder.hex()}, {"can", permit.can.names()}};
  if (permit.object) out["object"] = permit.object->hex();
  if (permit.quota_bytes) out["quota_bytes"] = *permit.quota_bytes;
  if (now != nullptr) out["used_bytes"] = now->used_bytes;
  out["expires"] = permit.expires_unix_s;
  return out;
}

std::string said_of(const format::Permit& permit, const format::AccountLink* now, std::int64_t now_unix_s) {
  const auto left_s = permit.expires_unix_s - now_unix_s;
  std::string out = fmt::format("{}  {}  {}", to_base64url(permit.id), permit.holder.hex().substr(0, 16),
                                permit.can.text());
  if (now != nullptr) out += fmt::format("; {}", show_size(now->used_bytes));
  if (permit.quota_bytes)
    out += fmt::format("{} {}", now != nullptr ? " of" : "; up to", show_size(*permit.quota_bytes));
  if (now != nullptr || permit.quota_bytes) out += now != nullptr ? " used" : "";
  out += left_s > 0 ? "; for " + show_duration(left_s) : "; ended";
  if (permit.object) out += "; only object " + permit.object->hex().substr(0, 16);
  return out;
}

}  // namespace

Result<cli::Exit> show(cli::World& world, const Options& options) {
  const auto file = TRY(cli::need_bridge_file(options.bridge));
  if (!file.permits) {
    world.say(fmt::format("Bridge {}: the bridge file has no permit", to_hex(file.bridge.bridge)));
    return cli::Exit::ok;
  }
  std::optional<format::BridgeAccount> account;
  if (!options.offline) {
    const auto key = TRY(world.key(options.key));
    TRY(format::check_permit_holder(file, key.uploader().account_id(HostId{file.bridge.bridge})));
    client::Session session(client::accounts_of(key, key.uploader().number(), world.random()), world.clock(),
                            world.random());
    transfer::HttpBridgeAccounts accounts(session.bridge(file, key.uploader()));
    account = TRY(session.run(accounts.account()));
    const auto same = [](const format::AccountLink& told, const format::Permit& own) {
      return told.permit == own.id && told.holder == own.holder;
    };
    if (account->account != key.uploader().account_id(HostId{file.bridge.bridge}))
      return fail(Code::integrity, "the Bridge tells of another account");
    if (!std::ranges::equal(account->links, file.permits->links(), same))
      return fail(Code::integrity, "the Bridge tells of other permits than the bridge file's");
  }
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  for (std::size_t i = 0; i < file.permits->links().size(); ++i) {
    const auto& permit = file.permits->links()[i];
    const auto* now = account ? &account->links[i] : nullptr;
    TRY(world.print(is_for_person ? said_of(permit, now, world.clock().unix_s())
                                  : format::write_compact(line_of(permit, now))));
  }
  if (account && account->left_bytes) world.say(fmt::format("{} left", show_size(*account->left_bytes)));
  return cli::Exit::ok;
}

Result<cli::Exit> revoke(cli::World& world, const Options& options) {
  const auto file = TRY(cli::need_bridge_file(options.bridge));
  if (!file.permits) return fail(Code::denied, "the bridge file has no permit");
  format::PermitId id{};
  if (!from_base64url(options.revoked, id)) {
    const auto text = TRY_IN("neither a permit's id nor a bridge file",
                             sys::read_file(options.revoked, format::kBridgeFileBytesMax, "bridge file"));
    const auto theirs =
        TRY_IN("the bridge file that is to be revoked", format::read_bridge_file(text_of(text)));
    if (!theirs.permits) return fail(Code::usage, "that bridge file has no permit");
    id = theirs.permits->last().id;
  }
  const auto key = TRY(world.key(options.key));
  TRY(format::check_permit_holder(file, key.uploader().account_id(HostId{file.bridge.bridge})));
  client::Session session(client::accounts_of(key, key.uploader().number(), world.random()), world.clock(),
                          world.random());
  transfer::HttpBridgeAccounts accounts(session.bridge(file, key.uploader()));
  TRY(session.run(accounts.revoke(id)));
  world.say(fmt::format("{} and what was handed on from it allow nothing any more", to_base64url(id)));
  return cli::Exit::ok;
}

}  // namespace inxt::permit_tool
