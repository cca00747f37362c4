// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "sys/files.h"
#include "sys/xdg.h"

namespace inxt::client {

Result<PutJournal> PutJournal::in_state_folder() {
  auto folder = TRY(sys::xdg_path(sys::Xdg::state)) + "/unfinished";
  TRY(sys::make_private_folder(folder));
  return PutJournal(std::move(folder));
}

Result<void> PutJournal::write(const FileId& file, std::string_view lines) {
  if (!fd_) {
    path_ = fmt::format("{}/{}.inxt", folder_, file.hex());
    fd_ = sys::Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd_) return fail_errno(errno, path_);
  }
  return sys::write_all(fd_.number(), view_of(lines), path_);
}

void PutJournal::remove() {
  if (fd_) ::unlink(path_.c_str());
  fd_.close();
}

}  // namespace inxt::client
