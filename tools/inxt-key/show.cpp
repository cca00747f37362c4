// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "commands.h"

namespace inxt::key_tool {

Result<cli::Exit> show(cli::World& world, const Options& options) {
  const keys::KeyFile file = TRY(keys::find_key_file(world.key_source(options.key)));
  const keys::PublicKeys& shown = file.public_keys();
  std::string account;
  if (options.for_host) {
    // Only the secret part tells accounts, so this one needs the passphrase.
    const keys::Key key = TRY(world.key(options.key));
    account = key.uploader().account_id(*options.for_host).hex();
  }
  if (world.common().json) {
    format::Json json;
    json["kind"] = shown.kind();
    json["owner"] = shown.owner.hex();
    json["recipient"] = keys::recipient_text(shown.recipient);
    if (shown.uploader) json["uploader"] = *shown.uploader;
    json["sealed"] = file.sealed();
    if (options.for_host) json["host"] = options.for_host->hex();
    if (options.for_host) json["account"] = account;
    TRY(world.print_json(json));
  } else if (options.show_recipient) {
    TRY(world.print(keys::recipient_text(shown.recipient)));
  } else if (options.show_id) {
    TRY(world.print(shown.owner.hex()));
  } else if (options.for_host) {
    TRY(world.print(account));
  } else {
    TRY(world.print(fmt::format("owner {}\nrecipient {}\nuploader {}\nsealed {}", shown.owner.hex(),
                                keys::recipient_text(shown.recipient), shown.uploader.value_or(0),
                                file.sealed() ? "yes" : "no")));
  }
  return cli::Exit::ok;
}

}  // namespace inxt::key_tool
