// SPDX-License-Identifier: LGPL-3.0-or-later
// The names in a share, as a reader looks at them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/share_bundle.h"

namespace inxt::client {

struct SharedItem {
  std::string_view path;                     // "2026/a.tar"; empty: the folder that is shared
  const format::SharedFile* file = nullptr;  // nullptr of a folder
};

/// Views into the bundle, which outlives it.
class SharedNames {
 public:
  explicit SharedNames(const format::ShareBundle& bundle);

  /// Slashes in front and behind are passed over; nothing but those is the folder that is shared, or the file
  /// of a share of one. Nothing where there is no such name.
  std::optional<SharedItem> find(std::string_view path) const;
  /// Right in a folder, sorted by bytes.
  std::vector<SharedItem> list(std::string_view folder) const;
  /// All below a folder: every folder before what is in it.
  std::vector<SharedItem> walk(std::string_view folder) const;

 private:
  /// A slash comes before all else, so that what is in a folder follows it at once.
  struct Order {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  std::map<std::string_view, const format::SharedFile*, Order> names_;
  const format::SharedFile* only_ = nullptr;  // of a share of one file
};

}  // namespace inxt::client
