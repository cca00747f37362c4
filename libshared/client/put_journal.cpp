// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "sys/files.h"
#include "sys/xdg.h"

namespace inxt::client {
namespace {

Result<sys::Fd> open_locked(const std::string& path, int flags) {
  sys::Fd fd(::open(path.c_str(), flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, path);
  if (::flock(fd.number(), LOCK_EX | LOCK_NB) != 0)
    return fail(Code::locked, fmt::format("{}: the put that writes it is still running", path));
  return fd;
}

constexpr std::string_view kDataSuffix = ".data.inxt";
constexpr std::string_view kNamingSuffix = ".naming.inxt";

/// Bytes up to the end of the last whole line.
Result<std::uint64_t> whole_lines_bytes(int fd, std::uint64_t size, const std::string& path) {
  Bytes end(8192);
  while (size > 0) {
    const auto chunk = std::min<std::uint64_t>(size, end.size());
    const auto got = TRY(sys::read_full_at(fd, size - chunk, ByteSpan(end).first(chunk), path));
    const auto newline = text_of(ByteView(end).first(got)).rfind('\n');
    if (newline != std::string_view::npos) return size - chunk + newline + 1;
    size -= chunk;
  }
  return 0;
}

}  // namespace

Result<std::string> PutJournal::folder() {
  auto folder = TRY(sys::xdg_path(sys::Xdg::state)) + "/unfinished";
  TRY(sys::make_private_folder(folder));
  return folder;
}

Result<PutJournal> PutJournal::reopen(const std::string& path) {
  PutJournal journal("", is_of_data(path) ? Of::data : Of::manifest);
  journal.fd_ = TRY(open_locked(path, 0));
  journal.path_ = path;
  journal.has_places_ = journal.has_earlier_places_ = true;
  const auto status = TRY(sys::status_of(journal.fd_.number(), path));
  const auto whole = TRY(whole_lines_bytes(journal.fd_.number(), status.size_bytes, path));
  if (::ftruncate(journal.fd_.number(), static_cast<off_t>(whole)) != 0) return fail_errno(errno, path);
  return journal;
}

bool PutJournal::is_left(const std::string& path) {
  return open_locked(path, 0).has_value();
}

Result<void> PutJournal::set_record(std::string_view record) {
  if (path_.empty() || !is_of_data(path_)) return {};
  const auto to =
      fmt::format("{}.{}{}", path_.substr(0, path_.size() - kDataSuffix.size()), record, kNamingSuffix);
  if (::rename(path_.c_str(), to.c_str()) != 0) return fail_errno(errno, path_);
  path_ = to;
  return {};
}

Result<void> PutJournal::sync(const std::string& folder) {
  const sys::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.number()) != 0) return fail_errno(errno, folder);
  return {};
}

std::optional<std::string> PutJournal::record_of(std::string_view name) {
  if (!name.ends_with(kNamingSuffix)) return std::nullopt;
  name.remove_suffix(kNamingSuffix.size());
  return std::string(name.substr(name.rfind('.') + 1));
}

Result<void> PutJournal::clear_record(const std::string& path) {
  const auto record = record_of(path);
  if (!record) return {};
  const auto locked = TRY(open_locked(path, 0));
  const auto to =
      path.substr(0, path.size() - kNamingSuffix.size() - record->size() - 1) + std::string(kDataSuffix);
  if (::rename(path.c_str(), to.c_str()) != 0) return fail_errno(errno, path);
  return {};
}

Result<void> PutJournal::supersede(const std::string& path) {
  superseded_.emplace_back(path, TRY(open_locked(path, 0)));
  has_places_ = has_earlier_places_ = true;
  return {};
}

Result<void> PutJournal::create(const FileId& file) {
  for (int number = 0;; ++number) {
    path_ = fmt::format("{}/{}{}{}.inxt", folder_, file.hex(), number == 0 ? "" : fmt::format(".{}", number),
                        of_ == Of::data ? ".data" : "");
    if (::access(path_.c_str(), F_OK) == 0 && number < kJournalsOfFileMax) continue;
    fd_ = TRY(open_locked(path_, O_CREAT | O_EXCL));
    return sync(folder_);  // the name must outlive a power cut too
  }
}

Result<void> PutJournal::write_durably(const FileId& file, std::string_view lines) {
  if (!fd_) TRY(create(file));
  TRY(sys::write_all(fd_.number(), view_of(lines), path_));
  if (::fdatasync(fd_.number()) != 0) return fail_errno(errno, path_);
  return {};
}

Result<void> PutJournal::append(std::string_view lines) {
  has_places_ = true;
  return sys::write_all(fd_.number(), view_of(lines), path_);
}

void PutJournal::remove() {
  if (fd_) ::unlink(path_.c_str());
  fd_.close();
  for (const auto& [path, locked] : superseded_) ::unlink(path.c_str());
  superseded_.clear();
}

}  // namespace inxt::client
