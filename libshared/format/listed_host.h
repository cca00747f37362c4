// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host as a Bridge lists it: a hosts line with what the Bridge has seen of it.  Format: inxt-descriptor(5),
// wire: inxt-bridge(7), "GET /v1/hosts".
//
// The token in it is the Host's and checked; all else is the Bridge's word.
#pragma once

#include "format/heartbeat.h"

namespace inxt::format {

/// By the Bridge, from where it stands.  Uptimes are parts of 10,000.
struct ListedMeasures {
  bool reachable = false;
  std::optional<std::uint64_t> rtt_us = {};
  std::optional<std::uint64_t> up_bytes_per_s = {};    // of the Host: what a get has of it
  std::optional<std::uint64_t> down_bytes_per_s = {};  // what a put has of it
  std::optional<std::uint64_t> uptime_1d = {}, uptime_7d = {}, uptime_30d = {};
  std::string network = {};  // "192.0.2.0/24"; empty where it never answered
  std::int64_t since_unix_s = 0;
  std::int64_t probed_unix_s = 0;
  std::uint64_t audits_passed = 0, audits_failed = 0;
  std::int64_t paused_until_unix_s = 0;  // its silence until then is planned, and costs it nothing; 0: none
};

/// The last heartbeat, as the Host said it.
struct ListedBeat {
  std::int64_t time_unix_s = 0;  // by the Bridge's clock
  std::uint64_t capacity_bytes = 0, used_bytes = 0, free_bytes = 0;
  std::uint64_t load_percent = 0;
  std::uint64_t in_bytes = 0, out_bytes = 0;
  std::int64_t started_unix_s = 0;
  std::string software = {};
  std::uint64_t processors = 0, memory_bytes = 0;
  bool draining = false;
  std::int64_t retiring_unix_s = 0, away_until_unix_s = 0;  // as in Heartbeat
};

struct ListedHost {
  Descriptor descriptor;
  std::string token;
  ListedMeasures measured;
  std::optional<ListedBeat> beat;
  Declared declared;
};

/// With newline, at most kLineBytesMax: where it would be longer, members that are not signed are left away.
std::string write_listed_host(const ListedHost& host);
/// Without newline.  The descriptor's signature has been checked.  What is not there is as in a new
/// ListedHost, so that plain hosts lines are read, too.  Errors: integrity.
Result<ListedHost> read_listed_host(std::string_view line, const std::string& where);

}  // namespace inxt::format
