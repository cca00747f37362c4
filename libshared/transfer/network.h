// SPDX-License-Identifier: LGPL-3.0-or-later
// What every engine that talks to Hosts is handed by its tool.
#pragma once

#include "crypto/random.h"
#include "net/async.h"
#include "net/worker_pool.h"
#include "sys/clock.h"
#include "transfer/piece_service.h"

namespace inxt::transfer {

/// All of it outlives the engine.  Engines run on `executor`, one thread; CPU and disk work goes to `workers`.
struct Network {
  transfer::PieceService& service;
  net::Executor executor;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;  // thread-safe
};

}  // namespace inxt::transfer
