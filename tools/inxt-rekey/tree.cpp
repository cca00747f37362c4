// SPDX-License-Identifier: AGPL-3.0-or-later
// Files of the tree: a new version is appended to the log when all of it is stored; then the log is read back
// and stored at Hosts, and only then the old version is purged: a Bridge that says that it appended, and does
// not keep it, must not cost the file.  Killed before, the file is what it was; killed after, the old version
// is kept and ends as every kept version does.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/escape.h"
#include "client/purge.h"
#include "client/tree_change.h"
#include "rekey_tool.h"

namespace inxt::rekey_tool {
namespace {

// Of versions that wait for the log to be stored: so much room more than the files themselves is in use.
constexpr std::size_t kOldVersionsMax = 32;
constexpr std::uint64_t kOldBytesMax = std::uint64_t{1} << 30;

/// The whole text of number `which`.
Result<std::string> manifest_text(Work& work, client::TreeSession& tree, const client::TreeObject& object,
                                  std::size_t which) {
  const auto file = TRY(tree.manifest(object, which, work.addresses()));
  const auto text = TRY(sys::read_all(file.fd.number(), std::size_t{1} << 30, file.name));
  return std::string(text_of(text));
}

/// A version whose file has a new one, until it is purged.
struct OldVersion {
  format::RecordId record;
  std::uint64_t bytes = 0;
};

/// Purges them, once the log with their files' new versions is at Hosts.
Result<void> purge_all(Work& work, client::TreeSession& tree, std::vector<OldVersion>& old) {
  if (old.empty()) return {};
  const auto ended = [&]() -> Result<void> {
    auto stored = tree.store_log();
    if (!stored)
      return std::unexpected(
          std::move(stored).error().in("the log could not be stored, so the old versions are kept"));
    for (const auto& trouble : stored->troubles) work.world.warn(cli::escape(trouble));
    // What versions that are kept share with them stays as long as they do.
    std::vector<format::RecordId> records;
    for (const auto& one : old) records.push_back(one.record);
    const auto report = TRY(client::purge_versions(tree, records, client::RemoveOptions(), work.addresses()));
    for (const auto& trouble : report.troubles) work.world.warn(cli::escape(trouble));
    if (report.failed > 0) return fail(Code::partial, "old pieces may still be at their Hosts");
    return {};
  }();
  old.clear();
  if (ended) return {};
  auto error = ended.error();
  error.hint = "what has a new secret keeps it; old versions are kept until their time is over";
  return std::unexpected(std::move(error));
}

/// The version that is to be purged; nothing for an empty file.
Result<std::optional<OldVersion>> rekey_one(Work& work, client::TreeSession& tree,
                                            const format::BridgeFile& bridge, const std::string& path) {
  const auto old = TRY(tree.object(path, {}));
  if (old.record.bytes == 0 || old.manifests() == 0) return std::nullopt;
  client::RekeySource source;
  source.extents = old.record.extents;
  source.bytes = old.record.bytes;
  source.hosts = work.addresses();
  source.jobs = work.options.jobs;
  source.bridge = bridge;
  for (std::size_t i = 0; i < old.manifests(); ++i) {
    const auto text = TRY(manifest_text(work, tree, old, i));
    source.manifests.push_back(TRY(client::open_file_of(work.key, text, work.world.clock().unix_s())));
  }

  const sys::Fd made(::memfd_create("inxt-manifest", MFD_CLOEXEC));
  if (!made) return fail_errno(errno, "memfd_create");
  std::uint64_t bytes = 0;
  const auto write = [&](std::string_view lines) {
    bytes += lines.size();
    return sys::write_all(made.number(), view_of(lines), "a manifest in memory");
  };
  const auto take_back = [&] {
    if (::lseek(made.number(), 0, SEEK_SET) != 0) return;
    const auto text = sys::read_all(made.number(), std::size_t{1} << 30, "a manifest in memory");
    if (text && text_of(*text).find("\"type\":\"layout\"") != std::string_view::npos)
      (void)remove_pieces_of(work, text_of(*text));
  };
  if (auto put = put_anew(work, source, write); !put) {
    take_back();
    return std::unexpected(std::move(put).error());
  }
  auto ref = tree.manifest_ref(made.number(), bytes);
  if (!ref) {
    take_back();
    return std::unexpected(std::move(ref).error());
  }
  auto record = format::whole_object(old.record.bytes, *std::move(ref));
  record.mtime_unix_s = old.record.mtime_unix_s;
  record.mode = old.record.mode;
  record.zstd = source.manifests.front()->part.zstd;
  record.metadata = old.record.metadata;
  auto changed = tree.change([&](const tree::Tree& now) -> Result<client::Changes> {
    const auto there = now.find(path);
    if (!there || there->version == nullptr || there->version->record != old.version.record)
      return fail(Code::try_again, fmt::format("inxt:{} was changed meanwhile", path), "run it again");
    return tree.view().put_at(now, path, record);
  });
  if (!changed) {
    // Where nothing is known of what was sent, the new version may be what the tree shows.
    if (changed.error().what.find("changed meanwhile") != std::string::npos) take_back();
    return std::unexpected(std::move(changed).error());
  }
  return OldVersion{.record = old.version.record, .bytes = old.record.bytes};
}

}  // namespace

Result<cli::Exit> rekey_tree(Work& work, const std::string& said) {
  const auto at = TRY(client::parse_tree_path(said));
  const auto file = work.bridge ? *work.bridge : TRY(cli::need_bridge_file(work.options.bridge));
  const auto tree = TRY(client::TreeSession::open(file, work.key, work.world.clock(), work.world.random()));
  const auto item = tree->tree().find(at.path);
  if (!item) return fail(Code::not_found, fmt::format("{}: there is no such file", cli::escape(said)));
  std::vector<std::string> paths;
  if (!item->is_folder) {
    paths.push_back(at.path);
  } else {
    if (!work.options.recursive)
      return fail(Code::usage, fmt::format("{} is a folder", cli::escape(said)), "say -R");
    tree->tree().walk(item->node, [&](const tree::Item& below) {
      if (!below.is_folder) paths.push_back(tree->tree().path_of(below.node));
      return true;
    });
  }
  std::size_t done = 0;
  std::optional<Error> first;
  std::vector<OldVersion> old;
  std::uint64_t old_bytes = 0;
  const auto purge_now = [&] {
    old_bytes = 0;
    auto purged = purge_all(work, *tree, old);
    if (!purged && !first) first = std::move(purged).error();
  };
  for (const auto& path : paths) {
    if (work.world.stop().requested()) {
      purge_now();
      return fail(Code::failure, "stopped by a signal");
    }
    auto one = rekey_one(work, *tree, file, path);
    if (!one) {
      if (paths.size() > 1)
        work.world.warn(fmt::format("inxt:{}: {}", cli::escape(path), cli::escape(one.error().what)));
      if (!first) first = std::move(one).error();
      continue;
    }
    ++done;
    if (!*one) continue;
    old_bytes += (*one)->bytes;
    old.push_back(**std::move(one));
    if (old.size() >= kOldVersionsMax || old_bytes >= kOldBytesMax) purge_now();
    if (first && first->code == Code::integrity) break;
  }
  purge_now();
  if (const auto troubles = client::store_log_of(*tree); troubles)
    for (const auto& trouble : *troubles) work.world.warn(cli::escape(trouble));
  else if (!first)
    first = troubles.error();
  if (first && first->code != Code::integrity && paths.size() > 1 && done > 0)
    return fail(Code::partial, fmt::format("{} of {} files are under a new secret", done, paths.size()),
                "run it again");
  if (first) return std::unexpected(*std::move(first));
  work.world.say(fmt::format("{} files are under a new secret; the old pieces are gone", done));
  return cli::Exit::ok;
}

}  // namespace inxt::rekey_tool
