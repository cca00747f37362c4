// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-log-load was asked to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "crypto/sign.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "support/key_number.h"
#include "transfer/bridge_client.h"

namespace inxt::log_load {

struct Options {
  std::string action;
  crypto::PublicKey bridge{};
  std::string permit;                  // of the owner, by the Bridge
  std::vector<std::string> addresses;  // of its processes
  std::string acks;                    // a file: what was acknowledged, "log seq hash" a line
  std::uint64_t owner = 1;
  std::uint64_t writers = 4;
  std::uint64_t logs = 1;      // the writers take turns over them
  std::uint64_t entries = 50;  // of each writer
  std::uint64_t record_bytes =
      1000;                 // of text that does not shrink, in the record of each entry; 0: no records
  std::uint64_t batch = 1;  // entries in one append
  std::uint32_t page = 256;
};

using testing::key_number;
/// Whose tree key makes log `log` of the owner.
inline std::uint64_t tree_number(const Options& options, std::uint64_t log) {
  return options.owner * 1000 + 10 * log;
}

/// A client of the owner's that asks the process at addresses[number], round and round.
inline transfer::BridgeClient client_at(const Options& options, net::HttpClient& http, crypto::Random& random,
                                        std::uint64_t number) {
  transfer::BridgePeer peer{.id = options.bridge,
                            .addresses = {options.addresses[number % options.addresses.size()]}};
  return transfer::BridgeClient(http, random, std::move(peer), key_number(options.owner), options.permit);
}

/// Each prints one line of JSON.  False: something was not as it should be; said on standard error.
bool append(const Options& options);
bool check(const Options& options);

}  // namespace inxt::log_load
