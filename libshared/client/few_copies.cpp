// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/few_copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "client/hidden_file.h"
#include "sys/files.h"
#include "sys/xdg.h"

namespace inxt::client {
namespace {

constexpr std::size_t kToldBytesMax = 32;

/// Whether this is news.  What cannot be remembered is told again.
bool remember(const std::string& path, const std::string& told) {
  const auto before = sys::read_file(path, kToldBytesMax, "kToldBytesMax");
  if (before && text_of(*before) == told) return false;
  const sys::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file) (void)sys::write_all(file.number(), view_of(told), path);
  return true;
}

}  // namespace

std::optional<std::string> tell_of_few_copies(const format::LogId& log, std::size_t copies) {
  const auto folder = sys::xdg_path(sys::Xdg::state);
  if (!folder) return std::nullopt;
  const auto path = fmt::format("{}/logs/{}.copies", *folder, log.hex());
  if (copies >= kHiddenFileMirrors) {
    ::unlink(path.c_str());
    return std::nullopt;
  }
  if (!remember(path, fmt::format("{}\n", copies))) return std::nullopt;
  return fmt::format(
      "the log is stored at {} only, not at {}: when the Bridge is lost, too, nothing else has the names; "
      "more Hosts (inxt-hosts shows them), or --allow-same, give it more copies; this is said once",
      copies == 1 ? "1 Host" : fmt::format("{} Hosts", copies), kHiddenFileMirrors);
}

}  // namespace inxt::client
