// SPDX-License-Identifier: AGPL-3.0-or-later
// A manifest's file: the new manifest takes its name when all of it is stored.  Killed at any instant, what
// is there is the old file or the new one, and the next call cleans up:
//
//     NAME.rekey-new   the new manifest as it is written; its pieces are removed when NAME is still the old
//     one NAME.rekey-old   the old manifest, from before NAME becomes the new one until the old pieces are
//     gone
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/escape.h"
#include "client/file_stream.h"
#include "format/share_bundle.h"
#include "rekey_tool.h"

namespace inxt::rekey_tool {
namespace {

constexpr std::size_t kManifestBytesMax = std::size_t{1} << 30;  // it is read whole

struct Names {
  explicit Names(const std::string& path) : now(path), made(path + ".rekey-new"), old(path + ".rekey-old") {}
  std::string now, made, old;
};

Result<void> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const sys::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.number()) != 0) return fail_errno(errno, folder);
  return {};
}

Result<void> unlink(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, path);
  return sync_folder_of(path);
}

Result<std::optional<std::string>> read_if_there(const std::string& path) {
  auto text = sys::read_file(path, kManifestBytesMax, "kManifestBytesMax");
  if (!text && text.error().code == Code::not_found) return std::nullopt;
  return std::string(text_of(TRY(std::move(text))));
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

/// What a call that was killed left: at the end only NAME is there.
Result<void> clean_up(Work& work, const Names& names, std::string_view now) {
  if (const auto old = TRY(read_if_there(names.old))) {
    if (first_line(*old) != first_line(now)) {
      TRY_IN(cli::escape(names.old), remove_pieces_of(work, *old));
      work.world.say("removed the old pieces that an earlier call had left");
    }
    TRY(unlink(names.old));
  }
  if (const auto made = TRY(read_if_there(names.made))) {
    // A header alone names no piece.
    if (made->find("\"type\":\"layout\"") != made->npos) {
      TRY_IN(cli::escape(names.made), remove_pieces_of(work, *made));
      work.world.say("removed the new pieces of a call that was cut off");
    }
    TRY(unlink(names.made));
  }
  return {};
}

/// Lines as they come; durable by finish().
class ManifestOnDisk {
 public:
  static Result<ManifestOnDisk> create(const std::string& path, unsigned mode) {
    ManifestOnDisk out;
    out.fd_ = sys::Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, mode));
    if (!out.fd_) return fail_errno(errno, path);
    out.path_ = path;
    return out;
  }
  Result<void> write(std::string_view lines) { return sys::write_all(fd_.number(), view_of(lines), path_); }
  Result<void> finish() {
    if (::fsync(fd_.number()) != 0) return fail_errno(errno, path_);
    return sync_folder_of(path_);
  }

 private:
  sys::Fd fd_;
  std::string path_;
};

}  // namespace

Result<cli::Exit> rekey_file(Work& work, const std::string& path) {
  const Names names(path);
  const auto now = TRY(read_if_there(path));
  if (!now) return fail(Code::not_found, fmt::format("{}: there is no such file", cli::escape(path)));
  const auto status = TRY(sys::status_of(path));
  if (status.kind != sys::FileKind::regular)
    return fail(Code::usage,
                fmt::format("{}: not a regular file: the new manifest takes its place", cli::escape(path)));
  TRY(clean_up(work, names, *now));

  client::RekeySource source;
  source.manifests.push_back(
      TRY_IN(cli::escape(path), client::open_file_of(work.key, *now, work.world.clock().unix_s())));
  source.hosts = work.addresses();
  source.jobs = work.options.jobs;
  source.bridge = work.bridge;
  auto made = TRY(ManifestOnDisk::create(names.made, status.mode & 0777U));
  work.world.progress().begin("putting anew", source.manifests.front()->manifest.ciphertext_bytes());
  const auto put = put_anew(work, source, [&made](std::string_view lines) { return made.write(lines); });
  work.world.progress().finish();
  if (!put) {
    if (const auto left = clean_up(work, names, *now); !left)
      work.world.warn(
          fmt::format("{}; run it again to remove what was stored", cli::escape(left.error().what)));
    return std::unexpected(put.error());
  }
  TRY(made.finish());
  if (::link(names.now.c_str(), names.old.c_str()) != 0) return fail_errno(errno, names.old);
  TRY(sync_folder_of(names.old));
  if (::rename(names.made.c_str(), names.now.c_str()) != 0) return fail_errno(errno, names.now);
  TRY(sync_folder_of(names.now));
  if (auto removed = remove_pieces_of(work, *now); !removed) {
    auto error = std::move(removed).error();
    error.hint = "the file is under its new secret; run it again later to remove the old pieces";
    return std::unexpected(std::move(error));
  }
  TRY(unlink(names.old));
  work.world.say(fmt::format("{} is under a new secret; the old pieces are gone", cli::escape(path)));
  return cli::Exit::ok;
}

}  // namespace inxt::rekey_tool
