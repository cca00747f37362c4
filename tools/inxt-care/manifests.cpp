// SPDX-License-Identifier: AGPL-3.0-or-later
// Which manifests the command line means.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "care_tool.h"
#include "cli/escape.h"
#include "client/object_read.h"
#include "client/reader_keys.h"
#include "client/tree_files.h"
#include "client/tree_path.h"

namespace inxt::care_tool {
namespace {

class EachManifest {
 public:
  EachManifest(Work& work, const UseManifest& use) : work_(work), use_(use) {}

  Result<void> file(const std::optional<std::string>& path) {
    auto input = TRY(work_.world.input(path, "a manifest"));
    client::LineReader lines(input.fd, input.name);
    lines.stop_on(work_.world.stop().fd());
    return use_(lines, input.name, nullptr);
  }

  Result<void> named(const std::string& said) {
    const auto path = TRY_IN(cli::escape(said), client::parse_tree_path(said));
    client::TreeSession& tree = *TRY(open_tree());
    const auto item = tree.tree().find(path.path);
    if (item && item->is_folder && !work_.options.recursive)
      return fail(Code::usage, fmt::format("{} is a folder", cli::escape(said)), "say -R");
    if (!item || !item->is_folder) return object(tree, TRY(tree.object(path.path, {})), said);
    const auto files = client::files_below(tree.tree(), *item);
    if (path.path == "/") {
      const InTree in{.tree = tree, .record = std::nullopt};
      const auto segments = tree.tree().segments();  // a copy, as the files are
      for (const auto& segment : segments)
        TRY(client::with_lines_of(segment.manifest, "the log",
                                  [&](client::LineReader& lines) { return use_(lines, "the log", &in); }));
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto& [name, version] = files[i];
      if (work_.world.stop().requested()) return fail(Code::failure, "stopped by a signal");
      const std::string called = "inxt:" + name;
      client::fetch_records_ahead(tree, files, i);
      const auto found = tree.object(name, version, false);
      const Result<void> done = found ? object(tree, *found, called) : std::unexpected(found.error());
      if (done) continue;
      ++left_out_;
      work_.world.warn(fmt::format("{}: {}", cli::escape(called), cli::escape(done.error().what)));
    }
    return {};
  }

  std::size_t left_out() const { return left_out_; }

 private:
  Result<client::TreeSession*> open_tree() {
    if (!work_.tree)
      work_.tree =
          TRY(client::TreeSession::open(work_.bridge, work_.key, work_.world.clock(), work_.world.random()));
    return work_.tree.get();
  }

  Result<void> object(client::TreeSession& tree, const client::TreeObject& object, const std::string& name) {
    const InTree in{.tree = tree, .record = object.version.record};
    return client::each_manifest_of(tree, object, cli::escape(name), {},
                                    [&](client::LineReader& lines) { return use_(lines, name, &in); });
  }

  Work& work_;
  const UseManifest& use_;
  std::size_t left_out_ = 0;
};

}  // namespace

Work::Work(cli::World& of, const Options& with, format::BridgeFile file, keys::Key owners)
    : world(of),
      options(with),
      bridge(std::move(file)),
      key(std::move(owners)),
      session(client::accounts_of(key, key.uploader().number(), of.random()), of.clock(), of.random()),
      care(session.bridge(bridge, key.uploader())) {}

Result<std::unique_ptr<Work>> Work::open(cli::World& world, const Options& options) {
  auto bridge = TRY(cli::need_bridge_file(options.bridge));
  auto key = TRY(world.key(options.key));
  if (key.is_caretaker())
    return fail(Code::usage, "this key file is a caretaker's",
                "give the owner's key, or an uploader's, and the caretaker's with --caretaker");
  return std::make_unique<Work>(world, options, std::move(bridge), std::move(key));
}

Result<std::size_t> each_manifest(Work& work, const UseManifest& use) {
  EachManifest each(work, use);
  if (work.options.names.empty()) TRY(each.file(std::nullopt));
  for (const std::string& name : work.options.names)
    TRY(client::is_tree_path(name) ? each.named(name) : each.file(name));
  return each.left_out();
}

Result<FileId> file_of(client::LineReader& lines, const std::string& name) {
  const auto line = TRY_IN(cli::escape(name), lines.next());
  if (!line) return fail(Code::integrity, cli::escape(name) + ": the manifest is empty");
  const auto json = TRY_IN(cli::escape(name), format::parse_object(*line));
  const format::Fields fields(json, cli::escape(name));
  TRY(fields.expect("type", "header"));
  return fields.id<FileId>("file");
}

}  // namespace inxt::care_tool
