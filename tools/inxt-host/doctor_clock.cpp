// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the clock is right: as the kernel sees it, and beside the clocks of other Hosts.
#include <fmt/format.h>
#include <sys/timex.h>

#include <algorithm>
#include <cstdlib>

#include "doctor.h"
#include "serve/ask_peer.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kReleased = 1'735'689'600;  // 2025-01-01: no clock that runs right shows less
constexpr std::int64_t kApartAdviceS = 60;
constexpr std::int64_t kApartWrongS = 3600;  // habits of the wire: an hour off breaks nothing

Finding of_kernel(const cli::World& world) {
  timex time{};
  const int state = ::adjtimex(&time);  // reads only: no mode is set
  Finding finding("clock", Health::well, "it is kept right (NTP)");
  const bool is_synchronised = state != TIME_ERROR && state >= 0 && (time.status & STA_UNSYNC) == 0;
  if (world.clock().unix_s() < kReleased) {
    finding = {"clock", Health::wrong, "it shows a time before this program was written",
               "set it, and let systemd-timesyncd or chrony keep it: timedatectl set-ntp true"};
  } else if (!is_synchronised) {
    finding = {"clock", Health::advice, "nothing keeps it right; an hour off breaks nothing, more does",
               "let systemd-timesyncd or chrony keep it: timedatectl set-ntp true"};
  }
  const std::int64_t offset_us = (time.status & STA_NANO) != 0 ? time.offset / 1000 : time.offset;
  finding.figures = {{"synchronised", is_synchronised},
                     {"offset_us", offset_us},
                     {"max_error_ms", time.maxerror / 1000}};
  return finding;
}

}  // namespace

Findings look_at_clock(const cli::World& world, const Patient& patient) {
  Findings findings{of_kernel(world)};
  std::vector<std::int64_t> ahead_s;  // of this clock, before each other Host's
  for (const format::Descriptor& other : patient.others) {
    const Result<std::string> health = serve::ask_peer(other.addresses, other.host.bytes, "/v1/health");
    if (!health) continue;
    const auto json = format::parse_object(*health);
    if (!json) continue;
    if (const auto time_s = format::Fields(*json, "health").time("time"))
      ahead_s.push_back(world.clock().unix_s() - *time_s);
  }
  if (ahead_s.empty()) return findings;
  // The one in the middle: a few Hosts that are wrong, or lie, do not matter.
  std::ranges::sort(ahead_s);
  const std::int64_t middle_s = ahead_s[ahead_s.size() / 2];
  const std::int64_t apart_s = std::abs(middle_s);
  Finding finding("clock-beside-hosts",
                  apart_s > kApartWrongS    ? Health::wrong
                  : apart_s > kApartAdviceS ? Health::advice
                                            : Health::well,
                  fmt::format("{} s {} the middle of {} Hosts", apart_s, middle_s < 0 ? "behind" : "ahead of",
                              ahead_s.size()),
                  apart_s > kApartAdviceS ? "set it: timedatectl set-ntp true" : "");
  finding.figures = {{"ahead_s", middle_s}, {"hosts", ahead_s.size()}};
  findings.push_back(std::move(finding));
  return findings;
}

}  // namespace inxt::tools
