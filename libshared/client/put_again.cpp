// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_again.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "format/json.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

constexpr std::size_t kPutAgainBytesMax = 256;
constexpr std::size_t kIdBytes = 16;

/// Nothing where there is none, or a crash left only a part of it.
std::optional<std::uint64_t> read(const std::string& path) {
  const auto bytes = sys::read_file(path, kPutAgainBytesMax, "kPutAgainBytesMax");
  if (!bytes) return std::nullopt;
  auto text = text_of(*bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto json = format::parse_object(text, kPutAgainBytesMax);
  if (!json) return std::nullopt;
  const auto seq = format::Fields(*json, "put").integer("log_end");
  if (!seq) return std::nullopt;
  return *seq;
}

}  // namespace

PutAgain::PutAgain(const std::string& folder, std::string_view what) {
  const auto id = crypto::sha256(view_of(what));
  path_ = fmt::format("{}/{}.tree", folder, to_hex(ByteView(id).first(kIdBytes)));
  log_end_ = read(path_);
}

Result<void> PutAgain::begin(std::uint64_t log_end) {
  if (log_end_) return {};
  const sys::Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail_errno(errno, path_);
  const auto line = fmt::format("{{\"type\":\"tree-put\",\"log_end\":{}}}\n", log_end);
  TRY(sys::write_all(file.number(), view_of(line), path_));
  if (::fdatasync(file.number()) != 0) return fail_errno(errno, path_);
  return {};
}

void PutAgain::end() {
  ::unlink(path_.c_str());
}

}  // namespace inxt::client
