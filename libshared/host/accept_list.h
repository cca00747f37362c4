// SPDX-License-Identifier: LGPL-3.0-or-later
// Whom a Host serves: the accounts named in a file, or any.  Manual: inxt-host(8), "--accept".
#pragma once

#include <unordered_set>

#include "base/ids.h"

namespace inxt::host {

inline constexpr std::size_t kAcceptFileBytesMax = 16 * 1024 * 1024;  // 240,000 accounts

class AcceptList {
 public:
  /// Nobody.
  AcceptList() = default;
  static AcceptList any();
  /// One account id in hex a line; blank lines and what follows a '#' are passed over.
  /// Errors: usage, naming the line, when something else stands there.
  static Result<AcceptList> parse(std::string_view text);
  /// `any`, or a file's name.  Errors: those of the file and of parse(); limit kAcceptFileBytesMax.
  static Result<AcceptList> load(const std::string& file_or_any);

  bool accepts(const AccountId& account) const { return any_ || accounts_.contains(account); }
  bool is_any() const { return any_; }
  std::size_t size() const { return accounts_.size(); }

 private:
  bool any_ = false;
  std::unordered_set<AccountId> accounts_;
};

}  // namespace inxt::host
