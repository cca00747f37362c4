// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's engine: answers the requests of inxt-wire(7), "Requests", from a store.  Handlers stand in files by
// subject (put, get, remove, contracts, audit, about); each sees the head first, decides, and only then reads
// a body.
//
// One thread: the server's executor.  Everything that waits for the disk, and signing, runs on the worker
// pool.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "crypto/sign.h"
#include "host/accept_list.h"
#include "host/buffer_pool.h"
#include "host/limits.h"
#include "host/log.h"
#include "net/http_server.h"
#include "net/worker_pool.h"
#include "store/store.h"
#include "sys/clock.h"

namespace inxt::host {

struct Options {
  std::vector<std::string> addresses;  // as the descriptor announces them; 1 to format::kAddressesMax
  std::uint64_t price = 0;             // the least that an offer must name
  std::uint64_t term_seconds_max = 366 * 86400;  // the longest that a contract may run from now
  Limits limits;
};

/// What the engine works with.  All of it outlives the engine.
struct Parts {
  store::Store& store;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  const crypto::SigningKey& key;
  Log& log;
};

class Host final : public net::Handler {
 public:
  Host(Parts parts, Options options, AcceptList accept);

  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

  /// From now on these are served.
  void set_accept_list(AcceptList accept) { accept_ = std::move(accept); }
  /// The line of a hosts file that stands for this Host, at most limits.descriptor_ms old, with newline.
  Result<std::string> descriptor_line();

  const HostId& id() const { return id_; }
  const Parts& parts() const { return parts_; }
  const Options& options() const { return options_; }
  const AcceptList& accept_list() const { return accept_; }
  BufferPool& buffers() { return buffers_; }

 private:
  Parts parts_;
  Options options_;
  AcceptList accept_;
  HostId id_;
  BufferPool buffers_;
  std::map<std::string, std::size_t, std::less<>> requests_of_;  // by peer; entries of those in work
  std::string descriptor_;
  std::int64_t descriptor_made_ms_ = 0;
};

}  // namespace inxt::host
