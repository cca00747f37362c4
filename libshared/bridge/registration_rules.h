// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a Host may stand in the directory as it says it does.  Pure.  Wire: inxt-bridge(7),
// "POST /v1/hosts".
//
// What keeps a crowd of false Hosts out is not here alone: a Host is listed only once its key answered at an
// address it announced (measuring.h), and Hosts of one network, operator or domain share what one of them
// would get (plan/placement_pool.h).
#pragma once

#include <string_view>

#include "crypto/sign.h"
#include "format/descriptor.h"

namespace inxt::bridge {

inline constexpr std::int64_t kHostsPerNetworkMax = 64;           // default of hosts_per_network_max
inline constexpr std::int64_t kRegistrationsPerNetworkHour = 32;  // default of registrations_per_network_hour
/// A key that followed another is followed no sooner: each would be a registration that nobody counts.
inline constexpr std::int64_t kSuccessionGapS = 86400;

enum class PrivateAddresses { refuse, allow };

/// Whether others can have this address.  A name can be anything: what it stands for is judged when it is
/// looked up.
bool is_reachable_address(std::string_view address, PrivateAddresses private_addresses);

/// Errors: denied when the descriptor is another key's than the connection's, has expired, or is from the
/// future; usage when it has no address, or none that others can have.
Result<void> check_registration(const format::Descriptor& descriptor, const crypto::PublicKey& peer,
                                std::int64_t now_unix_s, PrivateAddresses private_addresses);

}  // namespace inxt::bridge
