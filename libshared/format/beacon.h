// SPDX-License-Identifier: LGPL-3.0-or-later
// Public randomness with a time, as drand's HTTP API and files give it.  Format: inxt-proof(5), "Beacon".
// Source: drand's documentation of its HTTP API and of how a round's time follows from the chain's first.
//
// The BLS signature of a drand round is not verified, only that the randomness is its hash: whoever must not
// believe the auditor asks another source for that round.
#pragma once

#include "crypto/hash.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kBeaconBytesMax = 65536;  // of a file, and of one answer of a beacon's server
inline constexpr std::size_t kBeaconSignatureBytesMax = 256;  // drand's have 48 or 96
inline constexpr std::uint64_t kBeaconPeriodMaxS = 86400 * 7;

/// When the rounds of a chain come: round 1 at genesis, then one each period.
struct BeaconChain {
  std::int64_t genesis_unix_s = 0;
  std::uint64_t period_s = 0;  // 1 to kBeaconPeriodMaxS
};
/// REQUIRES: round >= 1, and the time is below 2^53.
std::int64_t time_of_round(const BeaconChain& chain, std::uint64_t round);
/// The first round whose time is `unix_s` or later.
std::uint64_t first_round_at(const BeaconChain& chain, std::int64_t unix_s);

enum class BeaconSource {
  local,  // the auditor drew it
  given,  // from outside, the auditor says
  drand,  // a round of a chain
};

struct Beacon {
  ByteArray<32> randomness{};
  std::optional<std::int64_t> time_unix_s =
      {};  // when it became known; of a drand round that which its number says
  BeaconSource source = BeaconSource::local;
  // Of a drand round, and only of one:
  std::uint64_t round = 0;
  Bytes signature = {};
  BeaconChain chain = {};
};

/// Errors: integrity where a drand round's randomness is not the hash of its signature, or its time not the
/// one of its number; also members out of their limits.
Result<void> check_beacon(const Beacon& beacon, const std::string& where);

/// The answer to GET /info: {"genesis_time":unix,"period":s,...}.
Result<BeaconChain> read_beacon_chain(std::string_view text, const std::string& where);
/// The answer to GET /public/ROUND: {"round":n,"randomness":hex,"signature":hex,...}, checked.
Result<Beacon> read_beacon_round(std::string_view text, const BeaconChain& chain, const std::string& where);

/// A file: a drand round with genesis_time and period in the same object, or in a second one before or behind
/// it; or
/// {"randomness":hex,"time":unix}, whatever it is that was random then (a block's hash).
/// Errors: integrity.  Limit kBeaconBytesMax.
Result<Beacon> read_beacon_file(std::string_view text, const std::string& where);

}  // namespace inxt::format
