// SPDX-License-Identifier: AGPL-3.0-or-later
#include "permit_tool.h"

namespace inxt::permit_tool {
namespace {

void declare_common(cli::Command& command, Options& to) {
  cli::declare_bridge_option(command, to.bridge, "the Bridge, and the permits that you have there");
  cli::declare_key_options(command, to.key);
}

}  // namespace

void declare(cli::Command& command, Options& to) {
  cli::Command& show =
      command.subcommand("show", "say what your permits allow, and what is used of them", to.command);
  show.flag("--offline", to.offline, "what stands in the bridge file only: ask nobody");
  declare_common(show, to);

  cli::Command& delegate = command.subcommand(
      "delegate", "hand a part of it on: prints a bridge file for someone else", to.command);
  delegate.text("--to", "KEY", to.to,
                "who may: their account's key, as `inxt-key show --for-host BRIDGEID` says it");
  delegate.text("--can", "WHAT,...", to.can,
                "audit, create, delete, list, read, share, write (audit,create,list)");
  delegate.size("--quota", "SIZE", to.quota_bytes, "how much they may use, with redundancy (as much as you)");
  delegate.text("--until", "TIME", to.until,
                "until when: a date, or a duration such as 30d (as long as you)");
  delegate.text("--object", "ID", to.object, "only this object");
  declare_common(delegate, to);

  cli::Command& revoke = command.subcommand("revoke", "take back what you handed on", to.command);
  revoke.positional("PERMIT", to.revoked, "the permit's id, or the bridge file that you made");
  declare_common(revoke, to);
  command.require_subcommand();
}

}  // namespace inxt::permit_tool
