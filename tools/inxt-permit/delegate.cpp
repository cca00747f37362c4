// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/escape.h"
#include "cli/units.h"
#include "permit_tool.h"

namespace inxt::permit_tool {
namespace {

Result<format::Permit> wanted(cli::World& world, const Options& options, const format::PermitChain& own) {
  if (!options.to)
    return fail(Code::usage, "nobody is named",
                "--to KEY: `inxt-key show --for-host BRIDGEID` says it to them");
  const auto now = world.clock().unix_s();
  format::Permit out;
  auto holder = AccountId::parse(*options.to);
  if (!holder || !crypto::is_valid_public_key(holder->bytes))
    return fail(Code::usage, "--to " + cli::escape(options.to->substr(0, 80)) + " is no account's key",
                "64 hex digits, as `inxt-key show --for-host BRIDGEID` prints them");
  out.holder = *holder;
  out.can = {format::Ability::audit, format::Ability::create, format::Ability::list};
  if (options.can) out.can = TRY_IN("--can", format::Abilities::parse(*options.can));
  if (options.object) {
    auto object = format::ObjectId::parse(*options.object);
    if (!object)
      return fail(Code::usage,
                  "--object " + cli::escape(options.object->substr(0, 80)) + " is no object's id");
    out.object = *object;
  } else {
    out.object = own.last().object;
  }
  out.quota_bytes = options.quota_bytes;
  out.issued_unix_s = now;
  out.expires_unix_s = own.last().expires_unix_s;
  if (options.until) out.expires_unix_s = TRY_IN("--until", cli::parse_time_unix_s(*options.until, now));
  if (out.expires_unix_s <= now)
    return fail(Code::usage, options.until ? "--until is past already" : "your own permit has ended");
  world.random().fill(out.id);
  return out;
}

}  // namespace

Result<cli::Exit> delegate(cli::World& world, const Options& options) {
  const auto file = TRY(cli::need_bridge_file(options.bridge));
  if (!file.permits)
    return fail(Code::denied, "the bridge file has no permit that a part could be handed on of");
  const auto more = TRY(wanted(world, options, *file.permits));
  const auto key = TRY(world.key(options.key));
  const auto account = key.uploader().account(HostId{file.bridge.bridge});
  TRY(format::check_permit_holder(file, AccountId{account.public_key()}));
  const auto chain = TRY(file.permits->delegate(more, account));
  // Whoever puts for the owner cannot derive which log is the owner's.
  auto log = file.log;
  if (const auto* owner = key.owner()) log = format::TreeKey::of(owner->recipient_secret()).log();
  auto text = format::write_bridge_file(file.line, chain, log);
  text.pop_back();
  TRY(world.print(text));
  return cli::Exit::ok;
}

}  // namespace inxt::permit_tool
