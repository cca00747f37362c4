// SPDX-License-Identifier: LGPL-3.0-or-later
// Who came with whose voucher, as text: what the files `vouched` and `vouched.log` of the store hold
// (inxt-host(8), "Bridges").  Lines:
//
//   bridge HEX                  what follows is about this Bridge
//   account HEX                 it vouched for this account, which has stored something by that
//   voucher HEX BYTES UNTIL     of those that this account showed, the one that lets it have most here
//
// A line that a later one contradicts counts for nothing.
#pragma once

#include "host/shown_vouchers.h"
#include "host/vouched_accounts.h"

namespace inxt::host {

inline constexpr std::size_t kVouchedFileBytesMax = std::size_t{32} << 20;  // room for all that may be known

/// All of it; without vouchers that have ended.
std::string vouched_text(const VouchedAccounts& accounts, const ShownVouchers& shown,
                         std::int64_t now_unix_s);

/// What is known of one account with one Bridge.
std::string vouched_text(const VouchedAccounts& accounts, const ShownVouchers& shown,
                         const crypto::PublicKey& bridge, const AccountId& account);

/// Notes what the text says; of accounts only those of Bridges that are known.  Each line ends with a
/// newline. Errors: integrity, naming the line; what stands before it has been noted.
Result<void> read_vouched(std::string_view text, VouchedAccounts& accounts, ShownVouchers& shown,
                          std::int64_t now_unix_s);

}  // namespace inxt::host
