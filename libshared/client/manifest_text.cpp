// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/manifest_text.h"

#include <fcntl.h>
#include <unistd.h>

#include "client/file_stream.h"
#include "client/hidden_file.h"
#include "client/spool.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

constexpr const char* kName = "a manifest";

}  // namespace

Result<void> ManifestText::write(std::string_view lines) {
  bytes_ += lines.size();
  if (!file_ && bytes_ <= format::kInlineManifestBytesMax) {
    text_ += lines;
    return {};
  }
  if (!file_) {
    const auto spool = TRY(Spool::of_user());
    file_ = sys::Fd(::open(spool.folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file_) return fail_errno(errno, spool.folder());
    TRY(sys::write_all(file_.number(), view_of(text_), kName));
    text_.clear();
  }
  return sys::write_all(file_.number(), view_of(lines), kName);
}

Result<std::unique_ptr<ByteSource>> ManifestText::source() const {
  if (!file_) return std::make_unique<TextSource>(text_);
  if (::lseek(file_.number(), 0, SEEK_SET) != 0) return fail_errno(errno, kName);
  return std::make_unique<FdSource>(file_.number(), kName);
}

Result<ManifestTable> ManifestText::table(const std::string& name, format::WriterCheck check,
                                          ManifestTable::Seal seal) const {
  if (!file_) return table_of(text_, std::move(check), seal);
  if (::lseek(file_.number(), 0, SEEK_SET) != 0) return fail_errno(errno, kName);
  LineReader lines(file_.number(), name);
  return ManifestTable::read(lines, name, std::move(check), seal);
}

}  // namespace inxt::client
