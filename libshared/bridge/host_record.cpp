// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/host_record.h"

#include "bridge/probe_schedule.h"

namespace inxt::bridge {

bool is_paused(const KnownHost& host, std::int64_t now_unix_s) {
  return host.beat && host.beat->paused_until_unix_s > now_unix_s;
}

bool is_retiring(const KnownHost& host) {
  return host.beat && host.beat->retiring_unix_s != 0;
}

bool takes_pieces(const KnownHost& host, std::int64_t now_unix_s) {
  return host.beat && !host.beat->draining && !is_retiring(host) &&
         host.beat->away_until_unix_s <= now_unix_s;
}

bool is_live(const KnownHost& host, std::int64_t now_unix_s, std::int64_t beat_interval_s) {
  return host.measured.is_reachable && host.beat &&
         host.beat->received_unix_s >= now_unix_s - kBeatsMissedMax * beat_interval_s &&
         host.descriptor.expires_unix_s > now_unix_s;
}

}  // namespace inxt::bridge
