// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-renew: keep a file at its Hosts for longer.  Manual: inxt-renew(1).
#include "cli/disputes.h"
#include "cli/escape.h"
#include "client/object_read.h"
#include "client/tree_files.h"
#include "renewing.h"
#include "transfer/http_bridge_care.h"

namespace inxt::renew_tool {
namespace {

void declare(cli::Command& command, Options& to) {
  command.positional(
      "MANIFEST", to.manifest,
      "what to keep for longer (default: standard input), or a name in your tree: inxt:/a.tar");
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep it from now on (default 365d)")
      .setting();
  command.duration("--if-less", "DURATION", to.if_less_s, "renew only what ends sooner than this from now");
  command
      .number("--price", "N", to.price_max, 0, INT64_MAX,
              "the most that renewing a piece may cost (default 0)")
      .setting();
  command
      .text("--hosts", "FILE", to.hosts, "newer addresses, prices and terms of Hosts than the manifest has")
      .setting();
  command.text("--receipts", "FILE", to.receipts,
               "write renewals and the Hosts' acceptances here, as JSON Lines");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.flag("-n,--dry-run", to.dry_run, "look for the contracts and open their tags; renew nothing");
  command.flag("-R,--recursive", to.recursive,
               "all files below a folder of the tree; with inxt:/ also the pieces in which the log lies");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_key_options(command, to.key);
}

/// A file's manifests, and the files in which long ones lie.
Result<void> renew_object(Renewing& renewing, client::TreeSession& tree, const keys::Key& key,
                          const client::TreeObject& object, std::int64_t now_unix_s) {
  for (std::size_t which = 0; which < object.manifests(); ++which) {
    const auto file = TRY(tree.manifest(object, which));
    client::LineReader lines(file.fd.number(), cli::escape(file.name));
    auto known = TRY(client::writers_known_to(key, {}, now_unix_s));
    auto manifest = TRY(client::ManifestTable::read(lines, cli::escape(file.name), std::move(known)));
    // What was written over later, or cut off, is renewed for no version.
    const auto used =
        TRY(client::segments_in_use(key, object.record, static_cast<std::uint32_t>(which), manifest));
    if (used.has_all())
      TRY(renewing.renew(std::move(manifest)));
    else
      TRY(renewing.renew(std::move(manifest), [&used](std::uint64_t segment) { return used.has(segment); }));
    const auto* stored = std::get_if<format::StoredManifest>(&object.record.manifests[which]);
    if (stored == nullptr) continue;
    std::string text = stored->manifest;
    for (auto level = stored->levels;; --level) {
      auto check = TRY(client::writers_known_to(key, {}, now_unix_s));
      auto table = TRY(client::table_of(text, std::move(check)));
      TRY(renewing.renew(std::move(table)));
      if (level == 1) break;
      std::string below;
      auto sink = std::make_unique<client::TextSink>(below, format::kInlineManifestBytesMax * 256);
      TRY(tree.session().run(
          client::get_hidden_file(tree.session().network(), key, text, {}, std::move(sink))));
      text = std::move(below);
    }
  }
  return {};
}

Result<void> renew_segments(Renewing& renewing, client::TreeSession& tree, const keys::Key& key,
                            std::int64_t now_unix_s) {
  for (const auto& segment : tree.tree().segments()) {
    auto check = TRY(client::writers_known_to(key, {}, now_unix_s));
    auto table = TRY(client::table_of(segment.manifest, std::move(check)));
    TRY(renewing.renew(std::move(table)));
  }
  return {};
}

Result<cli::Exit> renew_named(cli::World& world, const Options& options) {
  const auto path = TRY_IN(cli::escape(*options.manifest), client::parse_tree_path(*options.manifest));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  Renewing renewing(world, options, key, hosts);
  renewing.use_bridge(tree->session(), tree->accounts(),
                      std::make_unique<transfer::HttpBridgeCare>(tree->client()));
  TRY(renewing.begin());
  const auto now = world.clock().unix_s();
  const auto item = tree->tree().find(path.path);
  if (!options.recursive || !item || !item->is_folder) {
    const auto object = TRY(tree->object(path.path, {}));
    TRY(renew_object(renewing, *tree, key, object, now));
    return renewing.end();
  }
  const auto files = client::files_below(tree->tree(), *item);
  if (path.path == "/") TRY(renew_segments(renewing, *tree, key, now));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [name, version] = files[i];
    client::fetch_records_ahead(*tree, files, i);
    const auto object = tree->object(name, version, false);
    const auto renewed =
        object ? renew_object(renewing, *tree, key, *object, now) : std::unexpected(object.error());
    if (!renewed) TRY(renewing.leave_out(name, renewed.error()));
  }
  return renewing.end();
}

Result<cli::Exit> renew(cli::World& world, const Options& options) {
  if (options.manifest && client::is_tree_path(*options.manifest)) return renew_named(world, options);
  if (options.recursive) return fail(Code::usage, "-R is for folders of your tree", "such as inxt:/photos");
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  const auto bridge = TRY(cli::find_bridge_file(options.bridge));
  std::unique_ptr<client::Session> session;
  std::optional<transfer::HttpBridgeAccounts> accounts;
  Renewing renewing(world, options, key, hosts);
  TRY(renewing.begin());
  if (bridge && bridge->permits) {
    session = std::make_unique<client::Session>(
        client::accounts_of(key, key.uploader().number(), world.random()), world.clock(), world.random());
    accounts.emplace(session->bridge(*bridge, key.uploader()));
    renewing.use_bridge(*session, *accounts,
                        std::make_unique<transfer::HttpBridgeCare>(session->bridge(*bridge, key.uploader())));
  }
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  auto check = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  auto manifest = TRY(client::ManifestTable::read(lines, input.name, std::move(check)));
  TRY(renewing.renew(std::move(manifest)));
  return renewing.end();
}

}  // namespace
}  // namespace inxt::renew_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::renew_tool::Options>(
      argc, argv,
      {"inxt-renew", "keep a file at its Hosts for longer",
       "examples:\n"
       "  inxt-renew --term 366d < photos.inxt\n"
       "  inxt-renew --if-less 90d -q photos.inxt      every week, from cron\n"
       "  inxt-renew --if-less 90d -q -R inxt:/        all that your tree names, and the tree"},
      inxt::renew_tool::declare, inxt::renew_tool::renew);
}
