// SPDX-License-Identifier: LGPL-3.0-or-later
// The heads that a Host has shown, one line each: heads.jsonl in the store's folder.  Two different heads of
// one hour, or with one head before them, are evidence against the Host.  So a line stands there durably
// before anybody sees it, and the file is written anew as a whole each time: after a crash it has the new
// line or has not, and a head that was not shown may be forgotten.
//
// Each head's state (host/inventory_state.h) was durable before its line is, and has it too: a last line that
// is lost or rotten comes back from there.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "format/inventory_lines.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kHeadsFile = "heads.jsonl";
inline constexpr std::size_t kHeadsKept = 10'000;  // over a year of hours; the oldest go first
inline constexpr std::size_t kHeadsFileBytesMax = std::size_t{16} << 20;

/// Thread-safe; every call may wait for the disk.  24 bytes of memory a head, and its hash.
class InventoryChain {
 public:
  InventoryChain(sys::Directory& directory, const HostId& host) : directory_(directory), host_(host) {}

  /// Reads the file, once, before the others.  Gives one sentence for each line that is none (passed over).
  /// Lines of the Host's former ids stay in the file and are not looked at.
  Result<std::vector<std::string>> load();

  /// The last head; nothing before the first.
  std::optional<format::SignedHead> last() const;
  /// Durable when it returns.  `line`: with newline.  Errors: integrity unless it is of a later hour than
  /// last(); the disk's, and then it is not in the chain.
  Result<void> append(const format::SignedHead& head, std::string_view line);

  /// Of this epoch.  With newline.  Nothing when there is none.
  Result<std::optional<std::string>> line_of(std::int64_t epoch) const;
  /// Up to `limit` behind that epoch, ascending, each with newline.
  Result<std::string> lines_after(std::int64_t epoch, std::size_t limit) const;
  /// Whether this Host once made a head with this hash.
  bool knows(const crypto::Hash& head) const;

 private:
  struct Place {
    std::int64_t epoch = 0;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;  // with newline
    crypto::Hash hash{};
  };
  Result<std::string> read_file() const;
  Result<std::string> read_at(std::uint64_t offset, std::size_t length) const;

  sys::Directory& directory_;
  const HostId host_;
  mutable std::mutex mutex_;     // held over the disk too: the file and what is known of it are one
  std::vector<Place> places_;    // ascending
  std::size_t known_bytes_ = 0;  // of the file: what stands behind is none of the chain
  std::optional<format::SignedHead> last_;
};

}  // namespace inxt::host
