// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge finds out about a Host by asking it as any client would.  Tests stand in here.
#pragma once

#include "format/descriptor.h"
#include "net/async.h"

namespace inxt::bridge {

inline constexpr std::uint32_t kProbePieceBytes = 1 << 20;
inline constexpr std::int64_t kProbeTermS = 2 * 86400;
inline constexpr std::uint64_t kProbeSamples = 16;  // of the probe piece's 256 blocks

/// Where a Host answered, with its own key.
struct Reached {
  std::string address;  // the IP address and port
  std::string ip;
  std::int64_t rtt_us = 0;
};

/// A piece of random bytes that the Host stored and gave back whole.
struct ProbedSpeed {
  PieceId piece;
  std::uint32_t bytes = 0;
  std::int64_t until_unix_s = 0;
  std::int64_t up_bytes_per_s = 0;    // from the Host
  std::int64_t down_bytes_per_s = 0;  // to the Host
};

class HostProber {
 public:
  virtual ~HostProber() = default;

  /// Asks at the announced addresses, in their order, for its health.  The first that answers with the Host's
  /// key counts. Errors: denied when another key answers at one of them: whoever announces another's address
  /// is not reachable; try_again when none answers; usage when there is none that could.
  virtual net::Awaitable<Result<Reached>> reach(const format::Descriptor& host) = 0;
  /// Stores a fresh piece there, gets it back, compares.
  /// Errors: denied where the Host takes nothing from this Bridge; quota; integrity when other bytes came
  /// back; try_again.
  virtual net::Awaitable<Result<ProbedSpeed>> measure_speed(const format::Descriptor& host,
                                                            const std::string& address) = 0;
  /// Whether it still holds a piece that it promised to: an audit over kProbeSamples blocks.  False only on
  /// its own signed word.  Errors: as for clients' audits, when there was no such word.
  virtual net::Awaitable<Result<bool>> audit(const format::Descriptor& host, const std::string& address,
                                             const PieceId& piece, std::uint32_t bytes) = 0;
};

}  // namespace inxt::bridge
