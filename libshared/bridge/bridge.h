// SPDX-License-Identifier: LGPL-3.0-or-later
// A Bridge's engine: answers the requests of inxt-bridge(7) from a database.  Handlers stand in files by
// subject, and each subject lists its requests for the table of routes.h; each handler sees the head first,
// decides, only then reads a body, does one transaction on the worker pool, and answers after its commit.
//
// One thread: the server's executor.  What matters is in the database: several processes may serve one, and
// none of them is special.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bridge/limits.h"
#include "bridge/memory_budget.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "database/database.h"
#include "net/http_server.h"
#include "net/worker_pool.h"
#include "plan/placement_pool.h"
#include "serve/answer.h"
#include "sys/clock.h"

namespace inxt::bridge {

class Directory;
class Placer;

/// What the operator decides, and may change while the Bridge runs: Bridge::set_options().
struct Options {
  std::vector<std::string> addresses;  // as the descriptor announces them; at most format::kAddressesMax
  Limits limits;
  plan::PlacementLimits placement = {};  // needs a restart
  bool takes_seeds = false;         // of clients, for placements that are to come out the same: for tests
};

/// What the engine works with.  All of it outlives the engine.
struct Parts {
  database::Database& database;  // with the schema of schema.h; for the worker pool only
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  const crypto::SigningKey& key;
  serve::Log& log;
  Directory& directory;  // the Hosts
};

class Bridge final : public net::Handler {
 public:
  Bridge(Parts parts, Options options);
  ~Bridge();

  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

  /// From now on these hold; requests under way go on with what they have checked already.
  void set_options(Options options);
  /// From now on the descriptor announces these: signed anew when it is next asked for.
  void set_addresses(std::vector<std::string> addresses);
  /// The first line of a bridge file, at most limits.descriptor_ms old, with newline.
  Result<std::string> descriptor_line();

  const crypto::PublicKey& id() const { return parts_.key.public_key(); }
  const Parts& parts() const { return parts_; }
  const Options& options() const { return options_; }
  const serve::Service& service() const { return service_; }
  /// What large bodies and answers under way take together.
  MemoryBudget& memory() { return memory_; }
  /// Which Hosts get pieces.
  Placer& placer() { return *placer_; }
  const serve::RequestCounters& counters() const { return counters_; }  // by the numbers of action_names()

 private:
  Parts parts_;
  serve::Service service_;
  Options options_;
  serve::RequestCounters counters_;
  serve::RequestTable request_table_;
  MemoryBudget memory_;
  std::unique_ptr<Placer> placer_;
  std::string descriptor_;
  std::int64_t descriptor_made_ms_ = 0;
};

}  // namespace inxt::bridge
