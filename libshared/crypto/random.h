// SPDX-License-Identifier: LGPL-3.0-or-later
// Random bytes as an interface, so that a test or a simulation replays from a seed.
#pragma once

#include <atomic>

#include "base/bytes.h"

namespace inxt::crypto {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(ByteSpan out) = 0;

  /// Uniform in [0, bound).  REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  template <std::size_t N>
  ByteArray<N> bytes() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
};

/// The system's random source (libsodium's randombytes).  Thread-safe.
class SystemRandom final : public Random {
 public:
  void fill(ByteSpan out) override;
};

/// A stream from a seed, the same on every machine.  For tests and simulations, never for keys.
/// Thread-safe; the threads' order decides which of them gets what.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(ByteSpan out) override;

 private:
  ByteArray<32> key_{};
  std::atomic<std::uint64_t> block_ = 0;
};

/// Starts libsodium; every program calls it once, first.  Aborts where there is no source of randomness.
void start();

}  // namespace inxt::crypto
