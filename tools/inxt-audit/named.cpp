// SPDX-License-Identifier: AGPL-3.0-or-later
// Names in the owner's tree: a file, or with -R all below a folder.
#include <fmt/format.h>
#include <unistd.h>

#include "audit_tool.h"
#include "cli/escape.h"
#include "client/object_read.h"
#include "client/tree_files.h"
#include "client/tree_path.h"

namespace inxt::audit_tool {
namespace {

/// A file of the owner's tree: its manifest, or its manifests one after another, where it was written in parts.
Result<cli::Exit> audit_object(cli::World& world, const Options& options, client::TreeSession& tree, const client::TreeObject& object) {
  auto exit = cli::Exit::ok;
  for (std::size_t which = 0; which < object.manifests(); ++which) {
    auto file = TRY(tree.manifest(object, which));
    auto one = options;
    if (object.record.bytes > 0) {
      // Of what was written over later, or cut off, a purge leaves nothing that a Host could prove.
      client::LineReader lines(file.fd.number(), cli::escape(file.name));
      const auto manifest = TRY(client::ManifestTable::read(lines, cli::escape(file.name), format::any_writer()));
      const auto used = std::make_shared<client::UsedSegments>(
          TRY(client::segments_in_use(tree.key(), object.record, static_cast<std::uint32_t>(which), manifest)));
      if (::lseek(file.fd.number(), 0, SEEK_SET) != 0) return fail_errno(errno, cli::escape(file.name));
      one.only_segments = [used](std::uint64_t segment) { return used->has(segment); };
    }
    auto input = std::make_shared<cli::Input>();
    input->fd = file.fd.number();
    input->owned = std::move(file.fd);
    input->name = cli::escape(file.name);
    one.opened = std::move(input);
    const auto ended = TRY(audit(world, one));
    exit = cli::worse(exit, ended);
  }
  return exit;
}

/// What -R found.
struct Files {
  std::uint64_t passed = 0, failed = 0, unanswered = 0, unanchored = 0, not_audited = 0;
  cli::Exit exit = cli::Exit::ok;

  std::uint64_t all() const { return passed + failed + unanswered + unanchored + not_audited; }
  void add(cli::Exit one) {
    if (one == cli::Exit::ok) ++passed;
    else if (one == cli::Exit::audit_failed) ++failed;
    else if (one == cli::Exit::partial) ++unanchored;
    else ++unanswered;
    exit = cli::worse(exit, one);
  }
};

/// A file that cannot be audited keeps none of the others from it.
Result<void> take(cli::World& world, const Options& options, Files& files, const Result<cli::Exit>& ended) {
  if (world.stop().requested()) return fail(Code::failure, "stopped by a signal");
  if (ended) {
    files.add(*ended);
    return {};
  }
  const auto& error = ended.error();
  ++files.not_audited;
  files.exit = cli::worse(files.exit, error.code == Code::integrity   ? cli::Exit::integrity
                                      : error.code == Code::try_again ? cli::Exit::try_again
                                                                      : cli::Exit::partial);
  world.warn(about(options, "not audited: " + cli::escape(error.what)));
  return print_line(world, options,
                    {{"type", "not-audited"}, {"error", code_name(error.code)}, {"message", cli::escape(error.what)}});
}

Result<cli::Exit> print_total(cli::World& world, const Files& files) {
  TRY(world.print_json({{"type", "total"},
                        {"files", files.all()},
                        {"files_passed", files.passed},
                        {"files_failed", files.failed},
                        {"files_unanswered", files.unanswered},
                        {"files_unanchored", files.unanchored},
                        {"not_audited", files.not_audited}}));
  world.say(fmt::format("of {} files {} passed, {} failed, {} did not get all answers in time, {} are not anchored, {} were not "
                        "audited",
                        files.all(), files.passed, files.failed, files.unanswered, files.unanchored, files.not_audited));
  return files.exit;
}

Result<cli::Exit> audit_below(cli::World& world, const Options& options, client::TreeSession& tree, const std::string& path) {
  const auto& names = tree.tree();
  const auto item = names.find(path);
  if (!item) return fail(Code::not_found, fmt::format("inxt:{}: there is no such file or folder", cli::escape(path)));
  std::vector<client::TreeFile> wanted;
  if (item->is_folder)
    wanted = client::files_below(names, *item);
  else
    wanted.push_back({path, *item->version});
  std::vector<tree::Segment> segments;
  if (path == "/") segments = names.segments();
  Files files;
  auto one = options;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& file = wanted[i];
    client::fetch_records_ahead(tree, wanted, i);
    const auto said = std::string(client::kTreePathBegins) + file.path;
    one.subject.members = format::Json::object();
    if (!file.path.empty()) one.subject.members["path"] = said;
    one.subject.members["object"] = file.version.object.hex();
    one.subject.name = file.path.empty() ? "object " + file.version.object.hex() : cli::escape(said);
    const auto object = tree.object(file.path, file.version, false);
    auto ended = object ? audit_object(world, one, tree, *object) : std::unexpected(object.error());
    TRY(take(world, one, files, ended));
  }
  for (const auto& segment : segments) {
    one.subject.members = format::Json::object();
    one.subject.members["log"] = format::Json::array({segment.first, segment.last});
    one.subject.name = fmt::format("entries {} to {} of the log", segment.first, segment.last);
    client::TreeObject object;
    object.record.manifests.emplace_back(format::InlineManifest{segment.manifest});
    TRY(take(world, one, files, audit_object(world, one, tree, object)));
  }
  return print_total(world, files);
}

}  // namespace

Result<cli::Exit> audit_named(cli::World& world, const Options& options) {
  const auto path = TRY_IN(cli::escape(*options.manifest), client::parse_tree_path(*options.manifest));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  if (options.recursive) return audit_below(world, options, *tree, path.path);
  const auto object = TRY(tree->object(path.path, {}));
  if (object.manifests() > 1 && (options.proofs || options.commit || options.extract))
    return fail(Code::usage, fmt::format("{} lies in {} parts, each with a manifest of its own", cli::escape(path.said()), object.manifests()),
                "--proofs, --commit and --extract are for one manifest");
  return audit_object(world, options, *tree, object);
}

}  // namespace inxt::audit_tool
