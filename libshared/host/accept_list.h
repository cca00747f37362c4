// SPDX-License-Identifier: LGPL-3.0-or-later
// Whom a Host serves: the accounts named in a file, or any.  Manual: inxt-host(8), "Options of the daemon".
#pragma once

#include <optional>
#include <unordered_set>

#include "base/ids.h"
#include "crypto/sign.h"

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
  /// Whose requests are counted together: an account that stands in the list; all others by where they come from
  /// (net::network_of), because a new key costs them nothing.
  std::string counted_as(const std::optional<crypto::PublicKey>& key, std::string_view ip) const;
  bool is_any() const { return any_; }
  std::size_t size() const { return accounts_.size(); }

 private:
  bool any_ = false;
  std::unordered_set<AccountId> accounts_;
};

}  // namespace inxt::host
