// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sources.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/escape.h"

namespace inxt::put_tool {
namespace {

namespace fs = std::filesystem;

class Collector {
 public:
  Collector(cli::World& world, const Options& options, const tree::Tree& tree, std::uint64_t put_since)
      : world_(world), options_(options), tree_(tree), put_since_(put_since) {}

  Result<Sources> collect(const client::TreePath& to) {
    const auto there = tree_.find(to.path);
    const bool into = to.is_folder_said || (there && there->is_folder);
    if (there && !there->is_folder && to.is_folder_said)
      return fail(Code::usage, fmt::format("{} is a file", cli::escape(to.said())));
    if (!into && options_.files.size() > 1)
      return fail(Code::not_found, fmt::format("{}: there is no such folder", cli::escape(to.said())),
                  fmt::format("{}/ with a slash behind makes it", cli::escape(to.said())));
    for (const auto& text : options_.files) {
      if (text == "-") {
        if (into)
          return fail(Code::usage, "standard input has no name",
                      fmt::format("say one: inxt:{}", cli::escape(to.with("NAME"))));
        TRY(add({.local = "", .path = to.path}));
        continue;
      }
      const fs::path path = fs::path(text).lexically_normal();
      auto name = path.filename().string();
      if (name.empty()) name = path.parent_path().filename().string();  // "photos/"
      struct stat stat;
      if (::stat(text.c_str(), &stat) != 0) return fail_errno(errno, cli::escape(text));
      if (S_ISDIR(stat.st_mode)) {
        if (!options_.recursive)
          return fail(Code::usage, fmt::format("{} is a folder", cli::escape(text)),
                      "-R puts all that is in it");
        // "photos/." is what is in it; and one folder becomes the name that was said, so that the same
        // command is the same again.
        const auto last = fs::path(text).filename();
        const bool has_name = !name.empty() && last != "." && last != "..";
        const bool is_below = to.is_folder_said || options_.files.size() > 1;
        TRY(add_folder(text, is_below && has_name ? to.with(name) : to.path, stat.st_mode & 07777));
        continue;
      }
      if (!options_.data) TRY(refuse_manifest(text));
      TRY(add({.local = text, .path = into ? to.with(name) : to.path, .bytes = size_of(stat)},
              stat.st_mtim.tv_sec));
    }
    return std::move(out_);
  }

 private:
  static std::optional<std::uint64_t> size_of(const struct stat& stat) {
    // A size of zero is not believed: the kernel's own files say it too.
    if (!S_ISREG(stat.st_mode) || stat.st_size == 0) return std::nullopt;
    return static_cast<std::uint64_t>(stat.st_size);
  }

  Result<void> refuse_manifest(const std::string& path) {
    auto input = TRY(world_.input(path, "data"));
    if (!TRY(world_.begins_with(input, kManifestBegins))) return {};
    return fail(Code::usage, cli::escape(path) + " is a manifest",
                "alone, its file gets the name; to store the manifest itself say --data");
  }

  Result<void> add(client::FileToPut file, std::int64_t mtime_unix_s = 0) {
    TRY_IN(cli::escape(file.local), format::split_path(file.path));
    if (!paths_.insert(file.path).second)
      return fail(Code::usage, fmt::format("two of these would be inxt:{}", cli::escape(file.path)));
    const auto there = tree_.find(file.path);
    if (there && there->is_folder)
      return fail(Code::usage, fmt::format("inxt:{} is a folder", cli::escape(file.path)));
    if (there && (options_.update || there->version->seq > put_since_) &&
        file.bytes.value_or(0) == there->version->bytes && there->version->mtime_unix_s == mtime_unix_s) {
      ++out_.unchanged;
      return {};
    }
    out_.bytes += file.bytes.value_or(0);
    out_.files.push_back(std::move(file));
    return {};
  }

  Result<void> add_folder(const std::string& local, const std::string& path, std::uint32_t mode) {
    if (path != "/") {
      TRY_IN(cli::escape(local), format::split_path(path));
      const auto there = tree_.find(path);
      if (there && !there->is_folder)
        return fail(Code::usage, fmt::format("inxt:{} is a file", cli::escape(path)));
      if (!there) out_.folders.emplace_back(format::MkdirOp{.path = path, .mode = mode});
    }
    std::error_code error;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(local, error)) entries.push_back(entry.path());
    if (error) return fail_errno(error.value(), cli::escape(local));
    std::ranges::sort(entries);
    for (const auto& entry : entries) {
      const auto below = (path == "/" ? std::string() : path) + '/' + entry.filename().string();
      struct stat stat;
      if (::lstat(entry.c_str(), &stat) != 0) return fail_errno(errno, cli::escape(entry.string()));
      if (!S_ISDIR(stat.st_mode) && !S_ISREG(stat.st_mode)) {
        leave_out(entry, "neither file nor folder");
      } else if (const auto fits = format::split_path(below); !fits) {
        leave_out(entry, fits.error().what);
      } else if (S_ISDIR(stat.st_mode)) {
        TRY(add_folder(entry.string(), below, stat.st_mode & 07777));
      } else {
        TRY(add({.local = entry.string(), .path = below, .bytes = size_of(stat)}, stat.st_mtim.tv_sec));
      }
    }
    return {};
  }

  void leave_out(const fs::path& path, std::string_view why) {
    ++out_.left_out;
    world_.warn(fmt::format("{}: left out: {}", cli::escape(path.string()), cli::escape(why)));
  }

  cli::World& world_;
  const Options& options_;
  const tree::Tree& tree_;
  std::uint64_t put_since_;
  std::set<std::string> paths_;
  Sources out_;
};

}  // namespace

Result<void> check_folders_above(const tree::Tree& tree, std::string_view path) {
  for (auto slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
    if (const auto above = tree.find(path.substr(0, slash)); above && !above->is_folder)
      return fail(Code::usage, fmt::format("inxt:{} is a file", cli::escape(path.substr(0, slash))));
  return {};
}

Result<Sources> collect_sources(cli::World& world, const Options& options, const tree::Tree& tree,
                                const client::TreePath& to, std::uint64_t put_since) {
  return Collector(world, options, tree, put_since).collect(to);
}

}  // namespace inxt::put_tool
