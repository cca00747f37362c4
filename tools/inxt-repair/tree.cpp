// SPDX-License-Identifier: AGPL-3.0-or-later
// Names of the tree: a version whose manifest has new places becomes the object's next one.  Both share their pieces.
// And the log itself: a segment whose pieces have new places is said again, with them.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/escape.h"
#include "client/object_manifest.h"
#include "client/object_read.h"
#include "client/tree_change.h"
#include "client/tree_session.h"
#include "repair_tool.h"

namespace inxt::repair_tool {
namespace {

/// New place lines for number `which` of the record's manifests.
struct NewPlaces {
  std::string manifest;
  std::string stored;  // for the pieces in which a long manifest lies, whose manifest stands in the record
  std::string between;  // the same of a manifest that does not
  bool any() const { return !manifest.empty() || !stored.empty() || !between.empty(); }
};

Result<client::ManifestText> text_of_file(const client::ManifestFile& file) {
  client::ManifestText text;
  Bytes run(64 * 1024);
  while (const auto got = TRY(sys::read_some(file.fd.number(), run, file.name)))
    TRY(text.write(inxt::text_of(ByteView(run).first(got))));
  return text;
}

class TreeRepair {
 public:
  TreeRepair(Work& work, client::TreeSession& tree, Target& target) : work_(work), tree_(tree), target_(target) {}

  Result<void> repair(const std::string& path) {
    const auto object = TRY(tree_.object(path, {}));
    auto record = object.record;
    bool is_changed = false;
    for (std::size_t which = 0; which < object.manifests(); ++which) {
      auto ref = TRY(repair_manifest(object, which));
      if (!ref) continue;
      record.manifests[which] = *std::move(ref);
      is_changed = true;
    }
    if (!is_changed) return {};
    const auto changed = tree_.change([&](const tree::Tree& now) -> Result<client::Changes> {
      const auto there = now.find(path);
      if (!there || there->version == nullptr || there->version->record != object.version.record)
        return fail(Code::try_again, fmt::format("inxt:{} was changed meanwhile", path), "run it again");
      return tree_.view().put_at(now, path, record);
    });
    if (!changed) return std::unexpected(changed.error());
    return {};
  }

  /// Errors: of a segment, when the others have been repaired.
  Result<void> repair_log() {
    std::optional<Error> first;
    const auto segments = tree_.tree().segments();  // a copy: it changes meanwhile
    for (const auto& segment : segments) {
      if (work_.world.stop().requested()) return fail(Code::failure, "stopped by a signal", "run it again");
      auto done = repair_segment(segment);
      if (done) continue;
      auto error = std::move(done).error().in(fmt::format("entries {} to {}", segment.first, segment.last));
      work_.world.warn("the log: " + cli::escape(error.what));
      if (!first) first = std::move(error);
    }
    if (first) return std::unexpected(*std::move(first));
    return {};
  }

  const client::RepairReport& report() const { return report_; }

 private:
  /// What the record says of it now; nothing where it stays as it is.
  Result<std::optional<format::ManifestRef>> repair_manifest(const client::TreeObject& object, std::size_t which) {
    NewPlaces places;
    const auto* stored = std::get_if<format::StoredManifest>(&object.record.manifests[which]);
    // Level by level: what is below is read by what is above.
    const auto levels = TRY(tree_.session().run(client::manifests_above(
        tree_.session().network(), work_.key, object.record.manifests[which], work_.addresses(),
        &tree_.later())));
    for (std::size_t level = 0; level < levels.size(); ++level) {
      client::ManifestText text;
      TRY(text.write(levels[level]));
      TRY(repair_lines(text, object.path, {}, level == 0 ? places.stored : places.between));
    }
    const auto file = TRY(tree_.manifest(object, which, work_.addresses()));
    const auto text = TRY(text_of_file(file));
    const auto table = TRY(text.table(cli::escape(file.name), client::writers_to_repair_for(work_.key),
                                      client::ManifestTable::Seal::required));
    const auto used =
        TRY(client::segments_in_use(work_.key, object.record, static_cast<std::uint32_t>(which), table));
    std::function<bool(std::uint64_t)> only;
    if (!used.has_all()) only = [&used](std::uint64_t segment) { return used.has(segment); };
    TRY(repair_lines(text, object.path, std::move(only), places.manifest));
    if (!places.any()) return std::nullopt;
    if (places.manifest.empty() && places.between.empty()) {
      auto ref = *stored;
      ref.manifest += places.stored;
      return format::ManifestRef(std::move(ref));
    }
    return TRY(store(text, places.manifest));
  }

  Result<void> repair_segment(const tree::Segment& segment) {
    client::ManifestText text;
    TRY(text.write(segment.manifest));
    std::string places;
    TRY(repair_named(text, "the log", {}, places));
    if (places.empty()) return {};
    const auto file = TRY(client::file_of_manifest(segment.manifest));
    bool is_said = false, is_too_long = false;
    const auto changed = tree_.change([&](const tree::Tree& now) -> Result<client::Changes> {
      client::Changes changes;
      is_said = is_too_long = false;
      for (const auto& one : now.segments()) {
        if (TRY(client::file_of_manifest(one.manifest)) != file) continue;
        is_said = true;
        is_too_long = one.manifest.size() + places.size() > format::kSegmentManifestBytesMax;
        if (!is_too_long)
          changes.ops.emplace_back(format::SegmentOp{
              .first = one.first, .last = one.last, .bytes = one.bytes, .manifest = one.manifest + places});
      }
      return changes;
    });
    if (!changed) return std::unexpected(changed.error());
    // Recovery finds pieces by their tags, wherever they lie.
    if (is_too_long)
      work_.world.warn(fmt::format("the log says no more places of entries {} to {} (kSegmentManifestBytesMax)",
                                   segment.first, segment.last));
    if (is_said) return {};
    // Another machine has joined it with others, and removed what it knew of.
    const auto removed = tree_.session().run(client::remove_hidden_file(
        tree_.session().network(), work_.key, segment.manifest + places, work_.addresses()));
    if (!removed) return std::unexpected(removed.error());
    return {};
  }

  Result<void> repair_lines(const client::ManifestText& text, const std::string& path,
                            std::function<bool(std::uint64_t)> only, std::string& to) {
    return repair_named(text, cli::escape(std::string(client::kTreePathBegins) + path), std::move(only), to);
  }

  Result<void> repair_named(const client::ManifestText& text, const std::string& name,
                            std::function<bool(std::uint64_t)> only, std::string& to) {
    auto report = TRY(repair_text(work_, tree_.session(), target_, text, name, std::move(only),
                                  [&to](std::string_view line) -> Result<void> {
                                    to += line;
                                    return {};
                                  }));
    add(report_, std::move(report));
    return {};
  }

  Result<format::ManifestRef> store(const client::ManifestText& text, const std::string& places) {
    const sys::Fd made(::memfd_create("inxt-manifest", MFD_CLOEXEC));
    if (!made) return fail_errno(errno, "memfd_create");
    std::uint64_t bytes = 0;
    const auto write = [&](ByteView lines) {
      bytes += lines.size();
      return sys::write_all(made.number(), lines, "a manifest in memory");
    };
    const auto source = TRY(text.source());
    Bytes run(64 * 1024);
    while (const auto got = TRY(source->read(run))) TRY(write(ByteView(run).first(got)));
    TRY(write(view_of(places)));
    return tree_.manifest_ref(made.number(), bytes);
  }

  Work& work_;
  client::TreeSession& tree_;
  Target& target_;
  client::RepairReport report_;
};

struct Paths {
  std::vector<std::string> files;
  bool is_root = false;  // all there is: the log, too
};

Result<Paths> paths_of(const Options& options, client::TreeSession& tree) {
  Paths out;
  auto& paths = out.files;
  for (const auto& said : options.what) {
    const auto at = TRY_IN(cli::escape(said), client::parse_tree_path(said));
    const auto item = tree.tree().find(at.path);
    if (!item) return fail(Code::not_found, fmt::format("{}: there is no such file", cli::escape(said)));
    if (!item->is_folder) {
      paths.push_back(at.path);
      continue;
    }
    if (!options.recursive) return fail(Code::usage, fmt::format("{} is a folder", cli::escape(said)), "say -R");
    out.is_root = out.is_root || at.path == "/";
    tree.tree().walk(item->node, [&](const tree::Item& below) {
      if (!below.is_folder) paths.push_back(tree.tree().path_of(below.node));
      return true;
    });
  }
  return out;
}

}  // namespace

Result<cli::Exit> repair_tree(Work& work) {
  auto& world = work.world;
  if (!work.key.is_owner())
    return fail(Code::denied, "this key file is not the owner's: it reads no names",
                "give it the manifest, or use the owner's key file");
  const auto file = work.bridge ? *work.bridge : TRY(cli::need_bridge_file(work.options.bridge));
  const auto tree = TRY(client::TreeSession::open(file, work.key, world.clock(), world.random()));
  tree->set_room(work.options.price_max, work.allow);
  Target target(work, tree->session(), tree->vouchers());
  TRY(target.check());
  TreeRepair repairing(work, *tree, target);
  std::optional<Error> first;
  const auto what = TRY(paths_of(work.options, *tree));
  const auto& paths = what.files;
  for (const auto& path : paths) {
    if (world.stop().requested()) {
      first = Error{Code::failure, "stopped by a signal", "run it again"};
      break;
    }
    auto done = repairing.repair(path);
    if (done) continue;
    // A file that cannot be repaired keeps none of the others from it.
    if (paths.size() > 1)
      world.warn(fmt::format("inxt:{}: {}", cli::escape(path), cli::escape(done.error().what)));
    if (!first) first = std::move(done).error();
  }
  if (what.is_root && !world.stop().requested())
    if (auto done = repairing.repair_log(); !done && !first) first = std::move(done).error();
  target.end();
  if (!work.options.dry_run) {
    const auto stored = tree->store_log();
    if (!stored)
      world.warn("the log is not stored yet: " + cli::escape(stored.error().what));
    else
      for (const auto& trouble : stored->troubles) world.warn(cli::escape(trouble));
  }
  auto exit = judge(work, repairing.report(), true);
  if (first && exit) return std::unexpected(*std::move(first));
  return exit;
}

}  // namespace inxt::repair_tool
