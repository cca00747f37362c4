// SPDX-License-Identifier: LGPL-3.0-or-later
// The head of each Host's inventory that an auditor saw last: a Host that shows different heads to different
// people, or an older one later, is found out by those who remember.  A file of head lines as they came,
// inxt-inventory(5).
#pragma once

#include <map>
#include <string>

#include "format/inventory_lines.h"

namespace inxt::client {

inline constexpr std::size_t kHeadMemoryBytesMax = 64 * 1024 * 1024;  // 100,000 Hosts

struct SeenHead {
  std::string line;  // as it came, without newline
  format::SignedHead head;
};

class HeadMemory {
 public:
  /// `path`, or $XDG_STATE_HOME/inxt/heads.jsonl; remembers nothing where it is not there.
  /// Errors: integrity with the line.  Limits: kHeadMemoryBytesMax.
  static Result<HeadMemory> load(const std::optional<std::string>& path);

  /// Nothing of a Host that was never seen.
  const SeenHead* find(const HostId& host) const;
  /// Instead of what was remembered of this Host.
  void remember(SeenHead head);
  /// Writes what is new; what another auditor wrote meanwhile about other Hosts, or later heads, stays.
  /// Errors: those of files.
  Result<void> save();
  const std::string& path() const { return path_; }

 private:
  using Heads = std::map<HostId, SeenHead>;
  static Result<Heads> read(const std::string& path);

  std::string path_;
  Heads heads_, new_;
};

}  // namespace inxt::client
