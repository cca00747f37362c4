// SPDX-License-Identifier: LGPL-3.0-or-later
// Logs and records at a Bridge, over HTTPS.  Wire: inxt-bridge(7), "Logs".
#pragma once

#include "transfer/bridge_client.h"
#include "transfer/bridge_log.h"

namespace inxt::transfer {

/// An honest uplink that is slower than this does not get a large body through within a request's time.
inline constexpr int kUplinkBytesPerMsMin = 16;

/// One thread.  REQUIRES: the client outlives it, and whatever is being asked.
class HttpBridgeLog final : public BridgeLog {
 public:
  explicit HttpBridgeLog(BridgeClient& client) : client_(client) {}

  net::Awaitable<Result<LogPage>> entries(const format::LogId& log, std::uint64_t after,
                                          std::uint32_t limit) override;
  net::Awaitable<Result<LogAppendAnswer>> append(const format::LogId& log, const LogAppend& what) override;
  net::Awaitable<Result<std::string>> record(const format::LogId& log, const format::RecordId& id) override;
  net::Awaitable<Result<void>> remove_record(const format::LogId& log, const format::RecordId& id) override;

 private:
  BridgeClient& client_;
};

}  // namespace inxt::transfer
