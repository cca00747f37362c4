// SPDX-License-Identifier: LGPL-3.0-or-later
// The vouchers that let an account have most here, of those that it has shown.  Each says what the account
// may have in all, and the machines of one owner are one account: what one of them stores by a voucher is not
// held against another that has an older one, with less in it.
//
// One thread: the loop's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "format/voucher.h"

namespace inxt::host {

inline constexpr std::size_t kShownVouchersMax = 100'000;  // 200 bytes of memory each

class ShownVouchers {
 public:
  struct Most {
    std::uint64_t bytes = 0;
    std::int64_t expires_unix_s = 0;
    bool operator==(const Most&) const = default;
  };

  explicit ShownVouchers(std::size_t limit = kShownVouchersMax) : limit_(limit) {}

  /// The most that the account may have here by this voucher, which counts now, and by those of the same
  /// Bridge that it showed before and that have not ended; nothing: as much as it likes.  Where `limit`
  /// others are known, by this voucher alone.
  std::optional<std::uint64_t> most(const format::Voucher& voucher, std::int64_t now_unix_s);
  /// The same of one that was shown before this start.
  std::uint64_t note(const crypto::PublicKey& bridge, const AccountId& account, const Most& shown,
                     std::int64_t now_unix_s);

  std::size_t size() const { return kept_.size(); }
  /// Counts what changes what is known.
  std::uint64_t changes() const { return changes_; }
  std::optional<Most> find(const crypto::PublicKey& bridge, const AccountId& account) const;
  /// Ascending by Bridge, then by account.
  void for_each(
      const std::function<void(const crypto::PublicKey&, const AccountId&, const Most&)>& tell) const;

  // ---- what the file has (host/vouched_file.h)

  /// Whether a kill leaves the account as many bytes as it may have now; also when there is nothing to keep.
  bool is_kept(const crypto::PublicKey& bridge, const AccountId& account, std::int64_t now_unix_s) const;
  void mark_kept(const crypto::PublicKey& bridge, const AccountId& account, const Most& in_file);
  void mark_all_kept();

 private:
  struct Shown {
    Most now, in_file;
  };
  using Key = std::pair<crypto::PublicKey, AccountId>;

  std::size_t limit_;
  std::map<Key, Shown> kept_;
  std::uint64_t changes_ = 0;
};

}  // namespace inxt::host
