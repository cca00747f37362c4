// SPDX-License-Identifier: LGPL-3.0-or-later
// Which accounts came with whose voucher, of the Bridges that this Host reports to, so that each hears what
// the accounts that it vouched for have here.  What was told last is known until the next start; then all of
// it is told again.
//
// One thread: the loop's.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "crypto/sign.h"
#include "format/heartbeat.h"

namespace inxt::host {

inline constexpr std::size_t kVouchedAccountsMax = 100'000;  // of all Bridges; 200 bytes of memory each
inline constexpr std::size_t kVouchedLooksMax = 4096;        // accounts looked at for one heartbeat

class VouchedAccounts {
 public:
  using BytesOf = std::function<std::uint64_t(const AccountId&)>;

  /// What was vouched for by others is forgotten.
  void set_bridges(std::span<const crypto::PublicKey> bridges);
  bool has_bridges() const { return !bridges_.empty(); }
  bool is_for(const crypto::PublicKey& bridge) const { return bridges_.contains(bridge); }
  /// Those that vouched for this account.
  std::vector<crypto::PublicKey> bridges_of(const AccountId& account) const;

  /// An account has stored something by a voucher of that Bridge; nothing for a Bridge that is none of these.
  /// False when kVouchedAccountsMax are known: the Bridge then goes by what it vouched for.
  bool note(const crypto::PublicKey& bridge, const AccountId& account);

  /// Up to `limit` accounts that have something else than the Bridge was told, those noted last first; the
  /// others take turns.  Cost: at most kVouchedLooksMax calls of `bytes_of`.
  std::vector<format::AccountBytes> due(const crypto::PublicKey& bridge, std::size_t limit,
                                        const BytesOf& bytes_of);
  /// The Bridge knows these now.  What has nothing left is forgotten.
  void told(const crypto::PublicKey& bridge, std::span<const format::AccountBytes> accounts);
  /// The Bridge has lost what it was told: all of it is due.
  void forget_told(const crypto::PublicKey& bridge);

  std::size_t size() const { return size_; }
  std::size_t size(const crypto::PublicKey& bridge) const;
  /// Counts what changes who is known.
  std::uint64_t changes() const { return changes_; }
  /// Ascending by Bridge, then by account.
  void for_each(const std::function<void(const crypto::PublicKey&, const AccountId&)>& tell) const;
  bool knows(const crypto::PublicKey& bridge, const AccountId& account) const;

  // ---- what the file has (host/vouched_file.h)

  /// Also when there is nothing to keep.
  bool is_kept(const crypto::PublicKey& bridge, const AccountId& account) const;
  void mark_kept(const crypto::PublicKey& bridge, const AccountId& account);
  void mark_all_kept();

 private:
  struct Told {
    std::optional<std::uint64_t> bytes;  // nothing: not told since the start
    bool is_new = false;                 // it stands in `noted`
    bool is_kept = false;                // a kill does not lose it
  };
  struct Bridge {
    std::map<AccountId, Told> accounts;
    std::deque<AccountId> noted;
    AccountId cursor;  // the last that was looked at in turn
  };
  Bridge* find(const crypto::PublicKey& bridge);

  std::map<crypto::PublicKey, Bridge> bridges_;
  std::size_t size_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace inxt::host
