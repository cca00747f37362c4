// SPDX-License-Identifier: LGPL-3.0-or-later
// What accounts at Hosts are charged to whoever had them vouched for.  Each function is a part of the
// caller's transaction.
//
// While a voucher lives its bytes are charged, whatever the Host says, because they can be stored at any
// moment.  After that what the Host told last, which is never more than was vouched for: a Host that tells
// too much is bounded by the voucher, and one that tells too little gives away its own room.  A Host that has
// told nothing is taken to hold it all, until it has been heard kHostSilentS after the voucher and still told
// nothing; one that has not been heard for kHostGoneS charges nothing.
#pragma once

#include "bridge/authority.h"

namespace inxt::bridge {

inline constexpr std::int64_t kHostGoneS = 30 * 86400;
/// After a voucher a Host that beats has told of all that it took by it, or took nothing.
inline constexpr std::int64_t kHostSilentS = 86400;
/// How often a charge that nothing changed is looked at again.
inline constexpr std::int64_t kChargeLookS = 86400;
inline constexpr std::int64_t kSettledAtOnceMax = 500;

/// `bytes` more of the account are vouched for until `until_unix_s`; 0 only makes the voucher last longer.
/// They are in use already: taken with take_quota().  Gives what the account may have at the Host in all.
Result<std::int64_t> vouch_for(database::Transaction& transaction, const UsagePath& path, const HostId& host,
                               const AccountId& account, std::int64_t bytes, std::int64_t until_unix_s);

/// What the account may have at the Host, where this path, or one that comes after it, is charged for it, by
/// a voucher that lasts until `until_unix_s`: it renews what it has, and takes nothing more.  Nothing where
/// it is charged to nobody there.
Result<std::optional<std::int64_t>> vouch_again(database::Transaction& transaction, const UsagePath& path,
                                                const HostId& host, const AccountId& account,
                                                std::int64_t until_unix_s);

/// The account has so many bytes at the Host from before anybody was charged for it here: another Bridge had
/// vouched for them.  They are charged to the client from now on, until the Host tells otherwise, and vouched
/// for until `until_unix_s`.  Nothing where somebody is charged for the account there, or no such Host is
/// known.  Errors: quota; the database's.
Result<std::optional<std::int64_t>> take_over(database::Transaction& transaction, const Authority& authority,
                                              const HostId& host, const AccountId& account,
                                              std::int64_t bytes, std::int64_t until_unix_s);

/// The Host has told what the account has there, which stands in host_accounts: the use of whoever is charged
/// for it follows, where no voucher lives.
Result<void> take_report(database::Transaction& transaction, const HostId& host, const AccountId& account,
                         std::int64_t now_unix_s);

/// `former` has become `present`: what was charged at the one is charged at the other.
Result<void> move_charges(database::Transaction& transaction, const HostId& former, const HostId& present);

/// Looks at charges whose turn it is, at most kSettledAtOnceMax; returns how many.
Result<std::int64_t> settle_charges(database::Transaction& transaction, std::int64_t now_unix_s);

}  // namespace inxt::bridge
