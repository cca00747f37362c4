// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts as GET /v1/hosts lists them.  Keeps each one's line until the Host changes.
#pragma once

#include <string>
#include <vector>

#include "bridge/host_table.h"
#include "format/listed_host.h"

namespace inxt::bridge {

inline constexpr std::size_t kHostsPerPageMax = 1000;
inline constexpr std::size_t kHostsPerPage = 256;  // where nothing is said
inline constexpr std::size_t kHostsPageBytesMax = 2 * 1024 * 1024;

format::ListedHost listed(const KnownHost& host);

struct HostPageQuery {
  std::optional<HostId> after = {};
  std::size_t limit = kHostsPerPage;  // 1 to kHostsPerPageMax
  bool all = false;                   // also those that are not live
};

/// One thread.
class HostLines {
 public:
  /// Live Hosts with ids behind `after`, ascending, with newlines; as many as fit into kHostsPageBytesMax.
  /// Empty at the end.  Cost: of a snapshot that is new, log n for each Host; else of the page.
  std::string page(const HostSnapshot& snapshot, const HostPageQuery& query, std::int64_t now_unix_s,
                   std::int64_t beat_interval_s);

 private:
  void follow(const HostSnapshot& snapshot);

  struct Line {
    std::uint64_t version = 0;
    std::string text = {};
  };
  std::vector<Line> lines_;             // by the snapshot's index
  std::vector<std::size_t> ascending_;  // indexes by id
};

}  // namespace inxt::bridge
