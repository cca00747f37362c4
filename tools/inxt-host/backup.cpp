// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host backup and restore: the identity, out of a store and into one.
#include <fmt/format.h>

#include "host/identity_backup.h"
#include "keys/key_file.h"
#include "keys/passphrase.h"
#include "host/store_place.h"
#include "options.h"
#include "store/store.h"
#include "sys/directory.h"
#include "sys/files.h"

namespace inxt::tools {

namespace {

Result<std::optional<crypto::SecretBytes>> new_passphrase(cli::World& world, const HostOptions& options) {
  if (options.no_passphrase) return std::nullopt;
  if (options.passphrase_fd) return TRY(keys::read_passphrase(*options.passphrase_fd));
  if (world.common().no_input)
    return fail(Code::usage, "a passphrase is needed, and --no-input forbids to ask",
                "--passphrase-fd N, or --no-passphrase");
  return TRY(keys::ask_new_passphrase());
}

Result<host::Identity> open_backup(cli::World& world, const HostOptions& options, const host::Backup& backup) {
  if (!backup.sealed()) return backup.open(std::nullopt);
  if (!options.passphrase_fd && world.common().no_input)
    return fail(Code::usage, "the backup is sealed, and --no-input forbids to ask for its passphrase",
                "give it with --passphrase-fd N");
  const crypto::SecretBytes passphrase = TRY(options.passphrase_fd ? keys::read_passphrase(*options.passphrase_fd)
                                                                   : keys::ask_passphrase("Passphrase of the backup: "));
  return backup.open(passphrase.view());
}

/// Whether `identity` may take the place of what the store has.
Result<void> check_place(const std::string& folder, const host::Identity& identity, bool force) {
  const auto there = host::load_identity(folder);
  if (force || (!there && there.error().code == Code::not_found)) return {};
  if (!there) return std::unexpected(Error(there.error()));
  if (there->id() != identity.id())
    return fail(Code::usage,
                fmt::format("{} has another identity: {}", folder, there->id().hex()),
                "back that one up first; --force puts this one in its place");
  return {};
}

}  // namespace

Result<cli::Exit> backup(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  const bool to_standard_output = !options.output || *options.output == "-";
  const host::Identity identity = TRY(host::load_identity(folder));
  const auto passphrase = TRY(new_passphrase(world, options));
  std::optional<ByteView> bytes;
  if (passphrase) bytes = passphrase->view();
  const crypto::SecretBytes text = TRY(host::write_backup(identity, bytes, world.random()));
  if (to_standard_output)
    TRY(sys::write_all(sys::kStandardOutput, text.view(), "standard output"));
  else
    TRY(keys::create_secret_file(*options.output, text.view()));
  world.say(fmt::format("the identity of Host {}, {}", identity.id().hex(),
                        passphrase ? "under a passphrase" : "in the clear: whoever has it is this Host"));
  return cli::Exit::ok;
}

Result<cli::Exit> restore(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  const auto input = TRY(world.input(std::nullopt, "a backup"));
  const auto text = std::make_unique<crypto::Secret<keys::kKeyFileBytesMax + 1>>();
  const std::size_t size = TRY(sys::read_full(input.fd, text->span(), input.name));
  const host::Backup backup = TRY_IN(input.name, host::Backup::parse(text_of(text->view().first(size))));
  const host::Identity identity = TRY(open_backup(world, options, backup));

  const auto directory = TRY(sys::open_directory(folder));
  if (!TRY(directory->look_up(sys::Path{"version"}))) {
    // Refuses a folder of other things, and makes a store in an empty one.
    auto store = store::Store::open(*directory, store::Options{});
    if (!store) return std::unexpected(explain_lock(std::move(store).error(), folder));
    TRY((*store)->close());
  }
  const auto lock = directory->lock(sys::Path{"lock"});
  if (!lock) return std::unexpected(explain_lock(lock.error(), folder));
  if (TRY(directory->look_up(sys::Path{host::kMovingFile})))
    return fail(Code::try_again, folder + " is half moved to another disk",
                "start the Host, and let the move end first");
  TRY(check_place(folder, identity, options.force));
  TRY_IN(folder, host::save_identity(*directory, identity));
  world.say(fmt::format("{} is Host {} again", folder, identity.id().hex()));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
