// SPDX-License-Identifier: LGPL-3.0-or-later
// Whom a Host serves, and whom it does not: accounts and Bridges named in files.  Manual: inxt-host(8),
// "Lists".
#pragma once

#include <optional>
#include <set>
#include <unordered_set>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::host {

inline constexpr std::size_t kAcceptFileBytesMax = 16 * 1024 * 1024;  // 240,000 accounts

/// Accounts and Bridges by name.
class PeerList {
 public:
  /// Lines "<64 hex>" or "account <64 hex>", and "bridge <64 hex>"; blank lines and what follows a '#' are
  /// passed over.  Errors: usage, naming the line, when something else stands there.
  static Result<PeerList> parse(std::string_view text);
  /// Errors: those of the file and of parse(); limit kAcceptFileBytesMax.
  static Result<PeerList> load(const std::string& file);

  bool has(const AccountId& account) const { return accounts_.contains(account); }
  bool has_bridge(const crypto::PublicKey& bridge) const { return bridges_.contains(bridge); }
  std::size_t accounts() const { return accounts_.size(); }
  std::size_t bridges() const { return bridges_.size(); }

 private:
  std::unordered_set<AccountId> accounts_;
  std::set<crypto::PublicKey> bridges_;
};

/// Who may make new contracts: those named, those who show a voucher of a Bridge that is named, or any.
class AcceptList {
 public:
  /// Nobody.
  AcceptList() = default;
  explicit AcceptList(PeerList named) : named_(std::move(named)) {}
  static AcceptList any();
  static Result<AcceptList> parse(std::string_view text);
  /// `any`, or a file's name.  Errors: as PeerList::load.
  static Result<AcceptList> load(const std::string& file_or_any);

  bool accepts(const AccountId& account) const { return any_ || named_.has(account); }
  /// Whether a voucher of this Bridge makes its account one that is accepted.
  bool accepts_vouchers_of(const crypto::PublicKey& bridge) const { return named_.has_bridge(bridge); }
  /// Whose requests are counted together: an account that stands in the list; all others by where they come
  /// from (net::network_of), because a new key costs them nothing.
  std::string counted_as(const std::optional<crypto::PublicKey>& key, std::string_view ip) const;
  /// Whether the Host was told of this key by name, as an account's or as a Bridge's.
  bool knows(const std::optional<crypto::PublicKey>& key) const {
    return key && (named_.has(AccountId{*key}) || named_.has_bridge(*key));
  }
  /// Whether it was told of any.
  bool knows_peers() const { return named_.accounts() + named_.bridges() > 0; }
  bool is_any() const { return any_; }
  std::size_t size() const { return named_.accounts(); }
  const PeerList& named() const { return named_; }

 private:
  bool any_ = false;
  PeerList named_;
};

}  // namespace inxt::host
