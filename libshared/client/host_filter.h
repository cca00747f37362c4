// SPDX-License-Identifier: LGPL-3.0-or-later
// Which of the Hosts that a Bridge lists are wanted, and in what order.  Pure.  Manual: inxt-hosts(1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/listed_host.h"

namespace inxt::client {

/// What nobody has measured or said passes no filter that asks for it.
struct HostFilter {
  std::optional<std::uint64_t> uptime_min = {};  // parts of 10,000, of 30 days
  std::string region = {};                       // "eu" is also "eu-west"
  std::string operator_name = {};
  std::optional<std::uint64_t> rtt_us_max = {};
  std::optional<std::uint64_t> free_bytes_min = {};
  std::optional<std::uint64_t> price_max = {};
  std::optional<std::uint64_t> audits_min = {};  // passed
};
bool passes(const format::ListedHost& host, const HostFilter& filter);

enum class HostOrder { id, rtt, uptime, free, price, up, down };
/// The best first; Hosts of which it is not known last; else by id.
void sort_hosts(std::vector<format::ListedHost>& hosts, HostOrder order);

/// "99%", "99.95%": parts of 10,000, more digits are refused.  Errors: usage.
Result<std::uint64_t> parse_percent(std::string_view text);
/// "50ms", "1500us", "2s".  Errors: usage.
Result<std::uint64_t> parse_round_trip_us(std::string_view text);

}  // namespace inxt::client
