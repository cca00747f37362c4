// SPDX-License-Identifier: LGPL-3.0-or-later
// Tells Hosts, beside a read, that what they served came and was verified: so that each can prove what it
// delivered. Best effort: nothing waits for it, and nothing fails because of it.  Token: inxt-token(5),
// inxt-transfer.
#pragma once

#include <chrono>
#include <memory>

#include "client/network.h"

namespace inxt::client {

inline constexpr std::size_t kReceiptsQueuedMax = 1024;  // for one Host; what is more is not sent
inline constexpr std::size_t kReceiptsRememberedMax =
    65536;  // pieces that have theirs, so that none is sent twice
inline constexpr std::chrono::milliseconds kReceiptsGrace{
    1000};  // for what is under way when the read has ended

/// One thread: the network's executor.
class TransferReceipts {
 public:
  /// REQUIRES: what `network` names outlives finish().
  explicit TransferReceipts(Network network);
  TransferReceipts(const TransferReceipts&) = delete;
  TransferReceipts& operator=(const TransferReceipts&) = delete;

  /// `bytes` of the piece came from the Host in its last answer, and were verified.  One at a time is sent to
  /// each Host; one that refuses gets no more.
  void add(const transfer::HostAddress& host, const PieceId& piece, std::uint64_t bytes);

  bool empty() const;
  /// Waits for what is under way, for `time` at most, and gives up the rest.  REQUIRES: called before the
  /// network ends.
  net::Awaitable<void> finish(std::chrono::milliseconds time);

  std::uint64_t sent() const;  // and taken

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::client
