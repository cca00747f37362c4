// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge knows of one Host: what it signed, what it declares, what it beats, what was measured.
#pragma once

#include <optional>
#include <string>

#include "bridge/uptime.h"
#include "format/heartbeat.h"

namespace inxt::bridge {

/// The Host's word, a minute old or so.
struct LastBeat {
  std::uint64_t counter = 0;
  std::int64_t received_unix_s = 0;
  std::uint64_t capacity_bytes = 0, used_bytes = 0, free_bytes = 0;
  std::uint64_t load_percent = 0;
  std::uint64_t in_bytes = 0, out_bytes = 0;  // since started_unix_s
  std::int64_t started_unix_s = 0;
  std::string software;
  std::uint64_t processors = 0, memory_bytes = 0;
  bool draining = false;
  std::int64_t retiring_unix_s = 0;      // it wants to be gone by then; 0: it stays
  std::int64_t away_until_unix_s = 0;    // it says that it may be silent until then; 0: it does not
  std::int64_t paused_until_unix_s = 0;  // so much of that was granted; 0: none
};

/// This Bridge's own observation.
struct Measured {
  bool is_reachable = false;  // at the last probe
  bool was_reached = false;   // ever
  std::string address;        // where it answered last
  std::string network;        // of that: a name of bridge/networks.h; empty where it never answered
  std::int64_t probed_unix_s = 0;
  std::int64_t answered_unix_s = 0;
  std::int64_t failures = 0;  // probes in a row
  std::string reason;         // why the last one failed; empty when it did not
  std::optional<std::int64_t> rtt_us, up_bytes_per_s,
      down_bytes_per_s;  // up: from the Host, as its owner would say
  Uptime uptime;
  std::int64_t audits_passed = 0;  // of the probe piece, at most one a day, since one failed
  std::int64_t audits_passed_ever = 0;
  std::int64_t audits_failed = 0;
};

struct KnownHost {
  format::Descriptor descriptor;
  std::string token;  // the descriptor's
  format::Declared declared;
  std::int64_t since_unix_s = 0;  // when it registered first
  std::optional<LastBeat> beat;
  Measured measured;

  const HostId& id() const { return descriptor.host; }
};

/// Its silence, if it is silent, is planned and within what is allowed: it costs no uptime, and is not loss.
bool is_paused(const KnownHost& host, std::int64_t now_unix_s);
/// It gives up what it has, by a time that it names.
bool is_retiring(const KnownHost& host);
/// Whether it would be there for a new piece: it does not drain, retire, or plan to be away.
bool takes_pieces(const KnownHost& host, std::int64_t now_unix_s);

/// Whether clients should hear of it: it was reached lately, beats, and its descriptor still holds.
/// `beat_interval_s`: as it was told to beat.
bool is_live(const KnownHost& host, std::int64_t now_unix_s, std::int64_t beat_interval_s);

}  // namespace inxt::bridge
