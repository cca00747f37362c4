// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host rotate-key: a new key, and the old one's signature that it is the same Host's.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/descriptor.h"
#include "host/identity.h"
#include "host/store_place.h"
#include "host_line.h"
#include "options.h"
#include "serve/running.h"
#include "sys/files.h"

namespace inxt::tools {

namespace {

/// So that `inxt-host descriptor` names the new id before the Host runs again.  Best effort: a start writes it anew.
Result<void> renew_descriptor(const std::string& folder, const host::Identity& identity, std::int64_t now_unix_s) {
  const std::string old_line = TRY(read_host_line(folder));
  format::Descriptor descriptor = TRY(format::open_hosts_line(old_line, std::string(serve::kDescriptorFile)));
  descriptor.host = identity.id();
  descriptor.succession = identity.succession;
  descriptor.expires_unix_s = now_unix_s + (descriptor.expires_unix_s - descriptor.issued_unix_s);
  descriptor.issued_unix_s = now_unix_s;
  const std::string token = TRY(format::sign_descriptor(descriptor, identity.key));
  return serve::write_descriptor(folder, format::hosts_line(descriptor, token));
}

}  // namespace

Error explain_lock(Error error, const std::string& folder) {
  if (error.code != Code::locked) return error;
  return {Code::locked, "a Host runs on " + folder, "stop it first"};
}

Result<cli::Exit> rotate_key(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  TRY(host::load_identity(folder));  // before a lock file is made in a folder that is no store
  const auto directory = TRY(sys::open_directory(folder));
  const auto lock = directory->lock(sys::Path{"lock"});
  if (!lock) return std::unexpected(explain_lock(lock.error(), folder));
  if (TRY(directory->look_up(sys::Path{host::kMovingFile})))
    return fail(Code::try_again, folder + " is half moved to another disk",
                "start the Host, and let the move end first");
  const host::Identity old = TRY(host::load_identity(folder));
  const std::int64_t now_unix_s = world.clock().unix_s();
  const host::Identity next = TRY(host::rotated(old, world.random(), now_unix_s));
  TRY_IN(folder, host::save_identity(*directory, next));
  (void)renew_descriptor(folder, next, now_unix_s);

  format::Json former = format::Json::array();
  for (const HostId& id : next.former) former.push_back(id.hex());
  const format::Json line{{"type", "rotated"}, {"host", next.id().hex()}, {"former", former}};
  TRY(world.print(format::write_compact(line)));
  world.say(fmt::format("Host {} is Host {} from now on\n"
                        "make a new backup of it, give out its new line (inxt-host descriptor), and add its users' "
                        "new account ids to the accept list",
                        old.id().hex(), next.id().hex()));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
