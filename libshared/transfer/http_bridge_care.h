// SPDX-License-Identifier: LGPL-3.0-or-later
// Care at a Bridge, over HTTPS.  Wire: inxt-bridge(7), "Care".
#pragma once

#include "transfer/bridge_care.h"
#include "transfer/bridge_client.h"

namespace inxt::transfer {

/// One thread.  REQUIRES: the client outlives it, and whatever is being asked.
class HttpBridgeCare final : public BridgeCare {
 public:
  explicit HttpBridgeCare(BridgeClient& client) : client_(client) {}

  net::Awaitable<Result<AccountId>> put_key(const format::CareKey& key) override;
  net::Awaitable<Result<void>> remove_key(const AccountId& caretaker) override;
  net::Awaitable<Result<format::CareTaken>> entrust(std::string body) override;
  net::Awaitable<Result<std::vector<format::CareInfo>>> list(const std::optional<FileId>& after,
                                                             std::uint32_t limit) override;
  net::Awaitable<Result<std::vector<format::CarePlace>>> places(
      const FileId& file, std::uint64_t after, std::optional<std::uint64_t> segment) override;
  net::Awaitable<Result<CareEnded>> end(const FileId& file, std::uint64_t seen) override;
  net::Awaitable<Result<CareEnded>> end_segments(const FileId& file, CareSegments segments,
                                                 std::uint64_t seen) override;
  net::Awaitable<Result<void>> report(const format::CareReport& report) override;

 private:
  net::Awaitable<Result<CareEnded>> end_at(std::string target);
  BridgeClient& client_;
};

}  // namespace inxt::transfer
