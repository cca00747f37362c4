// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge grant, accounts and revoke: whom the Bridge lets in.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "cli/escape.h"
#include "command_bridge.h"
#include "format/bridge_account.h"

namespace inxt::tools {

namespace {

Result<void> print_account(cli::World& world, const format::Json& account, bool is_for_person) {
  if (!is_for_person) return world.print(format::write_compact(account));
  const format::Fields fields(account, "the Bridge's answer");
  const auto used = TRY(fields.integer("used_bytes")), quota = TRY(fields.integer("quota_bytes"));
  const auto expires = TRY(fields.time("expires"));
  const auto left_s = expires - world.clock().unix_s();
  const auto state = TRY(fields.boolean("revoked")) ? std::string("revoked")
                     : left_s <= 0                  ? std::string("ended")
                                                    : "for " + show_duration(left_s);
  const auto holder = TRY(fields.text("holder", 64)), permit = TRY(fields.text("permit", 64)),
             note = TRY(fields.text("note", 1024));
  return world.print(fmt::format("{}  {}  {} of {}, {}{}", permit, holder.substr(0, 16), show_size(used),
                                 show_size(quota), state, note.empty() ? "" : "  " + cli::escape(note)));
}

}  // namespace

Result<cli::Exit> grant(cli::World& world, const BridgeOptions& options) {
  if (!options.quota_bytes || !options.term_s)
    return fail(Code::usage, "a grant says how much and for how long", "--quota 100GiB --term 365d");
  format::Json body{
      {"holder", options.holder}, {"quota_bytes", *options.quota_bytes}, {"term_s", *options.term_s}};
  if (options.can) body["can"] = TRY_IN("--can", format::Abilities::parse(*options.can)).names();
  if (options.note) body["note"] = *options.note;
  const format::Json answer = TRY(command_bridge(options, "/grant", body));
  const format::Fields fields(answer, "the Bridge's answer");
  for (const std::string& line : TRY(fields.texts("lines", 8, 16384))) TRY(world.print(line));
  return cli::Exit::ok;
}

Result<cli::Exit> accounts(cli::World& world, const BridgeOptions& options) {
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  const auto print = [&](const format::Json& account) -> Result<format::Json> {
    TRY(print_account(world, account, is_for_person));
    return account.at("permit");
  };
  TRY(command_in_pages(options, "/accounts", "accounts", print));
  return cli::Exit::ok;
}

Result<cli::Exit> revoke(cli::World& world, const BridgeOptions& options) {
  TRY(command_bridge(options, "/revoke", format::Json{{"permit", options.permit}}));
  world.say(
      fmt::format("{} and what was handed on from it allow nothing any more", cli::escape(options.permit)));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
