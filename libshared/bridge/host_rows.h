// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts in the database.  Each function is a part of the caller's transaction.
#pragma once

#include <functional>
#include <vector>

#include "bridge/host_record.h"
#include "bridge/registration_rules.h"
#include "database/transaction.h"

namespace inxt::bridge {

struct RegistrationLimits {
  std::int64_t hosts_per_network_max = kHostsPerNetworkMax;
  std::int64_t registrations_per_network_hour = kRegistrationsPerNetworkHour;
};

enum class Registered { now, again };

/// Makes the Host known, or takes its newer descriptor.  `network`: that the request came from.
/// Errors: integrity when it has registered with a newer descriptor; denied when its key was given up for
/// another; quota, naming the limit, when its network has as many Hosts or has registered as many lately; the
/// database's.
Result<Registered> register_host(database::Transaction& transaction, const format::Registration& registration,
                                 std::string_view network, std::int64_t now_unix_s,
                                 const RegistrationLimits& limits);

enum class Beaten {
  yes,
  unknown_host,  // it has not registered
  old,           // the counter is not higher than the last one; nothing was changed
};
struct BeatAnswer {
  Beaten beaten = Beaten::yes;
  std::uint64_t last_counter = 0;        // with `old`
  std::int64_t paused_until_unix_s = 0;  // that was granted; 0: it is not paused
};
/// Of accounts, it takes those that expect_account() named.  Doing it twice is as doing it once, but for the
/// answer.
Result<BeatAnswer> take_heartbeat(database::Transaction& transaction, const format::Heartbeat& heartbeat,
                                  std::int64_t now_unix_s);
/// The newer descriptor that came with it, already checked; an older one changes nothing.
Result<void> take_descriptor(database::Transaction& transaction, const format::Descriptor& descriptor,
                             std::string_view token, std::int64_t now_unix_s);

/// From now on what the Host tells of this account's bytes is kept.  What it tells of others is not.
/// Errors: not_found where there is no such Host; the database's.
Result<void> expect_account(database::Transaction& transaction, const HostId& host, const AccountId& account);

/// The descriptor of this token, where the caller has it open already: opening costs a signature.
using OpenedBefore = std::function<const format::Descriptor*(const HostId&, std::string_view token)>;

/// Hosts whose rows were changed at `changed_unix_s` or later (nothing: all), with ids behind `after`,
/// ascending, at most `limit`.
Result<std::vector<KnownHost>> read_hosts_changed(database::Transaction& transaction,
                                                  std::optional<std::int64_t> changed_unix_s,
                                                  const std::optional<HostId>& after, std::int64_t limit,
                                                  const OpenedBefore& opened);
Result<std::optional<KnownHost>> read_host(database::Transaction& transaction, const HostId& host);

/// Takes away Hosts that were never reached since `before_unix_s`; returns how many.  At most `limit`.
Result<std::int64_t> forget_never_reached(database::Transaction& transaction, std::int64_t before_unix_s,
                                          std::int64_t limit);

}  // namespace inxt::bridge
