// SPDX-License-Identifier: LGPL-3.0-or-later
// What happens to every request beside its own work: limits, protocol, refusal, counts, log line.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "serve/exchange.h"
#include "serve/request_counts.h"

namespace inxt::serve {

/// How many requests of each peer are in work.  One thread.
class RequestTable {
 public:
  /// Counts one while it lives.  REQUIRES: the table outlives it.
  class Entry {
   public:
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();
    std::size_t requests() const { return at_->second; }  // of the same peer, this one included

   private:
    friend class RequestTable;
    using Map = std::map<std::string, std::size_t, std::less<>>;
    Entry(Map& map, std::string peer);
    Map& map_;
    Map::iterator at_;
  };
  Entry enter(std::string peer) { return Entry(requests_of_, std::move(peer)); }

 private:
  Entry::Map requests_of_;  // of those in work
};

/// What a request wants, once its method and path are known.
struct Wanted {
  std::size_t action = 0;       // its number, for the counts
  bool is_for_anybody = false;  // whatever protocol it speaks: health, descriptor
  std::function<net::Awaitable<Outcome>()> work;
};

struct Answering {
  RequestTable& table;
  RequestCounters& counters;
  std::size_t requests_per_peer_max;  // in work at once; then 429
  std::size_t action_none;            // under which requests count that want nothing that is here
};

/// One request, from what its head wants to the end of its answer: `work` is begun unless a rule is against
/// it; its refusal is sent; everything is counted and logged.
net::Awaitable<void> answer(Exchange& exchange, Answering answering, std::expected<Wanted, Refusal> wanted);

}  // namespace inxt::serve
