// SPDX-License-Identifier: AGPL-3.0-or-later
// --care: what was stored is entrusted to the Bridge, as the last thing.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/escape.h"
#include "client/care_add.h"
#include "put_tool.h"
#include "transfer/http_bridge_care.h"

namespace inxt::put_tool {
namespace {

std::unexpected<Error> not_in_care(Error error, const std::string& next) {
  error.what = "stored, and not in care: " + cli::escape(error.what);
  error.hint += (error.hint.empty() ? "" : "; ") + next;
  return std::unexpected(std::move(error));
}

void say_taken(cli::World& world, const client::CareAdder& adder) {
  if (adder.ended() > 0)
    world.say(fmt::format("{} files were removed meanwhile, and are not in care", adder.ended()));
  world.say(fmt::format("{} files are in care",
                        adder.taken().complete - std::min(adder.taken().complete, adder.ended())));
}

}  // namespace

cli::BridgeFileOptions bridge_of_names(const Options& options) {
  auto out = options.bridge;
  const char* named = std::getenv("INXT_BRIDGE");
  if (options.hosts && !out.bridge && named != nullptr && *named != 0) out.bridge = named;
  return out;
}

Result<std::optional<Care>> care_for(cli::World& world, const Options& options, const keys::Key& key) {
  if (!options.care && options.caretaker.file) return fail(Code::usage, "--caretaker is said with --care");
  if (!options.care) return std::nullopt;
  auto bridge = TRY(cli::need_bridge_file(bridge_of_names(options)));
  TRY(format::check_permit_holder(bridge, key.uploader().account_id(HostId{bridge.bridge.bridge})));
  auto caretaker = TRY(cli::caretaker_of(world, options.caretaker, key));
  return Care{.bridge = std::move(bridge), .caretaker = std::move(caretaker)};
}

Result<void> entrust_manifest(cli::World& world, const Care& care, const keys::Key& key,
                              client::Session& session, const client::ManifestText& manifest,
                              const std::string& what) {
  transfer::HttpBridgeCare bridge(session.bridge(care.bridge, key.uploader()));
  const auto entrust = [&]() -> Result<void> {
    auto adder = TRY(client::CareAdder::begin(session, bridge, key, care.caretaker, care.bridge.bridge.bridge,
                                              world.clock(), world.random()));
    const client::UseLines add = [&](client::LineReader& lines) { return adder.add(lines, what); };
    if (const auto text = manifest.in_memory()) {
      TRY(client::with_lines_of(*text, what, add));
    } else {
      if (::lseek(manifest.file(), 0, SEEK_SET) != 0) return fail_errno(errno, "a manifest");
      client::LineReader lines(manifest.file(), what);
      TRY(add(lines));
    }
    TRY(adder.finish(nullptr));
    say_taken(world, adder);
    return {};
  };
  auto done = entrust();
  if (!done) return not_in_care(std::move(done).error(), "inxt-care add MANIFEST entrusts it");
  return {};
}

Result<void> entrust_names(cli::World& world, const Care& care, client::TreeSession& tree,
                           const std::vector<PutName>& names) {
  transfer::HttpBridgeCare bridge(tree.client());
  std::size_t left_out = 0;
  const auto entrust = [&]() -> Result<void> {
    auto adder = TRY(client::CareAdder::begin(tree.session(), bridge, tree.key(), care.caretaker,
                                              care.bridge.bridge.bridge, world.clock(), world.random()));
    for (const auto& put : names) {
      if (world.stop().requested()) return fail(Code::failure, "stopped by a signal");
      const auto name = std::string(client::kTreePathBegins) + put.path;
      const auto item = tree.tree().find(put.path);
      // What another machine has overwritten or moved by now is its to entrust.
      if (!item || item->version == nullptr || item->version->record != put.record) {
        ++left_out;
        world.warn(cli::escape(name) + ": was changed meanwhile, and is not in care");
        continue;
      }
      const auto version = *item->version;  // a copy: the tree may change
      const auto object = TRY(tree.object(put.path, version, false));
      TRY(adder.add_object(tree, object, cli::escape(name)));
    }
    TRY(adder.add_log(tree));
    TRY(adder.finish(&tree));
    say_taken(world, adder);
    return {};
  };
  const std::string next = "inxt-care add -R inxt:/ entrusts what is there";
  auto done = entrust();
  if (!done) return not_in_care(std::move(done).error(), next);
  if (left_out > 0)
    return fail(Code::partial, fmt::format("{} files are stored, and not in care", left_out), next);
  return {};
}

}  // namespace inxt::put_tool
