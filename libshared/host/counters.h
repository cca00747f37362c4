// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host has done since it started: plain numbers that only grow.  One thread: the loop's.
#pragma once

#include "host/action.h"
#include "serve/request_counts.h"

namespace inxt::host {

struct AuditCounts {
  std::uint64_t passed = 0;  // every sample was proved
  std::uint64_t failed = 0;
  // Samples:
  std::uint64_t proved = 0;
  std::uint64_t not_here = 0;    // no such piece or block; anybody may ask for what never was here
  std::uint64_t damaged = 0;     // the disk gave other bytes than were stored
  std::uint64_t unreadable = 0;  // the disk gave none
  std::uint64_t released = 0;    // the contract is over, or was deleted by its owner

  std::uint64_t answer_bytes = 0;
  std::uint64_t refused = 0;  // audits: by a rate
};

struct TransferCounts {
  std::uint64_t receipts = 0;  // by readers, about what was served
  std::uint64_t bytes = 0;     // that they are about
  std::uint64_t refused = 0;   // that say what was not
};

struct Counters : serve::RequestCounters {
  Counters() : RequestCounters(kActions) {}

  AuditCounts audits;
  TransferCounts transfers;
  std::uint64_t stored_pieces = 0, stored_bytes = 0;  // bytes of the pieces, not of their files
  std::uint64_t deleted_pieces = 0;                   // on their owners' orders
  std::uint64_t released_contracts = 0;               // on a Bridge's word, while the Host retires
  std::uint64_t renewed_contracts = 0;
  std::uint64_t reaped_pieces = 0, reaped_bytes = 0;  // terms that were over; bytes of files
  std::uint64_t scrubbed_pieces = 0, scrubbed_bytes = 0;
  std::uint64_t scrub_damaged = 0;  // pieces that the scrub found to be so

  serve::RequestCounts& of(Action action) { return requests[static_cast<std::size_t>(action)]; }
  const serve::RequestCounts& of(Action action) const { return requests[static_cast<std::size_t>(action)]; }
  void count_request(Action action, int status, std::int64_t ms, std::uint64_t received_bytes,
                     std::uint64_t sent_bytes) {
    RequestCounters::count_request(static_cast<std::size_t>(action), status, ms, received_bytes, sent_bytes);
  }
};

}  // namespace inxt::host
